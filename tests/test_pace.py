"""The limits on time that other tests set can be exceeded."""

from __future__ import annotations

import pytest

from .pace import at_most, turn


def four_turns() -> None:
    for _ in range(4):
        turn()


def test_what_takes_too_long_fails() -> None:
    with pytest.raises(AssertionError, match="of a processor; a turn took"), at_most(turns=0.5):
        four_turns()


def test_what_takes_no_longer_passes() -> None:
    with at_most(turns=10):
        turn()


def test_an_error_on_the_way_is_not_hidden() -> None:
    with pytest.raises(ValueError, match="own"), at_most(turns=10):
        raise ValueError("own")
