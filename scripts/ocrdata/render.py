"""Set paragraphs on pages as official documents are set, and draw the pages.

Layout: A4 with margins, first lines indented by two ems, headings and titles in their own faces, lines justified by
spreading what is left over between the characters, no line starting with a closing mark or ending with an opening one
(GB/T 15834 and common practice), numbers and Latin words kept whole. Sizes are in pixels unless said otherwise.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import fonts
import numpy as np
from PIL import Image, ImageDraw

_NO_START = frozenset("，。、；：？！）》〉”’】〕％%,.;:?!)]}…—·～℃")
_NO_END = frozenset("（《〈“‘【〔([{")
_UNIT = re.compile(r"[A-Za-z0-9]+(?:[.\-/:,][A-Za-z0-9]+)*%?|.", re.S)
_CHAPTER = re.compile(r"第[一二三四五六七八九十百]+[章节编].{0,24}$")
_HEADING = re.compile(r"(?:[一二三四五六七八九十]+、|（[一二三四五六七八九十]+）).{1,30}[^。；，：]$")
_ARTICLE = re.compile(r"(第[一二三四五六七八九十百千零〇]+条)[ \u3000]*(?=\S)")


@dataclass(frozen=True)
class Layout:
    """How the pages of one document are set."""

    body: fonts.Face
    title: fonts.Face
    heading: fonts.Face
    points: float
    dpi: int
    leading: float  # line pitch in ems
    margins: tuple[float, float, float, float]  # left, right, top, bottom in millimetres
    indent: int = 2  # ems
    hang: bool = True  # a closing mark may stand in the margin
    spread: float = 0.0  # letter spacing in ems
    article_gap: bool = True  # 第一条 is followed by a space
    latin: fonts.Face | None = None  # the face of digits and Latin letters, `body` if None

    def em(self) -> int:
        """Pixels to the em of the body."""
        return round(self.points * self.dpi / 72)


@dataclass
class Line:
    """One line of a page: characters with their x offsets from the left margin."""

    paragraph: int
    text: str
    face: fonts.Face
    size: int
    xs: list[float]
    height: float


@dataclass
class Page:
    """A page image (grey, 0 black) and the paragraphs on it, the first and last perhaps cut by the page's edge."""

    image: np.ndarray[Any, np.dtype[Any]]
    pieces: list[str] = field(default_factory=list)
    continued: bool = False  # the first piece goes on from the page before


def draw_layout(rng: random.Random, held_out: bool, dpis: Sequence[int] = (150, 200, 240, 300)) -> Layout:
    """A random layout with faces of one group at one of four resolutions."""
    pool = fonts.pool(held_out)
    body = rng.choices(pool, [face.weight for face in pool])[0]
    titles = fonts.TITLES
    dpi = rng.choices(dpis, [2, 4, 2, 2])[0]
    side = rng.uniform(22, 32)
    latin = None
    if rng.random() < 0.4:
        latin = rng.choice([face for face in pool if face.style in ("song", "hei")])
    return Layout(
        body=body,
        title=rng.choice(titles) if rng.random() < 0.7 else body,
        heading=rng.choice(titles) if rng.random() < 0.5 else body,
        points=rng.choices([10, 10.5, 11, 12, 13, 14], [1, 3, 1, 4, 1, 3])[0],
        dpi=dpi,
        leading=rng.uniform(1.35, 2.0),
        margins=(side, side + rng.uniform(-3, 3), rng.uniform(22, 36), rng.uniform(20, 34)),
        indent=2 if rng.random() < 0.9 else 0,
        hang=rng.random() < 0.5,
        spread=rng.choice([0.0, 0.0, 0.0, 0.02, 0.05]),
        article_gap=rng.random() < 0.7,
        latin=latin,
    )


def prepare(paragraphs: list[str], layout: Layout) -> list[str]:
    """The paragraphs as they will be set: with or without a gap after 第一条, without what the face cannot set."""
    face = layout.body
    kept = [p for p in paragraphs if fonts.covers(face, p)]
    gap = "\u3000" if layout.article_gap else ""
    return [_ARTICLE.sub(r"\1" + gap, p, count=1) if p.startswith("第") else p for p in kept]


def kind_of(paragraph: str, at: int) -> str:
    """title, chapter, heading or body."""
    if at == 0 and len(paragraph) <= 40 and not paragraph.endswith(("。", "；", "，", "：")):
        return "title"
    if _CHAPTER.match(paragraph):
        return "chapter"
    return "heading" if len(paragraph) <= 32 and _HEADING.match(paragraph) else "body"


def _widths(text: str, latin: fonts.Face, size: int) -> list[float]:
    """Advance of each character; Han characters and full-width marks take a whole em."""
    font = fonts.sized(latin, size)
    return [font.getlength(ch) if ord(ch) < 0x250 and ch != " " else size / 2 if ch == " " else float(size)
            for ch in text]


def _break(text: str, widths: list[float], first: float, width: float, hang: bool) -> list[tuple[int, int]]:
    """Greedy line breaking with the rules for marks; returns (start, end) of each line."""
    spans, start, used, at = [], 0, first, 0
    units = [m.span() for m in _UNIT.finditer(text)]
    index = 0
    while index < len(units):
        a, b = units[index]
        need = sum(widths[a:b])
        if used + need <= width + 0.01 or a == start:
            used, at, index = used + need, b, index + 1
            continue
        alone = text[b:b + 1] not in _NO_START or b == len(text)
        if hang and b - a == 1 and text[a] in _NO_START and alone and used <= width + 0.01:
            spans.append((start, b))
            index, start, used, at = index + 1, b, 0.0, b
            continue
        cut = at  # move the break back until neither side breaks the rules
        while cut > start + 1 and (text[cut] in _NO_START or text[cut - 1] in _NO_END):
            cut -= 1
        if cut <= start + 1:
            cut = at
        spans.append((start, cut))
        start, used = cut, sum(widths[cut:a])
        at = a
    if start < len(text):
        spans.append((start, len(text)))
    return spans


def set_lines(paragraphs: list[str], layout: Layout, page_width: float) -> list[Line]:
    """Break all paragraphs into lines and place their characters."""
    em, out = layout.em(), []
    latin = layout.latin or layout.body
    for number, text in enumerate(paragraphs):
        kind = kind_of(text, number)
        face = layout.title if kind in ("title", "chapter") else layout.heading if kind == "heading" else layout.body
        if not fonts.covers(face, text):
            face = layout.body
        scale = {"title": 1.5, "chapter": 1.15}.get(kind, 1.0)
        size = round(em * scale)
        script = latin if kind == "body" and fonts.covers(latin, "0123456789AZaz%.,") else face
        widths = [w + layout.spread * size for w in _widths(text, script, size)]
        centred = kind in ("title", "chapter")
        first = 0.0 if centred else float(layout.indent * em)
        for start, end in _break(text, widths, first, page_width, layout.hang):
            left = first if start == 0 else 0.0
            span = widths[start:end]
            used = left + sum(span)
            gap = 0.0
            if centred:
                left = (page_width - sum(span)) / 2
            elif end < len(text) and end - start > 1:
                count = end - start - 1
                if layout.hang and text[end - 1] in _NO_START and used > page_width:
                    used, count = used - span[-1], max(1, count - 1)
                gap = (page_width - used) / count
            xs, x = [], left
            for advance in span:
                xs.append(x)
                x += advance + gap
            out.append(Line(number, text[start:end], face, size, xs, layout.leading * size))
    return out


def draw_pages(paragraphs: list[str], layout: Layout, page_limit: int = 9) -> list[Page]:
    """Draw the document; each page image is the text with 8 mm around it (blank margins only cost the engines time)."""
    mm = layout.dpi / 25.4
    left, right, top, bottom = (side * mm for side in layout.margins)
    width, height = round(210 * mm), round(297 * mm)
    lines = set_lines(paragraphs, layout, width - left - right)
    pages: list[Page] = []
    at = 0
    while at < len(lines) and len(pages) < page_limit:
        image = Image.new("L", (width, height), 255)
        pen = ImageDraw.Draw(image)
        y, begun = top, at
        while at < len(lines) and (y + lines[at].height <= height - bottom or at == begun):
            line = lines[at]
            _draw_line(pen, line, layout, left, y)
            y += line.height
            at += 1
        pad = 8 * mm
        right_end = min(width, round(width - right + pad))
        page = Page(np.asarray(image)[round(top - pad):min(height, round(y + pad)), round(left - pad):right_end])
        for _, group in groupby(lines[begun:at], key=lambda line: line.paragraph):
            page.pieces.append("".join(line.text for line in group))
        page.continued = begun > 0 and lines[begun].paragraph == lines[begun - 1].paragraph
        pages.append(page)
    return pages


def _draw_line(pen: ImageDraw.ImageDraw, line: Line, layout: Layout, left: float, y: float) -> None:
    font = fonts.sized(line.face, line.size)
    latin = fonts.sized(layout.latin, line.size) if layout.latin and line.face is layout.body else font
    base = y + line.size * 0.9
    for ch, x in zip(line.text, line.xs, strict=True):
        if ch in "“‘":  # in the right half of its em, also where the face has narrow Latin quotes
            x += line.size - font.getlength(ch)
        if not ch.isspace():
            pen.text((left + x, base), ch, fill=0, font=latin if ord(ch) < 0x250 else font, anchor="ls")
