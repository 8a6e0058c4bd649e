"""The peers, and an environment for each that the bench makes itself: pinned, complete, kept for the next run."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

__all__ = ["Environments", "Peer", "UnavailableError", "load_peers"]

#: How long an installation may take, in seconds; KenLM is compiled.
_PATIENCE = 1800


class UnavailableError(Exception):
    """A peer that cannot be had; the text says why, in one line."""


@dataclass(frozen=True)
class Peer:
    """A peer as `peers.toml` has it."""

    name: str
    requires: tuple[str, ...] = ()
    from_source: tuple[str, ...] = ()
    start: tuple[str, ...] = ()


def load_peers(path: Path) -> dict[str, Peer]:
    """The peers of a list like `peers.toml`, by name."""
    listed = tomllib.loads(path.read_text("utf-8"))
    return {name: Peer(name, **{key: tuple(value) for key, value in row.items()}) for name, row in listed.items()}


@dataclass
class Environments:
    """A folder of virtual environments, one for each peer that was asked for."""

    folder: Path
    peers: dict[str, Peer]
    _failed: dict[str, UnavailableError] = field(default_factory=dict)

    def python(self, name: str) -> Path:
        """The interpreter of a peer's environment, which is made if it is missing. Raises `UnavailableError`."""
        if name not in self.peers:
            raise UnavailableError("not on the list of peers")
        if name in self._failed:
            raise self._failed[name]
        home = self._home(self.peers[name])
        if not (home / "ready").exists():
            try:
                self._make(self.peers[name], home)
            except UnavailableError as error:
                shutil.rmtree(home, ignore_errors=True)
                self._failed[name] = error
                raise
        return home / "bin" / "python"

    def start(self, name: str) -> list[str]:
        """The command of a peer that starts it. Raises `UnavailableError`."""
        python = self.python(name)
        return [word.format(python=python, bin=python.parent) for word in self.peers[name].start]

    def _home(self, peer: Peer) -> Path:
        """Another pin or another Python is another environment."""
        key = repr((peer.requires, peer.from_source, sys.version_info[:2], sys.prefix == sys.base_prefix))
        return self.folder / f"{peer.name}-{hashlib.sha256(key.encode()).hexdigest()[:10]}"

    def _make(self, peer: Peer, home: Path) -> None:
        print(f"bench: making the environment of {peer.name}", file=sys.stderr, flush=True)
        shutil.rmtree(home, ignore_errors=True)
        home.parent.mkdir(parents=True, exist_ok=True)
        python = str(home / "bin" / "python")
        own = find_spec("pip") is not None  # the pip that is here can install there
        bare = ["--without-pip"] if own or not peer.requires else []
        _run([sys.executable, "-m", "venv", *bare, str(home)])
        if peer.requires:
            options = ["--no-deps", "--only-binary", ":all:", "--disable-pip-version-check"]
            if peer.from_source:
                options += ["--no-binary", ",".join(peer.from_source)]
            pip = [sys.executable, "-m", "pip", "--python", python] if own else [python, "-m", "pip"]
            _run([*pip, "install", "-q", *options, *peer.requires])
        (home / "ready").touch()


def _run(command: list[str]) -> None:
    """Run a command; if it fails, the line of its output that says most is the reason."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UnavailableError(f"no environment: {error}") from None
    if done.returncode:
        lines = [line.strip() for line in (done.stderr + done.stdout).splitlines() if line.strip()]
        errors = [line for line in lines if "error" in line.lower()]
        raise UnavailableError(f"no environment: {(errors or lines or ['no reason given'])[-1][:200]}")
