#!/bin/bash
# ladder draws what happened: the states that the event log tells, every
# retransmission that it tells, no more lost segments than went again.
# Runs on the stored inputs of the golden streams.
. "${0%/*}/../tap.sh"
scratch
awk 'BEGIN { for (i = 1; i <= 10000; i++) printf "%07d\n", i }' >"$T/numbers"

for name in cubic:11 bbr6:12 reno:13; do
	seed=${name#*:} name=${name%:*}
	in=tests/pipe/golden/$name.pcap
	rm -f "$T/log"
	tcpfsm -T -S "$seed" -C "${name%6}" -f "$T/numbers" -l "$T/log" \
	    <$in >"$T/out"
	ladder -v -l "$T/log" $in "$T/out" >"$T/ladder"
	is "$name: exit 0" $? 0
	awk '$4 == "state" && match($0, / new=[^ ]+/) {
		print substr($0, RSTART + 5, RLENGTH - 5) }' "$T/log" |
	    sort | uniq -c >"$T/want"
	sed -n 's/.*| \([A-Z0-9-]*\)$/\1/p' "$T/ladder" | grep -v LISTEN |
	    sort | uniq -c >"$T/got"
	is "$name: the server's states are the log's" "$(cat "$T/got")" \
	    "$(cat "$T/want")"
	is "$name: as many segments go again as the log tells" \
	    "$(grep -c '(again' "$T/ladder")" \
	    "$(grep -c ' retransmit ' "$T/log")"
	is "$name: some are lost, and no line is longer than 80" \
	    "$(awk '/x-/ { lost = 1 } length > 80 { long++ }
	    END { print lost, long + 0 }' "$T/ladder")" '1 0'
	is "$name: an arrow for each segment" \
	    "$(grep -cE '[|](<|-|  +x)' "$T/ladder")" \
	    "$(awk '$2 ~ /^segments/ { n += $1 } END { print n }' "$T/ladder")"
	ladder --svg -l "$T/log" $in "$T/out" >"$T/svg"
	is "$name: a picture, exit 0" $? 0
	if command -v python3 >/dev/null; then
		is "$name: well-formed, nothing outside of it" "$(python3 -c '
import sys, xml.etree.ElementTree as E
r = E.parse(sys.argv[1]).getroot()
h = int(r.get("height"))
ys = [int(e.get("y")) for e in r.iter() if e.get("y")]
print(r.tag, min(ys) >= 0 and max(ys) <= h)' "$T/svg")" \
		    '{http://www.w3.org/2000/svg}svg True'
		# a letter of 12 px monospace is 7.2 wide
		is "$name: every word is within its arrow" "$(python3 -c '
import sys, xml.etree.ElementTree as E
S = "{http://www.w3.org/2000/svg}"
for g in E.parse(sys.argv[1]).getroot().iter(S + "g"):
	l, t = g.find(S + "line"), g.find(S + "text")
	x = sorted((int(l.get("x1")), int(l.get("x2"))))
	half = 3.6 * len(t.text)
	at = int(t.get("x"))
	if at - half < x[0] or at + half > x[1]:
		print(g.get("class"), t.text)' "$T/svg")" ''
	fi
done

in=tests/pipe/golden/cubic.pcap
is '-c: so many connections' "$(ladder -c 2 $in | grep -c segments)" 2
is '-p: none of that port, exit 1' \
    "$(ladder -p 9 $in 2>&1; echo $?)" \
    $'ladder: there is no TCP segment to draw\n1'
is '-a' "$(ladder -a 10.0.0.5 $in | md5sum)" "$(ladder <$in | md5sum)"
is 'quiet stretches are folded, but not with -v' \
    "$([ "$(ladder $in "$T/out" | wc -l)" -lt \
	"$(ladder -v $in "$T/out" | wc -l)" ] && echo yes)" yes
is 'colour when asked for' \
    "$(ladder --colour always $in | grep -c $'\033' | sed 's/[1-9].*/some/') \
$(ladder $in | grep -c $'\033')" 'some 0'

# cut captures have all headers
if command -v tcpdump >/dev/null; then
	tcpdump --time-stamp-precision=nano -r "$T/out" -s 100 -w "$T/cut" 2>/dev/null
	is 'a cut capture is drawn like a whole one' \
	    "$(ladder -v "$T/cut" | md5sum)" "$(ladder -v "$T/out" | md5sum)"
fi

# bad input
head -c 1000 $in >"$T/torn"
ladder "$T/torn" >"$T/ladder" 2>"$T/err"
is 'torn in a packet: exit 1, and what came before is drawn' \
    "$? $(grep -c segments "$T/ladder" | sed 's/[1-9]/some/') $(wc -l <"$T/err")" \
    '1 some 1'
echo 'no capture' | ladder >"$T/ladder" 2>"$T/err"
is 'no packet stream: exit 2 or 1, a message, no picture' \
    "$(($? > 0)) $(wc -c <"$T/ladder") $(wc -l <"$T/err")" '1 0 1'
ladder "$T/none" 2>/dev/null
is 'no such file: exit 2' $? 2
ladder -p x $in 2>/dev/null
is 'no port: exit 2' $? 2
head -c 300000 /dev/urandom >"$T/noise"
for i in 1 2 3 4 5 6 7 8; do
	perl -e 'srand($ARGV[0]); undef $/; my $d = <STDIN>;
	    substr($d, 24 + rand(length($d) - 24), 1) = chr rand 256 for 1 .. 40;
	    print $d' $i <$in | timeout 10 ladder -l "$T/noise" >/dev/null 2>"$T/err"
	status=$?
	[ $status -le 2 ] || bad="$bad $status"
done
is 'damaged captures are drawn or refused' "$bad" ''
done_testing
