"""The Parquet path of `textfix batch`: one file, one column of texts, row groups streamed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..columns import clean_parquet
from ..errors import OptionError
from ..files import display
from . import DONE
from .progress import meter
from .repairing import repairer
from .streams import say

__all__ = ["run"]

#: Options of `batch` that concern folders; with a Parquet file they must be left as they are.
_OF_FOLDERS = {
    "dry_run": "--dry-run", "since": "--since", "fail_fast": "--fail-fast", "retry": "--retry", "ledger": "--ledger",
    "overwrite": "--overwrite", "report": "--report", "decisions": "--decisions",
}  # fmt: skip


def run(
    source: str, target: str, column: str, edits: str | None, jobs: int, words: Mapping[str, Any],
    given: Mapping[str, Any],
) -> int:  # fmt: skip
    """Repair `column` of the file `source` into the file `target`; `given` are the other options of `batch`."""
    for name, option in _OF_FOLDERS.items():
        if given.get(name):
            raise OptionError(f"{option} is for folders; with --column a Parquet file is repaired as a whole")
    with meter(f"cleaning {display(source)}") as watch:
        done = clean_parquet(source, target, column, edits=edits, jobs=jobs, repairer=repairer(words), watch=watch)
    say(f"{done.rows:,} rows, {done.changed:,} of them changed; {done.characters:,} characters")
    return DONE
