#!/bin/bash
# Openings, endings, losses and resets that are not the usual ones: ladder draws
# the states that RFC 9293 gives both ends, and what each segment is.
. "${0%/*}/../tap.sh"
need python3
exec python3 tests/pipe/stories.py tests/pipe/stories.txt
