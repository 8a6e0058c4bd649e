"""A scan with several sources, cut into parts that each go with one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .index import Match

__all__ = ["Part", "parts_of"]


@dataclass(frozen=True, slots=True)
class Part:
    """``scan[start:end]`` goes with one source."""

    start: int
    end: int
    match: Match


def parts_of(scan: str, matches: Sequence[Match]) -> list[Part]:
    """`scan` cut into parts that each go with one of `matches`; together they are the whole scan.

    Cuts are made between passages of different documents, at a line end if there is one, else behind a sentence.
    """
    passages = sorted(((p, m) for m in matches for p in m.passages), key=lambda item: item[0].start)
    parts: list[Part] = []
    for passage, match in passages:
        if parts and parts[-1].match is match:
            parts[-1] = Part(parts[-1].start, passage.end, match)
            continue
        start = _cut(scan, parts[-1].end, passage.start) if parts else 0
        if parts:
            parts[-1] = Part(parts[-1].start, start, parts[-1].match)
        parts.append(Part(start, passage.end, match))
    if parts:
        parts[-1] = Part(parts[-1].start, len(scan), parts[-1].match)
    return parts


def _cut(scan: str, start: int, end: int) -> int:
    """Where between two passages the scan goes over from one document to the other."""
    for stop in "\n。":
        at = scan.find(stop, start, end)
        if at >= 0:
            return at + 1
    return end
