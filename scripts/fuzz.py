#!/usr/bin/env python3
"""Feed broken files to every reader of textfix for as long as there is time, and say what was found.

    python scripts/fuzz.py --minutes 10 [--target NAME]... [--engine atheris|hypothesis] [--findings DIR]

What is fuzzed is listed in tests/fuzz/targets.py: a reader has to return or raise a `TextfixError`, in bounded time and
memory. Each target gets its share of the minutes in a process of its own. With atheris (pip install 'textfix[fuzz]';
libFuzzer, guided by the coverage of textfix) or, where that is not installed, with the mutations of tests/fuzz. A
finding is told once, by where it came from, and its file is kept in DIR. Exit code 1 if there was any.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

#: Memory of a process that fuzzes, in bytes, and the seconds that one file may take before the process is ended.
MEMORY, PATIENCE = 3 << 30, 60


class Log:
    """Counts runs; keeps every finding once."""

    def __init__(self, folder: Path, target: str) -> None:
        self.folder, self.target = folder, target
        self.runs = self.taken = 0
        self.seen: dict[str, str] = {}

    def found(self, error: BaseException, data: bytes) -> None:
        """Note an error that is no `TextfixError`."""
        frames = traceback.extract_tb(error.__traceback__)
        ours = next((f for f in reversed(frames) if "/textfix/" in f.filename), frames[-1])
        place = f"{Path(ours.filename).name}:{ours.lineno}"
        key = f"{type(error).__name__} at {place}"
        if key in self.seen:
            return
        digest = hashlib.sha256(data).hexdigest()[:12]
        (self.folder / f"{self.target}-{digest}").write_bytes(data)
        self.seen[key] = f"{self.target}-{digest}: {key}: {' '.join(str(error).split())[:300]}"
        print(f"  FOUND {self.seen[key]}", flush=True)

    def save(self) -> None:
        """Write what is known so far, for the parent to read."""
        state = {"runs": self.runs, "taken": self.taken, "findings": list(self.seen.values())}
        (self.folder / f"{self.target}.json").write_text(json.dumps(state), "utf-8")


def child(name: str, seconds: float, runs: int, engine: str, folder: Path) -> None:
    """Fuzz one target in this process until its time is up, or it was run so many times."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY * 2, MEMORY * 2))
    log = Log(folder, name)
    if engine == "atheris":
        import atheris

        with atheris.instrument_imports(include=["textfix"]):
            from tests.fuzz import targets
    else:
        from tests.fuzz import targets
    target = targets.TARGETS[name]
    target.seeds()
    deadline = time.monotonic() + seconds

    def one(data: bytes) -> None:
        log.runs += 1
        try:
            log.taken += targets.attempt(target, data, turns=200.0)
        except (Exception, MemoryError) as error:
            log.found(error, data)
        if log.runs % 256 == 0:
            log.save()
        if time.monotonic() > deadline or log.runs == runs:
            log.save()
            os._exit(0)  # out of whatever drives it, at once

    if engine == "atheris":
        with_atheris(target, one, seconds, folder)
    else:
        with_hypothesis(target, one)


def with_atheris(target: Any, one: Any, seconds: float, folder: Path) -> None:
    """libFuzzer, which keeps what reaches new code and changes it further."""
    import atheris

    from tests.fuzz.mutations import LARGEST, SIGNS

    corpus, words = folder / f"{target.name}.corpus", folder / "words"
    corpus.mkdir(exist_ok=True)
    for number, seed in enumerate(target.seeds()):
        (corpus / f"seed{number}").write_bytes(seed)
    lines = ('"' + "".join(f"\\x{byte:02x}" for byte in sign) + '"' for sign in SIGNS if len(sign) <= 60)
    words.write_text("\n".join(lines))
    flags = [f"-max_total_time={int(seconds)}", f"-max_len={LARGEST}", f"-dict={words}", f"-timeout={PATIENCE}"]
    flags += [f"-rss_limit_mb={MEMORY >> 20}", f"-artifact_prefix={folder}/{target.name}-died-", "-verbosity=0"]
    atheris.Setup([sys.argv[0], *flags, "-print_final_stats=0", str(corpus)], one)
    atheris.Fuzz()


def with_hypothesis(target: Any, one: Any) -> None:
    """The mutations of the tests, again and again."""
    from hypothesis import HealthCheck, Phase, given, seed, settings

    from tests.fuzz.targets import broken

    files = broken(target)
    calm = settings(
        max_examples=1000,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    round_ = 0
    while True:
        round_ += 1
        seed(round_)(calm(given(files)(one)))()


def fuzz(name: str, seconds: float, engine: str, folder: Path) -> dict[str, Any]:
    """Fuzz one target in processes of their own until its time is up; a process that dies is a finding, too."""
    end = time.monotonic() + seconds
    total: dict[str, Any] = {"runs": 0, "taken": 0, "findings": []}
    while (left := end - time.monotonic()) > 1:
        state = folder / f"{name}.json"
        state.unlink(missing_ok=True)
        command = [sys.executable, __file__, "--child", name, "--seconds", str(left), "--engine", engine]
        with (folder / f"{name}.log").open("ab") as errors:
            try:
                code = subprocess.run(
                    [*command, "--findings", str(folder)], stderr=errors, timeout=left + 2 * PATIENCE
                ).returncode
            except subprocess.TimeoutExpired:
                code = "no end"  # type: ignore[assignment]
        said = json.loads(state.read_text("utf-8")) if state.exists() else {"runs": 0, "taken": 0, "findings": []}
        total["runs"] += said["runs"]
        total["taken"] += said["taken"]
        total["findings"] += [item for item in said["findings"] if item not in total["findings"]]
        if code:
            total["findings"].append(f"{name}: the process died ({code}); see {folder / name}.log and {name}-died-*")
            if not said["runs"]:
                break
    return total


def main() -> int:
    """Fuzz all targets or some, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10, help="for all targets together")
    parser.add_argument("--target", action="append", metavar="NAME")
    parser.add_argument("--engine", choices=["atheris", "hypothesis"])
    parser.add_argument("--findings", type=Path, metavar="DIR", help="where files that break something are kept")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--runs", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--seconds", type=float, help=argparse.SUPPRESS)
    args = parser.parse_args()
    engine = args.engine or ("atheris" if importlib.util.find_spec("atheris") else "hypothesis")
    if args.child:
        child(args.child, args.seconds, args.runs, engine, args.findings)
        return 0
    from tests.fuzz.targets import TARGETS

    unknown = set(args.target or ()) - set(TARGETS)
    if unknown:
        parser.error(f"no target {', '.join(sorted(unknown))}; there are {', '.join(TARGETS)}")
    names = args.target or list(TARGETS)
    folder = args.findings or Path(tempfile.mkdtemp(prefix="textfix-fuzz-"))
    folder.mkdir(parents=True, exist_ok=True)
    print(f"{engine}, {args.minutes:g} minutes for {len(names)} targets; findings go to {folder}", flush=True)
    runs = 0
    findings: list[str] = []
    for name in names:
        result = fuzz(name, args.minutes * 60 / len(names), engine, folder)
        print(
            f"{name:12} {result['runs']:>9,} runs, {result['taken']:>9,} taken, {len(result['findings'])} findings",
            flush=True,
        )
        runs += result["runs"]
        findings += result["findings"]
    print(f"{'all':12} {runs:>9,} runs, {len(findings)} findings")
    for finding in findings:
        print(f"  {finding}")
    return bool(findings)


if __name__ == "__main__":
    sys.exit(main())
