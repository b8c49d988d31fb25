#!/bin/bash
# seqplot draws what tshark finds: as many data segments, as many of them
# again, all acknowledgments below the data; well-formed SVG.
. "${0%/*}/../tap.sh"
scratch
# bars CLASS - so many are drawn
bars() {
	sed -n "s/^<path class=\"$1\" d=\"\(.*\)\".*/\1/p" "$T/svg" |
	    tr -cd V | wc -c
}
# cwnd - its heights, without the legend's
cwnd() {
	sed -n 's/^<path class="cwnd" d="M[0-9.]* \([^L]*\)".*/\1/p' "$T/svg" |
	    grep -oE '(^|V)[0-9.]+' | tr -d V
}

awk 'BEGIN { for (i = 1; i <= 10000; i++) printf "%07d\n", i }' >"$T/numbers"
for name in cubic:11 bbr6:12 reno:13; do
	seed=${name#*:} name=${name%:*}
	in=tests/pipe/golden/$name.pcap
	rm -f "$T/log"
	tcpfsm -T -v -S "$seed" -C "${name%6}" -f "$T/numbers" -l "$T/log" \
	    <$in >"$T/out"
	port=$(awk '$4 == "close" { sub(/.*:/, "", $3); print $3; exit }' \
	    "$T/log")
	seqplot -p "$port" -l "$T/log" $in "$T/out" >"$T/svg"
	is "$name: exit 0" $? 0
	is "$name: as many segments of data as the log has" \
	    "$(($(bars data) + $(bars again)))" \
	    "$(grep -c ":$port segment dir=out .* len=[1-9]" "$T/log")"
	is "$name: as many again as the log has" "$(bars again)" \
	    "$(grep ":$port retransmit " "$T/log" | grep -vc ' len=0 ')"
	is "$name: the states" \
	    "$(grep -oE '>(ESTABLISHED|CLOSE-WAIT|LAST-ACK|CLOSED)<' \
	    "$T/svg" | tr -d '\n')" '>ESTABLISHED<>CLOSE-WAIT<>LAST-ACK<>CLOSED<'
	is "$name: its congestion window, as often as it changes" \
	    "$(cwnd | sort -u | wc -l)" \
	    "$(grep ":$port " "$T/log" | grep -o ' cwnd=[0-9]*' |
	    sort -u | wc -l)"
	if command -v python3 >/dev/null; then
		# a letter of 10 px monospace is 6 wide
		is "$name: SYN and FIN are beside the states" "$(python3 -c '
import sys, xml.etree.ElementTree as E
S = "{http://www.w3.org/2000/svg}"
seen = []
for t in E.parse(sys.argv[1]).getroot().iter(S + "text"):
	if t.get("class") != "small" or not t.text[0].isupper():
		continue
	x, y, w = float(t.get("x")), float(t.get("y")), 6 * len(t.text)
	if t.get("text-anchor") == "end":
		x -= w
	for a, b, c, word in seen:
		if x < a + c and a < x + w and abs(y - b) < 9 and \
		    (word in ("SYN", "FIN")) != (t.text in ("SYN", "FIN")):
			print(word, t.text)
	seen.append((x, y, w, t.text))' "$T/svg")" ''
	fi
	if command -v tshark >/dev/null; then
		is "$name: as many segments of data as tshark finds" \
		    "$(($(bars data) + $(bars again)))" \
		    "$(tshark -r "$T/out" -Y \
		    "tcp.dstport == $port && tcp.len > 0" 2>/dev/null | wc -l)"
	fi
	if command -v python3 >/dev/null; then
		is "$name: well-formed" "$(python3 -c '
import sys, xml.etree.ElementTree as E
print(E.parse(sys.argv[1]).getroot().tag)' "$T/svg")" \
		    '{http://www.w3.org/2000/svg}svg'
	fi
	cp "$T/svg" "$T/$name.svg"
	seqplot --reverse -p "$port" $in "$T/out" >"$T/svg"
	is "$name: the other direction has one segment" "$(bars data)" 1
done

# ---- which connection, which of its directions, when; of the last run
# titles - the name given, the port of the client, the number of each
titles() {
	sed -nE 's/^<text [^>]*class="title"[^>]*>(.*)<.*/\1/p' "$T/svg" |
	    sed -E 's/10\.0\.0\.[59]:([0-9]*)/\1/g; s/, connection / /'
}
# row NUMBER - ports and how many there are, as ladder has it
row() {
	ladder --list $in "$T/out" 2>"$T/err" | awk -v n="$1" '
	    NR > 1 { all++ } NR > 1 && $1 == n { a = $(NF - 1); b = $NF }
	    END { sub(/.*:/, "", a); sub(/.*:/, "", b); print a, b, all }'
}
read -r a _ all <<<"$(row 1)"
read -r b _ _ <<<"$(row 2)"
seqplot --reverse -n 1 -n 2 $in "$T/out" >"$T/svg"
is '-n, twice: both, in this order' "$(titles)" "$a to 80 1 of $all
$b to 80 2 of $all"
seqplot --reverse -n 2 --title 'one & <1>' -n 1 --title two $in "$T/out" \
    >"$T/svg"
is '--title, twice: one for each -n' "$(titles)" \
    "one &amp; &lt;1&gt;: $b to 80 2 of $all
two: $a to 80 1 of $all"
seqplot --reverse --both $in >"$T/noone" 2>"$T/err"
is '--reverse and --both: exit 2, and what to do' \
    "$? $(grep -c 'give one of them' "$T/err")" '2 1'
seqplot -n 1 --title a --title b $in >"$T/noone" 2>"$T/err"
is 'more titles than connections: exit 2, and what to do' \
    "$? $(grep -c 'give an -n for each' "$T/err")" '2 1'
seqplot -n 1 --title same --both $in "$T/out" >"$T/svg"
is '--both: there and back' "$(titles)" "same: 80 to $a 1 of $all
same: $a to 80 1 of $all"
is '-n beyond the last: exit 1, and which there are' \
    "$(seqplot -n 9999 $in "$T/out" 2>&1; echo $?)" \
    "seqplot: there is no connection 9999: they have numbers from 0 to \
$((all - 1)) (ladder --list)
1"
# lowest - how far down the bytes in flight are drawn, and where 0 is
lowest() {
	sed -n 's/^<path class="flight" d="M[0-9.]* \([^"]*\)".*/\1/p' "$T/svg" |
	    sed 's/L.*$//' | grep -oE '(^|V)-?[0-9.]+' | tr -d V | sort -g |
	    tail -n 1
	sed -nE 's/^<rect class="frame".* y="([0-9]*)".* height="([0-9]*)".*/\1 \2/p' \
	    "$T/svg" | awk '{ y = $1 + $2 } END { printf "%.1f\n", y }'
}
for no in 0 1 2; do
	seqplot -n $no $in "$T/out" >"$T/svg"
	is "connection $no: in flight is never less than nothing" \
	    "$(lowest | sort -gr | head -n 1)" "$(lowest | tail -n 1)"
done
# drawn OPTION... - data segments, sent again or not
drawn() {
	seqplot -p "$port" "$@" $in "$T/out" >"$T/svg" || echo "exit $?"
	echo $(($(bars data) + $(bars again)))
}
half=$(awk -v p=":$port " '$2 " " $3 " " ~ p && $4 == "segment" {
	t = $1; if (!first) first = t; last = t }
    END { printf "%.9f", (last - first) / 2 }' "$T/log")
whole=$(drawn) early=$(drawn --to "$half") late=$(drawn --from "$half")
is '--from and --to: a part each, and together all' \
    "$((early > 0)) $((late > 0)) $((early + late))" "1 1 $whole"
is '--from and --to: what lies between' \
    "$(drawn --from "$half" --to "$half")" "exit 1
0"
# since 1970, too: the first segment's time and half of what it lasts
first=$(awk -v p=":$port " '$2 " " $3 " " ~ p && $4 == "segment" {
	print $1; exit }' "$T/log")
is '--from since 1970' "$(drawn --from "$(awk -v a="$first" -v b="$half" \
    'BEGIN { split(a, s, "."); split(b, h, "."); n = s[2] + h[2]
	printf "%d.%09d", s[1] + h[1] + (n >= 1e9), n % 1e9 }')")" "$late"
# none READER OPTION... - what is printed where no segment is left, and exit
# status; no picture
none() {
	"$@" -p 56628 tests/pipe/golden/upload.pcap 2>&1 >"$T/svg" |
	    sed '/left out/d; s/^[a-z-]*: //'
	echo "${PIPESTATUS[0]} $(wc -c <"$T/svg")"
}
they='they are from 0.000000 to 0.001105 s, or 1795448675.686100494 to '\
'1795448675.687205255 since 1970
1 0'
for o in '--from 0.002' '--to 999999999.5 --from 5' '--to 1000000000' \
    '--from 0.0008 --to 0.0009' '--from 0.001 --to 0.0001' \
    '--from 1795448675.9'; do
	want=$they
	[ "$o" != '--from 0.001 --to 0.0001' ] ||
	    want=${they/1970/1970 (--from is later than --to)}
	is "$o: no segment, the range that there is" "$(none seqplot $o)" \
	    "no segment of connection 0 is between --from and --to: $want"
	for p in ladder tcp-film; do
		is "$p $o" "$(none $p $o)" \
		    "no segment is between --from and --to: $want"
	done
done

# ---- no word lies on another one: of breaks, times, states and time-outs
if have python3; then
	python3 - "$T" <<'PY'
import struct
import sys

def capture(name, gaps):
    """a segment behind each gap of so many seconds"""
    out, t = struct.pack("<IHHiIII", 0xa1b23c4d, 2, 4, 0, 0, 65536, 1), 10**12
    for i, gap in enumerate(gaps):
        t += int(gap * 1e9)
        tcp = struct.pack(">HHIIBBHHH", 9, 80, 500 * i, 1, 80, 16, 99, 0, 0)
        p = struct.pack(">BBHHHBBH4s4s", 69, 0, 540, 1, 0, 64, 6, 0,
                        b"\n\0\0\x09", b"\n\0\0\x05") + tcp + b"x" * 500
        out += struct.pack("<IIII", t // 10**9, t % 10**9, len(p) + 14,
                           len(p) + 14) + b"\2" * 12 + b"\x08\0" + p
    with open("%s/idle-%s" % (sys.argv[1], name), "wb") as f:
        f.write(out)

capture("few", [0, .001, 100, .001, 101, .001, 30])
capture("begin", [0] + [1e-8 * 20**k for k in range(10)])
capture("end", [0] + [5000 * 20**-k for k in range(10)])
capture("long", [0, 1e-6, 1e8, 1e-6, 9e7, 1e-6, 8e7])
capture("wave", [(k % 5 + 1) ** (k % 7) * .01 for k in range(40)])
capture("one", [0, .0001, .0001, .0001, 3600])
PY
	for i in $(seq 10 40); do
		echo "1000.0${i}000000 10.0.0.9:9 10.0.0.5:80 timeout why=rto rto_ms=400"
		echo "1000.0${i}000000 10.0.0.9:9 10.0.0.5:80 state new=FIN-WAIT-1"
	done >"$T/events"
	for f in "$T"/idle-*; do
		seqplot -l "$T/events" "$f" >"$f.svg"
		seqplot --from 0.0005 "$f" >"$f.part.svg"
	done
	cp "$T/cubic.svg" "$T/idle-cubic.svg"
	is 'no word lies on another one or sticks out' "$(python3 \
	    tests/pipe/svg_boxes.py "$T"/idle-*.svg)" ''
	is 'breaks are told' "$(for f in "$T"/idle-*[a-z]; do
		case $f in
		*.svg) ;;
		*) grep -c 's idle' "$f.svg" ;;
		esac
	done | xargs)" '3 3 3 3 1 1'
else
	skip 'words' python3
fi

# a clock that was set: a second packet 125 years before the first
{
	tcp-craft -s 10.0.0.9:1 -c 10.0.0.5:80 flags S seq 1
	tcp-craft -s 10.0.0.5:80 -c 10.0.0.9:1 flags SA seq 5 ack 2 | tail -c +25
} | perl -e 'local $/; my $s = <STDIN>, my $at = 24;
    for ([3942646700, 0], [1000, 10000000]) {
	substr($s, $at, 8) = pack("V2", @$_);
	$at += 16 + unpack("V", substr($s, $at + 8, 4));
    }
    print $s' >"$T/set"
timeout 5 seqplot "$T/set" >"$T/svg"
is 'a clock that was set: a picture' \
    "$? $(tail -n 1 "$T/svg")" '0 </svg>'

seqplot </dev/null >"$T/svg" 2>"$T/err"
is 'no packet stream: exit 1, a message, no picture' \
    "$? $(wc -c <"$T/svg") $(wc -l <"$T/err")" '1 0 1'
head -c 300000 /dev/urandom >"$T/noise"
seqplot -l "$T/noise" tests/pipe/golden/upload.pcap >"$T/svg" 2>"$T/err"
is 'a log that is none: exit 2, said' \
    "$? $(grep -c 'no line of an event log' "$T/err")" '2 1'
seqplot --list tests/pipe/golden/upload.pcap >"$T/svg" 2>"$T/err"
is '--list is no option of it: exit 2' \
    "$? $(wc -c <"$T/svg") $(grep -c 'unknown option' "$T/err")" '2 0 1'
seqplot -p 0 2>/dev/null
is 'no port: exit 2' $? 2

# what the picture says is what the log says: the highest window is the top
printf '%s\n' '1796050993.086612006 10.0.0.5:80 10.0.0.9:59348 timeout '\
'why=rto rto_ms=400 cwnd=1000000 flight=0' >"$T/one"
seqplot -p 59348 -l "$T/one" tests/pipe/golden/cubic.pcap --reverse >"$T/svg"
is 'one window of a log, far above what is in flight' \
    "$(cwnd)" 530.0
is 'and the time-out, with how long it was' \
    "$(grep -c '>rto 400 ms<' "$T/svg")" 1
done_testing
