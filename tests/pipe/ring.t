#!/bin/bash
# No network at all: tcpfsm in a ring of two fifos, with a bad network in
# either direction, stopped for a second with both pipes full, and cut in two
# by a network between machines. RING_BYTES is how much goes each way.
. "${0%/*}/../lab.sh"
need socat
T=$(mktemp -d) || exit 1
trap 'lab_down; rm -rf "$T"' EXIT
trap 'exit 1' INT TERM HUP
bytes=${RING_BYTES:-30000000}
head -c "$bytes" /dev/zero | openssl enc -aes-128-ctr -pass pass:x -nosalt \
    >"$T/there" 2>/dev/null || head -c "$bytes" /dev/urandom >"$T/there"
tr '\0-\377' '\1-\377\0' <"$T/there" >"$T/back"
there=$(md5 "$T/there") back=$(md5 "$T/back")
printf 'x' >"$T/x"

# ring "SERVER'S ARGUMENTS" CLIENT'S ARGUMENTS... - exit status of the client.
# FORTH and BACK are stages between, from client to server and back.
ring() {
	local r
	rm -f "$T/to" "$T/from" "$T/slog" "$T/clog" "$T/got" "$T/heard"
	mkfifo "$T/to" "$T/from"
	# shellcheck disable=SC2086
	$FORTH <"$T/to" | tcpfsm -l "$T/slog" -o "$T/heard" $1 |
	    $BACK >"$T/from" &
	line=$!
	began+=("$line")
	shift
	tcpfsm -l "$T/clog" -o "$T/got" -s 10.0.0.9 -c 10.0.0.5:80 -g phantom \
	    "$@" >"$T/to" <"$T/from" &
	caller=$!
	began+=("$caller")
	wait "$caller"
	r=$?
	wait "$line"
	return $r
}
got() { echo "$(md5 "$T/heard") $(md5 "$T/got")"; }

FORTH=cat BACK=cat
time=$SECONDS
ring "-f $T/back" -f "$T/there"
is "$bytes bytes each way, at once" "$? $(got)" "0 $there $back"
echo "# $((SECONDS - time)) s"
FORTH='impair loss 1% delay 1ms reorder 5% seed 1'
BACK='impair loss 1% delay 1ms duplicate 1% seed 2'
head -c 2000000 "$T/there" >"$T/less"
have impair && {
	ring "-f $T/less" -f "$T/less" 2>/dev/null
	is 'a bad network in both directions' "$? $(got)" \
	    "0 $(md5 "$T/less") $(md5 "$T/less")"
}
FORTH=cat BACK=cat

# ---- stopped, while both pipes fill; not so fast that it is over before
have impair && FORTH='impair -q rate 200mbit' BACK='impair -q rate 200mbit'
rm -f "$T/clog" # the one before is ESTABLISHED as well
ring "-f $T/back" -f "$T/there" &
began+=($!)
running=$!
wait_for 10 grep -qs new=ESTABLISHED "$T/clog"
stops=0
for i in slog clog slog; do
	p=$(pgrep -o -f "^tcpfsm -l $T/$i ")
	[ "$p" ] && kill -STOP "$p" || break
	stops=$((stops + 1))
	sleep 1
	kill -CONT "$p"
	sleep 0.1
done
wait $running
is 'stopped for a second' "$? $((stops > 0)) $(got)" "0 1 $there $back"
echo "# stopped $stops times"
FORTH=cat BACK=cat

# ---- a request of two segments: its end does not wait for the first's ACK
head -c 2000 "$T/there" >"$T/less"
ring "-f $T/x" -v -f "$T/less"
is 'all of a request is sent at once' "$? $(got) $(awk '$4 == "segment" &&
    / dir=out .* seq=1:/ { on = 1 } on && $4 == "segment" { print $5 }
    / seq=1449:2001 / { exit }' "$T/clog" | xargs)" \
    "0 $(md5 "$T/less") $(md5 "$T/x") dir=out dir=out"

# ---- simultaneous open: two clients call each other
rm -f "$T/to" "$T/from" "$T/slog" "$T/clog"
mkfifo "$T/to" "$T/from"
tcpfsm -s 10.0.0.5:7 -c 10.0.0.9:9 -H -f "$T/back" -o "$T/got" -l "$T/slog" \
    <"$T/to" >"$T/from" &
began+=($!)
other=$!
tcpfsm -s 10.0.0.9:9 -c 10.0.0.5:7 -H -f "$T/there" -o "$T/heard" \
    -l "$T/clog" >"$T/to" <"$T/from"
r=$?
wait $other
is 'two clients that call each other, found by ARP' "$r $? $(got)" \
    "0 0 $back $there"
is 'both have opened' "$(cat "$T/slog" "$T/clog" |
    grep -c 'old=SYN-SENT new=SYN-RECEIVED' | sed 's/2/1/')" 1
echo "# states: $(awk '$4 == "state" { sub(/.*new=/, ""); print $1 }' \
    "$T/clog" | xargs)"

# ---- a command at the far end
rm -f "$T/to" "$T/from"
mkfifo "$T/to" "$T/from"
tcpfsm -q -q -e cat <"$T/to" >"$T/from" &
began+=($!)
tcpfsm -q -q -s 10.0.0.9 -c 10.0.0.5:80 -g phantom -H -f "$T/there" \
    -o "$T/got" >"$T/to" <"$T/from"
is '-e cat: an echo without a network' "$? $(md5 "$T/got")" "0 $there"
wait $!

# ---- stages on two machines, joined by socat
port=$((20000 + $$ % 20000))
far() { exec socat -t 5 "TCP-LISTEN:$port,bind=127.0.0.1,reuseaddr" \
    "EXEC:tcpfsm -l $T/slog -f $T/back"; }
listening() { ss -Hltn "sport = :$port" | grep -q .; }
far &
began+=($!)
wait_for 10 listening
rm -f "$T/to" "$T/from"
mkfifo "$T/to" "$T/from"
socat -t 5 "TCP:127.0.0.1:$port" - <"$T/to" >"$T/from" &
began+=($!)
tcpfsm -l "$T/clog" -s 10.0.0.9 -c 10.0.0.5:80 -g phantom -f "$T/x" \
    -o "$T/got" >"$T/to" <"$T/from"
is 'joined by socat over loopback' "$? $(md5 "$T/got")" "0 $back"
done_testing
