#!/bin/bash
# rawcap on files and streams: formats, filters, damaged input.
. "${0%/*}/../tap.sh"
need tcpdump
python=$(scapy) || skip_all 'no scapy here'
scratch
rawcap=$BIN/rawcap

# refuses DESCRIPTION STATUS WORDS COMMAND... - one line and this status
refuses() {
	local what=$1 want=$2 words=$3 got lines
	shift 3
	"$@" >"$T/out" 2>"$T/err" </dev/null
	got=$?
	lines=$(wc -l <"$T/err")
	n=$((n + 1))
	if [ "$got" = "$want" ] && [ "$lines" = 1 ] &&
	    grep -q "^rawcap: .*$words" "$T/err"; then
		echo "ok $n - $what"
	else
		echo "not ok $n - $what"
		echo "# status $got, want $want, and one line with: $words"
		sed 's/^/# /' "$T/err"
	fi
}

# list FILE - a line a packet, by a reader that is not ours
list() {
	tcpdump -nn -tt -r "$1" 2>/dev/null
}

$python - "$T" <<'PY' || exit 1
import struct, sys, os, random
from scapy.all import *
from scapy.utils import PcapNgWriter
t = sys.argv[1]
M = dict(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")
A, B, C = "10.0.0.1", "10.0.0.2", "10.0.0.3"
A6, B6, C6 = "2001:db8::1", "2001:db8::2", "2001:db8::3"
p = []
def add(x):
    x = Ether(bytes(x)); x.time = 1700000000 + len(p) * 0.001; p.append(x)
def both(l4a, l4b):
    add(Ether(**M)/IP(src=A, dst=B)/l4a); add(Ether(**M)/IP(src=B, dst=C)/l4b)
    add(Ether(**M)/IPv6(src=A6, dst=B6)/l4a); add(Ether(**M)/IPv6(src=C6, dst=B6)/l4b)
both(TCP(sport=1000, dport=80), TCP(sport=80, dport=1001))
both(UDP(sport=53, dport=2000)/b"x", UDP(sport=9, dport=9)/b"y")
add(Ether(**M)/IP(src=A, dst=C)/ICMP()/b"ping")
add(Ether(**M)/IPv6(src=A6, dst=C6)/ICMPv6EchoRequest())
# errors about packets of A port 80, sent by a router to someone else
add(Ether(**M)/IP(src=C, dst=B)/ICMP(type=3, code=1)/IP(src=B, dst=A)/TCP(sport=1000, dport=80))
add(Ether(**M)/IPv6(src=C6, dst=B6)/ICMPv6DestUnreach()/IPv6(src=B6, dst=A6)/TCP(sport=1000, dport=80))
add(Ether(**M)/IP(src=C, dst=B)/ICMP(type=3, code=1)/IP(src=B, dst=C)/TCP(sport=1000, dport=81))
add(Ether(**M)/ARP(op=1, psrc=B, pdst=A)); add(Ether(**M)/ARP(op=1, psrc=B, pdst=C))
add(Ether(**M)/IPv6(src=B6, dst="ff02::1:ff00:1")/ICMPv6ND_NS(tgt=A6))
add(Ether(**M)/IPv6(src=B6, dst="ff02::1:ff00:3")/ICMPv6ND_NS(tgt=C6))
for f in fragment(IP(src=A, dst=B, id=7)/UDP(sport=53, dport=5)/(b"f" * 3000), 1000): add(Ether(**M)/f)
for f in fragment6(IPv6(src=A6, dst=B6)/IPv6ExtHdrFragment(id=9)/UDP(sport=53, dport=5)/(b"f" * 3000), 1280): add(Ether(**M)/f)
add(Ether(**M)/IPv6(src=A6, dst=B6)/IPv6ExtHdrHopByHop()/IPv6ExtHdrDestOpt()/TCP(sport=5, dport=80))
add(Ether(**M)/Dot1Q(vlan=5)/IP(src=A, dst=B)/TCP(sport=6, dport=80))
add(Ether(**M)/Dot1Q(vlan=5)/IPv6(src=A6, dst=B6)/TCP(sport=7, dport=80))
add(Ether(**M)/IP(src=A, dst=B, options=[IPOption_NOP()] * 8)/TCP(sport=8, dport=80))
add(Ether(**M)/IP(src=A, dst=B, proto=132)/b"sctp"); add(Ether(type=0x88cc, **M)/b"lldp")
wrpcap(f"{t}/all.pcap", p)
w = PcapNgWriter(f"{t}/all.pcapng"); [w.write(x) for x in p]; w.close()
raw = open(f"{t}/all.pcap", "rb").read()
def save(name, b): open(f"{t}/{name}", "wb").write(b)
# the other byte order, nanoseconds
be = struct.pack(">IHHiIII", 0xa1b23c4d, 2, 4, 0, 0, 65535, 1); at = 24
while at < len(raw):
    s, u, c, l = struct.unpack("<IIII", raw[at:at + 16])
    be += struct.pack(">IIII", s, u * 1000, c, l) + raw[at + 16:at + 16 + c]; at += 16 + c
save("be.pcap", be); save("twice.pcap", raw + be); save("head.pcap", raw[:24])
save("cut.pcap", raw[:-5]); save("cuthead.pcap", raw[:10])
save("huge.pcap", raw[:24] + struct.pack("<IIII", 1, 1, 0xffffffff, 0xffffffff) + b"x" * 99)
save("link.pcap", struct.pack("<IHHiIIIIIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 105, 1, 1, 4, 4) + b"wifi")
random.seed(1); save("random", random.randbytes(100000)); save("empty", b"")
ng = open(f"{t}/all.pcapng", "rb").read()
save("cut.pcapng", ng[:-7]); save("twice.pcapng", ng + ng)
# big-endian, an unknown block, 2 interfaces of other resolutions, simple packet
def blk(e, ty, body):
    body += b"\0" * (-len(body) % 4); n = len(body) + 12
    return struct.pack(e + "II", ty, n) + body + struct.pack(e + "I", n)
def ngfile(e, link=1, big=400000):
    f = bytes(p[0]); s = blk(e, 0x0a0d0d0a, struct.pack(e + "IHHq", 0x1a2b3c4d, 1, 0, -1))
    s += blk(e, 1, struct.pack(e + "HHI", link, 0, 0) + struct.pack(e + "HHBxxxHH", 9, 1, 9, 0, 0))
    s += blk(e, 1, struct.pack(e + "HHI", 1, 0, 0) + struct.pack(e + "HHBxxxHHqHH", 9, 1, 0x8a, 14, 8, 100, 0, 0))
    s += blk(e, 0xbad, b"z" * big)
    for i, ts in ((0, 1700000000123456789), (1, (1700000000 << 10) + 512)):
        s += blk(e, 6, struct.pack(e + "IIIII", i, ts >> 32, ts & 0xffffffff, len(f), len(f)) + f)
    return s + blk(e, 3, struct.pack(e + "I", len(f)) + f)
save("be.pcapng", ngfile(">")); save("le.pcapng", ngfile("<"))
h = blk("<", 0x0a0d0d0a, struct.pack("<IHHq", 0x1a2b3c4d, 1, 0, -1)); i = blk("<", 1, struct.pack("<HHI", 1, 0, 0))
save("lie.pcapng", h + i + blk("<", 6, struct.pack("<IIIII", 0, 0, 0, 5000, 5000) + b"x" * 60))
save("noif.pcapng", h + blk("<", 6, struct.pack("<IIIII", 0, 0, 0, 4, 4) + b"xxxx"))
save("zero.pcapng", h + struct.pack("<II", 6, 0) + b"x" * 60)
save("endless.pcapng", h + i + struct.pack("<II", 6, 0xfffffffc) + b"x" * 60)
PY

list "$T/all.pcap" >"$T/want"
count=$(wc -l <"$T/want")

# the kinds of file
for f in all.pcap all.pcapng be.pcap; do
	$rawcap -r "$T/$f" >"$T/out" 2>"$T/err"
	is "-r $f: exit 0 and silence" "$? $(cat "$T/err")" "0 "
	list "$T/out" >"$T/got"
	ok "-r $f: the same packets and stamps" cmp "$T/got" "$T/want"
done
is "the stream has the nanosecond magic and link type 1" \
    "$(od -An -tx4 -N24 --endian=little "$T/out" | tr -d ' \n')" \
    a1b23c4d0004000200000000000000000004000000000001
is "-r - reads stdin" "$($rawcap -r - <"$T/all.pcapng" | md5sum)" \
    "$($rawcap -r "$T/all.pcapng" | md5sum)"
is "concatenated pcap files" "$($rawcap -r "$T/twice.pcap" |
    tcpdump -nn -r - 2>/dev/null | wc -l)" $((2 * count))
is "concatenated pcapng sections" "$($rawcap -r "$T/twice.pcapng" |
    tcpdump -nn -r - 2>/dev/null | wc -l)" $((2 * count))
for f in le be; do
	is "$f.pcapng: resolutions, offset, unknown and simple blocks" \
	    "$($rawcap -r "$T/$f.pcapng" | tcpdump --nano -tt -nn -r - \
	    2>/dev/null | cut -d' ' -f1 | tr '\n' ' ')" \
	    "1700000000.123456789 1700000100.500000000 1700000100.500000000 "
done
is "a file without packets is a stream without packets" \
    "$($rawcap -r "$T/head.pcap" | wc -c)" 24

# filters: what tcpdump takes for the same, and what it cannot say
# same DESCRIPTION EXPRESSION OPTIONS... - the packets that tcpdump selects
same() {
	local what=$1 expr=$2
	shift 2
	tcpdump -nn -tt -r "$T/all.pcap" "$expr" 2>/dev/null >"$T/want"
	$rawcap "$@" -r "$T/all.pcap" >"$T/out"
	list "$T/out" >"$T/got"
	n=$((n + 1))
	if [ -s "$T/want" ] && cmp -s "$T/want" "$T/got"; then
		echo "ok $n - $what"
	else
		echo "not ok $n - $what"
		diff "$T/want" "$T/got" | sed 's/^/# /'
	fi
}
e4='icmp[0]=3 and icmp[1]=1'
e6='(ip6 and ip6[6]=58 and ip6[40]=1)'
f4='ip[6:2] & 0x1fff != 0'
f6='(ip6 and ip6[6]=44 and ip6[42:2] & 0xfff8 != 0)'
same "-a v4: host, ARP, VLAN, an error about it" \
    "host 10.0.0.1 or (icmp[0]=3 and icmp[24:4]=0x0a000001) or
    (vlan and host 10.0.0.1)" -a 10.0.0.1
same "-a v6: host, ND about it, an error about it" \
    "host 2001:db8::1 or $e6 or (ip6 and ip6[6]=58 and ip6[40]=135 and
    ip6[63]=1) or (vlan and host 2001:db8::1)" -a 2001:db8::1
same "-a twice" "host 10.0.0.1 or host 2001:db8::1 or
    (ip6 and ip6[6]=58 and ip6[40]=135 and ip6[63]=1) or $e6 or
    (icmp and icmp[24:4]=0x0a000001) or (vlan)" \
    -a 10.0.0.1 -a 2001:db8::1
same "-p: to the port, later fragments, options, extensions" \
    "dst port 80 or $f4 or $f6 or (ip6 and ip6[6]=0) or
    (vlan and dst port 80)" -p 80
same "-p: errors about what comes from the port" \
    "dst port 1000 or ($e4 and icmp[28:2]=1000) or $e6 or $f4 or $f6" -p 1000
same "-p twice" "dst port 80 or dst port 9 or $f4 or $f6 or
    (ip6 and ip6[6]=0) or (vlan and dst port 80)" -p 80 -p 9
same "-a and -p: the destination's" "(dst host 10.0.0.2 and dst port 80) or
    (dst host 10.0.0.2 and $f4) or
    (vlan and dst host 10.0.0.2 and dst port 80)" -a 10.0.0.2 -p 80
same "-a and -p: not what comes from the address" \
    "(udp and dst port 9 and dst host 10.0.0.3) or
    ($f4 and dst host 10.0.0.2)" -a 10.0.0.2 -a 10.0.0.3 -p 9
same "--either: ports, errors about them, later fragments" \
    "port 80 or ($e4 and icmp[30:2]=80) or $e6 or $f4 or $f6 or
    (ip6 and ip6[6]=0) or (vlan and port 80)" -p 80 --either
same "--either, -p twice" "port 80 or port 9 or
    ($e4 and icmp[30:2]=80) or $e6 or $f4 or $f6 or (ip6 and ip6[6]=0) or
    (vlan and port 80)" -p 80 -p 9 --either
same "--either and -a are both meant" "(host 10.0.0.1 and port 80) or
    ($e4 and icmp[30:2]=80) or (host 10.0.0.1 and $f4) or
    (vlan and host 10.0.0.1 and port 80)" -a 10.0.0.1 -p 80 --either
same "-t tcp" "tcp or (ip6 and ip6[6]=0) or (vlan and tcp)" -t tcp
same "-t udp" "(udp or $f4 or $f6 or (ip6 and ip6[6]=44))" -t udp
same "-t icmp" "icmp or icmp6" -t icmp
same "-t arp" "arp or (ip6 and ip6[6]=58 and ip6[40]=135)" -t arp
same "-t udp,icmp" "udp or icmp or icmp6 or ip proto 17 or
    (ip6 and ip6[6]=44)" -t udp,icmp
same "-a and -t" "host 10.0.0.1 and (icmp or arp) or
    (icmp and icmp[24:4]=0x0a000001)" -a 10.0.0.1 -t icmp,arp
same "-a, a prefix of v4" "net 10.0.0.2/31 or (icmp[0]=3 and
    net 10.0.0.2/31) or (vlan and net 10.0.0.2/31)" -a 10.0.0.3/31
same "-a, a prefix of v6 and an address of v4" \
    "ip6 net 2001:db8::/64 or host 10.0.0.3 or
    (vlan and ip6 net 2001:db8::/64)" -a 2001:db8::77/64 -a 10.0.0.3
same "--to: what is from it, or about it, is not" \
    "dst host 10.0.0.3 or (arp and host 10.0.0.3)" -a 10.0.0.3 --to
same "--to, v6, TCP" "(tcp and dst host 2001:db8::2) or
    (ip6 and ip6[6]=0) or (vlan and ip6 and dst host 2001:db8::2)" \
    -a 2001:db8::2 --to -t tcp
for e in "tcp port 80" "vlan 5" "len > 1000" "ip[8] = 64 and not udp"; do
	tcpdump -y EN10MB -ddd "$e" >"$T/prog" 2>/dev/null
	same "-F: $e" "$e" -F "$T/prog"
done
is "-F - is stdin" "$(tcpdump -y EN10MB -ddd arp 2>/dev/null |
    $rawcap -F - -r "$T/all.pcap" | tcpdump -r - 2>/dev/null | wc -l)" 2
tcpdump -y EN10MB -s 20 -ddd ip >"$T/prog" 2>/dev/null
$rawcap -F "$T/prog" -r "$T/all.pcap" >"$T/out"
is "-F with a snaplen cuts, and tells the length" \
    "$(od -An -tu4 -j32 -N8 "$T/out" | tr -s ' ')" " 20 54"
is "- filters a stream" "$($rawcap -a 10.0.0.1 - <"$T/all.pcap" | md5sum)" \
    "$($rawcap -a 10.0.0.1 -r "$T/all.pcap" | md5sum)"
is "-c ends after so many, and says it" \
    "$($rawcap -c 3 -r "$T/all.pcap" 2>&1 >"$T/out"
	list "$T/out" | wc -l)" "rawcap: 3 captured, 0 dropped by the kernel
3"
is "-c counts behind the filter" "$($rawcap -q -t arp -c 2 \
    -r "$T/all.pcap" | tcpdump -r - 2>/dev/null | grep -c ARP)" 2
is "an idle writer's packets are not held back" "$(
    mkfifo "$T/hold"; exec 6<>"$T/hold"
    { cat "$T/all.pcap"; read -r -t 10 -u 6; } | $rawcap -r - |
    { timeout 9 head -c 200 | wc -c; echo >&6; })" 200

# what is no such file
refuses "random bytes" 1 "not a packet stream" $rawcap -r "$T/random"
refuses "an empty file" 1 "end of input" $rawcap -r "$T/empty"
refuses "a cut file header" 1 "inside its file header" \
    $rawcap -r "$T/cuthead.pcap"
refuses "a cut record" 1 "packet $count: .* inside" $rawcap -r "$T/cut.pcap"
is "what came before it is written" "$(tcpdump -nn -r "$T/out" 2>/dev/null |
    wc -l)" $((count - 1))
refuses "a cut block" 1 "packet $count: .* inside" $rawcap -r "$T/cut.pcapng"
refuses "a record of 4 GB" 1 "packet 1: .*4294967295" \
    $rawcap -r "$T/huge.pcap"
refuses "nothing but a link type that is not known" 1 \
    "1 packet left out: of link type 105" $rawcap -r "$T/link.pcap"
$rawcap - <"$T/link.pcap" >"$T/out" 2>"$T/err"
is "a stage still takes Ethernet alone, and says what converts" \
    "$? $(grep -c 'link type 105.*rawcap -r' "$T/err")" '2 1'
refuses "a packet longer than its block" 1 "packet 1: .*damaged" \
    $rawcap -r "$T/lie.pcapng"
refuses "a packet without interface" 1 "packet 1: .*damaged" \
    $rawcap -r "$T/noif.pcapng"
refuses "a block of no length" 1 "damaged" $rawcap -r "$T/zero.pcapng"
refuses "a block of 4 GB" 1 "damaged" $rawcap -r "$T/endless.pcapng"
refuses "a missing file" 2 "open .*No such" $rawcap -r "$T/none"
refuses "a folder" 1 "directory" $rawcap -r "$T"
for prog in "" "x" "1" "2
6 0 0 0" "1
6 0 0 0
6 0 0 0" "1
99 0 0 0" "2
21 1 0 0
6 0 0 0" "1
40 0 0 12" "2
2 0 0 16
6 0 0 0" "2
52 0 0 0
6 0 0 0" "1
6 0 0 4294967296" "5000
6 0 0 0"; do
	printf '%s\n' "$prog" >"$T/prog"
	refuses "-F of $(printf '"%s"' "$prog" | tr '\n' ';')" 2 \
	    "read filter" $rawcap -F "$T/prog" -r "$T/all.pcap"
done

# usage
# usage STATUS ARGUMENTS...
usage() {
	local want=$1
	shift
	$rawcap "$@" >"$T/out" 2>"$T/err" </dev/null
	is "status of: rawcap $*" "$?" "$want"
}
usage 2
usage 2 -a 10.0.0 -r "$T/all.pcap"
usage 2 -p 0 -r "$T/all.pcap"
usage 2 -p 65536 -r "$T/all.pcap"
usage 2 --either -r "$T/all.pcap"
usage 2 -t tcp, -r "$T/all.pcap"
usage 2 -c -1 -r "$T/all.pcap"
usage 2 -F "$T/prog" -p 80 -r "$T/all.pcap"
usage 2 -O -r "$T/all.pcap"
usage 2 -r "$T/all.pcap" lo
usage 2 -x lo
usage 0 --help
usage 0 --version
a=()
for i in $(seq 64); do a+=(-a "2001:db8::$i" -p "$i"); done
is "64 addresses and 64 ports of either end fit, or are refused in a line" \
    "$($rawcap "${a[@]}" --either -r "$T/all.pcap" 2>&1 >/dev/null |
    wc -l) $?" "1 0"
is "64 addresses and 64 ports fit" \
    "$($rawcap "${a[@]}" -r "$T/all.pcap" 2>&1 >/dev/null | wc -l) $?" "0 0"
done_testing
