#!/bin/sh
# two engines and a bad network: 5,000 seeds
exec "${BUILD:-build}/tests/sim/sim" -n 5000
