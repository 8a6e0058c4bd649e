"""What a person decided holds: here or everywhere, again and again, also in the repaired text."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textfix import Repairer
from textfix.edits import Edit, Edits, Repair
from textfix.errors import InputError
from textfix.review import Decision, Decisions, Proposal, Reviewed, proposals
from textfix.review.proposals import CONTEXT, surroundings

from .conftest import RULES, Rules


def decision(verdict: str, p: Proposal, scope: str = "here") -> Decision:
    """What the review page makes of a verdict."""
    edit = p.edit
    where = p.contexts if scope == "here" else ()
    return Decision(verdict, edit.observed, edit.replacement, edit.kind, scope, where, "a.txt", p.line)


def only(seen: list[Proposal], observed: str) -> Proposal:
    (found,) = (p for p in seen if p.edit.observed == observed)
    return found


# --- surroundings and proposals -------------------------------------------------------------------------------------


def test_surroundings_are_the_letters_of_the_line() -> None:
    text = "上一行\n一、 二,三(四)五六七八九十x甲乙,1丙\n下一行"
    at = text.index("x")
    assert surroundings(text, at, at + 1) == ("三四五六七八九十", "甲乙1丙")
    assert surroundings(text, 0, 0) == ("", "上一行")
    assert surroundings("", 0, 0) == ("", "")


@given(st.text(alphabet="一二 ,\n", max_size=40), st.data())
def test_surroundings_against_the_plain_way(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    letters = str.maketrans("", "", " ,")
    before = text[:start].split("\n")[-1].translate(letters)
    after = text[end:].split("\n")[0].translate(letters)
    assert surroundings(text, start, end) == (before[-CONTEXT:], after[:CONTEXT])


def test_a_proposal_says_where_it_stands(rules: Rules) -> None:
    text = "第一行\n猛,歼石山\n"
    seen = proposals(text, rules.repair(text))
    assert [(p.edit.observed, p.made, p.line, p.column) for p in seen] == [
        ("猛", False, 2, 1),
        (",", True, 2, 2),
        ("歼石", True, 2, 3),
    ]
    assert (seen[2].before, seen[2].after) == ("第一行\n猛,", "山\n")
    assert [round(p.doubt, 2) for p in seen] == [0.6, 0.01, 0.1]
    assert seen[2].contexts == (("猛", "山"), ("锰", "山"))
    text = "彳壬歼石猛"
    assert only(proposals(text, rules.repair(text)), "歼石").contexts == (("彳壬", "猛"), ("任", "锰"))


@given(st.text(alphabet="歼石彳壬,猛 \n末好", max_size=30))
def test_contexts_are_those_of_both_texts(text: str) -> None:
    """Against the slow way: make the edits before the place, and those behind it, by themselves."""
    repair = Rules().repair(text)
    every = [*repair.edits, *repair.suggestions]
    for p in proposals(text, repair):
        head = Edits(e for e in every if e.end <= p.edit.start and e != p.edit).apply(text[: p.edit.start])
        behind = Edits(e.shifted(-p.edit.end) for e in every if e.start >= p.edit.end and e != p.edit)
        whole = head + p.edit.replacement + behind.apply(text[p.edit.end :])
        expected = surroundings(text, p.edit.start, p.edit.end), surroundings(
            whole, len(head), len(head) + len(p.edit.replacement)
        )
        assert p.contexts == tuple(dict.fromkeys(expected))


# --- decisions ------------------------------------------------------------------------------------------------------

TEXT = "清理歼石山,推进猛产业\n完成彳壬务,周末 加班\n清理歼石堆"


def test_without_decisions_nothing_changes(rules: Rules) -> None:
    plain = rules.repair(TEXT)
    reviewed = Reviewed(rules, Decisions([Decision("reject", "甲", "乙", "glyph", "everywhere")]))
    rules.calls = 0
    assert reviewed.repair(TEXT) == plain
    assert rules.calls == 1


def test_rejected_here(rules: Rules) -> None:
    first = proposals(TEXT, rules.repair(TEXT))[0]
    assert first.edit.observed == "歼石"
    repair = Reviewed(rules, Decisions([decision("reject", first)])).repair(TEXT)
    assert repair.text == "清理歼石山，推进猛产业\n完成任务，周末加班\n清理矸石堆"
    assert first.edit not in [*repair.edits, *repair.suggestions]
    assert repair.report == {"error_rate": 0.1}


def test_rejected_everywhere(rules: Rules) -> None:
    seen = proposals(TEXT, rules.repair(TEXT))
    repair = Reviewed(rules, Decisions([decision("reject", seen[0], "everywhere")])).repair(TEXT)
    assert repair.text == "清理歼石山，推进猛产业\n完成任务，周末加班\n清理歼石堆"


def test_accepted_suggestions_are_made(rules: Rules) -> None:
    seen = proposals(TEXT, rules.repair(TEXT))
    decisions = Decisions([decision("accept", only(seen, "猛")), decision("reject", only(seen, "末"))])
    repair = Reviewed(rules, decisions).repair(TEXT)
    assert repair.text == "清理矸石山，推进锰产业\n完成任务，周末加班\n清理矸石堆"
    assert repair.suggestions == ()
    (made,) = (edit for edit in repair.edits if edit.observed == "猛")
    assert made.evidence == {"rule": "test", "decision": "accepted"}
    assert repair.edits.apply(TEXT) == repair.text


def test_the_place_comes_first_and_then_the_later_word(rules: Rules) -> None:
    first, *_ = seen = proposals(TEXT, rules.repair(TEXT))
    last = seen[-1]
    assert first.edit.observed == last.edit.observed == "歼石"

    def kept(*decisions: Decision) -> list[bool]:
        text = Reviewed(rules, Decisions(decisions)).repair(TEXT).text
        return ["清理歼石山" in text, "清理歼石堆" in text]

    here, everywhere = decision("accept", first), decision("reject", first, "everywhere")
    assert kept(here, everywhere) == kept(everywhere, here) == [False, True]
    assert kept(decision("reject", first), decision("accept", first)) == [False, False]
    assert kept(decision("accept", first), decision("reject", first)) == [True, False]
    both = Decisions([decision("reject", first)]) + Decisions([decision("accept", first)])
    assert Reviewed(rules, both).repair(TEXT).text == rules.repair(TEXT).text


def test_a_neighbour_that_was_repaired_does_not_hide_the_place(rules: Rules) -> None:
    """The surroundings of a rejected edit change when its neighbour is repaired, and it must not come back then."""
    text = "猛彳壬歼石末"
    seen = proposals(text, rules.repair(text))
    verdicts = {"歼石": "reject", "猛": "accept", "末": "accept"}
    decisions = Decisions(decision(verdict, only(seen, observed)) for observed, verdict in verdicts.items())
    reviewed = Reviewed(rules, decisions)
    once = reviewed.repair(text)
    assert once.text == "锰任歼石未"
    assert reviewed.repair(once.text).edits == Edits()


@given(
    st.lists(st.sampled_from([rule[0] for rule in RULES] + ["清理", "山", "\n", "好"]), max_size=14).map("".join),
    st.data(),
)
def test_decisions_hold_and_hold_again(text: str, data: st.DataObject) -> None:
    rules = Rules()
    seen = proposals(text, rules.repair(text))
    verdicts = [data.draw(st.sampled_from(["accept", "reject", None])) for _ in seen]
    scopes = [data.draw(st.sampled_from(["here", "here", "everywhere"])) for _ in seen]
    decisions = Decisions(
        decision(verdict, p, scope) for verdict, p, scope in zip(verdicts, seen, scopes, strict=True) if verdict
    )
    reviewed = Reviewed(rules, Decisions.parse(decisions.dump()))
    once = reviewed.repair(text)
    assert once.edits.apply(text) == once.text
    final: dict[tuple[str, str, tuple[Any, ...]], str] = {}
    for p, verdict, scope in zip(seen, verdicts, scopes, strict=True):
        if verdict and scope == "here":
            final.update(((p.edit.observed, p.edit.replacement, c), verdict) for c in p.contexts)
    for p in seen:  # the plain reading of the rules, for decisions about places
        said = [final.get((p.edit.observed, p.edit.replacement, context)) for context in p.contexts]
        if any(said) and len(set(said)) == 1:
            assert (p.edit in once.edits) == (said[0] == "accept")
    if "everywhere" not in scopes and len({w for v, w in zip(verdicts, scopes, strict=True) if v}) == 0:
        assert once == rules.repair(text)


def test_with_the_real_repairer(seed: Any) -> None:
    """On the garbled extract: every third edit rejected; none of them is made, all others are, and so the next time."""
    text = (seed / "garbled-extract.txt").read_text("utf-8")[:1200]
    repairer = Repairer()
    plain = repairer.repair(text)
    seen = proposals(text, plain)
    assert len([p for p in seen if p.made]) > 30
    chosen = [p for p in seen if p.made][::3]
    reviewed = Reviewed(repairer, Decisions(decision("reject", p) for p in chosen))
    once = reviewed.repair(text)
    undone = {p.edit for p in chosen}
    assert not undone & set(once.edits)
    same = {(p.edit.observed, p.edit.replacement, c) for p in chosen for c in p.contexts}
    also = {p.edit for p in seen if any((p.edit.observed, p.edit.replacement, c) in same for c in p.contexts)}
    assert set(plain.edits) - also <= set(once.edits)  # what stands in the same surroundings was meant, too
    assert len(also) < 2 * len(chosen)
    assert reviewed.repair(once.text).edits == Edits()


# --- the file -------------------------------------------------------------------------------------------------------

KINDS = st.sampled_from(["glyph", "drop", "width"])
TEXTS = st.text(max_size=5)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["accept", "reject"]), TEXTS, TEXTS, KINDS, st.just("here"),
            st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=2).map(tuple), TEXTS, st.integers(0, 9),
        ).filter(lambda row: row[1] != row[2])
    )
)  # fmt: skip
def test_dump_and_parse(rows: list[tuple[Any, ...]]) -> None:
    decisions = Decisions(Decision(*row) for row in rows)
    assert Decisions.parse(decisions.dump()) == decisions
    assert pickle.loads(pickle.dumps(decisions)) == decisions
    assert len(decisions) == len(rows)


GOOD = {
    "verdict": "reject", "scope": "here", "observed": "a", "replacement": "b", "kind": "glyph", "contexts": [["", ""]],
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "not a file of decisions"),
        ('{"format": "textfix.decisions", "version": 1}', "not a file of decisions"),
        ('{"format": "textfix.decisions", "version": 2, "decisions": []}', "version 2"),
        *(
            (json.dumps({"format": "textfix.decisions", "version": 1, "decisions": [row]}), "no decision")
            for row in (
                1,
                {},
                GOOD | {"verdict": "maybe"},
                GOOD | {"scope": "nowhere"},
                GOOD | {"kind": "omission"},
                GOOD | {"replacement": "a"},
                GOOD | {"observed": None},
                GOOD | {"contexts": []},
                GOOD | {"contexts": [["a"]]},
                GOOD | {"contexts": "ab"},
                GOOD | {"line": "1"},
                GOOD | {"observed": "\ud800"},
                GOOD | {"contexts": [["a", "\udfff"]]},
            )
        ),
    ],
)
def test_what_is_no_decision(text: str, word: str) -> None:
    with pytest.raises(InputError, match=word) as caught:
        Decisions.parse(text, "d.json")
    assert str(caught.value).startswith("d.json: ")
    assert "\n" not in str(caught.value)


def test_a_repair_that_never_ends_is_left() -> None:
    """A repairer that always finds more does not keep the reviewer for ever."""

    class Endless:
        def repair(self, text: str, **words: Any) -> Repair:  # noqa: ARG002
            edits = Edits([Edit(0, 0, "", "x", "drop")])
            return Repair("x" + text, edits, (Edit(0, 1, text[:1], "y", "glyph", 0.5),) if text[:1] == "z" else ())

    text = Reviewed(Endless(), Decisions([Decision("accept", "z", "y", "glyph", "everywhere")])).repair("z").text
    assert text.endswith(("y", "z"))
