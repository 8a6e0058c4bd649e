"""The vocabulary: characters as small integers, with every look-alike form of a mark folded to one id.

Encoding is one gather from a table over all code points. White space, line breaks and invisible characters get the
id `DROP` and are left out, so context runs across them. All digits share one id, all Latin letters another; a Han
character outside the vocabulary is `UNK_HAN`, anything else outside it is `UNK`.
"""

from __future__ import annotations

import unicodedata
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError
from ..text.codepoints import CodePoints, encode

__all__ = ["BOS", "DIGIT", "DROP", "EOS", "LATIN", "MAX_SIZE", "SPECIALS", "UNK", "UNK_HAN", "Ids", "Vocabulary"]

Ids = NDArray[np.uint16]

UNK, UNK_HAN, BOS, EOS, DIGIT, LATIN = range(6)
#: How many ids stand for classes and boundaries; characters follow.
SPECIALS = 6
#: The id of code points that the encoder leaves out.
DROP = 0xFFFF
#: Five ids in base `MAX_SIZE` fit 64 bits, which counting relies on.
MAX_SIZE = 7131

_CODE_POINTS = 0x110000
_DROPPED = (
    (0x00, 0x20), (0x7F, 0xA0), (0xAD, 0xAD), (0x1680, 0x1680), (0x180B, 0x180E), (0x2000, 0x200F), (0x2028, 0x202F),
    (0x205F, 0x206F), (0x2800, 0x2800), (0x3000, 0x3000), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xE0000, 0xE0FFF),
)  # fmt: skip
_HAN = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x3007, 0x3007), (0x20000, 0x323AF))
_LATIN = ((0x41, 0x5A), (0x61, 0x7A), (0xC0, 0xD6), (0xD8, 0xF6), (0xF8, 0x24F), (0x1E00, 0x1EFF), (0xFF21, 0xFF3A),
          (0xFF41, 0xFF5A))  # fmt: skip

# Each group is one character to the model; the first form is the one that `Vocabulary.characters` shows.
_SAME = (
    "，,﹐", "；;﹔", "：:∶︰﹕", "！!﹗", "？?﹖", "（(﹙", "）)﹚", "。｡", "、﹑､", "·•・‧∙⋅･", "—―─–━", "-－‐‑‒−﹣",
    "～~〜∼", "…⋯", "%％﹪", "<＜﹤", ">＞﹥", "+＋﹢", "=＝﹦", "[［", "]］", "〔﹝", "〕﹞", "〇○◯", "¥￥", "〖【",
    "〗】", "×✕╳", "〈︿", "〉﹀", "*＊﹡", "#＃﹟",
)  # fmt: skip
# Radicals (U+2E80 ff.) that have the shape of a whole character: faulty PDF fonts give them for it. NFKC leaves them.
_RADICALS = (
    "⺁厂⺇几⺎兀⺏尢⺐尢⺒巳⺓幺⺛旡⺝月⺟母⺠民⺤爪⺱网⺲网⺳网⺹老⺻聿⺼肉⺽臼⻁虎⻂衣⻃西⻄西⻅见⻆角⻇角⻉贝⻊足⻋车⻑长⻒长⻓长⻔门⻕阜⻗雨"
    "⻘青⻙韦⻚页⻛风⻜飞⻝食⻞食⻡首⻢马⻣骨⻤鬼⻥鱼⻦鸟⻧卤⻨麦⻩黄⻪黾⻫齐⻬齐⻭齿⻮齿⻯龙⻰龙⻱龟⻲龟⻳龟"
)


def _folds() -> dict[int, int]:
    """Every code point that is read as another one: forms of width, radicals, compatibility characters."""
    folds = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
    for code in (*range(0x2F00, 0x2FD6), *range(0xF900, 0xFAFF), 0x2E9F, 0x2EF3):
        plain = unicodedata.normalize("NFKC", chr(code))
        if len(plain) == 1 and ord(plain) != code:
            folds[code] = ord(plain)
    for radical, plain in zip(_RADICALS[::2], _RADICALS[1::2], strict=True):
        folds[ord(radical)] = ord(plain)
    for group in _SAME:
        folds.pop(ord(group[0]), None)
        folds.update((ord(form), ord(group[0])) for form in group[1:])
    return folds


class Vocabulary:
    """A fixed list of characters; ids count up from `SPECIALS` in its order.

    `characters` are code points, shape ``(size - SPECIALS,)``. Raises `ModelError` when they are too many or not
    in folded form.
    """

    def __init__(self, characters: CodePoints) -> None:
        self.characters: NDArray[np.uint32] = np.ascontiguousarray(characters, dtype="<u4")
        if self.characters.ndim != 1 or self.characters.max(initial=0) >= _CODE_POINTS:
            raise ModelError("a vocabulary is a list of code points")
        self.size = SPECIALS + len(self.characters)
        if self.size > MAX_SIZE:
            raise ModelError(f"a vocabulary of {self.size} is over the limit of {MAX_SIZE}")

    @classmethod
    def from_counts(
        cls, counts: NDArray[np.int64], *, base: Vocabulary | None = None, han: int = 2, other: int = 50
    ) -> Vocabulary:
        """The characters worth an id, after those of `base`, most frequent first (ties by code point).

        `counts` holds the occurrences of every code point, shape ``(0x110000,)``; Han characters are kept from
        `han` occurrences on, other ones from `other` on, after folding, as many as fit.
        """
        base = base or cls(np.empty(0, dtype="<u4"))
        folded = counts.copy()
        for form, plain in _folds().items():
            folded[plain] += folded[form]
            folded[form] = 0
        keep = ((base.table == UNK_HAN) & (folded >= han)) | ((base.table == UNK) & (folded >= other))
        codes = np.flatnonzero(keep)
        codes = codes[np.argsort(-folded[codes], kind="stable")][: MAX_SIZE - base.size]
        return cls(np.concatenate((base.characters, codes.astype("<u4"))))

    @cached_property
    def table(self) -> NDArray[np.uint16]:
        """The id of every code point, shape ``(0x110000,)``; read-only."""
        table = np.full(_CODE_POINTS, UNK, dtype=np.uint16)
        for lo, hi in _HAN:
            table[lo : hi + 1] = UNK_HAN
        for lo, hi in _LATIN:
            table[lo : hi + 1] = LATIN
        table[0x30:0x3A] = DIGIT
        table[self.characters] = np.arange(SPECIALS, self.size, dtype=np.uint16)
        folds = _folds()
        forms = np.fromiter(folds, dtype=np.int64)
        table[forms] = table[np.fromiter(folds.values(), dtype=np.int64)]
        for lo, hi in _DROPPED:
            table[lo : hi + 1] = DROP
        table.flags.writeable = False
        return table

    @cached_property
    def code_of(self) -> CodePoints:
        """The code point of every id, shape ``(size,)``; 0 for classes and boundaries. Read-only."""
        codes = np.concatenate((np.zeros(SPECIALS, dtype="<u4"), self.characters))
        codes.flags.writeable = False
        return codes

    def id_of(self, codes: CodePoints) -> Ids:
        """The id of every code point, shape of `codes`; `DROP` for those that the encoder leaves out."""
        return np.take(self.table, codes.astype(np.int64), mode="clip")

    def encode(self, text: str | CodePoints) -> tuple[Ids, NDArray[np.int64]]:
        """`(ids, positions)`: the ids of the kept code points of `text` and where each stands, both shape ``(n,)``."""
        codes = encode(text) if isinstance(text, str) else text
        ids = self.id_of(codes)
        positions = np.flatnonzero(ids != DROP)
        return (ids if len(positions) == len(ids) else ids[positions]), positions

    def decode(self, ids: NDArray[np.integer]) -> str:
        """`ids` as text, for people: classes as ``?`` (unknown), ``^`` ``$`` (bounds), ``0`` and ``a``."""
        shown = np.concatenate((np.frombuffer("??^$0a".encode("utf-32-le"), dtype="<u4"), self.characters))
        return shown[np.asarray(ids, dtype=np.int64)].astype("<u4").tobytes().decode("utf-32-le")
