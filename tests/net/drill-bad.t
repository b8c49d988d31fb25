#!/bin/bash
# Devices that are bad: tcp-drill has a verdict about each, and ends.
. "${0%/*}/../tap.sh"
need python3
scratch

cat >"$T/cases" <<'X'
case bad/plain
limit 3
needs discard
< S 0:0(0) win 65535 <mss 1460>
> S. 0:0(0) ack 1
< . 1:1(0) ack 1 win 65535
< P. 1:101(100) ack 1
within 1 > . 1:1(0) ack 101
never for 0.1 > R* *:*(*)
case bad/fin
limit 2
needs discard
< S 0:0(0) win 65535 <mss 1460>
> S. 0:0(0) ack 1
< . 1:1(0) ack 1 win 65535
receive fin within 500
X

sed '/^case bad.fin/,$d; s/plain/lost/; /^limit/d; s/within 1/within 0.2/' "$T/cases" >"$T/lost"
cat >"$T/later" <<'X'
case bad/later
needs discard
< S 0:0(0) win 65535 <mss 1460>
> S. 0:0(0) ack 1
new
< S 0:0(0) win 65535 <mss 1460>
> S. 0:0(0) ack 1
< P. 1:101(100) ack 1
within 0.2 > . 1:1(0) ack 101
X
echo 'bad/lost	as is known' >"$T/profile"
# against WAY SECONDS [CASES TRIES [NAME OPTION...]] - it, and what is told: status, words,
# results; late: it took longer
against() {
	local bad=$1 way=${5:-$1} most=$2 cases=${3:-cases} start=$SECONDS
	mkfifo "$T/$way.pipe"
	python3 tests/net/drill_bad.py "$bad" <"$T/$way.pipe" 2>/dev/null |
	    timeout 100 tcp-drill -s 10.0.0.77 -g 02:50:0a:00:00:06 \
		--service discard --tries "${4:-1}" "${@:6}" -o "$T/$way.out" - 10.0.0.6:9 \
		"$T/$cases" >"$T/$way.pipe" 2>"$T/$way.err"
	{
		printf '%s ' $?
		grep -v 'frames could not be sent' "$T/$way.err"
		grep -o '^[a-z ]*ok [0-9] - [a-z/]*\( # .*\)*' "$T/$way.out"
		[ $((SECONDS - start)) -le "$most" ] || echo late
	} >"$T/$way"
}
for way in silent other mac garbage endless; do
	against $way 25 &
done
# ten runs of eight round trips, which are long where the machine is busy: it
# ends, that is all
for way in lossy deaf old; do
	against $way 90 lost 3 &
done
wait
against later 90 later 3 &
for way in lossy deaf; do
	against $way 90 lost 3 listed-$way --profile "$T/profile" &
done
wait
against noise 25 # this one wants a processor
against flood 25

is 'it never answers' "$(cat "$T/silent")" \
    '1 tcp-drill: connect to port 9: no answer'
is 'it never answers, and sends without end' "$(cat "$T/noise")" \
    '1 tcp-drill: connect to port 9: no answer'
is 'it answers as another' "$(cat "$T/other")" \
    '1 tcp-drill: connect to port 9: no answer, but 10.0.0.99 sends segments'
is 'it answers from another MAC' "$(cat "$T/mac")" \
    '1 tcp-drill: 10.0.0.6 sends from 02:50:00:00:00:99, but is reached at 02:50:0a:00:00:06: two devices with an address, or a router between?
ok 1 - bad/plain
not ok 2 - bad/fin'
failed='1 not ok 1 - bad/plain
not ok 2 - bad/fin'
is 'it sends headers at random' "$(cat "$T/garbage")" "$failed"
is 'and that is told' \
    "$(grep -c 'a segment of the device is wrong' "$T/garbage.out")" 2
is 'it answers each segment by hundreds' "$(cat "$T/flood")" "$failed"
is 'it sends data without end' "$(cat "$T/endless")" "$failed"
is 'and the case has a limit' \
    "$(grep -o 'not at its end after 2 s' "$T/endless.out")" \
    'not at its end after 2 s'
is 'the path loses a SYN and a segment: the run with that is none' \
    "$(cat "$T/lossy")" '0 ok 1 - bad/lost # run again, as the path lost a packet'
is 'a device that is deaf each time has failed on such a path, too' \
    "$(cat "$T/deaf")" '1 not ok 1 - bad/lost'
is 'a lost SYN of a later connection goes once more, and harms no case' \
    "$(cat "$T/later")" '0 ok 1 - bad/later'
is 'where packets are lost, one failure is none that a profile lists' \
    "$(cat "$T/listed-lossy")" \
    '0 ok 1 - bad/lost # passes, though the profile lists it'
is 'but two are' "$(cat "$T/listed-deaf")" \
    '0 ok 1 - bad/lost # deviation: as is known'
is 'a connection of an earlier run is reset' "$(cat "$T/old")" \
    '0 ok 1 - bad/lost'
done_testing
