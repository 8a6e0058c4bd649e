"""How good OCR output is and what a repair does to it, measured against the true text: figures, intervals, a page."""

from __future__ import annotations

from .evaluation import Evaluation, evaluate
from .page import evaluation_page
from .pairs import Document, find_pairs
from .table import table

__all__ = ["Document", "Evaluation", "evaluate", "evaluation_page", "find_pairs", "table"]
