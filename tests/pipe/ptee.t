#!/bin/bash
# ptee copies what comes, and no viewer is in its way: not one that stands
# still, not one that goes.
. "${0%/*}/../tap.sh"
scratch
# stream N - N packets of 1500 bytes, with a number each
stream() {
	perl -e 'print pack("LSSlLLL", 0xa1b23c4d, 2, 4, 0, 0, 262144, 1);
	    print pack("LLLL", $_, 0, 1500, 1500), pack("a1500", "packet $_")
		for 1 .. $ARGV[0]' "$1"
}
# whole FILE - "packets" when it is a stream of whole ones
whole() { rawcap -r "$1" 2>/dev/null | wc -c | awk '{ print ($1 - 24) / 1516 }'; }

stream 8000 >"$T/in"
ptee -q "$T/one" "$T/two" <"$T/in" >"$T/out" 2>"$T/err"
is 'stdout and two files: the same bytes, nothing said' \
    "$? $(md5 "$T/out") $(md5 "$T/one") $(md5 "$T/two") $(cat "$T/err")" \
    "0 $(md5 "$T/in") $(md5 "$T/in") $(md5 "$T/in") "

# a viewer that does not read until the end
mkfifo "$T/slow" "$T/gone"
: >"$T/head"
exec 4<>"$T/slow" 5<>"$T/gone"
(exec 3<"$T/slow" 4<&- 5<&-; : >"$T/slow.open"
 until [ -e "$T/done" ]; do sleep 0.05; done
 cat <&3 >"$T/seen") &
viewer=$!
(exec 3<"$T/gone" 4<&- 5<&-; : >"$T/gone.open"
 until [ -s "$T/head" ]; do sleep 0.01; head -c 5000 <&3 >"$T/head"; done) &
for i in slow gone; do wait_for 10 test -e "$T/$i.open"; done
exec 4<&- 5<&-
# not faster than a reader of stdout on a busy machine can follow
(perl -e 'while (sysread STDIN, $b, 400000) {
	syswrite STDOUT, $b; select undef, undef, undef, .03 }' <"$T/in"
 : >"$T/done"; sleep 0.2; wait_for 10 test -s "$T/head") |
    ptee "$T/slow" "$T/gone" 2>"$T/err" | cat >"$T/out"
wait $viewer
is 'a viewer that stands still holds nothing up' "$(md5 "$T/out")" \
    "$(md5 "$T/in")"
missed=$(sed -n "s,.*slow: [0-9]* packets\, \([0-9]*\) missed.*,\1,p" "$T/err")
is 'it misses packets, and is told how many' \
    "$(whole "$T/seen") $([ "${missed:-0}" -gt 0 ] && echo some)" \
    "$((8000 - ${missed:-0})) some"
is 'one that goes is forgotten' \
    "$(grep -c "gone: closed" "$T/err")" 1
# a viewer that reads when the input has ended
rm -f "$T"/slow.open "$T/done"
exec 4<>"$T/slow"
(exec 3<"$T/slow" 4<&-; : >"$T/slow.open"
 until [ -e "$T/done" ]; do sleep 0.05; done
 cat <&3 >"$T/seen") &
viewer=$!
wait_for 10 test -e "$T/slow.open"
exec 4<&-
ptee "$T/slow" <"$T/in" >"$T/out" 2>"$T/err" &
pid=$!
wait_for 10 cmp -s "$T/in" "$T/out"
sleep 0.2
: >"$T/done"
wait $pid
is 'a viewer that is late is waited for' \
    "$? $(grep -c '8000 packets passed' "$T/err")" '0 1'
wait $viewer
ptee "$T/slow" <"$T/in" >"$T/out" 2>"$T/err"
is 'a fifo without a reader: exit 2, and what to do' \
    "$? $(grep -c 'start the viewer first' "$T/err")" '2 1'
if [ -c /dev/full ]; then
	ptee /dev/full <"$T/in" 2>"$T/err" >"$T/out"
	is 'a full disk harms no packet that passes, and is told' \
	    "$? $(md5 "$T/out") $(grep -c 'No space' "$T/err")" \
	    "1 $(md5 "$T/in") 1"
fi
head -c 1000 "$T/in" | ptee -q "$T/one" >"$T/out" 2>"$T/err"
is 'torn in a packet: exit 1, and what was whole has passed' \
    "$? $(wc -l <"$T/err")" '1 1'
ptee "$T" <"$T/in" >"$T/out" 2>"$T/err"
is 'a file that cannot be opened: exit 2' $? 2
ptee <"$T/in" 2>"$T/err" | head -c 100 >/dev/null
is 'a reader that goes ends it quietly' "${PIPESTATUS[0]}" 0
# a cut record stays cut
perl -e 'print pack("LSSlLLL", 0xa1b23c4d, 2, 4, 0, 0, 262144, 1);
    print pack("LLLL", 1, 5, 60, 1500), "x" x 60' >"$T/in"
is 'a cut packet stays one' "$(ptee -q "$T/one" <"$T/in" | md5)" \
    "$(md5 "$T/in")"
done_testing
