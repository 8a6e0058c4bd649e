#!/usr/bin/env python3
"""Train the language model of scripts/build_lm.py without the text that scripts/ocrdata renders.

    python scripts/heldout_lm.py HELDOUT.lm

The decider is fit with it (scripts/fit_decider.py): a model that has seen the truth of a page would be too sure of it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parent / "ocrdata")]

import build_lm  # noqa: E402
import corpus  # noqa: E402

from textfix.lm.training import train  # noqa: E402


def texts() -> Iterator[tuple[str, float]]:
    """The texts of the shipped model with its weights, reserved lines left out."""
    for name, weight in build_lm.WEIGHTS.items():
        reserved: set[int] = set()
        for first, last in corpus.reserved_lines(name):
            reserved.update(range(first, last + 1))
        yield "\n".join(row for at, row in enumerate(corpus.lines(name)) if at not in reserved), weight


def main() -> int:
    if len(sys.argv) != 2:
        print((__doc__ or "").splitlines()[2].strip(), file=sys.stderr)
        return 2
    Path(sys.argv[1]).write_bytes(train(texts(), max_bytes=build_lm.MAX_BYTES).to_bytes())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
