"""A program of somebody else, in a project of its own: it uses textfix as installed, under ``mypy --strict``.

It is type-checked and run from outside the checkout (`tests/test_wheel.py`). The types are stated with `assert_type`,
so that nothing of the public surface becomes `Any` unseen; what must be refused carries an ignore that mypy reports as
soon as it is no longer needed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, assert_type

import textfix
from textfix import Edit, Edits, Options, Pair, Repair, Repairer, TextfixError

if TYPE_CHECKING:  # types that users meet as results and name only in annotations
    from textfix.alignment import Alignment, Difference
    from textfix.reconciler import Reconciliation
    from textfix.tables.confusable import Row, Table

EXTRACT = "加快解决工矿废弃地、歼石山等历史遗留问题。\n共涉及22个区县，推进锰产业生态修复。\n"
NOTICE = "加快解决工矿废弃地、矸石山等历史遗留问题。\n共涉及21个区县，推进锰产业生态修复。\n"


def repaired() -> str:
    repair = assert_type(textfix.repair(EXTRACT, preset="balanced", skip=["quote", "space"]), Repair)
    assert_type(repair.text, str)
    assert_type(repair.edits, Edits)
    assert_type(repair.suggestions, tuple[Edit, ...])
    assert_type(repair.report, Mapping[str, str | int | float | bool | None])
    assert_type(repair.changed, bool)
    assert_type(textfix.clean(EXTRACT, only="content", protect=("区县",)), str)
    assert repair.edits.inverse().apply(repair.text) == EXTRACT
    json.dumps(repair.to_dict())
    return repair.text


def edits() -> Edits:
    one = Edit(0, 1, "歼", "矸", "glyph", 0.9, {"rule": "by hand"})
    every = Edits([one])
    assert_type(every[0], Edit)
    assert_type(every[:1], Edits)
    assert_type(iter(every), Iterator[Edit])
    assert_type(one.confidence, float)
    assert_type(every.only({"glyph"}).within(0, 1).then(Edits(), "歼石山"), Edits)
    assert_type(Edit.from_dict(one.to_dict()), Edit)
    return every


def with_options() -> str:
    options = assert_type(Options.of(only="content", min_confidence=0.9, terms=["矸石山"]), Options)
    assert_type(options.kinds, frozenset[str])
    repairer = Repairer(options)
    assert_type(repairer.clean(EXTRACT), str)
    return assert_type(repairer.repair(EXTRACT, error_rate=0.02), Repair).text


def reconciled() -> str:
    result: Reconciliation = textfix.reconcile(EXTRACT, NOTICE)
    assert_type(result.edits, Edits)
    assert_type(result.counts(), dict[str, dict[str, int]])
    numbers: tuple[Difference, ...] = assert_type(result.numbers, "tuple[Difference, ...]")
    assert [(d.observed, d.intended) for d in numbers] == [("22", "21")]
    return assert_type(result.text, str)


def learned() -> list[tuple[str, str]]:
    alignment: Alignment = textfix.align(EXTRACT, NOTICE)
    assert_type(alignment.differences, "tuple[Difference, ...]")
    table: Table = textfix.learn([alignment, Pair(EXTRACT, NOTICE, "page 1")])
    rows: list[Row] = list(table)
    return [assert_type((row.observed, row.intended), tuple[str, str]) for row in rows]


def refused() -> None:
    try:
        textfix.repair(EXTRACT, preset="wild")
    except TextfixError as error:
        assert_type(error, TextfixError)
    else:
        raise AssertionError("an unknown preset was taken")


if TYPE_CHECKING:  # mistakes that the types must find
    textfix.repair(b"bytes")  # type: ignore[arg-type]
    textfix.repair(EXTRACT, min_confidence="high")  # type: ignore[arg-type]
    textfix.clean(EXTRACT, no_such_option=True)  # type: ignore[call-arg]
    textfix.reconcile(EXTRACT)  # type: ignore[call-arg]
    textfix.learn([("ocr", "truth")])  # type: ignore[list-item]
    textfix.repair(EXTRACT).edits[0].start = 3  # type: ignore[misc]
    print(textfix.no_such_name)  # type: ignore[attr-defined]

if __name__ == "__main__":
    assert "矸石山" in repaired()
    assert edits().apply("歼石山") == "矸石山"
    assert "矸石山" in with_options()
    assert "22" in reconciled()
    assert ("歼", "矸") in learned()
    refused()
    print(textfix.__version__)
