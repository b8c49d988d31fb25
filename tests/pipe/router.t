#!/bin/bash
# pipe-router on stored packets, by frames from scapy and what tcpdump says of
# the output: forwarding, errors, fragments, neighbours, NAT, flows; the same
# bytes come out of the same input.
. "${0%/*}/../tap.sh"
scratch
cd "$T" || exit 1
python=$(scapy) || skip_all 'no scapy here'
need tcpdump

cat >make.py <<'END'
import sys
from scapy.layers.inet import *
from scapy.layers.inet6 import *
from scapy.layers.l2 import *
from scapy.packet import Raw
from scapy.utils import wrpcap
out = []
# r: the router's MACs; h: those of hosts, at 10.0.V.9 and fd00:V::9
r = {10: "02:50:0a:00:01:01", 20: "02:50:0a:00:02:01"}
h = {10: "52:54:00:00:01:09", 20: "52:54:00:00:02:09"}
other = {10: 20, 20: 10}
def at(v, dst=None):
	return Ether(src=h[v], dst=dst or r[v])/Dot1Q(vlan=v)
def add(*packets, gap=1):
	for p in packets:
		p.time = at.now
		at.now += gap
		out.append(p)
at.now = 1000
# so that nobody has to be asked for
def known():
	for v in 10, 20:
		add(at(v, "ff:ff:ff:ff:ff:ff")/ARP(op=1, hwsrc=h[v],
		    psrc="10.0.%d.9" % (v / 10), pdst="10.0.%d.1" % (v / 10)))
		add(at(v, r[v])/IPv6(src="fd00:%d::9" % (v / 10),
		    dst="fd00:%d::1" % (v / 10), hlim=255)/
		    ICMPv6ND_NS(tgt="fd00:%d::1" % (v / 10))/
		    ICMPv6NDOptSrcLLAddr(lladdr=h[v]))
A = IP(src="10.0.1.9", dst="10.0.2.9")
B = IP(src="10.0.2.9", dst="10.0.1.9")
A6 = IPv6(src="fd00:1::9", dst="fd00:2::9")
B6 = IPv6(src="fd00:2::9", dst="fd00:1::9")
ping, ping6 = ICMP(id=1), ICMPv6EchoRequest(id=1)
exec(open(sys.argv[1]).read())
wrpcap(sys.argv[2], out)
END

# make FILE - a capture from lines of scapy
make() {
	cat - >lines.py
	$python make.py lines.py "$1" 2>err || {
		echo 'Bail out! scapy'
		diag <err
		exit 1
	}
}

# route FILE [OPTIONS...] - what comes out but ARP and ND, as tcpdump has it
IFS10=10=10.0.1.1/24,fd00:1::1/64
IFS20=20=10.0.2.1/24,fd00:2::1/64
route() {
	local f=$1
	shift
	pipe-router -T -S 1 "$@" "$IFS10" "$IFS20" <"$f" >out 2>sum ||
	    echo failed
	show
}
show() {
	tcpdump -tennr out 2>/dev/null | grep -v -e 'ethertype ARP' \
	    -e neighbor | sed 's/.*vlan \([0-9]*\), p 0, ethertype \(IPv[46]\)\( (0x....)\)*, /\1 \2 /'
}
drops() { sed 's/.*dropped: //' sum; }

# ---- forwarding
make good <<'END'
known()
add(at(10)/A/ping/"abcdefgh", at(20)/B/ICMP(type=0, id=1))
add(at(10)/A6/ping6/"abcdefgh", at(20)/B6/UDP(sport=9, dport=7)/"x")
add(at(10)/IP(src="10.0.1.9", dst="10.0.2.9", ttl=2)/UDP(sport=9, dport=7)/"x")
END
is 'forwarded, both ways, both families' "$(route good)" "\
20 IPv4 10.0.1.9 > 10.0.2.9: ICMP echo request, id 1, seq 0, length 16
10 IPv4 10.0.2.9 > 10.0.1.9: ICMP echo reply, id 1, seq 0, length 8
20 IPv6 fd00:1::9 > fd00:2::9: ICMP6, echo request, id 1, seq 0, length 16
10 IPv6 fd00:2::9.9 > fd00:1::9.7: UDP, length 1
20 IPv4 10.0.1.9.9 > 10.0.2.9.7: UDP, length 1"
is 'nothing was dropped' "$(drops)" none
is 'to the MAC of the host, from that of the router' "$(tcpdump -tennr out \
    icmp or vlan and icmp 2>/dev/null | head -n 1 | cut -d ' ' -f 1-3)" \
    '02:50:0a:00:02:01 > 52:54:00:00:02:09,'
is 'one hop less, the sums right' "$(tcpdump -vtennr out 2>/dev/null |
    grep -oE '(ttl|hlim) (63|1),|bad cksum|incorrect' | sort | uniq -c |
    xargs)" '2 hlim 63, 1 ttl 1, 2 ttl 63,'
cp out first
pipe-router -q -T -S 1 "$IFS10" "$IFS20" <good >out
ok 'the same again' cmp out first
dd bs=7 if=good 2>/dev/null | pipe-router -q -T -S 1 "$IFS10" "$IFS20" >out
ok 'the same in pieces of 7 bytes' cmp out first

# ---- the router itself
make self <<'END'
known()
add(at(10)/IP(src="10.0.1.9", dst="10.0.1.1")/ping/"abcdefgh")
add(at(10)/IP(src="10.0.1.9", dst="10.0.2.1")/ping)
add(at(10)/IPv6(src="fd00:1::9", dst="fd00:2::1")/ping6)
add(*[at(20)/p for p in fragment(IP(src="10.0.2.9", dst="10.0.2.1", id=7)/
    ICMP(id=2)/("y" * 2000), 1000)])
add(at(10)/IP(src="10.0.1.9", dst="10.0.1.1")/UDP(sport=9, dport=33434))
add(at(10)/IP(src="10.0.1.9", dst="10.0.1.1")/TCP(dport=80))
add(at(10)/IPv6(src="fd00:1::9", dst="fd00:1::1")/UDP(sport=9, dport=33434))
END
is 'answers ping to any of its addresses, and nothing else' "$(route self)" "\
10 IPv4 10.0.1.1 > 10.0.1.9: ICMP echo reply, id 1, seq 0, length 16
10 IPv4 10.0.2.1 > 10.0.1.9: ICMP echo reply, id 1, seq 0, length 8
10 IPv6 fd00:2::1 > fd00:1::9: ICMP6, echo reply, id 1, seq 0, length 8
20 IPv4 10.0.2.1 > 10.0.2.9: ICMP echo reply, id 2, seq 0, length 1480
20 IPv4 10.0.2.1 > 10.0.2.9: ip-proto-1
10 IPv4 10.0.1.1 > 10.0.1.9: ICMP 10.0.1.1 udp port 33434 unreachable, length 36
10 IPv4 10.0.1.1 > 10.0.1.9: ICMP 10.0.1.1 protocol 6 unreachable, length 48
10 IPv6 fd00:1::1 > fd00:1::9: ICMP6, destination unreachable, unreachable port, fd00:1::1 udp port 33434, length 56" ||
    show | diag
is 'the sums are right' "$(tcpdump -vtennr out 2>/dev/null |
    grep -cE 'bad cksum|incorrect|wrong')" 0

# ---- errors
make errors <<'END'
known()
add(at(10)/IP(src="10.0.1.9", dst="10.0.2.9", ttl=1)/ping)
add(at(10)/IP(src="10.0.1.9", dst="10.0.2.9", ttl=0)/UDP(sport=9, dport=7))
add(at(10)/IPv6(src="fd00:1::9", dst="fd00:2::9", hlim=1)/ping6)
add(at(10)/IP(src="10.0.1.9", dst="10.9.9.9")/ping)
add(at(10)/IPv6(src="fd00:1::9", dst="fd99::9")/ping6)
add(at(10)/IP(src="10.0.1.9", dst="10.0.2.77")/ping, gap=10)
add(at(10)/IPv6(src="fd00:1::9", dst="fd00:2::77")/ping6, gap=10)
add(at(10)/IP(src="10.0.1.9", dst="10.0.2.9", flags="DF")/UDP(dport=7)/("x" * 1460))
add(at(10)/A6/UDP(dport=7)/("x" * 1440))
END
is 'time exceeded, no route, no host, too big' "$(route errors \
    20=10.0.2.1/24,mtu=1300)" "\
10 IPv4 10.0.1.1 > 10.0.1.9: ICMP time exceeded in-transit, length 36
10 IPv4 10.0.1.1 > 10.0.1.9: ICMP time exceeded in-transit, length 36
10 IPv6 fd00:1::1 > fd00:1::9: ICMP6, time exceeded in-transit for fd00:2::9, length 56
10 IPv4 10.0.1.1 > 10.0.1.9: ICMP net 10.9.9.9 unreachable, length 36
10 IPv6 fd00:1::1 > fd00:1::9: ICMP6, destination unreachable, unreachable route fd99::9, length 56
10 IPv4 10.0.1.1 > 10.0.1.9: ICMP host 10.0.2.77 unreachable, length 36
10 IPv6 fd00:1::1 > fd00:1::9: ICMP6, destination unreachable, unreachable address fd00:2::77, length 56
10 IPv4 10.0.1.1 > 10.0.1.9: ICMP 10.0.2.9 unreachable - need to frag (mtu 1300), length 556
10 IPv6 fd00:1::1 > fd00:1::9: ICMP6, packet too big, mtu 1300, length 1240" ||
    show | diag
is 'it has asked three times for each' "$(tcpdump -tnnr out 2>/dev/null |
    grep -cE 'who-has 10.0.2.77|who has fd00:2::77')" 6
is 'each has its reason' "$(drops)" '3 ttl, 2 no-route, 2 too-big, 2 no-host'
make silent <<'END'
known()
q = IP(src="10.0.2.9", dst="10.0.1.9")/UDP(dport=7)
T1 = IP(src="10.0.1.9", dst="10.0.2.9", ttl=1)
for t in 3, 4, 5, 11, 12, 42:
	add(at(10)/T1/ICMP(type=t)/Raw(bytes(q)))
add(at(10)/IPv6(src="fd00:1::9", dst="fd00:2::9", hlim=1)/
    ICMPv6TimeExceeded()/Raw(bytes(A6/UDP())))
add(*[at(10)/p for p in fragment(T1/UDP(dport=7)/("y" * 3000), 1000)[1:]])
END
is 'never about errors, nor later fragments' "$(route silent)" ''
is 'all were counted' "$(drops)" '10 ttl'
make many <<'END'
known()
for i in range(500):
	add(at(10)/IP(src="10.0.1.9", dst="10.0.2.9", ttl=1)/ping, gap=0)
END
is 'as many errors as --error-rate says' "$(route many --error-rate 20 |
    wc -l)$(grep -o ', [0-9]* errors sent, [0-9]* not' sum)" \
    '20, 20 errors sent, 480 not'
make strangers <<'END'
known()
for i in range(2000):
	add(at(10)/IP(src="11.1.%d.%d" % (i / 250, i % 250 + 1), dst="10.0.2.9",
	    ttl=1)/ping, gap=0.001)
	if i % 100 == 50:
		add(at(10)/IP(src="10.3.3.3", dst="10.0.2.9", ttl=1)/ping, gap=0)
END
route strangers --error-rate 20 --route default=10.0.1.9 >out.txt
is 'in a flood of ever new sources, one that sends again has its errors' \
    "$(awk '/> 10.3.3.3: ICMP time exceeded/ { its++ } /> 11.1/ { n++ }
	END { print (its >= 18), (n > 20 && n < 130) }' out.txt)" '1 1' || {
	wc -l out.txt
	cat sum
} | diag
make bad <<'END'
known()
for s in "0.0.0.0", "127.0.0.1", "224.0.0.1", "255.255.255.255", "10.0.1.255", "240.0.0.1":
	add(at(10)/IP(src=s, dst="10.0.2.9")/ping)
for d in "127.0.0.1", "0.0.0.0":
	add(at(10)/IP(src="10.0.1.9", dst=d)/ping)
for d in "224.0.0.5", "255.255.255.255", "10.0.2.255", "10.0.2.0":
	add(at(10)/IP(src="10.0.1.9", dst=d)/ping)
for s, d in ("::", "fd00:2::9"), ("::1", "fd00:2::9"), ("fe80::1", "fd00:2::9"):
	add(at(10)/IPv6(src=s, dst=d)/ping6)
for d in "ff02::1", "ff05::5", "fe80::1":
	add(at(10)/IPv6(src="fd00:1::9", dst=d)/ping6)
add(at(10, "ff:ff:ff:ff:ff:ff")/A/ping, at(10, "02:00:00:00:00:07")/A/ping)
add(Ether(src=h[10], dst=r[10])/A/ping, at(10)/Raw("x" * 30))
add(Ether(src=h[10], dst=r[10])/Dot1Q(vlan=30)/A/ping)
add(at(10)/IP(src="10.0.1.9", dst="10.0.2.9", chksum=1)/ping)
add(at(10)/IP(src="10.0.1.9", dst="10.0.2.9", len=900)/ping)
add(at(10)/IP(src="10.0.1.9", dst="10.0.2.9", ihl=4)/ping)
add(at(10)/IPv6(src="fd00:1::9", dst="fd00:2::9", plen=900)/ping6)
END
is 'what no router forwards' "$(route bad)" ''
is 'by reason' "$(drops)" '2 vlan, 2 mac, 3 header, 1 checksum, 11 martian, 8 group' ||
    show | diag

# ---- fragments
make large <<'END'
known()
add(at(10)/IP(src="10.0.1.9", dst="10.0.2.9", id=5)/UDP(dport=7)/("x" * 1400))
add(*[at(10)/p for p in fragment(IP(src="10.0.1.9", dst="10.0.2.9", id=6)/
    UDP(dport=7)/("y" * 2000), 1400)])
add(at(10)/IP(src="10.0.1.9", dst="10.0.2.9", id=7, options=[
    IPOption_Router_Alert(), IPOption_RR(length=7, routers=["0.0.0.0"],
    pointer=4)])/UDP(dport=7)/("z" * 1400))
END
IFS20=20=10.0.2.1/24,mtu=576 route large >/dev/null
is 'fragments of 576 bytes, each a multiple of 8, options as they should' \
    "$(tcpdump -vtnnr out 2>/dev/null |
    grep -o 'id [567], offset [0-9]*, flags \[.*\], proto UDP (17), length [0-9]*' |
    sed 's/, flags/:/; s/proto UDP (17), //; s/id //; s/offset //')" "\
5, 0: [+], length 572
5, 552: [+], length 572
5, 1104: [none], length 324
6, 0: [+], length 572
6, 552: [+], length 572
6, 1104: [+], length 316
6, 1400: [+], length 572
6, 1952: [none], length 76
7, 0: [+], length 576
7, 544: [+], length 576
7, 1096: [none], length 336"
is 'they fit together' "$(tcpdump -vtennr out 2>/dev/null |
    grep -c 'bad cksum')" 0

# ---- neighbours
make asks <<'END'
add(at(10)/IP(src="10.0.1.9", dst="10.0.2.9")/UDP(dport=7)/"1", gap=0)
for i in range(5):
	add(at(10)/IP(src="10.0.1.9", dst="10.0.2.9")/UDP(dport=7)/"2", gap=0)
add(at(20)/ARP(op=2, hwsrc=h[20], psrc="10.0.2.9", hwdst=r[20],
    pdst="10.0.2.1"), gap=0.1)
add(at(10)/IP(src="10.0.1.9", dst="10.0.2.9")/UDP(dport=7)/"3", gap=40)
add(at(10)/IP(src="10.0.1.9", dst="10.0.2.9")/UDP(dport=7)/"4", gap=0.5)
add(at(20)/ARP(op=2, hwsrc="52:54:00:00:02:08", psrc="10.0.2.9", hwdst=r[20],
    pdst="10.0.2.1"))
add(at(10)/IP(src="10.0.1.9", dst="10.0.2.9")/UDP(dport=7)/"5")
add(at(10)/ARP(op=2, hwsrc="52:54:00:00:02:07", psrc="10.0.2.9", hwdst=r[10],
    pdst="10.0.1.1"))
add(at(10)/IP(src="10.0.1.9", dst="10.0.2.9")/UDP(dport=7)/"6")
END
is 'three packets wait for the answer' "$(route asks | wc -l)$(drops)" \
    '73 waiting'
is 'asked at first, and again after 30 s' "$(tcpdump -ttnnr out arp or \
    vlan and arp 2>/dev/null | grep -c 'who-has 10.0.2.9 tell 10.0.2.1')" 2
is 'a new MAC is believed, not that of another network' "$(tcpdump -tennr \
    out udp or vlan and udp 2>/dev/null | tail -n 2 | cut -d ' ' -f 3 |
    sort -u)" '52:54:00:00:02:08,'
make scans <<'END'
known()
for i in range(11, 254):
	for j in range(3):
		add(at(10)/IP(src="10.0.1.9", dst="10.0.2.%d" % i)/
		    UDP(dport=7)/("x" * 1460), gap=0)
add(at(10)/IP(src="10.0.1.8", dst="10.0.2.254")/UDP(dport=7)/
    ("y" * 1460), gap=0)
add(at(20)/ARP(op=2, hwsrc="52:54:00:00:02:08", psrc="10.0.2.254",
    hwdst=r[20], pdst="10.0.2.1"))
END
is 'one who asks for many leaves room for what another sends' \
    "$(route scans >/dev/null
    tcpdump -tennr out 2>/dev/null | grep -c '10.0.1.8.*10.0.2.254.7')" 1
make absent <<'END'
known()
for k in range(3):
	for i in range(11, 254):
		for j in range(3):
			add(at(10)/IP(src="10.0.1.8", dst="10.0.2.%d" % i)/
			    UDP(dport=7)/("x" * 1460), gap=0)
		at.now += 4
add(at(10)/IP(src="10.0.1.8", dst="10.0.2.254")/UDP(dport=7)/
    ("y" * 1460), gap=0)
add(at(20)/ARP(op=2, hwsrc="52:54:00:00:02:08", psrc="10.0.2.254",
    hwdst=r[20], pdst="10.0.2.1"))
END
is 'what waited for hosts that are absent takes no room later' \
    "$(route absent | grep -c '10.0.1.8.* > 10.0.2.254.7')" 1
make crowd <<'END'
known()
for i in range(11, 254):
	add(at(10)/IP(src="10.0.1.9", dst="10.0.2.%d" % i)/UDP(dport=7)/"x",
	    gap=0)
add(at(10)/IP(src="10.0.1.8", dst="10.0.2.9")/UDP(dport=7)/"known", gap=0)
END
is 'nor does it drive out, from a full table, one that has answered' \
    "$(route crowd --neighbours 16 | grep -c '10.0.1.8.*10.0.2.9.7')$(tcpdump \
    -ttnnr out arp or vlan and arp 2>/dev/null | grep -c 'who-has 10.0.2.9 ')" 10
make greedy <<'END'
known()
for i in range(11, 254):
	add(at(20, "ff:ff:ff:ff:ff:ff")/ARP(op=1, hwsrc="52:54:00:00:02:66",
	    psrc="10.0.2.%d" % i, pdst="10.0.2.1"), gap=0)
	add(at(10)/IP(src="10.0.1.9", dst="10.0.2.%d" % i)/UDP(dport=7)/"x",
	    gap=0)
for i in range(4):
	add(at(10)/IP(src="10.0.1.9", dst="10.0.2.%d" % (i + 5))/UDP(dport=7)/"y", gap=0)
	add(at(20)/ARP(op=2, hwsrc="52:54:00:00:03:0%d" % i, hwdst=r[20],
	    psrc="10.0.2.%d" % (i + 5), pdst="10.0.2.1"), gap=0)
for i in range(4):
	add(at(10)/IP(src="10.0.1.9", dst="10.0.2.%d" % (i + 5))/UDP(dport=7)/"y", gap=0)
END
is 'one MAC with all addresses leaves room in the table for other hosts' \
    "$(route greedy --neighbours 16 >/dev/null; tcpdump -tennr out 2>/dev/null |
	grep -cE '> 52:54:00:00:03:0[0-3].*10.0.2.[5-8].7')$(drops)" 8none

# ---- routes
make far <<'END'
known()
for i in range(64):
	add(at(10)/IP(src="10.0.1.9", dst="10.9.0.%d" % i)/UDP(sport=i, dport=7), gap=0.01)
add(at(10)/IP(src="10.0.1.9", dst="10.9.1.9")/ping, gap=5)
add(at(10)/IPv6(src="fd00:1::9", dst="fd09::9")/ping6)
END
route far --route 10.9.0.0/24=10.0.2.9,10.0.2.8 --route 10.9.1.0/24=10.0.2.7 \
    --route default=fd00:2::9 >/dev/null
is 'static routes: the longest prefix, a default' "$(tcpdump -tnnr out \
    2>/dev/null | grep -cE 'who-has 10.0.2.(7|8) ')$(show | grep -c fd09::9)" 61
is 'two next hops share the flows' \
    "$(show | awk '/> 10.9.0/ { n++ } END { print (n > 15 && n < 50) }')" 1

# ---- NAT
make nat <<'END'
known()
S = IP(src="10.0.1.9", dst="10.0.2.9")
add(at(10)/S/UDP(sport=5000, dport=7)/"x", at(10)/S/TCP(sport=5000, dport=80))
add(at(10)/IP(src="10.0.1.8", dst="10.0.2.9")/UDP(sport=5000, dport=7)/"y")
add(at(10)/S/ping)
R = IP(src="10.0.2.9", dst="10.0.2.1")
add(at(20)/R/UDP(sport=7, dport=5000)/"a", at(20)/R/TCP(sport=80, dport=5000, flags="SA"))
add(at(20)/R/ICMP(type=0, id=1), at(20)/R/UDP(sport=7, dport=999)/"b")
out4 = IP(src="10.0.2.1", dst="10.0.2.9", ttl=63)
add(at(20)/R/ICMP(type=3, code=3)/(out4/UDP(sport=5000, dport=7)/"x"))
add(at(20)/IP(src="10.0.2.9", dst="10.0.1.9")/UDP(dport=7)/"c")
add(*[at(10)/p for p in fragment(IP(src="10.0.1.9", dst="10.0.2.9", id=6)/
    UDP(sport=6000, dport=7)/("y" * 2000), 1400)])
add(at(10)/A6/ping6)
END
is 'NAT: ports, identifiers, errors, fragments; not IPv6' "$(route nat \
    --nat 20 | sed 's/10.0.2.1.[1-9][0-9]* > 10.0.2.9.7: UDP, length 1$/X/')" "\
20 IPv4 X
20 IPv4 10.0.2.1.5000 > 10.0.2.9.80: Flags [S], seq 0, win 8192, length 0
20 IPv4 X
20 IPv4 10.0.2.1 > 10.0.2.9: ICMP echo request, id 1, seq 0, length 8
10 IPv4 10.0.2.9.7 > 10.0.1.9.5000: UDP, length 1
10 IPv4 10.0.2.9.80 > 10.0.1.9.5000: Flags [S.], seq 0, ack 0, win 8192, length 0
10 IPv4 10.0.2.9 > 10.0.1.9: ICMP echo reply, id 1, seq 0, length 8
20 IPv4 10.0.2.1 > 10.0.2.9: ICMP 10.0.2.1 udp port 999 unreachable, length 37
10 IPv4 10.0.2.9 > 10.0.1.9: ICMP 10.0.2.9 udp port 7 unreachable, length 37
20 IPv4 10.0.2.1.6000 > 10.0.2.9.7: UDP, length 2000
20 IPv4 10.0.2.1 > 10.0.2.9: ip-proto-17
20 IPv6 fd00:1::9 > fd00:2::9: ICMP6, echo request, id 1, seq 0, length 8"
is 'the sums are right, also in what an error quotes' "$(tcpdump -vvtennr out \
    2>/dev/null | grep -cE 'bad|wrong|incorrect')" 0
is 'the first has kept its port, the second has another' "$(show |
    sed -n 's/.*10.0.2.1.\([1-9][0-9]*\) > 10.0.2.9.7: UDP, length 1$/\1/p' |
    sort -u | wc -l) $(show | grep -c '10.0.2.1.5000 > 10.0.2.9.7')" '2 1'
make small <<'END'
known()
for i in range(40):
	add(at(10)/IP(src="10.0.1.9", dst="10.0.2.9")/UDP(sport=5000 + i, dport=7), gap=0.1)
END
is 'the table of NAT is bounded, the oldest go' \
    "$(route small --nat 20 --nat-max 8 | wc -l)$(drops)" '40none'

# ---- usage
for a in '' 10 10=10.0.1.1 x=10.0.1.1/24 5000=10.0.1.1/24 10=10.0.1.1/24,mtu=5 \
    '10=fd00::1/64,mtu=600' '10=127.0.0.1/8' '10=mtu=1500' \
    '--nat 20 10=10.0.1.1/24' '--nat 10 10=fd00::1/64' \
    '--route x=10.0.1.9 10=10.0.1.1/24' \
    '--route default=10.0.2.9 10=10.0.1.1/24' \
    '--route fd00::/64=10.0.1.9 10=10.0.1.1/24' \
    '--route default= 10=10.0.1.1/24'; do
	# shellcheck disable=SC2086
	pipe-router $a </dev/null 2>/dev/null | cat >out
	is "usage: $a" "${PIPESTATUS[0]}" 2
done
done_testing
