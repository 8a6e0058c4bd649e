"""The floors of the package: what may import what, who may print, and what users may rely on."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import textfix

PACKAGE = Path(textfix.__file__).parent

#: Floors from the top; a module may import from floors below its own, and from its own package.
FLOORS: tuple[frozenset[str], ...] = tuple(
    map(
        frozenset,
        (
            {"__main__"},
            {"cli"},
            {"batch", "columns", "spark"},
            {"pipeline"},
            {"repairer", "reconciler", "vote", "match", "evaluate", "formats", "review"},
            {"learner", "channel"},
            {"alignment"},
            {"lm"},
            {"tables"},
            {"text"},
            {"journal", "records"},
            {"fields"},
            {"parts"},
            {"files", "diffs", "pages"},
            {"charset", "decoding", "options", "windows"},
            {"edits"},
            {"errors"},
        ),
    )
)
FLOOR = {name: len(FLOORS) - number for number, floor in enumerate(FLOORS) for name in floor}

#: Third-party package → the one module (or, for the command line, package) that imports it.
HOME = {
    "Levenshtein": "alignment.ops",
    "charset_normalizer": "charset",
    "click": "cli",
    "diff_match_patch": "alignment.views",
    "opencc": "text.scripts",
    "pandas": "spark",
    "pyarrow": "columns",
    "pypdfium2": "formats.pdf",
    "pyspark": "spark",
    "regex": "text.patterns",
    "rich": "cli",
}
EVERYWHERE = {"numpy"}

#: What would make a repair depend on the moment, the machine or chance.
FICKLE = {"time", "datetime", "random", "locale", "secrets", "uuid"}
#: Who may look at the clock all the same, and what for; `tests/batch` shows that results do not depend on it.
CLOCKS = {
    "batch.lock": "how long to wait for the workers of a killed run",
    "batch.runner": "how long a run took",
    "batch.worker": "how long a file took",
}

PUBLIC = {
    "Edit",
    "Edits",
    "Options",
    "Pair",
    "Repair",
    "Repairer",
    "TextfixError",
    "__version__",
    "align",
    "clean",
    "learn",
    "reconcile",
    "repair",
}

MODULES = sorted(PACKAGE.rglob("*.py"))


def dotted(path: Path) -> str:
    """``alignment.ops`` for ``textfix/alignment/ops.py``; a package has the name of its folder."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[str]:
    """The absolute names of all that a module imports, at its head or inside functions."""
    here = ("textfix", *path.relative_to(PACKAGE).parent.parts)
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = here[: len(here) - node.level + 1] if node.level else ()
            stem = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{stem}.{alias.name}" for alias in node.names)


def is_cli(path: Path) -> bool:
    return dotted(path).split(".")[0] in {"cli", "__main__"}


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_imports_go_down(path: Path) -> None:
    name = dotted(path)
    top = name.split(".")[0]
    if not top:  # the package itself hands out names from all floors
        return
    assert top in FLOOR, f"textfix/{top} stands on no floor; give it one in {__file__}"
    for imported in imports(path):
        parts = imported.split(".")
        if parts[0] != "textfix" or parts[1] == top or parts[1] == "__version__":
            continue
        assert FLOOR.get(parts[1], 0) < FLOOR[top], f"{name} imports {imported}, which is not below it"


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_a_third_party_package_has_one_home(path: Path) -> None:
    name = dotted(path)
    for imported in imports(path):
        package = imported.split(".")[0]
        if package == "textfix" or package in sys.stdlib_module_names or package in EVERYWHERE:
            continue
        home = HOME.get(package)
        assert home is not None, f"{name} imports {package}, which nobody declared"
        assert name == home or name.startswith(home + "."), f"{name} imports {package}, whose home is {home}"


@pytest.mark.parametrize("path", [p for p in MODULES if not is_cli(p)], ids=dotted)
def test_library_code_is_silent_and_steady(path: Path) -> None:
    used = {name.split(".")[0] for name in imports(path)}
    clock = {"time"} if dotted(path) in CLOCKS else set()
    assert not used & ({"sys", "warnings", "logging"} | FICKLE - clock)
    assert clock <= used, "it has no need of the clock any more: take it off the list"
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):  # `hash` is for ``__hash__`` alone: strings hash differently in every process
        if isinstance(node, ast.FunctionDef) and node.name == "__hash__":
            node.body = []
    calls = {n.func.id for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
    assert not calls & {"print", "input", "breakpoint", "eval", "exec", "hash"}


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_a_module_can_be_read_in_one_sitting(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.count("\n") <= 450
    if not text:
        return
    tree = ast.parse(text)
    assert ast.get_docstring(tree), "it does not say what it is"
    public = [n for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef) and not n.name.startswith("_")]
    if public and path.name != "__init__.py":
        assert "\n__all__ = " in text, "it does not say which of its names are public"


def python(code: str) -> str:
    """What the code prints in a process of its own, without coverage.py, which imports much itself."""
    env = {**os.environ, "COVERAGE_PROCESS_START": ""}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, env=env, timeout=120, check=True).stdout


def test_import_textfix_is_cheap() -> None:
    """Neither numpy nor any other third-party package, nor our own modules, before they are used."""
    code = "import sys; before = set(sys.modules); import textfix; print(*set(sys.modules) - before)"
    loaded = set(python(code).split())
    assert not {name.split(".")[0] for name in loaded} - {"textfix"} - sys.stdlib_module_names
    assert {name for name in loaded if name.startswith("textfix.")} == set()


def test_clean_imports_what_it_needs() -> None:
    """Start-up of ``textfix clean`` is part of its contract: nothing for terminals, alignment or batches."""
    code = (
        "import sys, io; sys.stdin = io.TextIOWrapper(io.BytesIO('一,二'.encode()));"
        "from textfix.cli import main; main(['clean']);"
        "print(); print(*sys.modules)"
    )
    loaded = python(code).split("\n", 1)[1].split()
    assert "textfix.pipeline" in loaded
    assert not {name.split(".")[0] for name in loaded} & {"rich", "Levenshtein", "diff_match_patch", "opencc"}
    assert not [n for n in loaded if n.startswith(("textfix.alignment", "textfix.lm.train", "textfix.cli.table"))]


def test_the_public_surface() -> None:
    assert set(textfix.__all__) == PUBLIC
    for name in sorted(PUBLIC - {"__version__"}):
        member = getattr(textfix, name)
        assert callable(member), name
        assert member.__doc__, name
    with pytest.raises(AttributeError):
        textfix.no_such_name  # noqa: B018


@pytest.mark.parametrize("name", ["align", "clean", "learn", "reconcile", "repair"])
def test_functions_stay_functions(name: str) -> None:
    """A submodule of the same name, once imported, must not take the function's place."""
    code = (
        "import importlib.util as u, importlib, textfix\n"
        f"if u.find_spec('textfix.{name}'): importlib.import_module('textfix.{name}')\n"
        f"print(callable(textfix.{name}))"
    )
    assert python(code).strip() == "True"
