#!/usr/bin/env python3
"""Build the sdist and the wheel of the commit that is checked out, and check both as those who install them will.

    python scripts/check_dist.py [--out FOLDER] [--pythons 3.11,3.12,3.13] [--no-isolation]

The wheel is built twice, from the sdist and from the checkout, and must be the same byte for byte. Both archives hold
what is committed and nothing else. Then the wheel is installed, with what it declares and without extras, in a fresh
environment of every Python of the list that this machine has (on the path, or kept by pyenv); there the example project
of somebody else (``tests/consumer``) runs, and so do quick tests that need no extra, from the sdist, without the
package beside them. A Python that is missing is skipped with a line. Exit 1 if anything is wrong.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from email.parser import Parser
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHONS = "3.11,3.12,3.13"
#: Quick tests of most of what works without an extra and without another program.
TESTS = (
    "tests/cli/test_manners.py", "tests/cli/test_seed.py", "tests/tables", "tests/test_architecture.py",
    "tests/test_edits.py", "tests/test_learner.py", "tests/test_pipeline.py::test_wild", "tests/test_reconciler.py",
)  # fmt: skip
PROGRAMS = "not slow and not needs_chromium and not needs_java and not needs_tesseract"


class WrongError(Exception):
    """Something about the archives is not as it should be."""


def run(command: Sequence[str | Path], cwd: Path = ROOT) -> str:
    """What a command prints, or `WrongError` with all of it."""
    others = ("CI", "COVERAGE", "PYTHON", "VIRTUAL_ENV")
    env = {k: v for k, v in os.environ.items() if not k.startswith(others)}
    done = subprocess.run([*map(str, command)], cwd=cwd, env=env, stdout=-1, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise WrongError(f"{' '.join(map(str, command))}: exit {done.returncode}\n{done.stdout}")
    return done.stdout


def build(out: Path, isolated: bool) -> tuple[Path, Path]:
    """The sdist and the wheel that is made of it, as publishers build them."""
    how = [] if isolated else ["--no-isolation"]
    run([sys.executable, "-m", "build", *how, "--outdir", out])
    (sdist,), (wheel,) = out.glob("*.tar.gz"), out.glob("*.whl")
    run([sys.executable, "-m", "build", *how, "--wheel", "--outdir", out / "again"])
    (again,) = (out / "again").glob("*.whl")
    if hashlib.sha256(wheel.read_bytes()).digest() != hashlib.sha256(again.read_bytes()).digest():
        raise WrongError("the wheel of the sdist and the wheel of the checkout differ")
    shutil.rmtree(out / "again")
    return sdist, wheel


def committed() -> set[str]:
    return set(run(["git", "ls-files"]).splitlines())


def check_sdist(sdist: Path) -> None:
    """All that is committed and nothing else, so that a distribution can build and test from it."""
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    extra, missing = names - committed() - {"PKG-INFO"}, committed() - names
    if extra or missing:
        raise WrongError(f"{sdist.name}: has {sorted(extra)} too many, lacks {sorted(missing)}")


def check_wheel(wheel: Path) -> str:
    """The package, its tables and its metadata, nothing else; returns the version."""
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
        (place,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = Parser().parsestr(archive.read(place).decode())
    due = {name for name in committed() if name.startswith("textfix/")}
    due |= {f"textfix/{name}" for name in committed() if name.startswith("confusables/")}
    if names != due:
        raise WrongError(f"{wheel.name}: has {sorted(names - due)} too many, lacks {sorted(due - names)}")
    if "textfix/py.typed" not in names:
        raise WrongError(f"{wheel.name}: no py.typed")
    return str(metadata["Version"])


def check_version(version: str) -> None:
    """The version stands in one place, `textfix/__init__.py`, and is what everything else says."""
    said = run([sys.executable, "-c", "import textfix; print(textfix.__version__)"]).strip()
    if said != version:
        raise WrongError(f"the metadata say version {version}, the package says {said}")
    if "\nversion = " in (ROOT / "pyproject.toml").read_text("utf-8"):
        raise WrongError("pyproject.toml has a version of its own")


def interpreters(versions: Sequence[str]) -> Iterator[tuple[str, Path | None]]:
    """Every version with an interpreter of it, or None."""
    kept = sorted(Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")).glob("versions/*/bin/python"))
    for version in versions:
        named = shutil.which(f"python{version}")
        found = None
        for python in [Path(sys.executable), *([Path(named)] if named else []), *kept]:
            code = "import sys, venv, ensurepip; print('%d.%d' % sys.version_info[:2])"
            said = subprocess.run([python, "-c", code], capture_output=True, text=True)
            if said.stdout.strip() == version:
                found = python
                break
        yield version, found


def try_on(python: Path, wheel: Path, source: Path, place: Path) -> str:
    """Install the wheel for `python` and use it; returns how the tests ended."""
    run([python, "-m", "venv", place])
    own = place / "bin" / "python"
    run([own, "-m", "pip", "install", "-q", wheel, "pytest", "hypothesis"])
    run([own, "-m", "pip", "check"])
    run([own, "archive.py"], cwd=source / "tests" / "consumer")
    where = run([own, "-c", "import textfix; print(textfix.__file__)"], cwd=source).strip()
    if not Path(where).is_relative_to(place):
        raise WrongError(f"tests would run {where}")
    lines = run([place / "bin" / "pytest", "-p", "no:cacheprovider", "-m", PROGRAMS, *TESTS], cwd=source).splitlines()
    return lines[-1]


def try_all(versions: Sequence[str], wheel: Path, source: Path, work: Path) -> Iterator[str]:
    """How the tests ended on each version, two versions at a time, each in a copy of `source`."""

    def tried(named: tuple[str, Path | None]) -> str:
        name, python = named
        if python is None:
            return f"Python {name}: skipped, this machine has none"
        own = shutil.copytree(source, work / f"source{name}")
        return f"Python {name}: {try_on(python, wheel, own, work / f'venv{name}')}"

    with ThreadPoolExecutor(2) as pool:
        yield from pool.map(tried, interpreters(versions))


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--out", type=Path, help="keep the archives in this folder, which must be empty")
    parser.add_argument("--pythons", default=PYTHONS, help=f"the versions to try, {PYTHONS} by default")
    parser.add_argument("--no-isolation", action="store_true", help="build with the hatchling that is installed")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder).resolve()
        out = options.out.resolve() if options.out else work / "dist"
        try:
            sdist, wheel = build(out, not options.no_isolation)
            print(run([sys.executable, "-m", "twine", "--no-color", "check", "--strict", sdist, wheel]), end="")
            print(run([sys.executable, "-m", "check_wheel_contents", wheel]), end="")
            check_sdist(sdist)
            version = check_wheel(wheel)
            check_version(version)
            for archive in (sdist, wheel):
                print(f"{archive.name}: {archive.stat().st_size / 1e6:.1f} MB, as committed")
            with tarfile.open(sdist) as archive:
                archive.extractall(work / "source", filter="data")
            (source,) = (work / "source").iterdir()
            shutil.rmtree(source / "textfix")
            shutil.rmtree(source / "confusables")
            for line in try_all(options.pythons.split(","), wheel, source, work):
                print(line, flush=True)
        except WrongError as error:
            print(f"check_dist: {error}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
