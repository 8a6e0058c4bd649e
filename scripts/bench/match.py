#!/usr/bin/env python3
"""Find the sources of 200 scans among 2,000 documents, and say where `textfix.match` was wrong.

    python scripts/bench/match.py                 # seed 1
    python scripts/bench/match.py --seed 5 -v     # other documents, every mistake shown

The documents are half of ../shared/clean and law texts of ../shared/lm-corpus. The scans, forty of each:

    page      a page of ../shared/ocr/dev whose document is among the 2,000
    orphan    a page of ../shared/ocr/dev whose document is not
    law       an excerpt of a law among them, sentences cut, names and numbers changed, 1 to 8% misread
    several   passages of two or three of them behind one another, treated alike
    stray     an excerpt of a law that is not among them, of a judgment or of a news broadcast, treated alike

A law quotes other laws, so a stray whose text stands for a third or more in one of the documents is not used: there
the question has no answer. Nothing depends on the clock or on the hash seed.
"""

from __future__ import annotations

import argparse
import lzma
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from textfix.channel import Channel
from textfix.match import Index
from textfix.text.codepoints import encode

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
TITLE = re.compile(r"[^，。；：]{4,60}(条例|办法|规定|法|细则|决定|规则|解释|通知|意见|批复)(（[^）]*）)?")
SENTENCE = re.compile(r"(?<=[，。；])[^，。；\n]{6,40}[，。；]")
DOCUMENTS, SCANS = 2000, 40
#: A stray may share this much of its text with one of the documents; grams so long are counted.
ALLOWED, GRAM = 0.33, 12


@dataclass(frozen=True)
class Scan:
    """A text, the group that it is of, and the documents that it was made from."""

    group: str
    name: str
    text: str
    sources: frozenset[str]


def laws() -> list[str]:
    """The law texts of the corpus, cut at lines that look like titles; the short ones left out."""
    found: list[str] = []
    lines: list[str] = []
    for line in (*lines_of("laws"), "终止条例"):
        if TITLE.fullmatch(line) and not line.startswith("第"):
            if sum(map(len, lines)) > 600:
                found.append("\n".join(lines))
            lines = []
        lines.append(line)
    return found


def lines_of(corpus: str) -> Iterator[str]:
    with lzma.open(SHARED / "lm-corpus" / f"{corpus}.txt.xz", "rt", encoding="utf-8") as stream:
        for line in stream:
            yield line.rstrip("\n")


class Hand:
    """Cuts sentences, changes numbers and names, and misreads characters as the channel does."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.channel = Channel.load()

    def excerpt(self, text: str, least: int = 300, most: int = 1500) -> str:
        length = min(self.rng.randrange(least, most), len(text))
        start = self.rng.randrange(len(text) - length + 1)
        return self.scanned(self.edited(text[start : start + length]))

    def edited(self, text: str) -> str:
        text = SENTENCE.sub(lambda m: "" if self.rng.random() < 0.06 else m[0], text)
        text = re.sub(r"\d+", lambda m: str(self.rng.randrange(100)) if self.rng.random() < 0.2 else m[0], text)
        return re.sub("[省市县区]", lambda m: "" if self.rng.random() < 0.05 else m[0], text)

    def scanned(self, text: str) -> str:
        """`text` with 1 to 8% errors (replaced, lost, invented) and line breaks every thirty characters."""
        rate = self.rng.uniform(0.01, 0.08)
        codes = encode(text)
        alike = self.channel.intended(codes)  # what a glyph may have been is what it may be read as
        out = []
        for n, char in enumerate(text):
            at_line_end = "\n" if n % 30 == 29 else ""
            chance = self.rng.random() / rate
            if chance < 0.8:
                row = alike[n][alike[n] > 0]
                out.append(chr(int(self.rng.choice(row))) if len(row) else "口")
            elif chance >= 0.9:
                out.append(char if chance >= 1 else char + self.rng.choice("一·,丨"))
            out.append(at_line_end)
        return "".join(out)


def grams(text: str) -> set[str]:
    plain = "".join(text.split())
    return {plain[n : n + GRAM] for n in range(len(plain) - GRAM + 1)}


def made(seed: int) -> tuple[dict[str, str], list[Scan]]:
    """The documents and the scans."""
    rng = random.Random(seed)
    hand = Hand(rng)
    clean = {path.stem: path.read_text("utf-8") for path in sorted((SHARED / "clean").glob("*.txt"))}
    chosen = set(rng.sample(sorted(clean), len(clean) // 2))
    all_laws = laws()
    rng.shuffle(all_laws)
    documents = {name: clean[name] for name in sorted(chosen)}
    rest = DOCUMENTS - len(documents)
    documents |= {f"law-{n:04}": text for n, text in enumerate(all_laws[:rest])}
    names = [name for name in documents if name.startswith("law-")]

    pages = sorted((SHARED / "ocr" / "dev").glob("*/*.ocr.txt"))
    rng.shuffle(pages)
    scans: list[Scan] = []
    for group in ("page", "orphan"):
        wanted = [p for p in pages if (p.name[:-8] in chosen) == (group == "page")][:SCANS]
        for path in wanted:
            known = frozenset({path.name[:-8]} if group == "page" else ())
            scans.append(Scan(group, f"{path.parent.name}/{path.name}", path.read_text("utf-8"), known))
    for number in range(SCANS):
        (one,) = rng.sample(names, 1)
        scans.append(Scan("law", str(number), hand.excerpt(documents[one]), frozenset({one})))
        several = rng.sample(names, rng.choice((2, 2, 3)))
        text = "\n".join(hand.excerpt(documents[name], 250, 900) for name in several)
        scans.append(Scan("several", str(number), text, frozenset(several)))
    scans += strays(hand, all_laws[rest:], documents)
    return documents, scans


def strays(hand: Hand, others: Sequence[str], documents: dict[str, str]) -> list[Scan]:
    """Excerpts that stand in none of the documents, or little of them."""
    blocks = ["\n".join(lines) for corpus in ("court", "news") for lines in _chunks(corpus, 40, 10)]
    texts = [hand.rng.choice(others) for _ in range(SCANS)] + [hand.rng.choice(blocks) for _ in range(SCANS)]
    plain = [(text, hand.excerpt(text)) for text in texts]
    wanted = {gram: n for n, (_, scan) in enumerate(plain) for gram in grams(scan)}
    shared: Counter[tuple[int, str]] = Counter()
    for name, text in documents.items():
        shared.update((wanted[gram], name) for gram in grams(text) if gram in wanted)
    worst: Counter[int] = Counter()
    for (n, _), count in shared.items():
        worst[n] = max(worst[n], count)
    fit = [scan for n, (_, scan) in enumerate(plain) if worst[n] <= ALLOWED * len(grams(scan))]
    half = SCANS * 3 // 4
    kept = [*fit[:half], *fit[::-1][: SCANS - half]]
    return [Scan("stray", str(n), scan, frozenset()) for n, scan in enumerate(kept)]


def _chunks(corpus: str, lines: int, count: int) -> Iterator[list[str]]:
    source = lines_of(corpus)
    for _ in range(count):
        yield [next(source) for _ in range(lines)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("-v", "--verbose", action="store_true")
    args = parser.parse_args()
    documents, scans = made(args.seed)
    began = time.process_time()
    index = Index(documents.items())
    built = time.process_time() - began
    print(f"{len(index)} documents, {sum(map(len, documents.values())):,} characters, indexed in {built:.1f} s")
    began = time.process_time()
    answers = [index.find(scan.text) for scan in scans]
    spent = time.process_time() - began
    print(f"{len(scans)} scans, {1000 * spent / len(scans):.0f} ms each (CPU)")
    print(f"{'group':8} {'scans':>5} {'right':>5} {'missed':>6} {'wrong':>5}   least share or most, evidence")
    failed = 0
    for group in ("page", "law", "several", "orphan", "stray"):
        rows = [(s, m) for s, m in zip(scans, answers, strict=True) if s.group == group]
        right = sum({m.name for m in found} == s.sources for s, found in rows)
        missed = sum(len(s.sources - {m.name for m in found}) for s, found in rows)
        wrong = sum(len({m.name for m in found} - s.sources) for s, found in rows)
        failed += len(rows) - right
        shares = [sum(m.share for m in found) for _, found in rows]
        share = (min if group in ("page", "law", "several") else max)(shares)
        print(f"{group:8} {len(rows):5} {right:5} {missed:6} {wrong:5}   {share:.2f}")
        if args.verbose:
            for scan, found in rows:
                if {m.name for m in found} != scan.sources:
                    told = [(m.name, round(m.share, 2), round(max(p.score for p in m.passages))) for m in found]
                    print("   ", scan.name, len(scan.text), sorted(scan.sources), "→", told)
                    for name in {m.name for m in found} ^ scan.sources:
                        print("       ", name, documents[name][:40].replace("\n", " "))
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
