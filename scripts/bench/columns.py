#!/usr/bin/env python3
"""What a Parquet column costs: characters a second, and the memory at its highest.

    python scripts/bench/columns.py [--size 20] [--jobs 1] [--only KINDS]

Writes a file with a column of `--size` MB of text, the paragraphs of ../shared/clean and of ../shared/ocr/dev over and
over (about 400 characters a row), repairs it in a process of its own, and prints the highest resident memory of that
process. With ``--only width`` the repair costs little, which shows the memory of big files soon.
"""

from __future__ import annotations

import argparse
import itertools
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
ROW, GROUP = 400, 10_000
RUN = """
import resource, sys, textfix.columns
source, target, jobs, only = sys.argv[1:]
done = textfix.columns.clean_parquet(source, target, "text", jobs=int(jobs), **({"only": only} if only else {}))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(done.characters, *peak)
"""


def rows() -> list[str]:
    paths = [*sorted((SHARED / "clean").glob("*.txt")), *sorted((SHARED / "ocr" / "dev").glob("*/*.ocr.txt"))]
    texts = [path.read_text("utf-8") for path in paths]
    return [text[i : i + ROW] for text in texts for i in range(0, len(text), ROW)]


def write(path: Path, size: int) -> None:
    """`size` MB of UTF-8 text in row groups of `GROUP` rows."""
    some = itertools.cycle(rows())
    schema = pa.schema([("id", pa.int64()), ("text", pa.string())])
    written = number = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        while written < size * 1_000_000:
            group = list(itertools.islice(some, GROUP))
            writer.write_table(pa.table({"id": range(number, number + len(group)), "text": group}, schema=schema))
            written += sum(len(text.encode()) for text in group)
            number += len(group)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--size", type=int, default=20, help="MB of text")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "in.parquet"), Path(folder, "out.parquet")
        write(source, args.size)
        began = time.perf_counter()
        command = [sys.executable, "-c", RUN, source, target, str(args.jobs), args.only]
        out = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
        took = time.perf_counter() - began
        characters, peak, workers = map(int, out.split())
        more = f", {workers / 1024:.0f} MiB a worker" if args.jobs > 1 else ""
        print(f"{args.size} MB: {characters:,} characters in {took:.1f} s, {characters / took:,.0f} a second; "
              f"at most {peak / 1024:.0f} MiB{more}")  # fmt: skip
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
