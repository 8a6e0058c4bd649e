"""What is counted in one document: errors before and after, edits by verdict, errors that were repaired."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ..alignment import Alignment, Difference, align
from ..alignment.ops import distance, operations
from ..alignment.segments import differing_blocks
from ..edits import Edits, Repair
from ..text.codepoints import encode
from ..text.content import content
from .pairs import Document
from .verdicts import Operation, Verdict, verdicts_of

__all__ = ["FIELDS", "Confusion", "Measured", "Repairing", "measure"]

Repairing = Callable[[str], Repair]

#: What is counted, in this order. All of it adds up over documents.
FIELDS = (
    "characters",  # of content in the truth
    "before",  # operations from the content of the OCR text to that of the truth
    "after",  # the same from the repaired text
    "raw_characters",  # of the truth, white space and all but that at both ends
    "raw_before",  # operations from the OCR text to the truth, counted like that
    "raw_after",
    "ocr_characters_before",  # of content in the truth outside editorial differences
    "ocr_before",  # operations in differences that OCR made
    "ocr_characters_after",
    "ocr_after",
    "right",  # edits of content that brought the text nearer to the truth
    "idle",  # neither nearer nor further away
    "wrong",  # further away
    "errors",  # places where the content of the OCR text departs from the truth
    "repaired",  # those of them where the repaired text does not
)

#: Largest products of lengths for exact distances, which know from the alignment what to expect, and for exact
#: operations; beyond, the aligner's stand in for them.
_DISTANCE_AREA, _OPERATIONS_AREA = 1 << 36, 1 << 31
#: A confusion is no longer than this on either side.
_LONGEST = 4

#: What was read, what it is, and the kind of the difference.
Confusion = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Measured:
    """The counts of one document. `exact` is False where it was too long for exact distances.

    `confusions` counts the readings of each confusion, in all and those that were repaired. `beliefs` holds the
    confidence of every edit and suggestion that changes content, and whether it is right.
    """

    name: str
    group: str
    counts: dict[str, int]
    exact: bool = True
    before: dict[str, int] = field(default_factory=dict)
    after: dict[str, int] = field(default_factory=dict)
    made: dict[str, int] = field(default_factory=dict)
    judged: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    confusions: dict[Confusion, tuple[int, int]] = field(default_factory=dict)
    beliefs: tuple[tuple[float, bool], ...] = ()


def measure(document: Document, repair: Repairing | None = None) -> Measured:
    """Count what is in a document; without `repair` nothing is repaired, and after is as before."""
    ocr, truth = document.ocr, document.truth
    outcome = None if repair is None else repair(ocr)
    repaired = ocr if outcome is None else outcome.text
    wanted = content(truth)
    one = align(ocr, truth)
    two = one if repaired == ocr else align(repaired, truth)
    ops = _operations(content(ocr), wanted)
    rest = ops if repaired == ocr else _operations(content(repaired), wanted)
    made, proposed = (outcome.edits, outcome.suggestions) if outcome is not None else (Edits(), ())
    verdicts = verdicts_of(ocr, truth, made, ops)
    rates, rates_after = one.error_rates(), two.error_rates()
    places = _places(ops)
    bare = truth.strip()
    distances = [
        _distance(content(ocr), wanted, rates.errors),
        _distance(content(repaired), wanted, rates_after.errors),
        _distance(ocr.strip(), bare, _cost(one)),
        _distance(repaired.strip(), bare, _cost(two)),
    ]
    before, after, raw_before, raw_after = (cost for cost, _ in distances)
    counts = dict.fromkeys(FIELDS, 0) | {
        "characters": len(wanted),
        "before": before,
        "after": after,
        "raw_characters": len(bare),
        "raw_before": raw_before,
        "raw_after": raw_after,
        "ocr_characters_before": rates.ocr_characters,
        "ocr_before": rates.ocr_errors,
        "ocr_characters_after": rates_after.ocr_characters,
        "ocr_after": rates_after.ocr_errors,
        "right": sum(v.gain > 0 for v in verdicts),
        "idle": sum(v.gain == 0 for v in verdicts),
        "wrong": sum(v.gain < 0 for v in verdicts),
        "errors": len(places),
        "repaired": sum(not hit for hit in _hit(places, _places(rest))),
    }
    beliefs = [*verdicts, *verdicts_of(ocr, truth, proposed, ops)]
    return Measured(
        document.name,
        document.group,
        counts,
        all(exact for _, exact in distances),
        one.counts(),
        two.counts(),
        dict(Counter(edit.kind for edit in made)),
        _judged(verdicts),
        _confusions(one, two),
        tuple((v.edit.confidence, v.gain > 0) for v in beliefs),
    )


def _operations(x: str, y: str) -> list[Operation]:
    """Exact operations from `x` to `y`, or those of the near-linear alignment where that would take too long."""
    if len(x) * len(y) <= _OPERATIONS_AREA:
        return operations(x, y)
    ops: list[Operation] = []
    blocks, _ = differing_blocks(encode(x), encode(y))
    at = other = 0
    for i0, i1, j0, j1 in [*blocks, (len(x), len(x), len(y), len(y))]:
        if i0 > at:
            ops.append(("equal", at, i0, other, j0))
        if (i1 - i0) * (j1 - j0) <= _OPERATIONS_AREA:
            inner = operations(x[i0:i1], y[j0:j1])
            ops += [(tag, i0 + a, i0 + b, j0 + c, j0 + d) for tag, a, b, c, d in inner]
        else:
            ops.append(("replace", i0, i1, j0, j1))
        at, other = i1, j1
    return ops


def _distance(x: str, y: str, most: int) -> tuple[int, bool]:
    """The edit distance, which is about `most`, and True; or `most` and False where exactness would take too long."""
    if len(x) * len(y) <= _DISTANCE_AREA:
        return distance(x, y, most), True
    return most, False


def _cost(alignment: Alignment) -> int:
    """What the alignment of the texts as they are costs: a little more than their edit distance."""
    return sum(max(d.end - d.start, d.other_end - d.other_start) for d in alignment.differences)


def _places(ops: Sequence[Operation]) -> list[tuple[int, int]]:
    """Where the text departs from the truth, as spans of the truth; operations that touch are one place."""
    places: list[tuple[int, int]] = []
    end = -1
    for tag, i0, i1, j0, j1 in ops:
        if tag == "equal":
            continue
        if places and places[-1][1] == j0 and end == i0:
            j0 = places.pop()[0]
        places.append((j0, j1))
        end = i1
    return places


def _hit(places: Sequence[tuple[int, int]], others: Sequence[tuple[int, int]]) -> list[bool]:
    """For each of the ordered `places` whether one of the ordered `others` lies on it; an empty span, also beside."""
    out: list[bool] = []
    k = 0
    for start, end in places:
        while k < len(others) and others[k][1] < start:
            k += 1
        hit = False
        n = k
        while n < len(others) and others[n][0] <= end and not hit:
            low, high = others[n]
            hit = max(low, start) < min(high, end) or low == high or start == end
            n += 1
        out.append(hit)
    return out


def _judged(verdicts: Sequence[Verdict]) -> dict[str, tuple[int, int, int]]:
    """Kind of edit → how many were right, idle and wrong."""
    tally = Counter((v.edit.kind, (v.gain > 0) - (v.gain < 0)) for v in verdicts)
    return {kind: (tally[kind, 1], tally[kind, 0], tally[kind, -1]) for kind in sorted({kind for kind, _ in tally})}


def _confusions(before: Alignment, after: Alignment) -> dict[Confusion, tuple[int, int]]:
    """How often each short difference in content stands in the text, and how often it does no longer."""
    found = [d for d in before.content if _reading(d) is not None]
    left = [(d.other_start, d.other_end) for d in after.content]
    hits = _hit([(d.other_start, d.other_end) for d in found], left)
    out: dict[Confusion, tuple[int, int]] = {}
    for d, hit in zip(found, hits, strict=True):
        key = _reading(d)
        assert key is not None
        count, gone = out.get(key, (0, 0))
        out[key] = count + 1, gone + (not hit)
    return out


def _reading(d: Difference) -> Confusion | None:
    observed, intended = "".join(d.observed.split()), "".join(d.intended.split())
    if observed == intended or max(len(observed), len(intended)) > _LONGEST:
        return None
    return observed, intended, d.kind
