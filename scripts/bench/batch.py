"""Two processes against one on many files, and a batch killed at random moments against one left in peace.

    python scripts/bench/batch.py speed [--files 5000] [--characters 400] [--rounds 1] [--jobs 1 2]
    python scripts/bench/batch.py kills [--files 500] [--kills 20] [--seed 1]

The files are cut from real OCR output in ../shared/ocr/dev. `speed` prints wall time and the processor time of the
command with all of its workers: on a machine that others use, too, the second says more. `kills` sends SIGKILL to the
command, lets it go on, and compares every byte and the ledger.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

SHARED = Path(__file__).resolve().parents[3] / "shared" / "ocr" / "dev"


def make(folder: Path, files: int, characters: int) -> int:
    """Write `files` texts of about `characters` characters; the characters of all."""
    text = "".join(path.read_text("utf-8") for path in sorted(SHARED.glob("*/*.ocr.txt")))
    if not text:
        sys.exit(f"no OCR output in {SHARED}")
    total = 0
    for number in range(files):
        at = number * characters % len(text)
        part = text[at : at + characters]
        path = folder / f"{number % 50:02}" / f"{number:05}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(part, "utf-8")
        total += len(part)
    return total


def command(source: Path, target: Path, jobs: int) -> list[str]:
    return [sys.executable, "-m", "textfix", "batch", str(source), str(target), "--jobs", str(jobs)]


def processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def speed(work: Path, options: argparse.Namespace) -> None:
    total = make(work / "in", options.files, options.characters)
    print(f"{options.files} files, {total:,} characters, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    best: dict[int, float] = {}
    for number in range(options.rounds):
        for jobs in options.jobs:
            target = work / f"out-{number}-{jobs}"
            wall, used = time.perf_counter(), processor_seconds()
            subprocess.run(command(work / "in", target, jobs), check=True, stderr=subprocess.DEVNULL)
            wall, used = time.perf_counter() - wall, processor_seconds() - used
            best[jobs] = min(wall, best.get(jobs, wall))
            print(f"--jobs {jobs}: {wall:7.1f} s wall, {used:7.1f} s of processors, {total / wall:,.0f} a second")
    first, *others = options.jobs
    for jobs in others:
        print(f"--jobs {jobs} is {best[first] / best[jobs]:.2f} times --jobs {first}")


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def written(folder: Path) -> int:
    return sum(1 for _ in folder.glob("*/*.txt"))


def ask(target: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(f"{target}.ledger.sqlite")) as db:
        return db.execute(sql).fetchall()


def kills(work: Path, options: argparse.Namespace) -> None:
    make(work / "in", options.files, options.characters)
    quiet, killed = work / "quiet", work / "killed"
    subprocess.run(command(work / "in", quiet, 2), check=True, stderr=subprocess.DEVNULL)
    moments = random.Random(options.seed)
    cut_off = 0
    for _ in range(options.kills):
        # After so many more files and a moment, counted in files so that a slow machine is killed in the middle, too.
        wanted = written(killed) + moments.randint(0, 2 * options.files // (options.kills + 2))
        with subprocess.Popen(
            command(work / "in", killed, 2), stderr=subprocess.DEVNULL, start_new_session=True
        ) as process:
            while process.poll() is None and written(killed) < wanted:
                time.sleep(0.01)
            time.sleep(moments.uniform(0, 0.5))
            if process.poll() is None:
                kill = moments.choice((os.kill, os.killpg))  # the command alone, or its workers with it
                kill(process.pid, signal.SIGKILL)
                cut_off += 1
    whole_ones = contents(quiet)
    left = [name for name, data in contents(killed).items() if not name.endswith(".tmp") and whole_ones[name] != data]
    subprocess.run(command(work / "in", killed, 2), check=True, stderr=subprocess.DEVNULL)
    rows = "SELECT path, status, claimed, input_sha256, output_sha256, characters, counts FROM files ORDER BY path"
    (done,) = ask(killed, "SELECT sum(done) FROM runs")[0]
    per_run = [row[0] for row in ask(killed, "SELECT done FROM runs ORDER BY id")]
    print(f"{cut_off} of {options.kills} runs killed; files done in each run: {per_run}")
    print(f"half-written files: {len(left)}")
    print(f"same bytes: {contents(quiet) == contents(killed)}; same ledger: {ask(quiet, rows) == ask(killed, rows)}")
    print(f"files recorded as done: {done} of {options.files}, each once: {done == options.files}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("what", choices=("speed", "kills"))
    parser.add_argument("--files", type=int)
    parser.add_argument("--characters", type=int, default=400, help="in each file")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--jobs", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.files = options.files or (5000 if options.what == "speed" else 500)
    with tempfile.TemporaryDirectory() as folder:
        (speed if options.what == "speed" else kills)(Path(folder), options)


if __name__ == "__main__":
    main()
