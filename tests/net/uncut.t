#!/bin/bash
# Between tcpfsm and rawinject bulk data goes in long frames, without checksums
# (pipe/uncut.h), and nowhere else: a stage in between stands for another reader,
# and for another writer.
. "${0%/*}/../lab.sh"
lab "$@"
need python3 nc md5sum
head -c 3000001 /dev/urandom >"$T/file"
sum=$(md5 "$T/file")
hop=$ROOT/tests/net/uncut_hop.py

# hopped MTU VOUCH [TCPFSM'S OPTIONS...] - the line, with a stage in between
hopped() {
	local mtu=$1 vouch=$2
	shift 2
	(stage rawcap rawcap -q eth0) |
	    (stage tcpfsm tcpfsm -l "$T/log" -f "$T/file" "$@") |
	    (stage hop python3 "$hop" "$mtu" "$vouch") |
	    (stage rawinject rawinject eth0)
}
get() { echo GET | client timeout "${2:-20}" nc "$1" 80 | md5; }

# ends - what the hop counted, and rawinject
ends() {
	kill "$(cat "$T/rawcap.pid")"
	wait $line
	read -r longest long bare <"$T/hop.err"
	bad=$(sed -n 's/.* cut//; s/.*, \([0-9]*\) bad.*/\1/p' "$T/rawinject.err")
}

LINE='hopped 1500 1' phantom
for a in $V4 $V6; do
	is "$a: every byte in long frames" "$(get $a)" "$sum"
done
ends
is 'of up to 39 segments' "$((longest > 50000 && longest <= 57500))" 1
is 'most of the data' "$((long > 2 * 3000000 / 57500))" 1
is 'all without a checksum' "$bare" "$long"
is 'rawinject takes them' "$bad" ''

# two that are no reader of such, and a run that is recorded
for how in '0 1' '1400 1' "1500 1 -R $T/run"; do
	LINE="hopped $how" phantom
	is "$how: every byte" "$(get $V4)" "$sum"
	ends
	is "$how: no long frame" "$long" 0
done

# nobody vouches: rawinject drops them, and what is sent again is short
LINE='hopped 1500 0' phantom
get $V4 2 >/dev/null
ends
is 'a foreign frame without a checksum is bad' \
    "$((long > 0 && bad == long))" 1 || diag <<<"$long long, $bad bad"

# the mission's line
LINE='line' phantom -f "$T/file"
is 'the line itself: every byte' "$(get $V6)" "$sum"
phantom_end
done_testing
