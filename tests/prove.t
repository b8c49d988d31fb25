#!/bin/sh
# headers: what is read lies in the packet, what is written is read again
exec "${BUILD:-build}/tests/prove/prove"
