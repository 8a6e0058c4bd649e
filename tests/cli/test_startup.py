"""Start-up is part of the contract: what a short `textfix clean` has no use for is not imported.

The time itself is measured by ``scripts/bench/startup.py``, not by a test.
"""

from __future__ import annotations

import json
import subprocess
import sys

from .conftest import environment

#: Without coverage.py, which imports much itself.
UNMEASURED = environment(COVERAGE_PROCESS_START="")

_CODE = """
import json, sys
from click.testing import CliRunner
from textfix.cli.group import group
result = CliRunner().invoke(group, ["clean"], input="歼石山\\n".encode(), standalone_mode=False)
assert result.exception is None, result.exception
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""

#: Packages that a line through `clean` does not need; together they would double the time of its start.
UNWANTED = {"Levenshtein", "diff_match_patch", "lxml", "opencc", "rapidfuzz", "regex", "rich", "scipy", "sqlite3"}


def test_a_line_through_clean_imports_little() -> None:
    run = subprocess.run([sys.executable, "-c", _CODE], capture_output=True, check=True, env=UNMEASURED, timeout=60)
    loaded = set(json.loads(run.stdout))
    assert {"click", "numpy", "textfix"} <= loaded
    assert not loaded & UNWANTED
    assert "hashlib" not in loaded  # journals


def test_numpy_ma_stays_out() -> None:
    code = "import textfix, sys; textfix.clean('歼石山'); sys.exit('numpy.ma' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], env=UNMEASURED, timeout=60).returncode == 0
