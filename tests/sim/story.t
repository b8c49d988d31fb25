#!/bin/sh
# captures of 4,000 runs, at both ends and in between: the analysis is right
# about each retransmission and loss, or says that it cannot know
exec "${BUILD:-build}/tests/sim/sim" -a -n 4000
