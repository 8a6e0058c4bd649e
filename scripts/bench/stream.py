#!/usr/bin/env python3
"""Measure `textfix clean` on a stream: peak memory, and throughput beside that of the same windows repaired in memory.

    OPENBLAS_NUM_THREADS=1 python scripts/bench/stream.py [--size 20] [--called 20] [--window 40000] [--ocr 0.1]

The stream is made of the documents in ../shared/clean and, as often as ``--ocr`` says, of OCR output in
../shared/ocr/dev, over and over, until it has so many MB (10^6 bytes). It is fed through a pipe. Throughput is by
processor time, which other work on the machine disturbs less than wall time; the start of the process, loading the
model included, is measured on an empty stream and taken off. Memory is measured for a part of the stream, too: what
does not depend on the length of the stream is the same for both. The bars: at most 400 MB for 1 GB, throughput
within 15% of the in-memory call.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from textfix.pipeline import Repairer
from textfix.windows import WINDOW, windows

CLEAN = [sys.executable, "-m", "textfix", "clean"]


def documents(shared: Path, share: float) -> Iterator[str]:
    """Documents without end, `share` of their characters from OCR output."""
    clean = [path.read_text("utf-8") for path in sorted((shared / "clean").glob("*.txt"))]
    ocr = [path.read_text("utf-8") for path in sorted((shared / "ocr" / "dev").glob("*/*.ocr.txt"))]
    total = read = 0
    turns = [iter(ocr[number % len(ocr)] for number in count()), iter(clean[number % len(clean)] for number in count())]
    while True:
        text = next(turns[0 if read < share * total else 1])
        read += len(text) * (read < share * total)
        total += len(text)
        yield text + "\n\n"


def stream(shared: Path, share: float, size: int) -> str:
    """The first `size` bytes of them, or a few more."""
    parts: list[str] = []
    for text in documents(shared, share):
        parts.append(text)
        size -= len(text.encode())
        if size <= 0:
            return "".join(parts)
    raise AssertionError


def through_a_pipe(data: bytes, window: int) -> tuple[float, float, float]:
    """Processor seconds, wall seconds and peak megabytes of one run of the command."""
    with tempfile.TemporaryFile() as given, Path(os.devnull).open("wb") as null:
        given.write(data)
        given.seek(0)
        began = time.perf_counter()
        cat = subprocess.Popen(["cat"], stdin=given, stdout=subprocess.PIPE)
        process = subprocess.Popen([*CLEAN, "--window", str(window)], stdin=cat.stdout, stdout=null)
        assert cat.stdout is not None
        cat.stdout.close()
        peak = 0.0
        while not (ended := os.wait4(process.pid, os.WNOHANG))[0]:
            peak = held(process.pid) or peak
            time.sleep(0.02)
        _, status, usage = ended
        process.returncode = os.waitstatus_to_exitcode(status)
        cat.wait()
    if process.returncode:
        raise SystemExit(f"clean ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime, time.perf_counter() - began, peak


def held(pid: int) -> float:
    """The most memory that a process has held, in MB. Not `ru_maxrss`, which a child has from its parent."""
    try:
        return int(Path(f"/proc/{pid}/status").read_text().split("VmHWM:")[1].split()[0]) * 1024 / 1e6
    except (OSError, IndexError):  # it has just ended
        return 0.0


def in_memory(text: str, window: int) -> float:
    """Processor seconds of the same windows, one call each."""
    repairer = Repairer()
    cut = list(windows([text], window))
    began = time.process_time()
    for each in cut:
        repairer.repair(each)
    return time.process_time() - began


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--size", type=float, default=20, help="MB of the stream")
    parser.add_argument("--window", type=int, default=WINDOW)
    parser.add_argument("--ocr", type=float, default=0.1, help="share of OCR output in the stream")
    parser.add_argument("--called", type=float, help="MB of it that are cleaned in memory, too (default: all)")
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    args = parser.parse_args()
    text = stream(args.shared, args.ocr, int(args.size * 1e6))
    data = text.encode()
    print(f"{len(data) / 1e6:.1f} MB, {len(text):,} characters, windows of {args.window:,}")
    start, _, least = through_a_pipe(b"", args.window)
    first = text[: min(len(text) // 4, 7_000_000)].encode()
    _, _, part = through_a_pipe(first, args.window)
    processor, wall, peak = through_a_pipe(data, args.window)
    some = text[: int(len(text) * min(1, (args.called or args.size) / args.size))]
    called = in_memory(some, args.window) / len(some)
    piped = len(text) / (processor - start)
    least_of = f"{part:.0f} MB for its first {len(first) / 1e6:.0f} MB, {least:.0f} MB for nothing"
    print(f"peak memory          {peak:7.0f} MB ({least_of})")
    print(f"through a pipe       {piped:7,.0f} characters a second of processor time ({wall:.1f} s on the clock)")
    print(f"called in memory     {1 / called:7,.0f} characters a second of processor time")
    print(f"the pipe's share     {piped * called:7.3f}")
    if args.size < 1000:
        hours = processor / args.size * 1000 / 3600
        print(f"1 GB of this would take {hours:.1f} hours of one processor (extrapolated)")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
