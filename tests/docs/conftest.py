"""A folder with a reader's files, fresh for every test, and a runner of examples in it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from . import world
from .runner import Runner, shell_environment


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    pytest.importorskip("pyarrow")
    folder = tmp_path_factory.mktemp("template")
    world.build(folder, root)
    return folder


@pytest.fixture(scope="session")
def variables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a shell in which ``textfix`` is this checkout's."""
    return shell_environment(tmp_path_factory.mktemp("programs"))


@pytest.fixture
def reader(tmp_path: Path, template: Path) -> Path:
    """The reader's folder."""
    return Path(shutil.copytree(template, tmp_path / "reader"))


@pytest.fixture
def runner(reader: Path, variables: dict[str, str]) -> Callable[[], Runner]:
    return lambda: Runner(reader, variables)
