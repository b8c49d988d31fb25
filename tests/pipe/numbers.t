#!/bin/bash
# Connections have the same numbers in all programs, whatever the capture has.
. "${0%/*}/../tap.sh"
need python3
scratch
exec python3 tests/pipe/numbers.py "$T"
