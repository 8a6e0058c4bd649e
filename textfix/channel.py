"""The channel: what a glyph may have been, from learned counts and rendered shape.

Smoothing goes from the specific to the general (Brill & Moore 2000): counts of real confusions, pooled over engines;
then the likeness of rendered glyphs, and that of their spelling inside Tesseract (`tables/spellings.py`); then a floor
for any two characters. Beside one character for another, two that
were read for one are counted (`wholes`), and what is invented and lost (`strays`). The learned tables under
`confusables/learned/` are compiled, with the look-alikes, into `confusables/channel.bin` by `scripts/build_channel.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .errors import TableError
from .tables.resources import resource
from .tables.shapes import Shapes
from .tables.spellings import Spellings
from .tables.strays import Strays
from .tables.wholes import Wholes
from .text.arrays import distinct
from .text.codepoints import CodePoints

if TYPE_CHECKING:
    from .tables.confusable import Table

__all__ = ["CANDIDATES", "LOOK_ALIKES", "Channel", "leanings", "pack", "unpack"]

Floats = NDArray[np.float32]
Lists = tuple[CodePoints, CodePoints, Floats]

#: How many look-alikes by shape are considered for an observed character, and as many that are spelled alike.
LOOK_ALIKES = 24
#: How many of them, and of what was learned, are kept as candidates, the likeliest first.
CANDIDATES = 32
_BMP, _LAST = 0x10000, 0x10FFFF
_LOW = np.uint64(0xFFFFFFFF)
#: log P(observed | intended) of a pair never seen: a floor, and what likeness of shape adds to it.
_FLOOR, _UNLIKE, _LIKENESS = 1e-6, -14.0, 8.0
#: The same for a pair that shape and spelling make likely, to which the square of the likeness and the log-ratio of the
#: spelling are added; and the greatest that this comes to.
_SPELLED, _MOST = -12.0, -5.0
#: Characters whose look-alikes by spelling are sought at a time.
_ROWS = 256
#: Occurrences of the intended character that a learned count is smoothed with.
_SMOOTH = 20.0
#: How much likelier Tesseract than PaddleOCR takes two Han characters for each other: log-odds by likeness, its square
#: and the spelling (`scripts/build_channel.py lean`, when 11,552 pairs of both were learned; the forests are fit with
#: these), the share of them that is believed, and how far that goes.
_LEANING, _BELIEVED, _LEANT = (2.3, -11.3, 8.2, 0.6), 0.6, 2.0
#: Occurrences of a confusion that either family of engines is given beside its own.
_EVEN = 2.0


class Channel:
    """One-character confusions. Immutable; arrays are shared between processes by memory mapping.

    ``keys``    (k,) uint64, observed << 32 | intended, ascending
    ``counts``  (k,) float32, how often the pair was seen in the training pairs
    ``totals``  (k,) float32, how often the intended character was read at all there
    ``leans``   (k,) float32, `leanings` of the pair towards one family of engines
    """

    def __init__(
        self,
        keys: NDArray[np.uint64],
        counts: Floats,
        totals: Floats,
        lists: Lists | None = None,
        leans: Floats | None = None,
        wholes: Wholes | None = None,
        spellings: Spellings | None = None,
        strays: Strays | None = None,
    ) -> None:
        """`lists` are what `_listed` makes: code points, ascending (a,), the candidates of each and their priors, both
        ``(a + 1, CANDIDATES)``, the last row for characters without any. Without `leans` no pair leans; `wholes` are
        the characters that were read as two, `strays` those invented and lost, `spellings` tell which are spelled
        alike."""
        self.wholes = Wholes.none() if wholes is None else wholes
        self.strays = Strays.none() if strays is None else strays
        self.spellings = Spellings.none() if spellings is None else spellings
        self._keys, self._counts, self._totals = keys, counts, totals
        self._leans = np.zeros(keys.size, dtype=np.float32) if leans is None else leans
        self._shapes = Shapes.load()
        self._origin: Table | None = None  # what the shipped channel was extended by
        observed = (keys >> np.uint64(32)).astype(np.uint32)
        if lists is None:
            lists = self._listed(np.concatenate([observed, self._shapes.codes[self._shapes.codes < _BMP]]))
        self._codes, self._intended, self._priors = lists
        self._row_of = np.full(_BMP, -1, dtype=np.int32)
        self._row_of[self._codes] = np.arange(self._codes.size)
        self._errors = np.zeros(self._codes.size + 1, dtype=np.float32)
        np.add.at(self._errors, self._row_of[observed], counts)
        self._errors[:-1] += self.strays.invented(self._codes)

    def _listed(self, codes: CodePoints) -> Lists:
        """The candidates of each of `codes`: learned ones, look-alikes, and what is spelled alike."""
        codes = distinct(codes)
        look_alike = self._shapes.neighbours(codes, LOOK_ALIKES)[0].astype(np.uint32)
        wanted = np.zeros(_BMP, dtype=bool)
        wanted[codes] = True
        learned = self._keys[wanted[self._keys >> np.uint64(32)]]
        alike = (codes.astype(np.uint64)[:, None] << np.uint64(32) | look_alike)[look_alike > 0]
        pairs = distinct(np.concatenate([learned, alike, self._spelled_alike(codes)]))
        left, right = (pairs >> np.uint64(32)).astype(np.uint32), (pairs & _LOW).astype(np.uint32)
        priors = self.log_prob(left, right)
        order = np.lexsort((right, -priors, left))
        left, right, priors = left[order], right[order], priors[order]
        row = np.searchsorted(codes, left)
        rank = np.arange(row.size) - np.searchsorted(row, row)
        kept = rank < CANDIDATES
        intended = np.zeros((codes.size + 1, CANDIDATES), dtype=np.uint32)
        likely = np.full((codes.size + 1, CANDIDATES), _UNLIKE, dtype=np.float32)
        intended[row[kept], rank[kept]] = right[kept]
        likely[row[kept], rank[kept]] = priors[kept]
        return codes, intended, likely

    def _spelled_alike(self, codes: CodePoints) -> NDArray[np.uint64]:
        """For each of `codes` the `LOOK_ALIKES` that shape and spelling together favour, as keys."""
        known = self.spellings.chars
        asked = codes[np.isin(codes, known)]
        found = [np.empty(0, dtype=np.uint64)]
        for at in range(0, asked.size, _ROWS):
            rows = asked[at : at + _ROWS]
            score = self._resemblance(rows[:, None], known[None, :], self._shapes.matrix(rows, known))
            score[rows[:, None] == known[None, :]] = -np.inf
            best = np.argsort(-score, axis=1, kind="stable")[:, :LOOK_ALIKES]
            found.append((rows.astype(np.uint64)[:, None] << np.uint64(32) | known[best]).ravel())
        return np.concatenate(found)

    def _resemblance(self, observed: CodePoints, intended: CodePoints, similarity: Floats) -> Floats:
        """log P of a pair by shape and spelling together; -inf where a spelling is not known."""
        ratio = self.spellings.log_ratio(observed, intended)
        both = np.minimum(_SPELLED + _LIKENESS * similarity * similarity + ratio, np.float32(_MOST))
        return np.where(ratio == 0, np.float32(-np.inf), both)

    @classmethod
    def from_counts(
        cls,
        counts: Mapping[tuple[str, str], float],
        read: Mapping[str, float],
        leans: Mapping[tuple[str, str], float] | None = None,
        spelled: Mapping[tuple[str, str], float] | None = None,
    ) -> Channel:
        """A channel from ``{(observed, intended): count}``, how often each character was intended, and `leanings`;
        `spelled` are those of the counts that are Tesseract's, which tell how letters are confused."""
        rows = sorted(
            (ord(o) << 32 | ord(i), float(c), float(read.get(i, 0.0)), float((leans or {}).get((o, i), 0.0)))
            for (o, i), c in counts.items()
            if len(o) == len(i) == 1 and ord(o) < _BMP and ord(i) < _BMP
        )
        return cls(
            np.array([r[0] for r in rows], dtype=np.uint64),
            np.array([r[1] for r in rows], dtype=np.float32),
            np.array([r[2] for r in rows], dtype=np.float32),
            leans=np.array([r[3] for r in rows], dtype=np.float32),
            wholes=Wholes.of(counts, read),
            strays=Strays.of(counts, read, leans or {}),
            spellings=Spellings.learned(spelled) if spelled else None,
        )

    @classmethod
    def load(cls, table: Table | None = None) -> Channel:
        """The shipped channel, read once; with a `table`, what was learned there is added to it (`plus`)."""
        return _shipped() if table is None else _extended(table)

    def plus(self, table: Table) -> Channel:
        """This channel and the rows of `table` that read one character for another, two for one, one for nothing or
        nothing for one; its rejected pairs count nothing.

        How often a character was read at all is known of the characters of this channel; of another one, that `table`
        alone intends, its rows are taken to tell.
        """
        rows = [row for row in table if max(map(ord, row.observed + row.intended), default=_BMP) < _BMP]
        single = [row for row in rows if len(row.observed) == len(row.intended) == 1]
        double = [row for row in rows if (len(row.observed), len(row.intended)) == (2, 1)]
        stray = [row for row in rows if len(row.observed + row.intended) == 1]
        if not single and not double and not stray:
            return self
        pairs = np.array([ord(row.observed) << 32 | ord(row.intended) for row in single], dtype=np.uint64)
        seen = np.array([0 if row.rejected else row.count for row in single], dtype=np.float32)
        keys = distinct(np.concatenate([self._keys, pairs]))
        counts, good = np.zeros(keys.size, dtype=np.float32), np.ones(keys.size, dtype=bool)
        leans = np.zeros(keys.size, dtype=np.float32)
        counts[np.searchsorted(keys, self._keys)] = self._counts
        leans[np.searchsorted(keys, self._keys)] = self._leans
        at = np.searchsorted(keys, pairs)
        np.add.at(counts, at, seen)
        good[at[np.array([row.rejected for row in single], dtype=bool)]] = False
        read, told = np.zeros((2, _BMP), dtype=np.float32)
        read[self._keys & _LOW] = self._totals
        np.add.at(told, pairs & _LOW, seen)
        totals = np.where(read > 0, read, told)[keys & _LOW]
        grown = keys[good], counts[good], totals[good]
        old = self._codes, self._intended, self._priors
        new = Channel(*grown, old, spellings=self.spellings)._listed((pairs >> np.uint64(32)).astype(np.uint32))
        lists, strays = _joined(old, new), self.strays.plus(stray)
        return Channel(*grown, lists, leans[good], self.wholes.plus(double, read), self.spellings, strays)

    def __reduce__(self) -> Any:
        """The shipped channel, and that with a table, are pickled as what they were loaded from."""
        if self is _shipped() or self._origin is not None:
            return Channel.load, (self._origin,)
        return super().__reduce__()

    def _find(self, observed: CodePoints, intended: CodePoints) -> tuple[NDArray[np.bool_], NDArray[np.intp]]:
        if not self._keys.size:
            return np.zeros(len(observed), dtype=bool), np.zeros(len(observed), dtype=np.intp)
        key = observed.astype(np.uint64) << np.uint64(32) | intended.astype(np.uint64)
        at = np.minimum(np.searchsorted(self._keys, key), self._keys.size - 1)
        return self._keys[at] == key, at

    def count(self, observed: CodePoints, intended: CodePoints) -> Floats:
        """How often each pair was seen in training, float32, shape of the arguments."""
        hit, at = self._find(observed, intended)
        return np.where(hit, self._counts[at], np.float32(0)) if self._keys.size else np.zeros(len(hit), np.float32)

    def lean(self, observed: CodePoints, intended: CodePoints) -> Floats:
        """Towards which family of engines each pair leans: as counted (`leanings`), and by likeness and spelling."""
        hit, at = self._find(observed, intended)
        counted = np.where(hit, self._leans[at], np.float32(0)) if self._keys.size else np.zeros(len(hit), np.float32)
        ratio, alike = self.spellings.log_ratio(observed, intended), self.similarity(observed, intended)
        odds = _LEANING[0] + _LEANING[1] * alike + _LEANING[2] * alike * alike + _LEANING[3] * ratio
        guessed = _BELIEVED * np.clip(odds, -_LEANT, _LEANT)
        return np.asarray(counted + np.where(ratio == 0, 0, guessed), dtype=np.float32)

    def errors(self, observed: CodePoints) -> Floats:
        """How often each observed character was seen to be wrong, or invented, in training."""
        row = self._row_of[np.minimum(observed, _BMP - 1)]
        return self._errors[row]  # row -1 is the zero behind the last

    def similarity(self, observed: CodePoints, intended: CodePoints) -> Floats:
        """Likeness of shape in [0, 1]."""
        return self._shapes.similarity(observed, intended)

    def intended(self, observed: CodePoints) -> tuple[CodePoints, Floats]:
        """Candidates for each observed character, the likeliest first, and their `log_prob`; 0 where there are fewer.

        Both of shape ``(len(observed), CANDIDATES)``.
        """
        row = self._row_of[np.minimum(observed, _BMP - 1)]
        return self._intended[row], self._priors[row]  # row -1 is the empty one behind the last

    def log_prob(self, observed: CodePoints, intended: CodePoints, similarity: Floats | None = None) -> Floats:
        """log P(observed | intended), in nats, up to the smoothing."""
        hit, at = self._find(observed, intended)
        if similarity is None:
            similarity = self.similarity(observed, intended)
        p = np.exp(_UNLIKE + _LIKENESS * similarity) + _FLOOR
        p = p + np.exp(self._resemblance(observed, intended, similarity))
        if self._keys.size:
            p = p + np.where(hit, self._counts[at] / (self._totals[at] + _SMOOTH), 0.0)
        return np.asarray(np.log(p), dtype=np.float32)


def leanings(
    one: Mapping[tuple[str, str], float], other: Mapping[tuple[str, str], float]
) -> dict[tuple[str, str], float]:
    """For each confusion how much commoner it is among those of `one` family of engines than among those of the
    `other`: the log of the ratio of its shares, smoothed."""
    sizes = sum(one.values()), sum(other.values())
    if not all(sizes):
        return {}
    mean = sum(sizes) / 2
    pairs = sorted({*one, *other})
    first, second = (
        np.array([counts.get(pair, 0.0) for pair in pairs]) * mean / size + _EVEN
        for counts, size in zip((one, other), sizes, strict=True)
    )
    return dict(zip(pairs, np.log(first / second).tolist(), strict=True))


def _joined(old: Lists, new: Lists) -> Lists:
    """Both, and of characters that are in both, the `new` ones."""
    codes = distinct(np.concatenate([old[0], new[0]]))
    intended = np.zeros((codes.size + 1, CANDIDATES), dtype=np.uint32)
    priors = np.full((codes.size + 1, CANDIDATES), _UNLIKE, dtype=np.float32)
    for own, chars, likely in (old, new):
        at = np.searchsorted(codes, own)
        intended[at], priors[at] = chars[:-1], likely[:-1]
    return codes, intended, priors


_MAGIC = b"TFCHANL7"


def pack(channel: Channel) -> bytes:
    """The bytes of ``confusables/channel.bin``: magic, uint32 k and a, then keys, counts, totals, the lists, the
    leanings, the spellings, the strays, and the wholes up to the end."""
    head = _MAGIC + np.array([channel._keys.size, channel._codes.size], dtype="<u4").tobytes()
    arrays: tuple[NDArray[np.generic], ...] = (
        channel._keys, channel._counts, channel._totals, channel._codes, channel._intended, channel._priors,
        channel._leans,
    )  # fmt: skip
    blocks: list[NDArray[np.generic]] = [a.astype(t) for a, t in zip(arrays, _TYPES, strict=True)]
    tables = channel.spellings, channel.strays, channel.wholes
    return head + b"".join([*(block.tobytes() for block in blocks), *(table.pack() for table in tables)])


def unpack(raw: NDArray[np.uint8]) -> Channel:
    """`pack`'s inverse. Raises `TableError` on bytes that are not a channel."""
    if raw.size < 16 or raw[:8].tobytes() != _MAGIC:
        raise TableError("channel.bin is not a textfix channel; rebuild it with scripts/build_channel.py")
    k, a = (int(x) for x in raw[8:16].view("<u4"))
    listed = 4 * (a + 1) * CANDIDATES
    ends = np.cumsum([16, 8 * k, 4 * k, 4 * k, 4 * a, listed, listed, 4 * k]).tolist()
    if raw.size < ends[-1]:
        raise TableError(f"channel.bin is truncated: {raw.size} bytes where its header asks for {ends[-1]}")
    spellings, size = Spellings.unpack(raw[ends[-1] :])
    strays, more = Strays.unpack(raw[ends[-1] + size :])
    wholes = Wholes.unpack(raw[ends[-1] + size + more :])
    parts = [np.asarray(raw[b:e].view(t)) for (b, e), t in zip(pairwise(ends), _TYPES, strict=True)]
    keys, counts, totals, codes, intended, priors, leans = parts
    chars = np.concatenate([codes, (keys >> np.uint64(32)).astype(np.uint32)])
    if (np.diff(codes.astype(np.int64)) <= 0).any() or chars.max(initial=0) >= _BMP or intended.max() > _LAST:
        raise TableError("channel.bin is corrupt: it has characters that there are not, or not in order")
    shape = a + 1, CANDIDATES
    lists = codes, intended.reshape(shape), priors.reshape(shape)
    return Channel(keys, counts, totals, lists, leans, wholes, spellings, strays)


_TYPES = ("<u8", "<f4", "<f4", "<u4", "<u4", "<f4", "<f4")


@cache
def _shipped() -> Channel:
    return unpack(np.asarray(np.memmap(resource("channel.bin"), dtype=np.uint8, mode="r")))


@lru_cache(maxsize=4)
def _extended(table: Table) -> Channel:
    shipped = _shipped()
    channel = shipped.plus(table)
    if channel is not shipped:
        channel._origin = table
    return channel
