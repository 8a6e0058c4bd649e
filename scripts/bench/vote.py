#!/usr/bin/env python3
"""Let two engines vote on the pages of ../shared/ocr/dev that both have read, and score the result.

    python scripts/bench/vote.py              # every page that both engines have read
    python scripts/bench/vote.py --limit 10   # ten pages a level

A page counts as far as both engines have read it: the ground truths and the OCR outputs are cut to what they share.
`parts` scores the whole of the longer reading, with what the other witness has of it as the other vote.
Error rates are those of ../shared/tools/score.py (white space ignored, widths folded); intervals are 95% by a bootstrap
over pages.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import Levenshtein

from textfix.vote import vote

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
LEVELS = ("l1", "l2", "l3")
WIDTH = str.maketrans(
    {"，": ",", "；": ";", "：": ":", "！": "!", "？": "?", "（": "(", "）": ")", "［": "[", "］": "]", "“": '"',
     "”": '"', "„": '"', "‘": "'", "’": "'", "％": "%", "＋": "+", "．": ".", "—": "-", "－": "-", "–": "-", "―": "-",
     "〔": "[", "〕": "]", "～": "~"}
)  # fmt: skip


def content(text: str) -> str:
    """`text` without white space and with widths folded."""
    return "".join(text.split()).translate(WIDTH)


@dataclass(frozen=True)
class Page:
    """What two engines read, as far as both did, and the truth; the whole of the longer reading, and its truth."""

    level: str
    name: str
    readings: tuple[str, str]
    truth: str
    parts: tuple[str, str]
    parts_truth: str


def pages(level: str) -> Iterator[Page]:
    folder = SHARED / "ocr" / "dev"
    for path in sorted((folder / f"tess-{level}").glob("*.ocr.txt")):
        other = folder / f"rapid4-{level}" / path.name
        if not other.exists():
            continue
        read = [p.read_text("utf-8") for p in (path, other)]
        truths = [p.with_name(p.name.replace(".ocr.", ".gt.")).read_text("utf-8") for p in (path, other)]
        plain = [content(truth) for truth in truths]
        short, long = sorted((0, 1), key=lambda k: len(plain[k]))
        title = content(truths[short].split("\n")[0])
        start = 0 if plain[long].startswith(plain[short][:-1]) else len(title)
        at = plain[long].find(plain[short][start:-1])
        if at < 0:
            continue
        size = len(plain[short]) - start
        cut = ["", ""]
        cut[short] = piece(read[short], plain[short], start, start + size)
        cut[long] = piece(read[long], plain[long], at, at + size)
        yield Page(level, path.name[:-8], (cut[0], cut[1]), plain[short][start:], (read[0], read[1]), plain[long])


def piece(ocr: str, truth: str, start: int, end: int) -> str:
    """The part of `ocr` that is a reading of ``truth[start:end]``; `truth` is content."""
    kept = [place for place, char in enumerate(ocr) if not char.isspace()]
    blocks = Levenshtein.matching_blocks(Levenshtein.editops(content(ocr), truth), len(kept), len(truth))
    inside = [(i + max(0, start - j), i + min(n, end - j)) for i, j, n in blocks if j + n > start and j < end]
    return ocr[kept[inside[0][0]] if start else 0 : kept[inside[-1][1] - 1] + 1 if end < len(truth) else len(ocr)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--limit", type=int)
    parser.add_argument("-v", "--verbose", action="store_true", help="show what was decided wrongly")
    args = parser.parse_args()
    print("level  pages   chars   tess rapid4   best   vote   parts: alone  vote")
    rows: list[tuple[int, ...]] = []
    spent = 0.0
    for level in LEVELS:
        mine = []
        for page in list(pages(level))[: args.limit]:
            began = time.process_time()
            result = vote(page.readings)
            spent += time.process_time() - began
            errors = [Levenshtein.distance(content(t), page.truth) for t in (*page.readings, result.text)]
            whole = vote(page.parts).text
            alone = min(Levenshtein.distance(content(t), page.parts_truth) for t in page.parts)
            voted = Levenshtein.distance(content(whole), page.parts_truth)
            mine.append((len(page.truth), *errors, len(page.parts_truth), alone, voted))
            if args.verbose:
                told = [(d.readings, d.choice, round(d.confidence, 2)) for d in result.disagreements]
                print(page.name, errors, told)
        print(line(level, mine))
        rows += mine
    print(line("all", rows))
    rng = random.Random(1)
    draws = [rng.choices(rows, k=len(rows)) for _ in range(1000)]
    gains = sorted(1 - sum(r[3] for r in d) / max(1, sum(min(r[1], r[2]) for r in d)) for d in draws)
    gain = 1 - sum(r[3] for r in rows) / sum(min(r[1], r[2]) for r in rows)
    print(f"errors less than the better witness of each page: {gain:.1%} ({gains[25]:.1%} to {gains[974]:.1%})")
    print(f"pages better, equal, worse than their better witness: {tally(rows)}")
    print(f"{1000 * spent / len(rows):.0f} ms a page (CPU)")
    return int(gain <= 0)


def tally(rows: list[tuple[int, ...]]) -> str:
    signs = [(row[3] > min(row[1:3])) - (row[3] < min(row[1:3])) for row in rows]
    return ", ".join(str(signs.count(sign)) for sign in (-1, 0, 1))


def line(name: str, rows: list[tuple[int, ...]]) -> str:
    chars, tess, rapid, voted, size, alone, parts = (sum(column) for column in zip(*rows, strict=True))
    best = sum(min(row[1], row[2]) for row in rows)
    rates = " ".join(f"{100 * n / chars:5.2f}%" for n in (tess, rapid, best, voted))
    return f"{name:6} {len(rows):5} {chars:7} {rates}          {100 * alone / size:5.2f}% {100 * parts / size:5.2f}%"


if __name__ == "__main__":
    sys.exit(main())
