#!/usr/bin/env python3
"""Measure textfix beside its peers: one run, one machine, one table with ratios.

    python scripts/bench                          # all suites: about twenty minutes
    python scripts/bench --quick                  # small samples: to see that it works, not to quote
    python scripts/bench --only repair,startup
    python scripts/bench --json run.json          # date, machine, versions and every figure
    python scripts/bench --markdown               # the table for a page
    python scripts/bench --from run.json --markdown

Each peer lives in a virtual environment of its own, pinned by scripts/bench/peers.toml and made on first use below
--venvs; one that cannot be had is skipped with a line that says why. textfix runs as it is installed here, in a process
of its own like the peers, and they take turns. Times are processor seconds, but for start-ups. Without ../shared the
suites do what they can with the seed pair. docs/benchmarks.md says what each peer is for.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harness.bench import LIST, VENVS, Bench
from harness.machine import commit, machine, versions
from harness.rows import Row, as_markdown, as_table

ROOT = Path(__file__).resolve().parents[2]
#: Suite → the module whose ``suite`` gives its rows.
SUITES = {
    "alignment": "align",
    "repair": "repair",
    "cleaning": "cleaning",
    "lm": "lm",
    "evaluation": "evaluate",
    "startup": "startup",
}


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python scripts/bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", action="append", metavar="SUITE", help=f"of {', '.join(SUITES)}; commas or repeated")
    parser.add_argument("--quick", action="store_true", help="small samples and few turns")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the run to a file, too")
    parser.add_argument("--markdown", action="store_true", help="print the table as Markdown")
    parser.add_argument("--from", dest="source", type=Path, metavar="FILE", help="print the table of an earlier --json")
    parser.add_argument("--venvs", type=Path, default=VENVS, metavar="DIR", help="where environments are kept")
    parser.add_argument("--peers", type=Path, default=LIST, metavar="FILE", help="another list of peers")
    args = parser.parse_args()
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"  # in every tool's process: threads that wait for each other count as processor time
    names = [name for part in args.only or SUITES for name in part.split(",")]
    unknown = [name for name in names if name not in SUITES]
    if unknown:
        parser.error(f"no suite {unknown[0]!r}; there are {', '.join(SUITES)}")
    if args.source:
        run: dict[str, Any] = json.loads(args.source.read_text("utf-8"))
        if run.get("format") != "textfix.bench":
            parser.error(f"{args.source} is no run of this bench")
    else:
        run = measured(Bench.at(args.venvs, args.peers, quick=args.quick), names)
    if args.json:
        args.json.write_text(json.dumps(run, ensure_ascii=False, indent=1) + "\n", "utf-8")
    print(shown(run, markdown=args.markdown))
    return 1 if run["failed"] else 0


def measured(bench: Bench, names: list[str]) -> dict[str, Any]:
    """Run the suites. One that fails is told and does not take the others with it."""
    began = datetime.now(UTC)
    rows: list[Row] = []
    failed: list[str] = []
    seconds: dict[str, float] = {}
    before = machine()
    for name in names:
        bench.suite = name
        bench.say("starts")
        start = time.monotonic()
        try:
            rows.extend(importlib.import_module(SUITES[name]).suite(bench))
        except KeyboardInterrupt:
            failed.append(f"{name} was interrupted; what was measured before is here")
            break
        except Exception as error:
            failed.append(f"{name} failed: {type(error).__name__}: {error}")
            bench.say(failed[-1])
        seconds[name] = round(time.monotonic() - start, 1)
    peers = {row.peer for row in rows if row.peer}
    return {
        "format": "textfix.bench",
        "version": 1,
        "date": began.isoformat(timespec="seconds"),
        "quick": bench.quick,
        "commit": commit(ROOT),
        "machine": before,
        "versions": versions(),
        "peers": {name: list(peer.requires) for name, peer in bench.environments.peers.items() if name in peers},
        "seconds": seconds,
        "rows": [row.to_dict() for row in rows],
        "skipped": bench.skipped,
        "notes": bench.notes,
        "failed": failed,
    }


def shown(run: dict[str, Any], *, markdown: bool) -> str:
    """The table, and below it what has to be known about it."""
    rows = [Row.from_dict(row) for row in run["rows"]]
    where = run["machine"]
    load = f", load {where['load'][0]}" if where["load"] else ""
    took = sum(run["seconds"].values())
    about = [
        f"{run['date'][:10]}, {where['processor']}, {where['cores']} cores{load}, Python {where['python']}, "
        f"textfix {run['versions']['textfix']} ({run['commit'] or 'no checkout'}); {took / 60:.0f} min"
        + (", quick: small samples" if run["quick"] else "")
    ]
    pinned = [lines[0] if lines else f"{name} of the standard library" for name, lines in run["peers"].items()]
    if pinned:
        about.append("Peers: " + ", ".join(line.replace("==", " ") for line in pinned))
    about.append("↑ more is better, ↓ less is better; > and < where a peer was stopped")
    tail = [*about, *run["notes"], *run["skipped"], *run["failed"]]
    if markdown:
        return as_markdown(rows) + "\n\n" + "\n".join(f"- {line}" for line in tail)
    return as_table(rows) + "\n\n" + "\n".join(tail)


if __name__ == "__main__":
    sys.exit(main())
