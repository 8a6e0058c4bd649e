#!/usr/bin/env python3
"""Measure `textfix.align` against its bars; beside its peers with `python scripts/bench --only alignment`.

    python scripts/bench/align.py                     # the seed pair, accuracy, growth

Growth: two shapes at 1, 10 and 100 times the size of the seed pair (2,862 against 9,558 characters), made from the
ground truth of ../shared/ocr/dev and the documents of ../shared/clean: a full copy, and an excerpt of three tenths in
passages of 30 to 200 characters; 2% of the characters of either changed by confusions of real OCR output. Accuracy:
the dev pairs against full exact alignment (python-Levenshtein). Times are CPU seconds, the best of three.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator

import Levenshtein
from harness import material
from harness.bench import Bench
from harness.process import TooLongError, race
from harness.rows import Row

from textfix.alignment import align
from textfix.alignment.folding import skeleton
from textfix.alignment.segments import differing_blocks
from textfix.text.codepoints import decode, encode

__all__ = ["suite"]

PEERS = ("rapidfuzz", "fast-diff-match-patch", "difflib")
EXTRACT, NOTICE = 2_862, 9_558
RATE = 0.02


def dev_pairs() -> Iterator[tuple[str, str, str]]:
    for path in sorted((material.SHARED / "ocr" / "dev").glob("*/*.ocr.txt")):
        truth = path.with_name(path.name.replace(".ocr.", ".gt."))
        yield f"{path.parent.name}/{path.name}", path.read_text("utf-8"), truth.read_text("utf-8")


def confusions() -> dict[str, list[str]]:
    """What each character was read as in real OCR output, as often as it was."""
    return {
        char: [seen for seen, count in readings for _ in range(count)]
        for char, readings in material.misreadings().items()
    }


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
    """Name, first text, second text. Without ../shared only once the size of the seed pair."""
    rng = random.Random(times)
    base = "".join(truth for _, _, truth in dev_pairs()) + "".join(material.clean())
    if not base:
        if times > 1:
            return
        base = material.seed()[1]
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


def suite(bench: Bench) -> Iterator[Row]:
    """Both shapes at every size. A peer that was stopped is not tried on ten times as much of the same shape."""
    readings = confusions()
    beaten: set[tuple[str, str]] = set()
    for times in (1, 10) if bench.quick else (1, 10, 100):
        made = list(shapes(times, readings))
        if not made:
            bench.note(f"{material.NO_SHARED}, once its size")
            return
        for name, a, b in made:
            shape = name.rsplit(" ", 1)[0]
            tools = {peer: {} for peer in PEERS if (shape, peer) not in beaten}
            with bench.open(textfix={}, **tools) as workers:
                answers = race(workers, "align", turns=3, limit=bench.limit, want=False, a=a, b=b)
            beaten |= {(shape, peer) for peer, answer in answers.items() if isinstance(answer, TooLongError)}
            yield from bench.seconds(f"{name}, {len(a):,} against {len(b):,} characters", answers)


def growth() -> None:
    readings = confusions()
    spent: dict[str, list[tuple[int, float]]] = {}
    print(f"{'':18}{'characters':>18}{'textfix':>10}{'B/char':>8}")
    for times in (1, 10, 100):
        for name, a, b in shapes(times, readings):
            seconds = timed(lambda a=a, b=b: align(a, b))  # type: ignore[misc]
            spent.setdefault(name.rsplit(" ", 1)[0], []).append((len(a) + len(b), seconds))
            tracemalloc.start()
            align(a, b)
            memory = tracemalloc.get_traced_memory()[1] / (len(a) + len(b))
            tracemalloc.stop()
            print(f"{name:18}{len(a):>9}{len(b):>9}{seconds:>9.3f}s{memory:>8.0f}", flush=True)
    for name, points in spent.items():
        (n0, t0), (n1, t1) = points[0], points[-1]
        if n1 > n0:
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
    a, b, _ = material.seed()
    alignment = align(a, b)
    print(f"seed pair: {1000 * timed(lambda: align(a, b), 9):.1f} ms, {len(alignment.content)} blocks of content")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.parse_args()
    seed()
    if material.pages(1):
        accuracy()
    growth()
    return 0


if __name__ == "__main__":
    sys.exit(main())
