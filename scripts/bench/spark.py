#!/usr/bin/env python3
"""Spark ``local[N]`` beside N plain processes on the same rows: throughput, memory, and whether the results agree.

    OPENBLAS_NUM_THREADS=1 python scripts/bench/spark.py [--size 2] [--row 400] [--workers 2] [--clean]

Rows are pieces of at most `--row` characters of ../shared/clean and ../shared/ocr/dev, half and half, or of clean text
only, `--size` MB of UTF-8.
Both sides start with their workers warm (one small job before). Prints characters a second of both and their ratio,
rows that differ (there must be none), whether a learned table is that of one process, the processor seconds of a
billion characters, and the highest resident memory of a Python worker with and without what it shares.
"""

from __future__ import annotations

import argparse
import itertools
import os
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import textfix
from textfix import spark as textfix_spark

SHARED = Path(__file__).resolve().parents[2].parent / "shared"


def rows(size: float, row: int, clean: bool) -> list[str]:
    paths = [] if clean else sorted((SHARED / "ocr" / "dev").glob("*/*.ocr.txt"))
    paths += sorted((SHARED / "clean").glob("*.txt"))
    texts = [path.read_text("utf-8") for path in paths]
    pieces = [text[i : i + row] for text in texts for i in range(0, len(text), row)]
    pieces = [piece for pair in itertools.zip_longest(pieces[: len(pieces) // 2], pieces[len(pieces) // 2 :])
              for piece in pair if piece]  # fmt: skip
    out, written = [], 0
    for piece in itertools.cycle(pieces):
        if written >= size * 1_000_000:
            return out
        out.append(piece)
        written += len(piece.encode())
    return out


def clean_all(texts: list[str]) -> tuple[list[str], float]:
    """The results, and the processor seconds that they took."""
    began = time.process_time()
    return [textfix.clean(text) for text in texts], time.process_time() - began


def memory(_: int) -> tuple[int, int]:
    """Resident memory of this process in MiB, and the part that no other process shares."""
    fields = dict(line.split(":", 1) for line in Path("/proc/self/smaps_rollup").read_text().splitlines()[1:])
    kib = {name: int(value.split()[0]) for name, value in fields.items()}
    return kib["Rss"] // 1024, (kib["Private_Clean"] + kib["Private_Dirty"]) // 1024


def plain(texts: list[str], workers: int) -> tuple[float, float, list[str], tuple[int, int]]:
    """Seconds, processor seconds, results, and the memory of a worker."""
    step = max(len(texts) // (workers * 8), 1)
    parts = [texts[i : i + step] for i in range(0, len(texts), step)]
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        list(pool.map(clean_all, [texts[:3]] * workers * 2))
        began = time.perf_counter()
        done = list(pool.map(clean_all, parts))
        took = time.perf_counter() - began
        results = [text for part, _ in done for text in part]
        return took, sum(spent for _, spent in done), results, max(pool.map(memory, range(workers)))


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--size", type=float, default=2, help="MB of text")
    parser.add_argument("--row", type=int, default=400, help="characters a row")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--clean", action="store_true", help="clean text only")
    args = parser.parse_args()
    from pyspark.sql import SparkSession

    texts = rows(args.size, args.row, args.clean)
    characters = sum(map(len, texts))
    seconds, spent, expected, resident = plain(texts, args.workers)
    speed = characters / seconds
    print(f"{args.workers} processes: {characters:,} characters in {seconds:.1f} s, {speed:,.0f} a second")
    print(f"  {spent:.1f} processor seconds: {spent / characters * 1e9 / 3600:,.1f} hours a billion characters")
    print(f"  a worker: {resident[0]} MiB resident, {resident[1]} MiB of them its own")

    os.environ["PYSPARK_PYTHON"] = sys.executable
    session = (
        SparkSession.builder.master(f"local[{args.workers}]").config("spark.ui.enabled", "false")
        .config("spark.driver.memory", "2g").config("spark.sql.execution.arrow.maxRecordsPerBatch", "500").getOrCreate()
    )  # fmt: skip
    session.sparkContext.setLogLevel("ERROR")
    with tempfile.TemporaryDirectory() as folder:
        frame = session.createDataFrame(list(enumerate(texts)), "id long, text string")
        frame.repartition(args.workers * 8).write.parquet(f"{folder}/in")
        frame = session.read.parquet(f"{folder}/in").repartition(args.workers * 8)
        some = session.createDataFrame([(text,) for text in texts[: args.workers * 2]], "text string")
        some.repartition(args.workers).select(textfix_spark.clean("text")).collect()
        began = time.perf_counter()
        frame.select("id", textfix_spark.clean("text").alias("text")).write.parquet(f"{folder}/out")
        spark_seconds = time.perf_counter() - began
        results = [row.text for row in session.read.parquet(f"{folder}/out").orderBy("id").collect()]
    differ = sum(a != b for a, b in zip(results, expected, strict=True))
    print(f"Spark: {spark_seconds:.1f} s, {characters / spark_seconds:,.0f} characters a second: "
          f"{seconds / spark_seconds:.2f} of the plain processes; {differ} rows differ")  # fmt: skip

    names = sorted((SHARED / "ocr" / "dev" / "tess-l2").glob("*.ocr.txt"))[:6]
    pairs = [(path.read_text("utf-8"), path.with_name(path.name.replace(".ocr.", ".gt.")).read_text("utf-8"), path.name)
             for path in names]  # fmt: skip
    table = textfix_spark.learn(session.createDataFrame(pairs, "ocr string, truth string, name string").repartition(4))
    same = table == textfix.learn(textfix.Pair(*pair) for pair in pairs)
    print(f"learned tables of {len(pairs)} pairs: {len(table)} rows, {'identical' if same else 'DIFFERENT'}")
    session.stop()
    return 0 if same and not differ else 1


if __name__ == "__main__":
    raise SystemExit(main())
