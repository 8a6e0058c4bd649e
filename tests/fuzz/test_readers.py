"""Every reader on broken files: a result or a `TextfixError` of one line, soon, and in bounded memory.

The same few files each time; `scripts/fuzz.py` looks further for as long as it is given.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from .mutations import LARGEST
from .targets import TARGETS, attempt, broken

#: Memory that a reader may take for a file of at most `LARGEST` bytes.
MEMORY = 1 << 30
#: How often each is tried; a repair takes a hundred times as long as most.
TIMES = {name: 4 if name == "repair" else 10 if name == "ledger" else 30 for name in TARGETS}

steady = [Phase.generate]  # a failure is told as it was found: making it small takes long


@contextmanager
def bounded(extra: int) -> Iterator[None]:
    """No more than `extra` bytes of address space on top of what there is."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    now = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + extra, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


@pytest.mark.parametrize("name", [name for name, target in TARGETS.items() if not target.loose])
def test_good_files_are_read(name: str) -> None:
    target = TARGETS[name]
    taken = [attempt(target, data) for data in target.seeds()]
    assert any(taken)


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc")
@pytest.mark.parametrize("name", [name for name, target in TARGETS.items() if not target.loose])
def test_broken_files(name: str) -> None:
    target = TARGETS[name]
    for seed in target.seeds():
        attempt(target, seed)  # what is loaded once does not count

    @settings(
        max_examples=TIMES[name],
        derandomize=True,
        database=None,
        phases=steady,
        suppress_health_check=list(HealthCheck),
    )
    @given(broken(target))
    def tried(data: bytes) -> None:
        assert len(data) <= 2 * LARGEST
        with bounded(MEMORY):
            attempt(target, data)

    tried()


@pytest.mark.parametrize("name", [name for name, target in TARGETS.items() if target.loose])
def test_broken_files_for_libraries_of_others(name: str, root: Path, tmp_path: Path) -> None:
    """In a process of its own: PDFium and Arrow are written in C++."""
    command = [sys.executable, str(root / "scripts" / "fuzz.py"), "--child", name, "--engine", "hypothesis"]
    options = ["--runs", "40", "--seconds", "100", "--findings", str(tmp_path)]
    done = subprocess.run([*command, *options], capture_output=True, timeout=300)
    assert done.returncode == 0, done.stderr.decode()
    said = json.loads((tmp_path / f"{name}.json").read_text())
    assert said["findings"] == []
    assert said["runs"] == 40


@given(st.data())
@settings(max_examples=20, derandomize=True, suppress_health_check=list(HealthCheck))
def test_the_fuzzer_reaches_the_inside(data: st.DataObject) -> None:
    """Broken content in well-formed XML is not refused at the door, or nothing behind it would be tried."""
    from textfix.formats import open_document

    target = TARGETS["alto"]
    assert target.kind == "xml"
    name = data.draw(st.sampled_from(["alto", "page"]))
    from .mutations import mangled_xml

    seeds = [seed for seed in TARGETS[name].seeds() if len(seed) < 6000]
    open_document(data.draw(mangled_xml(seeds)), format=name)
