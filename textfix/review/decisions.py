"""What a person decided about edits, as a file (``decisions.json``), and repairs that abide by it.

A decision says ``accept`` or ``reject`` to a pair, what was observed and what would replace it. With the scope
``everywhere`` it holds wherever the pair is proposed; with the scope ``here`` only in the same surroundings
(`surroundings`), whatever the file is called and wherever in it the place is by now. Among decisions that fit, one
for the place comes before one for everywhere, and a later one before an earlier one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Protocol

from ..edits import KINDS, Edit, Edits, Repair
from ..errors import InputError, brief
from .proposals import Context, apart, contexts_of

__all__ = ["FORMAT", "VERDICTS", "VERSION", "Decision", "Decisions", "Reviewed"]

FORMAT, VERSION = "textfix.decisions", 1
VERDICTS = ("accept", "reject")
SCOPES = ("here", "everywhere")
#: Repairs of the result of a repair, until nothing new is proposed, at most so many.
_PASSES = 6

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Decision:
    """`verdict` on replacing `observed` by `replacement`; `contexts` are needed where the scope is ``here``.

    `kind`, `file` and `line` say what the person saw; they take no part in recognising the place.
    """

    verdict: str
    observed: str
    replacement: str
    kind: str
    scope: str = "here"
    contexts: tuple[Context, ...] = ()
    file: str = ""
    line: int = 0

    def __post_init__(self) -> None:
        if self.verdict not in VERDICTS or self.scope not in SCOPES:
            raise InputError(f"no decision: verdict {brief(self.verdict)}, scope {brief(self.scope)}")
        if self.kind not in KINDS or self.observed == self.replacement:
            raise InputError(f"no decision: {_shown(self.pair)} of kind {brief(self.kind)}")
        if self.scope == "here" and not self.contexts:
            raise InputError(f"no decision: {_shown(self.pair)} says here, but not where")

    @property
    def pair(self) -> Pair:
        """What was observed, and what would replace it."""
        return self.observed, self.replacement

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form; `from_dict` is its inverse."""
        return {
            "verdict": self.verdict,
            "scope": self.scope,
            "observed": self.observed,
            "replacement": self.replacement,
            "kind": self.kind,
            "contexts": [list(context) for context in self.contexts],
            "file": self.file,
            "line": self.line,
        }

    @classmethod
    def from_dict(cls, row: Any) -> Decision:
        """Read `to_dict`'s form. Raises `InputError` on what is none."""
        if not isinstance(row, dict):
            raise InputError(f"no decision: {brief(row)}")
        texts: dict[str, Any] = {name: row.get(name) for name in ("verdict", "observed", "replacement", "kind")}
        texts |= {"scope": row.get("scope", "here"), "file": row.get("file", "")}
        line, contexts = row.get("line", 0), row.get("contexts", [])
        if not all(_is_text(text) for text in texts.values()) or type(line) is not int:
            raise InputError(f"no decision: {brief(row)}")
        if not isinstance(contexts, list) or not all(
            isinstance(c, list) and len(c) == 2 and all(map(_is_text, c)) for c in contexts
        ):
            raise InputError(f"no decision: contexts {brief(contexts)}")
        return cls(**texts, contexts=tuple((before, after) for before, after in contexts), line=line)


def _shown(pair: Pair) -> str:
    return " → ".join(map(brief, pair))


def _is_text(value: object) -> bool:
    """Whether it is a string that can be written down: JSON may hold halves of surrogate pairs."""
    return isinstance(value, str) and not any("\ud800" <= char <= "\udfff" for char in value)


class Decisions:
    """Decisions in the order in which they were made. Immutable and picklable."""

    __slots__ = ("_everywhere", "_here", "_pairs", "items")

    def __init__(self, items: Iterable[Decision] = ()) -> None:
        self.items = tuple(items)
        self._everywhere: dict[Pair, str] = {}
        self._here: dict[tuple[Pair, Context], str] = {}
        for item in self.items:
            if item.scope == "everywhere":
                self._everywhere[item.pair] = item.verdict
            else:
                self._here.update(((item.pair, context), item.verdict) for context in item.contexts)
        self._pairs = frozenset(item.pair for item in self.items)

    def __iter__(self) -> Iterator[Decision]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __eq__(self, other: object) -> bool:
        return self.items == other.items if isinstance(other, Decisions) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.items)

    def __reduce__(self) -> tuple[type[Decisions], tuple[tuple[Decision, ...]]]:
        return Decisions, (self.items,)

    def __add__(self, later: Decisions) -> Decisions:
        """These decisions and then those of `later`, which come first where both fit."""
        return Decisions(self.items + later.items)

    def verdicts(self, text: str, repair: Repair, edits: list[Edit]) -> list[str | None]:
        """For each of `edits`, which `repair` of `text` made or suggested: ``accept``, ``reject``, or None."""
        asked = [edit for edit in edits if (edit.observed, edit.replacement) in self._pairs]
        contexts = dict(zip(asked, contexts_of(text, repair, asked), strict=True))
        return [self._verdict(edit, contexts.get(edit, ())) for edit in edits]

    def _verdict(self, edit: Edit, contexts: tuple[Context, ...]) -> str | None:
        pair = edit.observed, edit.replacement
        for context in contexts:
            if (pair, context) in self._here:
                return self._here[pair, context]
        return self._everywhere.get(pair)

    def dump(self) -> str:
        """The decisions as JSON; `parse` is the inverse."""
        held = {"format": FORMAT, "version": VERSION, "decisions": [item.to_dict() for item in self.items]}
        return json.dumps(held, ensure_ascii=False, indent=1) + "\n"

    @classmethod
    def parse(cls, text: str, name: str = "<decisions>") -> Decisions:
        """Read `dump`'s form. Raises `InputError`, one line that begins with `name`, on anything else."""
        try:
            held = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise InputError(f"{name}: not JSON: {error}") from error
        if not isinstance(held, dict) or held.get("format") != FORMAT or not isinstance(held.get("decisions"), list):
            raise InputError(f"{name}: not a file of decisions, as the review page of textfix writes it")
        if held.get("version") != VERSION:
            version = brief(held.get("version"))
            raise InputError(f"{name}: version {version}, this textfix reads {VERSION}; upgrade textfix")
        try:
            return cls(Decision.from_dict(row) for row in held["decisions"])
        except InputError as error:
            raise InputError(f"{name}: {error}") from error


class _Repairs(Protocol):
    def repair(self, text: str) -> Repair: ...


class _Decides(Protocol):
    def verdicts(self, text: str, repair: Repair, edits: list[Edit]) -> list[str | None]: ...


class Reviewed:
    """A repairer that abides by decisions: what was rejected is never made, what was accepted is made.

    Only what the repairer proposes can be accepted. Repairing the result again changes nothing. `decisions` are
    `Decisions`, or the rejected rows of a table (`textfix.review.rows.Rejections`).
    """

    def __init__(self, repairer: _Repairs, decisions: _Decides) -> None:
        self._repairer = repairer
        self.decisions = decisions

    def repair(self, text: str) -> Repair:
        """Repair `text`."""
        first = self._repairer.repair(text)
        every = [*first.edits, *first.suggestions]
        verdicts = dict(zip(every, self.decisions.verdicts(text, first, every), strict=True))
        if not any(verdicts.values()):
            return first
        edits = self._made(first, verdicts.get)
        for _ in range(_PASSES):  # what stands beside a rejected or an accepted edit may be seen in another light now
            current = edits.apply(text)
            again = self._repairer.repair(current)
            seen = [*again.edits, *again.suggestions]
            judged = dict(zip(seen, self.decisions.verdicts(current, again, seen), strict=True))
            more = self._made(again, judged.get)
            if not more:
                break
            edits = edits.then(more, text)
        left = [suggestion for suggestion in first.suggestions if verdicts[suggestion] is None]
        return Repair(edits.apply(text), edits, tuple(apart(left, edits)), first.report)

    @staticmethod
    def _made(repair: Repair, verdict: Callable[[Edit], str | None]) -> Edits:
        """The edits of `repair` without the rejected ones, and the accepted suggestions."""
        kept = Edits(edit for edit in repair.edits if verdict(edit) != "reject")
        accepted = [edit for edit in repair.suggestions if verdict(edit) == "accept"]
        noted = (replace(e, evidence={**e.evidence, "decision": "accepted"}) for e in apart(accepted, kept))
        return Edits([*kept, *noted])
