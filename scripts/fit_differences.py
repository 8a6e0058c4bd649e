#!/usr/bin/env python3
"""Fit the weights by which `textfix.align` tells OCR errors from editorial changes (confusables/differences.tsv).

    python scripts/fit_differences.py            # write the weights, print what cross-validation says
    python scripts/fit_differences.py --check    # exit 1 if the file is not what would be written

Cases are the doubtful differences of the made pairs of scripts/bench/editorial.py (real OCR output of
../shared/ocr/dev, edited by a simulated hand), labelled by how the pair was made. Each model is an L2-regularised
logistic regression, its constant moved to the odds at which `KEPT` of the editorial cases of held-out documents
stay as they are.
"""

from __future__ import annotations

import argparse
import sys
from bisect import bisect_left
from collections.abc import Sequence
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent / "bench"))
from editorial import Change, Edited, edited_pairs

from textfix.alignment.aligner import line_starts
from textfix.alignment.cases import Case, Skeletons, parts_of
from textfix.alignment.evidence import Evidence
from textfix.alignment.features import measure
from textfix.alignment.folding import skeleton
from textfix.alignment.segments import differing_blocks
from textfix.alignment.weights import COLUMNS, MODELS
from textfix.text.codepoints import encode

TARGET = Path(__file__).resolve().parents[1] / "confusables" / "differences.tsv"
#: The share of editorial cases of each model that must be kept in cross-validation: single ones, several in a row.
KEPT = {"replaced": (0.72, 0.88), "lost": (0.85, 0.85), "invented": (0.65, 0.9)}
SEEDS = (1, 2, 3)
NOTES = {
    "constant": "moved to keep the wanted share of editorial cases",
    "likeness": "likeness of the glyphs, 0 to 1",
    "run likeness": "mean likeness of all pairs that differ in a row",
    "gain": "log-probability of the intended less that of the observed, nats a character",
    "reads well": "log-probability of the intended in its context, nats a character",
    "rarity read": "log-probability of the observed without context",
    "rarity meant": "log-probability of the intended without context",
    "several": "1 if more than one character differs in a row",
    "ragged": "1 if the difference lies beside a cut or an addition",
    "noise": "log of the sure OCR errors in 1,000 characters of the text",
    "edits": "log of the sure small edits in 1,000 characters of the text",
    "near edit": "1 if a number, a longer cut or addition is a few characters away",
    "near errors": "log of 1 and the sure OCR errors around",
    "near doubts": "log of 1 and the other doubtful differences around",
    "edge": "1 if a line of the first text starts or ends there",
}


def labelled(pair: Edited, evidence: Evidence) -> list[tuple[Case, bool]]:
    """The cases of one pair, and whether OCR made each; those that are both or neither are left out."""
    codes = encode(pair.extract)
    x, places = skeleton(codes)
    y, _ = skeleton(encode(pair.authority))
    blocks, _ = differing_blocks(x, y)
    texts = Skeletons.of(x, y, line_starts(codes, places))
    at = places.tolist()

    def spans(changes: Sequence[Change]) -> list[tuple[int, int]]:
        return [(bisect_left(at, c.start), bisect_left(at, c.end)) for c in changes]

    errors, edits = spans(pair.errors), spans(pair.edits)
    out = []
    wholes = parts_of(texts, blocks, evidence)
    measure(texts, wholes, evidence)
    for parts in wholes:
        for case in parts:
            if isinstance(case, Case):
                by = [any(_meets(case.block, span) for span in side) for side in (errors, edits)]
                if by[0] != by[1]:
                    out.append((case, by[0]))
    return out


def _meets(block: tuple[int, int, int, int], span: tuple[int, int]) -> bool:
    i0, i1, _, _ = block
    if i0 == i1 or span[0] == span[1]:
        return i0 <= span[1] and span[0] <= i1
    return i0 < span[1] and span[0] < i1


def fit(features: np.ndarray, labels: np.ndarray, l2: float = 1.0) -> np.ndarray:
    """Weights of a logistic regression by Newton's method, the constant last; penalty on standardised features."""
    mean, spread = features.mean(0), features.std(0) + 1e-9
    z = np.c_[(features - mean) / spread, np.ones(len(features))]
    penalty = np.r_[np.full(features.shape[1], l2), 1e-6]
    w = np.zeros(z.shape[1])
    for _ in range(30):
        p = 1 / (1 + np.exp(-z @ w))
        w -= np.linalg.solve((z * (p * (1 - p))[:, None]).T @ z + np.diag(penalty), z.T @ (p - labels) + penalty * w)
    raw = w[:-1] / spread
    return np.r_[raw, w[-1] - raw @ mean]


def cross_validated(features: np.ndarray, labels: np.ndarray, documents: Sequence[str], folds: int = 6) -> np.ndarray:
    """The odds of every case by weights fitted without its document."""
    names = sorted(set(documents))
    fold = np.array([names.index(d) % folds for d in documents])
    odds = np.zeros(len(labels))
    for n in range(folds):
        w = fit(features[fold != n], labels[fold != n])
        odds[fold == n] = np.c_[features[fold == n], np.ones((fold == n).sum())] @ w
    return odds


def report(model: str, odds: np.ndarray, labels: np.ndarray) -> None:
    rank = np.argsort(np.argsort(odds))
    ones = labels.sum()
    auc = (rank[labels == 1].sum() - ones * (ones - 1) / 2) / max(1, ones * (len(labels) - ones))
    line = f"{model}: {int(ones)} by OCR, {int(len(labels) - ones)} by people, AUC {auc:.3f};"
    for kept in (0.7, 0.75, 0.8, 0.85, 0.9, 0.95):
        bar = np.quantile(odds[labels == 0], kept)
        line += f" kept {kept:.2f}: repaired {np.mean(odds[labels == 1] > bar):.3f};"
    print(line)


def gather() -> dict[str, tuple[list[str], np.ndarray, np.ndarray, list[str]]]:
    """For each model its feature names, features, labels and documents."""
    evidence = Evidence.shipped()
    rows: dict[str, list[tuple[dict[str, float], bool, str]]] = {model: [] for model in MODELS}
    for seed in SEEDS:
        for pair in edited_pairs(seed=seed):
            for case, by_ocr in labelled(pair, evidence):
                # Every seed sees the same OCR errors; counted once, they would drown in the edits of three.
                rows[case.model].append((dict(case.features), by_ocr, pair.name))
    out = {}
    for model, found in rows.items():
        names = sorted({name for features, _, _ in found for name in features})
        table = np.array([[features[name] for name in names] for features, _, _ in found])
        out[model] = names, table, np.array([float(by_ocr) for _, by_ocr, _ in found]), [doc for *_, doc in found]
    return out


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    lines = [
        "# generated by scripts/fit_differences.py; do not edit",
        "# source: simulated edits of real OCR output (Tesseract 5.3, PP-OCRv4) of provincial reports, plans and laws",
        "# log-odds that OCR made a difference, not a person: the weighted sum of the features",
        "\t".join(COLUMNS),
    ]
    for model, (names, features, labels, documents) in gather().items():
        odds = cross_validated(features, labels, documents)
        weights = dict(zip([*names, "constant"], fit(features, labels).tolist(), strict=True))
        several = features[:, names.index("several")] > 0
        for some, of in ((several, "several"), (~several, "single")):
            if some.any():
                report(f"{model}, {of}", odds[some], labels[some])
        single_bar, several_bar = (
            float(np.quantile(odds[some & (labels == 0)], kept)) if (some & (labels == 0)).any() else 0.0
            for some, kept in zip((~several, several), KEPT[model], strict=True)
        )
        weights["constant"] -= single_bar
        if several.any():
            weights["several"] -= several_bar - single_bar
        for name, weight in sorted(weights.items()):
            lines.append(f"{model}\t{name}\t{weight:.4f}\t{NOTES[name]}")
    text = "\n".join(lines) + "\n"
    if args.check:
        return int(not TARGET.exists() or TARGET.read_text("utf-8") != text)
    TARGET.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
