#!/bin/bash
# pcapnote: the packets are those that went in, byte for byte, as Wireshark's
# tools read them, and on each stands what the log says about it: the
# retransmission on the segment with its number, the state on what brought it.
. "${0%/*}/../tap.sh"
need tshark editcap
scratch
# packets FILE - the sum of its records, the file header left out
packets() { editcap -F nsecpcap "$1" - | tail -c +25 | md5sum; }
# of N - the same of those on stdin that are of interface N
of() {
	cat >"$T/all"
	tshark -r "$T/all" -Y "frame.interface_id == $1" -F nsecpcap \
	    -w "$T/of" 2>/dev/null
	packets "$T/of"
}
# fields FILE FIELD... - of each packet, separated by |
fields() {
	local file=$1 f words=()
	shift
	for f; do words+=(-e "$f"); done
	tshark -n -r "$file" -o tcp.relative_sequence_numbers:TRUE -T fields \
	    -E separator='|' "${words[@]}" 2>/dev/null
}
awk 'BEGIN { for (i = 1; i <= 10000; i++) printf "%07d\n", i }' >"$T/numbers"

for name in cubic:11 bbr6:12 reno:13; do
	seed=${name#*:} name=${name%:*}
	in=tests/pipe/golden/$name.pcap
	rm -f "$T/log"
	tcpfsm -T -v -S "$seed" -C "${name%6}" -f "$T/numbers" -l "$T/log" \
	    <$in >"$T/out"
	pcapnote -l "$T/log" $in "$T/out" >"$T/noted" 2>"$T/err"
	is "$name: exit 0, and every event has found its packet" \
	    "$? $(grep -o '[0-9]* events.*' "$T/err")" \
	    '0 0 events without a packet'
	# a recording has marks that are no packets
	tshark -r $in -Y 'frame.len > 0' -F nsecpcap -w "$T/in" 2>/dev/null
	is "$name: the packets are those that went in" \
	    "$(of 0 <"$T/noted") $(of 1 <"$T/noted")" \
	    "$(packets "$T/in") $(packets "$T/out")"
	is "$name: in the order of their time" "$(fields "$T/noted" \
	    frame.time_epoch | sort -sc 2>&1)" ''
	is "$name: none is malformed" \
	    "$(tshark -r "$T/noted" -Y _ws.malformed 2>/dev/null | wc -l)" 0
	fields "$T/noted" tcp.srcport tcp.dstport tcp.seq tcp.len \
	    frame.comment >"$T/fields"
	is "$name: as many retransmissions, each on its segment" \
	    "$(grep -E 'retransmit ' "$T/fields" |
	    sed -E 's/^80[|]([0-9]*)[|]([0-9]*)[|]([0-9]*)[|].*; retransmit seq=([0-9]*) len=([0-9]*) why=([^ ]*).*/\1 \2=\4 \3=\5 \6/' |
	    sort)" \
	    "$(sed -nE 's/.*:([0-9]*) retransmit seq=([0-9]*) len=([0-9]*) why=([^ ]*).*/\1 \2=\2 \3=\3 \4/p' \
	    "$T/log" | sort)"
	is "$name: cwnd and flight of each segment of data" \
	    "$(grep -E '^80[|][0-9]*[|][0-9]*[|][1-9]' "$T/fields" |
	    sed -E 's/^80[|]([0-9]*)[|]([0-9]*)[|].* cwnd=([0-9]*) flight=([0-9]*).*/\1 \2 \3 \4/')" \
	    "$(sed -nE 's/.*:([0-9]*) segment dir=out .* seq=([0-9]*):.* cwnd=([0-9]*) flight=([0-9]*).*/\1 \2 \3 \4/p' "$T/log")"
	is "$name: the states in order" \
	    "$(grep -oE 'state old=[^ ]* new=[A-Z0-9-]*' "$T/fields")" \
	    "$(grep -oE 'state old=[^ ]* new=[^ ]*' "$T/log")"
	is "$name: a state that a packet brought is on that packet" \
	    "$(fields "$T/noted" frame.interface_id frame.comment | awk -F '|' '
		NR == FNR { number[NR] = $1; next }
		$1 == 0 { frame = number[++n] }
		$1 == 0 && / new=(SYN-REC|ESTAB|CLOSE-W|CLOSED)/ {
			match($2, /state old=[^;]*/)
			print frame, substr($2, RSTART, RLENGTH) }' \
		<(fields $in frame.number frame.len | grep -v '|0$') -)" \
	    "$(sed -nE '/ new=(SYN-REC|ESTAB|CLOSE-W|CLOSED)/s/.* (state .*) frame=([0-9]*)/\2 \1/p' "$T/log")"
	# captures with microseconds: cut down, so older than the log's line
	(cd "$T" && pcapnote -q -l log in out) >"$T/ns"
	for file in in out; do
		editcap -F pcap "$T/$file" "$T/$file.us"
	done
	(cd "$T" && pcapnote -l log in.us out.us) >"$T/noted.us" 2>"$T/err"
	is "$name: microseconds: every event has found its packet" \
	    "$(grep -o '[0-9]* events.*' "$T/err")" \
	    '0 events without a packet'
	is "$name: microseconds: it is the same packet" \
	    "$(fields "$T/noted.us" tcp.seq tcp.len frame.comment)" \
	    "$(fields "$T/ns" tcp.seq tcp.len frame.comment)"
	mergecap -F pcap -w "$T/all.us" "$T/in.us" "$T/out.us"
	is "$name: microseconds, one file: retransmissions on their segments" \
	    "$(pcapnote -q -l "$T/log" "$T/all.us" | fields - tcp.srcport \
		tcp.seq frame.comment | grep 'retransmit ' |
		sed 's/|[^|]*retransmit seq/|seq/' | sort)" \
	    "$(grep 'retransmit ' "$T/fields" | cut -d'|' -f1,3,5- |
		sed 's/|[^|]*retransmit seq/|seq/' | sort)"
	is "$name: a time-out is told" \
	    "$(grep -o 'timeout why=[^ ]*' "$T/fields" | sort | uniq -c)" \
	    "$(grep -o 'timeout why=[^ ]*' "$T/log" | sort | uniq -c)"
done
is 'the interfaces have the names of the files' \
    "$(fields "$T/noted" frame.interface_name | sort -u)" \
    "$(printf '%s\n' "$T/out" $in | sort)"
is 'on stdin' "$(pcapnote -q -l "$T/log" <"$T/out" | packets -)" \
    "$(packets "$T/out")"

head -c 24 "$T/out" >"$T/mark"
printf '\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0' >>"$T/mark"
is 'marks of a recording are left out' \
    "$(pcapnote -l "$T/log" "$T/mark" 2>&1 >/dev/null | grep -o '^.* packets')" \
    'pcapnote: 0 packets'

# live: what is there is written, and the log is read as it grows
mkfifo "$T/fifo"
: >"$T/growing"
pcapnote -q -l "$T/growing" <"$T/fifo" >"$T/live" &
pid=$!
exec 3>"$T/fifo"
half=$(($(wc -c <$in) / 2))
head -c $half $in >&3
for _ in {1..500}; do
	[ "$(wc -c <"$T/live")" -gt $((half / 2)) ] && break
	sleep 0.02
done
is 'live: what is there is written' "$(($(wc -c <"$T/live") > half / 2))" 1
cat "$T/log" >>"$T/growing"
tail -c +$((half + 1)) $in >&3
exec 3>&-
wait $pid
is 'live: and the log is read as it grows' \
    "$(fields "$T/live" frame.comment | grep -c 'new=CLOSED')" \
    "$(grep -c 'new=CLOSED' "$T/log")"

# bad input
pcapnote <"$T/out" >/dev/null 2>&1
is 'without a log: exit 2' $? 2
pcapnote -l "$T/none" <"$T/out" >/dev/null 2>&1
is 'no such log: exit 2' $? 2
script -qec "pcapnote -l '$T/log' '$T/out'; echo status \$?" /dev/null \
    </dev/null >"$T/tty" 2>&1
is 'stdout is a terminal: exit 2' "$(grep -o 'status 2' "$T/tty")" 'status 2'
head -c 1000 $in >"$T/torn"
pcapnote -q -l "$T/log" "$T/torn" "$T/out" >"$T/noted" 2>"$T/err"
is 'torn in a packet: exit 1, said, and the rest is there' \
    "$? $(wc -l <"$T/err") $(($(tshark -r "$T/noted" 2>/dev/null | wc -l) > 50))" \
    '1 1 1'
pcapnote -l "$T/torn" "$T/out" >"$T/noted" 2>"$T/err"
is 'a log that is none: exit 2, said' \
    "$? $(grep -c 'no line of an event log' "$T/err")" '2 1'
{
	echo '1796050993.086612006 10.0.0.5:80 10.0.0.9:1 timeout why=rto'
	head -c 300000 /dev/urandom
} >"$T/noise"
{
	head -c 100000 /dev/zero | tr '\0' x
	echo
	cat "$T/log" # its lines are found behind the long one
	awk 'BEGIN { for (i = 0; i < 20000; i++)
	    print "1795448671.5 10.0.0.5:80 10.0.0.9:1 timeout why=" i }'
} >"$T/long"
is 'a line without end is skipped, and what waits is bounded' \
    "$(pcapnote -q -l "$T/long" $in "$T/out" | of 1)" "$(packets "$T/out")"
is 'and the lines behind it count' \
    "$(pcapnote -q -l "$T/long" $in "$T/out" | fields - frame.comment |
    grep -c 'retransmit ')" "$(grep -c ' retransmit ' "$T/log")"
bad=
for i in 1 2 3 4 5 6 7 8; do
	perl -e 'srand($ARGV[0]); undef $/; my $d = <STDIN>;
	    substr($d, 24 + rand(length($d) - 24), 1) = chr rand 256 for 1 .. 40;
	    print $d' $i <$in >"$T/damaged"
	perl -e 'srand($ARGV[0]); undef $/; my $d = <STDIN>;
	    substr($d, rand(length($d)), 1) = chr rand 256 for 1 .. 400;
	    print $d' $i <"$T/log" >"$T/badlog"
	for log in badlog noise; do
		timeout 20 pcapnote -q -l "$T/$log" "$T/damaged" "$T/out" \
		    >"$T/noted" 2>"$T/err"
		[ $? -le 2 ] || bad="$bad $i:$log"
		tshark -r "$T/noted" >/dev/null 2>"$T/err" ||
		    bad="$bad $i:$log:unreadable"
	done
done
is 'damaged captures and logs: what is written can be read' "$bad" ''

# ---- --marks: what ladder draws, of two files that are joined
# noted WORD - so many segments are called so
noted() {
	fields "$T/noted" frame.comment | sed -n 's/.*mark=//p' |
	    grep -cE "(^|,)$1[?]?(,|$)"
}
pcapnote -q --marks $in "$T/out" >"$T/noted"
is '--marks: exit 0, the packets as before' \
    "$? $(of 1 <"$T/noted")" "0 $(packets "$T/out")"
pcapnote -q --marks $in "$T/out" >"$T/noted"
is '--marks: as many retransmitted as ladder counts' "$(noted retransmitted)" \
    "$(ladder --list $in "$T/out" 2>"$T/err" |
    awk 'NR > 1 { n += $6 + $7 } END { print n }')"
is '--marks: some are there' "$(($(noted retransmitted) > 0))" 1
pcapnote -q --marks -l "$T/log" $in "$T/out" >"$T/noted"
is '--marks with a log: each retransmission has both' \
    "$(fields "$T/noted" frame.comment | grep 'retransmit ' |
    grep -vc '; mark=retransmitted')" 0
is '--marks without files: exit 2, and why' \
    "$(pcapnote --marks <$in 2>&1 | head -n 1)" \
    'pcapnote: --marks reads its input twice: give files'
mkfifo "$T/fifo"
is '--marks of a pipe: exit 2, and why' \
    "$(pcapnote --marks "$T/fifo" 2>&1 | head -n 1)" \
    "pcapnote: --marks reads its input twice: $T/fifo is no regular file"
head -c -6 $in >"$T/torn"
pcapnote -q --marks "$T/torn" >"$T/noted" 2>"$T/err"
is '--marks of a torn file: exit 1, told once' "$? $(grep -c . "$T/err")" '1 1'
done_testing
