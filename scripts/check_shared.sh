#!/usr/bin/env bash
# What CI checks on ../shared beside the tests: no harm to clean documents, and no fall behind what has been reached on
# real OCR output. All of it: a dozen documents of each set make some 750 edits, of which chance alone spoils half a
# percent more or fewer.
set -euo pipefail
cd "$(dirname "$0")/.."
scores=$(mktemp)
trap 'rm -f "$scores"' EXIT
.venv/bin/python ../shared/tools/score.py --json > "$scores"
.venv/bin/python - "$scores" <<'PYTHON'
import json
import sys

scores = json.load(open(sys.argv[1], encoding="utf-8"))
clean = scores.pop("clean")
edits = sum(row["edits"] for row in scores.values())
right = sum(row["edits"] * row["precision"] for row in scores.values() if row["edits"])
before = sum(row["before"] * row["chars"] for row in scores.values())
after = sum(row["after"] * row["chars"] for row in scores.values())
cut, precision = 1 - after / before, right / edits
print(f"cut {cut:.1%}, precision of {edits} content edits {precision:.3f}, "
      f"{clean['content_edits']} content edits in {clean['chars']} clean characters")
if cut < 0.50 or precision < 0.97 or clean["per_100k"] > 1.0:
    sys.exit("worse than what was reached before: cut 50%, precision 0.97, 1 edit in 100,000 clean characters")
PYTHON

# `textfix eval` counts and judges as the scorer does (as jiwer and dinglehopper do: scripts/bench/evaluate.py --peers).
.venv/bin/python scripts/bench/evaluate.py --limit 2
