"""Glyphs as pictures: which type faces, how they are rendered, and what is measured on them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from fontTools.ttLib import TTFont
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

__all__ = ["FACES", "Face", "cosine", "features", "fit_box", "is_han", "render"]

Pictures = NDArray[np.float32]


class Face(NamedTuple):
    """A type face of a Debian package: its file under /usr/share/fonts and the index in a collection."""

    name: str
    path: str
    index: int = 0


#: Debian: fonts-noto-cjk, fonts-arphic-{gbsn00lp,gkai00mp,uming,ukai}, fonts-wqy-zenhei, fonts-lxgw-wenkai,
#: fonts-droid-fallback.
FACES = (
    Face("sans", "opentype/noto/NotoSansCJK-Regular.ttc", 2),
    Face("serif", "opentype/noto/NotoSerifCJK-Regular.ttc", 2),
    Face("sans-bold", "opentype/noto/NotoSansCJK-Bold.ttc", 2),
    Face("song", "truetype/arphic-gbsn00lp/gbsn00lp.ttf"),
    Face("kai", "truetype/arphic-gkai00mp/gkai00mp.ttf"),
    Face("ming", "truetype/arphic/uming.ttc"),
    Face("ukai", "truetype/arphic/ukai.ttc"),
    Face("hei", "truetype/wqy/wqy-zenhei.ttc"),
    Face("wenkai", "truetype/lxgw-wenkai/LXGWWenKai-Regular.ttf"),
    Face("droid", "truetype/droid/DroidSansFallbackFull.ttf"),
)


def render(face: Face, chars: Sequence[str], pixels: int = 48) -> tuple[Pictures, NDArray[np.bool_]]:
    """Every character in its em box, ink 1 on ground 0, shape ``(n, pixels, pixels)``, and which the face has."""
    path = f"/usr/share/fonts/{face.path}"
    font = ImageFont.truetype(path, pixels, index=face.index, layout_engine=ImageFont.Layout.BASIC)
    covered = TTFont(path, fontNumber=face.index, lazy=True).getBestCmap()
    _, top, _, bottom = font.getbbox("国")  # an even box: its middle is the middle of the line
    pictures = np.zeros((len(chars), pixels, pixels), dtype=np.float32)
    present = np.zeros(len(chars), dtype=bool)
    for row, char in enumerate(chars):
        if ord(char) not in covered:
            continue
        picture = Image.new("L", (pixels, pixels))
        start = (pixels - font.getlength(char)) / 2, (pixels - top - bottom) / 2
        ImageDraw.Draw(picture).text(start, char, fill=255, font=font)
        pictures[row] = np.asarray(picture, dtype=np.float32) / 255
        present[row] = bool(pictures[row].any())
    return pictures, present


def is_han(char: str) -> bool:
    """Han characters and radicals, as against letters, digits, kana and marks."""
    return "⺀" <= char <= "⿟" or "㐀" <= char <= "鿿" or char >= "\U00020000"


def fit_box(pictures: Pictures, pixels: int = 32) -> Pictures:
    """The ink of each picture scaled to a centred box; a third of its slenderness (in logarithm) is kept.

    A part that has come loose is read at its own width, so 亻 inside 任 and a full-width 亻 are to look the same,
    and so are 乚 and L, but l and 口 are not.
    """
    fitted = np.zeros((len(pictures), pixels, pixels), dtype=np.float32)
    for row, picture in enumerate(pictures):
        ys, xs = np.flatnonzero(picture.max(1) > 0.3), np.flatnonzero(picture.max(0) > 0.3)
        if not ys.size:
            continue
        crop = picture[ys[0] : ys[-1] + 1, xs[0] : xs[-1] + 1]
        height, width = crop.shape
        slender = (width / height) ** 0.33
        target_h, target_w = (pixels, pixels * slender) if slender < 1 else (pixels / slender, pixels)
        size = max(3, round(target_w)), max(3, round(target_h))
        image = Image.fromarray((crop * 255).astype(np.uint8)).resize(size, Image.Resampling.BILINEAR)
        x, y = (pixels - size[0]) // 2, (pixels - size[1]) // 2
        fitted[row, y : y + size[1], x : x + size[0]] = np.asarray(image, dtype=np.float32) / 255
    return fitted


def features(pictures: Pictures, grid: int = 8) -> NDArray[np.float32]:
    """Blurred pixels and gradient directions of square pictures, shape ``(n, f)``.

    The gradient feature is the classic of Chinese character recognition (Liu et al. 2003): eight directions, each
    blurred and sampled on `grid` × `grid`, square root taken.
    """
    n, pixels, _ = pictures.shape
    ink = ndimage.gaussian_filter(pictures, (0, pixels / 40, pixels / 40))
    ink = ink / (np.sqrt((ink**2).sum((1, 2), keepdims=True)) + 1e-6) * 10
    coarse = ndimage.gaussian_filter(ink, (0, pixels / 32, pixels / 32))[:, 1::3, 1::3].reshape(n, -1)
    dx, dy = np.zeros_like(ink), np.zeros_like(ink)
    dx[:, :, 1:-1] = ink[:, :, 2:] - ink[:, :, :-2]
    dy[:, 1:-1] = ink[:, 2:] - ink[:, :-2]
    strength = np.hypot(dx, dy)
    direction = np.arctan2(dy, dx) / (2 * np.pi) * 8
    lower = np.floor(direction).astype(np.int8)
    part = (direction - lower).astype(np.float32)
    step = pixels // grid
    sampled = np.empty((n, 8, grid, grid), dtype=np.float32)
    for k in range(8):
        plane = strength * ((lower % 8 == k) * (1 - part) + ((lower + 1) % 8 == k) * part)
        plane = ndimage.gaussian_filter(plane, (0, step * 0.55, step * 0.55))
        sampled[:, k] = plane[:, step // 2 :: step, step // 2 :: step][:, :grid, :grid]
    return np.concatenate([coarse, np.sqrt(sampled.reshape(n, -1))], axis=1).astype(np.float32)


def cosine(left: NDArray[np.float32], right: NDArray[np.float32]) -> NDArray[np.float32]:
    """Cosines of all pairs of rows, after the mean of both is taken out; shape ``(len(left), len(right))``."""
    mean = np.concatenate([left, right]).mean(0)
    a, b = left - mean, right - mean
    a /= np.linalg.norm(a, axis=1, keepdims=True) + 1e-9
    b /= np.linalg.norm(b, axis=1, keepdims=True) + 1e-9
    return (a @ b.T).astype(np.float32)
