"""Nothing runs or unpickles what stands in a data file, and nothing goes to the network: by reading the source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = sorted((ROOT / "textfix").rglob("*.py"))
ALL = SHIPPED + sorted((ROOT / "scripts").rglob("*.py"))

#: Modules that make objects, and so run code, out of data.
MAKE_OBJECTS = {
    "pickle",
    "_pickle",
    "cPickle",
    "dill",
    "cloudpickle",
    "joblib",
    "marshal",
    "shelve",
    "yaml",
    "jsonpickle",
}
#: Readers of XML other than the one place that refuses entities, and what goes to the network.
NOT_IN_THE_PACKAGE = {"xml.etree", "xml.dom", "xml.sax", "lxml", "bs4", "html5lib", "ctypes", "subprocess"} | {
    "socket", "ssl", "http", "urllib.request", "ftplib", "smtplib", "requests", "httpx", "aiohttp",
}  # fmt: skip
#: Functions that take code as text.
RUN_TEXT = {"eval", "exec", "compile", "__import__"}
#: Who may all the same, and what text it is.
COMPILES = {"scripts/mutants.py": "the source of this package, with one thing changed"}


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """The dotted name of every function that is called, and the call."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def is_among(name: str, modules: set[str]) -> bool:
    return any(name == module or name.startswith(module + ".") for module in modules)


@pytest.mark.parametrize("path", ALL, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_data_becomes_code(path: Path) -> None:
    assert not [name for name in imported(path) if is_among(name, MAKE_OBJECTS)]
    for name, call in calls(path):
        words = {keyword.arg: keyword.value for keyword in call.keywords}
        if not path.is_relative_to(ROOT) or str(path.relative_to(ROOT)) not in COMPILES:
            assert name not in RUN_TEXT, f"{path}:{call.lineno} runs text as code"
        assert name.rpartition(".")[2] not in {"read_pickle", "to_pickle", "system", "popen"}, f"{path}:{call.lineno}"
        if name in ("np.load", "numpy.load"):
            allowed = words.get("allow_pickle")
            assert isinstance(allowed, ast.Constant), f"{path}:{call.lineno} does not say allow_pickle=False"
            assert allowed.value is False, f"{path}:{call.lineno} unpickles"
        shell = words.get("shell")
        assert shell is None or (isinstance(shell, ast.Constant) and not shell.value), f"{path}:{call.lineno}: a shell"


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_package_reads_xml_in_one_way_and_stays_at_home(path: Path) -> None:
    assert not [name for name in imported(path) if is_among(name, NOT_IN_THE_PACKAGE)]
    readers = [name for name in imported(path) if name.startswith("xml.")]
    assert readers == (["xml.parsers.expat"] if path.name == "markup.py" else [])


def test_the_scan_sees_what_it_looks_for(tmp_path: Path) -> None:
    """What is forbidden, written down: each line must be found."""
    lines = [
        "import pickle", "from yaml import load", "eval('1')", "import numpy as np; np.load('a')",
        "import numpy as np; np.load('a', allow_pickle=True)", "import os; os.system('a')",
        "import subprocess as s; s.run('a', shell=True)", "import pandas; pandas.read_pickle('a')",
    ]  # fmt: skip
    for line in lines:
        path = tmp_path / "bad.py"
        path.write_text(line)
        with pytest.raises(AssertionError):
            test_no_data_becomes_code(path)
