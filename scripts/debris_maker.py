"""Debris put into good text: glyphs that fall apart, lose a part, land elsewhere, or are printed in a rare form.

Made straight from ids.txt (yi-bai/ids), Unihan's variants and rendered glyphs; nothing of `confusables/` or `textfix`
is asked, so that what textfix is fitted and measured with does not come from its own tables. Everything is drawn from
a seeded generator: the same text, seed and rate give the same debris.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

__all__ = ["KINDS", "Event", "litter"]

GLYPHS = Path(__file__).resolve().parents[2] / "shared" / "glyphs"
FACE, FACE_INDEX, PIXELS = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", 2, 28

#: Kind → how often it is drawn.
KINDS = {
    "split": 20,  # 如 → 女口
    "misread": 14,  # 任 → 彳壬, 扎 → 扌L: a part read as what looks like it
    "lost": 14,  # 和 → ?口
    "shift": 16,  # 研究平台 → 究平研台
    "shift-variant": 8,  # 研究平台 → 究平硏台
    "shift-half": 5,  # 一批青少年 → 一扌青少岀年: a part moved and was misread
    "variant": 10,  # 出 → 岀
    "alike-rare": 7,  # another glyph, one that ordinary text does not have
    "alike": 7,  # 矸 → 歼
}
#: Parts as engines print them, beside what looks alike when rendered.
PRINTED = {
    "亻": "イ彳1", "彳": "亻イ", "扌": "才十手", "氵": "冫シ三", "讠": "i言", "纟": "幺乡", "钅": "牛金", "忄": "小十",
    "阝": "B卩邑", "卩": "阝p", "刂": "リ|刀", "乚": "LlU", "匕": "ヒ七", "卜": "ト|", "犭": "才", "礻": "衤示",
    "衤": "礻", "饣": "食亻", "火": "人", "木": "本禾", "禾": "木千", "日": "曰目", "目": "日且", "口": "囗□",
    "月": "日目", "土": "士±", "王": "工玉", "女": "安", "车": "东", "攵": "文夂", "又": "叉", "寸": "才",
    "工": "I", "力": "刀", "几": "n", "丁": "T", "一": "—-", "辶": "之", "足": "⻊", "石": "右",
    "山": "ш", "贝": "见", "页": "贞", "隹": "住", "马": "5", "己": "已", "巳": "已",
}  # fmt: skip
LOST = "????□□■．.�"
_BLANK = 0.12
#: Occurrences in ../shared/lm-corpus (of 47 million characters) below which a character is rare.
_RARE = 40


@dataclass(frozen=True, slots=True)
class Event:
    """One piece of debris: ``garbled[start:end]`` stands for ``truth[first:last]``."""

    kind: str
    start: int
    end: int
    first: int
    last: int


@cache
def halves() -> dict[str, tuple[str, ...]]:
    """Character → the parts of its first left-right sequence, if they are code points of their own."""
    named: dict[str, str] = {}
    trees: dict[str, str] = {}
    for line in (GLYPHS / "ids.txt").read_text("utf-8").splitlines():
        char, _, rest = line.partition("\t")
        ids = re.sub(r"\(.*?\)", "", rest.split("\t")[0].split(";")[0])
        if len(char) == 1 and ids and not re.search(r"[#{}\[\]]", ids):
            trees[char] = ids
            named.setdefault(ids, char)
    out: dict[str, tuple[str, ...]] = {}
    for char, ids in trees.items():
        if ids[0] in "⿰⿲":
            parts = _operands(ids)
            names = tuple(part if len(part) == 1 else named.get(part, "") for part in parts)
            if all(names) and len(names) in (2, 3):
                out[char] = names
    return out


def _operands(ids: str) -> list[str]:
    """The operands of a sequence as strings."""
    at, out = 1, []
    while at < len(ids):
        start, wanted = at, 1
        while wanted and at < len(ids):
            wanted += (3 if ids[at] in "⿲⿳" else 2 if "⿰" <= ids[at] <= "⿻" else 0) - 1
            at += 1
        out.append(ids[start:at])
    return out


@cache
def variants() -> dict[str, str]:
    """Character → its variants in Unihan, of the Basic Multilingual Plane."""
    found: dict[str, set[str]] = defaultdict(set)
    for line in (GLYPHS / "Unihan_Variants.txt").read_text("utf-8").splitlines():
        if not line.startswith("U+"):
            continue
        code, field, values = line.split("\t")
        if field in ("kZVariant", "kSemanticVariant", "kTraditionalVariant"):
            a = chr(int(code[2:], 16))
            for value in values.split():
                b = chr(int(value.split("<")[0][2:], 16))
                if a != b and ord(b) < 0x10000:
                    found[a].add(b)
                    if field != "kTraditionalVariant":
                        found[b].add(a)
    return {char: "".join(sorted(forms)) for char, forms in found.items()}


@cache
def _pictures() -> tuple[str, np.ndarray, dict[str, int]]:
    font = ImageFont.truetype(FACE, PIXELS, index=FACE_INDEX)
    chars = "".join(map(chr, range(0x4E00, 0x9FA6)))
    rows = np.zeros((len(chars), PIXELS * PIXELS // 4), dtype=np.float32)
    for row, char in enumerate(chars):
        picture = Image.new("L", (PIXELS, PIXELS))
        ImageDraw.Draw(picture).text((0, -PIXELS // 5), char, fill=255, font=font)
        small = picture.resize((PIXELS // 2, PIXELS // 2), Image.Resampling.BOX)
        rows[row] = np.asarray(small, dtype=np.float32).ravel()
    rows -= rows.mean(axis=1, keepdims=True)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True) + 1e-6
    return chars, rows, {char: row for row, char in enumerate(chars)}


@cache
def alike(char: str) -> str:
    """The 12 characters that look most like `char` when rendered."""
    chars, rows, at = _pictures()
    if char not in at:
        return ""
    score = rows @ rows[at[char]]
    score[at[char]] = -1
    return "".join(chars[i] for i in np.argsort(-score, kind="stable")[:12])


class _Litter:
    def __init__(self, rng: random.Random, counts: dict[str, int]) -> None:
        self.rng, self.counts = rng, counts

    def rare(self, char: str) -> bool:
        return self.counts.get(char, 0) < _RARE

    def part(self, part: str) -> str:
        """What `part` is printed as, when misread."""
        usual = PRINTED.get(part, "")
        if usual and self.rng.random() < 0.6:
            return self.rng.choice(usual)
        near = alike(part)[:5]
        return self.rng.choice(near or usual or "?")

    def variant(self, char: str) -> str | None:
        forms = [form for form in variants().get(char, "") if self.rare(form)]
        return self.rng.choice(forms) if forms else None

    def make(self, kind: str, text: str, at: int) -> tuple[int, str] | None:
        """How many characters of `text` from `at` become what; None: this kind cannot happen here."""
        char, rng = text[at], self.rng
        parts = halves().get(char)
        if kind in ("split", "misread", "lost"):
            if parts is None:
                return None
            pieces = list(parts)
            if kind == "misread":
                place = rng.randrange(len(pieces))
                pieces[place] = self.part(pieces[place])
            elif kind == "lost":
                pieces[rng.randrange(len(pieces))] = rng.choice(LOST)
            blank = " " if rng.random() < _BLANK else ""
            return 1, "".join(pieces) + blank
        if kind == "variant":
            form = self.variant(char)
            return (1, form) if form else None
        if kind in ("alike", "alike-rare"):
            near = [c for c in alike(char)[:8] if self.rare(c) == (kind == "alike-rare")]
            return (1, rng.choice(near)) if near else None
        far = rng.randint(1, 3)
        stretch = text[at : at + far + 1]
        if len(stretch) <= far or len(set(stretch)) == 1 or not all("\u4e00" <= c <= "\u9fff" for c in stretch):
            return None
        if kind == "shift-half":
            if parts is None:
                return None
            rest = self.part(parts[-1])
            return far + 1, parts[0] + stretch[1:] + rest
        if rng.random() < 0.5:
            moved, others = stretch[0], stretch[1:]
        else:
            moved, others = stretch[-1], stretch[:-1]
        form = moved if kind == "shift" else self.variant(moved)
        if form is None:
            return None
        return far + 1, others + form if moved == stretch[0] else form + others


def litter(
    text: str, rate: float, seed: int, counts: dict[str, int], kinds: Sequence[str] = ()
) -> tuple[str, list[Event]]:
    """`text` with debris at about `rate` of its Han characters, and what was done; `counts`: characters of a corpus.

    `kinds` restricts the kinds; by default all are mixed as in `KINDS`.
    """
    rng = random.Random(seed)
    maker = _Litter(rng, counts)
    names = list(kinds or KINDS)
    weights = [KINDS[name] for name in names]
    out: list[str] = []
    events: list[Event] = []
    size = at = 0
    free = 0
    while at < len(text):
        done = None
        if at >= free and "\u4e00" <= text[at] <= "\u9fff" and rng.random() < rate:
            for _ in range(6):
                kind = rng.choices(names, weights)[0]
                done = maker.make(kind, text, at)
                if done is not None and done[1] != text[at : at + done[0]]:
                    events.append(Event(kind, size, size + len(done[1]), at, at + done[0]))
                    break
                done = None
        if done is None:
            done = 1, text[at]
        else:
            free = at + done[0] + 2
        out.append(done[1])
        size += len(done[1])
        at += done[0]
    return "".join(out), events
