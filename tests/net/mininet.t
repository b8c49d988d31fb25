#!/bin/bash
# The example for Mininet, where that is installed: a host of its network
# reaches the phantom on another one's link.
. "${0%/*}/../lab.sh"
# Mininet wants to be root, and mounts
LAB_REAL=1
lab "$@"
need mn mnexec curl ping
/usr/bin/python3 -c 'import mininet' 2>/dev/null ||
    skip_all 'no mininet for /usr/bin/python3 here'
timeout 50 examples/mininet-phantom --out 'delay 5ms' >"$T/out" 2>&1
is 'it ends in order' $? 0 || diag <"$T/out"
is 'a host pings the phantom' "$(grep -c '^2 packets transmitted, 2 received' "$T/out")" 1
is 'and fetches its page' "$(grep -c '^200, ' "$T/out")" 1
done_testing
