"""`evaluate`: documents in, an `Evaluation` out that knows its figures, kinds, confusions and calibration."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..alignment import DIFFERENCE_KINDS
from ..edits import KINDS
from .intervals import FIGURES, RESAMPLES, SEED, Figure, figures_of
from .measure import FIELDS, Confusion, Measured, Repairing, measure
from .pairs import Document

__all__ = ["Believed", "Evaluation", "evaluate"]

#: Edges of the bins of the reliability diagram; the last bin has its right edge.
_BINS = (0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 1.0)


@dataclass(frozen=True, slots=True)
class Believed:
    """Edits and suggestions whose confidence lies in ``low:high``: how many, how sure, and what share is right."""

    low: float
    high: float
    count: int
    confidence: float
    right: float


@dataclass(frozen=True)
class Evaluation:
    """What was measured in each document. `repaired` says whether there was a repair at all."""

    documents: tuple[Measured, ...]
    repaired: bool = True

    @cached_property
    def groups(self) -> dict[str, tuple[Measured, ...]]:
        """The documents of every set, in the order of their names."""
        names = sorted({document.group for document in self.documents})
        return {name: tuple(d for d in self.documents if d.group == name) for name in names}

    @cached_property
    def figures(self) -> dict[str, Figure]:
        """The figures of all documents together."""
        return figures_of(self.documents)

    @cached_property
    def group_figures(self) -> dict[str, dict[str, Figure]]:
        """The figures of every set."""
        return {name: figures_of(documents) for name, documents in self.groups.items()}

    def counts(self) -> dict[str, int]:
        """The sums of what is counted (`FIELDS`)."""
        return {name: sum(document.counts[name] for document in self.documents) for name in FIELDS}

    def kinds(self) -> dict[str, dict[str, int]]:
        """Kind of difference between text and truth → how many before and after; most frequent kinds first."""
        before, after = (_added(getattr(d, when) for d in self.documents) for when in ("before", "after"))
        order = sorted(DIFFERENCE_KINDS, key=lambda kind: -before[kind])
        return {kind: {"before": before[kind], "after": after[kind]} for kind in order if before[kind] or after[kind]}

    def edits(self) -> dict[str, dict[str, int]]:
        """Kind of edit → how many were made, and the verdicts on those of them that change content."""
        made = _added(document.made for document in self.documents)
        out = {}
        for kind in sorted((k for k in KINDS if made[k]), key=lambda kind: -made[kind]):
            verdicts = [document.judged.get(kind, (0, 0, 0)) for document in self.documents]
            right, idle, wrong = (sum(column) for column in zip(*verdicts, strict=True))
            out[kind] = {"made": made[kind], "right": right, "idle": idle, "wrong": wrong}
        return out

    def confusions(self) -> list[tuple[Confusion, int, int, int]]:
        """Each confusion with how often it was read, how often it was repaired, and in how many documents it stands.

        Most frequent first; an error that a page repeats is one page's accident, so documents are counted by name.
        """
        count: Counter[Confusion] = Counter()
        repaired: Counter[Confusion] = Counter()
        where: dict[Confusion, set[str]] = {}
        for document in self.documents:
            for key, (seen, gone) in document.confusions.items():
                count[key] += seen
                repaired[key] += gone
                where.setdefault(key, set()).add(document.name)
        rows = [(key, count[key], repaired[key], len(where[key])) for key in count]
        return sorted(rows, key=lambda row: (-row[1], -row[3], row[0]))

    def calibration(self) -> list[Believed]:
        """The bins of the reliability diagram that are not empty."""
        bins: dict[int, list[tuple[float, bool]]] = {}
        for document in self.documents:
            for confidence, right in document.beliefs:
                n = max(k for k in range(len(_BINS) - 1) if _BINS[k] <= confidence)
                bins.setdefault(n, []).append((confidence, right))
        return [
            Believed(
                _BINS[n],
                _BINS[n + 1],
                len(rows),
                sum(confidence for confidence, _ in rows) / len(rows),
                sum(right for _, right in rows) / len(rows),
            )
            for n, rows in sorted(bins.items())
        ]

    def calibration_error(self) -> float | None:
        """How far confidence and truth are apart, weighted by edits (Naeini et al. 2015); None without edits."""
        bins = self.calibration()
        total = sum(b.count for b in bins)
        return sum(abs(b.confidence - b.right) * b.count for b in bins) / total if total else None

    def to_dict(self, *, top: int = 50) -> dict[str, Any]:
        """JSON-ready form, with the `top` most frequent confusions."""
        return {
            "repaired": self.repaired,
            "bootstrap": {"seed": SEED, "resamples": RESAMPLES, "level": 0.95, "over": "documents"},
            "definitions": dict(FIGURES),
            "all": _summary(self.documents, self.counts(), self.figures),
            "groups": {
                name: _summary(documents, Evaluation(documents).counts(), self.group_figures[name])
                for name, documents in self.groups.items()
            },
            "differences": self.kinds(),
            "edits": self.edits(),
            "calibration": {
                "error": self.calibration_error(),
                "bins": [
                    {"low": b.low, "high": b.high, "edits": b.count, "confidence": b.confidence, "right": b.right}
                    for b in self.calibration()
                ],
            },
            "confusions": [
                {
                    "observed": observed,
                    "intended": intended,
                    "kind": kind,
                    "count": count,
                    "repaired": repaired,
                    "documents": documents,
                }
                for (observed, intended, kind), count, repaired, documents in self.confusions()[:top]
            ],
            "documents": [
                {"name": d.name, "group": d.group, "exact": d.exact, "counts": d.counts} for d in self.documents
            ],
        }


def evaluate(documents: Iterable[Document], repair: Repairing | None = None) -> Evaluation:
    """Measure OCR texts against their truths, and what `repair` does to them (for instance `Repairer().repair`)."""
    return Evaluation(tuple(measure(document, repair) for document in documents), repair is not None)


def _summary(documents: Sequence[Measured], counts: dict[str, int], figures: dict[str, Figure]) -> dict[str, Any]:
    return {
        "documents": len({document.name for document in documents}),
        "pairs": len(documents),
        "counts": counts,
        "figures": {
            name: {"value": figure.value, "low": figure.low, "high": figure.high} for name, figure in figures.items()
        },
    }


def _added(tallies: Iterable[dict[str, int]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for tally in tallies:
        total.update(tally)
    return total
