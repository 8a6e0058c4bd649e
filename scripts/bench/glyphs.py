#!/usr/bin/env python3
"""How good the knowledge about glyphs is, on real OCR output and on characters taken apart.

    python scripts/bench/glyphs.py

1. Substitutions of one Han character for another in ../shared/ocr/dev (single replacements of rapidfuzz's alignment,
   white space and width left out): how often the truth is among the first 1, 5, 20, 50, 200 neighbours of what was
   observed, for each engine, by likeness of shape, and by that and spelling; and the area under the ROC curve of such
   pairs against observed and intended characters of different pairs; and how many of them share letters.
2. Characters of GB 2312 with two parts taken apart, weighted by how often ../shared/lm-corpus has them: the rank of the
   character in `Components.join` when both parts are exact, when one is replaced by what its shape resembles as a
   whole glyph (vectors that `join` does not use), and when one is lost.
3. Load times.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from rapidfuzz.distance import Levenshtein

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import build_shapes
import glyph_sources as gs

from textfix.channel import Channel
from textfix.tables import components as components_module
from textfix.tables import shapes as shapes_module
from textfix.tables import variants as variants_module
from textfix.tables.components import Components
from textfix.tables.resources import resource
from textfix.tables.shapes import Shapes
from textfix.tables.spellings import Spellings
from textfix.text.codepoints import encode

CUTS = (1, 5, 20, 50, 200)
SPACE = re.compile(r"\s+")
WIDTH = str.maketrans("，；：！？（）", ",;:!?()")


def substitutions(engine: str) -> list[tuple[str, str]]:
    """(observed, intended) for every single replacement of one Han character by another."""
    found = []
    for path in sorted((gs.SHARED / "ocr" / "dev").glob(f"{engine}*/*.ocr.txt")):
        truth = path.with_name(path.name.replace(".ocr.", ".gt."))
        a, b = (SPACE.sub("", p.read_text("utf-8")).translate(WIDTH) for p in (path, truth))
        for op in Levenshtein.opcodes(a, b):
            if op.tag == "replace" and op.src_end - op.src_start == op.dest_end - op.dest_start == 1:
                pair = a[op.src_start], b[op.dest_start]
                if all("一" <= char <= "鿿" for char in pair):
                    found.append(pair)
    return found


Resemblance = Callable[[np.ndarray, np.ndarray], np.ndarray]


def ranked(name: str, pairs: list[tuple[str, str]], resemblance: Resemblance) -> None:
    """Ranks of what was intended among all Han characters, and the area under the curve."""
    among = encode("".join(build_shapes.targets()))
    observed, intended = (encode("".join(side)) for side in zip(*pairs, strict=True))
    table = resemblance(observed[:, None], among[None, :])
    table[observed[:, None] == among[None, :]] = -np.inf
    own = resemblance(observed, intended)
    # A little slack: the two products round differently.
    ranks = (table > own[:, None] + 1e-6).sum(axis=1)
    ranks[~np.isin(intended, among)] = among.size
    rng = np.random.default_rng(0)
    other = resemblance(rng.choice(observed, 20000), rng.choice(intended, 20000))
    other.sort()
    area = (np.searchsorted(other, own, "left") + np.searchsorted(other, own, "right")).mean() / 2 / other.size
    cuts = "  ".join(f"@{k} {100 * (ranks < k).mean():.1f}" for k in CUTS)
    print(f"{name:34} {len(pairs)} pairs   {cuts}   AUC {area:.3f}")


def spelled_alike(engine: str, pairs: list[tuple[str, str]], spellings: Spellings) -> None:
    """How many of the pairs share the first letter of their spelling, and two letters or more; and pairs at random."""
    observed, intended = (encode("".join(side)) for side in zip(*pairs, strict=True))
    rng = np.random.default_rng(0)
    at_random = rng.choice(observed, 20000), rng.choice(intended, 20000)
    for name, (one, two) in ((engine, (observed, intended)), (f"{engine}, at random", at_random)):
        first, second = spellings.letters[one][:, 0], spellings.letters[two][:, 0]
        known = (first > 0) & (second > 0) & (one != two)
        two_or_more = spellings.agreement(one, two)[known] > 1
        print(f"{name:34} {known.sum()} spelled: first letter {100 * (first == second)[known].mean():.1f}%, "
              f"two or more {100 * two_or_more.mean():.1f}%")


def neighbours(shapes: Shapes) -> None:
    channel = Channel.load()

    def likeness(observed: np.ndarray, intended: np.ndarray) -> np.ndarray:
        if observed.ndim == 2:
            return shapes.matrix(observed[:, 0], intended[0])
        return shapes.similarity(observed, intended)

    def both(observed: np.ndarray, intended: np.ndarray) -> np.ndarray:
        alike = likeness(observed, intended)
        return 8 * alike * alike + channel.spellings.log_ratio(observed, intended)

    for engine in ("tess", "rapid"):
        pairs = substitutions(engine)
        seen = channel.count(*(encode("".join(side)) for side in zip(*pairs, strict=True))) > 0
        unseen = [pair for pair, known in zip(pairs, seen, strict=True) if not known]
        for name, some in ((engine, pairs), (f"{engine}, never learned", unseen)):
            ranked(f"{name}: likeness", some, likeness)
            ranked(f"{name}: and spelling", some, both)
        spelled_alike(engine, pairs, channel.spellings)
    for pair in ("歼矸", "猛锰", "硏研", "岀出", "城渝", "人入"):
        print(f"  {pair} {shapes.similarity(encode(pair[0]), encode(pair[1]))[0]:.2f}", end="")
    print()


def joins(shapes: Shapes, components: Components) -> None:
    counts = gs.corpus_counts()
    chars = [char for char in build_shapes.targets() if char in gs.gb2312() and counts.get(char, 0)]
    weights = np.array([counts[char] for char in chars], dtype=float)
    rng = np.random.default_rng(0)
    drawn = [chars[i] for i in rng.choice(len(chars), 4000, p=weights / weights.sum())]
    results: dict[str, list[int]] = {"exact": [], "look-alike": [], "lost": []}
    started, calls = time.perf_counter(), 0
    for char in drawn:
        splits = [split for split in components.parts(char)[:1] if len(split) == 2 and "？" not in split]
        for split in splits:
            place = int(rng.integers(2))
            alike = [c for c, _ in shapes.nearest(split[place], 4)]
            cases = [("exact", split), ("lost", split[:place] + "?" + split[place + 1 :])]
            if alike:
                cases.append(("look-alike", split[:place] + str(rng.choice(alike)) + split[place + 1 :]))
            for kind, pieces in cases:
                found = [c for c, _ in components.join(pieces, limit=400)]
                results[kind].append(found.index(char) if char in found else 10**6)
                calls += 1
    spent = (time.perf_counter() - started) / calls
    for kind, ranks in results.items():
        cuts = "  ".join(f"@{k} {100 * (np.array(ranks) < k).mean():.1f}" for k in CUTS)
        print(f"join, {kind:10} {len(ranks)} cases   {cuts}")
    print(f"join: {1e6 * spent:.0f} µs a call")


def loading() -> None:
    for name, read in (
        ("variants.tsv", variants_module._read),
        ("components.tsv", components_module._read),
        ("shapes.bin", shapes_module._read),
        ("shapes-parts.bin", shapes_module._read),
    ):
        spent = []
        for _ in range(7):
            started = time.perf_counter()
            read(resource(name))
            spent.append(time.perf_counter() - started)
        print(f"load {name:16} {1e3 * spent[0]:.1f} ms first, {1e3 * min(spent):.1f} ms best")


def main() -> None:
    loading()
    shapes, components = Shapes.load(), Components.load()
    neighbours(shapes)
    joins(shapes, components)


if __name__ == "__main__":
    main()
