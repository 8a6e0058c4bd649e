"""The wheel, built from the checkout, does the same in a fresh environment outside it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path

import click
import numpy
import pytest

import textfix

pytestmark = pytest.mark.slow

Run = Callable[..., subprocess.CompletedProcess[bytes]]
COMMAND = (sys.executable, "-m", "textfix")


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)],
        cwd=root,
        check=True,
        capture_output=True,
        timeout=300,
    )
    (path,) = out.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def fresh(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment of its own that has the wheel installed; dependencies are lent by the one of the tests."""
    home = tmp_path_factory.mktemp("fresh")
    venv.create(home, with_pip=False)
    python = home / "bin" / "python"
    paths = sysconfig.get_paths(vars={"base": str(home), "platbase": str(home)})
    lent = {str(Path(module.__file__).parent.parent) for module in (click, numpy)}  # and all that lies beside them
    Path(paths["purelib"], "lent.pth").write_text("\n".join(sorted(lent)), "utf-8")
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", str(python), "install", "-q", "--no-deps", "--no-index", str(wheel)],
        check=True,
        timeout=300,
    )
    return home


@pytest.fixture(scope="module")
def installed(fresh: Path) -> Run:
    """Run a program of that environment, the installed ``textfix`` if no other is named."""
    bare = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV"))}

    def run(*args: str | Path, stdin: bytes = b"", program: str = "textfix") -> subprocess.CompletedProcess[bytes]:
        command = [str(fresh / "bin" / program), *map(str, args)]
        return subprocess.run(command, input=stdin, capture_output=True, cwd=fresh, env=bare, timeout=120)

    return run


def test_what_is_in_the_wheel(root: Path, wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"textfix"}
    assert not [name for name in names if "test" in name]
    committed = subprocess.run(
        ["git", "ls-files", "confusables", "textfix"], cwd=root, check=True, capture_output=True, text=True
    ).stdout.split()
    for name in committed:
        inside = f"textfix/{name}" if name.startswith("confusables/") else name
        assert inside in names
    assert "textfix/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_it_runs_from_where_it_was_installed(installed: Run, root: Path) -> None:
    code = "import textfix; from textfix.tables.resources import confusables_dir as d; print(textfix.__file__, d())"
    for place in installed("-c", code, program="python").stdout.decode().split():
        assert not Path(place).is_relative_to(root)
    assert installed("--version").stdout.startswith(b"textfix ")


def test_clean_does_the_same(installed: Run, seed: Path) -> None:
    for name in ("garbled-extract.txt", "authoritative-notice.txt"):
        data = (seed / name).read_bytes()
        here = subprocess.run([*COMMAND, "clean", "--json"], input=data, capture_output=True, check=True, timeout=120)
        there = installed("clean", "--json", stdin=data)
        assert (there.returncode, there.stdout) == (0, here.stdout)


def test_reconcile_does_the_same(installed: Run, seed: Path, tmp_path: Path) -> None:
    for name in ("garbled-extract.txt", "authoritative-notice.txt"):
        shutil.copy(seed / name, tmp_path)
    pair = (tmp_path / "garbled-extract.txt", "--against", tmp_path / "authoritative-notice.txt")
    here = subprocess.run([*COMMAND, "reconcile", *map(str, pair)], capture_output=True, check=True, timeout=120)
    there = installed("reconcile", *pair)
    assert (there.returncode, there.stdout, there.stderr) == (0, here.stdout, here.stderr)


@pytest.fixture(scope="module")
def consumer(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of somebody else, in a place of its own."""
    return Path(shutil.copytree(root / "tests" / "consumer", tmp_path_factory.mktemp("consumer") / "archive"))


def test_the_types_hold_from_outside(fresh: Path, consumer: Path) -> None:
    """``mypy --strict`` on a project that uses the installed package; its unused ignores would be errors."""
    command = [sys.executable, "-m", "mypy", "--python-executable", str(fresh / "bin" / "python"), "--strict"]
    bare = {k: v for k, v in os.environ.items() if k != "MYPYPATH"}
    done = subprocess.run(command, cwd=consumer, env=bare, capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stdout) == (0, "Success: no issues found in 1 source file\n"), done.stdout


def test_the_types_find_a_mistake(fresh: Path, consumer: Path) -> None:
    """The check above can fail: the types come from the wheel, and are looked at."""
    (consumer / "mistake.py").write_text("import textfix\n\nn: int = textfix.clean('歼石山')\n", "utf-8")
    command = [sys.executable, "-m", "mypy", "--python-executable", str(fresh / "bin" / "python"), "mistake.py"]
    done = subprocess.run(command, cwd=consumer, capture_output=True, text=True, timeout=300)
    assert done.returncode == 1
    assert 'expression has type "str", variable has type "int"' in done.stdout


def test_the_project_runs(installed: Run, consumer: Path) -> None:
    done = installed(consumer / "archive.py", program="python")
    assert (done.returncode, done.stdout.decode().strip(), done.stderr) == (0, textfix.__version__, b"")
