#!/bin/bash
# A machine that was suspended for an hour: the log has the time of day, and the
# phantom goes on.
. "${0%/*}/../lab.sh"
lab "$@"
need curl ping python3
may_sleep tcpfsm || skip_all "no $NO_SLEEP here"
seq 100000 >"$T/file"
LD_PRELOAD=$preload phantom -f "$T/file"
(LD_PRELOAD=$preload exec rawcap -q -t icmp eth0 |
    LD_PRELOAD=$preload stage icmp icmp-phantom | rawinject -q eth0) &
began+=($!)
# visit - the page, and a ping
visit() {
	client curl -s --http0.9 -m 5 -o "$T/got" "$(url $V4)" &&
	    client ping -n -c 1 -W 2 $V4 >/dev/null && cmp "$T/got" "$T/file"
}
# ahead FILE - of the clock on the wall, in half hours: the line of the end
ahead() {
	wait_for 10 grep -q ' end ' "$1"
	echo $((($(awk '$4 == "end" { print int($1) }' "$1") - $(date +%s)) /
	    1800))
}
ok 'a visit' wait_for 10 visit
sleeps 3700
ok 'an hour of sleep later: a visit' wait_for 10 visit
kill "$(cat "$T/icmp.pid")" "$(cat "$T/tcpfsm.pid")" "$(cat "$T/arp.pid")"
is 'what no packet has caused has the time of day as well' \
    "$(ahead "$T/log") $(ahead "$T/icmp.err") $(ahead "$T/arp.err")" '2 2 2'
done_testing
