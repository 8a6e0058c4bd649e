"""The other end of `worker.py`: tools in processes of their own, asked turn and turn about."""

from __future__ import annotations

import json
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Answer", "BrokenToolError", "TooLongError", "Worker", "race"]

_SCRIPT = Path(__file__).with_name("worker.py")


class BrokenToolError(Exception):
    """A tool that failed; the text says how."""


class TooLongError(Exception):
    """A tool that was stopped because the task took more than the limit."""


@dataclass(frozen=True)
class Answer:
    """Processor and wall seconds of a task, and its result if that was asked for."""

    seconds: float
    wall: float
    result: Any = None


class Worker:
    """A tool in a process of its own. `seconds` is what loading it took."""

    def __init__(self, python: Path | str, tool: str, **config: object) -> None:
        self._log = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115
        self._process = subprocess.Popen(
            [str(python), str(_SCRIPT), tool],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, encoding="utf-8",
        )  # fmt: skip
        self._say(config)
        self.seconds = float(self._answer()["seconds"])

    def ask(self, task: str, *, limit: float, want: bool = False, **arguments: object) -> Answer:
        """Do a task. Raises `TooLongError` when it takes more than `limit` processor seconds, and `BrokenToolError`."""
        request = {"task": task, "with": arguments, "limit": limit, "want": want}
        self._say(request)
        answer = self._answer()
        if "error" in answer:
            raise BrokenToolError(answer["error"])
        return Answer(**answer)

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()
        self._log.close()

    def _say(self, message: Mapping[str, object]) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(message) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise BrokenToolError(self._last_words()) from None

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if line:
            answer: dict[str, Any] = json.loads(line)
            return answer
        if self._process.wait() == -signal.SIGXCPU:
            raise TooLongError
        raise BrokenToolError(self._last_words())

    def _last_words(self) -> str:
        self._log.seek(0)
        return (self._log.read().strip().splitlines() or [f"it ended with {self._process.poll()}"])[-1][:200]


def race(
    workers: Mapping[str, Worker], task: str, *, turns: int, limit: float, want: bool = True, **arguments: object
) -> dict[str, Answer | Exception]:
    """What the task took each of the workers, the least of so many turns, or why it has no answer.

    With `want` the results are handed back, too. The workers take turns, so that what else the machine does hits all of
    them. What takes long is done once.
    """
    best: dict[str, Answer | Exception] = {}
    for turn in range(turns):
        for name, worker in workers.items():
            known = best.get(name)
            if turn and (not isinstance(known, Answer) or known.seconds > 5):
                continue
            try:
                answer = worker.ask(task, limit=limit, want=want and turn == 0, **arguments)
            except (BrokenToolError, TooLongError) as error:
                best[name] = error
                continue
            if isinstance(known, Answer):
                least = min(known.seconds, answer.seconds), min(known.wall, answer.wall)
                answer = Answer(*least, known.result)
            best[name] = answer
    return best
