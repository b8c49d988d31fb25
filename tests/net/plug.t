#!/bin/bash
# pipe-plug and the kernel: a phantom at a TAP that this very machine reaches,
# a TAP that goes away, an interface by rawcap and rawinject.
. "${0%/*}/../lab.sh"
lab "$@"
need ping curl
head -c 1000000 /dev/urandom >"$T/page"
head -c 3000000 /dev/urandom >"$T/up"

plugged() { # LINK - a phantom there, its pid in $pid
	rm -f "$T/heard"
	begin pipe-plug "$1" -- phantom -n -o "$T/heard" -f "$T/page" \
	    --pcap "$T/all.pcap" - $V4 $V6 2>"$T/plug.err"
	pid=$!
}
upload() { nc -N -w 5 "$1" 80 <"$T/up" >/dev/null; }
heard() { cmp "$T/heard" "$T/up"; }
long() { as_user tcpdump -nr "$T/all.pcap" greater 1515 2>/dev/null | wc -l; }
same() { cmp "$T/got" "$T/page"; }
packets() { ip -s -j link show t0 | sed "s/.*\"rx\":{[^}]*\"packets\":\([0-9]*\).*/\1/"; }

if ip tuntap add t0 mode tap 2>/dev/null &&
    sysctl -qw net.ipv6.conf.t0.accept_dad=0; then
	ip addr add 10.0.0.1/24 dev t0
	ip addr add fd00::1/64 dev t0 nodad
	ip link set t0 up
	plugged tap:t0
	ok 'ping a phantom at a TAP' wait_for 5 ping -c 1 -W 1 $V4
	ok 'the same, IPv6' wait_for 5 ping -c 1 -W 1 $V6
	before=$(packets)
	curl -s --max-time 10 -o "$T/got" --http0.9 "$(url $V4)"
	ok 'and its page' same
	curl -s --max-time 10 -o "$T/got" --http0.9 "$(url $V6)"
	ok 'IPv6' same
	ok 'both in super-frames, 1,382 segments' \
	    test $(($(packets) - before)) -lt 500
	stop $pid
	plugged tap:t0
	wait_for 5 ping -c 1 -W 1 $V4
	upload $V4
	ok 'an upload' wait_for 5 heard
	stop $pid
	ok 'in super-frames, as the kernel makes them' test "$(long)" -gt 20
	begin pipe-plug -q tap:t0 qemu:"$T/q"
	joint=$!
	plugged qemu:"$T/q"
	wait_for 5 ping -c 1 -W 1 $V6
	upload $V6
	ok 'an upload by a link that takes none, IPv6' wait_for 5 heard
	stop $joint
	stop $pid
	is 'which are cut for it' "$(long) $(($(as_user tcpdump -nr \
	    "$T/all.pcap" greater 1500 2>/dev/null | wc -l) > 100))" '0 1'
	plugged tap:t0
	wait_for 5 ping -c 1 -W 1 $V4
	ip link del t0
	ok 'a TAP that goes away is the end' wait_for 5 gone $pid
	wait $pid
	is 'a failure, and told' "$? $(grep -c '^pipe-plug: read tap:t0: ' \
	    "$T/plug.err")" '1 1' || diag <"$T/plug.err"
else
	for t in 'ping at a TAP' IPv6 page page6 coalesced upload super-frames link cut \
	    'goes away' told; do
		skip "$t" TAP
	done
fi

plugged if:eth0
ok 'ping a phantom by an interface' wait_for 5 client ping -c 1 -W 1 $V4
client curl -s --max-time 10 -o "$T/got" --http0.9 "$(url $V4)"
ok 'and its page' same
kill $pid
wait $pid
is 'it ends in order' $? 0
ok 'and all of it' wait_for 5 eval '! pgrep -x rawcap && ! pgrep -x rawinject'
pipe-plug if:nowhere -- cat 2>"$T/err" >"$T/out"
is 'an interface that is not there' $? 2
ip link add gone0 type veth peer name gone1
ip link set gone0 up
begin pipe-plug -q if:gone0 -- cat
ok 'an interface that goes away' wait_for 5 pgrep -x rawinject
sleep 0.3
ip link del gone0
wait $!
is 'is a failure' $? 1
# ---- a peer that vanishes: TCP asks whether it is there
ip addr add 10.0.0.1/24 dev eth0
begin pipe-plug -q tcp::7000 -- cat
plug=$!
wait_for 5 eval 'ss -Htln sport = :7000 | grep -q .'
begin client pipe-plug -q tcp:10.0.0.1:7000 -- cat
peer=$!
asked() { ss -Htno sport = :7000 | grep -q 'keepalive,[0-9.]*[a-z]*,0'; }
theirs() { client ss -Htno dport = :7000 | grep -q 'keepalive,[0-9.]*[a-z]*,0'; }
ok 'the one that waits asks a silent peer' wait_for 5 asked
ok 'the one that connects as well' wait_for 5 theirs
stop $peer
stop $plug
pipe-plug tap:no/good -- cat 2>"$T/err" >"$T/out"
is 'no name of an interface' $? 2
done_testing
