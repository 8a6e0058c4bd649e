"""The text of the OCR data factory: runs of paragraphs from ../shared/lm-corpus.

Each corpus is cut into segments of about 3,600 characters, at paragraph ends and in file order. A fixed share of the
segments (`SHARE`) is reserved for this factory. A language model that is trained on the whole corpus has seen those
paragraphs and is too sure of them: `reserved_lines` names them, so that a model for calibration can be built without.
The order of the segments is a fixed shuffle over all corpora: any run of document numbers is a fair sample.
"""

from __future__ import annotations

import lzma
import random
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

SHARED = Path(__file__).resolve().parents[3] / "shared"
SEGMENT = 3600  # characters
SHARE = {"policy": 30, "laws": 5, "news": 4, "essays": 3, "court": 2, "encyclopedia": 4}  # percent

_ALLOWED = re.compile(
    r"[\u4e00-\u9fa5A-Za-z0-9 \u3000，。、；：？！（）《》〈〉“”‘’—…·％〔〕【】○〇①-⑩Ⅰ-Ⅻ"
    r".,:;%()\[\]/\-+~～×＋℃㎡≥≤&*@#=_?!\"']+"
)
_HALF = re.compile(r"(?<=[\u4e00-\u9fa5])[,;:?!]")


@dataclass(frozen=True)
class Segment:
    """A run of paragraphs: `first` and `last` are line numbers (from 0, inclusive) of `<source>.txt`."""

    source: str
    number: int
    first: int
    last: int


@lru_cache(maxsize=1)
def lines(source: str) -> list[str]:
    """The paragraphs of one corpus."""
    with lzma.open(SHARED / "lm-corpus" / f"{source}.txt.xz", "rt", encoding="utf-8") as file:
        return file.read().split("\n")


def usable(paragraph: str) -> bool:
    """Whether a paragraph is ordinary simplified text that the faces can set."""
    if not 4 <= len(paragraph) <= 1200 or not _ALLOWED.fullmatch(paragraph):
        return False
    try:
        paragraph.encode("gb18030")
    except UnicodeEncodeError:
        return False
    return len(_HALF.findall(paragraph)) * 60 <= len(paragraph)


def segments(source: str, turn: int = 0) -> list[Segment]:
    """The reserved segments of one corpus, in file order; with `turn`, the next such share, which nobody reserves."""
    rows, found, first, size, number = lines(source), [], 0, 0, 0
    for at, row in enumerate(rows):
        size += len(row)
        if size >= SEGMENT:
            if turn * SHARE[source] <= (number * 7919 + 13) % 100 < (turn + 1) * SHARE[source]:
                found.append(Segment(source, number, first, at))
            first, size, number = at + 1, 0, number + 1
    return found


def reserved_lines(source: str) -> list[tuple[int, int]]:
    """The line ranges (first, last) of `source` that this factory may have used."""
    return [(segment.first, segment.last) for segment in segments(source)]


def shuffled(turn: int = 0) -> list[Segment]:
    """Every reserved segment of every corpus in the fixed order of the document numbers; or those of a later turn."""
    everything = [segment for source in sorted(SHARE) for segment in segments(source, turn)]
    random.Random("textfix ocr data").shuffle(everything)
    return everything


def paragraphs(segment: Segment, limit: int) -> list[str]:
    """The usable paragraphs of a segment until `limit` characters are reached; the last one is kept whole."""
    taken: list[str] = []
    size = 0
    for row in _rows(segment):
        text = row.strip()
        if usable(text):
            taken.append(text)
            size += len(text)
            if size >= limit:
                break
    return taken


def write_cache(folder: Path, turn: int = 0) -> list[Segment]:
    """Store the text of the reserved segments in `folder` (a few megabytes), so that a worker needs no corpus."""
    folder.mkdir(parents=True, exist_ok=True)
    order = shuffled(turn)
    for source in sorted(SHARE):
        rows = lines(source)
        for segment in (s for s in order if s.source == source):
            text = "\n".join(rows[segment.first:segment.last + 1])
            (folder / f"{source}-{segment.number}.txt").write_text(text, "utf-8")
    return order


_CACHE: Path | None = None


def use_cache(folder: Path) -> None:
    """Read segments from `folder` from now on."""
    global _CACHE
    _CACHE = folder


def _rows(segment: Segment) -> list[str]:
    if _CACHE is not None:
        return (_CACHE / f"{segment.source}-{segment.number}.txt").read_text("utf-8").split("\n")
    return lines(segment.source)[segment.first:segment.last + 1]
