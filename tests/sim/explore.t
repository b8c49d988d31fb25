#!/bin/sh
# two engines and every schedule with up to three faults: 500,000 of them
exec "${BUILD:-build}/tests/sim/explore/explore" -n 500000
