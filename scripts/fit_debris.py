#!/usr/bin/env python3
"""Fit `confusables/debris.tsv`: how probably a repair of debris is right.

    python scripts/fit_debris.py --lm HELDOUT.lm             # write the table and report on documents left out
    python scripts/fit_debris.py --lm HELDOUT.lm --check     # exit 1 where the committed table is another

The text is that of ../shared/lm-corpus which scripts/ocrdata reserves, and the language model (scripts/heldout_lm.py)
has not seen it. Debris is put into it by scripts/debris_maker.py, which knows nothing of our tables; a third of the
documents get none, and half get ordinary misreadings besides (drawn from confusables/learned), so that debris is told
from both good text and bad. Logistic regression with a ridge, by Newton's method; needs numpy and Pillow only.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import Levenshtein
import numpy as np
from numpy.typing import NDArray

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parent / "ocrdata")]

import corpus  # noqa: E402
import debris_maker  # noqa: E402
import glyph_sources as gs  # noqa: E402

from textfix.channel import Channel  # noqa: E402
from textfix.lm import Model  # noqa: E402
from textfix.repairer.debris import Debris  # noqa: E402
from textfix.repairer.debris_judge import (  # noqa: E402
    DOCUMENT,
    FEATURES,
    Judge,
    document_columns,
)
from textfix.repairer.debris_spots import badly  # noqa: E402
from textfix.repairer.pieces import GROUPS, MOVED  # noqa: E402
from textfix.repairer.view import view  # noqa: E402
from textfix.tables.components import Components  # noqa: E402
from textfix.tables.confusable import Table  # noqa: E402
from textfix.tables.variants import Variants  # noqa: E402

#: Text like that of our users. The other corpora are essays, or have misread characters of their own (court).
SOURCES = frozenset({"policy", "laws", "news"})
DOCUMENTS, SIZE = 560, 3000
RIDGE = 3.0
#: Every so many-th document is left out of the fit to report on (the shipped weights are fit on all).
FOLD = 5
#: From this probability on `clean` makes an edit.
MADE = 0.8

Matrix = NDArray[np.float64]


@dataclass
class Sample:
    """The proposals of one document: their groups, features, and which are right."""

    size: int
    debris: int
    view: object
    proposals: object
    groups: NDArray[np.int64]
    x: NDArray[np.float32]
    right: NDArray[np.bool_]
    level: float
    rate: NDArray[np.float64] | None = None


def misreadings() -> dict[str, tuple[list[str], list[int]]]:
    """Intended character → what engines read for it, with counts."""
    out: dict[str, dict[str, int]] = defaultdict(dict)
    for path in sorted((gs.CONFUSABLES / "learned").glob("*.tsv")):
        for row in Table.load(path):
            if row.kind in ("glyph", "mark", "drop") and len(row.intended) == 1 and len(row.observed) <= 1:
                out[row.intended][row.observed] = out[row.intended].get(row.observed, 0) + row.count
    return {char: (list(rows), list(rows.values())) for char, rows in out.items()}


def misread(text: str, rate: float, rng: random.Random, table: dict[str, tuple[list[str], list[int]]]) -> list[str]:
    """What an engine might read for each character of `text`."""
    out = list(text)
    for at, char in enumerate(text):
        if char in table and rng.random() < rate:
            out[at] = rng.choices(*table[char])[0]
    return out


def garble(truth: str, seed: int, counts: dict[str, int], table: dict[str, tuple[list[str], list[int]]]) -> tuple[
    str, list[int], list[tuple[int, int]], int
]:
    """A garbled text, for every offset in it the offset in `truth`, the stretches that debris covers, and how many."""
    rng = random.Random(seed)
    noise = 0.0 if rng.random() < 0.5 else 0.004 * 12 ** rng.random()
    rate = 0.0 if rng.random() < 0.33 else 0.004 * 6 ** rng.random()
    read = misread(truth, noise, rng, table)
    origin = [at for at, chars in enumerate(read) for _ in chars] + [len(truth)]
    text, events = debris_maker.litter("".join(read), rate, seed, counts)
    where: list[int] = []
    at = 0
    for event in events:
        where += [origin[at + k] for k in range(event.start - len(where))]
        where += [origin[event.first]] * (event.end - event.start)
        at = event.last
    where += [origin[at + k] for k in range(len(text) - len(where) + 1)]
    return text, where, [(event.start, event.end) for event in events], len(events)


def labels(text: str, truth: str, where: list[int], events: list[tuple[int, int]], v, p):
    """Which proposals bring the text nearer to the truth, and, unless a glyph moved, hold what stands there."""
    widened = {}
    for start, end in events:
        for k in range(start, end):
            widened[k] = start, end
    right = np.zeros(len(p), dtype=bool)
    for row in range(len(p)):
        a, b = v.span(int(p.start[row]), int(p.length[row]))
        low = widened.get(a, (a, a))[0]
        high = max(b, widened.get(b - 1, (b, b))[1])
        want = truth[where[low] : where[high]].replace(" ", "")
        new = p.text(row)
        before = Levenshtein.distance(text[low:high].replace(" ", ""), want)
        after = Levenshtein.distance((text[low:a] + new + text[b:high]).replace(" ", ""), want)
        whole = not after or (new[0] in want and after <= max(0, before - 2))
        right[row] = after < before and (p.group[row] == MOVED or whole)
    return right


def samples(lm: Model, progress: bool = True) -> list[Sample]:
    counts, table = gs.corpus_counts(), misreadings()
    unigrams = lm.score_columns(np.arange(lm.vocabulary.size, dtype=np.uint16)[:, None], 0)[:, 0]
    none = np.zeros((len(GROUPS), 1 + len(FEATURES) + len(DOCUMENT)))
    blank = Judge(none[:, : 1 + len(FEATURES)], none)
    debris = Debris(lm, Components.load(), Variants.load(), Channel.load(), unigrams, blank)
    out = []
    began = time.perf_counter()
    chosen = [segment for segment in corpus.shuffled() if segment.source in SOURCES][:DOCUMENTS]
    order = sorted(enumerate(chosen), key=lambda item: item[1].source)  # so that each is read once
    for seed, segment in order:
        truth = "\n".join(corpus.paragraphs(segment, SIZE))
        if not truth:
            continue
        text, where, events, pieces = garble(truth, seed, counts, table)
        v = view(text, lm)
        log_probs = lm.log_prob(v.stream, context=np.empty(0, dtype=np.uint16))
        found = debris.evidence(v, log_probs)
        if found is None:
            continue
        p, x = found
        right = labels(text, truth, where, events, v, p)
        out.append(Sample(len(text), pieces, v, p, p.group, x, right, badly(v, log_probs)))
        if progress and len(out) % 50 == 0:
            print(f"{time.perf_counter() - began:5.0f} s, {len(out)} documents", file=sys.stderr)
    return out


def fit(x: Matrix, y: NDArray[np.bool_]) -> Matrix:
    """Weights, bias first, of a logistic regression with a ridge on standardised columns."""
    mean, spread = x.mean(axis=0), x.std(axis=0)
    spread[spread < 1e-6] = np.inf
    z = np.hstack([np.ones((len(x), 1)), (x - mean) / spread])
    w = np.zeros(z.shape[1])
    ridge = np.full(z.shape[1], RIDGE)
    ridge[0] = 1e-6
    for _ in range(60):
        chance = 1 / (1 + np.exp(-np.clip(z @ w, -30, 30)))
        gradient = z.T @ (chance - y) + ridge * w
        hessian = (z * (chance * (1 - chance) + 1e-9)[:, None]).T @ z + np.diag(ridge)
        step = np.linalg.solve(hessian, gradient)
        w -= step
        if np.abs(step).max() < 1e-8:
            break
    plain = w[1:] / spread
    return np.concatenate([[w[0] - (plain * mean).sum()], plain])


def train(rows: list[Sample]) -> Judge:
    """Both opinions, fit on `rows`; the document's rates are those of the first."""
    first = np.zeros((len(GROUPS), 1 + len(FEATURES)))
    second = np.zeros((len(GROUPS), 1 + len(FEATURES) + len(DOCUMENT)))
    groups = np.concatenate([s.groups for s in rows])
    x = np.concatenate([s.x for s in rows]).astype(np.float64)
    y = np.concatenate([s.right for s in rows])
    for group in range(len(GROUPS)):
        first[group] = fit(x[groups == group], y[groups == group])
    judge = Judge(first, second)
    rate_rows(judge, rows)
    document = np.concatenate(
        [document_columns(judge._log_odds(s.groups, s.x), s.rate, s.level) for s in rows]
    )
    for group in range(len(GROUPS)):
        here = groups == group
        second[group] = fit(np.hstack([x[here], document[here]]), y[here])
    return judge


def rate_rows(judge: Judge, rows: list[Sample]) -> None:
    for s in rows:
        s.rate = Debris.rates(s.view, s.proposals, judge.opinion(s.groups, s.x))


def report(judge: Judge, rows: list[Sample]) -> None:
    rate_rows(judge, rows)
    made, hit = np.zeros(len(GROUPS), int), np.zeros(len(GROUPS), int)
    harm = clean = pieces = 0
    for s in rows:
        clean += s.size if not s.debris else 0
        pieces += s.debris
        confidence = judge.confidence(s.groups, s.x, s.rate, s.level)
        for row in Debris._chosen(s.view, s.proposals, confidence, MADE):
            made[s.groups[row]] += 1
            hit[s.groups[row]] += s.right[row]
            harm += not s.debris and not s.right[row]
    for group, name in enumerate(GROUPS):
        print(f"{name:8} {made[group]:5} made, {hit[group] / max(1, made[group]):.3f} right", file=sys.stderr)
    print(f"all {made.sum()} of {pieces} pieces, {hit.sum() / max(1, made.sum()):.4f} right, "
          f"{harm} wrong ones in {clean:,} characters without debris", file=sys.stderr)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--lm", type=Path, required=True, help="a model that has not seen the reserved text")
    parser.add_argument("--check", action="store_true", help="write nothing; fail unless the file is up to date")
    parser.add_argument("--dump", type=Path, help="store the evidence as .npz, to try other models on")
    options = parser.parse_args()
    rows = samples(Model.load(options.lm))
    print(f"{sum(s.size for s in rows):,} characters, {sum(s.debris for s in rows):,} pieces of debris, "
          f"{sum(len(s.groups) for s in rows):,} proposals, {sum(int(s.right.sum()) for s in rows):,} right",
          file=sys.stderr)
    if options.dump:
        np.savez(options.dump, x=np.concatenate([s.x for s in rows]), y=np.concatenate([s.right for s in rows]),
                 g=np.concatenate([s.groups for s in rows]),
                 d=np.repeat(np.arange(len(rows)), [len(s.groups) for s in rows]))
    report(train([s for k, s in enumerate(rows) if k % FOLD]), [s for k, s in enumerate(rows) if not k % FOLD])
    judge = train(rows)
    table = [
        (opinion, group, feature, f"{weight:.5g}")
        for opinion, weights in (("first", judge.first), ("second", judge.second))
        for group, row in zip(GROUPS, weights, strict=True)
        for feature, weight in zip(("bias", *FEATURES, *DOCUMENT), row, strict=False)
    ]
    head = [
        "generated by scripts/fit_debris.py; do not edit",
        "weights of the logistic models in textfix/repairer/debris_judge.py",
        "sources: debris made from ids.txt (yi-bai/ids, MIT), Unihan and rendered glyphs, in ../shared/lm-corpus",
    ]
    data = gs.tsv(head, ("opinion", "group", "feature", "weight"), table)
    return gs.write_or_check(Path("debris.tsv"), data, sys.argv)


if __name__ == "__main__":
    raise SystemExit(main())
