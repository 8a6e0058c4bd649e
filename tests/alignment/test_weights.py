"""The classifier's weights: read from a file that people can read; malformed ones name the line."""

from __future__ import annotations

from pathlib import Path

import pytest

from textfix.alignment.weights import COLUMNS, MODELS, Weights
from textfix.errors import TableError


def test_odds_are_the_weighted_sum() -> None:
    weights = Weights({m: {"constant": -1.0, "likeness": 4.0} for m in MODELS})
    assert weights.odds("replaced", {"likeness": 0.5, "unknown": 9.0}) == 1.0


def test_shipped_weights_say_what_one_expects() -> None:
    """Alike glyphs, a noisy text and doubts around speak for OCR; an edit close by speaks for a person."""
    shipped = Weights.shipped()
    base = {"likeness": 0.3, "run likeness": 0.3, "gain": 5.0, "noise": 1.0, "near doubts": 0.0, "near edit": 0.0}
    for name, for_ocr in (("likeness", True), ("gain", True), ("noise", True), ("near doubts", True)):
        more = shipped.odds("replaced", {**base, name: base[name] + 0.5})
        assert (more > shipped.odds("replaced", base)) is for_ocr, name
    assert shipped.odds("lost", {"near edit": 1.0}) < shipped.odds("lost", {"near edit": 0.0})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "lack the model 'replaced'"),
        ("\t".join(COLUMNS) + "\nreplaced\tlikeness\n", "t.tsv:2: not a row of model, feature, weight, note"),
        ("\t".join(COLUMNS) + "\nreplaced\tlikeness\tmuch\t\n", "t.tsv:2: not a row of model, feature, weight, note"),
        ("\t".join(COLUMNS) + "\nreplaced\tconstant\t1\t\n", "lack the model 'lost'"),
    ],
)
def test_malformed_weights(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "t.tsv"
    path.write_text(text, "utf-8")
    with pytest.raises(TableError) as caught:
        Weights.load(path)
    assert message in str(caught.value)
