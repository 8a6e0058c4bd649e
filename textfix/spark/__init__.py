"""textfix on Apache Spark (``pip install 'textfix[spark]'``, and a Java runtime).

>>> from textfix import spark as textfix_spark                                       # doctest: +SKIP
>>> frame.withColumn("text", textfix_spark.clean("text", preset="strict"))           # doctest: +SKIP
>>> frame.withColumn("repair", textfix_spark.repair("text"))                         # doctest: +SKIP
>>> table = textfix_spark.learn(pairs, "ocr", "truth", "name")                       # doctest: +SKIP
>>> sources = textfix_spark.match(scans, authorities)                                # doctest: +SKIP

Every Python worker builds one `Repairer` for each set of options and keeps it; the language model is mapped from its
file, so that the workers of a machine share it. Results are those of the library, row by row.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Unpack

from ..errors import MissingExtraError

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

    from ..pipeline import OptionWords
    from ..tables.confusable import Table

__all__ = ["clean", "clean_udf", "learn", "match", "repair", "repair_udf"]


def clean(column: Column | str, **options: Unpack[OptionWords]) -> Column:
    """The repaired texts of a string column; null stays null. The options are those of `textfix.Options.of`.

    Raises `MissingExtraError` without pyspark, as everything here does.
    """
    out: Column = clean_udf(**options)(column)
    return out


def repair(column: Column | str, **options: Unpack[OptionWords]) -> Column:
    """The repaired texts with their edits: a struct of `text` and `edits`.

    `edits` is an array of structs of start, end (code points of the input), observed, replacement, kind, confidence and
    evidence (JSON). Where the text is null, both are.
    """
    out: Column = repair_udf(**options)(column)
    return out


def clean_udf(**options: Unpack[OptionWords]) -> Any:
    """The pandas UDF behind `clean`, to be registered for SQL: ``spark.udf.register("textfix", clean_udf())``."""
    return _part("columns").clean_udf(options)


def repair_udf(**options: Unpack[OptionWords]) -> Any:
    """The pandas UDF behind `repair`."""
    return _part("columns").repair_udf(options)


def learn(pairs: DataFrame, ocr: str = "ocr", truth: str = "truth", name: str = "name") -> Table:
    """The confusable table of all pairs, the same as `textfix.learn` makes of them in one process.

    `ocr`, `truth` and `name` are columns of strings; a pair of which a text is null is passed over. Pairs
    are aligned where they are, counts are added up in Spark; only the rows of the table come to the driver.
    """
    table: Table = _part("learning").learn(pairs, ocr, truth, name)
    return table


def match(
    scans: DataFrame, authorities: DataFrame, *, name: str = "name", text: str = "text", tables: int = 20, seed: int = 1
) -> DataFrame:
    """Which of `authorities` each of `scans` was taken from: rows of scan, authority, share, evidence and passages.

    Both frames have a column `name`, without duplicates, and a column `text`. Pieces of both are brought together by
    MinHash LSH over the k-grams that `textfix.match` uses, in so many hash `tables`; `textfix.match.Index` then decides
    among the candidates of each scan. `passages` is an array of structs of start, end (of the scan), other_start and
    other_end (of the authority). A scan without a source has no row.
    """
    found: DataFrame = _part("matching").match(scans, authorities, name, text, tables, seed)
    return found


def _part(name: str) -> Any:
    try:
        return import_module(f".{name}", __name__)
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in {"pyspark", "pandas", "pyarrow"}:
            raise
        message = f"Spark needs {missing}, which is not installed: pip install 'textfix[spark]'"
        raise MissingExtraError(message) from error
