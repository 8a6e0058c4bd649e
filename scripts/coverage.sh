#!/usr/bin/env bash
# Line and branch coverage of textfix/ by the tests, in all processes that they start.
#
#   scripts/coverage.sh [PYTEST ARGUMENTS]   run the tests, measured, then report
#   scripts/coverage.sh --report FOLDER      report what lies in FOLDER
#
# The processes of the command line, of batches and of Spark are measured by the .pth file of coverage.py (7.10 or newer)
# in .venv, which looks for COVERAGE_PROCESS_START. Fails below `fail_under` (pyproject.toml) when all tests were run.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ "${1-}" = --report ]; then
  folder=$(realpath "$2")
  export COVERAGE_FILE=$folder/data
  .venv/bin/python -m coverage combine --quiet --keep "$folder"
  exec .venv/bin/python -m coverage report
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
COVERAGE_PROCESS_START=$PWD/pyproject.toml COVERAGE_FILE=$folder/data .venv/bin/python -m pytest "$@"
bar=(); (($# == 0)) || bar=(--fail-under=0)
export COVERAGE_FILE=$folder/data
.venv/bin/python -m coverage combine --quiet "$folder"
.venv/bin/python -m coverage report "${bar[@]}"
