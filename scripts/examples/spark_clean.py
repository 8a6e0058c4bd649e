#!/usr/bin/env python3
"""Repair a folder of texts with Spark; each file is a row.

    spark-submit --master 'local[2]' scripts/examples/spark_clean.py corpora/seed/garbled-extract.txt repaired.parquet

With ``--against FILES`` a table of confusions is learned from the pairs that `match` finds, and printed.
"""

from __future__ import annotations

import argparse

from pyspark.sql import SparkSession
from pyspark.sql import functions as f

from textfix import spark as textfix_spark


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("texts", help="files or folders, as Spark reads them")
    parser.add_argument("target", help="a folder of Parquet files: name, text, edits")
    parser.add_argument("--against", help="authoritative texts to learn from")
    args = parser.parse_args()
    session = SparkSession.builder.appName("textfix").getOrCreate()
    session.sparkContext.setLogLevel("ERROR")

    def read(paths: str):
        files = session.read.text(paths, wholetext=True)
        return files.select(f.input_file_name().alias("name"), f.col("value").alias("text"))

    scans = read(args.texts)
    repaired = scans.select("name", textfix_spark.repair("text").alias("repair")).select("name", "repair.*")
    repaired.write.mode("overwrite").parquet(args.target)
    edits = session.read.parquet(args.target).select(f.explode("edits").alias("edit"))
    for row in edits.groupBy("edit.kind").count().orderBy("kind").collect():
        print(f"{row['kind']}\t{row['count']}")
    if args.against:
        authorities = read(args.against)
        found = textfix_spark.match(scans, authorities)
        pairs = (
            found.join(scans.withColumnsRenamed({"name": "scan", "text": "ocr"}), "scan")
            .join(authorities.withColumnsRenamed({"name": "authority", "text": "truth"}), "authority")
            .select("ocr", "truth", f.col("scan").alias("name"))
        )
        print(textfix_spark.learn(pairs).dump(), end="")


if __name__ == "__main__":
    main()
