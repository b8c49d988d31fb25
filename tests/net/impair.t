#!/bin/bash
# impair in the line, with real clients: bytes arrive whole through a bad
# network, its delays are what the client's kernel measures, and the packet
# that is aimed at is the one that TCP has to send again.
. "${0%/*}/../lab.sh"
lab "$@"
need curl
resp=examples/resp.txt
want=$(md5 $resp)

# bent - the line with an impair on either side; IN and OUT are their words
bent() {
	# shellcheck disable=SC2086
	(stage rawcap rawcap eth0) |
	    (stage in impair $IN) |
	    (stage tcpfsm tcpfsm -l "$T/log" "$@") |
	    (stage out impair $OUT) |
	    (stage rawinject rawinject eth0)
}
export LINE=bent

# get ADDRESS [LIMIT] - md5 of what curl gets
get() { client curl -si --max-time "${2:-60}" "$(url $1)" | md5; }
closes() { [ "$(grep -c ' close how=fin' "$T/log")" -ge "$1" ]; }
# said STAGE - its summary line
said() { grep '^impair: .* passed' "$T/$1.err"; }

# ---- the line of the mission
IN='loss 10% seed 7' OUT='-S 8 delay 20ms 5ms loss 10%' phantom -f $resp
pids=()
for i in 1 2 3; do
	for a in $V4 $V6; do
		get $a >"$T/got-$i-$a" &
		pids+=($!)
	done
done
wait "${pids[@]}"
is '10% lost both ways, 20 ms behind: 6 downloads' \
    "$(sort "$T"/got-* | uniq -c | xargs)" "6 $want"
is 'all are closed in order' "$(wait_for 20 closes 6 && echo yes)" yes
phantom_end
is 'the line ends in order' $? 0
is 'each tells what it did' "$(said in | grep -c 'seed 7$') $(said out |
    grep -c 'seed 8$')" '1 1'
for s in in out; do
	is "and dropped about a tenth: $s" "$(said $s | awk '{
	    p = $4 / ($2 + $4); print (p > 0.03 && p < 0.2) }')" 1
done
echo "# $(said in)"
echo "# $(said out)"
is 'every packet of the way out was delayed' "$(said out |
    awk '{ print ($2 == $8) }')" 1

# ---- times: connect() returns when the SYN-ACK has come
IN='' OUT='delay 20ms' phantom -f $resp
for i in $(seq 10); do
	client curl -s -o /dev/null -w '%{time_connect}\n' "$(url $V4)"
done >"$T/times"
is 'a delay of 20 ms: no connect is faster, the fastest not by much' \
    "$(sort -n "$T/times" | head -n 1 |
    awk '{ print ($1 >= 0.02 && $1 < 0.2) }')" 1
echo "# seconds: $(sort -n "$T/times" | xargs)"
phantom_end
IN='delay 30ms' OUT='delay 20ms' phantom -f $resp
client curl -s -o /dev/null -w '%{time_connect}\n' "$(url $V6)" >"$T/times"
is 'two of them add up' "$(awk '{ print ($1 >= 0.05 && $1 < 1) }' \
    "$T/times")" 1
phantom_end
# 107 KB at 2 Mbit/s: 0.43 s, and no loss
IN='' OUT='rate 2mbit' phantom -f $resp
client curl -s -o /dev/null -w '%{time_total}\n' "$(url $V4)" >"$T/times"
is 'rate' "$(awk '{ print ($1 >= 0.4 && $1 < 4) }' "$T/times")" 1
echo "# seconds at 2 Mbit/s: $(cat "$T/times")"
phantom_end

# ---- aimed
# aimed WORDS EVENT - with these words the bytes arrive, and the log tells it
aimed() {
	IN='' OUT="-v $1" phantom -f $resp
	is "$1: the bytes arrive" "$(get $V4)" "$want"
	wait_for 20 closes 1
	is "$1: TCP's log tells it" "$(grep -cE "$2" "$T/log" |
	    awk '{ print ($1 > 0) }')" 1 || tail -n 20 "$T/log" | diag
	phantom_end
}
hits() { grep -E "^[0-9.]+ [^ ]+ [^ ]+ $1 " "$T/out.err" | grep -c "$2"; }
aimed 'drop synack#1' ' timeout why=syn '
is 'and it was that packet' "$(hits drop 'packet=synack#1 conn=1 way=>')" 1
aimed 'drop data#3-5' ' retransmit seq=2897 '
is 'and those three' "$(hits drop 'packet=data#[345] ')" 3
aimed 'drop fin#1' ' retransmit '
is 'and that one' "$(hits drop 'packet=fin#1 ')" 1
aimed 'corrupt data#2 csum' ' retransmit seq=1449 '
is 'and that one' "$(hits corrupt 'packet=data#2 ')" 1
aimed 'cut data#5 1s' ' timeout why=rto '
is 'and what came in that second' "$(hits drop 'why=cut ' |
    awk '{ print ($1 > 0) }')" 1
aimed 'dup data#2 dup synack delay data#1 30ms' ' close how=fin '
is 'a delayed one' "$(hits delay 'delay_us=30000 packet=data#1 ')" 1

# ---- from a random failure to a script
IN='' OUT="-S 3 loss 20% save $T/schedule" phantom -f $resp
is 'a fifth is lost' "$(get $V4)" "$want"
wait_for 20 closes 1
phantom_end
# what is sure to come again: the first losses of the connection
grep ' synack#\| data#' "$T/schedule" | head -n 5 >"$T/few"
mv "$T/few" "$T/schedule"
sure=$(sed 's/\([0-9]*\) \([<>]\) \([a-z0-9#]*\) .*/packet=\3 conn=\1 way=\2/' \
    "$T/schedule" | sort | head -n 2)
IN='' OUT="-v play $T/schedule" phantom -f $resp
is 'its script is played' "$(get $V6)" "$want"
wait_for 20 closes 1
phantom_end
is 'and loses what it lists, nothing else' "$(grep ' drop ' "$T/out.err" |
    grep -o 'packet=[^ ]* conn=[^ ]* way=[^ ]*' | sort | head -n 2)" "$sure"
is 'and tells how many lines met their packet' \
    "$(grep -c 'of 5 lines played' "$T/out.err")" 1

# ---- a reader that sleeps loses packets, and nothing stops
perl -e 'print pack("LSSlLLL", 0xa1b23c4d, 2, 4, 0, 0, 262144, 1);
    print pack("LLLL", 1, $_, 1000, 1000), "x" x 1000 for 1 .. 20000' \
    >"$T/many"
mkfifo "$T/from" "$T/to"
exec 3<>"$T/from" 4<>"$T/to"	# we are the reader, and never read
impair -l "$T/ready" <"$T/from" >"$T/to" 2>"$T/err" 3>&- 4>&- &
began+=($!)
pid=$!
wait_for 20 test -s "$T/ready"
is 'rights are given up' "$(grep -o 'caps:none' "$T/ready")" caps:none
cat "$T/many" >&3
# lost - how many, by the summary that it is asked for
lost() {
	kill -USR1 $pid
	sleep 0.1
	tail -n 1 "$T/err" | grep -o '[0-9]* lost in a full' | cut -d ' ' -f 1
}
enough() { [ "$(lost)" -gt 10000 ]; }
is 'a reader that sleeps: the input is read on, and the loss is told' \
    "$(wait_for 20 enough && echo yes)" yes
exec 4>&-
wait_for 5 gone $pid
is 'and when it is gone, the end comes without a packet' \
    "$(gone $pid && echo yes)" yes
done_testing
