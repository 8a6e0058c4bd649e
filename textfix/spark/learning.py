"""Learning as a distributed aggregation: rows of a table add up, whatever the order (`Row.__add__`)."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from ..alignment import align
from ..learner import GENERATOR, rows_of
from ..tables.confusable import Row, Table

__all__ = ["learn"]

_KEY = ("observed", "intended", "kind")
_ROWS = "observed string, intended string, kind string, count long, documents long, example string"


def learn(pairs: DataFrame, ocr: str, truth: str, name: str) -> Table:
    """See `textfix.spark.learn`."""
    columns = pairs.select(f.col(ocr).alias("ocr"), f.col(truth).alias("truth")).dropna()
    # Of several examples the shortest, then the first by code points, stays, and any example rather than none.
    preferred = f.min(f.when(f.col("example") != "", f.struct(f.length("example"), f.col("example"))))
    found = (
        columns.mapInPandas(_partial, _ROWS)
        .groupBy(*_KEY)
        .agg(f.sum("count").alias("count"), f.sum("documents").alias("documents"), preferred.alias("example"))
        .collect()
    )
    sources = pairs.dropna(subset=[ocr, truth, name]).select(f.col(name)).distinct().collect()
    rows = (
        Row(r.observed, r.intended, r.kind, r["count"], r.documents, example=r.example[1] if r.example else "")
        for r in found
    )
    return Table(rows, (row[0] for row in sources), [GENERATOR])


def _partial(batches: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
    """The table of one partition, as far as its batches go, row by row."""
    for batch in batches:
        pairs = zip(batch["ocr"], batch["truth"], strict=True)
        table = Table(row for ocr, truth in pairs for row in rows_of(align(ocr, truth)))
        rows = [(r.observed, r.intended, r.kind, r.count, r.documents, r.example) for r in table]
        yield pd.DataFrame(rows, columns=[*_KEY, "count", "documents", "example"])
