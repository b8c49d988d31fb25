#!/bin/bash
# Stages that poll before they sleep: they serve, sleep when nothing comes, and
# take signals meanwhile.
. "${0%/*}/../lab.sh"
lab "$@"
need curl

words() { tr '\0' ' ' <"/proc/$(pgrep -nx "$1")/cmdline"; }
polls() { # PID - it takes CPU
	awk '{ exit $14 + $15 <= 3 }' "/proc/$1/stat"
}
jiffies() { # of the three
	local p
	for p in $(pgrep -x 'rawcap|tcpfsm|rawinject'); do
		cat "/proc/$p/stat"
	done | awk '{ n += $14 + $15 } END { print n }'
}

seq 200000 >"$T/file"
"$BIN/phantom" -q -n --spin 20ms -f "$T/file" eth0 10.0.0.5 &
phantom=$!
wait_for 10 ip netns exec client curl -s --http0.9 -o "$T/got" http://10.0.0.5/
is 'a phantom that polls serves' "$(cmp "$T/file" "$T/got" 2>&1 && echo same)" same
for p in rawcap tcpfsm rawinject; do
	is "phantom passes it on to $p" "$(words $p | grep -o -e '--spin 20ms')" \
	    '--spin 20ms'
done
tcpfsm -f "$T/file" </dev/null 2>"$T/said" >"$T/out"
if grep -q 'seccomp:on' "$T/said"; then
	is 'the system calls are filtered as ever' "$(awk '/^Seccomp:/ { print $2 }' \
	    /proc/"$(pgrep -nx rawcap)"/status)" 2
else
	skip 'the system calls are filtered as ever' 'filter in this build'
fi
sleep 0.3
before=$(jiffies)
sleep 1
is 'when nothing comes they sleep' $(($(jiffies) - before < 10)) 1
kill -INT $phantom
wait $phantom
is 'it ends as ever' $? 0

for p in 'rawcap -q --spin 1s eth0' 'rawinject -q --spin 1 eth0' \
    "tcpfsm -q --spin 1000ms -f $T/file"; do
	mkfifo "$T/fifo"
	sleep 20 >"$T/fifo" &
	open=$!
	(exec $p <"$T/fifo" >"$T/fifo.out" 2>"$T/err") &
	pid=$!
	wait_for 10 polls $pid
	kill -TERM $pid
	wait_for 5 gone $pid
	wait $pid
	is "${p%% *} ends while it polls" $? 0 || diag <"$T/err"
	kill $open
	rm "$T/fifo"
done
is 'rawcap polls at an interface alone' \
    "$("$BIN/rawcap" --spin 1ms - 2>&1 </dev/null | head -n 1)" \
    'rawcap: -O, -P, -G and --spin need an interface'
is 'no longer than a second' "$("$BIN/tcpfsm" --spin 2 -f "$T/file" 2>&1 |
    grep -o 'not a time from 0 to 1 s')" 'not a time from 0 to 1 s'
done_testing
