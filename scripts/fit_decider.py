#!/usr/bin/env python3
"""Fit the decider's forests, confusables/decider.npz, on real OCR output (scripts/ocrdata) and its ground truth.

    python scripts/fit_decider.py PAIRS [PAIRS ...] --lm HELDOUT.lm --phrases HELDOUT.bin
    python scripts/fit_decider.py ... --learn MORE [MORE ...]    # of which only the channels learn
    python scripts/fit_decider.py ... --onto confusables/learned # tables that they know, too, before PAIRS are added
    python scripts/fit_decider.py ... ../shared/ocr/dev --validate ../shared/ocr/dev -o A  # and report on it
    python scripts/fit_decider.py ... --joined 0.25 -o B         # with the lines of a quarter of the pages joined
    python scripts/fit_decider.py --beside A B C D --validate ../shared/ocr/dev # what is shipped: these, each for its
                                                                 # share (`BESIDE`), with today's bounds and caution

PAIRS are folders with <set>/<id>.ocr.txt and .gt.txt. The language model and the phrase table must not have seen their
text (scripts/heldout_lm.py and scripts/build_phrases.py --heldout make such ones), and the channel of each document is
learned from the other folds, so that the forests see the evidence that a new document gives.
Needs lightgbm (build time only).
"""

from __future__ import annotations

import argparse
import hashlib
import random
import re
import sys
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import Levenshtein
import lightgbm
import numpy as np
from build_channel import characters

from textfix.channel import Channel, leanings
from textfix.edits import Edits
from textfix.learner import Pair, learn
from textfix.lm import Model, load_default
from textfix.lm.cloze import Cloze
from textfix.lm.marks import Marks
from textfix.lm.phrases import Phrases
from textfix.pipeline import Repairer
from textfix.repairer.decoder import Decoder, Reading
from textfix.repairer.detector import BINS, GROUPS, Detector, describe_gaps, describe_spots, phrased
from textfix.repairer.estimates import Estimates
from textfix.repairer.features import FEATURES
from textfix.repairer.forest import CALIBRATED, Decider, Forest
from textfix.repairer.models import Models
from textfix.repairer.proposals import Proposals
from textfix.repairer.view import View, look, view
from textfix.tables.confusable import Table
from textfix.tables.strays import Strays
from textfix.text.classes import DIGIT

ROOT = Path(__file__).resolve().parent.parent
FOLDS = 3
TREES, LEAVES, DEPTH = 200, 24, 6
#: Probability of an error from which on a place is looked at: thoroughly, and in a text that may be clean.
LOOK = {"spots": (0.012, 0.7), "gaps": (0.004, 0.7)}
#: Shares of the fits that are added up: of pages as they are, and with joined lines; and two such from before the mark
#: model was one of towers.
BESIDE = (0.2, 0.3, 0.2, 0.3)
#: After so many of the first forests' trees together a proposal is given up that has no more than these log-odds. At
#: each stage one in a thousand of those on ../shared/ocr/dev is lost that is worth a second opinion (`WORTH`), and none
#: that the whole forest gives more than 0.1.
STAGES = np.array([(80, -4.25), (200, -4.8), (320, -4.8), (520, -4.4), (640, -4.1)], dtype=np.float32)
#: Marks that engines lose, most often at the end of a line.
LOSABLE = "，。、；：“”（）"
#: The share of a Han character that engines lose, and by how much less or more often some are lost.
USUALLY_LOST, OFTEN = 1e-3, (0.3, 8.0)
#: Width and direction do not count as content, as in ../shared/tools/score.py.
SAME = str.maketrans("，；：！？（）［］“”„‘’％＋．—－–―〔〕～", ',;:!?()[]"""\'\'%+.----[]~')


@dataclass
class Document:
    """One pair on its way through the fit."""

    group: str
    name: str
    ocr: str
    truth: str
    reading: Any = None
    labels: Any = None
    estimates: Estimates | None = None
    text: str = ""
    made: list[int] = field(default_factory=list)

    @property
    def fold(self) -> int:
        return int(hashlib.md5(self.name.encode()).hexdigest(), 16) % FOLDS


def prepared(text: str, repairer: Repairer) -> str:
    """What the decoder is given of `text`: debris, variants and setting are repaired before it."""
    return repairer.clean(text, only=("split", "shift", "variant", "width", "quote", "space"))


def load(folders: list[Path]) -> list[Document]:
    found = []
    repairer = Repairer()
    for folder in folders:
        for path in sorted(folder.glob("*/*.ocr.txt")):
            truth = path.with_name(path.name.replace(".ocr.", ".gt."))
            if truth.exists() and path.parent.name != "failed":
                name = path.name.removesuffix(".ocr.txt")
                ocr = prepared(path.read_text("utf-8"), repairer)
                found.append(Document(path.parent.name, name, ocr, truth.read_text("utf-8")))
    return found


def worn(documents: list[Document], joined: float, strays: Strays, seed: int = 2) -> list[Document]:
    """The documents, half of them with more characters lost, at the rates of the worse pages of PaddleOCR: where an
    engine loses a character is mostly chance, so that pages with more of it need not be rendered for that; which ones,
    `strays` tell. The share `joined` have no line ends: a text without them need not be clean."""
    chance = random.Random(seed)
    usual = np.clip(np.exp(strays.log_lost(np.arange(0x10000, dtype=np.uint32))) / USUALLY_LOST, *OFTEN).tolist()
    out = []
    for d in documents:
        if joined and chance.random() < joined:
            d = Document(d.group, d.name, re.sub(r"(?<!\n)\n(?!\n)", "", d.ocr), d.truth)
        if chance.random() < 0.5:
            rate = chance.choice((0.002, 0.005))
            kept = []
            for at, char in enumerate(d.ocr):
                last = d.ocr[at + 1 : at + 2] in ("\n", "")
                if char in LOSABLE:
                    lost = rate * (10 if last else 2)
                else:
                    lost = rate * usual[ord(char)] if "\u4e00" <= char <= "\u9fff" else 0
                if chance.random() >= lost:
                    kept.append(char)
            d = Document(d.group, d.name, "".join(kept), d.truth)
        out.append(d)
    return out


def clean_copies(documents: list[Document], seed: int = 1) -> list[Document]:
    """The truth of some documents as they are and wrapped to lines: what must be left alone."""
    chance = random.Random(seed)
    copies = []
    for d in documents:
        if chance.random() < 0.5:
            text = d.truth
            if chance.random() < 0.6:
                width = chance.choice((26, 28, 32, 36, 40))
                rows = [p[i : i + width] for p in text.split("\n") for i in range(0, max(len(p), 1), width)]
                text = "\n".join(rows)
            copies.append(Document("clean", d.name, text, d.truth))
    return copies


def channels(documents: list[Document], more: list[Document], lm: Model, onto: Path | None = None) -> list[Channel]:
    """The channel without each fold; `more` are documents that all of them learn from, `onto` tables that they know."""
    counts: list[dict[bool, Counter[tuple[str, str]]]] = [{True: Counter(), False: Counter()} for _ in range(FOLDS + 1)]
    size = [0] * (FOLDS + 1)
    for fold, d in [*((d.fold, d) for d in documents), *((FOLDS, d) for d in more)]:
        for row in learn([Pair(d.ocr, d.truth, d.name)]).active:
            counts[fold][d.group.startswith("tess")][row.observed, row.intended] += row.count
        size[fold] += len(d.truth)
    for path in sorted(onto.glob("*.tsv")) if onto else ():
        table = Table.load(path)
        size[FOLDS] += characters(table)
        for row in table.active:
            counts[FOLDS][path.stem == "tesseract"][row.observed, row.intended] += row.count
    unigrams = np.exp(lm.score_columns(np.arange(lm.vocabulary.size, dtype=np.uint16)[:, None], 0)[:, 0])

    def build(folds: list[int]) -> Channel:
        families: list[Counter[tuple[str, str]]] = [Counter(), Counter()]
        for f in folds:
            for family, of_tesseract in zip(families, (True, False), strict=True):
                family.update(counts[f][of_tesseract])
        total = families[0] + families[1]
        n = sum(size[f] for f in folds)
        chars = sorted({i or o for o, i in total if len(i or o) == 1})
        ids = lm.vocabulary.id_of(np.array([ord(c) for c in chars], dtype=np.uint32))
        read = {c: n * float(unigrams[at]) for c, at in zip(chars, ids, strict=True) if at < lm.vocabulary.size}
        return Channel.from_counts(total, read, leanings(*families), families[0])

    return [build([g for g in range(FOLDS + 1) if g != f]) for f in range(FOLDS)]


def aligned(v: View, truth: View) -> list[tuple[str, int, int, int, int]]:
    """The edit operations from the content of a view to that of the truth."""

    def content(view_: View) -> str:
        return "".join(map(chr, view_.codes.tolist())).translate(SAME)

    return [op[:5] for op in Levenshtein.opcodes(content(v), content(truth))]


def detector(documents: list[Document], models_of: Any) -> Detector:
    """The places worth a look: additive models of stumps, one for each group, on what the documents show wrong."""
    rows: tuple[list[Any], list[Any]] = ([], [])
    for d in documents:
        models: Models = models_of(d)
        seen, truth = look(d.ocr, models.lm), view(d.truth, models.lm)
        v, log_probs = seen.view, seen.log_probs
        wrong, lost = np.zeros(len(v), dtype=bool), np.zeros(len(v) + 1, dtype=bool)
        for tag, a, b, _, _ in aligned(v, truth):
            if tag in ("replace", "delete"):
                wrong[a:b] = True
            elif tag == "insert":
                lost[a] = True
        wrong[v.classes == DIGIT] = False
        lost[0] = False
        noisy = np.full(len(v) + 1, d.group != "clean")
        attested = phrased(v, models)
        bins, group = describe_spots(v, log_probs, models, attested)
        rows[0].append((np.stack(bins), group, wrong, noisy[1:]))
        bins, group = describe_gaps(v, log_probs, models, attested)
        rows[1].append((np.stack(bins), group, lost, noisy))
    tables, bounds = [], []
    for name, parts in zip(("spots", "gaps"), rows, strict=True):
        bins, group, wrong, noisy = (np.concatenate(part, axis=-1) for part in zip(*parts, strict=True))
        table = np.zeros((len(bins), GROUPS * BINS), dtype=np.float32)
        for g in range(GROUPS):
            mine = group == g
            table[:, g * BINS : (g + 1) * BINS] = _stumps(bins[:, mine].T, wrong[mine])
        tables.append(table)
        score = sum(t.take(group * BINS + b) for t, b in zip(table, bins, strict=True))
        for least in LOOK[name]:
            flagged = score > np.log(least / (1 - least))
            print(
                f"{name} above {least}: {flagged[noisy].mean():.2%} of pages, {flagged[~noisy].mean():.2%} of clean "
                f"text, {flagged[wrong].mean():.1%} of the errors",
                file=sys.stderr,
            )
        bounds.append([float(np.log(p / (1 - p))) for p in LOOK[name]])
    (thorough, quick) = zip(*bounds, strict=True)
    return Detector(tables[0], tables[1], thorough, quick)


def _stumps(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Boosted stumps as one table of weights for each feature, (features, BINS)."""
    options = {"objective": "binary", "num_leaves": 2, "learning_rate": 0.2, "min_data_in_leaf": 50, "verbose": -1,
               "num_threads": 1, "deterministic": True, "force_row_wise": True, "seed": 1, "max_bin": 63}  # fmt: skip
    table = np.zeros((x.shape[1], BINS), dtype=np.float32)
    if not 20 < y.sum() < len(y) - 20:
        table[0] = np.log((y.sum() + 0.5) / (len(y) + 1.0))
        return table
    for tree in lightgbm.train(options, lightgbm.Dataset(x.astype(np.float32), y), 250).dump_model()["tree_info"]:
        node = tree["tree_structure"]
        if "leaf_value" in node:
            table[0] += node["leaf_value"]
            continue
        low = np.arange(BINS) <= node["threshold"]
        table[node["split_feature"]] += np.where(
            low, node["left_child"]["leaf_value"], node["right_child"]["leaf_value"]
        )
    return table


def labels(v: View, truth: View, reading: Reading) -> np.ndarray:
    """By how much each proposal lowers the edit distance to the truth."""

    ours, theirs = ("".join(map(chr, w.codes.tolist())).translate(SAME) for w in (v, truth))
    n = len(ours)
    image = np.full(n + 1, -1)
    for tag, a, b, c, _ in aligned(v, truth):
        if tag == "equal":
            image[a:b] = np.arange(c, c + b - a)
    image[n] = len(theirs)
    p = reading.proposals
    out = np.zeros(len(p), dtype=np.int8)
    for k in range(len(p)):
        start, end = int(p.start[k]), int(p.start[k] + p.length[k])
        low, high = max(0, start - 6), min(n, end + 6)
        while low > 0 and image[low] < 0:
            low -= 1
        while high < n and image[high] < 0:
            high += 1
        want = theirs[max(image[low], 0) : image[high]]
        was = ours[low:high]
        now = ours[low:start] + p.text(k).translate(SAME) + ours[end:high]
        out[k] = Levenshtein.distance(was, want) - Levenshtein.distance(now, want)
    return out


def fit(x: np.ndarray, y: np.ndarray) -> lightgbm.Booster:
    options = {
        "objective": "binary", "num_leaves": LEAVES, "max_depth": DEPTH, "learning_rate": 0.08, "min_data_in_leaf": 30,
        "max_bin": 63, "lambda_l2": 1.0, "feature_fraction": 0.4, "bagging_fraction": 0.6, "bagging_freq": 1,
        "num_threads": 2, "verbose": -1, "deterministic": True, "force_row_wise": True, "seed": 1,
    }  # fmt: skip
    return lightgbm.train(options, lightgbm.Dataset(x, y), TREES)


def forest(model: lightgbm.Booster) -> Forest:
    """A booster as complete trees; a leaf above the last level is repeated below itself."""
    trees = [t["tree_structure"] for t in model.dump_model()["tree_info"]]
    inner = 2**DEPTH - 1
    feature = np.zeros((len(trees), inner), dtype=np.int16)
    threshold = np.full((len(trees), inner), np.inf, dtype=np.float32)
    value = np.zeros((len(trees), inner + 1), dtype=np.float32)

    def fill(t: int, node: dict[str, Any], at: int) -> None:
        if "leaf_value" in node:
            first, last = at, at
            while first < inner:
                first, last = 2 * first + 1, 2 * last + 2
            value[t, first - inner : last - inner + 1] = node["leaf_value"]
            return
        feature[t, at] = node["split_feature"]
        bound = np.float32(node["threshold"])
        threshold[t, at] = bound if bound <= node["threshold"] else np.nextafter(bound, np.float32(-np.inf))
        fill(t, node["left_child"], 2 * at + 1)
        fill(t, node["right_child"], 2 * at + 2)

    for t, tree in enumerate(trees):
        fill(t, tree, 0)
    return Forest(feature, threshold, value, 0.0)


def save(decider: Decider, path: Path) -> None:
    with path.open("wb") as file:
        np.savez_compressed(file, **decider.arrays())


def part_of(path: Path, fold: int) -> Path:
    """Where the forests that have not seen a fold are kept, beside those of `path`."""
    return path.with_name(f"{path.stem}.part{fold}.npz")


def careful(decider: Decider) -> Decider:
    """A fitted decider with today's `CAUTION` and bounds (`LOOK`): these can be changed without another fit."""
    scale = decider.calibration - np.stack([np.zeros_like(CAUTION), CAUTION], axis=1)
    bounds = zip(*([float(np.log(p / (1 - p))) for p in LOOK[name]] for name in ("spots", "gaps")), strict=True)
    thorough, quick = bounds
    return replace(decider, calibration=scale, detector=replace(decider.detector, thorough=thorough, quick=quick))


def blended(deciders: list[Decider]) -> Decider:
    """The forests of all deciders as one, each for its share of the log-odds, with the detector of the first.

    The first trees of each come first: they tell most."""

    def together(forests: list[Forest], stages: np.ndarray) -> Forest:
        values = [f.value * np.float32(share) for f, share in zip(forests, BESIDE, strict=True)]
        parts = [f.feature for f in forests], [f.threshold for f in forests], values
        bias = sum(share * f.bias for f, share in zip(forests, BESIDE, strict=True))
        return Forest(*(np.stack(p, axis=1).reshape(-1, p[0].shape[1]) for p in parts), bias, stages)

    scale = sum(share * d.calibration for d, share in zip(deciders, BESIDE, strict=True)).astype(np.float32)
    first, second = together([d.first for d in deciders], STAGES), together([d.second for d in deciders], STAGES[:0])
    return Decider(deciders[0].detector, first, second, scale)


def read(documents: list[Document], decoder_of: Any) -> None:
    """Propose, describe and label for every document, from its present text."""
    for d in documents:
        decoder: Decoder = decoder_of(d)
        seen = look(d.text or d.ocr, decoder.models.lm)
        found, v = decoder.evidence(seen), seen.view
        none = Proposals.none(), np.empty((0, len(FEATURES)), dtype=np.float32)
        p, x = (found.proposals, found.features) if found else none
        d.reading = Reading(v, p, x, np.zeros(len(p)))
        d.labels = labels(v, view(d.truth, decoder.models.lm), d.reading)


def opinions(documents: list[Document], first: Any) -> None:
    for d in documents:
        r = d.reading
        opinion = first(d).probability(r.features)
        d.reading = Reading(r.view, r.proposals, r.features, opinion)


def with_document(d: Document) -> np.ndarray:
    r = d.reading
    return np.hstack([r.features, (d.estimates or r.estimate()).columns(r.view, r.proposals, r.opinion, r.lean)])


def fitted(documents: list[Document], rows: Any) -> Forest:
    """The forest of `documents`, described by `rows`."""
    x = np.concatenate([rows(d) for d in documents])
    return forest(fit(x, np.concatenate([d.labels > 0 for d in documents])))


def crossfit(documents: list[Document], rows: Any) -> tuple[Any, Forest]:
    """Forests that have not seen a document's fold, and one fit on all."""
    parts = []
    for f in range(FOLDS):
        others = [d for d in documents if d.fold != f]
        parts.append(fitted(others, rows))
    whole = fitted(documents, rows)
    return (lambda d: parts[d.fold]), whole


def advance(documents: list[Document], second: Any, decoder_of: Any, threshold: float) -> list[Document]:
    """The documents after one round of edits by forests that have not seen them."""
    later = []
    for d in documents:
        r = d.reading
        decoder: Decoder = decoder_of(d)
        edits = Edits(decoder._choose(r, second(d).probability(with_document(d)), threshold, None))
        later.append(
            Document(
                d.group,
                d.name,
                d.ocr,
                d.truth,
                estimates=d.estimates or r.estimate(),
                text=edits.apply(d.text or d.ocr),
            )
        )
    return later


def calibration(documents: list[Document], second: Any, decoder_of: Any) -> np.ndarray:
    """Scale and shift of the log-odds, (CALIBRATED, 2), fit on the proposals that won their places."""
    odds: list[list[float]] = [[] for _ in range(CALIBRATED)]
    right: list[list[bool]] = [[] for _ in range(CALIBRATED)]
    for d in documents:
        score = second(d).log_odds(with_document(d))
        won = decoder_of(d).chosen(d.reading, 1 / (1 + np.exp(-score)), 0.1, None)
        for row, _ in won:
            group = int(d.reading.group[row])
            odds[group].append(float(score[row]))
            right[group].append(bool(d.labels[row] > 0))
    return _platt(odds, right)


def _platt(odds: list[list[float]], right: list[list[bool]]) -> np.ndarray:
    """For each group scale and shift that make log-odds come true (Platt 1999), by Newton's method."""
    out = np.tile(np.array([1, 0], dtype=np.float32), (len(odds), 1))
    for group, (x, y) in enumerate(zip(odds, right, strict=True)):
        a, b, xs, ys = 1.0, 0.0, np.array(x), np.array(y, dtype=float)
        for _ in range(50):
            p = 1 / (1 + np.exp(-(a * xs + b)))
            w = np.maximum(p * (1 - p), 1e-9)
            gradient = np.array([((ys - p) * xs).sum(), (ys - p).sum()])
            hessian = np.array([[(w * xs * xs).sum(), (w * xs).sum()], [(w * xs).sum(), w.sum()]])
            a, b = np.array([a, b]) + np.linalg.solve(hessian + 1e-6 * np.eye(2), gradient)
        out[group] = a, b
        print(f"calibration {group}: {len(x)} edits, {ys.mean():.1%} right, {a:.3f} x {b:+.3f}", file=sys.stderr)
    return out


#: The calibrated group that an edit of each kind is of.
GROUP_OF = {"glyph": 0, "split": 0, "mark": 1, "noise": 2, "drop": 3}
#: Log-odds taken off each group beside: near the threshold noise is less certain than it says, the rest more.
#: Chosen by hand on ../shared/ocr/dev.
CAUTION = np.array([-0.2, -0.05, 0.4, -0.2], dtype=np.float32)


def recalibrated(before: np.ndarray, folder: Path, decider_of: Any) -> np.ndarray:
    """`before`, mended by what comes of whole repairs of the pairs of `folder`, each by forests that have not seen it:
    edits and suggestions after several rounds are righter than the first look at them."""
    odds: list[list[float]] = [[] for _ in before]
    right: list[list[bool]] = [[] for _ in before]
    score = _scorer()
    repairers = _repairers(decider_of)
    for place in sorted(path for path in folder.iterdir() if path.is_dir()):
        for name, ocr, truth in score.load(place, None):
            repair = repairers[Document("", name, "", "").fold].repair(ocr)
            decided = [e for e in (*repair.edits, *repair.suggestions) if "channel" in e.evidence]
            for verdict, edit, _ in score.judge(ocr, truth, decided):
                if edit.start == edit.end == len(ocr.rstrip()):
                    continue  # with free ends the scorer calls everything idle that is added at the end
                p = min(max(edit.confidence, 1e-6), 1 - 1e-6)
                odds[GROUP_OF[edit.kind]].append(float(np.log(p / (1 - p))))
                right[GROUP_OF[edit.kind]].append(verdict > 0)
    more = _platt(odds, right)
    shift = more[:, 0] * before[:, 1] + more[:, 1]
    return np.stack([more[:, 0] * before[:, 0], shift], axis=1).astype(np.float32)


def _scorer() -> Any:
    sys.path.insert(0, str(ROOT.parent / "shared" / "tools"))
    import score

    return score


def _repairers(decider_of: Any) -> list[Repairer]:
    """A repairer with the forests for each fold."""
    repairers = []
    for fold in range(FOLDS):
        repairer = Repairer()
        repairer.__dict__["_decoder"] = Decoder(Models.shipped(load_default(), Channel.load()), decider_of(fold))
        repairers.append(repairer)
    return repairers


def validate(folder: Path, decider_of: Any) -> None:
    """Cut and precision on the pairs of `folder`, each repaired by forests that have not seen its text, as
    ../shared/tools/score.py counts them (which sees forests that have)."""
    score, repairers = _scorer(), _repairers(decider_of)
    total = np.zeros(4)
    for place in sorted(path for path in folder.iterdir() if path.is_dir()):
        rows = score.load(place, None)
        fold_of = {ocr: Document("", name, "", "").fold for name, ocr, _ in rows}
        result = score.score_set(lambda text: repairers[fold_of[text]].repair(text), rows, False)  # noqa: B023
        print(
            f"{place.name:12} {result['before']:6.2f}% {result['after']:6.2f}% cut {result['cut']:6.1%} "
            f"edits {result['edits']:5} precision {result['precision'] or 0:.3f}",
            file=sys.stderr,
        )
        chars, right = result["chars"] / 100, (result["precision"] or 0) * result["edits"]
        total += [result["before"] * chars, result["after"] * chars, result["edits"], right]
    print(f"all: cut {1 - total[1] / total[0]:.1%}, {total[2]:.0f} edits, precision {total[3] / total[2]:.4f}",
          file=sys.stderr)  # fmt: skip


def _one_name_each_fold() -> list[str]:
    names = map(str, range(100))
    found = {Document("", name, "", "").fold: name for name in names}
    return [found[f] for f in range(FOLDS)]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("pairs", nargs="*", type=Path)
    parser.add_argument("--learn", type=Path, nargs="*", default=[], help="more pairs that the channels learn from")
    parser.add_argument(
        "--onto", type=Path, help="a folder of tables that the channels know, too, learned from none of PAIRS"
    )
    parser.add_argument("--lm", type=Path)
    parser.add_argument("--phrases", type=Path)
    parser.add_argument("--cloze", type=Path, help="instead of confusables/cloze.bin")
    parser.add_argument(
        "--validate", type=Path, help="one of PAIRS: calibrate and report on it by forests that have not seen it"
    )
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "confusables" / "decider.npz")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--joined", type=float, default=0.0, help="share of the pages whose lines are joined")
    parser.add_argument(
        "--beside", type=Path, nargs=len(BESIDE),
        help="fit nothing: write the forests of these files, each for its share (BESIDE) of the log-odds",
    )  # fmt: skip
    options = parser.parse_args()
    if options.beside:
        save(careful(blended([Decider.load(path) for path in options.beside])), options.output)
        if options.validate:
            parts = [blended([Decider.load(part_of(path, f)) for path in options.beside]) for f in range(FOLDS)]
            validate(options.validate, lambda f: careful(parts[f]))
        return 0
    if not (options.pairs and options.lm and options.phrases):
        parser.error("a fit needs PAIRS, --lm and --phrases")
    began = time.perf_counter()

    def say(what: str) -> None:
        print(f"{time.perf_counter() - began:6.1f} s  {what}", file=sys.stderr, flush=True)

    lm = Model.load(options.lm)
    documents = load([folder for folder in options.pairs if folder != options.validate])
    validated = load([folder for folder in options.pairs if folder == options.validate])
    by_fold = channels(documents + validated, load(options.learn), lm, options.onto)
    documents = worn(documents, options.joined, Channel.load().strays) + validated
    say(f"{len(documents)} documents, {sum(len(d.truth) for d in documents):,} characters")
    now = documents + clean_copies(documents)
    known = Cloze.load(options.cloze), Phrases.load(options.phrases), Marks.load()
    models = [Models(lm, channel, *known) for channel in by_fold]
    places = detector(now, lambda d: models[d.fold])
    say("fitted the detector")
    none = Forest(np.zeros((0, 63), np.int16), np.zeros((0, 63), np.float32), np.zeros((0, 64), np.float32), 0.0)
    decoders = [Decoder(m, Decider(places, none, none)) for m in models]
    seen: list[Document] = []
    for turn in range(options.rounds):
        read(now, lambda d: decoders[d.fold])
        proposals, right = sum(len(d.labels) for d in now), sum(int((d.labels > 0).sum()) for d in now)
        say(f"round {turn}: {proposals:,} proposals, {right:,} right")
        seen += now
        first, first_all = crossfit(seen, lambda d: d.reading.features)
        opinions(seen, first)
        second, second_all = crossfit(seen, with_document)
        say("fitted")
        if turn + 1 < options.rounds:
            now = advance(now, second, lambda d: decoders[d.fold], 0.9)
    parts = [Document("", name, "", "") for name in _one_name_each_fold()]
    scale = calibration(seen, second, lambda d: decoders[d.fold])

    def part(f: int) -> Decider:
        """The forests that have not seen a fold, as calibrated so far."""
        return Decider(places, first(parts[f]), second(parts[f]), scale)

    if options.validate:
        scale = recalibrated(scale, options.validate, part)
        say("calibrated on whole repairs")
    save(Decider(places, first_all, second_all, scale), options.output)
    say(f"{options.output}: {options.output.stat().st_size:,} bytes")
    if options.validate:
        for f in range(FOLDS):
            save(part(f), part_of(options.output, f))
        validate(options.validate, lambda f: careful(part(f)))
        say("validated")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
