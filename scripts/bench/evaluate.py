#!/usr/bin/env python3
"""Whether `textfix.evaluate` agrees with the project's scorer and with the tools that others use.

    python scripts/bench/evaluate.py [--data ../shared/ocr/dev] [--limit 6]

On every set of real OCR output: error rates, edits, precision and harm against ../shared/tools/score.py, every verdict
one by one, and the plain error rate of every file against jiwer and dinglehopper (those two only if they are installed:
``pip install jiwer dinglehopper``; dinglehopper brings numpy, so give it an environment of its own). Exit 1 where
something differs. jiwer and dinglehopper count everything but white space at both ends, which is `raw_cer`.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
from pathlib import Path
from typing import Any

import textfix
from textfix.alignment.ops import operations
from textfix.evaluate import Document, evaluate, find_pairs
from textfix.evaluate.verdicts import verdicts_of
from textfix.text.content import content

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, default=SHARED / "ocr" / "dev")
    parser.add_argument("--limit", type=int, default=6, help="documents per set")
    parser.add_argument("--peers-limit", type=int, help="documents per set for jiwer and dinglehopper (default: all)")
    args = parser.parse_args()
    sys.path.insert(0, str(SHARED / "tools"))
    import score

    differing = 0
    for folder in sorted(path for path in args.data.iterdir() if path.is_dir()):
        differing += against_scorer(score, folder, args.limit)
    differing += against_peers(args.data, args.peers_limit)
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


def against_peers(data: Path, limit: int | None) -> int:
    """The plain rate of every file against jiwer and dinglehopper; how many differ."""
    names, _ = find_pairs(str(data))
    per_set: dict[str, int] = {}
    rows = []
    for pair in names:
        per_set[pair.group] = per_set.get(pair.group, 0) + 1
        if limit is None or per_set[pair.group] <= limit:
            rows.append((Path(pair.ocr).read_text("utf-8"), Path(pair.truth).read_text("utf-8")))
    ours = [d.counts for d in evaluate(Document(str(n), "", *row) for n, row in enumerate(rows)).documents]
    bad = 0
    if importlib.util.find_spec("jiwer"):
        import jiwer

        for (ocr, truth), mine in zip(rows, ours, strict=True):
            bad += abs(jiwer.cer(truth, ocr) - mine["raw_before"] / mine["raw_characters"]) > 1e-9
        print(f"jiwer: {len(rows)} files, {bad} differ")
    else:
        print("jiwer is not installed: not compared")
    if importlib.util.find_spec("dinglehopper"):
        bad += against_dinglehopper(rows, ours)
    else:
        print("dinglehopper is not installed: not compared")
    return bad


def against_dinglehopper(rows: list[tuple[str, str]], ours: list[dict[str, int]]) -> int:
    """How many files have another rate in dinglehopper."""
    from dinglehopper import character_error_rate

    bad = 0
    for (ocr, truth), mine in zip(rows, ours, strict=True):
        theirs = character_error_rate(truth.strip(), ocr.strip())
        bad += abs(theirs - mine["raw_before"] / mine["raw_characters"]) > 1e-9
    print(f"dinglehopper: {len(rows)} files, {bad} differ")
    return bad


if __name__ == "__main__":
    raise SystemExit(main())
