#!/usr/bin/env python3
"""Measure `textfix.align` against its bars and against its peers, in one run on one machine.

    python scripts/bench/align.py                     # growth, accuracy, the seed pair; peers up to 10 times the seed
    python scripts/bench/align.py --peers 100         # peers on everything (minutes)
    python scripts/bench/align.py --skip-peers

Growth: two shapes at 1, 10 and 100 times the size of the seed pair (2,862 against 9,558 characters), made from the
ground truth of ../shared/ocr/dev and the documents of ../shared/clean: a full copy, and an excerpt of three tenths in
passages of 30 to 200 characters; 2% of the characters of either changed by confusions of real OCR output. Accuracy:
the dev pairs against full exact alignment (python-Levenshtein). Times are CPU seconds, the best of three.
"""

from __future__ import annotations

import argparse
import difflib
import math
import random
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import Levenshtein

from textfix.alignment import align
from textfix.alignment.folding import skeleton
from textfix.alignment.segments import differing_blocks
from textfix.learner import Pair, learn
from textfix.text.codepoints import decode, encode

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
EXTRACT, NOTICE = 2_862, 9_558
RATE = 0.02


def dev_pairs() -> Iterator[tuple[str, str, str]]:
    for path in sorted((SHARED / "ocr" / "dev").glob("*/*.ocr.txt")):
        truth = path.with_name(path.name.replace(".ocr.", ".gt."))
        yield f"{path.parent.name}/{path.name}", path.read_text("utf-8"), truth.read_text("utf-8")


def confusions(limit: int = 60) -> dict[str, list[str]]:
    """What each character was read as in real OCR output, as often as it was."""
    pairs = [Pair(ocr, truth, name) for name, ocr, truth in dev_pairs()][:: max(1, 320 // limit)]
    found: dict[str, list[str]] = {}
    for row in learn(pairs):
        if len(row.intended) == 1:
            found.setdefault(row.intended, []).extend([row.observed] * row.count)
    return found


def garbled(text: str, readings: dict[str, list[str]], rng: random.Random) -> str:
    """`text` with `RATE` of its characters misread."""
    known = sum(c in readings for c in text) / len(text)
    rate = RATE / known
    return "".join(rng.choice(readings[c]) if c in readings and rng.random() < rate else c for c in text)


def excerpt(text: str, share: float, rng: random.Random) -> str:
    out: list[str] = []
    at = 0
    while at < len(text):
        size = rng.randint(30, 200)
        out.append(text[at : at + size])
        at += size + int(rng.expovariate(share / (size * (1 - share))))
    return "".join(out)


def shapes(times: int, readings: dict[str, list[str]]) -> Iterator[tuple[str, str, str]]:
    """Name, first text, second text."""
    rng = random.Random(times)
    base = "".join(truth for _, _, truth in dev_pairs())
    base += "".join(p.read_text("utf-8") for p in sorted((SHARED / "clean").glob("*.txt")))
    size = NOTICE * times
    text = (base * (size // len(base) + 1))[:size]
    yield f"excerpt {times}×", garbled(excerpt(text, EXTRACT / NOTICE, rng), readings, rng), text
    yield f"full copy {times}×", garbled(text, readings, rng), text


def timed(work: Callable[[], object], repeat: int = 3) -> float:
    best = math.inf
    for _ in range(repeat):
        began = time.process_time()
        work()
        best = min(best, time.process_time() - began)
    return best


def peers() -> dict[str, Callable[[str, str], object]]:
    found: dict[str, Callable[[str, str], object]] = {}
    try:
        from rapidfuzz.distance import Levenshtein as Rapid

        found["rapidfuzz"] = Rapid.opcodes
    except ImportError:
        print("rapidfuzz is not installed")
    try:
        import fast_diff_match_patch

        found["fast-dmp"] = lambda a, b: fast_diff_match_patch.diff(a, b, timelimit=0)
    except ImportError:
        print("fast-diff-match-patch is not installed")
    found["difflib"] = lambda a, b: difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes()
    return found


def growth(peers_to: int) -> None:
    readings = confusions()
    others = peers() if peers_to else {}
    spent: dict[str, list[tuple[int, float]]] = {}
    print(f"{'':18}{'characters':>18}{'textfix':>10}{'B/char':>8}" + "".join(f"{name:>12}" for name in others))
    for times in (1, 10, 100):
        for name, a, b in shapes(times, readings):
            seconds = timed(lambda a=a, b=b: align(a, b))  # type: ignore[misc]
            spent.setdefault(name.rsplit(" ", 1)[0], []).append((len(a) + len(b), seconds))
            tracemalloc.start()
            align(a, b)
            memory = tracemalloc.get_traced_memory()[1] / (len(a) + len(b))
            tracemalloc.stop()
            line = f"{name:18}{len(a):>9}{len(b):>9}{seconds:>9.3f}s{memory:>8.0f}"
            for peer, diff in others.items():
                # difflib is cubic at worst: at 10 times the seed it needs minutes.
                fits = times <= peers_to and not (peer == "difflib" and times > 1)
                line += f"{timed(lambda: diff(a, b), 1):>11.3f}s" if fits else f"{'-':>12}"  # noqa: B023
            print(line, flush=True)
    for name, points in spent.items():
        (n0, t0), (n1, t1) = points[0], points[-1]
        print(f"{name}: exponent {math.log(t1 / t0) / math.log(n1 / n0):.2f} from {n0} to {n1} characters")


def accuracy() -> None:
    """Cost and substitutions on the dev pairs against full exact alignment."""
    cost = exact = found = wanted = 0
    for _, ocr, truth in dev_pairs():
        x, y = skeleton(encode(ocr))[0], skeleton(encode(truth))[0]
        text_x, text_y = decode(x), decode(y)
        blocks, _ = differing_blocks(x, y)
        mine: set[tuple[int, int]] = set()
        for i0, i1, j0, j1 in blocks:
            cost += Levenshtein.distance(text_x[i0:i1], text_y[j0:j1])
            mine |= set(_replaced(text_x[i0:i1], text_y[j0:j1], i0, j0))
        exact += Levenshtein.distance(text_x, text_y)
        theirs = set(_replaced(text_x, text_y, 0, 0))
        wanted += len(theirs)
        found += len(theirs & mine)
    print(f"dev pairs: cost {cost}, exact minimum {exact} ({cost / exact - 1:+.2%});", end=" ")
    print(f"{found} of {wanted} substitutions of the exact alignment found ({found / wanted:.2%})")


def _replaced(x: str, y: str, i: int, j: int) -> Iterator[tuple[int, int]]:
    for tag, i0, i1, j0, _ in Levenshtein.opcodes(x, y):
        if tag == "replace":
            yield from ((i + i0 + n, j + j0 + n) for n in range(i1 - i0))


def seed() -> None:
    folder = ROOT / "corpora" / "seed"
    a = (folder / "garbled-extract.txt").read_text("utf-8")
    b = (folder / "authoritative-notice.txt").read_text("utf-8")
    alignment = align(a, b)
    print(f"seed pair: {1000 * timed(lambda: align(a, b), 9):.1f} ms, {len(alignment.content)} blocks of content")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--peers", type=int, default=10, help="run peers up to so many times the seed size")
    parser.add_argument("--skip-peers", action="store_true")
    args = parser.parse_args()
    seed()
    accuracy()
    growth(0 if args.skip_peers else args.peers)
    return 0


if __name__ == "__main__":
    sys.exit(main())
