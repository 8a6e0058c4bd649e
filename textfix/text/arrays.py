"""Small array helpers. `numpy.unique` loads `numpy.ma` at its first call (0.1 s), which a start has no time for."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["distinct", "first_of_each", "numbered"]


def distinct(values: NDArray[Any]) -> NDArray[Any]:
    """The different values, ascending."""
    ordered = np.sort(values, kind="stable")
    keep = np.ones(ordered.size, dtype=bool)
    keep[1:] = ordered[1:] != ordered[:-1]
    return ordered[keep]


def first_of_each(values: NDArray[Any]) -> NDArray[np.intp]:
    """The index of the first occurrence of every different value, in order of the values."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    keep = np.ones(ordered.size, dtype=bool)
    keep[1:] = ordered[1:] != ordered[:-1]
    return order[keep]


def numbered(values: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.intp]]:
    """The different values, ascending, and for every element the number of its own."""
    different = distinct(values)
    return different, np.searchsorted(different, values)
