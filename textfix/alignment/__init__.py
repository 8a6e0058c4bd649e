"""Alignment of two texts in near-linear time, every difference classified with its evidence."""

from __future__ import annotations

from .aligner import align
from .model import DIFFERENCE_KINDS, EDITORIAL_KINDS, Alignment, Difference, Move
from .rates import ErrorRates

__all__ = ["DIFFERENCE_KINDS", "EDITORIAL_KINDS", "Alignment", "Difference", "ErrorRates", "Move", "align"]
