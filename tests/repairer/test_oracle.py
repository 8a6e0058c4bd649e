"""The decoder against a slow one, which reads the whole text anew every round and weighs edits one by one."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from textfix.channel import Channel
from textfix.lm import load_default
from textfix.repairer.decoder import Decoder, Depth, Reading
from textfix.repairer.estimates import Estimates
from textfix.repairer.forest import Decider
from textfix.repairer.models import Models
from textfix.repairer.view import look

DECODER = Decoder(Models.shipped(load_default(), Channel.load()), Decider.load())
PIECES = [
    "市人民政府关干印发《重庆市科技创新规划》的通知",
    "加快解决工矿废弃地、歼石山等历史遗留问题，",
    "各区县（自冶县）人民政府，市政府各部门",
    "推动经济高质量发屐，深化供给侧结构性改革。",
    "坚持以习近平新时代中国特色社会主恩想为指导",
    "全面建成小康杜会",
    "国务院有关部门要加强领导",
    *("\n", "\n\n", "| ", "，", "2022年", "泪喘标", "人", "。"),
]
TEXTS = st.lists(st.sampled_from(PIECES), min_size=1, max_size=7).map("".join).filter(lambda text: text.strip() != "")


def fresh(text: str) -> Reading:
    seen = look(text, DECODER.models.lm)
    found = DECODER.evidence(seen) if len(seen.view) else None
    if found is None:
        return DECODER._read(text, {}, Depth.THOROUGH)  # nothing is proposed: a reading without rows
    return Reading(seen.view, found.proposals, found.features, DECODER.decider.opinion(found.features))


def slow(text: str, threshold: float, fixed: Estimates | None) -> str:
    reading = fresh(text)
    now = fixed or reading.estimate()
    for _ in range(12):
        v, p = reading.view, reading.proposals
        sure = DECODER._confidence(reading, now).tolist()
        rows = [row for row in range(len(p)) if sure[row] >= threshold]
        rows.sort(key=lambda row: (-sure[row], int(p.start[row]), int(p.kind[row]), int(p.codes[row, 0])))
        made: list[tuple[int, int, int]] = []
        edits = []
        for row in rows:
            start, end = int(p.start[row]), int(p.start[row] + p.length[row])
            at = int(v.paragraph[start if p.length[row] else max(start - 1, 0)])
            if all(paragraph != at or start - there > 5 or here - end > 5 for paragraph, here, there in made):
                made.append((at, start, end))
                edits += DECODER._edits(reading, row, sure[row])
        if edits:
            for edit in sorted(edits, key=lambda edit: (edit.start, edit.end), reverse=True):
                text = text[: edit.start] + edit.replacement + text[edit.end :]
            reading = fresh(text)
        elif now == (fixed or reading.estimate()):
            break
        else:
            now = reading.estimate()
    return text


@settings(max_examples=25, deadline=None)
@given(TEXTS, st.sampled_from([0.5, 0.83, 0.97]), st.sampled_from([None, 0.03]))
@example("".join(PIECES), 0.5, None)
@example("".join(PIECES), 0.83, 0.03)
def test_decoding_is_what_a_slow_decoder_does(text: str, threshold: float, rate: float | None) -> None:
    fixed = None if rate is None else Estimates.fixed(rate)
    outcome = DECODER.decode(text, threshold, estimates=fixed)
    assert outcome.text == slow(text, threshold, fixed)
    assert outcome.edits.apply(text) == outcome.text


@pytest.mark.parametrize("text", PIECES[:4])
def test_the_oracle_has_something_to_do(text: str) -> None:
    assert slow(text, 0.5, None) != text
