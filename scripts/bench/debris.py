#!/usr/bin/env python3
"""Bench the repair of debris: fallen glyphs, lost parts, displaced and rare ones, put into good documents.

    python scripts/bench/debris.py                      # ../shared/clean and the truths of ../shared/ocr/dev
    python scripts/bench/debris.py --limit 8 -v         # a quick look, with what went wrong
    python scripts/bench/debris.py --kinds split,lost   # only some kinds

The debris is made by scripts/debris_maker.py, which knows nothing of textfix's tables. *cut* and *precision* are those
of ../shared/tools/score.py (its folding, its verdict on each edit); the cut of a kind is counted in a window around
each piece of debris. Needs rapidfuzz and Pillow.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path

from rapidfuzz.distance import Levenshtein

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" if (ROOT.parent / "shared").is_dir() else ROOT.parents[1] / "shared"
sys.path[:0] = [str(ROOT / "scripts"), str(SHARED / "tools")]

import debris_maker  # noqa: E402
import glyph_sources  # noqa: E402
import score  # noqa: E402

import textfix  # noqa: E402

#: Characters of a document that are used, from a drawn place on.
LENGTH = 5000


def documents(limit: int | None) -> list[tuple[str, str]]:
    """Names and truths, in order of a fixed shuffle."""
    paths = [*(SHARED / "clean").glob("*.txt"), *(SHARED / "ocr" / "dev").glob("*/*.gt.txt")]
    paths.sort(key=lambda path: hashlib.sha256(path.name.encode()).digest())
    seen: dict[str, str] = {}
    for path in paths:
        text = path.read_text("utf-8")
        rng = random.Random(path.name)
        start = text.rfind("\n", 0, rng.randrange(max(1, len(text) - LENGTH))) + 1
        seen.setdefault(path.name, text[start : start + LENGTH])
    return list(seen.items())[:limit]


def local(event: debris_maker.Event, garbled: str, truth: str, edits: textfix.Edits) -> tuple[int, int]:
    """The distance to the truth in a window around `event`, before and after the repair."""
    low, high = event.start - 2, event.end + 2
    touching = [e for e in edits if e.end >= event.start and e.start <= event.end]
    low = max(0, min([low, *(e.start for e in touching)]))
    high = min(len(garbled), max([high, *(e.end for e in touching)]))
    repaired = textfix.Edits(e.shifted(-low) for e in touching).apply(garbled[low:high])
    want = truth[max(0, event.first - (event.start - low)) : event.last + high - event.end]
    before = Levenshtein.distance(score.content(garbled[low:high]), score.content(want))
    return before, Levenshtein.distance(score.content(repaired), score.content(want))


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--limit", type=int, help="how many documents")
    parser.add_argument("--kinds", default="", help="only these kinds of debris, separated by commas")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("-v", "--verbose", action="store_true")
    options = parser.parse_args()
    kinds = [kind for kind in options.kinds.split(",") if kind]
    counts = glyph_sources.corpus_counts()
    textfix.repair("热身。")
    before = after = chars = 0
    spent = 0.0
    cut: dict[str, Counter[str]] = defaultdict(Counter)
    verdicts: dict[str, Counter[int]] = defaultdict(Counter)
    shown: list[str] = []
    for number, (name, truth) in enumerate(documents(options.limit)):
        rng = random.Random(f"{options.seed} {name}")
        rate = 0.005 * 4 ** rng.random()
        garbled, events = debris_maker.litter(truth, rate, options.seed * 1000 + number, counts, kinds)
        began = time.perf_counter()
        result = textfix.repair(garbled)
        spent += time.perf_counter() - began
        target = score.content(truth)
        chars += len(truth)
        before += Levenshtein.distance(score.content(garbled), target)
        after += Levenshtein.distance(score.content(result.text), target)
        for verdict, edit, text in score.judge(garbled, truth, result.edits):
            verdicts[edit.kind][verdict] += 1
            if verdict < 1:
                shown.append(f"bad    {edit.kind:7} {edit.confidence:.3f} {text!r} {dict(edit.evidence)}")
        for event in events:
            was, left = local(event, garbled, truth, result.edits)
            cut[event.kind].update(events=1, before=was, after=left, whole=left == 0)
            if left:
                a, b = event.start, event.end
                shown.append(f"missed {event.kind:13} {garbled[max(0, a - 6):a]}[{garbled[a:b]}→"
                             f"{truth[event.first:event.last]}]{garbled[b:b + 6]}".replace("\n", "⏎"))
    if options.verbose:
        print(*shown, sep="\n")
    print(f"{'debris':14} {'pieces':>6} {'whole':>6} {'cut':>6}")
    for kind, row in cut.items():
        share = (row["before"] - row["after"]) / max(1, row["before"])
        print(f"{kind:14} {row['events']:6} {row['whole'] / row['events']:6.1%} {share:6.1%}")
    print(f"\n{'edits':14} {'made':>6} {'right':>6} {'idle':>5} {'harm':>5} {'precision':>9}")
    total: Counter[int] = Counter()
    for kind, row in sorted(verdicts.items()):
        total.update(row)
        print(f"{kind:14} {row.total():6} {row[1]:6} {row[0]:5} {row[-1]:5} {row[1] / row.total():9.3f}")
    share = total[1] / max(1, total.total())
    print(f"{'all':14} {total.total():6} {total[1]:6} {total[0]:5} {total[-1]:5} {share:9.3f}")
    print(f"\n{chars:,} characters, errors {before} → {after}: cut {(before - after) / max(1, before):.1%}, "
          f"precision {share:.4f}, {chars / spent / 1e3:.1f} kchar/s")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
