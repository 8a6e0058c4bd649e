"""Alignment of two texts in near-linear time, every difference classified with its evidence."""

from __future__ import annotations

from .aligner import align
from .model import DIFFERENCE_KINDS, EDITORIAL_KINDS, Alignment, Difference, Move

__all__ = ["DIFFERENCE_KINDS", "EDITORIAL_KINDS", "Alignment", "Difference", "Move", "align"]
