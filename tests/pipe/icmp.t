#!/bin/bash
# icmp-phantom on stored packets: who is answered and who is not, by frames
# from scapy; the same bytes come out of the same input, however it comes in.
. "${0%/*}/../lab.sh"
lab "$@"
python=$(scapy) || skip_all 'no scapy here'
need tcpdump

# make FILE - a capture from lines of scapy that add() packets
make() {
	cat - >"$T/lines.py"
	cat >"$T/make.py" <<'END'
import sys
from scapy.layers.inet import *
from scapy.layers.inet6 import *
from scapy.layers.l2 import *
from scapy.packet import Raw
from scapy.utils import wrpcap
out = []
E = Ether(src="52:54:00:00:00:09", dst="02:50:0a:00:00:05")
E6 = Ether(src="52:54:00:00:00:09", dst="02:50:00:00:00:05")
I = IP(src="10.0.0.9", dst="10.0.0.5")
I6 = IPv6(src="fd00::9", dst="fd00::5")
ping, ping6 = ICMP(id=1), ICMPv6EchoRequest(id=1)
def add(*packets):
	for p in packets:
		p.time = 1000 + len(out)
		out.append(p)
exec(open(sys.argv[1]).read())
wrpcap(sys.argv[2], out)
END
	$python "$T/make.py" "$T/lines.py" "$1" 2>"$T/err" || {
		echo 'Bail out! scapy'
		diag <"$T/err"
		exit 1
	}
}

# answers FILE [OPTIONS...] - what comes out, as tcpdump tells it; the log in
# $T/log
answers() {
	local f=$1
	shift
	rm -f "$T/log"
	icmp-phantom -T -S 1 -l "$T/log" "$@" <"$f" >"$T/out" || echo failed
	as_user tcpdump -tnnr "$T/out" 2>/dev/null
}

# reasons - of the drops
reasons() {
	sed -n 's/.* drop why=\([^ ]*\) .*/\1/p' "$T/log" | sort -u | xargs
}

totals() { tail -n 1 "$T/log" | grep -o ' frames=.*'; }

# ---- who is answered
make "$T/good" <<'END'
add(E/I/ping/"abcdefgh", E/I/UDP(dport=7)/"x")
add(E6/I6/ping6/"abcdefgh", E6/I6/UDP(dport=7)/"x")
add(E/Dot1Q(vlan=5)/I/ping, E6/Dot1AD(vlan=6)/Dot1Q(vlan=7)/I6/ping6)
add(E6/I6/IPv6ExtHdrDestOpt(options=PadN(optdata=b"\0" * 4))/ping6)
add(*[E/p for p in fragment(I/UDP(dport=7)/("y" * 3000), 1000)][::-1])
add(*[E6/p for p in fragment6(I6/IPv6ExtHdrFragment(id=9)/ping6, 1280)])
add(E/IP(src="10.0.0.9", dst="10.0.0.5", options=IPOption_RR(length=11,
    routers=["0.0.0.0", "0.0.0.0"], pointer=4))/ping)
END
# shellcheck disable=SC2046
is 'answers to all' "$(answers "$T/good")" "\
IP 10.0.0.5 > 10.0.0.9: ICMP echo reply, id 1, seq 0, length 16
IP 10.0.0.5 > 10.0.0.9: ICMP 10.0.0.5 udp port 7 unreachable, length 37
IP6 fd00::5 > fd00::9: ICMP6, echo reply, id 1, seq 0, length 16
IP6 fd00::5 > fd00::9: ICMP6, destination unreachable, unreachable port, fd00::5 udp port 7, length 57
IP 10.0.0.5 > 10.0.0.9: ICMP echo reply, id 1, seq 0, length 8
IP6 fd00::5 > fd00::9: ICMP6, echo reply, id 1, seq 0, length 8
IP6 fd00::5 > fd00::9: ICMP6, echo reply, id 1, seq 0, length 8
IP 10.0.0.5 > 10.0.0.9: ICMP 10.0.0.5 udp port 7 unreachable, length 556
IP6 fd00::5 > fd00::9: ICMP6, echo reply, id 1, seq 0, length 8
IP 10.0.0.5 > 10.0.0.9: ICMP echo reply, id 1, seq 0, length 8"
is 'VLAN tags are kept, both of them' \
    "$(as_user tcpdump -tennr "$T/out" vlan 2>/dev/null |
    grep -o 'vlan [0-9]*' | xargs)" 'vlan 5 vlan 6 vlan 7'
is 'nothing of it was dropped' "$(reasons)" ''
cp "$T/out" "$T/first"
cp "$T/log" "$T/first.log"

# ---- the same input, the same bytes
answers "$T/good" >/dev/null
ok 'the same again' cmp "$T/out" "$T/first"
ok 'and the same log' cmp "$T/log" "$T/first.log"
dd bs=7 if="$T/good" 2>/dev/null |
    icmp-phantom -q -T -S 1 -l /dev/null >"$T/out"
ok 'the same in pieces of 7 bytes' cmp "$T/out" "$T/first"
icmp-phantom -T -S 2 -l /dev/null <"$T/good" >"$T/out"
is 'another seed, other identifications' \
    "$(cmp -s "$T/out" "$T/first" || echo differs)" differs

# ---- who is not
make "$T/bad" <<'END'
B = Ether(src="52:54:00:00:00:09", dst="ff:ff:ff:ff:ff:ff")
add(B/I/ping, B/I/UDP(dport=7)) # broadcast at the link
add(E/IP(src="10.0.0.9", dst="10.0.0.255")/ping)
add(E/IP(src="10.0.0.9", dst="10.0.0.6")/ping) # not its MAC
for d in "255.255.255.255", "224.0.0.5":
	q = Ether(src="52:54:00:00:00:09", dst="02:50:%02x:%02x:%02x:%02x" %
	    tuple(map(int, d.split("."))))
	add(q/IP(src="10.0.0.9", dst=d)/ping)
	add(q/IP(src="10.0.0.9", dst=d)/UDP(dport=7))
for s in "255.255.255.255", "0.0.0.0", "224.0.0.1", "127.0.0.1", "10.0.0.5":
	add(E/IP(src=s, dst="10.0.0.5")/ping)
	add(E/IP(src=s, dst="10.0.0.5")/UDP(dport=7))
for s in "::", "ff02::1", "::1", "fd00::5":
	add(E6/IPv6(src=s, dst="fd00::5")/ping6)
	add(E6/IPv6(src=s, dst="fd00::5")/UDP(dport=7))
add(Ether(src="33:33:00:00:00:01", dst="02:50:00:00:00:05")/I6/ping6)
END
is 'groups and no one, as sender or receiver' "$(answers "$T/bad")" ''
is 'the senders are dropped, the rest is foreign' \
    "$(reasons)$(totals | grep -o ' foreign=8 ')" 'source foreign=8 '

make "$T/errors" <<'END'
q = IP(src="10.0.0.5", dst="10.0.0.9")/UDP(dport=7)
for t in 0, 3, 4, 5, 11, 12, 9, 10, 14, 15, 16, 17, 18, 42:
	add(E/I/ICMP(type=t, code=0)/Raw(bytes(q)))
q = IPv6(src="fd00::5", dst="fd00::9")/UDP(dport=7)
for c in ICMPv6DestUnreach, ICMPv6TimeExceeded, ICMPv6ParamProblem:
	add(E6/I6/c()/Raw(bytes(q)))
add(E6/I6/ICMPv6PacketTooBig(mtu=1280)/Raw(bytes(q)))
add(E6/I6/ICMPv6EchoReply(), E6/I6/ICMPv6ND_RS())
add(E6/I6/ICMPv6Unknown(type=200, code=0)/Raw(bytes(8)))
END
is 'ICMP errors and replies get no answer' "$(answers "$T/errors")" ''
is 'and are no drops' "$(reasons)" ''

make "$T/broken" <<'END'
add(E/I/ICMP(chksum=1), E6/I6/ICMPv6EchoRequest(cksum=1))
add(E/I/UDP(dport=7, chksum=1)/"x", E6/I6/UDP(dport=7, chksum=0)/"x")
add(E/I/UDP(dport=7, len=7), E/I/UDP(dport=7, len=99)/"x")
add(E/IP(src="10.0.0.9", dst="10.0.0.5", chksum=1)/ping)
add(E/IP(src="10.0.0.9", dst="10.0.0.5", proto=1)/Raw(b"\x08\0\xf7\xff"))
add(E/IP(bytes(I/Raw(b"x"))[:20]))
add(E/IP(src="10.0.0.9", dst="10.0.0.5", proto=1, len=500)/Raw(b"\x08\0"))
add(E/IP(src="10.0.0.9", dst="10.0.0.5", proto=1, ihl=4)/Raw(b"\x08\0"))
add(E6/I6/IPv6ExtHdrDestOpt(len=200)/ping6)
E6.type = 0x86dd
add(E6/Raw(bytes(I/ping)), E6/Raw(b"\x50" + bytes(40)), E)
p = fragment(I/UDP(dport=7)/("y" * 3000), 1000)
p[1][IP].frag -= 1
add(*[E/x for x in p]) # overlap
add(E/IP(src="10.0.0.9", dst="10.0.0.5", id=3, frag=8189, proto=1)/
    Raw(b"z" * 800)) # ping of death
p = fragment(IP(src="10.0.0.8", dst="10.0.0.5")/UDP(dport=7)/("y" * 3000), 1000)
add(*[E/x for x in p[1:]]) # the first never comes
END
is 'nor does what is broken' "$(answers "$T/broken")" ''
is 'each reason has its word' "$(reasons)" "checksum fragment-length\
 fragment-overlap icmp-checksum icmp-short ip-checksum ip-extension ip-header\
 ip-version truncated udp-header"

# ---- the log
answers "$T/good" -v >/dev/null
is 'columns of the log' "$(sed -n '2,3p' "$T/log")" "\
1000.000000000 10.0.0.5 10.0.0.9 answer kind=echo len=8 ttl=64 id=1 seq=0 frame=1
1001.000000000 10.0.0.5:7 10.0.0.9:53 answer kind=port-unreachable len=1 ttl=64 frame=2"
answers "$T/good" -v -J >/dev/null
if have jq; then
	is '-J: JSON' "$(jq -r .event "$T/log" | sort | uniq -c | xargs)" \
	    '10 answer 1 end 5 probe 1 start'
else
	skip '-J: JSON' jq
fi
answers "$T/good" --ttl 9 >/dev/null
is '--ttl' "$(as_user tcpdump -vnnr "$T/out" 2>/dev/null |
    grep -oE '(ttl|hlim) 9' | wc -l)" 10
$python -c 'import struct, sys
b = sys.stdin.buffer.read()
out, b = b[:24], b[24:]
while b:
	n = struct.unpack_from("=I", b, 8)[0]
	out += b[:8] + struct.pack("=II", 40, n) + b[16:56]
	b = b[16 + n:]
sys.stdout.buffer.write(out)' <"$T/good" >"$T/cut"
is 'records that were cut are counted' \
    "$(answers "$T/cut")$(totals | grep -o ' cut=.* o')" ' cut=13 o'
mkfifo "$T/idle"
exec 6<>"$T/idle"
icmp-phantom -l "$T/log" <"$T/idle" 2>"$T/err" >"$T/out" 6<&- &
pid=$!
wait_for 10 minded $pid
kill $pid
wait $pid
is 'a signal ends it with one line' "$?
$(cat "$T/err")" \
    "0
icmp-phantom: 0 echo replies, 0 port unreachable, 0 packets dropped"
done_testing
