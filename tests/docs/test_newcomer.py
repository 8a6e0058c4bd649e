"""The newcomer's path, as the README writes it: clone, first command, own file cleaned, own pair learned.

The commands run word for word, in an empty folder. Only two things are lent: `URL` is this checkout, and the packages
that ``pip install`` would fetch from an index are those of the environment that runs the tests (on ``PYTHONPATH``, all
but textfix and pip; pip is told to resolve nothing). `.ci/run` does the same set-up from the index.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from .markdown import blocks_of, commands_of
from .world import SCAN, TRUTH

pytestmark = pytest.mark.slow


@pytest.fixture
def lent(tmp_path: Path) -> Path:
    """A folder with all that the environment has installed, but not textfix itself and not pip."""
    folder = tmp_path / "lent"
    folder.mkdir()
    for place in map(Path, sys.path):
        if place.name not in {"site-packages", "dist-packages"} or not place.is_dir():
            continue
        for item in place.iterdir():
            name = item.name.lower()
            if not re.match(r"(__editable__|_*textfix|pip\b|pip-|setuptools)", name) and item.suffix != ".pth":
                target = folder / item.name
                if not target.exists():
                    target.symlink_to(item)
    return folder


def commands(readme: str) -> list[str]:
    return [
        c for block in blocks_of(readme, "README.md") if "newcomer" in block.marks for _, c in commands_of(block.code)
    ]


def test_the_path_is_short_and_complete(root: Path) -> None:
    path = commands((root / "README.md").read_text("utf-8"))
    assert len(path) <= 5
    words = ("git clone ", "textfix reconcile corpora/", "textfix clean ", "textfix learn ")
    assert [next(c for c in path if word in c) for word in words] == path


def test_the_newcomers_path(root: Path, tmp_path: Path, lent: Path) -> None:
    if not (root / ".git").exists():
        pytest.skip("not a clone, so nothing to clone")
    pytest.importorskip("editables")
    clone, *others = commands((root / "README.md").read_text("utf-8"))
    assert clone.count("URL") == 1
    bare = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PIP", "VIRTUAL_ENV", "COVERAGE"))}
    # To pip, "no build isolation = 0" means no isolation: the variable is read like the flag that it negates.
    offline = {
        "PIP_NO_INDEX": "1",
        "PIP_NO_DEPS": "1",
        "PIP_NO_BUILD_ISOLATION": "0",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
    own = {"my-scan.txt": SCAN, "my-truth.txt": TRUTH}  # what the newcomer brings along
    put = "".join(f"printf %s {shlex.quote(text)} > {name}\n" for name, text in own.items())
    script = "\n".join([clone.replace("URL", shlex.quote(str(root))), put, *others])
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=tmp_path,
        env=bare
        | offline
        | {"PYTHONPATH": str(lent), "PATH": f"{Path(sys.executable).parent}{os.pathsep}{bare['PATH']}"},
        capture_output=True,
        encoding="utf-8",
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    assert "矸石山" in done.stdout
    home = tmp_path / "textfix"
    assert (home / "my-repaired.txt").read_text("utf-8") == TRUTH
    assert "\n彳壬\t任\tsplit\t1\t1\t\t" in (home / "mine.tsv").read_text("utf-8")
    said = subprocess.run(
        [home / ".venv" / "bin" / "python", "-c", "import textfix; print(textfix.__file__)"],
        cwd="/",
        env=bare | {"PYTHONPATH": str(lent)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(said.stdout.strip()).is_relative_to(home), "it ran another textfix than the cloned one"
