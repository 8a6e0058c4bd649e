#!/usr/bin/env python3
"""Make extracts as people leave them, real OCR output edited by a simulated hand, and score `reconcile` on them.

    python scripts/bench/editorial.py                     # every dev set, one extract a page
    python scripts/bench/editorial.py --set tess-l4 -v    # one set, with what went wrong
    python scripts/bench/editorial.py --limit 10

Every pair is a page of ../shared/ocr/dev, edited, and the whole document that it is a page of (../shared/clean). The
hand changes numbers, cuts place names or makes them general, cuts items, phrases and sentences, and replaces single
characters by ones that look otherwise: half of them any frequent character, half one that stands in such a place
elsewhere. Nothing depends on the clock or on the hash seed; `edited_pairs` is also what the weights are fitted on.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import Levenshtein
import numpy as np

from textfix.alignment.folding import Positions, skeleton
from textfix.text.codepoints import decode, encode

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
PLACES = re.compile(
    "北京|上海|天津|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|"
    "湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门|"
    "长江|黄河|京津冀|长三角|粤港澳|大湾区|成渝|西部|东部|中部|沿海|石家庄|太原|沈阳|大连|"
    "长春|哈尔滨|南京|苏州|无锡|杭州|宁波|温州|合肥|福州|厦门|南昌|济南|青岛|郑州|武汉|长沙|"
    "广州|深圳|珠海|南宁|海口|成都|贵阳|昆明|拉萨|西安|兰州|西宁|银川|乌鲁木齐|浦东|雄安|"
    "三亚|洛阳|宜昌|襄阳|赣州|九江|中国|全国|全省|全市|全区|我省|我市|我区"
)
GENERAL = ("地区", "本地", "当地", "有关地方", "某地", "该市")
HAN = re.compile(r"[\u4e00-\u9fff]")
SENTENCE = re.compile(r"(?<=[，。；])[^，。；\n]{6,40}[，。；]")
ITEM = re.compile(r"[\u4e00-\u9fff]{2,8}、")
SMALL = re.compile(r"[省市县区的了等各将也均都及其已中并还新大](?=[\u4e00-\u9fff])")
NUMBER = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True)
class Change:
    """``extract[start:end]``, which reads `now`, where the page said `was`.

    It should come out as ``[want:want_end]`` of the expected text without white space.
    """

    start: int
    end: int
    now: str
    was: str
    kind: str
    want: int
    want_end: int


@dataclass(frozen=True)
class Edited:
    """One made pair: what people left, the whole document, and what is what in it."""

    name: str
    group: str
    extract: str
    authority: str
    expected: str  # the page as it should come out: no OCR errors, all edits
    errors: tuple[Change, ...]
    edits: tuple[Change, ...]


class _Hand:
    """Chooses edits of one page."""

    def __init__(self, rng: random.Random, language: _Language) -> None:
        self.rng = rng
        self.language = language

    def edits(self, text: str) -> list[tuple[int, int, str, str]]:
        """Disjoint ``(start, end, new, kind)`` in the (correct) text of a page: none, a light hand, or a heavy one."""
        rng = self.rng
        zeal = rng.choice((0, 0.5, 1, 1, 2, 3))
        if not zeal:
            return []
        found: list[tuple[int, int, str, str]] = []

        def some(pattern: re.Pattern[str], share: float) -> Iterator[re.Match[str]]:
            return (match for match in pattern.finditer(text) if rng.random() < share * zeal)

        found += [(*m.span(), self._number(m.group()), "number") for m in some(NUMBER, 0.4)]
        for match in some(PLACES, 0.35):
            new = rng.choice(GENERAL) if rng.random() < 0.35 else ""
            found.append((*match.span(), new, "substitution" if new else "omission"))
        found += [(*m.span(), "", "cut") for m in some(SENTENCE, 0.04)]
        found += [(*m.span(), "", "omission") for m in some(ITEM, 0.06)]
        found += [(*m.span(), "", "omission") for m in some(SMALL, 0.02)]
        for _ in range(max(1, int(zeal * len(text) / 200))):
            at = rng.randrange(max(1, len(text) - 8))
            size = rng.choice((2, 2, 2, 3, 4, 5, 6))
            piece = text[at : at + size]
            if len(HAN.findall(piece)) == size:
                words = self.language.words[size]
                new = rng.choice(words) if rng.random() < 0.4 else ""
                found.append((at, at + size, new, "substitution" if new else "omission"))
        for _ in range(max(2, int(zeal * len(text) / 120))):
            at = rng.randrange(len(text))
            if HAN.match(text[at]):
                found.append((at, at + 1, self.language.other(text, at, rng), "replacement"))
        for _ in range(int(zeal * len(text) / 400)):
            at = rng.randrange(1, len(text))
            if HAN.match(text[at]) and HAN.match(text[at - 1]):
                size = rng.choice((1, 2, 2, 3))
                new = rng.choice(self.language.words[size]) if size > 1 else rng.choice(self.language.frequent[:400])
                found.append((at, at, new, "insertion"))
        for _, end, _, kind in list(found):
            # Who edits a place often touches the next word, too.
            if kind != "replacement" and rng.random() < 0.15:
                at = end + rng.randrange(2, 6)
                size = rng.choice((1, 1, 2))
                if len(HAN.findall(text[at : at + size])) == size:
                    found.append((at, at + size, "", "omission"))
        rng.shuffle(found)
        kept: list[tuple[int, int, str, str]] = []
        for edit in found:
            if all(edit[1] + 1 < other[0] or other[1] + 1 < edit[0] for other in kept):
                kept.append(edit)
        return sorted(kept)

    def _number(self, old: str) -> str:
        """A number of the same look: another digit, or rounded."""
        rng = self.rng
        if "." in old and rng.random() < 0.5:
            return old.partition(".")[0]
        at = rng.choice([n for n, char in enumerate(old) if char != "."])
        return old[:at] + rng.choice([d for d in "123456789" if d != old[at]]) + old[at + 1 :]


class _Language:
    """What the hand writes: characters by frequency and by neighbourhood, words as they stand in other documents."""

    def __init__(self, texts: Sequence[str]) -> None:
        chars: Counter[str] = Counter()
        after: dict[str, Counter[str]] = {}
        self.words: dict[int, list[str]] = {n: [] for n in range(2, 7)}
        for text in texts:
            for left, right in pairwise(text):
                if HAN.match(right):
                    chars[right] += 1
                    if HAN.match(left):
                        after.setdefault(left, Counter())[right] += 1
            for n in range(2, 7):
                self.words[n] += re.findall(rf"(?<=[，。、])[\u4e00-\u9fff]{{{n}}}(?=[，。、])", text)
        self.words = {n: sorted(set(found)) for n, found in self.words.items()}
        self.frequent = [c for c, _ in chars.most_common(1500)]
        self.after = {left: [c for c, n in found.most_common(40) if n > 1] for left, found in after.items()}

    def other(self, text: str, at: int, rng: random.Random) -> str:
        """Another character for ``text[at]`` that shares no look with it."""
        fitting = self.after.get(text[at - 1], []) if at and rng.random() < 0.5 else []
        while True:
            new = rng.choice(fitting or self.frequent)
            if new != text[at] and not _alike(new, text[at]):
                return new
            fitting = [c for c in fitting if c != new]


def _alike(a: str, b: str) -> bool:
    """Whether two characters look alike, so that a person's replacement could pass for OCR."""
    shapes = _shapes()
    return shapes is not None and float(shapes.similarity(encode(a), encode(b))[0]) > 0.35


_SHAPES: list[object] = []


def _shapes():  # type: ignore[no-untyped-def]
    if not _SHAPES:
        from textfix.errors import TableError
        from textfix.tables.shapes import Shapes

        try:
            _SHAPES.append(Shapes.load())
        except TableError:
            _SHAPES.append(None)
    return _SHAPES[0]


def _pages(sets: Sequence[str] | None) -> Iterator[tuple[str, str, str, str, str]]:
    """Set, document, OCR text, its truth, the whole document."""
    for folder in sorted(p for p in (SHARED / "ocr" / "dev").iterdir() if p.is_dir()):
        if sets and folder.name not in sets:
            continue
        for path in sorted(folder.glob("*.ocr.txt")):
            name = path.name.removesuffix(".ocr.txt")
            whole = SHARED / "clean" / f"{name}.txt"
            if not whole.exists():
                whole = SHARED / "seeds" / "authoritative-notice.txt"
            truth = path.with_name(f"{name}.gt.txt").read_text("utf-8")
            yield folder.name, name, path.read_text("utf-8"), truth, whole.read_text("utf-8")


def edited_pairs(sets: Sequence[str] | None = None, limit: int | None = None, seed: int = 1) -> Iterator[Edited]:
    """One edited extract for every page of the dev sets (`limit` pages a set)."""
    language = _Language([p.read_text("utf-8") for p in sorted((SHARED / "clean").glob("*.txt"))])
    seen: Counter[str] = Counter()
    for group, name, ocr, truth, whole in _pages(sets):
        seen[group] += 1
        if limit is None or seen[group] <= limit:
            hand = _Hand(random.Random(f"{seed} {group} {name}"), language)
            yield _edit(hand, name, group, ocr, truth, whole)


def _edit(hand: _Hand, name: str, group: str, ocr: str, truth: str, whole: str) -> Edited:
    """Edit a page in its OCR text and in its truth alike."""
    x, at_x = skeleton(encode(ocr))
    y, at_y = skeleton(encode(truth))
    blocks = Levenshtein.opcodes(decode(x), decode(y))
    image = {}  # place in the truth → place in the OCR text, where both match
    for tag, i0, i1, j0, _ in blocks:
        if tag == "equal":
            image.update({int(at_y[j0 + n]): int(at_x[i0 + n]) for n in range(i1 - i0)})
    chosen = [
        (image[s], image[e - 1] + 1, s, e, new, kind)
        for s, e, new, kind in hand.edits(truth)
        if s in image and e - 1 in image and (kind == "cut" or image[e - 1] - image[s] == e - 1 - s)
    ]
    extract, made, shift = _splice(ocr, [(s, e, new) for s, e, _, _, new, _ in chosen])
    expected, wanted, shift_want = _splice(truth, [(s, e, new) for _, _, s, e, new, _ in chosen])
    solid = np.cumsum([0, *(not c.isspace() for c in expected)])  # characters of content before every place
    edits = [
        Change(start, end, new, truth[s:e], kind, int(solid[want]), int(solid[want_end]))
        for (start, end), (want, want_end), (_, _, s, e, new, kind) in zip(made, wanted, chosen, strict=True)
    ]
    errors = []
    for tag, i0, i1, j0, j1 in blocks:
        if tag == "equal":
            continue
        start, end = _extent(at_x, i0, i1, len(ocr))
        want, want_end = _extent(at_y, j0, j1, len(truth))
        if all(end <= s or e <= start for s, e, *_ in chosen) and all(
            want_end <= s or e <= want for _, _, s, e, *_ in chosen
        ):
            by, by_want = shift(start), shift_want(want)
            places = int(solid[want + by_want]), int(solid[want_end + by_want])
            errors.append(Change(start + by, end + by, decode(x[i0:i1]), decode(y[j0:j1]), tag, *places))
    return Edited(name, group, extract, whole, expected, tuple(errors), tuple(edits))


def _extent(at: Positions, lo: int, hi: int, size: int) -> tuple[int, int]:
    """Where the characters ``lo:hi`` of a skeleton stand; an empty span before the next character."""
    start = int(at[lo]) if lo < len(at) else size
    return start, int(at[hi - 1]) + 1 if hi > lo else start


def _splice(
    text: str, edits: Sequence[tuple[int, int, str]]
) -> tuple[str, list[tuple[int, int]], Callable[[int], int]]:
    """`text` with the edits made, where each stands then, and how far a place of the old text moved."""
    out: list[str] = []
    made: list[tuple[int, int]] = []
    ends: list[int] = []
    moves: list[int] = [0]
    at = size = 0
    for start, end, new in edits:
        out += (text[at:start], new)
        size += start - at
        made.append((size, size + len(new)))
        size += len(new)
        at = end
        ends.append(end)
        moves.append(size - end)
    out.append(text[at:])
    return "".join(out), made, lambda place: moves[bisect_right(ends, place)]


class Score:
    """Counts of what was repaired and kept."""

    def __init__(self) -> None:
        self.repaired: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self.kept: Counter[str] = Counter()
        self.edits: Counter[str] = Counter()
        self.before = self.after = 0
        self.bad: list[str] = []

    def add(self, pair: Edited, text: str) -> None:
        """Judge the text into which an extract was reconciled."""
        target, got = _content(pair.expected), _content(text)
        good = np.zeros(len(target) + 1, np.bool_)  # characters that came out right
        surplus = np.zeros(len(target) + 2, np.int64)  # characters too many before each
        for tag, i0, i1, j0, j1 in Levenshtein.opcodes(target, got):
            if tag == "equal":
                good[i0:i1] = True
                continue
            surplus[i0 : i1 + 1] = np.maximum(surplus[i0 : i1 + 1], (j1 - j0) - (i1 - i0))
            self.after += max(i1 - i0, j1 - j0)
        self.before += Levenshtein.distance(_content(pair.extract), target)

        def right(change: Change) -> bool:
            if change.want < change.want_end:
                return bool(good[change.want : change.want_end].all())
            return 2 * int(surplus[change.want]) < max(len(_content(change.was or change.now)), 1)

        for error in pair.errors:
            kind = _family(error)
            self.errors[kind] += 1
            self.repaired[kind] += right(error)
            if not right(error):
                self.bad.append(f"missed {kind} {_show(pair.extract, error)}")
        for edit in pair.edits:
            kind = edit.kind if edit.kind != "omission" or len(edit.was) > 1 else "omission of one character"
            self.edits[kind] += 1
            self.kept[kind] += right(edit)
            if not right(edit):
                self.bad.append(f"undone {kind} {_show(pair.extract, edit)}")

    def rows(self) -> Iterator[tuple[str, int, int]]:
        """Name, good, all."""
        yield "OCR errors repaired", self.repaired.total(), self.errors.total()
        for kind in sorted(self.errors):
            yield f"  {kind}", self.repaired[kind], self.errors[kind]
        sure = ("number", "omission", "cut")
        yield "numbers, omissions, cuts kept", sum(self.kept[k] for k in sure), sum(self.edits[k] for k in sure)
        for kind in sorted(self.edits):
            yield f"  {kind}", self.kept[kind], self.edits[kind]


def _content(text: str) -> str:
    return decode(skeleton(encode(text))[0])


def _family(error: Change) -> str:
    """What was read for what, roughly: Han, digits, marks; lost, invented, replaced."""

    def side(text: str) -> str:
        if not text:
            return "-"
        return "digit" if re.search(r"\d", text) else "han" if HAN.search(text) else "mark"

    return f"{side(error.now)}→{side(error.was)}"


def _show(text: str, change: Change) -> str:
    left, right = text[max(0, change.start - 6) : change.start], text[change.end : change.end + 6]
    return repr(f"{left}[{change.now}←{change.was[:20]}]{right}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--set", action="append")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("-v", "--verbose", action="store_true")
    args = parser.parse_args()
    from textfix.reconciler import reconcile

    scores: dict[str, Score] = {}
    documents: dict[str, Score] = {}
    for pair in edited_pairs(args.set, args.limit, args.seed):
        text = reconcile(pair.extract, pair.authority).text
        for name in (pair.group, "all"):
            scores.setdefault(name, Score()).add(pair, text)
        if pair.edits:
            documents.setdefault(pair.name, Score()).add(pair, text)
    for name, score in scores.items():
        print(f"{name}: distance to the expected text {score.before} → {score.after}")
        for row, good, total in score.rows() if name == "all" else list(score.rows())[:1]:
            print(f"  {row:32} {good:6} of {total:6}  {good / max(1, total):7.2%}")
        for kind in ("replacement", "number"):
            if name != "all":
                print(f"  {kind:32} {score.kept[kind]:6} of {score.edits[kind]:6}")
        if args.verbose and name != "all":
            print("\n".join(f"    {line}" for line in score.bad))
    _intervals(list(documents.values()))
    return 0


def _intervals(documents: Sequence[Score]) -> None:
    """The three bars on the pages that were edited, with 95% intervals by a bootstrap over documents."""

    def bars(some: Sequence[Score]) -> tuple[float, float, float]:
        sure = ("number", "omission", "cut")
        return (
            sum(s.repaired.total() for s in some) / max(1, sum(s.errors.total() for s in some)),
            sum(s.kept[k] for s in some for k in sure) / max(1, sum(s.edits[k] for s in some for k in sure)),
            sum(s.kept["replacement"] for s in some) / max(1, sum(s.edits["replacement"] for s in some)),
        )

    rng = random.Random(1)
    drawn = np.array([bars(rng.choices(documents, k=len(documents))) for _ in range(1000)])
    low, high = np.quantile(drawn, (0.025, 0.975), axis=0)
    print(f"edited pages of {len(documents)} documents, 95% intervals by document:")
    names = ("OCR errors repaired", "numbers, omissions, cuts kept", "replacements kept")
    for name, value, lo, hi in zip(names, bars(documents), low, high, strict=True):
        print(f"  {name:32} {value:7.2%}  {lo:.1%} to {hi:.1%}")


if __name__ == "__main__":
    sys.exit(main())
