#!/bin/bash
# Captures with times that step back, of machines whose clocks differ, of
# packets that were cut within the TCP options, with comments on packets: the
# pictures are right, and what is not known is told.
. "${0%/*}/../tap.sh"
need python3
scratch
K=$T/k
python3 tests/pipe/odd_captures.py "$K" || exit 1

# said PROGRAM ARGUMENTS... - what it prints on stderr
said() { "$@" 2>&1 >/dev/null | sed "s,$K/,,"; }
# took FILE... - seconds of the connection, as ladder has them
took() { ladder --list "$@" 2>/dev/null | awk 'NR > 1 { print $3 }'; }
# rows FILE - what is drawn, without the times
rows() { ladder -v "$@" 2>/dev/null | sed -n 's/^ *-*[0-9.]* \(.*|.*|.*\)/\1/p'; }

# ---- a clock that was set while the capture ran
set_back='the clock was set back 1 time, by about 3599.979 s in all: the time goes on as if it had not been'
is 'set back by an hour: each program tells it once' "$(
	said ladder "$K/set-back.pcap"
	said seqplot "$K/set-back.pcap"
	said tcp-film "$K/set-back.pcap"
	said impair -T -S 1 loss 0% <"$K/set-back.pcap" | head -n 1
)" "ladder: read set-back.pcap: $set_back
seqplot: read set-back.pcap: $set_back
tcp-film: read set-back.pcap: $set_back
impair: read stdin: $set_back"
is 'no hour is drawn' "$(took "$K/plain.pcap") $(took "$K/set-back.pcap")" \
    '0.069000 0.048000'
is 'nor in the graph' "$(seqplot "$K/set-back.pcap" 2>/dev/null |
    grep -c '>[1-9][0-9.]* s idle')" 0
is 'all is in its order' "$(rows "$K/set-back.pcap")" "$(rows "$K/plain.pcap")"
is 'set back twice' "$(said ladder "$K/set-twice.pcap" | grep -o '[0-9]* times, by about [0-9]*')" \
    '2 times, by about 7199'
is 'one packet without a time: what follows is when it was' \
    "$(took "$K/one-zero.pcap")" 0.069000
is 'impair -T goes on' "$(impair -T -S 1 loss 0% <"$K/set-back.pcap" \
    2>/dev/null | ladder --list | awk 'NR > 1 { print $3 }')" 0.048000

# ---- out of order
is 'one packet is ahead: one step is counted, and the remedy named' \
    "$(said ladder "$K/ahead.pcap")" "ladder: read ahead.pcap: timestamps \
that step back: 1; taken in the file's order (reordercap sorts it)"
is 'of a stream, too' "$(said ladder <"$K/ahead.pcap")" "ladder: read -: \
timestamps that step back: 1; taken in the file's order (reordercap sorts it)"
is 'but not what one processor captured a little late' \
    "$(said ladder "$K/near.pcap" | grep -c 'step back: 1;'
    said ladder <"$K/near.pcap")" 1
for f in two-le two-be; do
	is "$f: interfaces that are written in turns are merged" \
	    "$(rows "$K/$f.pcapng"; said ladder "$K/$f.pcapng")" \
	    "$(rows "$K/plain.pcap")"
done

# ---- two machines
echo '1796050993.086612006 10.0.0.5:80 10.0.0.9:1 timeout why=rto' >"$T/log"
for how in '+ ahead' '- behind'; do
	f=$K/server${how%% *}.pcap
	is "a clock ${how#* }: told" "$(said ladder "$K/client.pcap" "$f")" \
	    "ladder: read server${how%% *}.pcap: its clock is about 0.500000 s \
${how#* }, as packets show that another capture has, too: its times are moved \
by that"
	is 'and moved' "$(ladder -v "$K/client.pcap" "$f" 2>/dev/null)" \
	    "$(ladder -v "$K/client.pcap" "$K/server.pcap")"
	for o in '--marks' "--marks -l $T/log" "-l $T/log"; do
		is "pcapnote ${o%%/*}: told, and not moved" \
		    "$(said pcapnote -q $o "$K/client.pcap" "$f" |
			grep -c "about 0.500000 s ${how#* }.* as they are")" 1
	done
	tcpdump -r "$f" -w "$T/1" src port 80 2>/dev/null
	tcpdump -r "$f" -w "$T/2" dst port 80 2>/dev/null
	is 'pcapnote: told, too, where each direction is a file' \
	    "$(said pcapnote -q --marks "$K/client.pcap" "$T/1" "$T/2" |
		grep -c "read $T/1: its clock is about 0.500000 s ${how#* }")" 1
done
is 'pcapnote: nothing is said of clocks that agree' \
    "$(said pcapnote -q -l "$T/log" "$K/client.pcap" "$K/server.pcap")" ''
is 'clocks that agree: nothing is said' \
    "$(said ladder "$K/client.pcap" "$K/server.pcap")" ''
is 'nor of the same file twice' \
    "$(said ladder "$K/client.pcap" "$K/client.pcap")" ''
is 'nor when one direction is missing: that shows nothing' \
    "$(said ladder "$K/client.pcap" "$K/oneway.pcap")" ''
for how in '+ ahead of' '- behind'; do
	for way in in out; do
		f=$way${how%% *}.pcap
		is "but one of $way that is far ${how#* }: told, not moved" "$(
			said ladder "$K/client.pcap" "$K/$f")" \
		    "ladder: read $f: its clock seems to be about 7.0 s \
${how#* } that of another capture: packets of one direction alone do not prove \
it, and its times are not moved"
	done
done
is 'both directions, each in a file, and right: nothing is said' \
    "$(said ladder "$K"/{client,in,out}.pcap)" ''

# ---- two machines, merged into one file
for how in + -; do
	first=$K/lost0.pcap second=$K/lost$how.pcap
	[ $how = + ] || first=$K/lost-.pcap second=$K/lost0.pcap
	is "clocks that differ ($how): told" "$(said ladder "$K/both$how.pcap")" \
	    "ladder: read both$how.pcap: two captures are merged in it, and the \
clock of one is about 0.500000 s ahead of the other's, as packets show that both \
have: its times are moved by that"
	is 'and drawn as two files are' "$(ladder -v "$K/both$how.pcap" 2>/dev/null)" \
	    "$(ladder -v "$first" "$second" 2>/dev/null)"
	is 'pcapnote: told, and not moved' "$(said pcapnote -q --marks \
	    "$K/both$how.pcap" | grep -c 'about 0.500000 s ahead.* as they are')" 1
done
is 'packets were on their way for longer: told, not moved' \
    "$(said ladder "$K/slow.pcap")" "ladder: read slow.pcap: two captures are \
merged in it, and the clock of one is about 0.015 s ahead of the other's: \
packets were on their way for as long, and its times are not moved (give both \
captures, each as a file)"
for f in both soon same; do
	is "nothing is said of clocks that agree: $f" \
	    "$(said ladder "$K/$f.pcap")" ''
done

# ---- cut within the options
is 'cut ACKs whose checksums differ are not captured twice' \
    "$(ladder -v "$K/cut.pcap" 2>/dev/null | grep -c twice)" 0
is 'and that they are cut is told' "$(said ladder "$K/cut.pcap")" \
    'ladder: 4 segments are cut within the TCP options: SACK blocks and timestamps may be missing (capture more of each packet)'
is 'nothing is said of whole ones' "$(said ladder "$K/whole.pcap")" ''
is 'copies are copies' "$(ladder -v "$K/cut-copies.pcap" 2>/dev/null |
    grep -o '[0-9]* captured twice')" '4 captured twice'
is 'offload leaves a checksum that shows nothing' \
    "$(ladder -v "$K/cut-offload.pcap" 2>/dev/null | grep -c twice)" 0

# ---- comments
# comments FILE - all of them, with the packet
comments() {
	tshark -r "$1" -T fields -e frame.number -e frame.comment 2>/dev/null |
	    awk -F '\t' '$2 != ""'
}
if have tshark; then
	for f in notes-le notes-be; do
		pcapnote -q --marks "$K/$f.pcapng" >"$T/noted" 2>"$T/err"
		is "$f: pcapnote keeps the comments, before its own" \
		    "$(comments "$T/noted" | sed 's/,mark=[^,]*//')" \
		    "$(comments "$K/$f.pcapng")"
		is "$f: and counts what it leaves out" \
		    "$(sed "s,$K/,," "$T/err")" "pcapnote: read $f.pcapng: \
blocks left out: 1 name resolution, 1 interface statistics, 1 secrets, 1 other \
blocks, 1 interface names"
	done
else
	skip 'pcapnote keeps comments' tshark
fi

# ---- checksums
is 'a wrong one among right ones is named' "$(ladder -v "$K/badsum.pcap" |
    grep -o '1:6 (bad checksum)')$(ladder -v "$K/badsum.pcap" |
    grep -c 'bad checksum')" '1:6 (bad checksum)1'
is 'nothing is said of right ones' \
    "$(ladder -v "$K/plain.pcap" | grep -c 'bad checksum')" 0
is 'tcp-show: ok, bad, and what offload leaves' "$(for f in plain badsum offload; do
	tcp-show <"$K/$f.pcap" | grep -o "SUM='[a-z]*'"
done | sort | uniq -c | xargs)" '1 SUM=bad 1 SUM=offload 19 SUM=ok'

# ---- what is no capture, or of another link
is 'other formats are named, with what helps' "$(for f in snoop netmon zip tar; do
	said ladder "$K/$f" | sed 's/.*this is //'
done)" 'a snoop file: convert it with editcap -F pcap
a NetMon file: convert it with editcap -F pcap
a zip archive: unpack it first
a tar archive: unpack it first'
is 'a link type that is not known has a name' "$(said ladder "$K/wifi.pcap")" \
    'ladder: 1 packet left out: of link type 127 (802.11 with radiotap)'
is 'pcapnote, when all was of such: exit 1' "$(pcapnote -q --marks \
    "$K/wifi.pcap" 2>&1 >/dev/null; echo $?)" \
    'pcapnote: 1 packet left out: of link type 127 (802.11 with radiotap)
1'
is 'packets without timestamps are counted' \
    "$(said ladder "$K/untimed.pcapng")" 'ladder: read untimed.pcapng: packets without a timestamp (simple packet blocks): 10; they have that of the packet before'

# ---- times that are asked for
is '--absolute: the date, and where the day changes' \
    "$(ladder -v --absolute "$K/midnight.pcap" |
    grep -o '^20[0-9-]*\|: *20[0-9-]* *:\|^00:00:00.0[0-9]*' | tr -d ' :' |
    head -n 3 | xargs)" '2001-09-09 2001-09-10 000000.014000'
is 'the date in the table' "$(ladder --list --absolute "$K/plain.pcap" |
    awk 'NR > 1 { print $2 }')" 2001-09-09T01:46:40.000000

# ---- tcpfsm -r: why the first is not the one
is 'the first was captured short, which is told' \
    "$(said tcpfsm -r "$K/short.pcap" -l /dev/null </dev/null | grep -o 'stream.*' | head -n 1)" \
    "stream 1 of 2 is played; the first that cannot be, stream 0, \
10.0.0.9:40000 to 10.0.0.5:80: 2000 bytes at offset 0 of the server's data are \
missing; packet 4 was captured short: capture whole packets"
is 'data in fragments is not a missing direction' \
    "$(said tcpfsm -r "$K/fragments.pcap" -l /dev/null </dev/null | grep -o 'stream.*' | head -n 1)" \
    "stream 0, 10.0.0.9:40000 to 10.0.0.5:80: 2000 bytes at offset 0 of the \
server's data are missing; 2 IP fragments were left out, which may have it; -c \
plays the client's side"
done_testing
