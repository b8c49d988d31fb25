#!/bin/bash
# dhcp-lease -k where its interface is joined to a network again: it asks whether
# the lease is good there. And on a machine that was suspended for longer than
# the lease: the address is not used any more.
. "${0%/*}/../lab.sh"
LAB_NET=beside
. "${0%/*}/../beside.sh"
hosts="" bare=12
lab "$@"
need dnsmasq ping
ip -n 12 link set eth0 up

# server FIRST - dnsmasq, with that address and nine more
server() {
	[ "$dnsmasq" ] && stop "$dnsmasq"
	rm -f "$T/leases"
	dnsmasq_conf "${1%.*}.$((${1##*.} + 9))" |
	    sed "s/10.0.0.50/$1/; s/1h/2m/" >"$T/dnsmasq.conf"
	printf 'port=0\ndhcp-authoritative\nlog-dhcp\n' >>"$T/dnsmasq.conf"
	dhcp_server
}
served() { grep -c "$1" "$T/dnsmasq.err"; }
# keeps ARGUMENTS... - a lease in $T/lease
keeps() {
	rm -f "$T/lease" "$T/keep.err"
	(stage keep dhcp-lease -v -k -o "$T/lease" "$@" eth0) &
	keep=$!
	began+=("$keep")
	wait_for 20 grep -qs EXPIRES "$T/lease" || diag <"$T/keep.err"
	# shellcheck disable=SC1090
	. "$T/lease"
}
out_and_in() {
	ip -n switch link set phantom down
	sleep 0.5
	"$@"
	ip -n switch link set phantom up
}
# found - the client resolves the address of the lease, by a cold cache
found() {
	client ip neigh flush all
	client ping -n -c 1 -W 1 "$ADDR" >/dev/null 2>&1
	client ip neigh show "$ADDR" | grep -q "${1:-$MAC}"
}

server 10.0.0.50
keeps -n
acks=$(served DHCPACK)
out_and_in :
ok 'the cable was out: the server is asked' \
    wait_for 10 eval '[ "$(served DHCPACK)" -gt "$acks" ]'
ok 'and the address is kept' wait_for 10 found
out_and_in server 10.0.0.70
ok 'another network: its server says no' wait_for 10 eval \
    'grep -q "heard NAK" "$T/keep.err"'
ok 'and gives another address' wait_for 10 grep -q 'ADDR=10.0.0.7' "$T/lease"
stop "$keep"
ok 'which is released at the end' wait_for 5 \
    grep -q 'DHCPRELEASE.*10.0.0.7' "$T/dnsmasq.err"

keeps
# takes - another station does, for good
takes() {
	(exec ip netns exec 12 icmp-ping -q -m 02:00:00:00:00:12 -s "$ADDR" \
	    eth0 10.0.0.9 >"$T/ping" 2>&1) &
	owner=$!
	began+=("$owner")
	sleep 1
}
out_and_in takes
ok 'another station has the address: it is declined' wait_for 20 grep -q \
    "lose $ADDR: it is in use by 02:00:00:00:00:12" "$T/keep.err"
ok 'and the station not disturbed' kill -0 "$owner"
stop "$owner"
stop "$keep"

if ! may_sleep dhcp-lease; then
	skip 'a machine that was suspended' "$NO_SLEEP"
	done_testing
	exit
fi
LD_PRELOAD=$preload keeps -n
ok 'a lease' wait_for 10 found
stop "$dnsmasq"
sleeps 300
ok 'the machine slept for longer than it: it is not used any more' \
    eval '! found'
ok 'and given up' wait_for 20 grep -q 'no server has renewed it' "$T/keep.err"
done_testing
