"""What a repair may do: `Options`, and the words that users say for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypedDict, Unpack

from .edits import CONTENT_KINDS, FORMAT_KINDS, KINDS
from .errors import OptionError

__all__ = ["PRESETS", "OptionWords", "Options"]

#: Named thresholds on the confidence of a content edit.
PRESETS: Mapping[str, float] = {"strict": 0.97, "balanced": 0.9, "eager": 0.5}


class OptionWords(TypedDict, total=False):
    """The keyword arguments of `Options.of`, for those who hand them on."""

    only: str | Iterable[str] | None
    skip: str | Iterable[str] | None
    preset: str | None
    min_confidence: float | None
    error_rate: float | None
    protect: Iterable[str]
    terms: Iterable[str]
    reflow: bool


@dataclass(frozen=True, slots=True)
class Options:
    """What a repair may do.

    `kinds` are the kinds of edit that may be made (`textfix.edits.KINDS`). `min_confidence` in [0, 1] bounds the
    probability of every edit that is made; what lies below, down to 0.2, is handed back as a suggestion.
    `error_rate` fixes the share of wrong characters that is otherwise estimated from the document; with it fixed,
    a change far away changes nothing here. `protect` lists terms that are never touched. `terms` are the names and
    titles of an authority file: where one of them stands it is protected, and its near misses are repaired to it.
    `reflow` joins lines that were broken because the page was narrow.
    """

    kinds: frozenset[str] = frozenset(KINDS)
    min_confidence: float = PRESETS["balanced"]
    error_rate: float | None = None
    protect: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    reflow: bool = False

    @classmethod
    def of(
        cls,
        *,
        only: str | Iterable[str] | None = None,
        skip: str | Iterable[str] | None = None,
        preset: str | None = None,
        min_confidence: float | None = None,
        error_rate: float | None = None,
        protect: Iterable[str] = (),
        terms: Iterable[str] = (),
        reflow: bool = False,
    ) -> Options:
        """Options from the words that users say. Raises `OptionError` for words or numbers that mean nothing."""
        kinds = frozenset(KINDS)
        if only is not None:
            kinds = _kinds(only)
        if skip is not None:
            kinds -= _kinds(skip)
        if preset is not None and preset not in PRESETS:
            raise OptionError(f"no preset {preset!r}; there are {', '.join(PRESETS)}")
        if min_confidence is None:
            min_confidence = PRESETS[preset or "balanced"]
        if not 0.0 <= min_confidence <= 1.0:
            raise OptionError(f"min_confidence must lie in 0..1, not {min_confidence}")
        if error_rate is not None and not 0.0 <= error_rate <= 1.0:
            raise OptionError(f"error_rate must lie in 0..1, not {error_rate}")
        return cls(kinds, min_confidence, error_rate, _listed(protect), _listed(terms), reflow)

    def but(self, **words: Unpack[OptionWords]) -> Options:
        """These options, but for what `words`, those of `of`, say. Without `only`, `skip` is taken from the kinds here.

        Raises `OptionError` as `of` does.
        """
        said = Options.of(**words)
        changes: dict[str, Any] = {
            name: getattr(said, name) for name in ("error_rate", "protect", "terms", "reflow") if name in words
        }
        if words.get("preset") is not None or words.get("min_confidence") is not None:
            changes["min_confidence"] = said.min_confidence
        if words.get("only") is not None:
            changes["kinds"] = said.kinds
        elif words.get("skip") is not None:
            changes["kinds"] = said.kinds & self.kinds
        return replace(self, **changes)


def _listed(terms: str | Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({t for t in ((terms,) if isinstance(terms, str) else terms) if t}))


def _kinds(words: str | Iterable[str]) -> frozenset[str]:
    groups = {"content": CONTENT_KINDS, "format": FORMAT_KINDS, "all": frozenset(KINDS)}
    names = words.split(",") if isinstance(words, str) else list(words)
    out: set[str] = set()
    for name in (n.strip() for n in names):
        if name in groups:
            out |= groups[name]
        elif name in KINDS:
            out.add(name)
        else:
            raise OptionError(f"no kind {name!r}; there are {', '.join(KINDS)}, and the groups content, format, all")
    return frozenset(out)
