#!/usr/bin/env python3
"""What authority terms repair, what they harm, and what they cost.

    python scripts/bench/terms.py [--size 100000] [--share 0.3] [--part made|real|speed]

made
    Clean documents (../shared/clean) in which a share of the names that stand there got one character misread, drawn
    from `confusables/learned/`, and in which as many others stay as they are. The list: the names of jieba's dictionary
    (https://github.com/fxsjy/jieba, MIT; `pip install jieba`, for this bench alone) and the titles in 《》 of the
    documents. *kept out* does the same with half of the names that stand in the documents left out of the list: they
    are well-formed phrases that resemble a term, and nothing may happen to them. *clean* counts edits in the documents
    as they are.
real
    ../shared/ocr/dev with names and titles from the ground truth of the other documents.
speed
    Characters a second with and without the list, and the seconds that the index takes.

Only edits of kind ``term`` are judged; an edit is right if it puts back what stood there.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import time
from collections import Counter
from pathlib import Path

from harness.material import misreadings

import textfix
from textfix.pipeline import Options, Repairer
from textfix.repairer.terms import Terms

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
NAMES = {"nr", "ns", "nt", "nz", "nrt", "nrfg"}
TITLE = re.compile(r"《([^《》\s]{4,40})》")


def dictionary() -> list[str]:
    """Names of jieba's dictionary."""
    import jieba

    lines = (Path(jieba.__path__[0]) / "dict.txt").read_text("utf-8").splitlines()
    return [word for word, _, tag in (line.split() for line in lines) if tag in NAMES and len(word) > 1]


def standing(text: str, names: Terms) -> list[tuple[int, int]]:
    """Disjoint spans of terms of three or more characters in `text`."""
    from textfix.text.codepoints import encode

    hits = names.index.search(encode(text), lambda o, i: o == i)
    spans, reach = [], 0
    rows = (hits.errors == 0) & (hits.end - hits.start >= 3) & (hits.end - hits.start == names.index.lengths[hits.term])
    for start, end in sorted(zip(hits.start[rows].tolist(), hits.end[rows].tolist(), strict=True),
                             key=lambda s: (s[0], -s[1])):  # fmt: skip
        if start >= reach:
            spans.append((start, end))
            reach = end
    return spans


def garble(text: str, spans: list[tuple[int, int]], share: float, pairs: dict[str, list[tuple[str, int]]],
           dice: random.Random) -> tuple[str, dict[int, tuple[str, str]]]:  # fmt: skip
    """`text` with one character misread in a share of the spans; offset → what is read and what it was."""
    chars, errors = list(text), {}
    for start, end in spans:
        places = [i for i in range(start, end) if text[i] in pairs]
        if places and dice.random() < share:
            i = dice.choice(places)
            options = pairs[text[i]]
            chars[i] = dice.choices([o for o, _ in options], [c for _, c in options])[0]
            errors[i] = chars[i], text[i]
    return "".join(chars), errors


def made(size: int, share: float) -> None:
    dice = random.Random(1)
    documents = [p.read_text("utf-8") for p in sorted((SHARED / "clean").glob("*.txt"))]
    titles = sorted({t for d in documents for t in TITLE.findall(d)})
    terms = titles + dice.sample(sorted(set(dictionary())), size - len(titles))
    repairer, pairs = Repairer(), misreadings()
    every = Terms.of(terms, repairer.lm)
    present = sorted({d[a:b] for d in documents for a, b in standing(d, every)})
    out = set(dice.sample(present, len(present) // 2))
    print(f"{len(every.index):,} terms, {len(present):,} of three or more characters stand in the documents")
    for label, listed in (("all listed", terms), ("half kept out", [t for t in terms if t not in out])):
        repairer = Repairer(Options.of(terms=listed, only="term"))
        known = set(listed)
        right, wrong, errors_of = Counter(), Counter(), Counter()
        shown, unlisted, harm = [], 0, 0
        for document in documents:
            text, errors = garble(document, standing(document, every), share, pairs, dice)
            spans = standing(document, every)
            within = {i: b - a for a, b in spans for i in range(a, b) if document[a:b] in known}
            errors_of.update(within[i] for i in errors if i in within)
            truth = {i: was for i, (_, was) in errors.items()}
            for e in repairer.repair(text).edits:
                length = within.get(e.start, 0)  # 0: in a name that was kept out, or none at all
                if len(e.observed) == len(e.replacement) and truth.get(e.start) == e.replacement:
                    right[length] += 1
                else:
                    wrong[length] += 1
                    unlisted += e.start in truth
                    shown.append(f"{text[e.start - 6:e.start]}[{e.observed}→{e.replacement}]{text[e.end:e.end + 6]} "
                                 f"{e.evidence['term']} {e.confidence:.2f}")  # fmt: skip
            harm += len(repairer.repair(document).edits)
        total, bad = sum(right.values()), sum(wrong.values())
        every_error = sum(errors_of.values())
        print(f"{label}: precision {total / max(total + bad, 1):.3f}, recall {(total - right[0]) / every_error:.3f} of "
              f"{every_error} errors in listed names; {bad} wrong, {unlisted} of them on another error; {harm} edits "
              f"in {sum(map(len, documents)):,} clean characters")  # fmt: skip
        for length in sorted(errors_of):
            if length <= 6 or errors_of[length] > 50:
                print(f"  length {length}: {right[length]} of {errors_of[length]} right, {wrong[length]} wrong")
        print(*("    " + s for s in shown[:25]), sep="\n")


def real(size: int) -> None:
    sys.path.insert(0, str(SHARED / "tools"))
    import score

    sets = {f.name: score.load(f, None) for f in sorted((SHARED / "ocr" / "dev").iterdir()) if f.is_dir()}
    truths = {name: truth for rows in sets.values() for name, _, truth in rows}
    names = Terms.of(random.Random(1).sample(sorted(set(dictionary())), size), Repairer().lm)
    found = {}
    for name, truth in truths.items():
        flat = "".join(truth.split())
        found[name] = set(TITLE.findall(flat)) | {flat[a:b] for a, b in standing(flat, names)}
    tally, cut, shown = Counter(), Counter(), []
    for rows in sets.values():
        for name, ocr, truth in rows:
            terms = sorted(set().union(*(found[other] for other in found if other != name)))
            repairer = Repairer(Options.of(terms=terms))
            alone = Repairer(Options.of(terms=terms, only="term")).repair(ocr)
            verdicts = score.judge(ocr, truth, alone.edits)
            tally.update(v for v, _, _ in verdicts)
            shown += [f"{where} {e.evidence['term']} {e.confidence:.2f}" for v, e, where in verdicts if v < 1]
            want = score.content(truth)
            for label, text in (("before", ocr), ("plain", textfix.clean(ocr)), ("terms", repairer.clean(ocr))):
                cut[label] += score.Levenshtein.distance(score.content(text), want)
    total = sum(tally.values())
    print(f"real: {total} term edits, precision {tally[1] / max(total, 1):.3f}; errors before {cut['before']}, after "
          f"clean {cut['plain']}, after clean with terms {cut['terms']}")  # fmt: skip
    print(*("    " + s for s in shown), sep="\n")


def speed(size: int) -> None:
    terms = random.Random(1).sample(sorted(set(dictionary())), size)
    began = time.perf_counter()
    Terms.of(terms, Repairer().lm)
    print(f"index of {size:,} terms in {time.perf_counter() - began:.2f} s")
    plain, listed = Repairer(), Repairer(Options.of(terms=terms))
    clean = [p.read_text("utf-8") for p in sorted((SHARED / "clean").glob("*.txt"))][:10]
    scans = [p.read_text("utf-8") for p in sorted((SHARED / "ocr" / "dev" / "tess-l2").glob("*.ocr.txt"))][:8]
    for label, texts in (("clean text", clean), ("tess-l2", scans)):
        took = dict.fromkeys(("without", "with"), float("inf"))
        for _ in range(3):
            for key, repairer in (("without", plain), ("with", listed)):
                began = time.process_time()
                for text in texts:
                    repairer.repair(text)
                took[key] = min(took[key], time.process_time() - began)
        chars = sum(map(len, texts))
        print(f"{label}: {chars / took['without']:,.0f} characters a second without terms, {chars / took['with']:,.0f} "
              f"with {size:,}: {1 - took['without'] / took['with']:.1%} of the throughput; "
              f"{(took['with'] - took['without']) / chars * 1e6:.2f} µs a character more")  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--share", type=float, default=0.3)
    parser.add_argument("--part", choices=("made", "real", "speed"), action="append")
    args = parser.parse_args()
    parts = args.part or ["made", "real", "speed"]
    if "made" in parts:
        made(args.size, args.share)
    if "real" in parts:
        real(args.size)
    if "speed" in parts:
        speed(args.size)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
