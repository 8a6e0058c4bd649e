#!/usr/bin/env python3
"""Measure what a start of textfix costs, beside bare Python, numpy and peers that work as filters, in one run.

    python scripts/bench/startup.py [--runs 15]     # textfix and Python alone
    python scripts/bench --only startup             # peers, too

Prints the least wall and processor seconds of each; they take turns. The bar: ``echo 歼石山 | textfix clean`` in at
most 0.35 s, a `Repairer` in at most 0.1 s.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence

from harness.bench import Bench
from harness.peers import UnavailableError
from harness.rows import Row

__all__ = ["suite"]

LINE = "歼石山\n".encode()
CLEAN = [sys.executable, "-m", "textfix", "clean"]
COMMANDS = {
    "bare Python": [sys.executable, "-c", ""],
    "import numpy": [sys.executable, "-c", "import numpy"],
    "the command line, without work": [sys.executable, "-m", "textfix", "--version"],
    "echo 歼石山 | textfix clean": CLEAN,
}
LOADING = """
import time, numpy, textfix.pipeline
began = time.perf_counter()
textfix.pipeline.Repairer()
print(time.perf_counter() - began)
"""


def least(commands: Mapping[str, Sequence[str]], runs: int) -> dict[str, tuple[float, float]]:
    """The least wall and processor seconds of each; a first run, which writes caches, is left out."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    best: dict[str, tuple[float, float]] = {}
    for run in range(runs + 1):
        for name, command in commands.items():
            before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
            subprocess.run(command, input=LINE, capture_output=True, check=True, env=environment)
            wall = time.perf_counter() - began
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            took = wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            if run:
                best[name] = took if name not in best else (min(best[name][0], took[0]), min(best[name][1], took[1]))
    return best


def suite(bench: Bench) -> Iterator[Row]:
    """A line through a new process: wall seconds, and processor seconds."""
    commands: dict[str, Sequence[str]] = {"textfix": CLEAN, "bare Python": COMMANDS["bare Python"]}
    for name, peer in bench.environments.peers.items():
        if peer.start:
            try:
                commands[name] = bench.environments.start(name)
            except UnavailableError as error:
                bench.skip(name, str(error))
    for name in list(commands):
        try:
            least({name: commands[name]}, 0)
        except (OSError, subprocess.CalledProcessError) as error:
            if name == "textfix":
                raise
            del commands[name]
            bench.skip(name, f"it does not start: {error}")
    found = least(commands, 1 if bench.quick else 15)
    for n, clock in enumerate(("wall", "processor")):
        case = f"a line through a new process, {clock}"
        yield from bench.compare(case, "s", "less", {name: took[n] for name, took in found.items()})


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    for name, (wall, processor) in least(COMMANDS, runs).items():
        print(f"{name:32} {wall:6.3f} s wall {processor:6.3f} s processor")
    loads = [float(subprocess.check_output([sys.executable, "-c", LOADING])) for _ in range(runs)]
    print(f"{'Repairer()':32} {min(loads):6.3f} s wall")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
