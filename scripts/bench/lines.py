#!/usr/bin/env python3
"""What lines lack (textfix/repairer/grid.py), against what engines lost in them, on ../shared/ocr/dev.

    python scripts/bench/lines.py

For each set: lines that lack a character for which there is no other reason, and in how many of them something was
lost; the same for full lines. Losses are where the truth has more characters than the page at a place of the alignment.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from rapidfuzz.distance import Levenshtein

from textfix.lm import load_default
from textfix.repairer.grid import Lines
from textfix.repairer.view import view
from textfix.text.codepoints import decode

DEV = Path(__file__).resolve().parents[3] / "shared" / "ocr" / "dev"


def losses(page: str, truth: str, first: np.ndarray) -> np.ndarray:
    """How many characters were lost in each line, (k,); `first` (k,) are the places of the lines' first characters."""
    lost = np.zeros(len(first), dtype=int)
    for op in Levenshtein.opcodes(page, truth):
        more = (op.dest_end - op.dest_start) - (op.src_end - op.src_start)
        if more > 0:
            lost[np.searchsorted(first, max(op.src_end - 1, 0), side="right") - 1] += more
    return lost


def main() -> None:
    lm = load_default()
    for place in sorted(path for path in DEV.iterdir() if path.is_dir()):
        counts = np.zeros((2, 2), dtype=int)  # lacks one or is full; nothing or something was lost
        for path in sorted(place.glob("*.ocr.txt")):
            both = path, path.with_name(path.name.replace(".ocr.", ".gt."))
            v, truth = (view(p.read_text("utf-8"), lm) for p in both)
            lines = Lines.of(v)
            if not lines.usual:
                continue
            lacks, slack = lines.lacking(v)
            lost = losses(decode(v.codes), decode(truth.codes), lines.first) > 0
            for row, chosen in enumerate(((lacks == 2) & (slack < 2), lacks == 0)):
                counts[row] += np.bincount(lost[chosen].astype(int), minlength=2)
        (none, some), (full, surprising) = counts.tolist()
        print(f"{place.name:10} lack a character: {none + some:4}, {some:3} lost one   "
              f"full: {full + surprising:4}, {surprising:3} lost one")


if __name__ == "__main__":
    main()
