"""`Bench`: what a suite is handed. It opens the tools, and keeps what could not be had and why."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from .peers import Environments, UnavailableError, load_peers
from .process import Answer, BrokenToolError, TooLongError, Worker
from .rows import Row

__all__ = ["LIST", "VENVS", "Bench"]

LIST = Path(__file__).resolve().parents[1] / "peers.toml"
VENVS = Path.home() / ".cache" / "textfix-bench"


@dataclass
class Bench:
    """One run. A task of a peer may take `limit` processor seconds; what takes less is done `turns` times."""

    environments: Environments
    quick: bool = False
    limit: float = 60.0
    skipped: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    suite: str = ""

    @classmethod
    def at(cls, venvs: Path = VENVS, peers: Path = LIST, *, quick: bool = False) -> Bench:
        """A run with environments in the folder `venvs`, for the peers of the list `peers`."""
        return cls(Environments(venvs, load_peers(peers)), quick, limit=15.0 if quick else 60.0)

    @property
    def turns(self) -> int:
        return 2 if self.quick else 5

    @property
    def folder(self) -> Path:
        """Where what takes long to make is kept for the next run."""
        return self.environments.folder

    def say(self, text: str) -> None:
        """Progress, for the person who waits."""
        print(f"bench: {self.suite}: {text}", file=sys.stderr, flush=True)

    def note(self, text: str) -> None:
        """Something to know about the figures, printed below the table."""
        self.notes.append(f"{self.suite}: {text}")
        self.say(text)

    def skip(self, peer: str, why: str) -> None:
        """One line for what is not measured."""
        self.skipped.append(f"{self.suite}: {peer} skipped: {why}")
        self.say(f"{peer} skipped: {why}")

    @contextmanager
    def open(self, **tools: Mapping[str, object]) -> Iterator[dict[str, Worker]]:
        """Start textfix and the tools (name → configuration); those that cannot be had are left out and told."""
        workers: dict[str, Worker] = {}
        try:
            workers["textfix"] = Worker(sys.executable, "textfix", **tools.pop("textfix", {}))
            for name, config in tools.items():
                worker = self.start(name, **config)
                if worker:
                    workers[name] = worker
            yield workers
        finally:
            for worker in workers.values():
                worker.close()

    def start(self, peer: str, tool: str | None = None, **config: object) -> Worker | None:
        """One tool in the environment of a peer, or `None`, with a line that says why."""
        try:
            return Worker(self.environments.python(peer), tool or peer, **config)
        except (UnavailableError, BrokenToolError) as error:
            self.skip(peer, str(error))
            return None

    def compare(
        self, case: str, unit: str, better: str, figures: Mapping[str, float | None], stopped: Mapping[str, float] = {}
    ) -> Iterator[Row]:
        """Rows of one case from the figures of all tools; `stopped` has bounds for those that were stopped."""
        ours = figures.get("textfix")
        peers = [name for name in (*figures, *stopped) if name != "textfix"]
        if not peers and ours is not None:
            yield Row(self.suite, case, unit, better, ours)
        for name in peers:
            yield Row(self.suite, case, unit, better, ours, name, figures.get(name, stopped.get(name)), name in stopped)

    def seconds(self, case: str, answers: Mapping[str, Answer | Exception]) -> Iterator[Row]:
        """Rows of processor seconds."""
        took = {name: answer.seconds for name, answer in answers.items() if isinstance(answer, Answer)}
        yield from self.compare(case, "s", "less", took, dict.fromkeys(self._stopped(case, answers), self.limit))

    def rates(self, case: str, amount: float, answers: Mapping[str, Answer | Exception]) -> Iterator[Row]:
        """Rows of characters a (processor) second."""
        took = {name: amount / answer.seconds for name, answer in answers.items() if isinstance(answer, Answer)}
        bound = amount / self.limit
        yield from self.compare(case, "char/s", "more", took, dict.fromkeys(self._stopped(case, answers), bound))

    def _stopped(self, case: str, answers: Mapping[str, Answer | Exception]) -> list[str]:
        """Who was stopped; who failed is told."""
        for name, answer in answers.items():
            if isinstance(answer, BrokenToolError):
                self.skip(f"{name} ({case})", str(answer))
        return [name for name, answer in answers.items() if isinstance(answer, TooLongError)]
