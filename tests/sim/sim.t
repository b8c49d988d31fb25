#!/bin/sh
# two engines and a bad network: 20,000 seeds
exec "${BUILD:-build}/tests/sim/sim" -n 20000
