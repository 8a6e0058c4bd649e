#!/usr/bin/env python3
"""Whether `textfix.evaluate` agrees with the project's scorer and with the tools that others use, and how fast each is.

    python scripts/bench/evaluate.py [--data ../shared/ocr/dev] [--limit 6]      # the scorer
    python scripts/bench/evaluate.py --peers    # and every file against jiwer and dinglehopper
    python scripts/bench --only evaluation      # a sample against both, with times

On every set of real OCR output: error rates, edits, precision and harm against ../shared/tools/score.py, every verdict
one by one, and with `--peers` the plain error rate of every file against jiwer and dinglehopper, each in an environment
that the bench makes. Exit 1 where something differs. jiwer and dinglehopper count everything but white space at both
ends, which is `raw_cer`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness import material
from harness.bench import Bench
from harness.process import Answer, race
from harness.rows import Row

import textfix
from textfix.alignment.ops import operations
from textfix.evaluate import Document, evaluate
from textfix.evaluate.verdicts import verdicts_of
from textfix.text.content import content

__all__ = ["suite"]

SHARED = material.SHARED


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, default=SHARED / "ocr" / "dev")
    parser.add_argument("--limit", type=int, default=6, help="documents per set")
    parser.add_argument("--peers", action="store_true", help="compare with jiwer and dinglehopper, too")
    args = parser.parse_args()
    sys.path.insert(0, str(SHARED / "tools"))
    import score

    differing = 0
    for folder in sorted(path for path in args.data.iterdir() if path.is_dir()):
        differing += against_scorer(score, folder, args.limit)
    if args.peers:
        bench = Bench.at()
        bench.suite = "evaluation"
        found = compared(bench, [pair for pages in material.pages().values() for pair in pages])
        for name, bad in disagreements(found).items():
            print(f"{name}: {len(found['textfix'].result)} files, {bad} differ")
            differing += bad
    print("all agree" if not differing else f"{differing} disagreements")
    return 1 if differing else 0


def against_scorer(score: Any, folder: Path, limit: int) -> int:
    """Figures and verdicts of one set; how many differ."""
    rows = score.load(folder, limit)
    repairs = {ocr: textfix.repair(ocr) for _, ocr, _ in rows}
    theirs = score.score_set(repairs.__getitem__, rows, False)
    x = evaluate([Document(name, folder.name, ocr, truth) for name, ocr, truth in rows], repairs.__getitem__)
    counts, figures = x.counts(), x.figures
    ours = {
        "documents": len(x.documents),
        "chars": counts["characters"],
        "before": round(100 * (figures["cer_before"].value or 0), 3),
        "after": round(100 * (figures["cer_after"].value or 0), 3),
        "cut": round(figures["cut"].value or 0, 4),
        "edits": counts["right"] + counts["idle"] + counts["wrong"],
        "precision": None if figures["precision"].value is None else round(figures["precision"].value, 4),
        "harm": round(figures["harm"].value or 0, 1),
    }
    differing = {key: (ours[key], theirs[key]) for key in ours if ours[key] != theirs[key]}
    compared = 0
    for name, ocr, truth in rows:
        edits = [*repairs[ocr].edits, *repairs[ocr].suggestions]
        expected = [(verdict, edit) for verdict, edit, _ in score.judge(ocr, truth, edits)]
        found = verdicts_of(ocr, truth, edits, operations(content(ocr), content(truth)))
        got = [((v.gain > 0) - (v.gain < 0), v.edit) for v in found]
        compared += len(got)
        if got != expected:
            differing[f"verdicts of {name}"] = (len(got), len(expected))
    print(f"{folder.name}: {len(rows)} documents, {compared} verdicts, {differing or 'as score.py has it'}")
    return len(differing)


def suite(bench: Bench) -> Iterator[Row]:
    """How fast error rates are found, and how many of them are the same."""
    pairs = [pair for pages in material.pages(2 if bench.quick else 8).values() for pair in pages]
    if not pairs:
        bench.note(material.NO_SHARED)
        pairs = [material.seed()[:2]]
    answers = compared(bench, pairs)
    yield from bench.rates("error rates of pages", sum(len(ocr) + len(truth) for ocr, truth in pairs), answers)
    same = {name: float(len(pairs) - bad) for name, bad in disagreements(answers).items()}
    case = f"files with the same rate as textfix, of {len(pairs)}"
    yield from bench.compare(case, "files", "more", {"textfix": float(len(pairs)), **same})


def compared(bench: Bench, pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """The plain rates of all pairs by all tools."""
    with bench.open(textfix={}, jiwer={}, dinglehopper={}) as tools:
        return race(tools, "rates", turns=min(3, bench.turns), limit=600.0, pairs=pairs)


def disagreements(answers: dict[str, Any]) -> dict[str, int]:
    """For each peer, how many files have another rate than in textfix."""
    ours = answers["textfix"].result
    return {
        name: sum(abs(one - other) > 1e-9 for one, other in zip(ours, answer.result, strict=True))
        for name, answer in answers.items()
        if name != "textfix" and isinstance(answer, Answer)
    }


if __name__ == "__main__":
    raise SystemExit(main())
