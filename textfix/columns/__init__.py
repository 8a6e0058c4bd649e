"""Columns of texts: pyarrow arrays, pandas and polars Series, Parquet files (``pip install 'textfix[arrow]'``).

Every value is a document of its own, repaired as `textfix.repair` repairs it. Null stays null; type, chunks, index and
name stay as they are.

>>> import pyarrow, textfix.columns
>>> textfix.columns.clean(pyarrow.array(["加强硏究工作", None])).to_pylist()
['加强研究工作', None]
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from ..errors import MissingExtraError
from ..pipeline import OptionWords, Repairer, default_repairer

if TYPE_CHECKING:
    from .parquet import Done

__all__ = ["clean", "clean_parquet"]


def clean(array: Any, *, edits: bool = False, repairer: Repairer | None = None, **options: Unpack[OptionWords]) -> Any:
    """The repaired texts of a column, as the same kind of column.

    `array` is a pyarrow `Array` or `ChunkedArray` of type string, large_string, string_view or a dictionary of one of
    them, or a pandas or polars Series. With `edits`, a pair is returned: the texts and a column of lists of edits, each
    a struct of start, end (code points of the input), observed, replacement, kind, confidence and evidence (JSON); null
    where the text is null. The other keyword arguments are those of `textfix.Options.of`; `repairer` is one that you
    built yourself, and they depart from its options.

    Raises `MissingExtraError` without pyarrow, `OptionError` for a column that holds something else.
    """
    return _part("arrays").clean(array, _repairer(repairer, options), edits)


def clean_parquet(
    source: str | Path,
    target: str | Path,
    column: str,
    *,
    edits: str | None = None,
    jobs: int = 1,
    repairer: Repairer | None = None,
    watch: Callable[[int, int], None] | None = None,
    **options: Unpack[OptionWords],
) -> Done:
    """Copy the Parquet file `source` to `target` with the texts of `column` repaired; returns what was done.

    Goes through the row groups piece by piece, in memory that does not grow with the file. Row groups, the other
    columns, metadata and compression stay as they are; a row group of more than 32 MiB of text is parted. With `edits`,
    a column of that name is added that holds them. `jobs` is the number of processes. `watch` is called with the
    rows that are done and all rows. `target` is written whole or not at all, and may be `source`.

    Raises `MissingExtraError` without pyarrow, `InputError` for a file that is no Parquet file, `OptionError` for a
    column that is not there or holds something else.
    """
    done: Done = _part("parquet").clean_parquet(
        Path(source), Path(target), column, _repairer(repairer, options), edits=edits, jobs=jobs, watch=watch
    )
    return done


def _repairer(repairer: Repairer | None, options: OptionWords) -> Repairer:
    own = repairer or default_repairer()
    return own.but(**options) if options else own


def _part(name: str) -> Any:
    try:
        return import_module(f".{name}", __name__)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "pyarrow":
            raise
        raise MissingExtraError("columns need pyarrow, which is not installed: pip install 'textfix[arrow]'") from error
