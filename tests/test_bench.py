"""``python scripts/bench``: one run with peers that need no network, and what its figures are made of."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
BENCH = ROOT / "scripts" / "bench"
PEERS = """
[fake]
requires = []
start = ["{python}", "-c", "print(input())"]

[crashing]
requires = []
start = ["{python}", "-c", "import no_such_module"]

[missing]
requires = ["textfix-no-such-peer==1"]
start = ["{python}", "-c", ""]
"""


def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PIP_NO_INDEX": "1"}
    command = [sys.executable, BENCH, *words]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=environment, timeout=1200)


@pytest.fixture(scope="module")
def bench() -> Iterator[Any]:
    """Imports a module of scripts/bench by its name."""
    sys.path.insert(0, str(BENCH))
    before = set(sys.modules)
    try:
        yield importlib.import_module
    finally:
        sys.path.remove(str(BENCH))
        for name in set(sys.modules) - before:
            if str(getattr(sys.modules[name], "__file__", None) or "").startswith(str(BENCH)):
                del sys.modules[name]


def test_one_run(tmp_path: Path) -> None:
    (tmp_path / "peers.toml").write_text(PEERS)
    out = tmp_path / "run.json"
    where = ["--venvs", tmp_path / "venvs", "--peers", tmp_path / "peers.toml"]
    done = run("--quick", "--only", "startup", "--json", out, *where)
    assert done.returncode == 0, done.stderr
    report = json.loads(out.read_text("utf-8"))
    assert report["format"] == "textfix.bench"
    assert report["quick"] is True
    assert report["machine"]["cores"] == os.cpu_count()
    assert "textfix" in report["versions"]
    rows = {(row["case"].rsplit(" ", 1)[-1], row["peer"]): row for row in report["rows"]}
    assert {peer for _, peer in rows} == {"bare Python", "fake"}
    wall = rows["wall", "fake"]
    assert wall["theirs"] > 0
    assert wall["ours"] > 0
    assert wall["ratio"] == wall["ours"] / wall["theirs"]
    # What cannot be had is left out, with one line that says why, in the JSON and below the table.
    assert len(report["skipped"]) == 2
    for name, line in zip(
        ("missing", "crashing"), sorted(report["skipped"], key=lambda s: "crashing" in s), strict=True
    ):
        assert line.startswith(f"startup: {name} skipped: ")
        assert line in done.stdout.splitlines()
    # The table of an earlier run, as Markdown.
    again = run("--from", out, "--markdown")
    assert again.returncode == 0, again.stderr
    table = [line for line in again.stdout.splitlines() if line.startswith("|")]
    assert len(table) == 2 + 2
    assert all(line.count("|") == table[0].count("|") for line in table)
    assert "fake" in table[2]


def test_a_suite_that_does_not_exist_is_told() -> None:
    done = run("--only", "no-such-suite")
    assert done.returncode == 2
    assert "no suite 'no-such-suite'; there are alignment, repair," in done.stderr


def test_rows(bench: Any) -> None:
    rows: ModuleType = bench("harness.rows")
    faster = rows.Row("s", "case", "char/s", "more", 300.0, "peer", 100.0)
    assert faster.ratio == 3
    assert rows.Row.from_dict(faster.to_dict()) == faster
    stopped = rows.Row("s", "case", "s", "less", 2.0, "slow", 60.0, True)
    harmless = rows.Row("s", "other", "edits", "less", 0.0, "peer", 0.0)
    worse = rows.Row("s", "cut", "%", "more", 12.0, "peer", -4.0)
    assert harmless.ratio is worse.ratio is None
    lines = rows.as_table([faster, stopped, harmless, worse]).splitlines()
    assert lines[3].split()[-2:] == [">60", "<0.0333×"]
    assert lines[4].split()[-2:] == ["peer", "0"]
    assert "| s | case | char/s ↑ | 300 | peer 100 (3×) |" in rows.as_markdown([faster])
    assert [rows._figure(x) for x in (0.01234, 12.345, 123456.0, 1234.5, None)] == [
        "0.0123", "12.3", "123,000", "1,230", "–",
    ]  # fmt: skip


def test_tools_take_turns_and_are_stopped(bench: Any) -> None:
    process: ModuleType = bench("harness.process")
    workers = {name: process.Worker(sys.executable, name) for name in ("difflib", "nfkc")}
    try:
        quick = process.race(workers, "align", turns=2, limit=20, a="甲乙丙", b="甲丁丙")
        assert [list(op) for op in quick["difflib"].result] == [
            ["equal", 0, 1, 0, 1], ["replace", 1, 2, 1, 2], ["equal", 2, 3, 2, 3],
        ]  # fmt: skip
        assert isinstance(quick["nfkc"], process.BrokenToolError)  # it does not align, and goes on all the same
        assert workers["nfkc"].ask("clean", limit=20, want=True, texts=["２"]).result == ["2"]
        slow = process.race(
            {"difflib": workers["difflib"]}, "align", turns=2, limit=1, a="甲乙" * 9000, b="乙甲" * 9000
        )
        assert isinstance(slow["difflib"], process.TooLongError)
    finally:
        for worker in workers.values():
            worker.close()
    with pytest.raises(process.BrokenToolError, match="no_such_tool"):
        process.Worker(sys.executable, "no_such_tool")


def test_errors_of_the_seed_pair_that_are_repaired(bench: Any) -> None:
    repair: ModuleType = bench("repair")
    extract, notice, gold = bench("harness.material").seed()
    assert len(gold) == 10
    assert repair.repaired(extract, extract, gold) == 0
    text, at = [], 0
    for n, row in enumerate(sorted(gold, key=lambda g: g.start)):
        text += [extract[at : row.start], row.intended]
        at = row.end
        so_far = "".join(text) + extract[at:]
        assert repair.repaired(extract, so_far, gold) == n + 1
    assert repair.changes(notice, notice) == (0, 0)
    assert repair.changes(notice, notice.replace("，", ",")) == (0, notice.count("，"))


def test_edits_are_judged_like_the_scorer_judges(bench: Any) -> None:
    judged = bench("repair").judged
    ocr, truth = "加快解决歼石山等历史遗 留问题，扌L实做好", "加快解决矸石山等历史遗留问题,扎实做好"
    assert judged([(ocr, truth)], [ocr]) == (0.0, None)
    assert judged([(ocr, truth)], [truth]) == (1.0, 1.0)
    half = ocr.replace("歼", "矸").replace("历史", "历吏")
    assert judged([(ocr, truth)], [half]) == (0.0, 0.5)  # one of three operations taken away, one added
