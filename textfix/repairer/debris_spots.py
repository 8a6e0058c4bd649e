"""Where debris may lie: spots that ordinary text has no use for, and stretches that read badly in its patterns.

All of it is arithmetic on whole arrays; nothing is scored here. A glyph that moved disturbs the text at three known
places: where it is missing, where it landed, and behind there. The sum of the log-probabilities of those three finds
nine moved glyphs of ten and flags one or two clean places of a hundred.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..lm import UNK_HAN
from ..tables.components import LOST, Components
from ..tables.variants import SAFE, Variants
from ..text.classes import DIGIT, HAN, LATIN, RADICAL
from .proposals import Floats, Ints
from .quotations import crowded, foreign_forms, quoting_forms
from .view import View

__all__ = ["FAR", "QUICK", "THOROUGH", "Bounds", "Spots", "badly", "find_spots"]


def _set(chars: str) -> NDArray[np.bool_]:
    """A set of characters of the basic plane as a table; its last entry, no character, stands for other planes."""
    table = np.zeros(0x10000, dtype=bool)
    table[[ord(char) for char in chars]] = True
    return table


def _one_of(codes: NDArray[np.uint32], wanted: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which of `codes` are in the set `wanted`."""
    return wanted.take(codes, mode="clip")


#: A displaced glyph is looked for this many characters away.
FAR = 3
#: What stands for a part that was lost (口 is a part of its own), and marks that are read for strokes.
_LOSS = _set(LOST.replace("口", "") + "．.·*")
_STROKES = _set("|\\{}<")
#: Before these a mark of loss stands for a figure (5日 read as ?日).
_DATED = _set("年日")
#: Parts that never stand alone in ordinary text, though a model may have seen them in bad text.
_BARE = _set("亻冫冖凵刂勹匚卩厶廴彐彡彳忄扌攵氵氺灬爫犭疒癶礻罒糸糹纟罓艹虍衤襾覀訁讠豸辶钅釒阝飠饣丬丿丨亅乚丶")
#: Characters rarer than this (natural log-probability without context) are odd; uncommon ones where they read badly.
_RARE, _UNCOMMON, _BADLY = -13.0, -11.5, -17.0
#: Marks of loss that no good text has between Han characters.
_NO_MARK = _set("?□■�．")


class Bounds(NamedTuple):
    """Sums of log-probabilities (nats) below which a place may be debris.

    `moved`: three places of a glyph that moved. The others: two characters and the one behind them, that are the parts
    of one (`exact`); that look like them (`alike`); of which one is odd (`loose`); a letter or mark and a character
    (`letter`).
    """

    moved: float
    exact: float
    alike: float
    loose: float = -15.0
    letter: float = -11.0


#: Every place worth weighing, and those where debris of a long text shows at a quick look.
THOROUGH, QUICK = Bounds(-20.0, -14.0, -21.5), Bounds(-22.5, -16.0, -24.0)


@dataclass(frozen=True, slots=True, eq=False)
class Spots:
    """Places of a view worth a look.

    ``odd``    (n,) characters that ordinary text has no use for
    ``loss``   (n,) marks that may stand for a lost part; ``strange``: those that good text does not have there
    ``loose``  (n,) odd, loss, or a lone letter: what a part may be printed as
    ``pairs``  (k,) starts of two neighbours that may be the parts of one character
    ``trios``  (k,) starts of three
    ``moved``  (k,), ``far`` (k,), ``right`` (k,): starts of stretches, how far a glyph moved, and whether to the right
    """

    odd: NDArray[np.bool_]
    loss: NDArray[np.bool_]
    strange: NDArray[np.bool_]
    loose: NDArray[np.bool_]
    pairs: Ints
    trios: Ints
    moved: Ints
    far: Ints
    right: NDArray[np.bool_]

    def __len__(self) -> int:
        """How many stretches and odd characters there are to look at."""
        return int(np.count_nonzero(self.odd)) + self.pairs.size + self.trios.size + self.moved.size


def _odd(v: View, three: Floats, unigrams: Floats, variants: Variants) -> NDArray[np.bool_]:
    """Characters that ordinary text has no use for, (n,): components, rare and old forms."""
    alone = unigrams[v.ids]
    odd = (alone < _RARE) | (v.ids == UNK_HAN) | ((alone < _UNCOMMON) & (three < _BADLY))
    odd &= v.classes == HAN
    odd |= v.classes == RADICAL
    safe, foreign = variants.find(v.codes, SAFE)[0], foreign_forms(v.codes, variants)
    odd[safe] = True
    odd |= _one_of(v.codes, _BARE)
    if foreign.size:  # one alone is a form of its character; where several stand together, somebody quotes
        quoting = quoting_forms(v.codes, variants, np.flatnonzero(v.breaks[:-1] == 2))
        odd[foreign] = ~crowded(quoting, foreign, foreign)
    return np.asarray(odd)


def find_spots(
    v: View, log_probs: Floats, unigrams: Floats, components: Components, variants: Variants, bounds: Bounds = THOROUGH
) -> Spots:
    """The spots of `v`; `log_probs` are those of ``v.stream``, `unigrams` those of single ids without context."""
    n = len(v)
    # The log-probability of each character and of those behind it; behind a paragraph stands its end.
    chain = [log_probs[v.at + k] for k in range(FAR + 2)]
    three = chain[0] + chain[1] + chain[2]
    odd = _odd(v, three, unigrams, variants)
    han = (v.classes == HAN) | (v.classes == RADICAL)
    touching = np.zeros(n + 1, dtype=bool)  # this character and the one before stand side by side in one line
    touching[1:-1] = v.breaks[1:-1] == 0
    near = np.zeros(n, dtype=bool)
    near[1:] |= han[:-1] & touching[1:-1]
    near[:-1] |= han[1:] & touching[1:-1]
    loss = _one_of(v.codes, _LOSS) & near
    loss[:-1] &= ~_one_of(v.codes[1:], _DATED)
    kana = (v.codes >= 0x3041) & (v.codes <= 0x30FA)
    loose = odd | loss | (_one_of(v.codes, _STROKES) & near)
    loose |= (_lone(v.classes == LATIN) | _lone(kana)) & near
    piece = _run((han | loose) & (v.classes != DIGIT), touching)
    some = _any(loose)

    exact = np.zeros(n, dtype=bool)
    places = np.flatnonzero(piece[0] & (three < bounds.exact))
    exact[places] = components.joinable(v.codes[places], v.codes[places + 1])
    least = np.where(han & np.append(han[1:], False), np.float32(bounds.loose), np.float32(bounds.letter))
    pairs = exact | (piece[0] & some[0] & (three < least))
    places = np.flatnonzero(piece[0] & (three < bounds.alike) & ~exact)
    pairs[places[components.partly(v.codes[places], v.codes[places + 1])]] = True
    trios = np.flatnonzero(piece[1] & (three < np.where(some[1], np.float32(bounds.loose), np.float32(bounds.alike))))
    trios = trios[components.joinable(v.codes[trios], v.codes[trios + 1], v.codes[trios + 2])]
    return Spots(
        odd & near, loss, loss & _one_of(v.codes, _NO_MARK), loose, np.flatnonzero(pairs), trios,
        *_moved(v, chain, touching, bounds.moved),
    )  # fmt: skip


def badly(v: View, log_probs: Floats) -> float:
    """The share of places where a text reads badly, a little shrunk."""
    three = log_probs[v.at] + log_probs[v.at + 1] + log_probs[v.at + 2]
    return float((np.count_nonzero(three < THOROUGH.moved) + 1.0) / (len(v) + 100.0))


def _lone(wanted: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Those of `wanted` that have none beside them."""
    alone = wanted.copy()
    alone[1:] &= ~wanted[:-1]
    alone[:-1] &= ~wanted[1:]
    return alone


def _run(piece: NDArray[np.bool_], touching: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
    """Which characters start two, and three, pieces that touch each other."""
    two = piece.copy()
    two[-1:] = False
    two[:-1] &= piece[1:] & touching[1:-1]
    three = two.copy()
    three[-1:] = False
    three[:-1] &= two[1:]
    return [two, three]


def _any(loose: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
    """Whether one of two characters, and of three, is loose."""
    two = loose.copy()
    two[:-1] |= loose[1:]
    three = two.copy()
    three[:-1] |= two[1:]
    return [two, three]


def _moved(
    v: View, chain: list[Floats], touching: NDArray[np.bool_], bound: float
) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    """Stretches of Han characters in which one may have moved: start, how far, and whether to the right."""
    n = len(v)
    han = v.classes == HAN
    joined = touching[:n] & (v.gap[:n] == 0)
    starts, fars, rights = [np.empty(0, np.int64)], [np.empty(0, np.int64)], [np.empty(0, dtype=bool)]
    run = han.copy()
    for far in range(1, min(FAR, n - 1) + 1):
        run[n - far :] = False
        run[: n - far] &= (han & joined)[far:]
        # To the right: missing at the start, landed at the end. To the left: landed at the start, missing at the end.
        for right in (True, False):
            if far == 1 and not right:
                continue  # two that changed places: once is enough
            found = np.flatnonzero(run & (chain[0] + chain[far if right else 1] + chain[far + 1] < bound))
            starts.append(found)
            fars.append(np.full(found.size, far))
            rights.append(np.full(found.size, right))
    return np.concatenate(starts), np.concatenate(fars), np.concatenate(rights)
