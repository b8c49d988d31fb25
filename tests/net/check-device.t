#!/bin/bash
# examples/check-device: the kernel's TCP, lwIP's and our own pass; devices
# that are known to be wrong do not.
. "${0%/*}/../lab.sh"
lab "$@"
need python3
mkdir "$T/www"
head -c 3000 /dev/urandom >"$T/www/index.html"
begin client python3 -c 'if True:
	import http.server as h, os
	os.chdir("'"$T"'/www")
	h.ThreadingHTTPServer.request_queue_size = 64
	h.test(h.SimpleHTTPRequestHandler, h.ThreadingHTTPServer, port=80)
' >"$T/server.log" 2>&1

# device NAME ADDRESS TCPFSM'S ARGUMENTS... - a phantom, of this address only
device() {
	(stage "$1.rawcap" rawcap -a "$2" eth0) |
	    (stage "$1" tcpfsm -a "$2" -l "$T/$1.log" -p 80 \
		-d 20 -f "$T/www/index.html" "${@:3}") |
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
check kernel examples/check-device -s 10.0.0.7 eth0 10.0.0.9:80 \
    --profile linux &
checking+=($!)
# who asks them is in the other namespace
for i in own:1:* liar:2:handshake/data-* open:3:close/whole-answer; do
	device=${i#*:} only=${i##*:}
	check "${i%%:*}" ip netns exec client examples/check-device \
	    -s 10.0.0.3${device%:*} eth0 10.0.0.2${device%:*}:80 \
	    --profile tcphantom --only "$only" &
	checking+=($!)
done
if cc -rdynamic -I/usr/include/lwip -o "$T/lwip_server" \
    tests/net/lwip_server.c -llwip -ldl 2>/dev/null && ip tuntap add tap0 mode tap 2>/dev/null; then
	ip link set tap0 up
	PRECONFIGURED_TAPIF=tap0 "$T/lwip_server" >"$T/lwip.log" 2>&1 &
	began+=($!)
	wait_for 10 grep -q ready "$T/lwip.log"
	check lwip examples/check-device -s 10.1.0.77 tap0 10.1.0.2:80 \
	    --profile lwip -j 4 &
	checking+=($!)
fi
wait "${checking[@]}"

failed() { sed -n 's/^not ok [0-9]* - //p' "$T/$1.tap" | xargs; }
status() { sed -n 's/^exit //p' "$T/$1.tap"; }
for who in kernel own lwip; do
	[ -f "$T/$who.tap" ] || { skip "$who" liblwip-dev; continue; }
	is "no case fails: $who" "$(failed $who) $(status $who)" " 0" ||
	    diag <"$T/$who.tap"
	ok "and more than eighty were asked: $who" \
	    [ "$(grep '^ok' "$T/$who.tap" | grep -vc SKIP)" -gt 80 ]
done
is 'one that acknowledges what was not sent is found' \
    "$(status liar) $(failed liar | tr ' ' '\n' | grep -c handshake/data-with-ack)" \
    '1 1'
is 'one that never closes is found' \
    "$(status open) $(failed open | tr ' ' '\n' | grep -c close/whole-answer)" \
    '1 1' || diag <"$T/open.tap"
is 'usage' "$(examples/check-device eth0 10.0.0.9:80 2>&1; echo $?)" \
    "tcp-drill: missing -s: an address that no host has
try: tcp-drill --help
2"
is 'it is three lines' "$(wc -l <examples/check-device)" 3
done_testing
