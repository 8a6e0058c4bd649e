"""What the scripts that build a file of confusables/ do with its bytes."""

from __future__ import annotations

import sys
from pathlib import Path


def settle(data: bytes, output: Path, check: bool) -> int:
    """Write `data` to `output`, or, for a `check`, say whether they are there already: the exit code."""
    if check:
        if output.read_bytes() == data:
            return 0
        print(f"{output} is not what {Path(sys.argv[0]).name} builds", file=sys.stderr)
        return 1
    output.write_bytes(data)
    print(f"{output}: {len(data):,} bytes", file=sys.stderr)
    return 0
