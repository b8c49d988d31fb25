#!/bin/bash
# An interface that goes down and up again, and one that is removed: what uses
# it says one line, waits and goes on; it ends when the interface is gone.
. "${0%/*}/../lab.sh"
lab "$@"
need curl
down='eth0 is down: nothing passes until it is up'
seq 100000 >"$T/file"

# start - a phantom, and two programs that use a gate
start() {
	phantom -a $V4 -f "$T/file" # the other has a line of its own
	begin icmp-ping -q -c 1000 -i 0.2 -s 10.0.0.3 eth0 10.0.0.9 \
	    >"$T/ping" 2>"$T/ping.err"
	ping=$!
	begin command phantom -n -f "$T/file" eth0 10.0.0.6 >"$T/whole" 2>&1
	whole=$!
	wait_for 10 client curl -s --http0.9 -o "$T/got" "$(url 10.0.0.6)"
	wait_for 10 client curl -s --http0.9 -o "$T/got" "$(url $V4)"
}
# told FILE TIMES - that it is down, this often
told() { [ "$(grep -c "$down" "$1")" = "$2" ]; }

start
for i in 1 2; do
	ip link set eth0 down
	for p in arp rawcap ping; do
		ok "$i: $p says that the interface is down" \
		    wait_for 3 told "$T/$p.err" "$i"
	done
	ok "$i: so does phantom, once" wait_for 3 told "$T/whole" "$i"
	sleep 0.7
	ip link set eth0 up
	ok "$i: up again, the line serves" wait_for 5 client \
	    curl -s --http0.9 -m 2 -o "$T/got$i" "$(url $V4)"
	is "$i: every byte" "$(md5 "$T/got$i")" "$(md5 "$T/file")"
	ok "$i: the phantom too" wait_for 5 client \
	    curl -s --http0.9 -m 2 -o "$T/got" "$(url 10.0.0.6)"
	sleep 1.5
done

ip link set eth0 down
ip link set eth0 up
ip link del eth0
ok 'removed: the line ends' wait_for 5 gone "$line"
ok 'arp-phantom ends' wait_for 5 gone "$arp"
wait "$arp"
is 'as a failure' $? 1
ok 'an exchange ends' wait_for 5 gone "$ping"
wait "$ping"
is 'as a failure' $? 1
ok 'phantom ends' wait_for 10 gone "$whole"
wait "$whole"
is 'as a failure' $? 1
ok 'and is told why' grep -q 'the interface is gone' "$T/rawcap.err"
done_testing
