#!/bin/bash
# The lessons: each runs, says that its checks hold, nothing on stderr, and
# leaves nothing behind; a check that does not hold makes it fail; and grade
# tells right from wrong. Several run at a time.
. "${0%/*}/../lab.sh"
lab "$@"
unshare -Urnm --propagation private true 2>/dev/null ||
    skip_all 'no namespaces inside namespaces'
need curl nc iptables dnsmasq python3 cc tcpdump

mapfile -t lessons < <(printf '%s\n' examples/lessons/[01][0-9]-* |
    grep -v '\.')
is 'there are fifteen' "${#lessons[@]}" 15
is 'the questions of the last five have answers' \
    "$(grep -cE '^[1-3]\. ' examples/lessons/answers.md)" 15
printf '%s\n' "${lessons[@]}" | xargs -P 3 -I % sh -c '
	timeout 100 % >"$0/${1##*/}.out" 2>"$0/${1##*/}.err"
	echo $? >"$0/${1##*/}.status"' "$T" %
for l in "${lessons[@]}"; do
	o=$T/${l##*/}
	is "${l##*/}: all checks hold, nothing is wrong" \
	    "$(cat "$o.status") $(tail -n 1 "$o.out") $(cat "$o.err")" \
	    '0 All checks hold. ' || diag < <(grep -B 5 '^NOT' "$o.out")
	is "${l##*/}: has a page that names it, and asks three questions" \
	    "$(grep -c "examples/${l#examples/}" "$l.md" | sed 's/^[1-9].*/yes/') \
$(grep -c '^Question [123]:' "$o.out")" 'yes 3'
done
is 'nothing is left running' \
    "$(cat /proc/[0-9]*/comm 2>/dev/null | grep -xE \
    'rawcap|tcpfsm|rawinject|impair|arp-phantom|dnsmasq|nc|curl' | xargs)" ''

# a check that fails: a network that the lesson is not made for
mkdir -p "$T/examples/lessons" "$T/man"
cp examples/lab.sh examples/resp.txt "$T/examples"
cp examples/lessons/{lesson.sh,02-loss} "$T/examples/lessons"
sed -i 's/impair loss 10% seed [78]/impair/' "$T/examples/lessons/02-loss"
mount -t tmpfs none /mnt && cp -r "$T/examples" "$T/man" /mnt
out=$(timeout 60 sh /mnt/examples/lessons/02-loss 2>/dev/null)
is 'without losses lesson 2 fails, and says at what' \
    "$? $(grep -c '^NOT OK: all points' <<<"$out")" '1 1'

# ---- grade
grade() { timeout 100 sh examples/grade "$@" 2>&1; }
py=examples/lessons/stage.py
is 'grade: what is right' \
    "$(grade -s '1 2' -r 'impair -q -T drop any#1-' 'impair -q -T loss 100%'
    echo $?)" 'ok 1 - seed 1
ok 2 - seed 2
1..2
0'
# sentence STAGE - what is wrong with it
sentence() {
	grade -s 1 -r "python3 $py drop 5" "$1" | grep '^#' | grep -v '^# stderr'
}
is 'grade: one is missing' "$(sentence "impair -q -T | python3 $py drop 2")" \
    '# packet 2 is missing'
is 'grade: too many' "$(sentence cat)" \
    '# there is a packet before packet 5 that should not be there'
is 'grade: another byte' \
    "$(sentence "python3 $py drop 5 mac 02:50:0a:00:00:06")" \
    '# byte 6 of packet 1, in the destination MAC, is 06, not 05'
is 'grade: torn' "$(sentence "python3 $py drop 5 | head -c 400")" \
    '# the output ends within packet 5'
is 'grade: a failure' "$(sentence 'echo no such luck >&2; exit 3')" \
    '# it ended with exit status 3: no such luck'
is 'grade: what hangs' "$(sentence 'sleep 30')" \
    '# it was still running ten seconds after its input'
head -c 50000 examples/resp.txt >"$T/page"
is 'grade: a TCP that is right' \
    "$(grade -s '1 2' -f "$T/page" "tcpfsm -q -f $T/page" | grep -c '^ok')" 6
head -c 20000 "$T/page" >"$T/part"
is 'grade: a TCP that serves too little' \
    "$(grade -s 1 -f "$T/page" "tcpfsm -q -f $T/part" | grep '^#' |
    grep -v '^# stderr')" \
    '# 20000 bytes arrived of 50000'
# hopeless SERVER - what is said of one that never opens a connection
hopeless() { grade -s '1 2 3' -f "$T/page" "$1" | sed -n '2,$p' | grep '^#'; }
SECONDS=0
printf 'x' >"$T/plain"
is 'grade: not executable' "$(hopeless "$T/plain" | sed -n 1p)" \
    '# no answer to the SYN: the command is not executable: chmod +x'
is 'grade: no packets, its stderr, and no other seed' \
    "$(hopeless 'echo Listening; echo bound >&2; sleep 30' |
	grep -v -e bytes.arrived -e Terminated)" "# no answer to the SYN: it printed 10 bytes that \
are no packet stream, beginning with 'Listening.'
# stderr: bound
# it ended by nothing, not by FIN
# seed 2 is not tried: it would end like the one before
# seed 3 is not tried: it would end like the one before"
is 'grade: nothing comes out' "$(hopeless 'cat >/dev/null' | sed -n 1p)" \
    '# no answer to the SYN: it printed nothing: is its output flushed?'
is 'grade: it gives up soon' "$((SECONDS < 60))" 1
is 'grade: usage, exit 2' "$(grade cat >/dev/null; echo $?)" 2
done_testing
