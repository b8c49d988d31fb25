#!/bin/bash
# arp-phantom on stored packets from scapy, its answers read by tshark: the
# fields of RFC 826 and RFC 4861; liars and storms; and never a word about an
# address that is not its own.
. "${0%/*}/../lab.sh"
lab "$@"
python=$(scapy) || skip_all 'no scapy here'
need tshark

# make FILE - a capture from lines of scapy that add() packets
make() {
	cat - >"$T/lines.py"
	cat >"$T/make.py" <<'END'
import struct, sys
from scapy.layers.inet import *
from scapy.layers.inet6 import *
from scapy.layers.l2 import *
from scapy.packet import Raw, fuzz
from scapy.utils import wrpcap
out = []
me, you = "52:54:00:00:00:09", "02:50:00:00:00:05"
group = "33:33:ff:00:00:05"
def add(*packets):
	for p in packets:
		p.time = 1000 + len(out)
		out.append(p)
def arp(**k):
	k = {"hwsrc": me, "psrc": "10.0.0.9", "pdst": "10.0.0.5", **k}
	return Ether(src=me, dst="ff:ff:ff:ff:ff:ff")/ARP(**k)
def ns(dst="ff02::1:ff00:5", mac=group, src="fd00::9", tgt="fd00::5"):
	return (Ether(src=me, dst=mac)/IPv6(src=src, dst=dst, hlim=255)/
	    ICMPv6ND_NS(tgt=tgt))
lla = ICMPv6NDOptSrcLLAddr(lladdr="52:54:00:00:00:77")
exec(open(sys.argv[1]).read())
wrpcap(sys.argv[2], out)
END
	$python "$T/make.py" "$T/lines.py" "$1" 2>"$T/err" || {
		echo 'Bail out! scapy'
		diag <"$T/err"
		exit 1
	}
}

claims() { arp-phantom -n -q -T -S 1 -l "$T/log" "$@"; }

# fields FILTER FIELD... - of the answers
fields() {
	local filter=$1 f args=()
	shift
	for f; do args+=(-e "$f"); done
	tshark -r "$T/out" -T fields -E separator=' ' -Y "$filter" \
	    "${args[@]}" 2>/dev/null
}

# ---- what an answer says
make "$T/in" <<'END'
add(arp(), arp(psrc="0.0.0.0"), arp(op=1, hwdst="02:50:0a:00:00:05"))
add(ns()/lla, ns(), ns(dst="fd00::5", mac=you)/lla, ns(dst="fd00::5", mac=you))
add(ns(src="::"))
END
rm -f "$T/log"
claims - 10.0.0.5 fd00::5 <"$T/in" >"$T/out"
is 'ARP: to the asker alone, addresses swapped; probes too' \
    "$(fields 'arp.opcode == 2' eth.dst arp.src.hw_mac arp.src.proto_ipv4 \
    arp.dst.hw_mac arp.dst.proto_ipv4)" "\
52:54:00:00:00:09 02:50:0a:00:00:05 10.0.0.5 52:54:00:00:00:09 10.0.0.9
52:54:00:00:00:09 02:50:0a:00:00:05 10.0.0.5 52:54:00:00:00:09 0.0.0.0
52:54:00:00:00:09 02:50:0a:00:00:05 10.0.0.5 52:54:00:00:00:09 10.0.0.9"
na='icmpv6.type == 136 && eth.dst != 33:33:00:00:00:01'
# that of a unicast has neither the Override flag nor the MAC, which is known
is 'ND: to the option'\''s MAC, or to the frame'\''s; solicited and override' \
    "$(fields "$na" eth.dst ipv6.dst ipv6.hlim icmpv6.nd.na.flag.r \
    icmpv6.nd.na.flag.s icmpv6.nd.na.flag.o icmpv6.opt.linkaddr |
    sed 's/True/1/g; s/False/0/g; s/ *$//')" "\
52:54:00:00:00:77 fd00::9 255 0 1 1 02:50:00:00:00:05
52:54:00:00:00:09 fd00::9 255 0 1 1 02:50:00:00:00:05
52:54:00:00:00:77 fd00::9 255 0 1 0
52:54:00:00:00:09 fd00::9 255 0 1 0"
is 'DAD: to all nodes, not solicited; as the announcements are' \
    "$(fields 'icmpv6.type == 136 && ipv6.dst == ff02::1' eth.dst ipv6.hlim \
    icmpv6.nd.na.flag.s icmpv6.nd.na.flag.o | sort |
    sed 's/True/1/g; s/False/0/g' | uniq -c | xargs)" \
    '3 33:33:00:00:00:01 255 0 1'
is 'announced, as a request of its own address (RFC 5227 2.3)' \
    "$(fields 'arp.opcode == 1' eth.dst arp.src.proto_ipv4 \
    arp.dst.proto_ipv4 | uniq -c | xargs)" \
    '2 ff:ff:ff:ff:ff:ff 10.0.0.5 10.0.0.5'
is 'tshark finds no wrong checksum, nothing malformed' \
    "$(fields '_ws.malformed || icmpv6.checksum.status == "Bad" ||
	_ws.expert.severity == error' frame.number)" ''

# ---- liars: only ever our own address, at our own MAC
make "$T/liars" <<'END'
import random
random.seed(7)
hosts = ["10.0.0.%d" % i for i in range(12)] + ["224.0.0.1", "255.255.255.255"]
macs = [me, you, "02:50:0a:00:00:05", "ff:ff:ff:ff:ff:ff", "52:54:00:00:00:01",
    "00:00:00:00:00:00", "01:00:5e:00:00:01"]
v6 = ["fd00::%x" % i for i in range(1, 9)] + ["::", "ff02::1", "::1",
    "::ffff:10.0.0.5"]
pick = random.choice
for i in range(3000):
	p = Ether(src=pick(macs), dst=pick(macs))
	if i & 1:
		p = p/ARP(op=pick([1, 1, 2, 2, 3, 9]), hwsrc=pick(macs),
		    hwdst=pick(macs), psrc=pick(hosts), pdst=pick(hosts),
		    hwlen=pick([6, 6, 6, 8]), hwtype=pick([1, 1, 1, 6]))
	else:
		m = pick([ICMPv6ND_NS, ICMPv6ND_NA])(tgt=pick(v6))
		o = pick([ICMPv6NDOptSrcLLAddr, ICMPv6NDOptDstLLAddr])(
		    lladdr=pick(macs), len=pick([0, 1, 1, 1, 5]))
		p.dst = pick(macs + [group, "33:33:00:00:00:01"])
		p = p/IPv6(src=pick(v6), dst=pick(v6 + ["ff02::1:ff00:5"]),
		    hlim=pick([255, 255, 255, 64]))/m/o
	b = bytearray(bytes(p))
	if i % 5 == 0:
		b = b[:random.randrange(14, len(b))]
	add(Raw(bytes(b)))
END
# unasked - answers for an address that it had not asked for within a minute, or
# not a second before
unasked() {
	fields arp frame.time_relative arp.opcode arp.src.proto_ipv4 \
	    arp.dst.proto_ipv4 | awk '
	$2 == 1 { asked[$4] = $1; next }
	!($3 in asked) || $1 < asked[$3] + 1 || $1 > asked[$3] + 60'
}
for how in '' -u; do
	rm -f "$T/log"
	# shellcheck disable=SC2086
	claims $how - 10.0.0.4/31 fd00::5 <"$T/liars" >"$T/out"
	ok "liars $how: it did answer" grep -q ' end answered=[1-9]' "$T/log"
	is "liars $how: no ARP answer before it had asked, and waited" \
	    "$(unasked)" ''
	is "liars $how: no ARP packet but for its own addresses" \
	    "$(fields 'arp && arp.src.proto_ipv4 != 0.0.0.0' arp.src.proto_ipv4 \
	    arp.src.hw_mac | sort -u | grep -v -x \
	    -e '10.0.0.4 02:50:0a:00:00:04' -e '10.0.0.5 02:50:0a:00:00:05')" ''
	is "liars $how: no advertisement but for its own" \
	    "$(fields 'icmpv6.type == 136' icmpv6.nd.na.target_address \
	    icmpv6.opt.linkaddr | sort -u | grep -v -x \
	    -e 'fd00::5 02:50:00:00:00:05')" ''
	is "liars $how: nothing to a group, but to all nodes and asking" \
	    "$(fields 'eth.dst.ig == 1 && !(icmpv6.type == 136 &&
		ipv6.dst == ff02::1) && !(arp.opcode == 1) &&
		icmpv6.type != 135' frame.number)" ''
done

# without the requests that are odd, which systems answer in their own ways
tshark -r "$T/liars" -F nsecpcap -w "$T/plain" \
    -Y '!arp || (arp.hw.size == 6 && arp.hw.type == 1)' 2>/dev/null
rm -f "$T/log"
claims -u - 10.0.0.4/31 fd00::5 <"$T/plain" >"$T/out"
ok 'plain liars -u: it did not answer' grep -q ' end answered=0' "$T/log"

# ---- storms: 100,000 requests a second, by the stamps
cat >"$T/storm.py" <<'END'
# storm.py SECONDS V6 - requests from a thousand MACs, for all of a prefix
import struct, sys
n, six = int(float(sys.argv[1]) * 100000), sys.argv[2] == "6"
out = sys.stdout.buffer
out.write(struct.pack("=IHHiIII", 0xa1b23c4d, 2, 4, 0, 0, 262144, 1))
def fold(s):
	while s >> 16:
		s = (s & 0xffff) + (s >> 16)
	return s
src = bytes.fromhex("fd00000000000000000000000000ffff")
for i in range(n):
	mac = b"\x52\x54\0\0" + struct.pack("!H", i % 1000)
	a = struct.pack("!H", 1 + i % 60000)
	if six:
		tgt = b"\xfd" + bytes(13) + a
		dst = bytes.fromhex("ff0200000000000000000001ff00") + a
		m = b"\x87" + bytes(7) + tgt + b"\1\1" + mac
		x = src + dst + struct.pack("!II", len(m), 58) + m
		c = ~fold(sum(struct.unpack("!%dH" % (len(x) // 2), x))) & 0xffff
		f = (b"\x33\x33\xff\0" + a + mac + b"\x86\xdd\x60\0\0\0" +
		    struct.pack("!HBB", len(m), 58, 255) + src + dst +
		    m[:2] + struct.pack("!H", c) + m[4:])
	else:
		f = (b"\xff" * 6 + mac + b"\x08\x06\0\1\x08\0\6\4\0\1" + mac +
		    b"\x0a\1\0\1" + bytes(6) + b"\x0a\0" + a)
	out.write(struct.pack("=IIII", 1000 + i // 100000,
	    i % 100000 * 10000, len(f), len(f)) + f)
END
# peak FILE ARGUMENTS... - the most memory it had, in kB
peak() {
	$python - "$@" <<'END'
import os, subprocess, sys
p = subprocess.Popen(["arp-phantom", "-n", "-q", "-T", "-S", "1", "-l",
    os.environ["T"] + "/log"] + sys.argv[2:], stdin=open(sys.argv[1]),
    stdout=open(os.environ["T"] + "/out", "w"))
print(os.wait4(p.pid, 0)[2].ru_maxrss)
END
}
export T
total() { tail -n 1 "$T/log" | sed -n "s/.* $1=\([0-9]*\).*/\1/p"; }
for v in 4 6; do
	[ $v = 4 ] && prefix=10.0.0.0/16 || prefix=fd00::/64
	$python "$T/storm.py" 0.01 $v >"$T/little"
	$python "$T/storm.py" 1.5 $v >"$T/storm"
	for how in '' -u; do
		# shellcheck disable=SC2086
		little=$(peak "$T/little" $how - $prefix)
		# shellcheck disable=SC2086
		much=$(peak "$T/storm" $how - $prefix)
		is "a storm, v$v $how: memory is flat" \
		    "$([ $((much - little)) -lt 1500 ] && echo yes)" yes ||
		    diag <<<"$little kB, then $much kB"
	done
	rm -f "$T/log"
	peak "$T/storm" - $prefix >/dev/null
	is "a storm, v$v: each one answered or counted as dropped" \
	    "$(($(total answered) + $(total dropped)))" 150000
	is "a storm, v$v: 50,000 answers a second, and as many at first" \
	    "$(total answered)" 124999
	is "a storm, v$v: a short log" \
	    "$([ "$(wc -l <"$T/log")" -lt 100 ] && echo yes)" yes
done
done_testing
