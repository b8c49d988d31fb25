#!/bin/sh
# two engines and a bad network: 300 seeds
exec "${BUILD:-build}/tests/sim/sim" -n 300
