#!/usr/bin/env python3
"""Errors repaired and harm done, by textfix and by tools that correct or normalise Chinese text.

    python scripts/bench --only repair

Pages of every set in ../shared/ocr/dev, documents of ../shared/clean, and the seed pair. Everything is counted by the
definitions of ../shared/tools/score.py, in textfix's own writing of them (`scripts/bench/evaluate.py` compares the
two): white space does not count, a mark is the same in either width, and an edit is right if it brought the text
nearer to the truth where it stands. What a tool did is taken from its output for all of them alike, by the cheapest
alignment with what it was given, so touching changes are one edit. Speed is that on the pages, which are short and full
of errors. textfix's deciders were fit on these pages, too, which flatters it by about two points (README.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness import material
from harness.bench import Bench
from harness.process import Answer, race
from harness.rows import Row

from textfix.alignment.ops import distance, operations, plain_blocks
from textfix.edits import Edit
from textfix.evaluate.verdicts import verdicts_of
from textfix.text.content import content

__all__ = ["suite"]

#: Characters of context on both sides of an annotated error that must read right, and how far it may have moved.
_CONTEXT, _MOVED = 3, 12
#: What rates a tool: figure, unit, and whether more or less of it is better.
_FIGURES = (
    ("errors taken away", "%", "more"),
    ("edits that are right", "%", "more"),
    ("content edits in clean text", "per 100,000", "less"),
    ("any change in clean text, width and quotes too", "per 100,000", "less"),
)


@dataclass(frozen=True)
class Task:
    """What all tools are given."""

    pages: list[tuple[str, str]]
    clean: list[str]


def suite(bench: Bench) -> Iterator[Row]:
    """Rows of quality, then of the seed pair, then of speed."""
    import lm

    sets = material.pages(1 if bench.quick else 4)
    task = Task(
        [pair for found in sets.values() for pair in found],
        material.clean(3 if bench.quick else 6, 2_000 if bench.quick else 4_000),
    )
    if not task.pages:
        bench.note(material.NO_SHARED)
    extract, notice, gold = material.seed()
    tools: dict[str, dict[str, object]] = {"opencc": {}, "ftfy": {}}
    dictionary = words(bench)
    if dictionary:
        tools["symspellpy"] = {"dictionary": str(dictionary)}
    model = lm.prepared(bench)
    if model:
        tools["pycorrector"] = {"arpa": str(model.arpa), "names": model.names}
        if not model.whole:
            bench.note("pycorrector's model is of the policy texts alone (--quick)")
    else:
        bench.skip("pycorrector", "no texts to train its model on; its own models cannot be downloaded by pip")
    given = [ocr for ocr, _ in task.pages]
    with bench.open(textfix={}, **tools) as workers:
        limit = 600.0  # quality needs all of the texts, whatever the tool takes
        done = race(workers, "repair", turns=1, limit=limit, texts=given or [extract])
        kept = race(workers, "repair", turns=1, limit=limit, texts=[*task.clean, notice])
        seed = race(workers, "repair", turns=1, limit=limit, texts=[extract])
    if task.pages:
        yield from quality(bench, task, _results(done), _results(kept))
    yield from bench.compare(
        f"seed pair: annotated errors repaired, of {len(gold)}", "errors", "more",
        {name: float(repaired(extract, texts[0], gold)) for name, texts in _results(seed).items()},
    )  # fmt: skip
    yield from bench.compare(
        "seed notice: content edits", "edits", "less",
        {name: float(changes(notice, texts[-1])[0]) for name, texts in _results(kept).items()},
    )  # fmt: skip
    yield from bench.rates("pages" if given else "seed extract", sum(map(len, given)) or len(extract), done)


def _results(answers: dict[str, Answer | Exception]) -> dict[str, list[str]]:
    return {name: answer.result for name, answer in answers.items() if isinstance(answer, Answer)}


def quality(bench: Bench, task: Task, done: dict[str, list[str]], kept: dict[str, list[str]]) -> Iterator[Row]:
    """Rows on the pages and on the clean documents."""
    size = sum(map(len, task.clean))
    figures: dict[str, tuple[float | None, ...]] = {}
    for name, texts in done.items():
        cut, right = judged(task.pages, texts)
        harm = [changes(text, out) for text, out in zip(task.clean, kept.get(name, ()), strict=False)]
        touched = [1e5 * sum(column) / size for column in zip(*harm, strict=True)] if harm else [None, None]
        figures[name] = (100 * cut, None if right is None else 100 * right, *touched)
    pages = sum(len(content(truth)) for _, truth in task.pages)
    bench.note(f"{len(task.pages)} pages of {pages:,} characters, {len(task.clean)} clean documents of {size:,}")
    for n, (case, unit, better) in enumerate(_FIGURES):
        yield from bench.compare(case, unit, better, {name: found[n] for name, found in figures.items()})


def judged(pages: Sequence[tuple[str, str]], outputs: Sequence[str]) -> tuple[float, float | None]:
    """The share of the errors that went, and the share of the content edits that are right."""
    before = after = right = edits = 0
    for (ocr, truth), output in zip(pages, outputs, strict=True):
        wanted = content(truth)
        before += distance(content(ocr), wanted)
        after += distance(content(output), wanted)
        given, made = bare(ocr), bare(output)
        done = [Edit(i0, i1, given[i0:i1], made[j0:j1], "glyph") for i0, i1, j0, j1 in plain_blocks(given, made)]
        verdicts = verdicts_of(given, truth, done, operations(content(given), wanted))
        edits += len(verdicts)
        right += sum(verdict.gain > 0 for verdict in verdicts)
    return (before - after) / before, right / edits if edits else None


def changes(text: str, output: str) -> tuple[int, int]:
    """How many edits of content, and how many of anything but white space, turn the one text into the other."""
    return len(plain_blocks(content(text), content(output))), len(plain_blocks(bare(text), bare(output)))


def bare(text: str) -> str:
    """`text` without white space, which some tools drop: no difference is made of that."""
    return "".join(text.split())


def repaired(extract: str, output: str, gold: Sequence[material.Gold]) -> int:
    """How many of the annotated errors read in the output as intended, with their neighbours."""
    intended, spots = [], []
    at = 0
    for row in sorted(gold, key=lambda g: g.start):
        intended.append(extract[at : row.start])
        start = len(content("".join(intended)))
        intended.append(row.intended)
        spots.append((start, len(content("".join(intended)))))
        at = row.end
    right, found = content("".join([*intended, extract[at:]])), content(output)
    ops = operations(right, found)
    count = 0
    for start, end in spots:
        wanted = right[start - _CONTEXT : end + _CONTEXT]
        place = next(j0 + min(start - i0, j1 - j0) for _, i0, i1, j0, j1 in ops if i0 <= start < i1)
        count += wanted in found[max(0, place - _CONTEXT - _MOVED) : place + len(wanted) + _MOVED]
    return count


def words(bench: Bench) -> Path | None:
    """symspellpy's dictionary: jieba's words, counted in the policy texts that textfix's model has read, too."""
    import lm

    source = lm.policy_text(bench)
    path = bench.folder / f"words-{source.stem if source else 'plain'}.txt"
    if not path.exists():
        bench.say("counting words for symspellpy")
        unfinished = path.with_suffix(".part")
        worker = bench.start("symspellpy", "words", sources=[str(source)] if source else [], output=str(unfinished))
        if worker is None:
            return None
        try:
            worker.ask("build", limit=1800)
            unfinished.replace(path)
        finally:
            worker.close()
    return path
