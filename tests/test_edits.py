"""`textfix.edits` against a slow oracle: texts whose every character remembers where it came from."""

from __future__ import annotations

import json
import pickle
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textfix.edits import CONTENT_KINDS, FORMAT_KINDS, KINDS, Edit, Edits, Repair
from textfix.errors import EditError

# A small alphabet makes no-ops, repeats and undone edits common.
CHARS = "矸歼石，, "
texts = st.text(CHARS, max_size=12)


@st.composite
def edits_of(draw: st.DrawFn, text: str, max_size: int = 6) -> Edits:
    """Disjoint edits of `text`: replacements, deletions, insertions, touching ones included."""
    out: list[Edit] = []
    at = 0
    inserted_at = -1
    for _ in range(draw(st.integers(0, max_size))):
        start = draw(st.integers(at, len(text)))
        end = draw(st.integers(start, min(len(text), start + 4)))
        observed = text[start:end]
        replacement = draw(st.text(CHARS, max_size=3))
        if observed == replacement or (start == end == inserted_at):
            continue
        kind = draw(st.sampled_from(sorted(KINDS)))
        out.append(Edit(start, end, observed, replacement, kind, draw(st.sampled_from([1.0, 0.9, 0.5]))))
        at = end
        inserted_at = start if start == end else -1
    return Edits(draw(st.permutations(out)))


@st.composite
def text_and_edits(draw: st.DrawFn) -> tuple[str, Edits]:
    text = draw(texts)
    return text, draw(edits_of(text))


@st.composite
def text_and_two(draw: st.DrawFn) -> tuple[str, Edits, Edits]:
    text, first = draw(text_and_edits())
    return text, first, draw(edits_of(first.apply(text)))


def slow_apply(text: str, edits: Sequence[Edit]) -> str:
    """From the right, one slice assignment an edit: no offsets to keep in step."""
    chars = list(text)
    for edit in sorted(edits, key=lambda e: (e.start, e.end), reverse=True):
        assert "".join(chars[edit.start : edit.end]) == edit.observed
        chars[edit.start : edit.end] = list(edit.replacement)
    return "".join(chars)


@given(text_and_edits())
def test_apply_is_the_slow_replay(case: tuple[str, Edits]) -> None:
    text, edits = case
    assert edits.apply(text) == slow_apply(text, edits)


@given(text_and_edits())
def test_inverse_leads_back(case: tuple[str, Edits]) -> None:
    text, edits = case
    assert edits.inverse().apply(edits.apply(text)) == text


@given(text_and_edits())
def test_inverse_keeps_edits_apart(case: tuple[str, Edits]) -> None:
    """Only deletions side by side, whose inverses are insertions at one place, are joined."""
    _, edits = case
    joined = sum(
        1
        for left, right in pairwise(edits)
        if left.end == right.start and not left.replacement and not right.replacement
    )
    assert len(edits.inverse()) == len(edits) - joined
    if not joined:
        assert edits.inverse().inverse() == edits


@given(text_and_two())
def test_then_is_one_after_the_other(case: tuple[str, Edits, Edits]) -> None:
    text, first, second = case
    both = first.then(second, text)
    assert both.apply(text) == slow_apply(slow_apply(text, first), second)
    assert both.inverse().apply(both.apply(text)) == text


@given(text_and_two())
def test_then_leaves_apart_what_does_not_meet(case: tuple[str, Edits, Edits]) -> None:
    """An edit of either sequence is taken over as it is unless the other sequence writes on the same text."""
    text, first, second = case
    both = first.then(second, text)
    origin = slow_origins(text, first)
    for edit in second:
        touched = origin[edit.start : edit.end]
        clear = edit.start < edit.end and None not in touched and touched == list(
            range(touched[0] or 0, (touched[0] or 0) + len(touched))
        )
        if clear:  # it replaces input characters only, that stand side by side in the input
            start = touched[0] or 0
            assert Edit(start, start + len(touched), edit.observed, edit.replacement, edit.kind, edit.confidence) in [
                *both
            ]
    assert len(both) <= len(first) + len(second)


def slow_origins(text: str, edits: Edits) -> list[int | None]:
    """For every character of the edited text its offset in `text`; None for one that an edit wrote."""
    origin: list[int | None] = list(range(len(text)))
    for edit in sorted(edits, key=lambda e: (e.start, e.end), reverse=True):
        origin[edit.start : edit.end] = [None] * len(edit.replacement)
    return origin


@given(text_and_two())
def test_then_confidence_and_kind(case: tuple[str, Edits, Edits]) -> None:
    text, first, second = case
    parts = [*first, *second]
    for edit in first.then(second, text):
        assert 0.0 <= edit.confidence <= 1.0
        if edit.kind in FORMAT_KINDS:
            assert any(part.kind == edit.kind for part in parts)
        else:
            assert any(part.kind == edit.kind for part in parts if part.kind in CONTENT_KINDS)


@given(texts.flatmap(lambda t: st.tuples(st.just(t), edits_of(t))), st.data())
def test_then_is_associative_in_effect(case: tuple[str, Edits], data: st.DataObject) -> None:
    text, first = case
    middle = first.apply(text)
    second = data.draw(edits_of(middle))
    third = data.draw(edits_of(second.apply(middle)))
    left = first.then(second, text).then(third, text)
    right = first.then(second.then(third, middle), text)
    assert left.apply(text) == right.apply(text) == third.apply(second.apply(middle))


@given(text_and_edits())
def test_then_its_inverse_changes_nothing(case: tuple[str, Edits]) -> None:
    text, edits = case
    assert edits.then(edits.inverse(), text).apply(text) == text


def test_then_refuses_edits_of_another_text() -> None:
    first = Edits([Edit(0, 1, "歼", "矸", "glyph")])
    with pytest.raises(EditError):
        first.then(Edits([Edit(1, 2, "水", "山", "glyph")]), "歼石山")
    with pytest.raises(EditError):
        first.then(Edits([Edit(0, 1, "歼", "山", "glyph")]), "歼石山")
    with pytest.raises(EditError):
        Edits().then(Edits([Edit(0, 1, "水", "山", "glyph")]), "歼石山")


def test_then_merges_kind_confidence_and_evidence() -> None:
    text = "究平硏台"
    first = Edits([Edit(2, 3, "硏", "研", "variant", 0.9, {"rule": "variant"})])
    later = Edits([Edit(0, 3, "究平研", "研究平", "shift", 0.5, {"lm_gain": 9.0})])
    (edit,) = first.then(later, text)
    assert (edit.start, edit.end, edit.observed, edit.replacement) == (0, 3, "究平硏", "研究平")
    assert edit.kind == "shift"
    assert edit.confidence == pytest.approx(0.45)
    assert edit.evidence == {"rule": "variant", "lm_gain": 9.0}


def test_format_after_content_keeps_the_content_kind() -> None:
    first = Edits([Edit(1, 2, ".", ",", "mark")])
    later = Edits([Edit(1, 2, ",", "，", "width")])
    (edit,) = first.then(later, "天.地")
    assert (edit.kind, edit.replacement) == ("mark", "，")


@pytest.mark.parametrize(
    ("first", "later", "both"),
    [
        # side by side: two edits
        ((0, 1, "a", "A"), (1, 2, "b", "B"), [(0, 1, "a", "A"), (1, 2, "b", "B")]),
        ((1, 2, "b", "B"), (0, 1, "a", "A"), [(0, 1, "a", "A"), (1, 2, "b", "B")]),
        ((0, 1, "a", "AA"), (2, 3, "b", "B"), [(0, 1, "a", "AA"), (1, 2, "b", "B")]),
        # an insertion at either end of what was written stays one; inside, it is part of it
        ((1, 2, "b", "BB"), (1, 1, "", "x"), [(1, 1, "", "x"), (1, 2, "b", "BB")]),
        ((1, 2, "b", "BB"), (3, 3, "", "x"), [(1, 2, "b", "BB"), (2, 2, "", "x")]),
        ((1, 2, "b", "BB"), (2, 2, "", "x"), [(1, 2, "b", "BxB")]),
        # two insertions at one place, or one at a deletion, cannot stand apart
        ((1, 1, "", "X"), (1, 1, "", "y"), [(1, 1, "", "yX")]),
        ((1, 1, "", "X"), (2, 2, "", "y"), [(1, 1, "", "Xy")]),
        ((1, 1, "", "X"), (0, 0, "", "y"), [(0, 0, "", "y"), (1, 1, "", "X")]),
        ((1, 1, "", "X"), (3, 3, "", "y"), [(1, 1, "", "X"), (2, 2, "", "y")]),
        ((1, 2, "b", ""), (1, 1, "", "y"), [(1, 2, "b", "y")]),
        ((1, 2, "b", ""), (0, 0, "", "y"), [(0, 0, "", "y"), (1, 2, "b", "")]),
        ((1, 2, "b", ""), (2, 2, "", "y"), [(1, 2, "b", ""), (3, 3, "", "y")]),
        # what is written across a deletion takes it in; beside it, it does not
        ((1, 2, "b", ""), (0, 2, "ac", "x"), [(0, 3, "abc", "x")]),
        ((1, 2, "b", ""), (0, 1, "a", "x"), [(0, 1, "a", "x"), (1, 2, "b", "")]),
        ((1, 2, "b", ""), (1, 2, "c", "x"), [(1, 2, "b", ""), (2, 3, "c", "x")]),
        # what writes on what was written is one edit, as far as either reaches; what undoes it is none
        ((0, 2, "ab", "AB"), (1, 3, "Bc", "x"), [(0, 3, "abc", "Ax")]),
        ((1, 3, "bc", "BC"), (0, 2, "aB", "x"), [(0, 3, "abc", "xC")]),
        ((1, 2, "b", "B"), (1, 2, "B", "b"), []),
    ],
)
def test_what_meets_becomes_one_and_what_touches_does_not(
    first: tuple[int, int, str, str], later: tuple[int, int, str, str], both: list[tuple[int, int, str, str]]
) -> None:
    made = Edits([Edit(*first, "glyph")]).then(Edits([Edit(*later, "glyph")]), "abcd")
    assert [(e.start, e.end, e.observed, e.replacement) for e in made] == both


def test_later_edits_meet_their_own_earlier_ones_in_a_row() -> None:
    """Offsets are kept in step over several clusters that lengthen and shorten the text."""
    first = Edits([Edit(0, 1, "a", "AAA", "glyph"), Edit(2, 4, "cd", "C", "glyph"), Edit(5, 5, "", "X", "drop")])
    assert first.apply("abcdef") == "AAAbCeXf"
    later = Edits([Edit(2, 3, "A", "", "noise"), Edit(4, 6, "Ce", "z", "glyph"), Edit(7, 8, "f", "ff", "glyph")])
    both = first.then(later, "abcdef")
    assert [(e.start, e.end, e.observed, e.replacement) for e in both] == [
        (0, 1, "a", "AA"), (2, 5, "cde", "z"), (5, 5, "", "X"), (5, 6, "f", "ff"),
    ]  # fmt: skip
    assert both.apply("abcdef") == "AAbzXff"


@given(text_and_edits())
def test_edit_json_round_trip(case: tuple[str, Edits]) -> None:
    _, edits = case
    back = Edits(Edit.from_dict(json.loads(json.dumps(e.to_dict()))) for e in edits)
    assert back == edits
    assert hash(back) == hash(edits)


@given(text_and_edits())
def test_edits_pickle(case: tuple[str, Edits]) -> None:
    _, edits = case
    assert pickle.loads(pickle.dumps(edits)) == edits


@given(text_and_edits(), st.data())
def test_within_is_the_part(case: tuple[str, Edits], data: st.DataObject) -> None:
    text, edits = case
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    part = edits.within(start, end)
    kept = [e for e in edits if start <= e.start and e.end <= end]
    assert part.apply(text[start:end]) == slow_apply(text[start:end], [e.shifted(-start) for e in kept])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Edit(2, 1, "", "x", "glyph"), "not a span"),
        (lambda: Edit(-1, 0, "a", "x", "glyph"), "not a span"),
        (lambda: Edit(0, 2, "歼", "矸", "glyph"), "span of 2"),
        (lambda: Edit(7, 9, "歼", "矸", "glyph"), "at 7: span of 2 but"),
        (lambda: Edit(0, 1, "歼", "歼", "glyph"), "by itself"),
        (lambda: Edit(0, 1, "歼", "矸", "guess"), "unknown kind"),
        (lambda: Edit(0, 1, "歼", "矸", "glyph", 1.5), "not a probability"),
        (lambda: Edit(0, 1, "歼", "矸", "glyph", float("nan")), "not a probability"),
        (lambda: Edits([Edit(0, 2, "歼石", "矸", "glyph"), Edit(1, 2, "石", "", "noise")]), "overlap"),
        (lambda: Edits([Edit(1, 1, "", "、", "drop"), Edit(1, 1, "", "，", "drop")]), "overlap"),
        (lambda: Edits([Edit(0, 2, "歼石", "矸", "glyph"), Edit(1, 1, "", "，", "drop")]), "overlap"),
        (lambda: Edits([Edit(0, 1, "歼", "矸", "glyph")]).apply("石"), "expects"),
        (lambda: Edits([Edit(5, 5, "", "。", "drop")]).apply("石"), "expects"),
    ],
)
def test_bad_edits_are_refused(make, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(EditError, match=message):
        make()


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"start": 0, "end": 1, "observed": "歼", "replacement": "矸"},
        {"start": 0, "end": 1, "observed": "歼", "replacement": None, "kind": "glyph"},
        {"start": 0.5, "end": 1, "observed": "歼", "replacement": "矸", "kind": "glyph"},
        {"start": True, "end": 1, "observed": "", "replacement": "矸", "kind": "glyph"},
        {"start": "0", "end": 1, "observed": "歼", "replacement": "矸", "kind": "glyph"},
        {"start": 0, "end": 1, "observed": "歼", "replacement": "矸", "kind": "glyph", "confidence": "high"},
        {"start": 0, "end": 1, "observed": "歼", "replacement": "矸", "kind": "glyph", "confidence": 10**400},
        {"start": 0, "end": 1, "observed": "歼", "replacement": "矸", "kind": "glyph", "evidence": ["no"]},
        {"start": 0, "end": 1, "observed": "歼", "replacement": "矸", "kind": "glyph", "evidence": {"a": [1]}},
        ["not", "a", "row"],
        None,
    ],
)
def test_bad_rows_are_refused(row) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(EditError):
        Edit.from_dict(row)


def test_a_row_need_not_say_how_sure_it_is_or_why() -> None:
    row = {"start": 0, "end": 1, "observed": "歼", "replacement": "矸", "kind": "glyph"}
    edit = Edit.from_dict(row)
    assert edit.confidence == 1.0
    assert edit.evidence == {}
    given = {"rule": "glyph", "lm_gain": 2.5, "sure": True, "note": None}
    assert Edit.from_dict({**row, "evidence": given}).to_dict() == {**row, "confidence": 1.0, "evidence": given}


@pytest.mark.parametrize("confidence", [0, 0.0, 1, 1.0])
def test_a_probability_may_be_none_or_all(confidence: float) -> None:
    edit = Edit(0, 1, "歼", "矸", "glyph", confidence)
    assert Edit.from_dict(edit.to_dict()) == edit


def test_edits_are_immutable_and_ordered() -> None:
    late = Edit(2, 3, "山", "水", "glyph")
    early = Edit(0, 1, "歼", "矸", "glyph")
    edits = Edits([late, early])
    assert list(edits) == [early, late]
    assert edits[::-1] == edits
    assert edits.only({"width"}) == Edits()
    with pytest.raises(AttributeError):
        early.start = 4  # type: ignore[misc]
    with pytest.raises(AttributeError):
        edits.extra = 1  # type: ignore[attr-defined]


def test_the_inverse_keeps_kind_confidence_and_evidence() -> None:
    edit = Edit(1, 2, "硏", "研究", "variant", 0.9, {"rule": "variant"})
    (back,) = Edits([edit]).inverse()
    assert (back.start, back.end, back.observed, back.replacement) == (1, 3, "研究", "硏")
    assert (back.kind, back.confidence, back.evidence) == ("variant", 0.9, {"rule": "variant"})


def test_equality_is_of_edits_and_looks_at_all_but_the_evidence() -> None:
    edit = Edit(0, 1, "歼", "矸", "glyph", 0.9, {"rule": "x"})
    assert Edits([edit]) == Edits([Edit(0, 1, "歼", "矸", "glyph", 0.9)])
    assert Edits([edit]) != Edits([Edit(0, 1, "歼", "矸", "glyph", 0.8)])
    assert Edits([edit]) != [edit]
    assert repr(Edits([edit])) == f"Edits([{edit!r}])"
    assert edit.shifted(3) == Edit(3, 4, "歼", "矸", "glyph", 0.9)
    assert edit.shifted(3).evidence == {"rule": "x"}


def test_a_repair_without_edits_has_not_changed() -> None:
    assert not Repair("矸石山", Edits()).changed


def test_repair_to_dict_is_json() -> None:
    edits = Edits([Edit(0, 1, "歼", "矸", "glyph", 0.99, {"lm_gain": 11.2})])
    repair = Repair("矸石山", edits, (Edit(2, 3, "山", "水", "glyph", 0.1),), {"error_rate": 0.01})
    row = json.loads(json.dumps(repair.to_dict(), ensure_ascii=False))
    assert repair.changed
    assert row["text"] == "矸石山"
    assert Edits(Edit.from_dict(e) for e in row["edits"]) == edits
    assert row["suggestions"][0]["confidence"] == 0.1
    assert row["report"] == {"error_rate": 0.01}
