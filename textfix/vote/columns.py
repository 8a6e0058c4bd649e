"""Several readings of one page in columns: what each witness has in each place, by progressive alignment.

Witness after witness is aligned with what the ones before it mostly read, the longest first, so the work is near-linear
in the length of the page (Fiscus 1997 does it for speech). A passage that a witness has in another place is put where
the others have it. A long stretch without anything is a part that the witness lacks, and no vote against it;
who reads nothing lacks all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..alignment.moves import find_moves, without_moves
from ..alignment.ops import Block, plain_blocks
from ..alignment.segments import differing_blocks
from ..text.codepoints import CodePoints, decode

__all__ = ["GAP", "Columns", "columns_of"]

#: Stands in a column where a witness reads nothing.
GAP = 0
#: From so many columns in a row without anything, a witness lacks the part.
_LACKING = 12

#: From so many characters on both sides on, blocks between which at most `_STRAY` characters are equal are looked at
#: again: where not even the share `_RELATED` can be matched (of passages of different documents, 19% at most in 800
#: pairs) there are two parts, and not two readings of one. Places larger than `_AREA`, a product of lengths, are left.
_PARTS, _STRAY, _RELATED, _AREA = 24, 3, 0.2, 1 << 22

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """`w` witnesses in `c` columns.

    ``codes``    (w, c) uint32, folded code points, `GAP` where the witness reads nothing
    ``places``   (w, c) int64, where each stands in the skeleton of its witness, -1 for nothing
    ``present``  (w, c) bool, False where the witness lacks the part
    """

    codes: CodePoints
    places: Ints
    present: NDArray[np.bool_]

    def __len__(self) -> int:
        return int(self.codes.shape[1])

    @property
    def agreed(self) -> NDArray[np.bool_]:
        """In which columns all witnesses that have the part read the same, shape ``(c,)``."""
        most = np.where(self.present, self.codes, 0).max(axis=0, initial=0)
        same: NDArray[np.bool_] = ((self.codes == most) | ~self.present).all(axis=0)
        return same


def columns_of(skeletons: Sequence[CodePoints]) -> Columns:
    """The columns of the witnesses, given as folded code points without white space."""
    order = sorted(range(len(skeletons)), key=lambda k: (-len(skeletons[k]), k))
    places = np.arange(len(skeletons[order[0]]), dtype=np.int64)[None, :]
    for n, k in enumerate(order[1:], start=1):
        rows = [_codes(skeletons[order[m]], places[m]) for m in range(n)]
        places = _joined(places, *_matched(_plurality(np.stack(rows)), skeletons[k]))
    places = places[np.argsort(order)]
    codes = np.stack([_codes(x, row) for x, row in zip(skeletons, places, strict=True)])
    present = [~_long_runs(row < 0) & bool(len(x)) for x, row in zip(skeletons, places, strict=True)]
    return Columns(codes, places, np.stack(present))


def _codes(skeleton: CodePoints, places: Ints) -> CodePoints:
    padded = np.append(skeleton, np.uint32(GAP)).astype(np.uint32)
    return np.asarray(padded[places], dtype=np.uint32)  # -1 is the gap behind the last


def _plurality(codes: CodePoints) -> CodePoints:
    """What most rows read in each column, of equally many the first; never a gap."""
    votes = (codes[:, None, :] == codes[None, :, :]).sum(axis=1)
    votes[codes == GAP] = 0
    return np.asarray(np.take_along_axis(codes, votes.argmax(axis=0)[None, :], axis=0)[0])


def _matched(x: CodePoints, y: CodePoints) -> tuple[Ints, Ints]:
    """For every place of `y` the column of `x` that it goes to, or -1 and the column that it is put behind."""
    column = np.full(len(y), -1, dtype=np.int64)
    behind = np.full(len(y), -1, dtype=np.int64)
    blocks, _ = differing_blocks(x, y)
    moves = find_moves(x, y, blocks) if blocks else []
    rest, ends = without_moves(blocks, moves)
    moved = {(j0, j1) for _, _, j0, j1 in ends if j1 > j0}
    _fill(column, behind, _weighed(x, y, sorted([*rest, *ends]), ends), (0, len(x), 0, len(y)), moved)
    for i0, i1, j0, j1 in moves:
        inner, _ = differing_blocks(x[i0:i1], y[j0:j1])
        shifted = [(a + i0, b + i0, c + j0, d + j0) for a, b, c, d in inner]
        _fill(column, behind, shifted, (i0, i1, j0, j1), set())
    return column, behind


def _weighed(x: CodePoints, y: CodePoints, blocks: Sequence[Block], ends: Sequence[Block]) -> list[Block]:
    """The blocks, those joined between which only stray characters are equal, where the texts hold different parts.

    Where it is one part, garbled, the blocks are those of a cheapest alignment. `ends` are the blocks of moved
    passages, which stay as they are, as does what is too large to look into.
    """
    clusters: list[list[Block]] = []
    for block in blocks:
        if clusters and block[0] - clusters[-1][-1][1] <= _STRAY:
            clusters[-1].append(block)
        else:
            clusters.append([block])
    out: list[Block] = []
    for cluster in clusters:
        i0, i1, j0, j1 = cluster[0][0], cluster[-1][1], cluster[0][2], cluster[-1][3]
        size = min(i1 - i0, j1 - j0)
        if size < _PARTS or (i1 - i0) * (j1 - j0) > _AREA or any(block in ends for block in cluster):
            out += cluster
            continue
        plain = plain_blocks(decode(x[i0:i1]), decode(y[j0:j1]))
        same = i1 - i0 - sum(b - a for a, b, _, _ in plain)
        if same < _RELATED * size:
            out.append((i0, i1, j0, j1))
        else:
            out += [(a + i0, b + i0, c + j0, d + j0) for a, b, c, d in plain]
    return out


def _fill(
    column: Ints, behind: Ints, blocks: Iterable[Block], whole: Block, moved: set[tuple[int, int]]
) -> None:
    """Enter what `blocks` and the equal runs between them say about ``y[j0:j1]`` of the `whole`."""
    i, end_i, j, end_j = whole
    for i0, i1, j0, j1 in (*blocks, (end_i, end_i, end_j, end_j)):
        column[j:j0] = np.arange(i, i0)
        pairs = min(i1 - i0, j1 - j0)
        if pairs >= _PARTS:
            pairs = 0
            column[j0:j1], behind[j0:j1] = -1, i1 - 1
        elif (j0, j1) not in moved:
            column[j0 : j0 + pairs] = np.arange(i0, i0 + pairs)
            column[j0 + pairs : j1] = -1
            behind[j0 + pairs : j1] = i0 + pairs - 1
        i, j = i1, j1


def _joined(places: Ints, column: Ints, behind: Ints) -> Ints:
    """`places` with one more row, and a column more for everything that no column takes."""
    new = np.flatnonzero(column < 0)
    width = places.shape[1]
    wide = np.full((places.shape[0] + 1, width + len(new)), -1, dtype=np.int64)
    wide[:-1, :width] = places
    taken = np.flatnonzero(column >= 0)
    wide[-1, column[taken]] = taken
    wide[-1, width:] = new
    after = np.concatenate((np.arange(width), behind[new]))
    added = np.concatenate((np.full(width, -1), new))
    return wide[:, np.lexsort((added, after))]


def _long_runs(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which places are in a run of `_LACKING` or more."""
    edges = np.flatnonzero(np.diff(mask.astype(np.int8), prepend=0, append=0))
    out = np.zeros(len(mask), dtype=np.bool_)
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        out[start:end] = end - start >= _LACKING
    return out
