"""Scans against authorities: candidates by MinHash LSH (Broder 1997) over pieces of both, decided by `textfix.match`.

MinHash measures resemblance, and a scan that quotes a page resembles a whole document little. So both sides are cut
into pieces: those of an authority are twice as long as those of a scan and overlap by half, so that every piece of a
scan lies in one of them but for what was cut out of it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from pyspark.ml.feature import MinHashLSH
from pyspark.ml.linalg import SparseVector, Vectors, VectorUDT
from pyspark.sql import DataFrame
from pyspark.sql import functions as f
from pyspark.sql.types import ArrayType

from ..alignment.anchors import sampled
from ..alignment.folding import skeleton
from ..match import Index
from ..text.arrays import distinct
from ..text.codepoints import encode

__all__ = ["match", "pieces"]

#: Length of the shingles, and of a piece of a scan.
_GRAM, _PIECE = 6, 250
#: Shingles are hashed to so many numbers; Spark's MinHash takes no more than 2,038,074,743.
_NUMBERS = 1 << 30
#: Pieces whose sets of shingles differ by more (Jaccard distance) are no candidates.
_FAR = 0.92
#: Authorities that are looked at for one scan, at most.
_CANDIDATES = 12
_MATCHES = (
    "scan string, authority string, share double, evidence double, "
    "passages array<struct<start: int, end: int, other_start: int, other_end: int>>"
)


def match(scans: DataFrame, authorities: DataFrame, name: str, text: str, tables: int, seed: int) -> DataFrame:
    """See `textfix.spark.match`."""
    a = scans.select(f.col(name).alias("scan"), f.col(text).alias("scan_text"))
    b = authorities.select(f.col(name).alias("authority"), f.col(text).alias("text"))
    left = a.select("scan", f.explode(_pieces_udf(1)("scan_text")).alias("shingles"))
    right = b.select("authority", f.explode(_pieces_udf(2)("text")).alias("shingles"))
    # The hash functions depend on the seed alone, not on the data: any row will do to fit.
    model = MinHashLSH(inputCol="shingles", outputCol="hashes", numHashTables=tables, seed=seed).fit(right)
    near = model.approxSimilarityJoin(left, right, _FAR, "distance")
    weighed = near.groupBy(f.col("datasetA.scan").alias("scan"), f.col("datasetB.authority").alias("authority")).agg(
        f.sum(1 - f.col("distance")).alias("weight")
    )
    candidates = weighed.groupBy("scan").agg(
        f.slice(f.sort_array(f.collect_list(f.struct(-f.col("weight"), f.col("authority"))), asc=True), 1, _CANDIDATES)
        .getField("authority")
        .alias("authorities")
    )
    pairs = candidates.select("scan", f.explode("authorities").alias("authority")).join(b, "authority").join(a, "scan")
    return pairs.groupBy("scan").applyInPandas(_decide, _MATCHES)


def pieces(text: str, times: int) -> list[SparseVector]:
    """The shingles of pieces of `times` the length of a scan's, each begun one scan's piece after the one before."""
    codes, _ = skeleton(encode(text))
    hashes, places = sampled(codes, _GRAM, 0)
    numbers = (hashes >> np.uint64(34)).astype(np.int64)
    out = []
    for start in range(0, max(len(codes) - (times - 1) * _PIECE, 1), _PIECE):
        low, high = np.searchsorted(places, (start, start + times * _PIECE))
        own = distinct(numbers[low:high])
        if own.size:
            out.append(Vectors.sparse(_NUMBERS, own.tolist(), np.ones(own.size)))
    return out


def _pieces_udf(times: int) -> Any:
    @f.udf(ArrayType(VectorUDT()), useArrow=False)
    def textfix_pieces(text: str | None) -> list[SparseVector]:
        return pieces(text or "", times)

    return textfix_pieces


def _decide(rows: pd.DataFrame) -> pd.DataFrame:
    """The sources of one scan among its candidates."""
    rows = rows.sort_values("authority")
    index = Index(zip(rows["authority"], rows["text"], strict=True))
    found = [
        (rows["scan"].iloc[0], m.name, m.share, m.evidence,
         [dict(zip(("start", "end", "other_start", "other_end"), p[:4], strict=True))
          for p in ((q.start, q.end, q.other_start, q.other_end) for q in m.passages)])
        for m in index.find(rows["scan_text"].iloc[0])
    ]  # fmt: skip
    return pd.DataFrame(found, columns=["scan", "authority", "share", "evidence", "passages"])
