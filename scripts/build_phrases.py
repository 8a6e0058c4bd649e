#!/usr/bin/env python3
"""Build the phrase table, confusables/phrases.bin, from ../shared/lm-corpus.

    python scripts/build_phrases.py                          # write confusables/phrases.bin
    python scripts/build_phrases.py --check                  # build, and fail unless the file has the same bytes
    python scripts/build_phrases.py --heldout -o FILE        # without the text that scripts/ocrdata renders

Every five characters in a row of the policy texts and the laws are in it; of the other texts, those that occur at least
twice in all of the texts. The characters are those of the cloze model, so that one numbering serves both.
`scripts/fit_decider.py` needs the table that has not seen the text of its pages.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path[:0] = [str(Path(__file__).resolve().parent / "ocrdata")]

import corpus  # noqa: E402
from artefacts import settle  # noqa: E402

from textfix.lm import phrases  # noqa: E402
from textfix.lm.cloze import Cloze  # noqa: E402
from textfix.lm.vocabulary import SPECIALS, Vocabulary  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
#: Texts of which every window counts, and those of which it must occur twice.
WHOLE, OFTEN = ("policy", "laws"), ("news", "essays", "encyclopedia")


def windows(name: str, vocabulary: Vocabulary, heldout: bool) -> NDArray[np.uint64]:
    """Every window of five of one corpus as a number; those with digits in them count, unknown characters do not."""
    reserved: set[int] = set()
    if heldout:
        for first, last in corpus.reserved_lines(name):
            reserved.update(range(first, last + 1))
    rows = [row for at, row in enumerate(corpus.lines(name)) if at not in reserved]
    ids = vocabulary.encode("\n".join(rows))[0].astype(np.uint64)
    n = len(ids) - phrases.SIDE
    numbers = np.zeros(n, dtype=np.uint64)
    good = np.ones(n, dtype=bool)
    for k in range(phrases.WIDTH):
        column = ids[k : k + n]
        numbers = numbers * np.uint64(vocabulary.size) + column
        good &= column >= SPECIALS - 2  # the class of digits, that of Latin letters, characters
    return numbers[good]


def table(heldout: bool) -> bytes:
    """The bytes of the file."""
    vocabulary = Cloze.load().vocabulary
    whole = [windows(name, vocabulary, heldout) for name in WHOLE]
    every, count = np.unique(np.concatenate([*whole, *(windows(n, vocabulary, heldout) for n in OFTEN)]),
                             return_counts=True)  # fmt: skip
    keep = count > 1
    keep[np.searchsorted(every, np.unique(np.concatenate(whole)))] = True
    numbers = every[keep]
    ids = np.empty((len(numbers), phrases.WIDTH), dtype=np.uint16)
    for k in reversed(range(phrases.WIDTH)):
        numbers, ids[:, k] = np.divmod(numbers, np.uint64(vocabulary.size))
    print(f"{len(ids):,} windows of {len(every):,}", file=sys.stderr)
    return phrases.pack(ids, vocabulary.characters)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "confusables" / "phrases.bin")
    parser.add_argument("--heldout", action="store_true")
    parser.add_argument("--check", action="store_true", help="write nothing; fail unless the file is up to date")
    options = parser.parse_args()
    return settle(table(options.heldout), options.output, options.check)


if __name__ == "__main__":
    raise SystemExit(main())
