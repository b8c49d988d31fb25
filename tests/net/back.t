#!/bin/bash
# arp-phantom was off its network, or did not listen, and a host took an address
# meanwhile: it is left to that host, without a word to it. What no host has
# taken is answered for again.
. "${0%/*}/../lab.sh"
LAB_NET=beside
. "${0%/*}/../beside.sh"
hosts='11'
bare=12
mac=02:00:00:00:00:12
lab "$@"
need ping
others='10.0.0.5 10.0.1.7 fd00::5 fd00:1::7'

# taken ADDRESS - by a host at the switch, which resolves it first as a host
# does, and ends when another one claims it
taken() {
	local to=10.0.0.11
	[[ $1 = *:* ]] && to=fd00::11
	(exec ip netns exec 12 icmp-ping -q -i 0.2 -m $mac -s "$1" eth0 $to \
	    >"$T/ping.$1" 2>&1) &
	began+=("$!")
	owners+=("$!")
}
# asks ADDRESS... - a client resolves them, by a cold cache; the MACs
asks() {
	local a
	client ip neigh flush all
	for a; do
		client ping -n -c 1 -W 1 "$a" >/dev/null 2>&1 &
		wait $!
	done
	for a; do
		client ip neigh show "$a" | grep -o '[0-9a-f:]\{17\}' ||
		    echo none
	done | tr '\n' ' '
}
ip -n 12 link set eth0 up
# are MACS ADDRESS... - what a client finds
are() { [ "$(asks "${@:2}")" = "$1" ]; }
for i in client 11; do
	ip -n $i route add 10.0.1.0/24 dev eth0
	ip -n $i route add fd00:1::/64 dev eth0
done

# claims OPTION... - it has answered for all of $others
claims() {
	(LD_PRELOAD=$preload stage arp arp-phantom -v -w 0.6 "$@" eth0 10.0.0.5 10.0.0.6 fd00::5 \
	    10.0.1.0/24 fd00:1::/64) &
	began+=($!)
	wait_for 20 grep -q ' claim' "$T/arp.err"
	gate=$(pgrep -P "$(cat "$T/arp.pid")")
	ok 'all are answered for' wait_for 20 are "02:50:0a:00:00:05 \
02:50:0a:00:01:07 02:50:00:00:00:05 02:50:00:00:00:07 " $others
	owners=()
}
# left WHAT - each is, and its owner has not been disturbed
left() {
	local p there=0
	is "$1: they are left to their owner" \
	    "$(asks $others | xargs -n 1 | sort -u | tr '\n' ' ')" \
	    "$mac "
	for p in "${owners[@]}"; do
		kill -0 "$p" 2>/dev/null && there=$((there + 1))
	done
	is "$1: who is told nothing else" "$there" 4
	ok "$1: what nobody has is answered for" \
	    wait_for 20 are '02:50:0a:00:00:06 ' 10.0.0.6
	for p in "${owners[@]}"; do
		stop "$p"
	done
	stop "$(cat "$T/arp.pid")"
	wait_for 10 gone "$(cat "$T/arp.pid")"
}

claims
ip -n switch link set phantom down
for a in $others; do taken $a; done
sleep 1
ip -n switch link set phantom up
sleep 3
left 'the cable was out'

claims
ip link set eth0 down
for a in $others; do taken $a; done
sleep 1
ip link set eth0 up
sleep 3
left 'the interface was down'

claims -n
arp=$(cat "$T/arp.pid")
kill -STOP "$arp" "$gate"
for a in $others; do taken $a; done
sleep 4
kill -CONT "$arp" "$gate"
sleep 2
left 'it was stopped'

if ! may_sleep arp-phantom; then
	skip 'a machine that was suspended' "$NO_SLEEP"
	done_testing
	exit
fi
claims
ip -n switch link set phantom down
for a in $others; do taken $a; done
sleep 1
# the link is as it was: the kernel has not seen that it was without a network
arp=$(cat "$T/arp.pid")
kill -STOP "$arp" "$gate"
ip -n switch link set phantom up
sleeps 3600
kill -CONT "$arp" "$gate"
sleep 3
left 'it was suspended'
done_testing
