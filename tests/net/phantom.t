#!/bin/bash
# phantom: one command is a host, and all of it ends together, whatever dies.
. "${0%/*}/../lab.sh"
lab "$@"
need curl ping pgrep
cp examples/resp.txt "$T/it's resp.txt"
resp="$T/it's resp.txt"
# ours - which of the programs run
ours() {
	ps -eo stat=,comm= | awk '$1 !~ /^Z/ && $2 ~ /^(phantom|log-opener|rawcap|rawinject|tcpfsm|icmp-phantom|arp-phantom|impair|ptee|tcp-film|wireshark)$/ {
	    print $2 }' | sort | xargs
}
none() { [ "$(ours)" = '' ]; }
# left - those that have not ended a moment later: some end by their parent's end
left() {
	wait_for 5 none
	ours
}
# up ARGUMENTS... - phantom, until it says that the address answers
up() {
	phantom_up "$@"
	gone $ph || return 0
	diag <"$T/err"
	return 1
}
# down [SIGNAL] - its exit status
down() {
	kill -"${1:-INT}" $ph
	wait_for 20 gone $ph || kill -KILL $ph
	wait $ph
}
get() { client curl -si --max-time 20 "$(url "$@")" | md5; }
want=$(md5 "$resp")
said() { grep -c "$1" "$T/said"; }

# ---- a host
up -w 0.3 -f "$resp" -p 80 --pcap "$T/both.pcap" --film "$T/film.html" \
    -l "$T/log" eth0 $V4 $V6
for a in $V4 $V6; do
	is "curl $a" "$(get $a)" "$want"
	is "ping $a" "$(client ping -n -c 2 -i 0.2 -W 5 $a |
	    grep -o '[0-9] received')" '2 received'
	is "$a: the hint works as written" "$(cd "$T" && client sh -c \
	    "$(grep -F "$a" said | grep curl) -si" && md5 got)" "$want"
done
is 'another port is closed' "$(client curl -s --max-time 9 "$(url $V4 81)"
    echo $?)" 7
is 'a line for each connection, with its bytes' \
    "$(wait_for 5 eval '[ "$(said "bytes sent.*fin$")" = 4 ]'
    said "^\\(10.0.0.9\\|\\[fd00::9\\]\\):.* 107007 bytes sent\\( ([0-9]* retransmitted)\\)\\{0,1\\}, .* fin$")" 4
wait_for 5 grep -q '^4 connections, 428028 bytes sent.* 4 pings$' "$T/said"
is 'progress: a plain line' $? 0
is 'the way of it' "$(ours)" "arp-phantom arp-phantom icmp-phantom log-opener phantom \
phantom rawcap rawcap rawcap rawcap rawinject rawinject rawinject rawinject tcp-film tcpfsm"
down
is 'SIGINT: exit 0, nothing left' "$? $(left)" '0 '
is 'nothing on stderr' "$(cat "$T/err")" ''
is 'the last line: the totals' "$(tail -n 1 "$T/said" |
    grep -c '^4 connections, 428028 bytes sent, .* 4 pings$')" 1
is 'the log of all three' "$(awk '$4 == "start" || $4 == "end" || $4 == "close" {
    n[$4]++ } END { print n["start"], n["close"], n["end"] }' "$T/log")" '3 4 3'
is 'the film: each connection and the refused one, each close of the log, all of it' \
    "$(grep -c '^{"no":' "$T/film.html") $(grep -c \
    '"close","how=fin"' "$T/film.html") $(tail -n 1 "$T/film.html")" \
    '5 4 </html>'
if have tshark; then
	is 'the capture: both directions, ARP too' "$(tshark -r "$T/both.pcap" \
	    -T fields -e ip.src -e arp.src.proto_ipv4 2>/dev/null | xargs -n 1 |
	    sort -u | xargs)" "0.0.0.0 10.0.0.5 10.0.0.9"
else
	skip 'the capture: both directions' tshark
fi

# ---- nobody reads what it shows
mkfifo "$T/unread"
exec 8<>"$T/unread"
fill "$T/unread"
"$BIN/phantom" -v -n -f "$resp" -p 80 eth0 $V4 >"$T/unread" 2>&1 8<&- &
ph=$!
began+=("$ph")
wait_for 20 client curl -s --max-time 2 -o /dev/null "$(url $V4)"
is 'nobody reads: it serves' "$(get $V4)" "$want"
down TERM
is 'nobody reads: SIGTERM ends it' "$? $(left)" '0 '
exec 8<&-

# ---- what --print shows is sh's
"$BIN/phantom" --print -n -q -f "$resp" -p 80 --in 'delay 5ms' \
    --out 'loss 10% seed 3' eth0 $V4 >"$T/line"
is '--print starts nothing' "$(ours)" ''
(echo 'echo $$ >"$T/sh.pid"'; cat "$T/line") >"$T/line.sh"
begin sh "$T/line.sh" 2>/dev/null
sh=$!
wait_for 20 packet_sockets 5
is "--print's line, run by sh: curl" "$(get $V4)" "$want"
wait_for 5 eval '[ "$(ours | grep -o impair | wc -l)" = 4 ]'
is 'with impair in both directions of both lines' \
    "$(ours | grep -o impair | wc -l)" 4
kill "$(pgrep -x tcpfsm)"
wait_for 20 gone $sh
wait_for 20 none
is 'its last line ends the rest' "$(ours)" ''

# ---- words of impair
up -n -f "$resp" --out 'drop data#1' -v eth0 $V4
is '--out: curl' "$(get $V4)" "$want"
wait_for 5 grep -q ' close ' "$T/said"
is '-v: the events; one packet was lost' \
    "$(said ' retransmit ') $(said 'how=fin .*retransmits=1 ')" '1 1'
down TERM
is 'SIGTERM: exit 0, nothing left' "$? $(left)" '0 '

# ---- a network that changes while it runs
echo '# nothing yet' >"$T/words"
up -n --in "@$T/words" --out 'delay 1ms' -e cat eth0 $V4
echoed() { client ping -n -c 1 -W 1 $V4 >/dev/null; echo $?; }
is '--in @file: without words all passes' "$(echoed)" 0
echo 'loss 100%' >"$T/words"
kill -USR2 $ph
is 'SIGUSR2: other words' "$(wait_for 5 eval '[ "$(echoed)" = 1 ]'; echo $?)" 0
is 'also for TCP' "$(client timeout 1 nc -N $V4 7 </dev/null; echo $?)" 124
echo 'loss lots' >"$T/words"
kill -USR2 $ph
wait_for 5 grep -q 'loss lots: not a percentage: the words before it stay' \
    "$T/err"
is 'wrong words are said, once; those before stay' \
    "$? $(grep -c 'not a perc' "$T/err") $(echoed)" '0 1 1'
mv "$T/words" "$T/away"
kill -USR2 $ph
wait_for 5 grep -q 'No such file.*the words before it stay' "$T/err"
is 'as is a file that is away' "$? $(echoed)" '0 1'
echo 'drop syn#1-2' >"$T/words"
kill -USR2 $ph
wait_for 5 eval '[ "$(echoed)" = 0 ]'
is 'words for single packets: two SYNs of a connection are lost' \
    "$? $(client timeout 1 nc -N $V4 7 </dev/null; echo $?)" '0 124'
down
is 'exit 0' "$? $(left)" '0 '

# ---- a command, the log as JSON
up -n -e cat -p 7 -J -l "$T/json" eth0 $V4
is '-e cat: echo' "$(echo hello | client timeout 20 nc -N $V4 7)" hello
is 'the hint' "$(said "^    nc $V4 7\$")" 1
wait_for 5 grep -q '^10.0.0.9:.* 6 bytes sent, 6 received' "$T/said"
is 'read from JSON' $? 0
client sh -c "sleep 60 | nc $V4 7" &
began+=($!)
wait_for 20 pgrep -x cat
down
is 'SIGINT with a command running: nothing left' "$? $(left) $(
    wait_for 5 eval '! pgrep -x cat'; pgrep -x cat)" \
    '0  '

# ---- quirks, ranges of ports, and what clients send beside a command
is '-Q list' "$("$BIN/phantom" -Q list)" "$(tcpfsm -Q list)"
up -n -Q rst@1000 -p 79-81,8080 -f "$resp" eth0 $V4
is '-Q: a reset in the middle' "$(client curl -s --max-time 9 -o /dev/null \
    "$(url $V4)"; echo $?)" 56
is '-p 79-81,8080: the first, the last' "$(for p in 78 79 81 82 8080; do
	client curl -s --max-time 9 -o /dev/null "$(url $V4 $p)"; echo $?
done | xargs)" '7 56 56 7 56'
is 'the hint has the first' "$(said " http://$V4:79/")" 1
down
up -n -e 'tr a-z A-Z' -p 7 -o "$T/kept" eth0 $V4
is '-e and -o: the command answers' \
    "$(echo hello | client timeout 20 nc -N $V4 7)" HELLO
is 'and the file has what it was sent' "$(cat "$T/kept")" hello
down
is 'exit 0' $? 0
up -n -r "$T/both.pcap" eth0 $V4
is '-r: a recorded server sends what it sent' "$(get $V4)" "$want"
down

# ---- without TCP
up -n eth0 $V4
is 'without -f and -e: ping' "$(client ping -n -c 1 -W 5 $V4 |
    grep -o '1 received') $(ours | grep -c tcpfsm)" '1 received 0'
down

# ---- two at one interface: neither answers for the other
"$BIN/phantom" -q -n -e 'echo prefix' eth0 10.0.0.64/29 fd00::40/125 \
    >"$T/said2" 2>"$T/err2" &
prefix=$!
began+=("$prefix")
wait_for 20 packet_sockets 5
up -n -e 'echo host' -p 7 eth0 $V4 $V6
wait_for 20 packet_sockets 10
for a in $V4:host $V6:host 10.0.0.66:prefix fd00::44:prefix; do
	is "beside another phantom: ${a%:*} is the ${a##*:}" "$(for i in 1 2 3; do
		client timeout 20 nc -N "${a%:*}" 7 </dev/null; done | xargs)" \
	    "${a##*:} ${a##*:} ${a##*:}"
done
is 'and a closed port is closed, once' "$(client curl -s --max-time 9 \
    "$(url $V4 81)"; echo $?)" 7
kill "$prefix"
wait_for 20 gone "$prefix"
down

# ---- something dies
for p in tcpfsm rawcap rawinject icmp-phantom arp-phantom; do
	up -n -f "$resp" eth0 $V4
	kill -KILL "$(pgrep -ox $p)"
	wait_for 20 gone $ph
	wait $ph
	is "$p is killed: exit 1, named, nothing left" "$? $(left) \
$(grep -c "^phantom: $p: ended by signal 9 (Killed)" "$T/err")" '1  1'
	is "$p is killed: nothing stands between that and the end" \
	    "$(said ' ping')" "$(said '^    ping')"
done
up -n -f "$resp" eth0 $V4
keeper=$(pgrep -nx phantom -P $ph)
kill -KILL $ph
wait $ph 2>/dev/null
wait_for 20 none
is 'phantom is killed: nothing left' "$(ours)" ''
up -n -f "$resp" eth0 $V4
kill -KILL "$(pgrep -x phantom -P $ph)"
wait_for 20 gone $ph
wait $ph
is 'its keeper is killed: exit 1, nothing left' "$? $(left)" '1 '

# ---- on this very machine
pairs() { ip -o link show type veth | grep -c ' ph[0-9]'; }
unpaired() { [ "$(pairs)" = 0 ]; }
for s in INT TERM KILL; do
	up --here -f "$resp" --out 'delay 1ms' 10.77.0.5 fd77::/64
	is "--here, $s: curl from here" "$(curl -si --max-time 20 \
	    "$(url 10.77.0.5)" | md5) $(curl -si --max-time 20 \
	    "$(url fd77::1:2)" | md5) $(ping -n -c 1 -W 5 10.77.0.5 |
	    grep -o '1 received')" "$want $want 1 received"
	is "--here, $s: the hint is for here" \
	    "$(said '10.77.0.5 answers, at 02:50:0a:4d:00:05; try')" 1
	down $s 2>/dev/null
	wait_for 20 unpaired
	wait_for 20 none
	is "--here, $s: all is removed" "$(pairs) $(ours) $(ip route show |
	    grep -c 10.77)" '0  0'
done
"$BIN/phantom" --here -n -e 'no such thing' -N 0 10.77.0.5 >/dev/null 2>"$T/err"
is '--here, a program fails at the start: nothing is left' \
    "$? $(wait_for 5 unpaired; pairs)" '2 0'
ip addr add 10.77.0.6/32 dev lo
"$BIN/phantom" --here -f "$resp" 10.77.0.6 2>"$T/err"
is "--here: this host's own address" \
    "$? $(grep -c "10.77.0.6: it is this host's own (lo)" "$T/err")" '2 1'
ip addr del 10.77.0.6/32 dev lo
up --here -f "$resp" 10.77.0.5 fd77::5
for a in 10.77.0.5 fd77::5; do
	"$BIN/phantom" --here -f "$resp" $a 2>"$T/err"
	is "--here $a, which is another phantom's" \
	    "$? $(grep -c "$a: another phantom .*process $ph" "$T/err")" '1 1'
done
down TERM
wait_for 20 unpaired
# a signal at any moment of the start, from when it is minded
minded() {
	local what bits
	[ "$(readlink /proc/$early_pid/exe)" = "$BIN/phantom" ] || return
	while read -r what bits; do
		case $what in
		SigBlk: | SigCgt:) (((0x$bits >> (15 - 1)) & 1)) && return ;;
		esac
	done <"/proc/$early_pid/status"
	return 1
}
early=
for d in 0 0.003 0.01 0.03 0.1; do
	for s in TERM HUP; do
		"$BIN/phantom" --here -f "$resp" 10.77.0.5 >/dev/null 2>&1 &
		early_pid=$!
		wait_for 5 minded
		sleep $d
		stop $early_pid $s
		early="$early $?"
	done
done
is '--here, a signal while it starts: exit 0, and nothing is left' \
    "$early $(wait_for 5 unpaired; pairs)" ' 0 0 0 0 0 0 0 0 0 0 0'
is '--here takes root' "$("${poor[@]}" "$BIN/phantom" --here -f "$resp" \
    10.77.0.5 2>&1 | grep -c 'it takes root')" 1

# ---- what cannot be
is_said() { # STATUS TEXT ARGUMENTS...
	timeout 20 "$BIN/phantom" "${@:3}" >"$T/said" 2>"$T/err"
	is "${*:3}: exit $1" "$? $(grep -c -- "$2" "$T/err") $(left)" "$1 1 "
}
is_said 1 "10.0.0.9.*02:00:00:00:00:09" -w 1 -f "$resp" eth0 10.0.0.9
is_said 2 "open $T/none: No such file" -n -f "$T/none" eth0 $V4
# at once: no program misses the signal that comes while it is started
slow=0
for i in 1 2 3 4 5 6; do
	timeout 3 "$BIN/phantom" -n -f "$T/none" eth0 $V4 >/dev/null 2>&1
	[ $? = 2 ] || slow=$((slow + 1))
done
is 'six times, each within three seconds' $slow 0
is_said 2 'no such interface\|No such device' -n -f "$resp" eth7 $V4
is_said 2 '-p x: not ports' -p x -f "$resp" eth0 $V4
is_said 2 'about TCP' -p 80 eth0 $V4
is_said 2 'command is empty' -e '' eth0 $V4
is_said 2 'not an address' eth0 here
is_said 2 'own traffic' --here -f "$resp" 0.0.0.0/0
is_said 2 'own traffic' --here -f "$resp" ::/7
is_said 2 'given twice' eth0 $V6 fd00:0::5
is_said 2 'not ports from 1' -p 80-79 -e cat eth0 $V4
is_said 2 'cannot be used together' -e cat -f "$resp" eth0 $V4
is_said 2 'no.such' -n -f "$resp" --in 'no.such 5' eth0 $V4
cp "$BIN"/{phantom,rawcap,rawinject,tcpfsm,icmp-phantom,arp-phantom,ptee} "$T"
(PATH=/usr/bin:/bin "$T/phantom" --out 'loss 1%' eth0 $V4) 2>"$T/err"
is 'no impair there: told how to do without' \
    "$? $(grep -c 'impair: not found.*leave --in and --out out' "$T/err")" '2 1'
(PATH=/nonexistent "$T/phantom" --wireshark eth0 $V4) 2>"$T/err"
is 'no Wireshark: likewise' "$? $(grep -c 'install it, or leave' "$T/err")" '2 1'

# ---- a viewer
cat >"$T/wireshark" <<'END'
#!/bin/sh
echo "$*" >"$0.args"
exec cat >"$0.pcap"
END
chmod 755 "$T/wireshark"
PATH=$T:$PATH up -n -f "$resp" --wireshark eth0 $V4
is 'beside a viewer: curl' "$(get $V4)" "$want"
viewed() { # bytes that it has of them
	rawcap -qr "$T/wireshark.pcap" -p 80 --either 2>/dev/null | wc -c
}
wait_for 10 eval '[ "$(viewed)" -gt 100000 ]'
kill "$(pgrep -x -f "cat")" 2>/dev/null || kill "$(pgrep -nP $ph)"
is 'behind a viewer that has gone: curl' "$(get $V4)" "$want"
down
is 'it was told, and had its packets' "$? $(cat "$T/wireshark.args") \
$(($(viewed) > 100000))" '0 -k -i - 1'

# ---- on a terminal
if have script; then
	mkfifo "$T/keys"
	rm -f "$T/said"
	script -qec "'$BIN/phantom' -n -f examples/resp.txt eth0 $V4" /dev/null \
	    <"$T/keys" >"$T/said" 2>&1 &
	ph=$!
	began+=("$ph")
	exec 3>"$T/keys"
	wait_for 20 grep -q '^Ctrl-C' "$T/said"
	get $V4 >"$T/got"
	wait_for 5 grep -q '1 connection, 107007 bytes' "$T/said"
	printf '\003' >&3
	wait_for 20 gone $ph
	wait $ph
	is 'Ctrl-C on a terminal: exit 0, nothing left' "$? $(left)" '0 '
	is 'the status is taken away before another line' \
	    "$(grep -c $'\033\\[?7l1 connection, 107007 .* pings\033\\[?7h.*\r\033\\[K' "$T/said")" 1
	exec 3>&-

	# behind the shell that started it: the line there is the user's
	cat >"$T/jobs" <<-END
		set -m
		'$BIN/phantom' -n -f examples/resp.txt eth0 $V4 &
		echo \$! >$T/job
		read -r line
		echo "<\$line>"
		fg
	END
	rm -f "$T/said"
	script -qec "bash $T/jobs" /dev/null <"$T/keys" >"$T/said" 2>&1 &
	ph=$!
	began+=("$ph")
	exec 3>"$T/keys"
	wait_for 20 grep -q '^SIGTERM ends' "$T/said"
	is 'in the background: how it ends is true' \
	    "$(grep -c '^Ctrl-C' "$T/said") $(tr -d '\r' <"$T/said" |
	    grep -xc "SIGTERM ends it: kill $(cat "$T/job")")" '0 1'
	get $V4 >"$T/got"
	wait_for 5 grep -q ':80: 107007 bytes sent' "$T/said"
	sleep 1.1
	is 'no status' "$(grep -c $'\033\|^1 connection' "$T/said")" 0
	echo typed >&3
	wait_for 5 grep -q '^1 connection\|1 connection,.* pings\033' "$T/said"
	is 'in front again: the status' \
	    "$(grep -c $'\033\\[?7l1 connection, 107007 ' "$T/said" |
	    awk '{ print ($1 > 0) }')" 1
	printf '\003' >&3
	wait_for 20 gone $ph
	exec 3>&-
	wait_for 5 none
	is 'and Ctrl-C ends it' "$(ours)" ''
else
	skip 'on a terminal' script
fi
done_testing
