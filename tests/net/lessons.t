#!/bin/bash
# The lessons: each runs, says that its checks hold, nothing on stderr, and
# leaves nothing behind; a check that does not hold makes it fail. Several run
# at a time, the longest one first.
. "${0%/*}/../lab.sh"
lab "$@"
unshare -Urnm --propagation private true 2>/dev/null ||
    skip_all 'no namespaces inside namespaces'
need curl nc iptables dnsmasq python3 cc tcpdump

mapfile -t lessons < <(printf '%s\n' examples/lessons/06-congestion \
    examples/lessons/[01][0-9]-* | grep -v '\.' | awk '!seen[$0]++')
is 'there are sixteen' "${#lessons[@]}" 16
is 'each question has an answer' \
    "$(grep -cE '^[1-3]\. ' examples/lessons/answers.md) $(
    grep -cE '^## [0-9]*\. ' examples/lessons/answers.md)" '48 16'
is 'an answer is under the title of its lesson' \
    "$(grep -h '^# ' examples/lessons/[01]*.md | sed 's/^#/##/' | cmp - <(
    grep '^## [0-9]' examples/lessons/answers.md) 2>&1)" ''
is 'the sheet is one page' "$(wc -l <examples/lessons/sheet.md |
    awk '{ print $1 <= 60 }') $(awk 'length > 80' examples/lessons/sheet.md)" '1 '
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
left() {
	cat /proc/[0-9]*/comm 2>/dev/null | grep -xE \
	    'rawcap|tcpfsm|rawinject|impair|arp-phantom|dnsmasq|nc|curl' | xargs
}
wait_for 5 eval '[ -z "$(left)" ]'
is 'nothing is left running' "$(left)" ''

# a check that fails: a network that the lesson is not made for. It is slow, as
# a tail is probed when this machine is
mkdir -p "$T/examples/lessons" "$T/man"
cp examples/*.sh examples/resp.txt "$T/examples"
cp examples/lessons/{lesson.sh,02-loss} "$T/examples/lessons"
sed -i 's/impair loss 10% seed [78]/impair delay 50ms/' "$T/examples/lessons/02-loss"
mount -t tmpfs none /mnt && cp -r "$T/examples" "$T/man" /mnt
out=$(timeout 60 sh /mnt/examples/lessons/02-loss 2>/dev/null)
is 'without losses lesson 2 fails, and says at what' \
    "$? $(grep -c '^NOT OK: all points' <<<"$out")" '1 1'
done_testing
