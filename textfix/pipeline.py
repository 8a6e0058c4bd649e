"""`Repairer`: the one ordered registry of steps, built once and used from many threads and processes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from .channel import Channel
from .edits import Edit, Edits, Repair, Scalar
from .lm import LanguageModel, load_default
from .options import PRESETS, Options, OptionWords
from .repairer.debris import DEBRIS_KINDS, Debris
from .repairer.debris_judge import Judge
from .repairer.decoder import Decoder, Memory, Outcome
from .repairer.estimates import Estimates
from .repairer.forest import Decider
from .repairer.guard import Guard
from .repairer.models import Models
from .repairer.numbering import numbering
from .repairer.spacing import han_spaces
from .repairer.view import Look, look
from .tables.components import Components
from .tables.variants import SAFE, Variants
from .text import formatting
from .text.classes import HAN, classify
from .text.codepoints import encode
from .text.layout import reflow
from .text.numerals import NUMERALS

if TYPE_CHECKING:
    from .repairer.terms import Terms
    from .review.rows import Rejections
    from .tables.confusable import Table

    #: Terms as they were listed, and ready to be looked for.
    Listed = tuple[tuple[str, ...], Terms]

__all__ = ["PRESETS", "OptionWords", "Options", "Repairer", "clean", "default_repairer", "repair"]


@dataclass(slots=True)
class _State:
    """A text on its way through the steps: the input, what it reads now, and the edits between the two; and what the
    costly steps last said of which text, which the next pass need not ask again."""

    source: str
    text: str
    options: Options
    terms: Terms | None = None
    edits: Edits = field(default_factory=Edits)
    suggestions: list[Edit] = field(default_factory=list)
    report: dict[str, Scalar] = field(default_factory=dict)
    readings: Memory = field(default_factory=dict)
    seen: tuple[str, Look] | None = None
    debris: tuple[str, list[Edit]] | None = None
    decided: tuple[str, int, Outcome] | None = None
    formatted: str | None = None

    def look(self, lm: LanguageModel) -> Look:
        """The present text as the model reads it; steps that leave the text as it is share one look."""
        if self.seen is None or self.seen[0] != self.text:
            self.seen = self.text, look(self.text, lm, self.seen[1] if self.seen else None)
        return self.seen[1]

    def guard(self) -> Guard:
        """What must not be touched in the present text."""
        return Guard(self.text, self.options.protect, self.terms)

    def make(self, step: Iterable[Edit]) -> None:
        """Apply edits of the present text that are of a wanted kind and certain enough, and note the other ones."""
        wanted = [e for e in step if e.kind in self.options.kinds]
        new = Edits(e for e in wanted if e.confidence >= self.options.min_confidence)
        self.suggestions += [e for e in wanted if e.confidence < self.options.min_confidence]
        if new:
            self.edits = self.edits.then(new, self.source)
            self.text = new.apply(self.text)


#: The steps are worked through again until none of them finds anything more, at most this often.
_PASSES = 6
#: Debris is looked for again in the repaired text at most this often.
_LOOKS = 3
#: A text with this many traditional forms, which are more than this share of it, is in traditional script.
#: A short one has at least two, and a larger share.
_FEW, _TRADITIONAL, _SHORT = 8, 0.05, 0.25
#: A text of so many Han characters that surprise the model by so much each, in nats, is a page on which the engine
#: failed. On ../shared the worst of 325 usable pages reaches 5.3 and clean documents 3.7; 7 of 11 failed pages lie
#: above 6.2 (the others lost most of their text, and what is left reads well).
_JUDGED, _NOISE = 100, 6.0
#: Confidence in a variant that holds without context.
_VARIANT = 0.985


class Repairer:
    """Repairs texts. Build it once; it may be shared between threads and pickled to other processes.

    `options` are the defaults; `repair` takes words that depart from them (`Options.but`). `lm` is the language
    model (the shipped one by default). `table` is what your own documents taught (`textfix.learn`): what it counts is
    added to the shipped confusions, and a pair that a person rejected in it is never made or suggested.
    """

    def __init__(
        self, options: Options | None = None, *, lm: LanguageModel | None = None, table: Table | None = None
    ) -> None:
        self.options = options or Options()
        self.lm = lm or load_default()
        self.table = table
        self._own = lm
        self._variants = Variants.load()
        self._terms: tuple[Listed, ...] = ()

    def __reduce__(self) -> tuple[Any, ...]:
        held = self.terms_of(self.options)
        return _rebuild, (self.options, self._own, self.table, ((self.options.terms, held),) if held else ())

    def terms_of(self, options: Options) -> Terms | None:
        """The terms of `options`, ready to be looked for: built when first asked for, and kept for the next time."""
        if not options.terms:
            return None
        for listed, held in self._terms:  # a long list takes time to compare
            if listed is options.terms or listed == options.terms:
                return held
        from .repairer.terms import Terms  # for those who have terms; what it stands on takes time to load

        held = Terms.of(options.terms, self.lm, self._channel)
        self._terms = (*self._terms[-1:], (options.terms, held))  # a list, and what it is in simplified characters
        return held

    @cached_property
    def _channel(self) -> Channel:
        return Channel.load(self.table)

    @cached_property
    def _rejections(self) -> Rejections | None:
        """The rejected rows of the table; None if there are none."""
        if self.table is None or not any(row.rejected for row in self.table):
            return None
        from .review.rows import Rejections

        return Rejections(self.table)

    @cached_property
    def _decoder(self) -> Decoder:
        return Decoder(Models.shipped(self.lm, self._channel), Decider.load())

    @cached_property
    def _debris(self) -> Debris:
        unigrams = self.lm.score_columns(np.arange(self.lm.vocabulary.size, dtype=np.uint16)[:, None], 0)[:, 0]
        known = Components.load(), self._variants, self._channel, unigrams
        return Debris(self.lm, *known, Judge.load())

    def repair(self, text: str, **words: Unpack[OptionWords]) -> Repair:
        """Repair `text`; the keyword arguments are those of `Options.but`."""
        options = self.options.but(**words) if words else self.options
        if self._rejections is None:
            return self._once(text, options)
        from .review import Reviewed

        return Reviewed(_Heedless(self, options), self._rejections).repair(text)

    def _once(self, text: str, options: Options) -> Repair:
        """What the steps make of `text`, whatever was rejected."""
        if self._is_traditional(text):
            return self._repair_traditional(text, options)
        return self._repair(text, options)

    def _repair(self, text: str, options: Options) -> Repair:
        state = _State(text, text, options, self.terms_of(options))
        if options.error_rate is None and self._hopeless(state):
            return Repair(text, state.edits, (), state.report)
        for _ in range(_PASSES):
            before = state.text
            state.suggestions = []  # only those of the last pass, which changes nothing, fit the text
            for step in STEPS:
                step(self, state)
            if state.text == before:
                break
        return Repair(state.text, state.edits, _of_input(state.suggestions, state.edits), state.report)

    def but(self, **words: Unpack[OptionWords]) -> Repairer:
        """A repairer with the same model and tables, and options that depart from these (`Options.but`)."""
        return _rebuild(self.options.but(**words), self._own, self.table, self._terms)

    def clean(self, text: str, **words: Unpack[OptionWords]) -> str:
        """The repaired text alone."""
        return self.repair(text, **words).text

    def _hopeless(self, state: _State) -> bool:
        """Whether the engine failed on the page: what it printed reads like noise, and repairs would be guesses."""
        seen = state.look(self.lm)
        han = seen.view.classes == HAN
        if np.count_nonzero(han) < _JUDGED:
            return False
        surprise = -float(seen.log_probs[seen.view.at][han].mean())
        if surprise < _NOISE:
            return False
        state.report["surprise"] = round(surprise, 2)
        state.report["warning"] = f"reads like noise ({surprise:.1f} nats a character); left as it is"
        return True

    def _is_traditional(self, text: str) -> bool:
        """Whether `text` is in traditional script, and not simplified text of which an engine read much as such."""
        codes = encode(text)
        foreign, _ = self._variants.find(codes, ("traditional", "shinjitai"))
        many = (foreign.size >= _FEW and foreign.size > _TRADITIONAL * len(text)) or (
            foreign.size > 1 and foreign.size > _SHORT * len(text)
        )
        return many and foreign.size > int(np.count_nonzero(self._variants.only_simplified(codes)))

    def _repair_traditional(self, text: str, options: Options) -> Repair:
        """Repair a text in traditional script through its view in simplified characters."""
        from .text.scripts import SimplifiedView, simplified  # OpenCC takes time to load

        inner = replace(options, protect=simplified(options.protect), terms=simplified(options.terms))
        edits, repaired, left = Edits(), text, 0
        report: dict[str, Scalar] = {}
        suggestions: list[Edit] = []
        for _ in range(_LOOKS):
            glass = SimplifiedView(repaired)
            done = self._repair(glass.view, inner)
            report = {**done.report, **report}
            new, left = glass.back(done.edits)
            suggestions, _ = glass.back(done.suggestions)
            edits = edits.then(Edits(new), text)
            repaired = edits.apply(text)
            if not new:
                break
        report["script"] = "traditional"
        if left:
            report["note"] = f"{left} edits left out: their traditional form is not certain"
        return Repair(repaired, edits, _of_input(suggestions, edits), report)

    def _normalise_variants(self, state: _State) -> None:
        """Radicals, compatibility forms and old forms."""
        codes = encode(state.text)
        at, intended = self._variants.find(codes, SAFE)
        guard = state.guard()
        state.make(
            Edit(i, i + 1, state.text[i], chr(c), "variant", _VARIANT, {"rule": self._variants.source(state.text[i])})
            for i, c in zip(at.tolist(), intended.tolist(), strict=True)
            if guard.allows(i, i + 1)
        )

    def _format(self, state: _State) -> None:
        """Widths, quotes and blanks by the conventions."""
        if state.text == state.formatted:
            return  # nothing was to be done to it, or suggested
        before = state.text, len(state.suggestions)
        for propose in (_widths, formatting.quotes, _spaces):
            state.make(propose(state.text))
        state.make(han_spaces(state.text, lambda: state.look(self.lm)))
        if (state.text, len(state.suggestions)) == before:
            state.formatted = state.text

    def _join_debris(self, state: _State) -> None:
        """Glyphs that fell apart, lost a part, landed some places away, or stand in a form nobody prints."""
        options = state.options
        if not DEBRIS_KINDS & options.kinds:
            return
        for _ in range(_LOOKS):
            if state.debris is None or state.debris[0] != state.text:
                seen = state.look(self.lm)
                found = self._debris.edits(seen.view, seen.log_probs, state.guard(), options.error_rate)
                state.debris = state.text, found
            before, found = state.debris
            state.make(found)
            if state.text == before:
                break

    def _reflow(self, state: _State) -> None:
        """Hard line wraps, until the lines stay as they are."""
        before = None
        while state.options.reflow and state.text != before:
            before = state.text
            state.make(reflow(state.text))

    def _repair_terms(self, state: _State) -> None:
        """Near misses of authority terms."""
        if state.terms is None or "term" not in state.options.kinds:
            return
        guard = Guard(state.text, state.options.protect)
        state.make(state.terms.edits(state.text, guard, local=state.options.error_rate is not None))

    def _number(self, state: _State) -> None:
        """Steps of numbering sequences; not where the text may be a part of one that is repaired piece by piece."""
        if "number" in state.options.kinds and state.options.error_rate is None:
            state.make(numbering(state.text, state.guard()))

    def _decode(self, state: _State) -> None:
        """One character for another, marks, losses and noise, by channel and language model."""
        options = state.options
        wanted = options.kinds & {"glyph", "mark", "noise", "drop"}
        if not wanted:
            return
        wanted |= options.kinds & {"split"}
        fixed = None if options.error_rate is None else Estimates.fixed(options.error_rate)
        known = sum(e.kind in ("split", "shift") for e in state.edits)
        if state.decided is None or state.decided[:2] != (state.text, known):
            out = self._decoder.decode(
                state.text,
                options.min_confidence,
                estimates=fixed,
                allowed=_allowed(wanted, options.protect, state.terms),
                readings=state.readings,
                known=known,
                seen=state.look(self.lm),
            )
            state.decided = state.text, known, out
        out = state.decided[2]
        state.edits = state.edits.then(out.edits, state.source)
        state.text = out.text
        state.suggestions += out.suggestions
        state.report.setdefault("error_rate", round(out.estimates.error_rate, 6))
        if fixed is None:
            state.report.setdefault("tesseract", round(out.estimates.tesseract, 3))


@dataclass(frozen=True, slots=True)
class _Heedless:
    """A repairer that does not ask what was rejected, as `Reviewed` takes it."""

    repairer: Repairer
    options: Options

    def repair(self, text: str) -> Repair:
        return self.repairer._once(text, self.options)


def _of_input(suggestions: Iterable[Edit], edits: Edits) -> tuple[Edit, ...]:
    """Suggestions for the repaired text as edits of the input; those that touch what was edited are left out."""
    out: list[Edit] = []
    grown = at = reach = 0
    for suggestion in sorted(suggestions, key=lambda edit: (edit.start, edit.end)):
        if suggestion.start < reach:
            continue  # another suggestion for this place, or the same step once more
        reach = max(suggestion.end, suggestion.start + 1)
        while at < len(edits) and edits[at].start + grown + len(edits[at].replacement) <= suggestion.start:
            grown += len(edits[at].replacement) - len(edits[at].observed)
            at += 1
        if at == len(edits) or suggestion.end <= edits[at].start + grown:
            out.append(suggestion.shifted(-grown))
    return tuple(out)


def _allowed(wanted: frozenset[str], protect: tuple[str, ...], terms: Terms | None) -> Any:
    guards: dict[str, Guard] = {}

    def allowed(text: str, kind: str, start: int, end: int) -> bool:
        if kind not in wanted:
            return False
        if kind == "noise" and np.count_nonzero(classify(encode(text[start:end])) == HAN) > 1:
            return False  # engines invent marks, and a character at a time; two are a word, a heading perhaps
        if kind == "noise" and _is_number(text, start, end):
            return False
        guard = guards.get(text)
        if guard is None:
            guards.clear()
            guard = guards[text] = Guard(text, protect, terms)
        return guard.allows(start, end)

    return allowed


def _is_number(text: str, start: int, end: int) -> bool:
    """Whether a numeral has a line to itself: of a section, or of the page."""
    last = text.find("\n", end)
    line = text[text.rfind("\n", 0, start) + 1 : last if last >= 0 else len(text)]
    return set(text[start:end]) <= set(NUMERALS) and line.strip() == text[start:end]


def _widths(text: str) -> list[Edit]:
    codes = encode(text)
    return formatting.widths(text, codes, classify(codes))


def _spaces(text: str) -> list[Edit]:
    codes = encode(text)
    return formatting.spaces(text, classify(codes), codes)


#: The one ordered registry of steps.
STEPS = (
    Repairer._format,
    Repairer._join_debris,
    Repairer._normalise_variants,
    Repairer._number,
    Repairer._format,
    Repairer._repair_terms,
    Repairer._decode,
    Repairer._format,
    Repairer._reflow,
)


def _rebuild(
    options: Options, lm: LanguageModel | None, table: Table | None, terms: tuple[Listed, ...]
) -> Repairer:
    repairer = Repairer(options, lm=lm, table=table)
    repairer._terms = terms
    return repairer


@cache
def default_repairer() -> Repairer:
    """The repairer with the shipped tables and model, built on first use."""
    return Repairer()


def repair(text: str, **options: Unpack[OptionWords]) -> Repair:
    """Repair `text` with the shipped tables; keyword arguments are those of `Options.of`."""
    return default_repairer().repair(text, **options)


def clean(text: str, **options: Unpack[OptionWords]) -> str:
    """`repair(text, **options).text`."""
    return default_repairer().repair(text, **options).text
