#!/bin/bash
# examples/check-device: the kernel's TCP, lwIP's and our own pass; devices
# that are known to be wrong do not.
. "${0%/*}/../lab.sh"
lab "$@"
need python3 ethtool
# what is counted here are segments, not what a card makes of them
client ethtool -K eth0 tso off gso off >/dev/null
mkdir "$T/www"
head -c 20000 /dev/urandom >"$T/www/index.html"
begin client python3 -c 'if True:
	import http.server as h, os
	os.chdir("'"$T"'/www")
	h.ThreadingHTTPServer.request_queue_size = 64
	h.test(h.SimpleHTTPRequestHandler, h.ThreadingHTTPServer, port=80)
' >"$T/server.log" 2>&1

# device NAME ADDRESS TCPFSM'S ARGUMENTS... - a phantom, of this address only
device() {
	(stage "$1.rawcap" rawcap -a "$2" eth0) |
	    (stage "$1" tcpfsm -a "$2" -l "$T/$1.log" -d 1 \
		-f "$T/www/index.html" "${@:3}") |
	    (stage "$1.rawinject" rawinject -1 eth0)
}
(stage arp arp-phantom -n eth0 10.0.0.16/28) &
began+=($!)
device own 10.0.0.21 &
began+=($!)
device liar 10.0.0.22 -Q ack-unsent:1 &
began+=($!)
device open 10.0.0.23 -Q never-fin &
began+=($!)
wait_for 20 packet_sockets 7
wait_for 10 eval 'client ss -Hltn "sport = :80" | grep -q .'

# check NAME COMMAND... - its TAP in $T/NAME.tap, its exit status behind it
check() {
	timeout -k 2 80 "${@:2}" >"$T/$1.tap" 2>&1
	echo "exit $?" >>"$T/$1.tap"
}
checking=()
check kernel examples/check-device -p -i eth0 -s 10.0.0.7 10.0.0.9 80 &
checking+=($!)
n=31
for i in own:21 liar:22 open:23; do
	# who asks them is in the other namespace
	check "${i%:*}" ip netns exec client examples/check-device -p \
	    -s 10.0.0.$n 10.0.0.${i#*:} 80 &
	checking+=($!)
	n=$((n + 1))
done
if cc -I/usr/include/lwip -o "$T/lwip_server" tests/net/lwip_server.c \
    -llwip 2>/dev/null && ip tuntap add tap0 mode tap 2>/dev/null; then
	ip link set tap0 up
	PRECONFIGURED_TAPIF=tap0 "$T/lwip_server" >"$T/lwip.log" 2>&1 &
	began+=($!)
	wait_for 10 grep -q ready "$T/lwip.log"
	check lwip examples/check-device -i tap0 -s 10.1.0.1 10.1.0.2 80 &
	checking+=($!)
fi
n=0
wait "${checking[@]}"

results() { sed -n 's/^\(not ok\|ok\) \([0-9]*\) .*/\1 \2/p' "$T/$1.tap"; }
failed() { sed -n 's/^not ok \([0-9]*\) .*/\1/p' "$T/$1.tap" | xargs; }
status() { sed -n 's/^exit //p' "$T/$1.tap"; }
all=$(for i in 1 2 3 4 5 6 7 8 9 10; do echo "ok $i"; done | xargs)
for who in kernel own lwip; do
	[ -f "$T/$who.tap" ] || { skip "$who" liblwip-dev; continue; }
	is "all ten are well: $who" "$(results $who | xargs) $(status $who)" \
	    "$all 0" || diag <"$T/$who.tap"
done
is 'lwIP has no timestamps, the others have' \
    "$(grep -l SKIP "$T"/*.tap | sed 's/.*\///')" \
    "$([ -f "$T/lwip.tap" ] && echo lwip.tap)"
is 'one that acknowledges what was not sent does not answer at all' \
    "$(status liar) $(grep -c '^Bail out' "$T/liar.tap")" '1 1'
is 'one that never closes is found' "$(status open) $(failed open)" \
    '1 1 3 4 7 8 9' || diag <"$T/open.tap"
is 'usage' "$(examples/check-device 10.0.0.9 80 2>&1 >/dev/null |
    grep -c ^usage) $(examples/check-device 10.0.0.9 2>/dev/null; echo $?)" '1 2'
done_testing
