#!/bin/bash
# Phantoms that answer at once beside real hosts on a switch, which are slower:
# after a moment the traffic is the real hosts'. Two phantoms at different MACs
# that claim the same prefix: one answers, with -n and without.
. "${0%/*}/../lab.sh"
LAB_NET=beside
. "${0%/*}/../beside.sh"
hosts='11 12 13'
bare=other
lab "$@"
need arping ping
ip -n other link set eth0 up

slow 12 5
slow 13 100
prefixes='10.0.0.0/24 fd00::/64'
# claims WHERE MAC OPTION... - a phantom there
claims() {
	local where=$1 mac=$2 run=()
	shift 2
	[ "$where" = here ] || run=(ip netns exec "$where")
	# shellcheck disable=SC2086
	"${run[@]}" arp-phantom -q -m "$mac" -l "$T/log.$where" "$@" eth0 \
	    $prefixes 2>>"$T/said" &
	last=$!
	began+=("$last")
	wait_for 10 eval '[ "$(grep -c " claim " "$T/log.$where")" = 2 ]'
}
mac_at() { client ip neigh show "$1" | grep -o '[0-9a-f:]\{17\}'; }
# owned - of the real hosts, those that the client has in its cache
owned() {
	local i a n=0
	for i in $hosts; do
		for a in "10.0.0.$i" "fd00::$i"; do
			[ "$(mac_at "$a")" != "$(at "$i" cat \
			    /sys/class/net/eth0/address)" ] || n=$((n + 1))
		done
	done
	echo $n
}
# touch_all - cold caches, and a packet to each
touch_all() {
	local i
	client ip neigh flush all
	for i in $hosts; do
		client ping -n -c 1 -W 1 "10.0.0.$i" >"$T/none" &
		began+=($!)
		client ping -n -c 1 -W 1 "fd00::$i" >"$T/none" &
		began+=($!)
	done
}
all_owned() { [ "$(owned)" = 6 ]; }

claims here 02:00:00:00:00:0b -n
first=$last
touch_all
ok 'at once: real hosts have their traffic after a moment' \
    wait_for 3 all_owned || diag "$(owned) $(client ip neigh)"
sleep 1
client ip neigh flush all
touch_all
wait_for 5 all_owned
sleep 1
is 'and keep it' "$(owned)" 6
claims other 02:00:00:00:00:0a -n
second=$last
sleep 1
touch_all
wait_for 5 all_owned
sleep 2
is 'two phantoms at once: the same' "$(owned)" 6 ||
    client ip neigh | diag
stop $first
stop $second
rm "$T"/log.*

# by the word of a file, also after it is read again
printf 'host 10.0.0.0/24 at-once\nhost fd00::/64 at-once\n' >"$T/conf"
arp-phantom -q -l "$T/log.file" --hosts "$T/conf" eth0 2>>"$T/said" &
last=$!
began+=("$last")
wait_for 10 grep -qs ' claim ' "$T/log.file"
touch_all
ok 'by a file: the same' wait_for 3 all_owned || diag "$(owned)"
printf 'host 10.0.0.0/24 at-once ttl 77\nhost fd00::/64 at-once\n' >"$T/conf"
kill -HUP "$last"
again() { [ "$(grep -c ' claim ' "$T/log.file")" = 2 ]; }
wait_for 5 again
is 'an address of no host' \
    "$(client arp-query eth0 10.0.0.77)" 02:50:0a:00:00:4d
client ip neigh flush all
touch_all
wait_for 5 all_owned
sleep 1
is 'the file is read again: theirs, still' "$(owned)" 6
stop "$last"
rm "$T"/log.*

claims here 02:00:00:00:00:0b
claims other 02:00:00:00:00:0a
# answers ADDRESS - of four requests, those that are answered
answers() {
	client arping -c 4 -w 5 -I eth0 "$1" 2>&1 |
	    grep -c 'eply from\|bytes from'
}
got=$(answers 10.0.0.77)
ok 'two that ask first: an address is answered for in three tries' \
    [ "$got" -ge 2 ] || diag "$got"
client ip neigh flush all
client ping -n -c 1 -W 4 fd00::77 >"$T/none"
is 'v6, too, by one' "$(mac_at fd00::77)" 02:00:00:00:00:0a
touch_all
wait_for 5 all_owned
sleep 1
is 'real hosts have their traffic' "$(owned)" 6
is 'not a conflict' "$(cat "$T"/log.* | grep -c ' conflict ')" 0
done_testing
