#!/usr/bin/env python3
"""Learn the shipped confusable tables from real OCR output, and compile them for the channel.

    python scripts/build_channel.py learn PAIRS [PAIRS ...]    # confusables/learned/*.tsv, then channel.bin
    python scripts/build_channel.py learn --onto MORE [MORE ...]    # adds to the committed tables
    python scripts/build_channel.py compile [--check]          # channel.bin from the committed tables
    python scripts/build_channel.py lean                       # what textfix/channel.py has as _LEANING

PAIRS are folders of scripts/ocrdata: <engine>-<level>/<id>.ocr.txt and .gt.txt. The tables come from `textfix learn`'s
own code and are never edited by hand, but for rows that a person rejects.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
from artefacts import settle

from textfix.channel import Channel, leanings, pack
from textfix.learner import Pair, learn
from textfix.lm import load_default
from textfix.tables.confusable import Table
from textfix.text.codepoints import encode

ROOT = Path(__file__).resolve().parent.parent
LEARNED = ROOT / "confusables" / "learned"
#: The user's own pair.
SEED = [ROOT / "corpora" / "seed" / name for name in ("garbled-extract.txt", "authoritative-notice.txt")]
#: Sets of one family of engines share a table.
FAMILIES = {"tess": "tesseract", "rapid": "paddle", "ppocr": "paddle"}
#: What the user's own pair shows counts so often: rendered pages, of which there are ever more, would drown it.
OWN = 4
_SIZE = re.compile(r"([0-9]+) characters")


def family(folder: str) -> str:
    """The family of a set's engine."""
    return next((name for prefix, name in FAMILIES.items() if folder.startswith(prefix)), "other")


def learn_tables(folders: list[Path]) -> dict[str, Table]:
    """One table for each family of engines."""
    tables: dict[str, list[Table]] = defaultdict(list)
    sizes: Counter[tuple[str, str]] = Counter()
    documents: Counter[tuple[str, str]] = Counter()
    for folder in folders:
        for ocr in sorted(folder.glob("*/*.ocr.txt")):
            truth = ocr.with_name(ocr.name.replace(".ocr.", ".gt."))
            if ocr.parent.name == "failed" or not truth.exists():
                continue
            text = truth.read_text("utf-8")
            key = family(ocr.parent.name), ocr.parent.name
            tables[key[0]].append(learn([Pair(ocr.read_text("utf-8"), text, "")]))
            sizes[key] += len(text)
            documents[key] += 1
    out = {}
    for name, parts in sorted(tables.items()):
        merged = parts[0].merge(*parts[1:])
        sources = [f"{s}: {documents[f, s]} documents, {sizes[f, s]} characters" for f, s in sorted(sizes) if f == name]
        # Contexts are text of the corpora, and only statistics of that are kept.
        rows = [replace(row, example="") for row in merged]
        out[name] = Table(rows, sources, ["scripts/build_channel.py with textfix learn"])
    return out


def characters(table: Table) -> int:
    """How many characters of truth `table` was learned from."""
    return sum(int(m[1]) for source in table.sources if (m := _SIZE.search(source)))


def compiled() -> bytes:
    """channel.bin from the committed tables."""
    counts: Counter[tuple[str, str]] = Counter()
    families: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    size = 0
    for path in sorted(LEARNED.glob("*.tsv")):
        table = Table.load(path)
        size += characters(table)
        for row in table.active:
            counts[row.observed, row.intended] += row.count * (OWN if path.stem == "seed" else 1)
            families[path.stem][row.observed, row.intended] += row.count
    lm = load_default()
    unigrams = np.exp(lm.score_columns(np.arange(lm.vocabulary.size, dtype=np.uint16)[:, None], 0)[:, 0])
    read = {}
    for observed, intended in counts:
        char = intended or observed
        if len(char) == 1:
            at = int(lm.vocabulary.id_of(np.array([ord(char)], dtype=np.uint32))[0])
            read[char] = round(size * float(unigrams[at])) if at < unigrams.size else 0
    tesseract = families["tesseract"]
    return pack(Channel.from_counts(counts, read, leanings(tesseract, families["paddle"]), tesseract))


def leaning() -> None:
    """Log-odds that a learned pair of Han characters is Tesseract's and not PaddleOCR's, each seen as often: logistic
    regression by likeness, its square and the spelling, by Newton's method."""
    channel = Channel.load()
    x, y = [], []
    for family, is_tesseract in (("tesseract", 1.0), ("paddle", 0.0)):
        rows = [(r.observed, r.intended) for r in Table.load(LEARNED / f"{family}.tsv").active]
        pairs = [pair for pair in rows if all(len(c) == 1 and "\u4e00" <= c <= "\u9fff" for c in pair)]
        observed, intended = (encode("".join(side)) for side in zip(*pairs, strict=True))
        alike = channel.similarity(observed, intended)
        x.append(np.stack([np.ones_like(alike), alike, alike**2, channel.spellings.log_ratio(observed, intended)], 1))
        y.append(np.full(len(pairs), is_tesseract))
    rows, target = np.concatenate(x).astype(np.float64), np.concatenate(y)
    weights = np.zeros(rows.shape[1])
    for _ in range(30):
        p = 1 / (1 + np.exp(-rows @ weights))
        hessian = (rows * (p * (1 - p))[:, None]).T @ rows
        weights += np.linalg.solve(hessian, rows.T @ (target - p))
    weights[0] -= np.log(len(y[0]) / len(y[1]))
    print(f"{len(target)} pairs: {weights.round(2).tolist()}")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    learning = commands.add_parser("learn")
    learning.add_argument("pairs", nargs="+", type=Path)
    learning.add_argument("--onto", action="store_true", help="keep what the committed tables have, and add to it")
    commands.add_parser("compile").add_argument("--check", action="store_true")
    commands.add_parser("lean")
    options = parser.parse_args()
    if options.command == "lean":
        leaning()
        return 0
    if options.command == "learn":
        LEARNED.mkdir(parents=True, exist_ok=True)
        seed = learn([Pair(SEED[0].read_text("utf-8"), SEED[1].read_text("utf-8"), "corpora/seed")])
        (LEARNED / "seed.tsv").write_text(seed.dump(), "utf-8")
        for name, table in learn_tables(options.pairs).items():
            if options.onto:
                table = Table.load(LEARNED / f"{name}.tsv").merge(table)
            (LEARNED / f"{name}.tsv").write_text(table.dump(), "utf-8")
            print(f"{name}: {len(table)} rows", file=sys.stderr)
    data = compiled()
    return settle(data, ROOT / "confusables" / "channel.bin", options.command == "compile" and options.check)


if __name__ == "__main__":
    raise SystemExit(main())
