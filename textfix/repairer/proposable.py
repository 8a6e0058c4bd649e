"""What may be proposed at all, whatever the models say."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..lm import LanguageModel
from ..text.classes import DIGIT, LATIN, OTHER, RADICAL, classify
from ..text.codepoints import CodePoints
from .proposals import Ints
from .view import View

__all__ = ["LOST_MARKS", "MARKS", "MARK_TARGETS", "proposable", "replaceable"]


def _codes(chars: str) -> CodePoints:
    return np.array([ord(c) for c in chars], dtype=np.uint32)


#: Marks that an engine confuses or loses.
MARKS = _codes("，。、；：“”（）《》")
#: What a mark may have been, and what of it may be lost.
MARK_TARGETS = np.concatenate([MARKS, _codes("—·%")])
LOST_MARKS = _codes("，。、；“”")
_NUMERAL = np.zeros(0x10000, dtype=bool)
_NUMERAL[_codes("一二三四五六七八九十百千万亿两〇零")] = True
_CLASSES = np.zeros(256, dtype=bool)  # what is never proposed
_CLASSES[[DIGIT, LATIN, OTHER, RADICAL]] = True

#: Forms of one mark: which of them stands is a matter of setting, not of content.
_FORM = np.arange(0x10000, dtype=np.uint32)
for _forms in ("“”\"‘’'＂＇〝〞„", "—-－–―─"):
    _FORM[_codes(_forms)] = ord(_forms[0])


def proposable(codes: CodePoints) -> NDArray[np.bool_]:
    """Digits, Latin letters, symbols and radicals are never proposed."""
    return np.asarray((codes != 0) & ~_CLASSES.take(classify(codes)))


def replaceable(v: View, lm: LanguageModel, spots: Ints, codes: CodePoints) -> NDArray[np.bool_]:
    """Whether each of `codes` may be proposed for the character of `spots` beside it: another one, and not one numeral
    for another."""
    stood = v.codes[spots]
    good = proposable(codes) & (_fold(codes) != _fold(stood)) & (lm.id_of(codes) != v.ids[spots])
    return np.asarray(good & ~(_is_numeral(stood) & _is_numeral(codes)))


def _fold(codes: CodePoints) -> CodePoints:
    """`codes` with the forms of one mark made equal."""
    return np.where(codes < 0x10000, _FORM.take(codes, mode="clip"), codes)


def _is_numeral(codes: CodePoints) -> NDArray[np.bool_]:
    return _NUMERAL.take(codes, mode="clip") & (codes < 0x10000)
