#!/usr/bin/env python3
"""Build the shipped language model, confusables/zh.lm, from ../shared/lm-corpus.

    python scripts/build_lm.py                 # write confusables/zh.lm
    python scripts/build_lm.py --check         # build, and fail unless confusables/zh.lm has the same bytes
    python scripts/build_lm.py -o FILE --max-bytes 25000000

The same corpus gives the same bytes. `court` is left out: its transcripts are full of misread characters, and it made
the model worse on every kind of document that we measure (docs/lm.md).
"""

from __future__ import annotations

import argparse
import lzma
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from artefacts import settle

from textfix.lm.training import train

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT.parent / "shared" / "lm-corpus"
#: How often each corpus counts. Policy documents are the nearest to our users' and the scarcest.
WEIGHTS = {"laws": 1.5, "news": 1.0, "policy": 6.0, "essays": 1.0, "encyclopedia": 0.5}
MAX_BYTES = 36_000_000


def corpus(folder: Path = CORPUS) -> Iterator[tuple[str, float]]:
    """The texts with their weights."""
    for name, weight in WEIGHTS.items():
        with lzma.open(folder / f"{name}.txt.xz", "rt", encoding="utf-8", newline="\n") as file:
            yield file.read(), weight


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "confusables" / "zh.lm")
    parser.add_argument("--max-bytes", type=int, default=MAX_BYTES)
    parser.add_argument("--check", action="store_true", help="write nothing; fail unless the file is up to date")
    options = parser.parse_args()
    began = time.perf_counter()

    def report(stage: str, share: float) -> None:
        print(f"{time.perf_counter() - began:6.1f} s  {share:4.0%}  {stage}", file=sys.stderr)

    data = train(corpus(), max_bytes=options.max_bytes, progress=report).to_bytes()
    return settle(data, options.output, options.check)


if __name__ == "__main__":
    raise SystemExit(main())
