"""Pandas UDFs over columns of texts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import pandas as pd
from pyspark.sql.pandas.functions import pandas_udf

from ..pipeline import Options, OptionWords, Repairer

__all__ = ["REPAIR", "clean_udf", "repair_udf", "repairer"]

#: The type of a repair. Evidence is a JSON object.
REPAIR = (
    "text string, edits array<struct<start: int, end: int, observed: string, replacement: string, kind: string, "
    "confidence: double, evidence: string>>"
)

_udf: Any = pandas_udf  # its types know no strings with iterators


@lru_cache(maxsize=4)
def repairer(options: Options) -> Repairer:
    """The one `Repairer` of this Python worker for `options`."""
    return Repairer(options)


def clean_udf(words: OptionWords) -> Any:
    """See `textfix.spark.clean_udf`."""
    options = Options.of(**words)

    @_udf("string")  # type: ignore[untyped-decorator]
    def textfix_clean(batches: Iterator[pd.Series]) -> Iterator[pd.Series]:
        own = repairer(options)
        for texts in batches:
            yield pd.Series([own.clean(text) if isinstance(text, str) else None for text in texts], dtype=object)

    return textfix_clean


def repair_udf(words: OptionWords) -> Any:
    """See `textfix.spark.repair_udf`."""
    options = Options.of(**words)

    @_udf(REPAIR)  # type: ignore[untyped-decorator]
    def textfix_repair(batches: Iterator[pd.Series]) -> Iterator[pd.DataFrame]:
        own = repairer(options)
        for texts in batches:
            rows = [_row(own, text) if isinstance(text, str) else (None, None) for text in texts]
            yield pd.DataFrame(rows, columns=["text", "edits"], dtype=object)

    return textfix_repair


def _row(own: Repairer, text: str) -> tuple[str, list[dict[str, Any]]]:
    repair = own.repair(text)
    edits = [edit.to_dict() for edit in repair.edits]
    for edit in edits:
        edit["evidence"] = json.dumps(edit["evidence"], ensure_ascii=False, sort_keys=True)
    return repair.text, edits
