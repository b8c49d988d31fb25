#!/bin/sh
# every engine script, on the virtual clock
exec "${BUILD:-build}/tests/pkt/pkt" tests/pkt/*/*.pkt
