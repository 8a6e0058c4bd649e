"""Commands run as users run them: as processes, with real pipes and files."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "textfix"]


@dataclass(frozen=True)
class Result:
    """How a process ended. `out` and `err` are bytes as text, strictly UTF-8."""

    code: int
    raw: bytes
    err: str

    @property
    def out(self) -> str:
        return self.raw.decode("utf-8")

    def failed_with(self, *words: str) -> bool:
        """Exit 2, nothing on standard output, one line on standard error that has all the words."""
        assert self.code == 2, (self.code, self.err)
        assert self.raw == b""
        assert self.err.count("\n") == 1, self.err
        assert self.err.startswith("textfix: ")
        for word in words:
            assert word in self.err, (word, self.err)
        return True


def environment(**extra: str) -> dict[str, str]:
    ours = {"NO_COLOR", "LC_ALL"}
    kept = {k: v for k, v in os.environ.items() if k not in ours and not k.startswith("PYTHON")}
    return kept | extra


def listening() -> None:
    """Called in a new process: it hears Ctrl-C also where the tests run in the background, which do not."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def textfix(tmp_path: Path) -> Callable[..., Result]:
    """Run ``textfix ARGS`` in an empty folder, with bytes or text on standard input."""

    def run(*args: str | Path, stdin: bytes | str = b"", cwd: Path = tmp_path, **env: str) -> Result:
        data = stdin.encode("utf-8") if isinstance(stdin, str) else stdin
        done = subprocess.run(
            [*COMMAND, *map(str, args)], input=data, capture_output=True, cwd=cwd, env=environment(**env), timeout=120
        )
        return Result(done.returncode, done.stdout, done.stderr.decode("utf-8"))

    return run


@pytest.fixture
def shell(tmp_path: Path) -> Callable[..., Result]:
    """Run a line of bash in an empty folder; ``textfix`` in it is this command."""

    def run(line: str, **env: str) -> Result:
        script = f"textfix() {{ {shlex.join(COMMAND)} \"$@\"; }}; set -o pipefail; {line}"
        done = subprocess.run(
            ["bash", "-c", script], capture_output=True, cwd=tmp_path, env=environment(**env), timeout=120
        )
        return Result(done.returncode, done.stdout, done.stderr.decode("utf-8"))

    return run
