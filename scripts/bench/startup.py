#!/usr/bin/env python3
"""Measure what a start of textfix costs, beside that of bare Python and of numpy, in one run.

    python scripts/bench/startup.py [--runs 15]

Prints the least wall and processor seconds of each. The bar: ``echo 歼石山 | textfix clean`` in at most 0.35 s, a
`Repairer` in at most 0.1 s.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import time

LINE = "歼石山\n".encode()
COMMANDS = {
    "bare Python": [sys.executable, "-c", ""],
    "import numpy": [sys.executable, "-c", "import numpy"],
    "the command line, without work": [sys.executable, "-m", "textfix", "--version"],
    "echo 歼石山 | textfix clean": [sys.executable, "-m", "textfix", "clean"],
}
LOADING = """
import time, numpy, textfix.pipeline
began = time.perf_counter()
textfix.pipeline.Repairer()
print(time.perf_counter() - began)
"""


def least(command: list[str], runs: int) -> tuple[float, float]:
    """The least wall and processor seconds; a first run, which writes caches, is left out."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    walls, processors = [], []
    for _ in range(runs + 1):
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(command, input=LINE, capture_output=True, check=True, env=environment)
        walls.append(time.perf_counter() - began)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        processors.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(walls[1:]), min(processors[1:])


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    for name, command in COMMANDS.items():
        wall, processor = least(command, runs)
        print(f"{name:32} {wall:6.3f} s wall {processor:6.3f} s processor")
    loads = [float(subprocess.check_output([sys.executable, "-c", LOADING])) for _ in range(runs)]
    print(f"{'Repairer()':32} {min(loads):6.3f} s wall")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
