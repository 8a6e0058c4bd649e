#!/usr/bin/env python3
"""Cut and precision on pairs whose text neither model has seen: how repairs carry over to other engines.

    python scripts/bench/engines.py PAIRS --lm HELDOUT.lm --phrases HELDOUT.bin

PAIRS are folders <set>/<id>.ocr.txt, .gt.txt of scripts/ocrdata that nothing was learned from or fitted on. Their text
is in the corpora that the shipped models are counted from, so others are given, that have not seen it
(scripts/heldout_lm.py, scripts/build_phrases.py --heldout). Counted as ../shared/tools/score.py does.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

from textfix.channel import Channel
from textfix.lm import Model
from textfix.lm.cloze import Cloze
from textfix.lm.marks import Marks
from textfix.lm.phrases import Phrases
from textfix.pipeline import Repairer
from textfix.repairer.decoder import Decoder
from textfix.repairer.forest import Decider
from textfix.repairer.models import Models

SHARED = Path(__file__).resolve().parents[2].parent / "shared"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("pairs", type=Path)
    parser.add_argument("--lm", type=Path, required=True)
    parser.add_argument("--phrases", type=Path, required=True)
    options = parser.parse_args()
    sys.path.insert(0, str(SHARED / "tools"))
    import score

    lm = Model.load(options.lm)
    models = Models(lm, Channel.load(), Cloze.load(), Phrases.load(options.phrases), Marks.load())
    repairer = Repairer(lm=lm)
    repairer.__dict__["_decoder"] = Decoder(models, Decider.load())
    total = np.zeros(4)
    print("| set | documents | characters | error rate | cut | content edits | precision |\n" + "|---" * 7 + "|")
    for folder in sorted(path for path in options.pairs.iterdir() if path.is_dir() and path.name != "failed"):
        rows = score.load(folder, None)
        if not rows:
            continue
        found = score.score_set(repairer.repair, rows, False)
        right, chars = (found["precision"] or 0) * found["edits"], found["chars"] / 100
        total += (found["before"] * chars, found["after"] * chars, found["edits"], right)
        print(
            f"| {folder.name} | {found['documents']} | {found['chars']:,} | {found['before']:.2f}% "
            f"| {found['cut']:.1%} | {found['edits']} | {found['precision'] or 0:.3f} |",
            flush=True,
        )
    before, after, edits, right = total
    print(f"| all | | | | {1 - after / before:.1%} | {edits:.0f} | {right / edits:.3f} |")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
