"""The type faces of the OCR data factory: where they are, how they look, what they cover.

All come from Debian packages (`apt-get install` line in docs/ocr-data.md). `held_out` faces are used only in documents
whose number ends in 8 or 9, the others only in the rest, so that a model can be checked on faces that it has not seen:
the manifest names the face and the group of every document.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from fontTools.ttLib import TTCollection, TTFont
from PIL import ImageFont

_OPEN = "/usr/share/fonts/opentype/noto/"
_TRUE = "/usr/share/fonts/truetype/"
_FANDOL = "/usr/share/fonts/opentype/fandol/"  # taken out of texlive-lang-chinese: see docs/ocr-data.md


@dataclass(frozen=True)
class Face:
    """One type face: `style` is song, fang, kai or hei; `weight` its relative share of the documents."""

    name: str
    path: str
    style: str
    index: int = 0
    weight: float = 1.0
    held_out: bool = False
    bold: bool = False  # for titles and headings only

    @property
    def ease(self) -> float:
        """How much worse a scan this face bears for the same error rate (measured roughly, Song 1)."""
        base = {"hei": 1.25, "kai": 1.05, "song": 1.0, "fang": 1.0}[self.style]
        return base * (0.82 if "light" in self.name else 1.0) * (1.08 if self.name.startswith("noto-serif") else 1.0)


FACES: tuple[Face, ...] = (
    Face("noto-serif-sc", _OPEN + "NotoSerifCJK-Regular.ttc", "song", 2, 1.2),
    Face("noto-serif-sc-light", _OPEN + "NotoSerifCJK-Light.ttc", "song", 2, 0.6),
    Face("noto-serif-sc-medium", _OPEN + "NotoSerifCJK-Medium.ttc", "song", 2, 0.8),
    Face("noto-serif-sc-semibold", _OPEN + "NotoSerifCJK-SemiBold.ttc", "song", 2, 0.4, held_out=True),
    Face("arphic-sungti-gb", _TRUE + "arphic-gbsn00lp/gbsn00lp.ttf", "song", 0, 1.2),
    Face("uming-cn", _TRUE + "arphic/uming.ttc", "song", 0, 1.0),
    Face("fandol-song", _FANDOL + "FandolSong-Regular.otf", "song", 0, 1.5),
    Face("babelstone-han", _TRUE + "babelstone/BabelStoneHan.ttf", "song", 0, 1.0, held_out=True),
    Face("tw-sung", _TRUE + "cns11643/TW-Sung-98_1.ttf", "song", 0, 0.4, held_out=True),
    Face("fandol-fang", _FANDOL + "FandolFang-Regular.otf", "fang", 0, 3.0),
    Face("fandol-kai", _FANDOL + "FandolKai-Regular.otf", "kai", 0, 1.0),
    Face("arphic-kaiti-gb", _TRUE + "arphic-gkai00mp/gkai00mp.ttf", "kai", 0, 1.0),
    Face("ukai-cn", _TRUE + "arphic/ukai.ttc", "kai", 0, 0.8, held_out=True),
    Face("lxgw-wenkai", _TRUE + "lxgw-wenkai/LXGWWenKai-Regular.ttf", "kai", 0, 0.8),
    Face("lxgw-wenkai-light", _TRUE + "lxgw-wenkai/LXGWWenKai-Light.ttf", "kai", 0, 0.5, held_out=True),
    Face("tw-kai", _TRUE + "cns11643/TW-Kai-98_1.ttf", "kai", 0, 0.4, held_out=True),
    Face("wqy-zenhei", _TRUE + "wqy/wqy-zenhei.ttc", "hei", 0, 0.9),
    Face("wqy-microhei", _TRUE + "wqy/wqy-microhei.ttc", "hei", 0, 0.6, held_out=True),
    Face("fandol-hei", _FANDOL + "FandolHei-Regular.otf", "hei", 0, 0.7),
    Face("noto-sans-sc", _OPEN + "NotoSansCJK-Regular.ttc", "hei", 2, 0.7),
    Face("noto-sans-sc-light", _OPEN + "NotoSansCJK-Light.ttc", "hei", 2, 0.5),
    Face("noto-sans-sc-medium", _OPEN + "NotoSansCJK-Medium.ttc", "hei", 2, 0.3, held_out=True),
    Face("droid-fallback", _TRUE + "droid/DroidSansFallbackFull.ttf", "hei", 0, 0.4),
    Face("noto-serif-sc-bold", _OPEN + "NotoSerifCJK-Bold.ttc", "song", 2, bold=True),
    Face("noto-sans-sc-bold", _OPEN + "NotoSansCJK-Bold.ttc", "hei", 2, bold=True),
    Face("fandol-song-bold", _FANDOL + "FandolSong-Bold.otf", "song", bold=True),
    Face("fandol-hei-bold", _FANDOL + "FandolHei-Bold.otf", "hei", bold=True),
)
BODY: tuple[Face, ...] = tuple(face for face in FACES if not face.bold)
TITLES: tuple[Face, ...] = tuple(face for face in FACES if face.bold)


def pool(held_out: bool) -> list[Face]:
    """The body faces of one group."""
    return [face for face in BODY if face.held_out == held_out]


def missing() -> list[str]:
    """Names of the faces whose file is not installed."""
    return [face.name for face in FACES if not Path(face.path).exists()]


@cache
def coverage(face: Face) -> frozenset[int]:
    """The code points that `face` has a glyph for, an empty outline not counted as one."""
    if face.path.endswith(".ttc"):
        font: TTFont = TTCollection(face.path, lazy=True).fonts[face.index]
    else:
        font = TTFont(face.path, lazy=True)
    cmap = font.getBestCmap()
    return frozenset(cmap)


def covers(face: Face, text: str) -> bool:
    """Whether every character of `text` has a glyph in `face`."""
    known = coverage(face)
    return all(ord(ch) in known or ch in " \u3000" for ch in text)


@lru_cache(maxsize=64)
def sized(face: Face, pixels: int) -> ImageFont.FreeTypeFont:
    """`face` at `pixels` to the em."""
    return ImageFont.truetype(face.path, pixels, index=face.index, layout_engine=ImageFont.Layout.BASIC)
