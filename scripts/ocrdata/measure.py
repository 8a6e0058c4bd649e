"""Error rates and kinds of error of OCR output, as ../shared/tools/score.py counts them (`content`)."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from rapidfuzz.distance import Levenshtein

WIDTH = str.maketrans(
    {"，": ",", "；": ";", "：": ":", "！": "!", "？": "?", "（": "(", "）": ")", "［": "[", "］": "]",
     "“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "％": "%", "＋": "+", "．": ".", "—": "-", "－": "-",
     "–": "-", "―": "-", "〔": "[", "〕": "]", "～": "~"}
)
SPACE = re.compile(r"[\s\u3000\u200b\ufeff]+")


def content(text: str, fold: bool = True) -> str:
    """`text` without white space and (unless `fold` is false) with punctuation width folded."""
    bare = SPACE.sub("", text)
    return bare.translate(WIDTH) if fold else bare


def error_rate(read: str, truth: str) -> float:
    """Edit distance over the length of the truth."""
    want = content(truth)
    return Levenshtein.distance(content(read), want) / max(1, len(want))


def _class(ch: str) -> str:
    if "\u3400" <= ch <= "\u9fff":
        return "han"
    return "alnum" if ch.isascii() and ch.isalnum() else "mark"


def kinds(read: str, truth: str, fold: bool = True) -> Counter[str]:
    """Number of edits of each kind; one edit is one character replaced, lost or invented."""
    a, b = content(read, fold), content(truth, fold)
    out: Counter[str] = Counter()
    for op in Levenshtein.opcodes(a, b):
        if op.tag == "equal":
            continue
        old, new = a[op.src_start:op.src_end], b[op.dest_start:op.dest_end]
        if op.tag == "replace":
            for x, y in zip(old, new, strict=True):
                pair = (_class(x), _class(y))
                out["han>han" if pair == ("han", "han") else "mark>mark" if pair == ("mark", "mark") else
                    f"{pair[1]} read as {pair[0]}"] += 1
        elif op.tag == "insert":
            out.update(f"{_class(y)} lost" for y in new)
        else:
            out.update(f"{_class(x)} invented" for x in old)
    return out


def pairs(folder: Path) -> list[tuple[str, str, str]]:
    """(name, OCR text, truth) of each document of a folder."""
    return [(p.name.removesuffix(".ocr.txt"), p.read_text("utf-8"),
             p.with_name(p.name.replace(".ocr.txt", ".gt.txt")).read_text("utf-8"))
            for p in sorted(folder.glob("*.ocr.txt"))]


def report(root: Path) -> str:
    """A table of all sets below `root`: documents, characters, error rates (pooled, quartiles), kinds in percent."""
    lines = []
    for folder in sorted(p for p in root.iterdir() if p.is_dir() and "-" in p.name):
        rates, edits, chars, tally = [], 0.0, 0, Counter[str]()
        for _, read, truth in pairs(folder):
            want = len(content(truth))
            rate = error_rate(read, truth)
            rates.append(rate)
            edits += rate * want
            chars += want
            tally += kinds(read, truth)
        if not rates:
            continue
        rates.sort()
        quart = [100 * rates[int(q * (len(rates) - 1))] for q in (0.1, 0.25, 0.5, 0.75, 0.9)]
        total = sum(tally.values()) or 1
        lines.append(f"{folder.name:12} docs {len(rates):4} chars {chars:8} CER {100 * edits / max(1, chars):6.2f}%  "
                     f"10/25/50/75/90: {' '.join(f'{q:.2f}' for q in quart)}")
        lines.append("    " + "  ".join(f"{k} {100 * n / total:.1f}" for k, n in tally.most_common(14)))
    return "\n".join(lines)
