#!/bin/bash
# Captures of many kinds that end at any byte: every reader says what it has
# read, or why it could not.
. "${0%/*}/../tap.sh"
need python3 gzip
scratch
python3 tests/pipe/capture_kinds.py "$T/k" small || exit 1
exec python3 tests/pipe/cut.py "$T"
