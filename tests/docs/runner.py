"""Runs the blocks of a page as a reader would: in order, in one folder; Python in one namespace."""

from __future__ import annotations

import contextlib
import doctest
import io
import json
import os
import re
import shlex
import shutil
import signal
import stat
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any

from .markdown import Block, commands_of

__all__ = ["ExampleError", "Runner", "shell_environment"]

#: The longest that a block may take, in seconds of a busy machine.
PATIENCE = 300
_END = re.compile(r"\x1e(\d+)\x1e\n")


class ExampleError(AssertionError):
    """An example that does not do what its page says."""


def shell_environment(programs: Path) -> dict[str, str]:
    """Variables for a shell with ``textfix`` and ``python`` as in the tests; `programs` is an empty folder."""
    for name, arguments in {"textfix": "-m textfix ", "python": ""}.items():
        program = programs / name
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" {arguments}"$@"\n')
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
    ours = ("NO_COLOR", "LC_ALL", "COLUMNS")
    kept = {k: v for k, v in os.environ.items() if k not in ours and not k.startswith("PYTHON")}
    return kept | {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "PYSPARK_PYTHON": sys.executable,
        "LC_ALL": "C.UTF-8",
    }


class Runner:
    """Runs blocks in `folder`; shells have the variables `environment`."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._folder = folder
        self._environment = environment
        self._names: dict[str, Any] = {"__name__": "__main__"}

    def run(self, block: Block) -> None:
        """Run one block. Raises `ExampleError`, with the place in the page, if it does not do what it shows."""
        if "file" in block.marks:
            target = self._folder / block.marks["file"]
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block.code, "utf-8")
        elif "endless" in block.marks:
            self._endless(block)
        elif "each line alone" in block.marks:
            self._alone(block)
        else:
            {
                "sh": self._shell,
                "console": self._console,
                "python": self._python,
                "pycon": self._session,
                "json": self._json,
            }[block.language](block)

    def _bash(self, script: str, folder: Path | None = None) -> tuple[int, str]:
        """The status of a script and what it prints. After `PATIENCE` it is stopped, with all that it started."""
        with subprocess.Popen(
            ["bash", "-o", "pipefail", "-c", script],
            cwd=folder or self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            start_new_session=True,
        ) as process:
            try:
                said, _ = process.communicate(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                said = f"stopped after {PATIENCE} seconds"
        return process.returncode, said

    def _shell(self, block: Block) -> None:
        """Every command has to succeed; what it prints is not shown, so not looked at."""
        commands = commands_of(block.code)
        if not commands:
            raise ExampleError(f"{block.place}: no command")
        checked = (f'{command}\n[ $? = 0 ] || {{ echo "{block.page}:{block.line + number}: failed"; exit 1; }}\n'
                   for number, command in commands)  # fmt: skip
        status, said = self._bash("".join(checked))
        if status:
            raise ExampleError(f"{block.place}: {said}")

    def _alone(self, block: Block) -> None:
        for number, command in commands_of(block.code):
            copy = self._folder.with_name(f"{self._folder.name}-{block.line + number}")
            shutil.copytree(self._folder, copy)
            status, said = self._bash(command, copy)
            shutil.rmtree(copy)
            if status:
                raise ExampleError(f"{block.page}:{block.line + number}: exit {status}\n{command}\n{said}")

    def _endless(self, block: Block) -> None:
        """A pipeline that waits for more input: it has to answer, and is then interrupted, all of it."""
        with subprocess.Popen(
            ["bash", "-c", block.code],
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            start_new_session=True,
        ) as process:
            assert process.stdout is not None
            try:
                if not process.stdout.readline():
                    raise ExampleError(f"{block.place}: ended without an answer")
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(1)  # one that ends has a moment to do so
                    raise ExampleError(f"{block.place}: is not endless")
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGTERM)

    def _console(self, block: Block) -> None:
        """Below ``$ command`` stands what it prints: standard output, then standard error, then ``[exit N]`` but for 0.

        A line ``…`` stands for any lines.
        """
        shown: list[tuple[int, str, list[str]]] = []
        for number, line in enumerate(block.code.splitlines()):
            if line.startswith("$ "):
                shown.append((number, line[2:], []))
            elif not shown:
                raise ExampleError(f"{block.place}: a console block begins with a command")
            elif line.startswith("> ") and not shown[-1][2]:
                shown[-1] = (shown[-1][0], f"{shown[-1][1]}\n{line[2:]}", [])
            else:
                shown[-1][2].append(line)
        errors = shlex.quote(str(self._folder.with_name("standard-error")))
        script = "".join(
            f"{{ {command}\n}} 2> {errors}\nstatus=$?\ncat {errors}\nprintf '\\036%d\\036\\n' $status\n"
            for _, command, _ in shown
        )
        _, said = self._bash(script)
        parts = _END.split(said)
        if len(parts) != 2 * len(shown) + 1:
            raise ExampleError(f"{block.place}: the shell ended early\n{said}")
        for (number, command, expected), out, status in zip(shown, parts[::2], parts[1::2], strict=False):
            lines = out.splitlines() + ([] if status == "0" else [f"[exit {status}]"])
            if not _matches(expected, lines):
                rows = [f"$ {command}", "the page:", *expected, "in fact:", *lines]
                raise ExampleError(f"{block.page}:{block.line + number}: " + "\n".join(rows))

    def _python(self, block: Block) -> None:
        if "needs" in block.marks:  # such a program may leave threads and processes behind
            return self._program(block)
        code = compile("\n" * (block.line - 1) + block.code, block.page, "exec")
        with contextlib.chdir(self._folder), contextlib.redirect_stdout(io.StringIO()):
            try:
                exec(code, self._names)
            except Exception as error:
                lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__)]
                raise ExampleError(f"{block.page}:{lines[1]}: {type(error).__name__}: {error}") from error

    def _program(self, block: Block) -> None:
        (self._folder / "example.py").write_text(block.code, "utf-8")
        status, said = self._bash("python example.py")
        if status:
            raise ExampleError(f"{block.place}: {said}")

    def _session(self, block: Block) -> None:
        names = self._names
        test = doctest.DocTestParser().get_doctest(block.code, names, block.page, block.page, block.line - 1)
        if not test.examples:
            raise ExampleError(f"{block.place}: no example")
        test.globs = names  # not a copy: what one block defines, the next one uses
        said = io.StringIO()
        runner = doctest.DocTestRunner(verbose=False, optionflags=doctest.ELLIPSIS)
        with contextlib.chdir(self._folder):
            runner.run(test, out=said.write, clear_globs=False)
        if runner.failures:
            raise ExampleError(f"{block.place}: {said.getvalue()}")

    def _json(self, block: Block) -> None:
        """One value, or one a line."""
        try:
            json.loads(block.code)
        except ValueError:
            try:
                for line in block.code.splitlines():
                    json.loads(line)
            except ValueError as error:
                raise ExampleError(f"{block.place}: {error}") from error


def _matches(expected: list[str], lines: list[str]) -> bool:
    """Whether `lines` are the `expected` ones, where a line ``…`` stands for any number of lines."""
    if not expected:
        return not lines
    if expected[0].strip() == "…":
        return any(_matches(expected[1:], lines[k:]) for k in range(len(lines) + 1))
    return bool(lines) and lines[0].rstrip() == expected[0].rstrip() and _matches(expected[1:], lines[1:])
