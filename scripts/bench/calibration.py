#!/usr/bin/env python3
"""How far the confidence of content edits can be believed, on pairs that nothing was fitted on.

    python scripts/bench/calibration.py --data PAIRS      # folders <set>/<id>.ocr.txt, .gt.txt, not learned from

Every edit and suggestion down to 0.5 is judged where it stands by ../shared/tools/score.py, by itself. Prints a
reliability table and the expected calibration error (Naeini et al. 2015), weighted by edits.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

import textfix

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
BINS = (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 1.0000001)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    data = parser.parse_args().data
    sys.path.insert(0, str(SHARED / "tools"))
    import score

    confidences, right = [], []
    for folder in sorted(path for path in data.iterdir() if path.is_dir()):
        for _, ocr, truth in score.load(folder, None):
            repair = textfix.repair(ocr)
            for verdict, edit, _ in score.judge(ocr, truth, [*repair.edits, *repair.suggestions]):
                if edit.confidence >= BINS[0]:
                    confidences.append(edit.confidence)
                    right.append(verdict > 0)
    p, y = np.array(confidences), np.array(right)
    which = np.digitize(p, BINS) - 1
    error = 0.0
    print("| confidence | edits | mean confidence | right |\n|---|---|---|---|")
    for k in range(len(BINS) - 1):
        rows = which == k
        if rows.any():
            error += abs(p[rows].mean() - y[rows].mean()) * rows.sum() / len(p)
            top = min(BINS[k + 1], 1.0)
            print(f"| {BINS[k]:.2f} to {top:.2f} | {rows.sum()} | {p[rows].mean():.3f} | {y[rows].mean():.3f} |")
    print(f"\nexpected calibration error {error:.3f} over {len(p)} edits")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
