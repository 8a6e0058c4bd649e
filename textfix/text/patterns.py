"""Regular expressions over Unicode classes. The one place that imports `regex`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import regex

__all__ = ["protected"]

#: What is never changed by default, by name. Each is anchored on a literal or a rare class, so that one pass over
#: Chinese text costs little.
_PROTECTED = {
    # 渝发改规范〔2022〕5号, 国发[2021]3号: the issuing body's short name, the year in brackets, the number
    "document number": r"[\p{Han}]{0,8}[〔\[［（(【]\s*[12][0-9]{3}\s*[〕\]］）)】]\s*第?\s*[0-9]{1,5}\s*号",
    # 2022年5月31日, 2022-05-31, 5月31日
    "date": r"[0-9０-９]{2,4}\s*年(?:\s*[0-9０-９]{1,2}\s*月(?:\s*[0-9０-９]{1,2}\s*日)?)?"
    r"|[0-9０-９]{1,2}\s*月\s*[0-9０-９]{1,2}\s*日"
    r"|[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}",
    "url": r"(?:https?://|ftp://|www\.)[^\s\p{Han}，。；：！？（）《》“”]+",
    "mail": r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}",
    # Latin words: two letters or more; a single letter may be what is left of a glyph (扌L)
    "latin": r"\p{Latin}[\p{Latin}0-9]*(?:[-_.'&/][\p{Latin}0-9]+)*(?<=..)|\p{Latin}{2,}",
    "digits": r"\p{Nd}+(?:[.,:/]\p{Nd}+)*",
}
_ALL = regex.compile("|".join(f"(?:{p})" for p in _PROTECTED.values()))
_TRIGGER = regex.compile(r"[\p{Nd}\p{Latin}]")


def protected(text: str) -> Iterator[tuple[int, int]]:
    """Spans of digits, dates, document numbers, Latin words, URLs and mail addresses, in order, disjoint."""
    if _TRIGGER.search(text) is None:
        return
    for match in _ALL.finditer(text):
        start, end = match.span()
        if end - start > 1 or not match[0].isascii() or match[0].isdigit():
            yield start, end


def terms(words: Iterable[str]) -> regex.Pattern[str] | None:
    """One pattern for all `words`, the longest first; None where there are none."""
    ordered = sorted({w for w in words if w}, key=lambda w: (-len(w), w))
    return regex.compile(r"\L<words>", words=ordered) if ordered else None
