#!/usr/bin/env python3
"""Build `confusables/shapes.bin`: a vector for each glyph, whose cosine says how alike two glyphs look in a scan.

    python scripts/build_shapes.py            # write the file
    python scripts/build_shapes.py --check    # exit 1 where the committed file is another

Every glyph is rendered in the type faces of `glyph_render.py`, clean and degraded as by a scanner (small rotation,
scale and shift, loss of resolution, noise, threshold), and measured by `glyph_render.features`. The mean over all
renderings is the glyph; how the renderings of one glyph scatter says which measurements are worth little, and these
are scaled down (linear discriminant analysis, the within-class scatter regularised by a share of its mean). The
leading components are kept as int8. The layout of the file is described in textfix/tables/shapes.py.
"""

from __future__ import annotations

import struct
import sys
from pathlib import Path

import glyph_render as gr
import glyph_sources as gs
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

DIMENSIONS = 64
NEIGHBOURS = 48
DEGRADED = 2
#: Regularisation: share of the mean within-class variance that is added to each direction.
RIDGE = 0.3
CHUNK = 800
SEED = 20240229


def targets() -> list[str]:
    """The Han characters that a neighbour can be: GB 2312 and whatever else the corpus uses."""
    used = {char for char, count in gs.corpus_counts().items() if count >= 20 and "㐀" <= char <= "鿿"}
    return sorted(gs.gb2312() | used)


def glyphs() -> list[str]:
    """Everything that has a vector: the targets, variants, loose parts, Latin letters, digits, kana and marks."""
    table = (gs.CONFUSABLES / "variants.tsv").read_text("utf-8").splitlines()
    variants = {line[0] for line in table[3:] if not 0xF900 <= ord(line[0]) < 0xFB00 and ord(line[0]) < 0x10000}
    table = (gs.CONFUSABLES / "components.tsv").read_text("utf-8").splitlines()
    parts = {char for line in table[3:] for char in (line[0], *line.split("\t")[2]) if ord(char) < 0x10000}
    signs = {chr(code) for code in (*range(0x21, 0x7F), *range(0x3001, 0x3020), *range(0x3041, 0x30FF))}
    signs |= set("，。、；：？！（）［］｛｝“”‘’—…·～％＋－＝／．￥○●□■△▲◇◆☆★×÷±≤≥℃ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ①②③④⑤⑥⑦⑧⑨⑩")
    return sorted({*targets(), *variants, *parts, *signs})


def degrade(pictures: gr.Pictures, rng: np.random.Generator) -> gr.Pictures:
    """One scan of a batch: all its pictures get the same settings, each its own noise."""
    pixels = pictures.shape[1]
    angle = np.deg2rad(rng.normal(0, 1.2))
    scale = 1 + rng.normal(0, 0.04, 2)
    matrix = np.eye(3)
    matrix[1:, 1:] = [[np.cos(angle) / scale[0], -np.sin(angle)],
                      [np.sin(angle) + rng.normal(0, 0.03), np.cos(angle) / scale[1]]]  # fmt: skip
    middle = np.full(2, (pixels - 1) / 2)
    offset = middle - matrix[1:, 1:] @ (middle + rng.normal(0, pixels / 48, 2))
    moved = ndimage.affine_transform(pictures, matrix, offset=[0, *offset], order=1)
    low = int(rng.choice([16, 20, 24, 32]))
    blur = 0.35 * pixels / low + rng.uniform(0, pixels / 48)
    moved = ndimage.gaussian_filter(moved, (0, blur, blur))
    small = ndimage.zoom(moved, (1, low / pixels, low / pixels), order=1, grid_mode=True, mode="grid-constant")
    small = small + rng.normal(0, rng.uniform(0.02, 0.12), small.shape)
    if rng.random() < 0.67:
        small = 1 / (1 + np.exp(-rng.uniform(6, 20) * (small - rng.uniform(0.3, 0.55))))
    large = ndimage.zoom(small, (1, pixels / low, pixels / low), order=1, grid_mode=True, mode="nearest")
    return large.astype(np.float32)


def measure(chars: list[str]) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Mean features of each glyph (n, f), the pooled within-class scatter (f, f), and which glyph any face has."""
    rng = np.random.default_rng(SEED)
    n = len(chars)
    total = None
    count = np.zeros(n)
    outer = None
    for face in gr.FACES:
        pictures, has = gr.render(face, chars)
        for version in range(1 + DEGRADED):
            found = np.concatenate([
                gr.features(degrade(pictures[i : i + CHUNK], rng) if version else pictures[i : i + CHUNK])
                for i in range(0, n, CHUNK)
            ]).astype(np.float64)  # fmt: skip
            found *= has[:, None]
            if total is None:
                total, outer = np.zeros_like(found), np.zeros((found.shape[1],) * 2)
            total += found
            outer += found.T @ found
            count += has
        print(face.name, int(has.sum()), file=sys.stderr)
    assert total is not None
    assert outer is not None
    mean = total / np.maximum(count, 1)[:, None]
    within = (outer - (mean * count[:, None]).T @ mean) / count.sum()
    return mean, within, count > 0


def embed(mean: NDArray[np.float64], within: NDArray[np.float64]) -> NDArray[np.float64]:
    """Whitened by the scatter of renderings, reduced to `DIMENSIONS`, of unit length; shape (n, DIMENSIONS)."""
    values, axes = np.linalg.eigh(within)
    centred = mean - mean.mean(0)
    white = centred @ (axes / np.sqrt(np.maximum(values, 0) + RIDGE * values.mean()))
    spread, directions = np.linalg.eigh(white.T @ white)
    top = np.argsort(-spread, kind="stable")[:DIMENSIONS]
    reduced = white @ directions[:, top]
    reduced *= np.sign(reduced[np.abs(reduced).argmax(0), np.arange(DIMENSIONS)])  # eigenvectors have no sign
    return reduced / (np.linalg.norm(reduced, axis=1, keepdims=True) + 1e-12)


def pack(chars: list[str], unit: NDArray[np.float64]) -> bytes:
    """The bytes of the file."""
    scale = 127 / np.abs(unit).max()
    vectors = np.rint(unit * scale).astype(np.int8)
    # Every vector has nearly the length `scale`; the likeness is the dot product over its square.
    exact = vectors.astype(np.float32)
    chosen = np.array([i for i, char in enumerate(chars) if char in set(targets())])
    neighbours = np.empty((len(chars), NEIGHBOURS), dtype="<u2")
    scores = np.empty((len(chars), NEIGHBOURS), dtype=np.uint8)
    for row in range(len(chars)):
        likeness = exact[chosen] @ exact[row] / np.float32(scale**2)
        likeness[chosen == row] = -2
        best = np.argsort(-likeness, kind="stable")[:NEIGHBOURS]
        neighbours[row] = chosen[best]
        scores[row] = np.rint(np.clip(likeness[best], 0, 1) * 255)
    codes = np.array([ord(char) for char in chars], dtype="<u4")
    head = b"TFSHAPE1" + struct.pack("<IIIf", len(chars), DIMENSIONS, NEIGHBOURS, 1 / scale**2)
    return head + codes.tobytes() + vectors.tobytes() + neighbours.tobytes() + scores.tobytes()


def main() -> int:
    chars = glyphs()
    mean, within, present = measure(chars)
    kept = [char for char, has in zip(chars, present, strict=True) if has]
    return gs.write_or_check(Path("shapes.bin"), pack(kept, embed(mean[present], within)), sys.argv)


if __name__ == "__main__":
    sys.exit(main())
