#!/bin/bash
# grade tells right from wrong, and says what is wrong; jail keeps a stranger's
# program from all that is not its own; grade-class does both for a class.
. "${0%/*}/../tap.sh"
need python3
scratch
unset PYTHONUNBUFFERED
grade() { timeout 100 examples/grade "$@" 2>&1; }
py=$ROOT/examples/lessons/stage.py
head -c 50000 examples/resp.txt >"$T/page"
head -c 20000 "$T/page" >"$T/part"
printf 'x' >"$T/plain"

# what takes seconds of waiting, all at a time: wait_at NAME ARGUMENT...
waiting=()
wait_at() {
	local name=$1
	shift
	{ grade "$@"; echo "exit $?"; } >"$T/$name.out" &
	waiting+=($!)
}
SECONDS=0
sed 's/sink.flush()/pass/' "$py" >"$T/noflush.py"
wait_at noflush -s 1 -r "python3 $py drop 5" "python3 $T/noflush.py drop 5"
wait_at hangs -s '1 2' -r "python3 $py drop 5" 'sleep 30'
wait_at text -s '1 2 3' -f "$T/page" 'echo Listening; echo bound >&2; sleep 30'
wait_at silent -s 1 -f "$T/page" 'cat >/dev/null'
wait_at later -s 1 -f "$T/page" "tcpfsm -q -f %f >$T/all; cat $T/all"
wait_at stalls -s 1 -f "$T/page" 'tcpfsm -q -Q never-ack@0 -f %f'

is 'what is right' \
    "$(grade -s '1 2' -r 'impair -q -T drop any#1-' 'impair -q -T loss 100%'
    echo $?)" 'ok 1 - it writes before it waits
ok 2 - seed 1
ok 3 - seed 2
1..3
0'
# sentence NAME STAGE - what is wrong with it, later
sentence() { wait_at "$1" -s 1 -r "python3 $py drop 5" "$2"; }
sentence missing "impair -q -T | python3 $py drop 2"
sentence many cat
sentence byte "python3 $py drop 5 mac 02:50:0a:00:00:06"
sentence torn "python3 $py drop 5 | head -c 400"
sentence failure 'echo no such luck >&2; exit 3'
sentence words 'echo Listening'
sentence none /no/such
is 'a TCP that is right' \
    "$(grade -s '1 2' -f "$T/page" 'tcpfsm -q -f %f' | grep -c '^ok')" 6
is 'a TCP that serves too little' \
    "$(grade -s 1 -f "$T/page" "tcpfsm -q -f $T/part" | grep '^#' |
    grep -v '^# stderr')" \
    '# 20000 bytes arrived of 50000'
is 'not executable' \
    "$(grade -s 1 -f "$T/page" "$T/plain" | sed -n 2p)" \
    '# no answer to the SYN: the command is not executable: chmod +x'
is 'usage, exit 2' "$(grade cat >/dev/null; echo $?)" 2

# ---- jail
cat >"$T/class.sh" <<'END'
mkdir -p "$1"
cat >"$1/my-tcp"
chmod +x "$1/my-tcp"
cp "$BIN/tcpfsm" "$1"
END
student() { sh "$T/class.sh" "$T/class/$1"; }
student good <<<'#!/bin/sh
exec ./tcpfsm -q -f "$1"'
student part <<<'#!/bin/sh
head -c 20000 "$1" >part; exec ./tcpfsm -q -f part'
student '<script>alert(1)<' <<<'#!/bin/sh
printf "</pre><script>alert(2)\033[m\nok 1 - seed 1: all\n" >&2; exit 3'
student spy <<<"#!/bin/sh
cat '$T/page' ../../*/*/my-tcp /etc/shadow >&2; kill -9 -1; rm -rf '$T' /usr/bin
touch /usr/bin/mine '$T/mine'; exit 4"
mkdir "$T/bare" # a copy takes room, too
jail() { timeout 60 examples/jail "$@" 2>&1; }
if ! jail "$T/class/good" true >/dev/null; then
	skip 'the jail' namespaces
else
	is 'jail: the status of the command' \
	    "$(jail "$T/class/good" 'exit 7'; echo $?)" 7
	is 'jail: a copy, that may be changed' \
	    "$(jail "$T/class/good" 'rm my-tcp; echo x >y; ls'
	    cd "$T/class/good" && echo *)" 'tcpfsm
y
my-tcp tcpfsm'
	is 'jail: no network, no rights, no other process' "$(jail \
	    "$T/class/good" 'grep -h Cap[EPB] /proc/self/status | cut -f 2 | sort -u
	tail -n +3 /proc/net/dev | grep -vc "lo:"; set -- /proc/[0-9]*; echo $#')" \
	    "0000000000000000
0
1"
	is 'jail: what it can see' \
	    "$(jail "$T/class/good" 'ls -d /home /root /var /etc/shadow /run /sys \
	    /mnt /old 2>/dev/null; ls /tmp; touch /usr/x /x 2>/dev/null && echo bad')" ''
	is 'jail: no namespaces, no mounts' "$(jail "$T/class/good" \
	    'unshare -Ur true 2>/dev/null && echo yes
	    mount -t tmpfs none /tmp 2>/dev/null && echo yes')" ''
	is 'jail: time, memory, processes, files' "$(
	    {
	    jail -t 1 "$T/class/good" 'sleep 50 & sleep 50' &
	    jail -m 150 "$T/class/good" 'python3 -c "
import os, time
for i in range(6):
	if os.fork() == 0:
		x = bytearray(60 << 20); time.sleep(50)
time.sleep(50)"' & wait
	    } | sort
	    jail -p 8 "$T/class/good" 'for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
	    sleep 9 & done' | grep -ci 'fork\|resource'
	    jail "$T/bare" 'yes >big; wc -c <big | cut -c 1' | tail -n 1)" \
	    'jail: it took more than 150 MB of memory
jail: it was still running after 1 s
1
6'
	is 'jail: nothing is left' \
	    "$(cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\0' ' ' |
	    grep -c 'sleep 5[0] ')" 0

fi

# ---- grade-class, whose jail has too little address space for a sanitizer
if ! jail "$T/class/good" true >/dev/null; then
	skip 'a class' namespaces
elif sanitized; then
	skip 'a class' 'build without a sanitizer'
else
	cat >"$T/rubric" <<'END'
# points for a TCP server
20 *: the connection is opened
60 part *: all bytes arrive, and no others
20 *: it is closed in order
END
	timeout 200 examples/grade-class -s '1 2' -p "$T/rubric" -j 4 \
	    -o "$T/reports" -f "$T/page" './my-tcp %f' "$T"/class/* \
	    >"$T/class.out" 2>&1
	is 'grade-class: exit 0' $? 0 || diag <"$T/class.out"
	is 'grade-class: points, with those for a part' \
	    "$(sort "$T/reports/points.tsv")" "$(printf '%s\t%s\t%s\n' \
	    '<script>alert(1)<' 0.0 100 good 100.0 100 part 64.0 100 \
	    spy 0.0 100 student points of)"
	is 'grade-class: a page and a text for each' \
	    "$(ls "$T/reports")" "$(printf '%s\n' _script_alert_1__.html \
	    _script_alert_1__.txt good.html good.txt index.html part.html \
	    part.txt points.tsv spy.html spy.txt)"
	is 'grade-class: nothing of a student is HTML' \
	    "$(cat "$T"/reports/*.html | grep -ciE '<script|</pre><s|'$'\033') $(
	    grep -c '&lt;script&gt;alert(2)' "$T"/reports/_script*.html)" '0 1'
	is 'grade-class: the status of a server that ends at once' \
	    "$(grep -c 'exit status 3' "$T"/reports/_script*.txt)" 1
	is 'grade-class: nobody has seen or touched another' \
	    "$(wc -c <"$T/page") $(ls "$T/mine" /usr/bin/mine 2>/dev/null) $(
	    grep -c -e root: -e part "$T/reports/spy.txt")" '50000  0'
	is 'grade-class: a rubric that is none' "$(echo many >"$T/bad"
	    examples/grade-class -p "$T/bad" -f "$T/page" x "$T/class/good" 2>&1
	    echo $?)" "grade-class: $T/bad, line 1: not points and the name of a check
2"
fi

# ---- what took its time
wait "${waiting[@]}"
said() {
	grep '^#' "$T/$1.out" | grep -v -e '^# stderr' -e 'input paused'
}
is 'one is missing' "$(said missing)" '# packet 2 is missing'
is 'too many' "$(said many)" \
    '# there is a packet before packet 5 that should not be there'
is 'another byte' "$(said byte)" \
    '# byte 6 of packet 1, in the destination MAC, is 06, not 05'
is 'torn' "$(said torn)" '# the output ends within packet 5'
is 'a failure' "$(said failure)" '# it ended with exit status 3: no such luck'
is 'text instead of packets' "$(said words)" \
    "# it printed 10 bytes that are no packet stream, beginning with 'Listening.'"
is 'what is not there' "$(said none)" '# the command was not found'
is 'a missing flush is found' "$(grep '^#' "$T/noflush.out" | head -n 1)" \
    '# when its input paused it had written 0 bytes of 1250, the rest came when its input ended: flush the output after each packet'
is 'but the packets are right' "$(grep -c '^ok .* seed 1' "$T/noflush.out")" 1
is 'what hangs, and no other seed' "$(grep '^#' "$T/hangs.out")" \
    '# it was still running after 10 s
# not tried: it would end like the one before'
is 'no packets, its stderr, and no other seed' \
    "$(grep '^#' "$T/text.out" | head -n 5)" "# no answer to the SYN: it printed \
10 bytes that are no packet stream, beginning with 'Listening.'
# stderr: bound
# 0 bytes arrived of 50000
# it was not closed
# not tried: it would end like the one before"
is 'nothing comes out' "$(sed -n 2p "$T/silent.out")" \
    '# no answer to the SYN: it printed nothing'
is 'nothing comes out before the end' "$(sed -n 2p "$T/later.out")" \
    '# no answer to the SYN: it printed nothing before its input ended: flush the output after each packet'
is 'what stalls' "$(grep '^#' "$T/stalls.out" | grep -v stderr)" \
    '# it was not closed, and no byte came for ten seconds'
is 'it gives up soon' "$((SECONDS < 60))" 1
done_testing
