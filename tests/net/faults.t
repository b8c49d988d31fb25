#!/bin/bash
# What happens to a line when a part of it fails: a stage is killed or stopped,
# the interface goes down, its MTU shrinks, an address goes away. What goes on
# delivers every byte; what ends leaves nothing behind.
. "${0%/*}/../lab.sh"
lab "$@"
need curl socat
head -c 8000000 /dev/urandom >"$T/big"
want=$(md5 "$T/big")

# fetch NAME - slowly, in the background; its number in $fetch
fetch() {
	client curl -s --http0.9 --limit-rate 4M --max-time 50 \
	    -o "$T/got-$1" "$(url $V4)" 2>"$T/curl-$1" &
	fetch=$!
	began+=("$fetch")
	wait_for 10 test -s "$T/got-$1"
}
nap() { sleep "0.$((RANDOM % 5 + 1))"; }
ended() { wait_for 10 gone "$line" && for s in rawcap tcpfsm rawinject; do
	gone "$(cat "$T/$s.pid")" || return 1; done; }

# ---- killed
for s in rawcap tcpfsm rawinject; do
	phantom -f "$T/big"
	fetch $s
	nap
	kill -KILL "$(cat "$T/$s.pid")"
	ok "$s is killed in a transfer: the others end" ended
	is 'and nothing but they have said' "$(grep -hv -e captured -e sent \
	    -e connections "$T"/{rawcap,tcpfsm,rawinject}.err)" ''
	kill "$fetch" 2>/dev/null
	wait "$fetch" "$line" 2>/dev/null
done

# ---- stopped, and continued
phantom -f "$T/big"
fetch stopped
for s in tcpfsm rawinject rawcap tcpfsm; do
	kill -STOP "$(cat "$T/$s.pid")"
	nap
	kill -CONT "$(cat "$T/$s.pid")"
	nap
done
wait "$fetch"
is 'stages stopped and continued: every byte arrives' \
    "$? $(md5 "$T/got-stopped")" "0 $want"

# ---- an address that goes away and comes back
fetch address
client ip addr del 10.0.0.9/24 dev eth0
sleep 0.5
client ip addr add 10.0.0.9/24 dev eth0
wait "$fetch"
is 'the client has no address for a while: every byte arrives' \
    "$? $(md5 "$T/got-address")" "0 $want"

# ---- an MTU that shrinks: what is too long is refused, and sent shorter
fetch mtu
ip link set eth0 mtu 1300
wait "$fetch"
is 'the MTU shrinks: every byte arrives' "$? $(md5 "$T/got-mtu")" "0 $want"
ip link set eth0 mtu 1500

# ---- a supervisor starts the line again
phantom_end
phantom -e cat
client sh -c "while sleep 0.1; do echo x; done" 2>/dev/null |
    client socat - "TCP:$V4:7" >/dev/null 2>"$T/old" &
old=$!
began+=("$old")
wait_for 10 grep -q "$V4:7 .*new=ESTABLISHED" "$T/log"
kill -KILL "$(cat "$T/tcpfsm.pid")"
ended
phantom -f "$T/big"
wait_for 10 gone $old
is 'tcpfsm anew: an old connection is reset' \
    "$(grep -c 'Connection reset\|Broken pipe' "$T/old")" 1 || diag <"$T/old"
fetch anew
wait "$fetch"
is 'and a new one is served' "$? $(md5 "$T/got-anew")" "0 $want"

# ---- the interface goes down
fetch down
ip link set eth0 down
sleep 0.5
ip link set eth0 up
wait "$fetch"
is 'the interface goes down and up: every byte arrives' \
    "$? $(md5 "$T/got-down")" "0 $want"
phantom_end

# ---- what is said goes nowhere, not to the socket that is opened next
client ip -6 addr flush dev eth0
client rawcap eth0 >"$T/seen" 2>/dev/null &
seen=$!
began+=("$seen")
wait_for 10 test -s "$T/seen"
tcp-craft -s 10.0.0.77:1 -c 10.0.0.9:2 flags S | rawinject eth0 2>&-
is 'stderr closed: the frame is sent' $? 0
wait_for 5 eval '[ "$(stat -c %s "$T/seen")" -gt 24 ]'
sleep 0.2
stop $seen
is 'and nothing else' "$(rawcap -q -r "$T/seen" | tcp-show -q | wc -l)" 1
is 'no text in frames' "$(grep -ac 'rawinject' "$T/seen")" 0
done_testing
