#!/bin/bash
# Captures as people have them: every format, link type, tag and tunnel is read
# by all programs that read files, and tells the same story; what is left out
# is counted.
. "${0%/*}/../tap.sh"
need python3
scratch
K=$T/k
python3 tests/pipe/capture_kinds.py "$K" || exit 1

# differ PLAIN FILE... - those that ladder draws otherwise than the plain one
differ() {
	local want f
	want=$(ladder -v "$1" | md5sum)
	for f; do
		[ "$(ladder --decap -v "$f" 2>&1 | md5sum)" = "$want" ] ||
		    echo "${f#"$K"/}"
	done
}
is 'formats, link types, tags, MPLS, PPPoE, offload, snaplens: one story' \
    "$(differ "$K"/same/plain.pcap "$K"/same/*)" ''
is 'and of IPv6' "$(differ "$K"/six/plain.pcap "$K"/six/*)" ''
is 'tunnels, with --decap' "$(differ "$K"/same/plain.pcap "$K"/tunnel/*)" ''
is 'without it they are counted' "$(for f in "$K"/tunnel/*; do
	ladder "$f" 2>&1 >/dev/null
	echo $?
done | sort | uniq -c | sed 's/^ *//; s/ ladder: 9 packets left out//')" \
    '18 1
1: 4in6; --decap looks into tunnels
7: GRE; --decap looks into tunnels
3: GTP-U; --decap looks into tunnels
2: Geneve; --decap looks into tunnels
1: IP in IP; --decap looks into tunnels
4: VXLAN; --decap looks into tunnels'
is 'as many segments as the name says' "$(for f in "$K"/less/*; do
	n=$(ladder -v "$f" 2>/dev/null | sed -n 's/^ *\([0-9]*\) segments.*/\1/p')
	name=${f%.*}
	name=${name%-[bl]e}
	[ "${n:-0}" = "${name##*-}" ] || echo "$f $n"
done)" ''

is 'the same packets on links of two types: neither lost nor copies' \
    "$(ladder -v "$K/less/two-links-18.pcapng" | sed -n '1s/^.*client//p')" \
    ' (9 on another link)'
is 'on two links of one type: copies' \
    "$(ladder -v "$K/less/one-link-9.pcapng" | sed -n '1s/^.*client//p')" \
    ' (9 captured twice)'

# ---- packed: by each program that is here
for p in gzip xz zstd bzip2 lz4; do
	if have $p; then
		$p -c <"$K/same/plain.pcap" >"$T/packed" 2>/dev/null
		is "packed by $p" "$(differ "$K/same/plain.pcap" "$T/packed")" ''
	else
		skip "packed by $p" $p
	fi
done
gzip -c <"$K/same/plain.pcap" >"$T/packed"
is 'a packed file as stdin' "$(ladder -v <"$T/packed" | md5sum)" \
    "$(ladder -v "$K/same/plain.pcap" | md5sum)"
is 'in a pipe it is not unpacked, and that is told' \
    "$(cat "$T/packed" | ladder 2>&1)" \
    'ladder: read -: read header: it is packed by gzip: unpack it first, or give the file'"'"'s name'
head -c -6 "$T/packed" >"$T/torn"
ladder -v "$T/torn" >"$T/out" 2>"$T/err"
is 'one that is torn: exit 1, and what there was' \
    "$? $(grep -c 'gzip cannot unpack it to its end' "$T/err")" '1 1'
is 'and no program for it' "$(PATH=$BIN ladder "$T/packed" 2>&1; echo $?)" \
    "ladder: open $T/packed: it is packed by gzip: install that, or unpack the file first
2"

# ---- what is left out
is 'reasons, the most frequent first' "$(ladder "$K/less/reasons-0.pcap" 2>&1)" \
    'ladder: 12 packets left out: 9 MPLS, 3 cut before TCP'
# damaged READER... - what is printed about $T/damaged
damaged() { "$@" <"$T/damaged" 2>&1 >/dev/null | sed 's/^[^:]*: //'; }
left='12 packets left out: 9 MPLS, 3 cut before TCP'
{
	cat "$K/less/reasons-0.pcap"
	tail -c +25 "$K/same/plain.pcap" | head -c -7
} >"$T/damaged"
torn='read packet 21: the stream ends inside this record'
is 'what was left out of a torn one is told, and where it is torn' \
    "$(damaged tcp-show)" "$left
$torn"
is 'by all' "$(damaged ladder)" "read -: $torn
$left"
{
	cat "$K/less/reasons-0.pcap"
	tail -c +25 "$K/same/plain.pcap"
	head -c 100 /dev/zero | tr '\0' '\377'
} >"$T/damaged"
is 'and of a damaged one' "$(damaged tcp-show | cut -c 1-49)" "$left
read packet 22: a record of 4294967295 bytes: the"
is 'with -c the next reader would tell' "$(damaged tcp-show -c 1)" ''
is 'packets without a byte' "$(ladder "$K/less/snap-0-0.pcap" 2>&1)" \
    'ladder: no packet has a byte in it: capture whole packets'
is 'a cut last record ends the reading' "$(ladder "$K/less/torn-4.pcap" \
    2>&1 >/dev/null; echo $?)" \
    "ladder: read $K/less/torn-4.pcap: read packet 5: the stream ends inside this record
1"
is 'times beyond 2106 stay' "$(tcp-show <"$K/less/late-9-be.pcapng" |
    sed -n "1s/TIME='\([^']*\)'.*/\1/p")" 5000001000.000000000

f=$K/less/late-9-be.pcapng
is 'pcapnote keeps them' "$(pcapnote --marks "$f" 2>/dev/null | tcp-show |
    sed -n "1s/TIME='\([^']*\)'.*/\1/p")" 5000001000.000000000
beyond='9 packets have times beyond 2106, which a packet stream cannot hold: '\
'of the seconds 32 bits were written'
is 'a packet stream cannot, which is told' "$(rawcap -r "$f" 2>&1 >/dev/null
    impair -T -S 1 loss 0% <"$f" 2>&1 >/dev/null | head -n 1)" \
    "rawcap: $beyond
impair: $beyond"

is 'pcapnote --marks tells which packets have none' \
    "$(pcapnote --marks "$K/less/reasons-0.pcap" 2>&1 >/dev/null | head -n 1
    pcapnote -q --marks "$K/less/reasons-0.pcap" 2>&1 >/dev/null
    pcapnote --marks "$K/less/unknown-link-0.pcap" 2>&1 >/dev/null |
    head -n 1)" \
    'pcapnote: 12 packets without marks: 9 MPLS, 3 cut before TCP
pcapnote: 9 packets left out: of link type 105 (802.11)'
head -c 24 "$K/same/plain.pcap" >"$T/nothing"
is 'tcp-show tells that nothing came' "$(tcp-show <"$T/nothing" 2>&1
    tcp-show -q <"$T/nothing" 2>&1)" 'tcp-show: no segment to show'

# ---- the other readers, on one file of each kind
shown() { tcp-show --decap <"$1" 2>&1 | sed 's/VLAN=.* SRC/SRC/'; }
passed() { impair -T -S 1 loss 0% <"$1" 2>&1 >/dev/null | grep -o '[0-9]* passed'; }
for f in same/{null-le,raw-101,sll,sll2,ppp,c-hdlc,mpls,vlan-five,ipck0}.pcap \
    same/{three-interfaces-be,two-sections}.pcapng tunnel/geneve.pcap; do
	is "$f: tcp-show, seqplot, rawcap -r, pcapnote, impair -T" "$(
		shown "$K/$f" | sed 's/TTL.* SEQ/SEQ/' | md5sum
		seqplot --decap "$K/$f" | md5sum
		rawcap --decap -r "$K/$f" | ladder -v | md5sum
		pcapnote --decap -l /dev/null "$K/$f" 2>&1 >/dev/null
		passed "$K/$f"
	)" "$(
		shown "$K/same/plain.pcap" | sed 's/TTL.* SEQ/SEQ/' | md5sum
		seqplot "$K/same/plain.pcap" | md5sum
		ladder -v "$K/same/plain.pcap" | md5sum
		echo pcapnote: 9 packets, 0 with a comment, 0 events without a packet
		echo 9 passed
	)"
done

is 'impair --decap: words are about the packet in the tunnel' "$(
	for o in '' --decap; do
		impair -T -S 1 $o drop data#1 <"$K/tunnel/vxlan.pcap" 2>&1 \
		    >/dev/null | grep -o '[0-9]* dropped'
	done | xargs)" '0 dropped 1 dropped'

# ---- tcpfsm -T: why nothing came of it. The counts tell all packets
# took FILE ARGUMENTS...
took() {
	tcpfsm -T -S 1 -l /dev/null -f examples/resp.txt "${@:2}" <"$K/$1" \
	    2>&1 >/dev/null | sed 's/^tcpfsm: no connection came of this: //'
}
cksum='with a wrong checksum (--no-cksum takes them, as a capture on the '\
'sending host has them)'
numbers='acknowledge what was not sent: the capture'"'"'s server had other '\
'numbers (-r plays what it sent)'
f=same/ipck0.pcap
is 'tcpfsm -T names the option for wrong checksums' "$(took $f)" "9 $cksum"
is 'also where -a gives the address' "$(took $f -a 10.0.0.5)" \
    "6 $cksum, 3 sent by the phantom itself"
is 'which helps' "$(took $f --no-cksum | grep -c checksum)" 0
f=same/plain.pcap
is 'other addresses than the one given' "$(took $f -a 10.1.1.1)" \
    '9 to other addresses than -a'"'"'s, the first to 10.0.0.5'
is 'the address of the client' "$(took $f -a 10.0.0.9)" \
    '3 of no connection: no SYN came before, 6 sent by the phantom itself'
is 'another MAC' "$(took $f -m 02:00:00:00:00:01)" \
    "9 at another MAC than -m's"
is 'another port' "$(took $f -a 10.0.0.5 -p 81)" '6 to ports that are closed '\
'(-p opens them: the first is 80), 3 sent by the phantom itself'
is 'real hosts: the option, and an address for it' "$(took less/hosts-9.pcap)" \
    '9 for no phantom (-a takes an address, at any MAC: the first goes to '\
'10.0.0.5)'
is 'a server with other numbers' "$(took $f -a 10.0.0.5)" \
    "1 SYN that no right ACK followed, 5 $numbers, 3 sent by the phantom itself"
is 'other headers' "$(took same/mpls.pcap)" \
    '9 in other headers (rawcap -r unwraps them)'
is 'cut packets' "$(took less/snap-40-0.pcap)" \
    '9 captured short (capture whole packets)'
is 'no TCP' "$(took less/reasons-0.pcap)" \
    '12 packets left out: 9 MPLS, 3 cut before TCP'
is 'fragments' "$(took less/fragments-0.pcap -a 10.0.0.5)" \
    '6 fragments of packets that are not whole, 3 sent by the phantom itself'
udp=$K/udp/asked.pcap
is 'UDP that was served is not nothing' "$(tcpfsm -T -S 1 -l /dev/null --all \
    -r "$udp" <"$udp" 2>"$T/err" | grep -ac that) $(cat "$T/err")" '1 '
is 'without --all it is' "$(took udp/asked.pcap)" '2 packets left out: UDP'

# ---- every cut is an end that is told, never a crash
head -c 24 "$K/same/plain.pcap" >"$T/nothing"
# each READER - on $T/cut
each() {
	case $1 in
	ladder | seqplot | tcp-film) "$1" --decap "$T/cut" ;;
	tcp-show) tcp-show --decap <"$T/cut" ;;
	pcapnote) pcapnote --decap --marks "$T/cut" ;;
	impair) impair -T --decap delay 1ms <"$T/cut" ;;
	tcpfsm) tcpfsm -T -S 1 --all --decap -r "$T/cut" <"$T/nothing" ;;
	esac >/dev/null 2>&1
}
worst=0
cuts=0
for f in same/resol-9-be.pcapng same/modified-le.pcap tunnel/gtpu-ext.pcap; do
	size=$(wc -c <"$K/$f")
	for ((i = 1; i < size; i += 41)); do
		head -c $i "$K/$f" >"$T/cut"
		readers=ladder
		[ $((cuts++ % 7)) -ne 0 ] || readers='ladder seqplot tcp-film
			tcp-show pcapnote impair tcpfsm'
		for r in $readers; do
			each $r
			s=$?
			[ $s -le $worst ] || worst=$s
		done
	done
done
is 'cut anywhere: exit 0 or 1' "$worst" 1
done_testing
