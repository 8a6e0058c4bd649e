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

import pytest

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
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run the installed ``textfix`` in an environment of its own; dependencies are lent by the one of the tests."""
    home = tmp_path_factory.mktemp("fresh")
    venv.create(home, with_pip=False)
    python = home / "bin" / "python"
    paths = sysconfig.get_paths(vars={"base": str(home), "platbase": str(home)})
    lent = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    Path(paths["purelib"], "lent.pth").write_text("\n".join(sorted(lent)), "utf-8")
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", str(python), "install", "-q", "--no-deps", "--no-index", str(wheel)],
        check=True,
        timeout=300,
    )
    bare = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV"))}

    def run(*args: str | Path, stdin: bytes = b"", program: str = "textfix") -> subprocess.CompletedProcess[bytes]:
        command = [str(home / "bin" / program), *map(str, args)]
        return subprocess.run(command, input=stdin, capture_output=True, cwd=home, env=bare, timeout=120)

    return run


def test_what_is_in_the_wheel(root: Path, wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"textfix"}
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
