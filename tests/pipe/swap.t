#!/bin/bash
# Every stage can be something else: a file with < or >, tcpdump, tee. What
# they write is read by tcpdump and tshark without a complaint, and a run is
# repeated from its recording byte for byte.
LAB_UID=1000
. "${0%/*}/../lab.sh"
lab "$@"
need curl tcpdump
resp=examples/resp.txt
want=$(md5 $resp)

# the line with a tee before and behind tcpfsm
teed() {
	(stage rawcap rawcap eth0) | tee "$T/in" |
	    (stage tcpfsm tcpfsm -l "$T/log" "$@") | tee "$T/out" |
	    (stage rawinject rawinject eth0)
}

# visit - a few connections of every kind, one by one and at once
visit() {
	local a i pids=()
	for a in $V4 $V6; do
		client curl -s --max-time 20 -o "$T/got-$a" -i "$(url $a)"
		for i in 1 2 3 4; do
			client curl -s --max-time 20 -o /dev/null \
			    "$(url $a 808$i)" &
			pids+=($!)
		done
	done
	wait "${pids[@]}"
	have nc && client nc -d $V4 9 | head -c 20000 >/dev/null
	# all is said, the last ACK included
	wait_for 5 eval '[ "$(grep -c " close " "$T/log")" -ge 10 ]'
	sleep 0.1
}

LINE=teed phantom -R "$T/rec" -f $resp
visit
phantom_end
is 'a recorded line ends in order' $? 0
is 'it served, v4 and v6' "$(md5 "$T/got-$V4") $(md5 "$T/got-$V6")" \
    "$want $want"
cp "$T/log" "$T/live-log"
seed=$(sed -n '1s/.* seed=\([0-9]*\).*/\1/p' "$T/log")

# ---- the readers that everybody has
complaints() {
	tshark -r "$1" -o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE \
	    -Y '_ws.malformed || ip.checksum.status == "Bad" ||
		tcp.checksum.status == "Bad" || _ws.expert.severity == error' \
	    2>&1 | grep -v '^Running as user'
}
for f in in out rec; do
	tcpdump -nn -r "$T/$f" >"$T/said" 2>"$T/err"
	is "tcpdump reads $f" \
	    "$? $(grep -v '^reading from file' "$T/err")" '0 '
	if have capinfos; then
		is "each of its packets, $f" "$(wc -l <"$T/said")" \
		    "$(capinfos -cM "$T/$f" 2>/dev/null |
		    sed -n 's/^Number of packets: *//p')"
	else
		skip "each of its packets, $f" capinfos
	fi
	if ! have tshark; then
		skip "tshark finds no fault in $f" tshark
	elif [ $f != rec ]; then
		is "tshark finds no bad checksum, nothing malformed in $f" \
		    "$(complaints "$T/$f")" ''
	fi
done

# ---- a file in rawcap's place, a file in rawinject's
repeat() { tcpfsm -T -S "$seed" -f $resp -l "$T/log-$1" >"$T/out-$1"; }
is 'the log tells the seed' "$([ "$seed" ] && echo yes)" yes
repeat file <"$T/rec"
is 'tcpfsm < file > file' $? 0
ok 'the live run is repeated from its recording byte for byte' \
    cmp "$T/out" "$T/out-file"
# a line of the live log has its packet's own time and number in the live input
story() {
	grep -v ' - - ' "$1" | sed 's/^[^ ]* //; s/ frame=[0-9]*//'
}
ok 'and tells the same story' \
    cmp <(story "$T/live-log") <(story "$T/log-file")

one() { tcpfsm -T -S 1 -f $resp -q -q; }
one <"$T/in" >"$T/one"
cat "$T/in" | one >"$T/two"
ok '-T -S 1: the same from a file and through cat' cmp "$T/one" "$T/two"
dd bs=7 if="$T/in" 2>/dev/null | one >"$T/two"
ok 'the same in pieces of 7 bytes' cmp "$T/one" "$T/two"
(head -c 1001 "$T/in"; sleep 0.3; tail -c +1002 "$T/in") | one >"$T/two"
ok 'the same with a pause inside a packet' cmp "$T/one" "$T/two"
one <"$T/in" | dd bs=100 2>/dev/null >"$T/two"
ok 'the same for a reader that takes little at a time' cmp "$T/one" "$T/two"
tcpfsm -T -S 2 -q -q -f $resp <"$T/in" >"$T/two"
is 'another seed is another run' \
    "$(cmp -s "$T/one" "$T/two" || echo differs)" differs
cat "$T/in" "$T/in" | one >/dev/null
is 'streams may be joined by cat' $? 0

# ---- the output file goes out later, every frame of it
rm -f "$T/err"
client tcpdump -U --immediate-mode -nn -w "$T/heard" -B 32768 \
    'tcp and src 10.0.0.5' 2>"$T/err" &
began+=($!)
heard=$!
wait_for 10 grep -q listening "$T/err"
rawinject -q eth0 <"$T/out"
is 'rawinject < file' $? 0
payload() {
	tcpdump -nn -r "$1" 'tcp and src 10.0.0.5' 2>/dev/null |
	    sed -n 's/.* length \([0-9]*\).*/\1/p' |
	    awk '{ n += $1 } END { print n }'
}
wait_for 10 eval '[ "$(payload "$T/heard")" = "$(payload "$T/out")" ]'
sleep 0.3 # and no more
stop $heard INT
is 'all bytes of it are heard in the client' "$(payload "$T/heard")" \
    "$(payload "$T/out")"

# ---- tcpdump in rawcap's place
tcpdumped() {
	(stage rawcap tcpdump -U --immediate-mode -s 2000 -B 32768 \
	    --time-stamp-precision=nano -i eth0 -w -) |
	    (stage tcpfsm tcpfsm --no-cksum -l "$T/log" "$@") |
	    (stage rawinject rawinject eth0)
}
LINE=tcpdumped phantom -f $resp
for a in $V4 $V6; do
	is "tcpdump in rawcap's place, $a" \
	    "$(client curl -si --max-time 20 "$(url $a)" | md5)" "$want"
done
phantom_end

# ---- and something in between
between() {
	(stage rawcap rawcap eth0) | tcpdump -U -w - -r - tcp 2>/dev/null |
	    (stage tcpfsm tcpfsm -l "$T/log" "$@") | cat |
	    (stage rawinject rawinject eth0)
}
LINE=between phantom -f $resp
is 'tcpdump as a filter between rawcap and tcpfsm, cat behind' \
    "$(client curl -si --max-time 20 "$(url $V4)" | md5)" "$want"
phantom_end

# ---- no interface at all
is 'rawinject - passes a stream on as it is' \
    "$(rawinject -q - <"$T/out" | md5)" "$(md5 <"$T/out")"
perl -e 'print pack("LSSlLLL", 0xa1b23c4d, 2, 4, 0, 0, 262144, 1);
    print pack("LLLL", 1, $_, 16, 16), "x" x 16 for 0, 500_000_000' >"$T/gap"
took=$(date +%s%N)
n_paced=$(rawinject -qT - <"$T/gap" | rawcap -r - | wc -c)
took=$((($(date +%s%N) - took) / 1000000))
is 'rawinject -T - takes the time that the stamps tell' \
    "$n_paced $([ $took -ge 480 ] && [ $took -lt 5000 ] && echo yes)" "88 yes"
done_testing
