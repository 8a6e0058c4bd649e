"""Make a clean page look scanned: random recipes of known scanner and copier defects.

A `Recipe` is drawn from a seed and a severity (0: clean, 1: bad, more: worse). Lengths are in ems of the body text, so
that the same recipe does the same harm at every resolution. Each defect is on or off by chance, so that documents of
the same severity suffer from different things. The models are the usual ones (Kanungo et al., 1993, for binary noise;
Gaussian optics and sensor noise; JPEG; copier shading and bleed-through; down-sampling; ink spread and loss).
"""

from __future__ import annotations

import random
from dataclasses import asdict, dataclass
from typing import Any

import cv2
import numpy as np

Image = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Recipe:
    """The strength of each defect; 0 switches it off."""

    severity: float
    skew: float = 0.0  # degrees
    warp: float = 0.0  # amplitude of a wave over the page, ems
    ink: float = 0.0  # strokes thicker (> 0) or thinner (< 0), ems
    bleed: float = 0.0  # strength of the text on the back, 0 to 1
    contrast: float = 1.0  # ink darkness
    paper: float = 255.0  # brightness of the paper
    light: float = 0.0  # unevenness of the light, 0 to 1
    scale: float = 1.0  # down-sampling: pixels kept along each side
    upscale: bool = False  # back to the first size afterwards
    blur: float = 0.0  # sigma, ems
    motion: float = 0.0  # length, ems
    fade: float = 0.0  # share of the ink lost in patches
    noise: float = 0.0  # sigma of the sensor noise, grey levels
    salt: float = 0.0  # share of pixels turned white or black
    specks: float = 0.0  # dirt, spots per thousand square ems
    threshold: str = ""  # "", otsu, fixed, adaptive
    jpeg: int = 0  # quality, 0 for none

    def as_text(self) -> str:
        """`name=value` of what is on, for the manifest."""
        off = asdict(Recipe(0))
        return " ".join(f"{k}={v:.4g}" if isinstance(v, float) else f"{k}={v}"
                        for k, v in asdict(self).items() if v != off[k])


def draw_recipe(rng: random.Random, severity: float, grain: float = 1.0, least_scale: float = 0.5) -> Recipe:
    """A random recipe of the given severity.

    `grain` scales noise, salt and specks (Tesseract bears little of them); `least_scale` bounds the down-sampling.
    """
    s = severity

    def on(chance: float, low: float, high: float) -> float:
        """A strength between `low` and `high`, or 0 by chance."""
        drawn = rng.uniform(low, high)
        return drawn if rng.random() < chance else 0.0

    threshold = rng.choices(["", "otsu", "fixed", "adaptive"], [6, 2, 1, 1])[0]
    uneven = 0.5 if threshold in ("otsu", "fixed") else 1.0  # one threshold for the page bears little unevenness
    contrast = 1 - on(0.5, 0.0, min(0.4, 0.1 + 0.2 * s))
    return Recipe(
        severity=round(s, 3),
        skew=rng.gauss(0, 0.15 + 0.25 * min(s, 1.2)),
        warp=on(0.25, 0.0, 0.1 * min(s, 1.5)),
        ink=rng.choice([-1, 1, 1]) * on(0.6, 0.0, 0.012 + 0.02 * min(s, 1.2)),
        bleed=on(0.25, 0.02, min(0.16, 0.05 + 0.1 * s) * uneven),
        contrast=contrast,
        paper=rng.uniform(255 - 40 * min(1.0, s), 255),
        light=on(0.5, 0.0, min(0.3, 0.1 + 0.15 * s) * uneven),
        scale=on(0.4, min(1.0, max(least_scale, 1 - 0.35 * s)), 1.0) or 1.0,
        upscale=rng.random() < 0.3,
        blur=on(0.9, 0.8, 1.2) * (0.016 + 0.03 * s),
        motion=on(0.1, 0.0, 0.03 + 0.03 * s),
        fade=on(0.25, 0.0, 0.12 * s),
        noise=on(0.75, 1.0, 4 + 14 * s) * grain * contrast,
        salt=on(0.25, 0.0, 0.0003 + 0.002 * s) * grain,
        specks=on(0.35, 0.0, 2 + 10 * s) * grain,
        threshold=threshold,
        jpeg=int(rng.uniform(max(20, 75 - 35 * s), 92)) if rng.random() < 0.75 else 0,
    )


def _field(rng: np.random.Generator, shape: tuple[int, int], cells: int) -> Image:
    """A smooth random field of mean 0 and standard deviation about 1."""
    small = rng.standard_normal((cells + 2, cells + 2)).astype(np.float32)
    return np.asarray(cv2.resize(small, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC))


def _ink(page: Image, width: float) -> Image:
    """Spread (width > 0) or thin (width < 0) dark strokes by `width` pixels, whole pixels and a blended rest."""
    kernel = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    change = cv2.erode if width > 0 else cv2.dilate
    left = abs(width)
    while left > 0.02:
        part = min(1.0, left)
        page = (1 - part) * page + part * change(page, kernel)
        left -= part
    return page


def _move(page: Image, recipe: Recipe, em: float, rng: np.random.Generator) -> Image:
    """Skew and wave."""
    height, width = page.shape
    if recipe.warp:
        xs, ys = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
        phase, turns = rng.uniform(0, 6.28), rng.uniform(0.5, 2.0)
        moved = ys + (recipe.warp * em * np.sin(xs / width * 6.28 * turns + phase)).astype(np.float32)
        page = cv2.remap(page, xs, moved, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=(255,))
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), recipe.skew, 1.0)
    matrix = np.array(turn, np.float64)
    matrix[:, 2] += rng.uniform(-0.5, 0.5, 2)
    return np.asarray(cv2.warpAffine(page, matrix, (width, height), flags=cv2.INTER_CUBIC,
                                     borderMode=cv2.BORDER_CONSTANT, borderValue=(255,)))


def _binary(page: Image, how: str, rng: np.random.Generator) -> Image:
    byte = np.clip(page, 0, 255).astype(np.uint8)
    if how == "otsu":
        return cv2.threshold(byte, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)[1].astype(np.float32)
    if how == "fixed":
        dark, light = np.percentile(byte, (2, 60))
        cut = dark + (light - dark) * rng.uniform(0.4, 0.75)
        return np.where(byte < cut, 0, 255).astype(np.float32)
    side = int(rng.integers(15, 40)) * 2 + 1
    return cv2.adaptiveThreshold(byte, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, side,
                                 float(rng.uniform(8, 20))).astype(np.float32)


def degrade(clean: Image, recipe: Recipe, em: float, seed: int) -> Image:
    """A scan of `clean` (grey, uint8) by `recipe`; `em` in pixels. The same arguments give the same image."""
    rng = np.random.default_rng(seed)
    page: Image = clean.astype(np.float32)
    if recipe.ink:
        page = _ink(page, recipe.ink * em)
    if recipe.fade:
        patch = np.clip(_field(rng, page.shape, max(6, page.shape[0] // int(4 * em))) - 0.6, 0, 1)
        page = page + (255 - page) * np.clip(patch * 4 * recipe.fade, 0, 0.85)
    if recipe.bleed:
        back = cv2.GaussianBlur(page[:, ::-1], (0, 0), 0.06 * em)
        back = np.roll(back, int(rng.uniform(-1, 1) * em), axis=0)
        page = np.minimum(page, 255 - recipe.bleed * (255 - back))
    page = _move(page, recipe, em, rng)
    page = recipe.paper - (255 - page) / 255 * recipe.paper * recipe.contrast
    if recipe.light:
        field = _field(rng, page.shape, 1)
        field = (field - field.min()) / max(1e-6, float(np.ptp(field)))
        page = page * (1 - recipe.light * field)
    full = (page.shape[1], page.shape[0])
    if recipe.scale < 1:
        page = cv2.resize(page, None, fx=recipe.scale, fy=recipe.scale, interpolation=cv2.INTER_AREA)
        em = em * recipe.scale
    if recipe.blur:
        page = cv2.GaussianBlur(page, (0, 0), max(0.2, recipe.blur * em))
    if recipe.motion * em > 1:
        kernel = np.zeros((9, 9), np.float32)
        angle = rng.uniform(0, np.pi)
        reach = min(4.0, recipe.motion * em / 2)
        for t in np.linspace(-reach, reach, 17):
            kernel[round(4 + t * float(np.sin(angle))), round(4 + t * float(np.cos(angle)))] += 1
        page = cv2.filter2D(page, -1, kernel / kernel.sum())
    if recipe.noise:
        grain = rng.standard_normal(page.shape, dtype=np.float32)
        page = page + recipe.noise * 1.6 * cv2.GaussianBlur(grain, (0, 0), 0.45)  # a sensor's noise is band-limited
    if recipe.salt:
        hits = rng.random(page.shape, dtype=np.float32)
        page = np.where(hits < recipe.salt / 2, 0, np.where(hits > 1 - recipe.salt / 2, 255, page))
    for _ in range(rng.poisson(recipe.specks * page.size / (1000 * em * em)) if recipe.specks else 0):
        y, x = int(rng.integers(page.shape[0])), int(rng.integers(page.shape[1]))
        radius = max(1, int(em * rng.exponential(0.035)))
        cv2.circle(page, (x, y), radius, (float(rng.choice([20, 60, 255], p=[0.5, 0.3, 0.2])),), -1)
    if recipe.threshold:
        page = _binary(page, recipe.threshold, rng)
    if recipe.scale < 1 and recipe.upscale:
        page = cv2.resize(page, full, interpolation=cv2.INTER_CUBIC)
    scan: Image = np.clip(page, 0, 255).astype(np.uint8)
    if recipe.jpeg:
        packed = cv2.imencode(".jpg", scan, [cv2.IMWRITE_JPEG_QUALITY, recipe.jpeg])[1]
        scan = np.asarray(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE))
    return scan
