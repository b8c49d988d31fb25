#!/bin/bash
# The processes of rawinject: what each has (the one that looks into frames no
# socket, see planner.c), that they end together however one ends, and that
# what is stopped goes on.
. "${0%/*}/../lab.sh"
[ -z "$PLAIN" ] || skip_all 'without super-frames nothing of this is planned'
lab "$@"
need pgrep
preload=${BUILD:-$ROOT/build}/tests/net/breakout.so

mkfifo "$T/in"
exec 9<>"$T/in"
tcp-craft -s 10.0.0.9:1 -c 10.0.0.5:2 flags S >"$T/one"
# so much at once that it is planned: 200 segments of 50 bytes
{ head -c 24 "$T/one"
  for _ in $(seq 200); do tail -c +25 "$T/one"; done; } >"$T/many"
tail -c +25 "$T/many" >"$T/more"
tcpfsm -f LICENSE </dev/null 2>"$T/said" >"$T/out"
filter=2
grep -q 'seccomp:on' "$T/said" || filter=0

# locked_in PID - the last that it gives up it has given up
locked_in() {
	grep -q '^NoNewPrivs:.*1' "/proc/$1/status" &&
	    grep -q "^Seccomp:.*$filter" "/proc/$1/status"
}

# start [OPTION] - rawinject: its pid in $pid, its planner's in $planner (and
# with -T the other's in $pace)
start() {
	: >"$T/err"
	rawinject ${1:+"$1"} eth0 <"$T/in" 2>>"$T/err" &
	pid=$!
	began+=("$pid")
	wait_for 10 locked_in $pid
	planner=$(pgrep -P $pid | head -n 1)
	pace=$(pgrep -P $pid | sed -n 2p)
	for p in $planner $pace; do
		wait_for 10 locked_in "$p"
	done
}

over() {
	! grep -q '^State:[^A-Z]*[^Z]' "/proc/$1/status" 2>/dev/null
}

# ended WHAT STATUS SAID - all are gone, by now; a summary that was asked for
# is no other than the last
ended() {
	local status said p
	wait_for 5 over $pid || kill -KILL $pid
	wait $pid 2>/dev/null
	status=$?
	# sent() may have asked before they were: of summaries the last counts
	said=$(sed 's/^rawinject: //' "$T/err" | awk '
		{ line[NR] = $0 }
		/ frames sent, / { last = NR }
		END { for (i = 1; i <= NR; i++)
			if (line[i] !~ / frames sent, / || i == last)
				print line[i] }' | xargs -d '\n')
	for p in $planner $pace; do
		wait_for 5 over "$p" || said="$said (process $p is left)"
	done
	is "$1" "$status $said" "$2 $3"
}

# sent N - so it says
sent() {
	kill -USR1 $pid
	tail -n 1 "$T/err" | grep -q "^rawinject: $1 frames sent"
}
counts() { echo "$1 frames sent, 0 super-frames, 0 lost, 0 cut"; }

# feed FILE - while somebody is stopped: a pipe may be small, and the rest waits;
# unfed: what has not been read is for nobody
feed() {
	cat "$1" >&9 &
	feeder=$!
}
unfed() {
	{ kill $feeder; wait $feeder; } 2>/dev/null
	exec 9>&-
	exec 9<>"$T/in"
}

fds() { (cd "/proc/$1/fd" && echo *); }
# sockets PID - packet sockets among its descriptors, and all sockets
sockets() {
	for f in /proc/"$1"/fd/*; do readlink "$f"; done |
	    sed -n 's/socket:\[\(.*\)\]/\1/p' >"$T/sockets"
	while read -r i; do
		awk -v i="$i" '$NF == i' /proc/net/packet
	done <"$T/sockets" | wc -l
	wc -l <"$T/sockets"
}
rights() {
	grep -E '^(CapPrm|CapEff|NoNewPrivs|Seccomp):' "/proc/$1/status" |
	    tr -d '\t\n'
}
none=CapPrm:0000000000000000CapEff:0000000000000000NoNewPrivs:1Seccomp:$filter

# ---- who has what
start -T
is 'the sender has the packet socket' "$(sockets $pid | head -n 1)" 1
is 'the planner has no socket, and two pipes' "$(sockets "$planner" | xargs) $(
    fds "$planner")" '0 0 0 1'
is 'nor has what keeps the gaps' "$(sockets "$pace" | xargs) $(
    fds "$pace")" '0 0 0 1'
for p in "$pid" "$planner" "$pace"; do
	is 'no right is left' "$(rights "$p")" "$none"
done
[ $filter = 0 ] ||
    is 'what is read the planner cannot write' "$(awk '/zero/ { print $2 }' \
	"/proc/$planner/maps" | sort | xargs)" 'r--s rw-s'
cat "$T/many" >&9
ok 'what needs planning is sent' wait_for 5 sent 200
kill $pid
ended 'SIGTERM: a summary, in order' 0 "$(counts 200)"

# ---- one ends, and with it the others
start
kill -INT "$planner"
kill -HUP "$planner"
kill -TERM "$planner"
cat "$T/many" >&9
ok 'signals are not for the planner' wait_for 5 sent 200
: >"$T/err"
kill -INT "$planner" $pid
ended 'SIGINT to both, as from a terminal: in order' 0 "$(counts 200)"
start
kill -KILL $pid
ended 'the sender is killed' 137 ''
start
kill -KILL "$planner"
ended 'the planner is killed' 1 \
    "$(counts 0) plan frames: the process for it has ended"
start
kill -STOP "$planner"
feed "$T/many"
sleep 0.2
kill -KILL "$planner"
ended 'the planner is killed, being asked' 1 \
    "$(counts 0) plan frames: the process for it has ended"
unfed
start
kill -STOP "$planner"
kill -KILL $pid
ended 'the sender is killed, the planner being stopped' 137 ''
start
kill -STOP "$planner"
feed "$T/many"
sleep 0.2
kill $pid
ended 'SIGTERM, the planner being asked and stopped' 0 "$(counts 0)"
unfed
start -T
kill -KILL "$pace"
ended 'what keeps the gaps is killed' 1 \
    "$(counts 0) read stdin: what keeps the gaps was killed"
start -T
kill -KILL $pid
ended 'the sender is killed, with -T' 137 ''

# ---- stopped, and continued
start
for p in "$planner" "$pid" "$planner"; do
	kill -STOP "$p"
	feed "$T/many"
	sleep 0.2
	kill -CONT "$p"
	wait $feeder
done
ok 'stopped and continued: nothing is lost' wait_for 5 sent 600
: >"$T/err"
kill -STOP "$planner"
cat "$T/one" >&9
ok 'what needs no plan does not wait for one' wait_for 5 sent 601
kill -CONT "$planner"
ip link set eth0 down
: >"$T/err"
cat "$T/many" >&9
down() { grep -q 'eth0 is down: nothing passes until it is up' "$T/err"; }
ok 'the interface goes down: it says so' wait_for 5 down
ip link set eth0 up
: >"$T/err"
cat "$T/many" >&9
ok 'up again: it sends on' wait_for 5 sent 801
printf '' >"$T/err"
kill $pid
ended 'and counts what was lost' 0 \
    '801 frames sent, 0 super-frames, 200 lost, 0 cut'

# ---- damage behind what is planned: that is still sent
{ cat "$T/many"; printf '%32s' ''; } >"$T/damaged"
rawinject eth0 <"$T/damaged" 2>"$T/err"
is 'damage behind records that are planned' \
    "$? $(sed 's/^rawinject: //' "$T/err" | xargs -d '\n')" \
    "1 $(counts 200) read packet 201: a record of 538976288 bytes: the stream is damaged"
rawinject -T eth0 <"$T/damaged" 2>"$T/err"
is 'the same with -T' "$? $(sed 's/^rawinject: //' "$T/err" | xargs -d '\n')" \
    "1 $(counts 200) read packet 201: a record of 538976288 bytes: the stream is damaged"
head -c 5000 "$T/many" | rawinject -T eth0 2>"$T/err"
is 'and the end of a stream inside a record' "$? $(tail -n 1 "$T/err" |
    sed 's/packet [0-9]*/packet N/')" \
    '1 rawinject: read packet N: the stream ends inside this record'
rawinject -qT eth0 <"$T" 2>"$T/err"
is 'and a stdin that cannot be read' "$? $(cat "$T/err")" \
    '1 rawinject: read stdin: Is a directory'

# ---- taken over
if [ -f "$preload" ] && [ $filter = 2 ]; then
	for how in open socket execve clone kill ptrace mmap setown brk sendmsg \
	    sendmmsg recvmsg getsockopt; do
		(BREAKOUT=$how BREAKOUT_IN=gate LD_PRELOAD=$preload \
		    exec timeout --foreground 10 rawinject -q eth0) \
		    <"$T/many" >"$T/out" 2>"$T/said"
		is "the planner: killed by $how" "$? $(cat "$T/said")" \
		    '1 rawinject: plan frames: the process for it has ended'
	done
else
	skip 'a planner that was taken over' 'filter, or LD_PRELOAD,'
fi
done_testing
