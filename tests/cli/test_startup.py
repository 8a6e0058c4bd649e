"""Start-up is part of the contract: ``echo 歼石山 | textfix clean`` answers in 0.35 s, the command line
taking 0.1 s of it.

Processor time is measured, the least of several runs, so that a busy machine does not fail the test.
"""

from __future__ import annotations

import resource
import subprocess
import sys

from .conftest import COMMAND, environment

LINE = "歼石山\n".encode()


def least_seconds(command: list[str], runs: int = 5) -> float:
    """Processor seconds, user and system, of the cheapest run; the first one, which may write caches, is left out."""
    spent = []
    for _ in range(runs + 1):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, input=LINE, capture_output=True, check=True, env=environment(), timeout=60)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(spent[1:])


def test_the_command_line_itself() -> None:
    bare = least_seconds([sys.executable, "-c", ""])
    ours = least_seconds([sys.executable, "-c", "import textfix.cli.group, textfix.cli.clean"])
    assert ours - bare <= 0.1


def test_a_line_through_clean() -> None:
    assert least_seconds([*COMMAND, "clean"]) <= 0.35
