#!/bin/bash
# The small exchanges on stored streams: answers that lie, time from the
# stamps, and input that is none.
. "${0%/*}/../lab.sh"
lab "$@"
need timeout
python=$(scapy) || skip_all 'no scapy here'

# make - captures by scapy: save(name, packet or (seconds, packet), ...)
make() {
	{ cat <<-'PY'; cat; } >"$T/make.py"
	import logging, struct, sys
	logging.disable(50)
	from scapy.layers.inet import *
	from scapy.layers.inet6 import *
	from scapy.layers.l2 import *
	from scapy.packet import Raw
	T = sys.argv[1]
	US4, US6 = "10.0.0.3", "fd00::3"
	M4, M6 = "02:50:0a:00:00:03", "02:50:00:00:00:03"
	H4, H6, HM = "10.0.0.9", "fd00::9", "02:00:00:00:00:09"
	ALL = "ff:ff:ff:ff:ff:ff"
	def save(name, *packets):
	    with open(T + "/" + name, "wb") as f:
	        f.write(struct.pack("<IHHiIII", 0xa1b23c4d, 2, 4, 0, 0, 262144, 1))
	        for p in packets:
	            t, p = p if isinstance(p, tuple) else (0, p)
	            b = bytes(p)
	            f.write(struct.pack("<IIII", 1700000000 + int(t),
	                int(t % 1 * 1e9), len(b), len(b)) + b)
	def load(name):
	    b = open(T + "/" + name, "rb").read(); at = 24; out = []
	    while at < len(b):
	        s, ns, n = struct.unpack("<III", b[at:at + 12])
	        out.append((s - 1700000000 + ns / 1e9, Ether(b[at + 16:at + 16 + n])))
	        at += 16 + n
	    return out
	def arp(src=HM, sha=HM, spa=H4, tpa=US4, op=2, dst=M4, **k):
	    return Ether(src=src, dst=dst)/ARP(op=op, hwsrc=sha, psrc=spa, hwdst=dst, pdst=tpa, **k)
	def na(src=HM, lla=HM, tgt=H6, S=1, O=1, to=US6, dst=M6, hlim=255, frm=H6, **k):
	    return Ether(src=src, dst=dst)/IPv6(src=frm, dst=to, hlim=hlim)/ICMPv6ND_NA(tgt=tgt, R=0, S=S, O=O, **k)/ICMPv6NDOptDstLLAddr(lladdr=lla)
	PY
	$python "$T/make.py" "$T" 2>"$T/make.err" || diag <"$T/make.err"
}

# run INPUT COMMAND... - answer in $said, packets in $T/out, status in $status
run() {
	local in=$1
	shift
	said=$(timeout 20 "$@" 2>&1 <"$T/$in" >"$T/out")
	status=$?
}

# ---- arp-query: who lies is not believed
make <<'PY'
X = "02:66:66:66:66:66"
lies4 = [
    arp(src=X),                         # Ethernet source is another
    arp(sha=X),
    arp(src="03:66:66:66:66:66", sha="03:66:66:66:66:66"),   # a group's
    arp(src=ALL, sha=ALL),
    arp(src="00:00:00:00:00:00", sha="00:00:00:00:00:00"),
    arp(src=X, sha=X, hwtype=6),        # wrong hardware type
    arp(src=X, sha=X, ptype=0x86dd),
    arp(src=X, sha=X, hwlen=8),
    arp(src=X, sha=X, plen=16),
    arp(src=X, sha=X, spa="10.0.0.8"),  # of another address
    arp(src=X, sha=X, tpa="10.0.0.4"),  # to another
    arp(src=X, sha=X, dst="02:50:0a:00:00:04"),
    arp(src=X, sha=X, op=1, tpa="10.0.0.7"),    # a request is no reply
    arp(src=X, sha=X, op=3),
    Ether(src=X, dst=M4, type=0x806)/Raw(bytes(arp(src=X, sha=X))[14:41]),
    Ether(src=X, dst=M4)/Dot1Q(vlan=7)/arp(src=X, sha=X)[ARP],
]
lies6 = [
    na(src=X), na(lla=X),
    na(src="33:33:00:00:00:01", lla="33:33:00:00:00:01"),
    na(src=X, lla=X, hlim=64),
    na(src=X, lla=X, code=1),
    na(src=X, lla=X, cksum=1),
    na(src=X, lla=X, S=0),
    na(src=X, lla=X, tgt="fd00::8"),
    na(src=X, lla=X, to="fd00::4"),
    na(src=X, lla=X, to="ff02::1", dst="33:33:00:00:00:01"),
    na(src=X, lla=X, tgt="ff02::1"),
    na(src=X, lla=X)/ICMPv6NDOptDstLLAddr(len=0),
    na(src=X, lla=X, dst="02:50:00:00:00:04"),
    Ether(src=X, dst=M6)/IPv6(src=H6, dst=US6, hlim=255)/ICMPv6ND_NS(tgt=H6)/ICMPv6NDOptSrcLLAddr(lladdr=X),
]
save("lies4", *lies4); save("lies6", *lies6)
save("true4", *lies4, arp(), arp(src=X, sha=X))
save("true6", *lies6, na(), na(src=X, lla=X))
save("one4", arp()); save("one6", na())
# others ask for us, and for others, while we wait
def ask(tpa, dst=ALL): return arp(op=1, tpa=tpa, dst=dst)
def ns(tgt, src=H6, hlim=255):
    g = "ff02::1:ff00:" + tgt[-1:]
    return Ether(src=HM, dst="33:33:ff:00:00:0" + tgt[-1:])/IPv6(src=src, dst=g, hlim=hlim)/ICMPv6ND_NS(tgt=tgt)/ICMPv6NDOptSrcLLAddr(lladdr=HM)
save("asks", ask(US4), ask(US4, M4), ask("10.0.0.4"), ask(US4, "02:50:0a:00:00:04"),
    ns(US6), arp())
save("asks6", ns(US6), ns("fd00::4"), ns(US6, hlim=254), ask(US4), na())
save("conflict", arp(src=X, sha=X, spa=US4, tpa="10.0.0.1", op=1, dst=ALL), arp())
save("conflict6", na(src=X, lla=X, tgt=US6, to="ff02::1", dst="33:33:00:00:00:01", S=0, frm=US6), na())
save("storm", *([bytes(ask(US4))] * 100000), arp())
save("late", (0, ask("10.0.0.4")), (2.5, arp()))
save("too-late", (0, ask("10.0.0.4")), (3.5, arp()))
PY
q4="arp-query -s 10.0.0.3 - 10.0.0.9" q6="arp-query -s fd00::3 - fd00::9"
run true4 $q4
is 'ARP: the honest one is believed' "$status $said" '0 02:00:00:00:00:09'
run true6 $q6
is 'ND: the honest one is believed' "$status $said" '0 02:00:00:00:00:09'
run lies4 $q4
is 'ARP: lies alone are no answer' "$status $said" \
    '1 arp-query: ask for 10.0.0.9: no answer'
run lies6 $q6
is 'ND: lies alone are no answer' "$status $said" \
    '1 arp-query: ask for fd00::9: no answer'
run lies4 arp-query -v -s 10.0.0.3 - 10.0.0.9
is 'they are counted' "$(grep -oE '[0-9]+ lies, [0-9]+ damaged' \
    <<<"$said")" '5 lies, 6 damaged'
run true4 arp-query --all -s 10.0.0.3 - 10.0.0.9
is '--all: both who say that they have it' "$status $said" \
    '0 02:00:00:00:00:09
02:66:66:66:66:66'
for f in 4 6; do
	q=q$f
	run one$f ${!q/arp-query/arp-query -o $T/mac}
	is "-o takes the answer" "$status $said $(cat "$T/mac")" \
	    '0  02:00:00:00:00:09'
done

# summary FILE - what the frames of ours are
summary() {
	as_user tcpdump -nnetr - <"$1" 2>/dev/null |
	    sed -E 's/^([0-9a-f:]+) > ([0-9a-f:]+), .*: (Request|Reply|ICMP6)/\1 > \2 \3/; s/, length [0-9]+//'
}
if have tcpdump; then
	run asks $q4
	is 'a request for the source is answered, no other' \
	    "$(summary "$T/out")" "$(cat <<-'END'
	02:50:0a:00:00:03 > ff:ff:ff:ff:ff:ff Request who-has 10.0.0.9 tell 10.0.0.3
	02:50:0a:00:00:03 > 02:00:00:00:00:09 Reply 10.0.0.3 is-at 02:50:0a:00:00:03
	02:50:0a:00:00:03 > 02:00:00:00:00:09 Reply 10.0.0.3 is-at 02:50:0a:00:00:03
	END
	)"
	run asks6 $q6
	is 'so is a solicitation' "$(summary "$T/out" | grep -c .) $(
	    summary "$T/out" | grep -c 'neighbor advertisement, tgt is fd00::3')" \
	    '2 1'
else
	skip 'requests for the source' tcpdump
	skip 'solicitations for the source' tcpdump
fi
run conflict $q4
is 'another host has the source: it is given up' "$status $said" \
    '1 arp-query: 10.0.0.3 is in use by 02:66:66:66:66:66'
run conflict6 $q6
is 'so for IPv6' "$status $said" \
    '1 arp-query: fd00::3 is in use by 02:66:66:66:66:66'
run storm arp-query -T -v -s 10.0.0.3 - 10.0.0.9
is 'a storm of requests at once: a thousand answers, and our own' \
    "$status $(grep -oE '[0-9]+ requests answered' <<<"$said") $(
    grep -cx 02:00:00:00:00:09 <<<"$said")" '0 1000 requests answered 1'

# ---- time from the stamps
run late arp-query -T -v -s 10.0.0.3 - 10.0.0.9
is '-T: it has asked three times, and waited as the stamps say' \
    "$status $(grep -oE '^arp-query: [0-9a-f:]+ answered.*|^arp-query: [0-9]+ frames' \
    <<<"$said" | tr '\n' ' ')" \
    '0 arp-query: 02:00:00:00:00:09 answered after 500.000 ms arp-query: 3 frames '
run late arp-query -T -v -c 2 -s 10.0.0.3 - 10.0.0.9
is '-c 2: it has asked twice, and waited for two seconds' \
    "$status $(grep -oE '[0-9]+ frames' <<<"$said")" '1 2 frames'
make <<'PY'
a = arp()
save("priority", Ether(src=HM, dst=M4)/Dot1Q(vlan=0, prio=3, type=0x806)/a.payload)
save("vlan", Ether(src=HM, dst=M4)/Dot1Q(vlan=7, type=0x806)/a.payload)
PY
run priority arp-query -T -s 10.0.0.3 - 10.0.0.9
is 'a priority tag (VLAN 0) counts as none' "$status $said" \
    '0 02:00:00:00:00:09'
run vlan arp-query -T -s 10.0.0.3 - 10.0.0.9
is 'another VLAN does not' "$status" 1
run too-late arp-query -T -s 10.0.0.3 - 10.0.0.9
is '-T: too late' "$status $said" '1 arp-query: ask for 10.0.0.9: no answer'

# ---- icmp-ping: what it asked is answered by hand
ping4="icmp-ping -T -S 7 -c 2 -i 0.1 -w 1 -g 02:00:00:00:00:09 -s 10.0.0.3 - 10.0.0.9"
ping6="icmp-ping -T -S 7 -c 2 -i 0.1 -w 1 -g 02:00:00:00:00:09 -s fd00::3 - fd00::9"
run late $ping4
cp "$T/out" "$T/asked4"
run late $ping4
ok 'the same seed and stamps: the same bytes' cmp "$T/out" "$T/asked4"
run late $ping6
cp "$T/out" "$T/asked6"
make <<'PY'
def start(name): return (0, Ether(src=HM, dst=ALL)/ARP(psrc=H4, pdst="10.0.0.4", hwsrc=HM))
R = "10.0.0.1"; R6 = "fd00::1"
req = [p for t, p in load("asked4")]
def b4(p, src=H4, dst=US4, **k):
    q = p[ICMP]
    f = dict(type=0, id=q.id, seq=q.seq); data = bytes(q.payload)
    data = k.pop("data", data); ttl = k.pop("ttl", 64); f.update(k)
    return Ether(src=HM, dst=M4)/IP(src=src, dst=dst, ttl=ttl)/ICMP(**f)/Raw(data)
good = bytes(req[0][ICMP].payload)
def err4(p, type, code, src=R, quote=None, **k):
    q = bytes(p[IP])[:28] if quote is None else quote
    return Ether(src=HM, dst=M4)/IP(src=src, dst=US4)/ICMP(type=type, code=code, **k)/Raw(q)
first, second = req[0], req[1]
bad = bytearray(good); bad[20] ^= 0xff
token = bytearray(good); token[0] ^= 1
q = bytes(first[IP])[:28]
fake = [
    b4(first, id=first[ICMP].id ^ 1), b4(first, seq=9), b4(first, src="10.0.0.8"),
    b4(first, dst="10.0.0.4"), b4(first, chksum=1), b4(first, code=1),
    b4(first, data=bytes(token)), b4(first, data=good[:4]), b4(first, type=8),
    Ether(src=HM, dst="02:50:0a:00:00:04")/b4(first)[IP],
    Ether(src=HM, dst=M4)/Raw(bytes(b4(first))[14:38]),
    err4(first, 3, 1, quote=q[:16] + bytes([10, 0, 0, 8]) + q[20:]),   # to another
    err4(first, 3, 1, quote=q[:12] + bytes([10, 0, 0, 4]) + q[16:]),   # from another
    err4(first, 3, 1, quote=q[:9] + b"\x11" + q[10:]),                 # UDP
    err4(first, 3, 1, quote=q[:24] + b"\0\0" + q[26:]),                # identifier
    err4(first, 3, 1, quote=q[:26] + b"\0\x09"),                       # never sent
    err4(first, 3, 1, quote=q[:20]), err4(first, 3, 1, chksum=1), err4(first, 5, 1),
]
def at(t, *ps): return [(t, p) for p in ps]
save("fake4", start(0), *at(0.02, *fake))
save("replies4", start(0), *at(0.02, *fake), (0.025, b4(first, ttl=63)), (0.03, b4(first)),
    (0.15, b4(second, data=bytes(second[ICMP].payload)[:30] + b"\0" + bytes(second[ICMP].payload)[31:])))
save("errors4", start(0), (0.01, err4(first, 11, 0)), (0.02, err4(first, 11, 0)),
    (0.11, err4(second, 3, 4, nexthopmtu=1400)))
tagged = lambda p: Ether(src=p.src, dst=p.dst)/Dot1Q(vlan=0, prio=5, type=p.type)/p.payload
save("behind4", start(0), (0.01, err4(first, 3, 1)), (0.02, b4(first)), (0.11, tagged(b4(second))))
save("short4", start(0), (0.01, b4(first, data=good[:40])), (0.11, b4(second, data=bytes(second[ICMP].payload) + b"x")))
def frags(p, n=24): return fragment(p, fragsize=n)
f = frags(b4(first)); g = frags(b4(second))
save("frags4", start(0), *at(0.01, *reversed(f)), *at(0.11, g[0], g[0], *g[1:]))

req = [p for t, p in load("asked6")]
def b6(p, src=H6, **k):
    e = p[ICMPv6EchoRequest]
    f = dict(id=e.id, seq=e.seq, data=e.data); f.update(k)
    return Ether(src=HM, dst=M6)/IPv6(src=src, dst=US6)/ICMPv6EchoReply(**f)
def err6(cls, p, **k):
    e = cls(**k)
    return Ether(src=HM, dst=M6)/IPv6(src=R6, dst=US6)/e/Raw(bytes(p[IPv6])[:60])
first, second = req
fake = [b6(first, id=1), b6(first, seq=9), b6(first, src="fd00::8"), b6(first, cksum=1),
    b6(first, data=b"x" * 56)]
save("replies6", start(0), *at(0.02, *fake), (0.025, b6(first)), (0.03, b6(first)), (0.15, b6(second)))
save("errors6", start(0), (0.01, err6(ICMPv6TimeExceeded, first)),
    (0.11, err6(ICMPv6PacketTooBig, second, mtu=1280)))
PY
lines() { grep -vE '^PING|^$|^---' <<<"$said"; }
run fake4 $ping4
is 'replies that are not ours are ignored' "$status $(lines)" \
    '1 2 packets transmitted, 0 received, 100% packet loss, time 100ms'
run replies4 $ping4
is 'replies, a duplicate and wrong data' "$status $(lines)" "$(cat <<-'END'
	0 64 bytes from 10.0.0.9: icmp_seq=1 ttl=63 time=25.0 ms
	64 bytes from 10.0.0.9: icmp_seq=1 ttl=64 time=30.0 ms (DUP!)
	64 bytes from 10.0.0.9: icmp_seq=2 ttl=64 time=50.0 ms
	wrong data byte #30 should be 0x1e but was 0x0
	2 packets transmitted, 2 received, +1 duplicates, +1 corrupted, 0% packet loss, time 150ms
	rtt min/avg/max/mdev = 25.000/35.000/50.000/10.801 ms
	END
	)"
run behind4 $ping4
is 'a reply behind an error, and one with a priority tag' \
    "$status $(lines | head -n 4)" "$(cat <<-'END'
	0 From 10.0.0.1 icmp_seq=1 Destination Host Unreachable
	64 bytes from 10.0.0.9: icmp_seq=1 ttl=64 time=20.0 ms
	64 bytes from 10.0.0.9: icmp_seq=2 ttl=64 time=10.0 ms
	2 packets transmitted, 2 received, +1 errors, 0% packet loss, time 110ms
	END
	)"
run errors4 $ping4
is 'errors: one each' "$status $(lines)" "$(cat <<-'END'
	1 From 10.0.0.1 icmp_seq=1 Time to live exceeded
	From 10.0.0.1 icmp_seq=2 Frag needed and DF set (mtu = 1400)
	2 packets transmitted, 0 received, +2 errors, 100% packet loss, time 110ms
	END
	)"
run short4 $ping4
is 'replies of another length' "$status $(lines | head -2)" "$(cat <<-'END'
	0 48 bytes from 10.0.0.9: icmp_seq=1 ttl=64 time=10.0 ms (truncated)
	65 bytes from 10.0.0.9: icmp_seq=2 ttl=64 time=10.0 ms
	END
	)"
run frags4 $ping4
is 'fragments in any order, and twice' "$status $(lines | head -2)" \
    "$(cat <<-'END'
	0 64 bytes from 10.0.0.9: icmp_seq=1 ttl=64 time=10.0 ms
	64 bytes from 10.0.0.9: icmp_seq=2 ttl=64 time=10.0 ms
	END
	)"
run replies6 $ping6
is 'IPv6: replies, and those that are not ours' "$status $(lines)" \
    "$(cat <<-'END'
	0 64 bytes from fd00::9: icmp_seq=1 ttl=64 time=25.0 ms
	64 bytes from fd00::9: icmp_seq=1 ttl=64 time=30.0 ms (DUP!)
	64 bytes from fd00::9: icmp_seq=2 ttl=64 time=50.0 ms
	2 packets transmitted, 2 received, +1 duplicates, 0% packet loss, time 150ms
	rtt min/avg/max/mdev = 25.000/35.000/50.000/10.801 ms
	END
	)"
run errors6 $ping6
is 'IPv6: errors' "$status $(lines)" "$(cat <<-'END'
	1 From fd00::1 icmp_seq=1 Time exceeded: Hop limit
	From fd00::1 icmp_seq=2 Packet too big: mtu=1280
	2 packets transmitted, 0 received, +2 errors, 100% packet loss, time 110ms
	END
	)"

# ---- input that is no packet stream, and a terminal
: >"$T/empty"
echo 'nothing of a packet' >"$T/text"
head -c 30 "$T/late" >"$T/cut"
for p in "$q4" "$ping4"; do
	for f in empty text cut; do
		run $f $p
		is "${p%% *}: $f" "$status $(grep -cE \
		    'not a packet stream|header|packet 1' <<<"$said")" '1 1'
	done
	worst=0
	for i in $(seq 20); do
		{
			head -c 24 "$T/late"
			head -c 300 /dev/urandom
		} >"$T/any"
		run any $p
		[ $status -gt $worst ] && worst=$status
	done
	is "${p%% *}: random bytes behind a header" "$worst" 1
	if have script; then
		said=$(timeout 10 script -qec "$p" /dev/null </dev/null 2>&1)
		is "${p%% *}: a terminal is refused" \
		    "$? $(grep -c terminal <<<"$said")" '2 1'
	else
		skip 'a terminal' script
	fi
	sleep 1 | (timeout 10 $p 2>/dev/null; echo $? >"$T/status") | :
	is "${p%% *}: ends when the reader has gone" "$(cat "$T/status")" 1
done
done_testing
