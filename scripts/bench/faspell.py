#!/usr/bin/env python3
"""FASPell's OCR sentences (video subtitles, another domain): learn on some, correct the others, report F1.

    python scripts/bench/faspell.py [--folds 3] [--data ../shared/public/faspell_ocr_train.tsv]

Every fold is corrected by the shipped model and decider with the shipped channel, to which the confusions that the
product's own `learn` finds in the other folds are added; the error rate is theirs, and so is the confidence from which
an edit is made (the best for their F1, in an inner split). Nothing learned here is kept: the data are GPL-3.0 and serve
to evaluate only. One character for another is corrected (kind ``glyph``), nothing else.

Sentence-level correction, as in FASPell (Hong et al. 2019) and the SIGHAN tasks: a sentence counts as corrected if all
of it reads as the truth; precision over the sentences that were changed, recall over those with an error.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from unittest import mock

import textfix
from textfix.channel import Channel
from textfix.pipeline import Options, Repairer

ROOT = Path(__file__).resolve().parents[2]
THRESHOLDS = (0.3, 0.5, 0.7)
BREAK = "\n\n"  # paragraphs are read independently of each other when the error rate is fixed

Sentences = Sequence[tuple[str, str]]


def learned(sentences: Sentences, weight: float) -> Channel:
    """The shipped channel with the confusions of `sentences` added, each as `weight` sightings."""
    shipped = Channel.load()
    counts = Counter[tuple[str, str]]()
    read = Counter[str]()
    for key, count, total in zip(shipped._keys.tolist(), shipped._counts.tolist(), shipped._totals.tolist(),
                                 strict=True):  # fmt: skip
        counts[chr(key >> 32), chr(key & 0xFFFFFFFF)] += count
        read[chr(key & 0xFFFFFFFF)] = max(read[chr(key & 0xFFFFFFFF)], total)
    table = textfix.learn(textfix.Pair(noisy, clean, str(i)) for i, (noisy, clean) in enumerate(sentences))
    for row in table.active:
        if len(row.observed) == len(row.intended) == 1:
            counts[row.observed, row.intended] += weight * row.count
    for char, count in Counter("".join(clean for _, clean in sentences)).items():
        read[char] += weight * count
    return Channel.from_counts(counts, read)


def corrected(
    channel: Channel, rate: float, sentences: Sentences, thresholds: Sequence[float] = THRESHOLDS
) -> dict[float, list[str]]:
    """The sentences as they are corrected at each threshold."""
    with mock.patch.object(Channel, "load", return_value=channel):
        repairer = Repairer(Options.of(only="glyph", error_rate=rate))
    text = BREAK.join(noisy for noisy, _ in sentences)
    return {at: repairer.clean(text, only="glyph", error_rate=rate, min_confidence=at).split(BREAK)
            for at in thresholds}  # fmt: skip


def score(sentences: Sentences, results: Sequence[str]) -> Counter[str]:
    tally = Counter[str]()
    for (noisy, clean), result in zip(sentences, results, strict=True):
        tally["wrong"] += noisy != clean
        tally["changed"] += result != noisy
        tally["right"] += result != noisy and result == clean
    return tally


def f1(tally: Counter[str]) -> tuple[float, float, float]:
    precision = tally["right"] / max(tally["changed"], 1)
    recall = tally["right"] / max(tally["wrong"], 1)
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-9)


def error_rate(sentences: Sentences) -> float:
    pairs = [(a, b) for noisy, clean in sentences for a, b in zip(noisy, clean, strict=False)]
    return sum(a != b for a, b in pairs) / len(pairs)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/public/faspell_ocr_train.tsv")
    parser.add_argument("--folds", type=int, default=3)
    parser.add_argument("--weight", type=float, default=1.0, help="sightings that one of this domain counts for")
    args = parser.parse_args()
    lines = [line.split("\t") for line in args.data.read_text("utf-8").splitlines()]
    sentences = [(noisy, clean) for noisy, clean in lines if len(noisy) == len(clean)]
    random.Random(1).shuffle(sentences)
    print(f"{len(sentences):,} sentences of {len(lines):,} (the same length on both sides), "
          f"{error_rate(sentences):.1%} of the characters wrong")  # fmt: skip
    every, plain, chosen = Counter[str](), Counter[str](), []
    for fold in range(args.folds):
        test, train = sentences[fold :: args.folds], [s for i, s in enumerate(sentences) if i % args.folds != fold]
        inner, held = train[: len(train) * 3 // 4], train[len(train) * 3 // 4 :]
        rate = error_rate(train)
        tried = corrected(learned(inner, args.weight), rate, held)
        best = max(THRESHOLDS, key=lambda at: f1(score(held, tried[at]))[2])
        chosen.append(best)
        every += score(test, corrected(learned(train, args.weight), rate, test, [best])[best])
        plain += score(test, corrected(Channel.load(), rate, test, [best])[best])
    for label, tally in (("shipped tables alone", plain), ("with what was learned", every)):
        precision, recall, both = f1(tally)
        print(f"{label}: precision {precision:.1%}, recall {recall:.1%}, F1 {both:.1%} "
              f"({tally['right']} of {tally['wrong']} wrong sentences, {tally['changed']} changed)")  # fmt: skip
    print("confidence from which edits are made, by fold:", *chosen)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
