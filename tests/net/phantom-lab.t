#!/bin/bash
# phantom-lab: what its --help says works as written, and nothing is left.
. "${0%/*}/../lab.sh"
# our own processes only: what is left behind can be counted
lab "$@"
need curl ping env
# the lab has a /run of its own
T=$(mktemp -d /tmp/phantom-lab.XXXXXX) && cd "$T" || exit 1
trap 'lab_down; rm -rf "$T"' EXIT
export TMPDIR=$T
L=$BIN/phantom-lab
"$L" true 2>"$T/err" || skip_all "no lab in a lab: $(head -n 1 "$T/err")"
net() { readlink /proc/self/ns/net; }
# inside - how many processes have another network than ours
inside() {
	local p n=0
	for p in /proc/[0-9]*; do
		p=$(readlink "$p/ns/net" 2>/dev/null) || continue
		[ "$p" = "$(net)" ] || n=$((n + 1))
	done
	echo $n
}
# left - those that have not ended a moment later
none_inside() { [ "$(inside)" = 0 ]; }
left() {
	wait_for 5 none_inside
	inside
}

# try N - the lines of --help
try() {
	"$L" --help | awk -v n="$1" '/^  [1-5]\. / { on = $1 == n "." ; next }
	    /^$/ { on = 0 } on { sub(/^ +/, ""); print }'
}
is 'five things to try' "$("$L" --help | grep -c '^  [1-5]\. ')" 5
for i in 1 2 3 4 5; do
	try $i >"$T/$i"
done
cat "$T/2" "$T/3" >"$T/23" # the third is about the second's
timeout 60 "$L" sh "$T/1" >"$T/said" 2>&1
is '1: ping' "$(grep -o '3 received' "$T/said")" '3 received'
timeout 60 "$L" sh "$T/23" >"$T/said" 2>&1
is '2: curl, twice' "$(grep -c '^hello' "$T/said")" 2
is '3: the ladder shows the handshake and the data' \
    "$(grep -c -e 'SYN' -e 'GET\|FIN' "$T/said" | awk '{ print ($1 > 2) }')" 1
timeout 60 "$L" sh "$T/4" >"$T/said" 2>&1
is '4: the last line through the loss' "$(grep -x 100000 "$T/said")" 100000
timeout 60 "$L" sh "$T/5" >"$T/said" 2>&1
is '5: exit 0, three answers' "$? $(grep -c 'bytes from 10.0.0.9\|seq=' \
    "$T/said")" '0 3'
if have tcpdump; then
	is 'tcpdump hears, writes and reads' "$(timeout 30 "$L" sh -c '
	    client tcpdump -nn -ieth0 -c1 -U -w /run/cap "icmp and host 10.0.0.8" &
	    t=$!
	    icmp-ping -q -c 200 -i 0.1 -s 10.0.0.8 eth0 10.0.0.9 >/dev/null &
	    wait $t; kill $!; tcpdump -tnr /run/cap' 2>/dev/null |
	    grep -c '10.0.0.8 > 10.0.0.9: ICMP echo request')" 1
else
	skip 'tcpdump hears, writes and reads' tcpdump
fi
is 'nothing is left of any' "$(left)" 0

"$L" sh -c 'exit 7'
is "the command's exit status" $? 7
is 'its stdin and stdout' "$(echo hello | "$L" client cat)" hello
is 'two networks' "$("$L" sh -c 'ip -o -4 addr show eth0 | wc -l
    client ip -o -4 addr show eth0 | grep -c 10.0.0.9/24' | xargs)" '0 1'
"$L" --nope 2>"$T/err"
is 'an unknown option: exit 2' "$? $(grep -c -- --nope "$T/err")" '2 1'
if have script; then
	printf 'client ping -c 1 10.0.0.9\nexit 5\n' | SHELL=/bin/bash HOME=$T \
	    timeout 30 script -qec "$L" /dev/null >"$T/said" 2>&1
	is 'a shell, with a prompt' "$? $(grep -c '1 received' "$T/said") \
$(grep -c 'lab:.*# ' "$T/said" | awk '{ print ($1 > 0) }')" '5 1 1'
else
	skip 'a shell' script
fi

# ---- what is to be tried fits; a second terminal
"$L" sh -c 'phantom -n -e cat eth0 10.0.0.5 >'"$T/said" 2>"$T/err" &
p=$!
began+=("$p")
wait_for 20 grep -q '^SIGTERM ends' "$T/said"
is 'in the lab, client stands before what can be tried' \
    "$(grep -c '^    client ping 10.0.0.5$' "$T/said") \
$(grep -c '^    client nc 10.0.0.5 80$' "$T/said")" '1 1'
is '--join: a command in the lab that runs, its exit status' \
    "$(echo hello | timeout 20 "$L" --join sh -c \
	'client nc -N 10.0.0.5 80; pwd; exit 7'; echo $?)" "hello
$PWD
7"
is '--join PID' "$(timeout 20 "$L" --join \
    "$(pgrep -nx sh -P "$(pgrep -x unshare -P $p)")" \
    client ip -o -4 addr show eth0 | grep -c 10.0.0.9/24)" 1
kill $p
wait_for 20 none_inside
"$L" --join true 2>"$T/err"
is '--join, and no lab runs' "$? $(grep -c 'no lab runs' "$T/err")" '1 1'

# ---- a port of this machine
if have nc python3; then
	ip link set lo up
	begin python3 "$ROOT/tests/net/relay_peer.py" server 8080
	wait_for 10 nc -z ::1 8080
	# served WORD... - until it is there
	served() {
		: >"$T/err" # what the one before has said is not meant
		"$L" "$@" >"$T/said" 2>"$T/err" &
		p=$!
		began+=("$p")
		wait_for 20 grep -q 'through a phantom' "$T/err" ||
		    diag <"$T/err"
	}
	# asked ADDRESS PORT WHAT - what comes back
	asked() { timeout 20 python3 "$ROOT/tests/net/relay_peer.py" "$@"; }
	# minded PID - it has begun, as itself, and SIGTERM is not its end
	minded() {
		grep -q -e '--serve=' "/proc/$1/cmdline" &&
		    ((0x$(sed -n 's/^SigCgt:.//p' "/proc/$1/status") >> 14 & 1))
	}
	relays() { pgrep -f '^tcp-relay -b' >/dev/null; }
	served --serve 9090 --to 127.0.0.1:8080 delay 100ms
	# took - asked for 300000 bytes: in $T/got, and tenths of a second in $s
	took() {
		s=${EPOCHREALTIME/./}
		asked 127.0.0.1 9090 client >"$T/got"
		s=$(((${EPOCHREALTIME/./} - s) / 100000))
	}
	# a busy machine takes longer, but not each time
	for _ in 1 2 3 4 5; do
		took
		[ $s -ge 30 ] || break
	done
	is '--serve: all that the client sends, its end, then the answer' \
	    "$(cat "$T/got")" 'got 300006'
	is 'each way with its delay' "$((s >= 4 && s < 30))" 1 || diag <<<"$s"
	wait_for 5 grep -q \
	    ' to 10.0.0.5:9090: 10 bytes sent.*, 300006 received, fin' "$T/said"
	is 'and is shown' $? 0
	is "the server's end first: what follows it reaches the server" \
	    "$(asked 127.0.0.1 9090 half)" 'first, eof, 500000'
	is "the server's reset" "$(asked 127.0.0.1 9090 rst)" \
	    'reset after 17'
	kill $p
	wait $p
	is 'SIGTERM: exit 0' $? 0
	ok 'all is gone' wait_for 5 eval 'none_inside && ! relays'
	served --to '[::1]:8081' --serve '[::1]:9090' delay 10ms
	is 'no server: a client that waits gets a reset' \
	    "$(asked ::1 9090 wait)" 'reset after 0'
	is 'one that writes, too' "$(asked ::1 9090 client)" 'reset after 0'
	kill -INT $p
	wait $p
	is 'SIGINT, where it was ignored: exit 0' $? 0
	ok 'all is gone' wait_for 5 eval 'none_inside && ! relays'
	served --serve 9090 --to 127.0.0.1:8080 drop synack#1
	took
	is 'a fault of the handshake' "$(cat "$T/got") $((s >= 10 && s < 40))" \
	    'got 300006 1'
	kill -KILL $p
	ok 'killed: nothing listens, nothing is left' wait_for 5 eval \
	    'none_inside && ! relays'
	"$L" --serve 8080 --to 127.0.0.1:8080 2>"$T/err"
	is 'a port that is taken' "$? $(grep -c 'listen on 127.0.0.1:8080' \
	    "$T/err") $(left)" '1 1 0'
	"$L" --serve 9090 --to 127.0.0.1:8080 bogus 2>"$T/err"
	is 'a word that impair does not have' "$? $(left)" '2 0'
	"$L" --serve 9090 --to 127.0.0.1:8080 loss 10% >/dev/null 2>&1 &
	p=$!
	wait_for 10 minded $p
	sleep 0.2
	kill $p
	wait $p
	is 'SIGTERM, before it is there: exit 0' "$? $(left)" '0 0'
	for to in 8080 '127.0.0.1:8080;id' 127.0.0.1: ::1:80; do
		"$L" --serve 9090 --to "$to" 2>"$T/err"
		is "--to $to" "$? $(grep -c 'not host:port' "$T/err")" '2 1'
	done
	for at in 99999 0 http ::1:80 '[::1]80'; do
		"$L" --serve "$at" --to 127.0.0.1:80 2>"$T/err"
		is "--serve $at" "$? $(grep -c 'not a port' "$T/err")" '2 1'
	done
else
	skip '--serve' nc
fi

# who is killed before the lab is there has none
mkdir "$T/slow"
printf '#!/bin/sh\n: >%s\nsleep 0.3\nexec %s "$@"\n' "$T/asked" \
    "$(command -v setpriv)" >"$T/slow/setpriv"
chmod 755 "$T/slow/setpriv"
for s in TERM KILL; do
	PATH=$T/slow:$PATH "$L" sh -c "echo up >$T/up; sleep 60" &
	p=$!
	began+=("$p")
	wait_for 20 test -e "$T/asked"
	kill -$s $p
	wait $p
	sleep 0.5
	is "SIG$s at the start: no lab comes" "$(left) $(ls "$T/up" 2>/dev/null)" \
	    '0 '
	rm "$T/asked"
done 2>/dev/null

for s in TERM KILL; do
	"$L" sh -c "echo up >$T/up; sleep 60 & sleep 60" &
	p=$!
	began+=("$p")
	wait_for 20 test -s "$T/up"
	rm "$T/up"
	kill -$s $p
	wait_for 20 none_inside
	is "SIG$s ends all that is in it" "$(inside)" 0
done
done_testing
