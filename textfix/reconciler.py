"""Reconcile an extract with the authority that it quotes or abridges.

What OCR did to the extract is repaired from the authority, how it is set is brought to the authority's ways, and what
people changed or left out is kept and reported, numbers on their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from .alignment import Alignment, Difference, Move, align
from .edits import Edit, Edits
from .errors import NothingInCommonError

__all__ = ["Reconciliation", "reconcile", "reconcile_parts", "reconciled"]

#: An extract must have this share of its characters, or one stretch of this length, in common with the authority.
_SHARE, _STRETCH = 0.3, 12
_FORMATS, _BLANKS = ("width", "quote", "space", "layout"), ("space", "layout")
_BREAK = re.compile(r"[^\S\n]*\n\s*")
#: Characters of context and of a cut that the text report shows.
_CONTEXT, _SHOWN = 8, 40


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The reconciled `text`, the `edits` that lead to it from the extract, and the `alignment` behind them."""

    text: str
    edits: Edits
    alignment: Alignment

    @property
    def differences(self) -> tuple[Difference, ...]:
        """All differences of the alignment, those inside moved passages behind the others."""
        moved = (d for move in self.alignment.moves for d in move.differences)
        return (*self.alignment.differences, *moved)

    @property
    def editorial(self) -> tuple[Difference, ...]:
        """What people changed, added or left out, in order; all of it is kept in `text`."""
        return tuple(d for d in self.differences if d.editorial)

    @property
    def numbers(self) -> tuple[Difference, ...]:
        """The changed numbers among `editorial`."""
        return tuple(d for d in self.editorial if d.kind == "number")

    def counts(self) -> dict[str, dict[str, int]]:
        """How many edits and editorial differences of every kind, most frequent kinds first."""
        return {
            "repaired": _tally(d.kind for d in self.differences if d.ocr),
            "set": _tally(e.kind for e in self.edits if e.kind in _FORMATS),
            "kept": _tally(d.kind for d in self.editorial),
        }

    def summary(self) -> str:
        """One line for people."""
        counts = self.counts()
        repaired, formatted, kept = (sum(group.values()) for group in counts.values())
        kinds = ", ".join(f"{n} {kind}" for kind, n in counts["kept"].items())
        return (
            f"{repaired} OCR errors repaired, {formatted} places set as in the authority, "
            f"{kept} editorial differences kept" + (f" ({kinds})" if kinds else "")
        )

    def report(self) -> str:
        """The report as text: a summary, the repairs, the editorial differences, numbers first."""
        lines = [self.summary(), self.alignment.error_rates().summary()]
        if not self.alignment.complete:
            lines.append("warning: a long stretch has nothing in common with the authority and was left alone")
        sections = (
            ("Repaired", [d for d in self.differences if d.ocr]),
            ("Numbers that differ: check each", list(self.numbers)),
            ("Kept as edited", [d for d in self.editorial if d.kind != "number"]),
        )
        for title, differences in sections:
            if differences:
                lines += ["", f"{title} ({len(differences)})"]
                lines += [self._line(d) for d in differences]
        if self.alignment.moves:
            lines += ["", f"Moved passages ({len(self.alignment.moves)})"]
            lines += [
                f"  {m.start}:{m.end} stands at {m.other_start}:{m.other_end} of the authority"
                for m in self.alignment.moves
            ]
        return "\n".join(lines) + "\n"

    def _line(self, d: Difference) -> str:
        left = self.alignment.a[max(0, d.start - _CONTEXT) : d.start]
        right = self.alignment.a[d.end : d.end + _CONTEXT]
        place = f"{d.start}:{d.end}"
        shown = f"{_flat(left)}[{_short(d.observed)} → {_short(d.intended)}]{_flat(right)}"
        return f"  {place:>13}  {d.kind:12}  {shown}"

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form. Offsets of `edits` and `editorial` are code points of the extract."""
        return {
            "text": self.text,
            "summary": self.counts(),
            "complete": self.alignment.complete,
            "error_rates": self.alignment.error_rates().to_dict(),
            "edits": [e.to_dict() for e in self.edits],
            "editorial": [d.to_dict() for d in self.editorial],
            "moves": [m.to_dict() for m in self.alignment.moves],
        }


def reconcile(extract: str, authority: str) -> Reconciliation:
    """Reconcile `extract` with `authority`.

    Raises `NothingInCommonError` where they share too little to be an extract and its source. An extract of white
    space comes back as it is.
    """
    alignment = align(extract, authority)
    _require_common(alignment)
    return reconciled(alignment)


def reconciled(alignment: Alignment) -> Reconciliation:
    """The reconciliation that an alignment of extract and authority leads to."""
    if not alignment.a.strip():
        return Reconciliation(alignment.a, Edits(), alignment)
    edits = Edits(_edits(alignment))
    return Reconciliation(edits.apply(alignment.a), edits, alignment)


def reconcile_parts(extract: str, parts: Sequence[tuple[int, int, str]]) -> Reconciliation:
    """Reconcile each part ``extract[start:end]`` with its own authority, given as ``(start, end, authority)``.

    The parts must be the whole extract, in order. In the alignment of the result the second text is all authorities
    behind one another, one for every part. Nothing is required to be in common.
    """
    if [0, *(end for _, end, _ in parts)] != [*(start for start, _, _ in parts), len(extract)]:
        raise ValueError(f"parts {[part[:2] for part in parts]} are not the whole of {len(extract)} characters")
    edits: list[Edit] = []
    differences: list[Difference] = []
    moves: list[Move] = []
    complete, other = True, 0
    for start, end, authority in parts:
        part = reconciled(align(extract[start:end], authority))
        for edit in part.edits:
            _append(edits, edit.shifted(start))
        differences += [d.shifted(start, other) for d in part.alignment.differences]
        moves += [move.shifted(start, other) for move in part.alignment.moves]
        complete &= part.alignment.complete
        other += len(authority)
    whole = "".join(authority for _, _, authority in parts)
    alignment = Alignment(extract, whole, tuple(differences), tuple(moves), complete)
    made = Edits(edits)
    return Reconciliation(made.apply(extract), made, alignment)


def _require_common(alignment: Alignment) -> None:
    size = len("".join(alignment.a.split()))
    runs = [n for _, _, n in alignment.equal_runs() if n > 1]
    # Widths and quotes are set differently all over: what differs only in that is in common too.
    runs.append(sum(d.formatting and bool(d.observed.strip()) for d in alignment.differences))
    if size and sum(runs) < _SHARE * size and max(runs) < _STRETCH:
        raise NothingInCommonError(
            f"the extract has next to nothing in common with the authority: {sum(runs)} of {size} characters; "
            "is it the right document?"
        )


def _edits(alignment: Alignment) -> list[Edit]:
    """The edits of all differences that are not editorial, in order."""
    out = _edits_of(alignment.a, alignment.differences)
    for move in alignment.moves:
        out += _edits_of(alignment.a, move.differences)
    return out


def _edits_of(extract: str, differences: Sequence[Difference]) -> list[Edit]:
    out: list[Edit] = []
    for n, d in enumerate(differences):
        before = differences[n - 1] if n else None
        if d.editorial:
            after = differences[n + 1] if n + 1 < len(differences) else None
            if _ends_paragraph(extract, d) and not any(_blank_beside(d, o) for o in (before, after)):
                _append(out, Edit(d.start, d.start, "", _break(d.intended), "layout", evidence={"rule": "cut"}))
            continue
        intended = d.intended
        if d.kind in _BLANKS:
            beside = [o for o in (before, differences[n + 1] if n + 1 < len(differences) else None) if o is not None]
            added = any(o.kind in ("insertion", "move") and _blank_beside(o, d) for o in beside)
            if added or d.start == 0 or d.end == len(extract):
                continue
            # White space that is left of a cut with a line break in it stands where that break was.
            if before is not None and before.editorial and before.end == d.start and "\n" not in intended:
                intended = _break(before.intended) or intended
        if intended != d.observed:
            _append(out, Edit(d.start, d.end, d.observed, intended, d.kind, d.confidence, d.evidence))
    return out


def _break(text: str) -> str:
    """The line break that `text` contains, an empty line if there is one; empty if there is none."""
    breaks = _BREAK.findall(text)
    newline = "\r\n" if "\r\n" in text else "\n"
    return newline * min(2, max((found.count("\n") for found in breaks), default=0))


def _ends_paragraph(extract: str, d: Difference) -> bool:
    """Whether only the inside of a paragraph was cut, so that its break still stands between what is left."""
    if d.kind != "omission" or d.start != d.end or not 0 < d.start < len(extract):
        return False
    head, tail = d.intended[: len(d.intended) - len(d.intended.lstrip())], d.intended[len(d.intended.rstrip()) :]
    return "\n" in head + tail and not extract[d.start - 1 : d.start + 1].isspace()


def _blank_beside(d: Difference, other: Difference | None) -> bool:
    """Whether white space that touches `d` differs, too."""
    return other is not None and other.kind in _BLANKS and (other.end == d.start or other.start == d.end)


def _append(out: list[Edit], edit: Edit) -> None:
    """Add an edit; two insertions at one place are one."""
    last = out[-1] if out else None
    if last is not None and last.start == last.end == edit.start == edit.end:
        lead = last if last.kind not in _FORMATS else edit
        text = last.replacement + edit.replacement
        edit = Edit(
            edit.start, edit.end, "", text, lead.kind, min(last.confidence, edit.confidence), lead.evidence
        )
        out.pop()
    out.append(edit)


def _tally(kinds: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for kind in kinds:
        counts[kind] = counts.get(kind, 0) + 1
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _flat(text: str) -> str:
    """One line, without runs of white space."""
    return re.sub(r"\s+", " ", text)


def _short(text: str) -> str:
    flat = _flat(text)
    if not flat:
        return "∅"
    return flat if len(flat) <= _SHOWN else f"{flat[: _SHOWN - 12]} … {flat[-8:]} ({len(flat)})"
