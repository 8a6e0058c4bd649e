#!/usr/bin/env python3
"""Build `confusables/shapes.bin` and `confusables/shapes-parts.bin`: vectors whose cosine says how alike glyphs look.

    python scripts/build_shapes.py            # write the files (a quarter of an hour of one core)
    python scripts/build_shapes.py --check    # exit 1 where the committed files are others

shapes.bin, whole glyphs, is made of two kinds of evidence:

shape        Every glyph is rendered in the type faces of `glyph_render.py` and measured (`glyph_render.features`); the
             mean over the faces is the glyph. How the faces scatter, and a sample of glyphs degraded as by a scanner
             (small rotation, scale and shift, loss of resolution, noise, threshold), says which measurements are worth
             little, and these are scaled down: linear discriminant analysis, its within-class scatter regularised.
recognisers  The class vectors of four recognisers (`recognisers.py`), unit length; where a recogniser has no such
             character, what its vectors are predicted to be from the shape by ridge regression.

The two are put side by side, and the leading principal components are kept.

shapes-parts.bin has loose parts (`components.tsv`) and what may be printed for them. The ink is fitted to its box
(`glyph_render.fit_box`), because a part that has come loose is read at its own width; only shapes are used.

The layout of the files is described in textfix/tables/shapes.py. Floating-point libraries differ in the last digit,
so `--check` allows a difference of one unit in a vector.
"""

from __future__ import annotations

import string
import struct
import sys
from pathlib import Path

import glyph_render as gr
import glyph_sources as gs
import numpy as np
import recognisers
from numpy.typing import NDArray
from scipy import ndimage

Matrix = NDArray[np.float64]

DIMENSIONS = 64
PART_DIMENSIONS = 48
NEIGHBOURS = 48
#: Degraded versions of a sample, one glyph in `SAMPLE`, per face.
DEGRADED, SAMPLE = 3, 5
#: Share of the mean within-class variance that is added to each direction.
RIDGE = 0.3
#: Components of the shape; weight of all recognisers together against it (1); their ridge.
SHAPE_DIMENSIONS, TRUST, PREDICTION_RIDGE = 160, 2.0, 3.0
CHUNK = 800
SEED = 20240229
PART_FACES = ("sans", "serif", "song", "kai")
#: Parts beyond the Basic Multilingual Plane are in these only (Debian: fonts-babelstone-han, fonts-hanazono).
RARE_FACES = (gr.Face("babelstone", "truetype/babelstone/BabelStoneHan.ttf"),
              gr.Face("hanamin", "truetype/hanazono/HanaMinB.ttf"))  # fmt: skip
SIGNS = "，。、；：？！（）［］｛｝“”‘’—…·～％＋－＝／．￥○●□■△▲◇◆☆★×÷±≤≥℃ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ①②③④⑤⑥⑦⑧⑨⑩"


def targets() -> list[str]:
    """The Han characters that a neighbour can be: GB 2312 and whatever else the corpus uses."""
    used = {char for char, count in gs.corpus_counts().items() if count >= 20 and "㐀" <= char <= "鿿"}
    return sorted(gs.gb2312() | used)


def signs() -> set[str]:
    """Letters, digits, kana and marks."""
    kana = {chr(code) for code in (*range(0x3041, 0x3097), *range(0x30A1, 0x30FB))}
    marks = {chr(code) for code in (*range(0x21, 0x7F), *range(0x3001, 0x3020))}
    return {*kana, *marks, *SIGNS}


def column(name: str, place: int) -> set[str]:
    """The code points in a column of a table of confusables/."""
    lines = (gs.CONFUSABLES / name).read_text("utf-8").splitlines()
    body = [line.split("\t") for line in lines if not line.startswith("#")][1:]
    return {char for fields in body for char in fields[place]}


def glyphs() -> list[str]:
    """Everything that has a vector as a whole: the targets, variants, parts, letters, digits, kana and marks."""
    variants = {char for char in column("variants.tsv", 0) if not 0xF900 <= ord(char) < 0xFB00}
    parts = column("components.tsv", 2) | column("components.tsv", 0)
    return sorted(char for char in {*targets(), *variants, *parts, *signs()} if ord(char) < 0x10000)


def loose() -> list[str]:
    """Parts, also those beyond the Basic Multilingual Plane, and what may be printed for one."""
    parts = column("components.tsv", 2) - {"？"}
    plain = set(string.ascii_letters + string.digits) | signs() | gs.gb2312()
    return sorted(parts | plain)


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


class Scatter:
    """Means of classes and their pooled within-class scatter, added up face by face."""

    def __init__(self, classes: int, size: int) -> None:
        self.sums, self.counts = np.zeros((classes, size)), np.zeros(classes)
        self.outer = np.zeros((size, size))

    def add(self, found: NDArray[np.float32], has: NDArray[np.bool_]) -> None:
        self.sums[has] += found[has]
        self.counts[has] += 1
        self.outer += found[has].T.astype(np.float64) @ found[has]

    def mean(self) -> Matrix:
        return self.sums / np.maximum(self.counts, 1)[:, None]

    def within(self) -> Matrix:
        mean = self.mean()
        return (self.outer - (mean * self.counts[:, None]).T @ mean) / self.counts.sum()


def measure(pictures: gr.Pictures) -> NDArray[np.float32]:
    return np.concatenate([gr.features(pictures[i : i + CHUNK]) for i in range(0, len(pictures), CHUNK)])


def shape_vectors(chars: list[str]) -> tuple[Matrix, NDArray[np.bool_]]:
    """Unit vectors from renderings alone (n, SHAPE_DIMENSIONS), and which glyphs any face has."""
    rng = np.random.default_rng(SEED)
    sample = np.arange(0, len(chars), SAMPLE)
    clean = scatter = None
    for face in gr.FACES:
        pictures, has = gr.render(face, chars)
        found = measure(pictures)
        if clean is None or scatter is None:
            clean, scatter = Scatter(len(chars), found.shape[1]), Scatter(len(sample), found.shape[1])
        clean.add(found, has)
        scatter.add(found[sample], has[sample])
        for _ in range(DEGRADED):
            scatter.add(measure(degrade(pictures[sample], rng)), has[sample])
        print(face.name, int(has.sum()), file=sys.stderr, flush=True)
    assert clean is not None
    assert scatter is not None
    values, axes = np.linalg.eigh(scatter.within())
    present = clean.counts > 0
    centred = clean.mean() - clean.mean()[present].mean(0)
    white = centred @ (axes / np.sqrt(np.maximum(values, 0) + RIDGE * values.mean()))
    return unit(principal(white, SHAPE_DIMENSIONS, present)), present


def recogniser_vectors(chars: list[str], shapes: Matrix) -> Matrix:
    """The class vectors of all recognisers side by side, each of unit length, those lacking predicted from shape."""
    blocks = []
    row = {char: i for i, char in enumerate(chars)}
    # The mean that is taken out is that of the characters in use, not of a recogniser's thousands of rare ones.
    common = set(targets())
    for recogniser in recognisers.RECOGNISERS:
        vectors = {char: vector for char, vector in recognisers.class_vectors(recogniser).items() if char in row}
        mean = np.mean([vector for char, vector in sorted(vectors.items()) if char in common], axis=0)
        known = np.array([row[char] for char in sorted(vectors)])
        block = unit(np.array([vectors[char] - mean for char in sorted(vectors)], dtype=np.float64))
        given = shapes[known]
        weights = np.linalg.solve(given.T @ given + PREDICTION_RIDGE * np.eye(given.shape[1]), given.T @ block)
        full = unit(shapes @ weights)
        full[known] = block
        blocks.append(full)
        print(recogniser.name, len(known), "of", len(chars), file=sys.stderr, flush=True)
    return np.concatenate(blocks, axis=1)


def principal(data: Matrix, size: int, of: NDArray[np.bool_]) -> Matrix:
    """`data` in its `size` leading principal directions, taken from the rows `of`; signs fixed."""
    spread, directions = np.linalg.eigh(data[of].T @ data[of])
    reduced = data @ directions[:, np.argsort(-spread, kind="stable")[:size]]
    signs_ = np.sign(reduced[np.abs(reduced).argmax(0), np.arange(reduced.shape[1])])  # eigenvectors have none
    return reduced * signs_


def unit(data: Matrix) -> Matrix:
    return data / (np.linalg.norm(data, axis=1, keepdims=True) + 1e-12)


def whole_glyphs() -> bytes:
    chars = glyphs()
    shapes, present = shape_vectors(chars)
    both = np.concatenate([shapes, np.sqrt(TRUST / 4) * recogniser_vectors(chars, shapes)], axis=1)
    common = np.isin(chars, targets()) & present
    vectors = unit(principal(both - both[common].mean(0), DIMENSIONS, common))
    kept = np.flatnonzero(present)
    return pack([chars[i] for i in kept], vectors[kept], targets())


def loose_parts() -> bytes:
    chars = loose()
    total, count = None, np.zeros(len(chars))
    for face in (*(face for face in gr.FACES if face.name in PART_FACES), *RARE_FACES):
        pictures, has = gr.render(face, chars)
        if face in RARE_FACES:
            has &= count == 0
        found = measure(gr.fit_box(pictures)) * has[:, None]
        total = found if total is None else total + found
        count += has
    assert total is not None
    present = np.flatnonzero(count)
    mean = (total[present] / count[present, None]).astype(np.float64)
    mean -= mean.mean(0)
    vectors = unit(principal(mean, PART_DIMENSIONS, np.ones(len(mean), dtype=bool)))
    return pack([chars[i] for i in present], vectors, [])


def pack(chars: list[str], vectors: Matrix, among: list[str]) -> bytes:
    """The bytes of a file: unit `vectors` of `chars` (ascending), neighbours between the characters `among`."""
    scale = 127 / np.abs(vectors).max()
    whole = np.rint(vectors * scale).astype(np.int8)
    codes = np.array([ord(char) for char in chars], dtype="<u4")
    chosen = np.flatnonzero(np.isin(chars, among))
    k = NEIGHBOURS if among else 0
    neighbours = np.empty((len(chosen), k), dtype="<u2")
    scores = np.empty((len(chosen), k), dtype=np.uint8)
    exact = whole[chosen].astype(np.float32)
    for place in range(len(chosen) if k else 0):
        # Sums of products of small integers are exact in float32, so ties break the same way everywhere.
        likeness = exact @ exact[place] / np.float32(scale**2)
        likeness[place] = -2
        best = np.argsort(-likeness, kind="stable")[:k]
        neighbours[place] = chosen[best]
        scores[place] = np.rint(np.clip(likeness[best], 0, 1) * 255)
    head = b"TFSHAPE2" + struct.pack("<IIIIf", len(chars), whole.shape[1], len(chosen) if k else 0, k, 1 / scale**2)
    rows = chosen.astype("<u2") if k else np.empty(0, dtype="<u2")
    return b"".join([head, codes.tobytes(), whole.tobytes(), rows.tobytes(), neighbours.tobytes(), scores.tobytes()])


def same(path: Path, built: bytes) -> bool:
    """Whether the committed file has the same glyphs, and vectors that differ by one unit at most."""
    if not path.is_file():
        return False
    old = path.read_bytes()
    if len(old) != len(built) or old[:24] != built[:24]:
        return False
    n, d = struct.unpack_from("<II", old, 8)
    end = 28 + 4 * n
    left, right = (np.frombuffer(data[end : end + n * d], dtype=np.int8).astype(int) for data in (old, built))
    return old[28:end] == built[28:end] and int(np.abs(left - right).max()) <= 1


def main() -> int:
    status = 0
    for name, build in (("shapes.bin", whole_glyphs), ("shapes-parts.bin", loose_parts)):
        if "--parts" in sys.argv and build is whole_glyphs:
            continue
        data = build()
        if "--check" in sys.argv:
            fine = same(gs.CONFUSABLES / name, data)
            print(f"{name}: {'up to date' if fine else 'differs from what the script builds'}")
            status |= not fine
        else:
            status |= gs.write_or_check(Path(name), data, sys.argv)
    return status


if __name__ == "__main__":
    sys.exit(main())
