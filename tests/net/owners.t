#!/bin/bash
# A phantom on a /24 and a /64 beside real hosts on a switch, all caches cold:
# each fetch reaches the real host, be it fast or slow to answer, there from
# the start or later, and what no host has is answered for.
. "${0%/*}/../lab.sh"
LAB_NET=beside
. "${0%/*}/../beside.sh"
hosts='11 12 13 14 15 16 17'
later=18
bare=$later
lab "$@"
need ping socat

slow 13 1
slow 14 20
slow 15 500
for i in $hosts $later; do
	echo "real $i" >"$T/real$i"
	(exec ip netns exec "$i" socat -U TCP6-LISTEN:80,fork,ipv6only=0 \
	    OPEN:"$T/real$i",rdonly) &
	began+=($!)
done
echo phantom >"$T/resp"
begin command phantom -l "$T/log" -f "$T/resp" eth0 10.0.0.0/24 fd00::/64 \
    >"$T/said" 2>&1
claims() { [ "$(grep -c ' claim' "$T/log")" -ge 2 ]; }
wait_for 10 claims

# fetch ADDRESS - what is there
fetch() { client timeout 8 socat -u "TCP:$(bracket "$1"):80" -; }
# all WHAT HOST... - from each at once, v4 and v6, by cold caches
all() {
	local what=$1 i p a got=0 fetching=()
	shift
	client ip neigh flush all
	for i; do
		for a in "10.0.0.$i" "fd00::$i"; do
			fetch "$a" >"$T/got.$a" 2>&1 &
			began+=($!)
			fetching[$!]="$i $a"
		done
	done
	for p in "${!fetching[@]}"; do
		wait "$p"
		a=${fetching[p]}
		[ "$(cat "$T/got.${a#* }")" = "real ${a% *}" ] &&
			got=$((got + 1))
	done
	is "$what" "$got" $(($# * 2)) || head "$T"/got.* | diag
}
# shellcheck disable=SC2086
all 'real hosts, v4 and v6, also 1, 20 and 500 ms late' $hosts
# shellcheck disable=SC2086
all 'once more' $hosts
is 'what no host has' "$(fetch 10.0.0.77) $(fetch fd00::77)" 'phantom phantom'
is 'nor has yet' "$(fetch 10.0.0.$later) $(fetch fd00::$later)" \
    'phantom phantom'
is 'and one more' "$(fetch 10.0.0.98)" phantom

# a host that comes later, and asks before it takes its addresses
at $later sysctl -qw net.ipv6.conf.eth0.accept_dad=1
at $later ip link set eth0 up
at $later ip addr add "10.0.0.$later/24" dev eth0
at $later ip addr add "fd00::$later/64" dev eth0
ok 'the newcomer may have its IPv6 address' wait_for 5 eval \
    '! at $later ip addr show dev eth0 | grep -q "fd00::$later.*tentative"'
is 'duplicate address detection has not failed' \
    "$(at $later ip addr show dev eth0 | grep -c dadfailed)" 0
mac=$(at $later cat /sys/class/net/eth0/address 2>/dev/null)
knows() { client ip neigh show "$1" | grep -q "$mac"; }
ok 'a neighbour with a warm cache learns of the new owner' \
    wait_for 6 knows "fd00::$later"
# what it sends first shows it
at $later ping -n -c 1 -W 1 10.0.0.9 >"$T/none" 2>&1
ok 'v4 is given up at its first frame' wait_for 3 \
    grep -q " 10.0.0.$later .* yield " "$T/log"
# shellcheck disable=SC2086
all 'eight real hosts: 8 of 8, v4 and v6' $hosts $later

# a plain packet, from an address that is answered for
at 11 ip addr add 10.0.0.98/24 dev eth0
echo x | at 11 socat -u - UDP-DATAGRAM:10.0.0.255:9,broadcast,bind=10.0.0.98
ok 'a broadcast from it: its owner is asked for, and has it' wait_for 3 \
    grep -q " 10.0.0.98 .* yield " "$T/log"
done_testing
