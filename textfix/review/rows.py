"""Between decisions and the rows of a confusable table: what was rejected, and what was seen again."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from ..edits import Edit, Repair
from ..tables.confusable import TABLE_KINDS, Row, Table
from .decisions import Decision, Decisions

__all__ = ["Applied", "Rejections", "apply_to_table", "row_of"]

#: Longer readings are accidents of one page.
_LONGEST = 4
_GENERATOR = "textfix table apply"


@dataclass(frozen=True, slots=True)
class Applied:
    """The table afterwards, and how many pairs were rejected, were counted, and can be no rows of a table.

    `again`: the decisions had been applied already, and nothing was counted twice.
    """

    table: Table
    rejected: int
    counted: int
    passed_over: int
    again: bool


def apply_to_table(table: Table, decisions: Decisions) -> Applied:
    """`table` with what `decisions` say.

    A pair that was rejected everywhere, or in some places and accepted in none, is rejected, also where the table does
    not hold it yet: it stays rejected through merging and relearning. A pair that was accepted counts once for every
    decision. Edits of the setting, digits and displaced characters are no rows.
    """
    name = f"decisions {sha256(decisions.dump().encode()).hexdigest()[:16]}"
    again = name in table.sources
    asked: dict[tuple[str, str], list[Decision]] = {}
    passed_over = 0
    for decision in decisions:
        pair = row_of(decision.observed, decision.replacement, decision.kind)
        if pair is None or (decision.kind == "shift" and not table.find(*pair)):
            passed_over += 1
        else:
            asked.setdefault(pair, []).append(decision)
    rows: list[Row] = []
    rejected = counted = 0
    for (observed, intended), said in asked.items():
        accepted = [d for d in said if d.verdict == "accept"]
        if _everywhere(said) == "reject" or not accepted:
            rejected += 1
            kinds = {row.kind for row in table.find(observed, intended)} or {said[-1].kind}
            rows += [Row(observed, intended, kind, 0, 0, "rejected") for kind in sorted(kinds)]
        elif not again:
            counted += 1
            documents = len({d.file for d in accepted})
            rows.append(Row(observed, intended, accepted[-1].kind, len(accepted), documents))
    return Applied(table.merge(Table(rows, [name], [_GENERATOR])), rejected, counted, passed_over, again)


def _everywhere(said: list[Decision]) -> str | None:
    """The last word that was said for everywhere."""
    words = [decision.verdict for decision in said if decision.scope == "everywhere"]
    return words[-1] if words else None


def row_of(observed: str, replacement: str, kind: str) -> tuple[str, str] | None:
    """The pair of the row that an edit would be, or None if it can be none.

    White space is left out, and what both sides share at their ends, but where a character moved.
    """
    observed, intended = "".join(observed.split()), "".join(replacement.split())
    if kind != "shift":
        while observed and intended and observed[-1] == intended[-1]:
            observed, intended = observed[:-1], intended[:-1]
        while observed and intended and observed[0] == intended[0]:
            observed, intended = observed[1:], intended[1:]
    if kind not in TABLE_KINDS or observed == intended or max(len(observed), len(intended)) > _LONGEST:
        return None
    return None if any(char.isdigit() for char in observed + intended) else (observed, intended)


class Rejections:
    """The rejected rows of a table, as `Reviewed` asks for verdicts: what is such a row is not to be made."""

    def __init__(self, table: Table) -> None:
        self._pairs = frozenset((row.observed, row.intended) for row in table if row.rejected)

    def __len__(self) -> int:
        return len(self._pairs)

    def verdicts(self, text: str, repair: Repair, edits: list[Edit]) -> list[str | None]:  # noqa: ARG002
        """For each of `edits`: ``reject``, or None."""
        rows = (row_of(edit.observed, edit.replacement, edit.kind) for edit in edits)
        return ["reject" if row in self._pairs else None for row in rows]
