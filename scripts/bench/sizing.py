#!/usr/bin/env python3
"""Processor hours that a billion characters cost, by the length of the rows, for clean text and for OCR output.

    OPENBLAS_NUM_THREADS=1 python scripts/bench/sizing.py [--shared ../shared] [--set tess-l2]

Rows are cut from ../shared/clean and ../shared/ocr/dev; the better of two turns counts.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import textfix

#: Characters a row, and how many characters of clean text and of OCR output are cleaned.
SIZES = {100: (20_000, 33_000), 400: (40_000, 33_000), 4_000: (120_000, 33_000), 20_000: (160_000, 33_000)}


def seconds(rows: list[str]) -> float:
    """Processor seconds of cleaning `rows` one by one."""

    def turn() -> float:
        began = time.process_time()
        for row in rows:
            textfix.clean(row)
        return time.process_time() - began

    return min(turn(), turn())


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--set", default="tess-l2", help="a folder of ../shared/ocr/dev")
    args = parser.parse_args()
    clean = "".join(path.read_text("utf-8") for path in sorted((args.shared / "clean").glob("*.txt"))[:12])
    pages = sorted((args.shared / "ocr" / "dev" / args.set).glob("*.ocr.txt"))
    ocr = "\n".join(path.read_text("utf-8") for path in pages)
    textfix.clean(clean[:500])
    print("row       clean text  hours/10^9  ms/row    OCR  hours/10^9  ms/row")
    for row, sizes in SIZES.items():
        line = f"{row:<6,}"
        for text in (clean[: sizes[0]], ocr[: sizes[1]]):
            rows = [text[i : i + row] for i in range(0, len(text), row)]
            spent = seconds(rows)
            line += f"{spent / len(text) * 1e9 / 3600:25.1f} {1000 * spent / len(rows):8.1f}"
        print(line)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
