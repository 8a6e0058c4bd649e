"""Batches: a folder of files repaired into another one, in parallel, with a ledger, to be resumed at any time."""

from __future__ import annotations

from .ledger import Entry, Ledger, Record
from .plan import Plan, Task
from .recipe import Convert, Converted, Recipe
from .runner import Batch, Summary, Watcher, found_in, ledger_path, look, run

__all__ = [
    "Batch", "Convert", "Converted", "Entry", "Ledger", "Plan", "Recipe", "Record", "Summary", "Task",
    "Watcher", "found_in", "ledger_path", "look", "run",
]  # fmt: skip
