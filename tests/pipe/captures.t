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
is 'packets without a byte' "$(ladder "$K/less/snap-0-0.pcap" 2>&1)" \
    'ladder: no packet has a byte in it: capture whole packets'
is 'a cut last record ends the reading' "$(ladder "$K/less/torn-4.pcap" \
    2>&1 >/dev/null; echo $?)" \
    "ladder: read $K/less/torn-4.pcap: read packet 5: the stream ends inside this record
1"
is 'times beyond 2106 stay' "$(tcp-show <"$K/less/late-9-be.pcapng" |
    sed -n "1s/TIME='\([^']*\)'.*/\1/p")" 5000001000.000000000

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

# ---- tcpfsm -T: why nothing came of it
took() {
	tcpfsm -T -S 1 -q -f examples/resp.txt "$@" <"$f" 2>&1 >/dev/null |
	    sed -n 's/^tcpfsm: \(no connection[^(]*\) (\(-[^ ]*\).*/\1 \2/p'
}
f=$K/same/ipck0.pcap
is 'tcpfsm -T names the option for wrong checksums' "$(took)" \
    'no connection came of this: 9 with a wrong checksum --no-cksum'
is 'which helps' "$(took --no-cksum)" ''
f=$K/same/plain.pcap
is 'and the one for other addresses' "$(took -a 10.1.1.1)" \
    'no connection came of this: 9 for no phantom -a'

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
