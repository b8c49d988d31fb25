#!/bin/bash
# The process that holds the packet socket for one that parses, see gate.h:
# what each of the two has, that they end together however one ends, and
# that neither can hold up the other.
. "${0%/*}/../lab.sh"
lab "$@"
need pgrep
preload=${BUILD:-$ROOT/build}/tests/net/breakout.so
MAC=02:50:0a:00:00:05

# start - arp-phantom: its pid in $pid, its gate's in $gate
start() {
	rm -f "$T/arp.err" # the one before has announced as well
	arp-phantom -n eth0 $V4 2>"$T/arp.err" &
	pid=$!
	began+=("$pid")
	wait_for 10 grep -q ' announce' "$T/arp.err"
	gate=$(pgrep -P $pid)
}

# over PID - it has ended; whoever inherits it may not have looked yet
over() {
	! grep -q '^State:[^A-Z]*[^Z]' "/proc/$1/status" 2>/dev/null
}

# ended WHAT STATUS SAID - both are gone, by now
ended() {
	local status said
	wait_for 5 over $pid || kill -KILL $pid
	wait $pid 2>/dev/null
	status=$?
	said=$(sed -n 's/^arp-phantom: //p' "$T/arp.err")
	wait_for 5 over "$gate" || said="$said (the gate is left)"
	is "$1" "$status $said" "$2 $3"
}

# answers - it is there; what waits of a storm may come first
answers() {
	ip -n client neigh flush dev eth0
	wait_for 10 is_known
}
is_known() {
	client timeout 1 bash -c "echo >/dev/udp/$V4/9" 2>/dev/null
	sleep 0.1
	ip -n client neigh show $V4 | grep -q $MAC
}

# ---- who has what
start
is 'the parser has no packet socket' "$(for f in /proc/$pid/fd/*; do
	readlink "$f"; done | sed -n 's/socket:\[\(.*\)\]/\1/p' | while read -r i; do
	awk -v i="$i" '$NF == i' /proc/net/packet; done)" ''
is 'the gate has it, its end of the pair, and no more' \
    "$(for f in /proc/"$gate"/fd/*; do readlink "$f"; done |
    grep -c '^socket:') $(ls "/proc/$gate/fd" | tr '\n' ' ')" '2 0 1 '
grep -q 'seccomp:off' "$T/arp.err" ||
    is 'the gate has its own filter' \
	"$(grep -E '^(Seccomp|NoNewPrivs|CapEff):' "/proc/$gate/status" |
	tr -d '\t\n')" 'CapEff:0000000000000000NoNewPrivs:1Seccomp:2'
ok 'it answers' answers

# ---- one ends, and with it the other
kill $pid
ended 'SIGTERM: a summary, in order' 0 '1 answered, 0 conflicts, 0 dropped'
start
kill -INT "$gate"
kill -HUP "$gate"
kill -TERM "$gate"
ok 'signals are not for the gate' answers
kill -INT "$gate" $pid
ended 'SIGINT to both, as from a terminal: in order' 0 '1 answered, 0 conflicts, 0 dropped'
start
kill -KILL $pid
ended 'the parser is killed' 137 ''
start
kill -KILL "$gate"
ended 'the gate is killed' 1 'use eth0: Owner died'
start
kill -STOP "$gate"
kill -KILL $pid
ended 'the parser is killed, the gate being stopped' 137 ''
start
kill -STOP "$gate"
kill $pid
ended 'SIGTERM, the gate being stopped' 0 '0 answered, 0 conflicts, 0 dropped'

# ---- stopped, and a storm
start
kill -STOP "$gate"
sleep 0.3
kill -CONT "$gate"
ok 'the gate was stopped: it goes on' answers
kill -STOP $pid
sleep 0.3
kill -CONT $pid
ok 'the parser was stopped: it goes on' answers
if have python3; then
	python3 - >"$T/storm" <<'PY'
import struct, sys
out = sys.stdout.buffer
out.write(struct.pack('=IHHiIII', 0xa1b23c4d, 2, 4, 0, 0, 262144, 1))
for i in range(100000):
    sha = bytes((2, 0, 1)) + struct.pack('!I', i)[1:]
    f = b'\xff' * 6 + sha + bytes.fromhex('08060001080006040001') + sha + \
        bytes((10, 0, 0, 9)) + b'\0' * 6 + bytes((10, 0, 0, 5))
    out.write(struct.pack('=IIII', 1, 0, len(f), len(f)) + f)
PY
	rss() { awk '/^VmRSS/ { print $2 }' /proc/$1/status; }
	storm() { client rawinject -q eth0 <"$T/storm"; }
	storm
	before=$(($(rss $pid) + $(rss "$gate")))
	for _ in 1 2 3; do storm; done
	ok 'three storms of 100,000 requests: it answers' answers
	after=$(($(rss $pid) + $(rss "$gate")))
	is 'and has not grown' "$((after - before < 1000))" 1 ||
	    echo "# $before $after"
	kill -STOP $pid
	for _ in 1 2 3; do storm; done
	kill -CONT $pid
	ok 'three while the parser is stopped' answers
	kill -STOP "$gate"
	for _ in 1 2 3; do storm; done
	kill -CONT "$gate"
	ok 'three while the gate is stopped' answers
	storm &
	kill $pid
	wait_for 5 over $pid
	sed -i 's/[0-9]* dropped/N dropped/; s/: [0-9]* /: N /' "$T/arp.err"
	ended 'SIGTERM in a storm: the summary tells what was dropped' 0 \
	    'N answered, 0 conflicts, N dropped'
	wait $!
else
	skip 'storms' python3
	kill $pid
fi

# ---- one of them is taken over
tcpfsm -f LICENSE </dev/null 2>"$T/said" >"$T/out"
if [ -f "$preload" ] && grep -q 'seccomp:on' "$T/said"; then
	# taken WHO HOW COMMAND... - its exit status, and what it said last
	taken() {
		local who=$1 how=$2
		shift 2
		(BREAKOUT=$how BREAKOUT_IN=$who LD_PRELOAD=$preload \
		    exec timeout --foreground 10 "$@") >"$T/out" 2>"$T/said"
		echo "$? $(grep -v ' - ' "$T/said" | tail -n 1)"
	}
	for p in "arp-phantom -n eth0 $V4" \
	    'arp-query -n -s 10.0.0.77 eth0 10.0.0.9' \
	    'icmp-ping -n -s 10.0.0.77 -g 02:00:00:00:00:66 eth0 10.0.0.9'; do
		for how in open socket execve recvmsg sendmsg getsockopt; do
			# shellcheck disable=SC2086
			is "${p%% *}, its parser: killed by $how" \
			    "$(taken parser $how $p)" '159 '
		done
	done
	for how in open socket execve clone kill ptrace mmap setown brk; do
		is "the gate: killed by $how" \
		    "$(taken gate $how arp-phantom -n eth0 $V4)" \
		    '1 arp-phantom: use eth0: Owner died'
	done
else
	skip 'a gate that was taken over' 'filter, or LD_PRELOAD,'
fi
done_testing
