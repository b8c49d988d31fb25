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
	# a state may be in doubt: the identification of a SYN-ACK is 0, so none
	# tells that nothing was sent between that and the next
	sed -n 's/.*| \([A-Z0-9-]*\)?*$/\1/p' "$T/ladder" | grep -v LISTEN |
	    sort | uniq -c >"$T/got"
	is "$name: the server's states are the log's" "$(cat "$T/got")" \
	    "$(cat "$T/want")"
	# in the picture there is room for each reason; a retransmission that
	# only an ACK of what was never sent suggests has none
	is "$name: as many segments go again as the log tells" \
	    "$(ladder -v --svg -l "$T/log" $in "$T/out" |
	    grep -cE '\((part|retr|needless)[^)]*: [a-z]')" \
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
    $'ladder: 3 packets left out: 2 ICMP, 1 ARP
ladder: no TCP segment has the address or port that was chosen\n1'
is '-a' "$(ladder -a 10.0.0.5 $in | md5sum)" "$(ladder <$in | md5sum)"
is 'quiet stretches are folded, but not with -v' \
    "$([ "$(ladder $in "$T/out" | wc -l)" -lt \
	"$(ladder -v $in "$T/out" | wc -l)" ] && echo yes)" yes
is 'colour when asked for' \
    "$(ladder --colour always $in | grep -c $'\033' | sed 's/[1-9].*/some/') \
$(ladder $in | grep -c $'\033')" 'some 0'

# ---- the table, and the choice
ladder --list $in "$T/out" >"$T/list"
is '--list: a line for each connection' "$(($(wc -l <"$T/list") - 1))" \
    "$(ladder $in "$T/out" | grep -c ' segments in ')"
is '--sort: the most retransmissions come first' \
    "$(ladder --list --sort retransmissions $in "$T/out" |
    awk 'NR > 1 { n = $6 + $7; if (NR > 2 && n > last) bad++; last = n }
    END { print bad + 0 }')" 0
is '-n: the connection with this number' \
    "$(ladder -n 1 $in "$T/out" | awk '$1 ~ /:[0-9]+$/ { print $1; exit }')" \
    "$(awk '$1 == 1 { print $(NF - 1) }' "$T/list")"
ladder -n 99 $in >"$T/noone" 2>"$T/err"
is '-n: there is none, exit 1' "$? $(grep -c 'is chosen; ladder --list' "$T/err")" '1 1'
is '--host: all or none' "$(ladder --host 10.0.0.5 $in | md5sum)$(
    ladder --host 10.0.0.6 $in >"$T/noone" 2>&1; echo $?)" \
    "$(ladder $in | md5sum)1"
is '--from, --to: only what is between' \
    "$(ladder -v -n 0 --from 0.0003 --to 0.0009 $in "$T/out" |
    awk '$1 ~ /^[0-9.]+$/ && NF > 3 && !/segments/ &&
    ($1 < 0.0003 || $1 > 0.0009) { bad++ } END { print bad + 0 }')" 0
tshark -r $in -Y tcp -T fields -e frame.time_epoch >"$T/times" 2>/dev/null
since() { ladder --list --from "$1" $in 2>&1 | md5sum; }
is '--from: since 1970, too' "$(since "$(sed -n 40p "$T/times")")" \
    "$(since "$(awk 'NR == 1 { a = $1 } NR == 40 { printf "%.9f", $1 - a }' \
    "$T/times")")"
is '--absolute: the time of day' \
    "$(ladder --absolute $in | grep -cE '^[0-2][0-9]:[0-5][0-9]:[0-5][0-9]\.[0-9]{6} ' |
    sed 's/^[1-9].*/some/')" some
ladder --list --sort size $in >"$T/noone" 2>&1
is '--sort: no such key, exit 2' $? 2

# ---- pages, two long names
if command -v python3 >/dev/null; then
	python3 -c '
import struct, sys
def frame(i, back):
	a, b = "2001:db8:1111:2222:3333:4444:5555:66", "2001:db8:9999:aaaa:bbbb:cccc:dddd:ee"
	import socket
	s, d = [socket.inet_pton(socket.AF_INET6, x + "77") for x in (a, b)]
	p, q = 40000, 65000
	if back:
		s, d, p, q = d, s, q, p
	t = struct.pack(">HHIIBBHHH", p, q, i, 1, 0x50, 0x11 if i % 9 else 0x10, 9, 0, 0)
	return bytes(12) + b"\x86\xdd" + struct.pack(">IHBB", 6 << 28, 20, 6, 64) + s + d + t
out = sys.stdout.buffer
out.write(struct.pack("<IHHIIII", 0xa1b23c4d, 2, 4, 0, 0, 262144, 1))
for i in range(2500):
	f = frame(i, i % 2)
	out.write(struct.pack("<IIII", i, 0, len(f), len(f)) + f)' >"$T/long"
	is 'two long names: no line is longer than 100' \
	    "$(ladder "$T/long" | awk 'length > 100' | wc -l) $(
	    ladder "$T/long" | awk 'length > 80' | wc -l)" '0 1'
	for page in 1 2 3; do
		ladder -v --svg --page $page "$T/long" >"$T/page$page" 2>"$T/err"
	done
	ladder --svg --page 4 "$T/long" >"$T/noone" 2>"$T/err4"
	is 'no page beyond the last' "$? $(wc -c <"$T/noone") $(cat "$T/err4")" \
	    '1 0 ladder: --page 4: there are 3'
	is 'a long picture has pages, and says so' \
	    "$(cat "$T/err") $(grep -c 'page 3 of 3' "$T/page3")" \
	    'ladder: page 3 of 3; --page draws another 1'
	is 'every segment is on one of them' \
	    "$(cat "$T"/page[123] | grep -c '^<g class')" 2500
	is 'none is too tall' "$(sed -n 's/^<svg.* height="\([0-9]*\)".*/\1/p' \
	    "$T"/page[123] | awk '$1 > 32000' | wc -l)" 0
fi

# ---- a fold counts what both ends have sent, whatever there is room for
if command -v python3 >/dev/null; then
	python3 -c '
import struct, sys
out = struct.pack("<IHHIIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1)
sent = [1, 1]
for i in range(10):
	for who, data in (0, 65000), (1, 0), (1, 65000), (0, 0):
		end = [b"\x0a\0\0\x09", b"\x0a\0\0\x05"]
		port = [40000, 80]
		f = bytes(12) + b"\x08\0" + struct.pack(">BBHHHBBH", 0x45, 0,
		    40 + data, 0, 0, 64, 6, 0) + end[who] + end[1 - who]
		f += struct.pack(">HHIIBBHHH", port[who], port[1 - who], sent[who],
		    sent[1 - who], 0x50, 0x10, 8000, 0, 0)
		out += struct.pack("<IIII", i, 0, len(f), len(f) + data) + f
		sent[who] += data
sys.stdout.buffer.write(out)' >"$T/both"
	want='35 more: 585000 bytes, 9 ACKs -> 520000 bytes, 9 ACKs <-'
	is 'a fold: bytes and ACKs of both ends, in lines of their own' \
	    "$(ladder "$T/both" | sed -n 's/^ *: *\([^ ].*[^ ]\) *:$/\1/p' |
	    paste -sd ' ')" "$want"
	is 'in a picture in one' "$(ladder --svg "$T/both" |
	    sed -n 's/.*class="quiet"[^>]*>\(.*\)<.text>/\1/p' |
	    sed 's/&gt;/>/; s/&lt;/</')" "$want"
fi

# ---- a crafted capture: SYNs whose ports have a constant sum
perl -e '
print pack("VvvVVVV", 0xa1b23c4d, 2, 4, 0, 0, 262144, 1);
for my $i (0 .. 39999) {
	my $f = pack("H*", "02500a00000502500a0000090800") .
	    pack("CCnnnCCnC4C4", 0x45, 0, 40, 0, 0, 64, 6, 0, 10,0,0,9, 10,0,0,5) .
	    pack("nnNNCCnnn", 10000 + $i, 55000 - $i, $i, 0, 0x50, 2, 9, 0, 0);
	my $s = 0;
	$s += $_ for unpack "n10", substr $f, 14, 20;
	$s = ($s & 0xffff) + ($s >> 16) while $s >> 16;
	substr($f, 24, 2) = pack "n", ~$s & 0xffff;
	print pack("VVVV", $i, 0, length $f, length $f), $f;
}' >"$T/syns"
: >"$T/nolog"
for c in 'ladder --list' seqplot tcp-film "pcapnote -l $T/nolog" 'tcpfsm -r'; do
	# of CPU time: other programs may have the most of the machine
	(ulimit -t 2 && exec $c "$T/syns") </dev/null >/dev/null 2>&1
	status=$?
	is "40,000 SYNs, constant sum of ports: $c, under two seconds" \
	    "$((status < 128)) $status" "1 $status"
done

# cut captures have all headers
if command -v tcpdump >/dev/null; then
	tcpdump --time-stamp-precision=nano -r "$T/out" -s 100 -w "$T/cut" 2>/dev/null
	is 'a cut capture is drawn like a whole one' \
	    "$(ladder -v "$T/cut" | md5sum)" "$(ladder -v "$T/out" | md5sum)"
fi

# bad input
head -c 1000 $in >"$T/torn"
# what was not taken, three of one time, is found by it, also in microseconds
tshark -n -r $in -Y 'tcp.len > 0' -c 100 -T fields -E separator=' ' \
    -e frame.time_epoch -e tcp.dstport -e tcp.srcport 2>/dev/null | head -1 |
    while read -r time port other; do
	echo "$time 10.0.0.5:$port 10.0.0.9:$other drop why=seq seq=1"
    done >"$T/drop"
editcap -F pcap $in "$T/us"
for f in $in "$T/us"; do
	is "not taken: ${f##*/}" \
	    "$(ladder -v -l "$T/drop" "$f" | grep -c 'not taken: seq')" 3
done
# of another clock than the log's, the first or the only one: it is told
for f in $in "$T/out"; do
	editcap -F nsecpcap -t 3.5 "$f" "$T/late.${f##*/}"
done
all=$(grep -c ' retransmit ' "$T/log")
for program in ladder tcp-film; do
	is "$program: no retransmission of the log has a packet: told" \
	    "$($program -l "$T/log" "$T/late.${in##*/}" "$T/late.out" 2>&1 \
		>/dev/null | grep -c "$all of $all retr.* have no packet")" 1
	is "$program: nothing is said where they have" \
	    "$($program -l "$T/log" $in "$T/out" 2>&1 >/dev/null |
		grep -c 'have no packet')" 0
done
ladder "$T/torn" >"$T/ladder" 2>"$T/err"
is 'torn in a packet: exit 1, and what came before is drawn' \
    "$? $(grep -c segments "$T/ladder" | sed 's/[1-9]/some/') $(grep -c inside "$T/err")" \
    '1 some 1'
echo 'no capture' | ladder >"$T/ladder" 2>"$T/err"
is 'no packet stream: exit 2 or 1, a message, no picture' \
    "$(($? > 0)) $(wc -c <"$T/ladder") $(wc -l <"$T/err")" '1 0 1'
ladder "$T/none" 2>/dev/null
is 'no such file: exit 2' $? 2
ladder -p x $in 2>/dev/null
is 'no port: exit 2' $? 2
head -c 3000 /dev/urandom >"$T/noise"
for log in noise torn; do
	ladder -l "$T/$log" $in >"$T/noone" 2>"$T/err"
	is "$log is no event log: exit 2, said, no picture" \
	    "$? $(wc -c <"$T/noone") $(grep -c 'no line of an event log' "$T/err")" \
	    '2 0 1'
done
echo '{"time":1796050993.086612006,"event":"start"}' >"$T/json"
ladder -l "$T/json" $in 2>"$T/err"
is 'an event log in JSON: exit 2, said' \
    "$? $(grep -c 'in JSON' "$T/err")" '2 1'
: >"$T/empty"
ladder -l "$T/empty" $in >"$T/noone" 2>&1
is 'an event log that is empty so far' $? 0
ladder --page 2 $in >"$T/noone" 2>&1
is '--page without --svg: exit 2' $? 2
ladder --sort bytes $in >"$T/noone" 2>&1
is '--sort without --list: exit 2' $? 2
{
	echo '1796050993.086612006 10.0.0.5:80 10.0.0.9:1 timeout why=rto'
	head -c 300000 /dev/urandom
} >"$T/noise"
for i in 1 2 3 4 5 6 7 8; do
	perl -e 'srand($ARGV[0]); undef $/; my $d = <STDIN>;
	    substr($d, 24 + rand(length($d) - 24), 1) = chr rand 256 for 1 .. 40;
	    print $d' $i <$in | timeout 10 ladder -l "$T/noise" >/dev/null 2>"$T/err"
	status=$?
	[ $status -le 2 ] || bad="$bad $status"
done
is 'damaged captures are drawn or refused' "$bad" ''
done_testing
