#!/bin/bash
# arp-phantom on a veth pair: namespace p holds the phantom's interface, the
# others are kernels that ask, own addresses, or play foul.
BIN=$(cd "${BIN:-bin}" && pwd) || exit 1
PATH=$PATH:/usr/sbin:/sbin
for p in ip sysctl arping ndisc6 nmap ping python3; do
	command -v $p >/dev/null || { echo "1..0 # SKIP no $p here"; exit 0; }
done
if [ "$1" != inside ]; then
	ns=-Urnm
	unshare $ns true 2>/dev/null || ns=-nm # a real root needs no more
	unshare $ns true 2>/dev/null ||
	    { echo '1..0 # SKIP no user namespaces here'; exit 0; }
	BIN=$BIN exec unshare $ns --propagation private --kill-child \
	    --fork --pid --mount-proc bash "$0" inside
fi
phantom=$BIN/arp-phantom
n=0
T=/run/arp
mount -t tmpfs none /run && mkdir $T && cd $T || exit 1
# namespaces, mounts and processes are gone with this process
trap 'exit 1' INT TERM

OWNER=52:54:00:12:34:56
ip netns add p && ip netns add k || exit 1
ip link add ep netns p type veth peer name ek netns k || exit 1
for i in p k; do
	ip netns exec $i sysctl -qw net.ipv6.conf.e$i.router_solicitations=0 \
	    net.ipv6.conf.e$i.addr_gen_mode=1
	ip -n $i link set lo up
done
ip -n p link set ep address 02:00:00:00:00:0a up
ip -n k link set ek address $OWNER up
ip -n p addr add 10.0.200.1/16 dev ep
ip -n p addr add 2001:db8::200:1/64 dev ep nodad
ip -n k addr add 10.0.0.9/16 dev ek
ip -n k addr add 2001:db8::9/64 dev ek nodad
ip -n k addr add fe80::9/64 dev ek nodad
ip -n p route add default via 10.0.77.1
ip -n p route add default via 2001:db8::77:1
p() { ip netns exec p "$@"; }
k() { ip netns exec k "$@"; }

# is DESCRIPTION GOT WANT
is() {
	n=$((n + 1))
	if [ "$2" = "$3" ]; then
		echo "ok $n - $1"
	else
		printf 'not ok %d - %s\n' "$n" "$1"
		printf 'got:  %s\nwant: %s\n' "$2" "$3" | sed 's/^/# /'
	fi
}

# like DESCRIPTION GOT PATTERN
like() {
	if printf '%s\n' "$2" | grep -Eq -- "$3"; then
		is "$1" 0 0
	else
		is "$1" "$(printf '%s\n' "$2" | tail -n 5)" "$3"
	fi
}

# wait_for COMMAND... - up to ten seconds until it succeeds
wait_for() {
	local i
	for ((i = 0; i < 500; i++)); do
		"$@" >/dev/null 2>&1 && return
		sleep 0.02
	done
	return 1
}

# start ARGS... - a phantom in the background, its log in log, or file; waits
# for line $until of it
start() {
	: >log
	rm -f file
	# no function: the job is ip, which becomes the phantom
	ip netns exec p "$phantom" "$@" 2>log &
	pid=$!
	wait_for started "${until:- claim}"
}
started() { grep -qs "$1" log file || ! kill -0 $pid; }

stop() {
	kill -TERM $pid 2>/dev/null
	wait $pid
	status=$?
}

# once CMD... - a run that is to end by itself; output in out, status
once() {
	p timeout 10 "$phantom" "$@" >out 2>&1
	status=$?
	text=$(grep '^arp-phantom:' out)
}

cat >frames.py <<'END'
# frames by hand: python3 frames.py CASE...
import socket, struct, sys, time
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
s.bind(("ek", 0))
s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 24)
me = bytes.fromhex("525400123456")
other = bytes.fromhex("525400000077")
v4 = socket.inet_aton
v6 = lambda a: socket.inet_pton(socket.AF_INET6, a)

def arp(tpa="10.0.0.5", op=1, spa="10.0.0.9", sha=me, hrd=1, pro=0x800,
    hln=6, pln=4, dst=b"\xff" * 6):
	return dst + sha + b"\x08\x06" + struct.pack("!HHBBH", hrd, pro, hln,
	    pln, op) + sha + v4(spa) + bytes(6) + v4(tpa)

def nd(target="2001:db8::5", hop=255, src="2001:db8::9", kind=135, code=0,
    opt=None, bad=0, dst=None, mac=None, flags=0, sha=me):
	t = v6(target)
	if dst is None:
		dst = v6("ff02::1:ff00:0")[:13] + t[13:]
	else:
		dst = v6(dst)
	if mac is None:
		mac = b"\x33\x33" + dst[12:]
	if opt is None:
		opt = bytes([1 if kind == 135 else 2, 1]) + sha
	m = struct.pack("!BBHI", kind, code, 0, flags) + t + opt
	x = v6(src) + dst + struct.pack("!IHBB", len(m), 0, 0, 58) + m
	x += bytes(len(x) % 2)
	c = sum(struct.unpack("!%dH" % (len(x) // 2), x))
	while c >> 16:
		c = (c & 0xffff) + (c >> 16)
	m = m[:2] + struct.pack("!H", (~c & 0xffff) ^ bad) + m[4:]
	return mac + sha + b"\x86\xdd" + struct.pack("!IHBB", 6 << 28, len(m),
	    58, hop) + v6(src) + dst + m

def tag(f, vid):
	return f[:12] + struct.pack("!HH", 0x8100, vid) + f[12:]

def answers(secs=0.15, least=0):
	"""replies and advertisements that come, not the kernel's own; for less
	than so many it waits longer"""
	out = []
	begun = time.time()
	while True:
		left = begun - time.time() + (secs if len(out) >= least else 9)
		if left <= 0:
			break
		s.settimeout(left)
		try:
			f, where = s.recvfrom(2000)
		except socket.timeout:
			break
		if where[2] == 4:
			continue
		if (f[12:14] == b"\x08\x06" and f[21] == 2 or
		    f[12:14] == b"\x86\xdd" and f[54] == 136):
			out.append(f)
	return out

def ask(*frames, least=0):
	for f in frames:
		s.send(f)
	return len(answers(least=least))

case = sys.argv[1]
if case == "good":
	print(*(ask(f, least=1) for f in (arp(), nd(), nd(src="::", opt=b""),
	    arp(hrd=6)))) # as a Linux does
elif case == "arp":
	good = arp()
	print(ask(*[good[:i] for i in range(14, 42)]), ask(arp(hrd=7)),
	    ask(arp(pro=0x86dd)), ask(arp(hln=8)), ask(arp(pln=16)),
	    ask(arp(op=3)), ask(arp(op=2)), ask(arp(sha=b"\1" + me[1:])),
	    ask(arp(sha=bytes(6))), ask(arp(dst=other)),
	    ask(arp(spa="10.0.0.5", tpa="10.0.0.6", sha=me)))
elif case == "nd":
	good = nd()
	print(ask(*[good[:i] for i in range(14, len(good))]),
	    ask(nd(hop=254)), ask(nd(bad=1)), ask(nd(code=1)),
	    ask(nd(opt=b"\1\0" + me)), ask(nd(opt=b"\1\2" + me)),
	    ask(nd(target="ff02::5")), ask(nd(src="::")),
	    ask(nd(src="::", dst="ff02::1", opt=b"")), ask(nd(mac=other)),
	    ask(nd(src="ff02::9")))
elif case == "dst":
	s.send(arp())
	s.send(nd())
	s.send(nd(src="::", opt=b""))
	for f in answers(least=3):
		print(f[:6].hex(), f[6:12].hex(), f[58] if len(f) > 70 else "")
elif case == "vlan":
	s.setsockopt(263, 8, 1) # PACKET_AUXDATA tells the tag
	out = []
	for f, n in (arp(), 42), (nd(), 86):
		s.send(tag(f, 0x6007))
		end = time.time() + 9
		while time.time() < end:
			s.settimeout(9)
			r, aux, _, where = s.recvmsg(2000, 256)
			if where[2] == 4 or len(r) != n or not aux:
				continue
			if r[:6] == me:
				out.append("vlan %x" % struct.unpack_from(
				    "=H", aux[0][2], 16))
				break
	print(*out)
elif case == "want": # as another host; how many answers from phantoms, where
	got = [] # each number is waited for
	for n in sys.argv[3:]:
		if ":" in sys.argv[2]:
			s.send(nd(target=sys.argv[2], src="2001:db8::77",
			    sha=other))
		else:
			s.send(arp(tpa=sys.argv[2], spa="10.0.77.77",
			    sha=other))
		got.append(sum(f[6:8] == b"\x02\x50" and f[:6] == other
		    for f in answers(0.7, int(n))))
	print(*got)
elif case == "storm":
	f = arp(spa="192.0.2.1")
	for i in range(20000):
		s.send(f)
	print(len(answers(1, 1)))
elif case == "spread": # of hosts from that one on
	for i in range(20000):
		s.send(arp(tpa="10.0.%d.%d" % (i // 200, 1 + i % 200),
		    spa="192.0.2.1", sha=me[:4] +
		    struct.pack("!H", i + int(sys.argv[2]))))
elif case == "claim":
	s.send(arp(spa=sys.argv[2], tpa=sys.argv[2], sha=other))
elif case == "claim6":
	s.send(nd(target=sys.argv[2], src=sys.argv[2], kind=136,
	    flags=0x20 << 24, dst="ff02::1", sha=other))
elif case == "probe":
	s.send(arp(spa="0.0.0.0", tpa=sys.argv[2], sha=other))
END
frames() { k /usr/bin/python3 $T/frames.py "$@"; }

# neigh ADDR - what k's kernel finds out about it; mac ADDR - likewise, and an
# answer that is late is waited for
neigh() {
	k ip neigh del "$1" dev ek 2>/dev/null
	k ping -c 1 -W "${2:-0.2}" "$1" >/dev/null 2>&1
	k ip neigh show "$1" | sed -n 's/.*lladdr \([^ ]*\).*/\1/p'
}
mac() {
	k ip neigh del "$1" dev ek 2>/dev/null
	k bash -c "echo >/dev/udp/$1/9" 2>/dev/null
	wait_for asked "$1"
	k ip neigh show "$1" | sed -n 's/.*lladdr \([^ ]*\).*/\1/p'
}
asked() { ! k ip neigh show "$1" | grep -q INCOMPLETE; }

# --- set-up that is refused
once ep
is 'no address: exit 2' "$status" 2
once ep 10.0.0.5/33
is 'no prefix: exit 2' "$status" 2
once nosuch 10.0.0.5
is 'no such interface: exit 2' "$status" 2
like 'and says so' "$text" 'nosuch: no such interface'
once ep 10.0.200.1
is "this host's own address: exit 2" "$status $text" \
    "2 arp-phantom: claim 10.0.200.1: it is this host's own address"
once ep 2001:db8::200:1
is "this host's own IPv6 address: exit 2" "$status" 2
once ep 10.0.77.1
like 'the default gateway: exit 2' "$status $text" '2 .*default gateway'
once ep 2001:db8::77:1
like 'the default IPv6 gateway: exit 2' "$status $text" '2 .*default gateway'
for i in 224.0.0.5 127.0.0.1 255.255.255.255 0.0.0.0 ff02::5 ::1 ::; do
	once -n ep $i
	is "$i is no host's: exit 2" "$status" 2
done
once -m 01:00:5e:00:00:01 ep 10.0.0.5
is 'a group as -m: exit 2' "$status" 2
once -T ep 10.0.0.5
is '-T on an interface: exit 2' "$status" 2
p setpriv --bounding-set=-all --inh-caps=-all "$phantom" -n ep 10.0.0.5 \
    >out 2>&1
is 'no privilege: exit 2' "$?" 2
like 'and says what is needed' "$(cat out)" CAP_NET_RAW
is 'nothing of it on stdout' "$("$phantom" 2>/dev/null)" ''
"$phantom" --help | grep -q usage
is '--help on stdout' "$?" 0

# --- one address and prefixes
start -n -v ep 10.0.0.5 2001:db8::5 10.0.3.0/24 -- 2>/dev/null
stop
is 'an option behind the addresses: exit 2' "$status" 2
start -n -v -x 10.0.3.128/25 ep 10.0.0.5 2001:db8::5 10.0.3.0/24 \
    10.0.200.0/24 10.0.77.0/24 2001:db8:0:0:7::/80
like 'Habets arping' "$(k arping -c 1 -I ek 10.0.0.5)" \
    'from 02:50:0a:00:00:05'
is 'IPv4 neighbour' "$(mac 10.0.0.5)" 02:50:0a:00:00:05
is 'IPv6 neighbour' "$(mac 2001:db8::5)" 02:50:00:00:00:05
is 'IPv4 neighbour out of a prefix' "$(mac 10.0.3.7)" 02:50:0a:00:03:07
is 'IPv6 neighbour out of a prefix' "$(mac 2001:db8::7:1:2:3)" \
    02:50:00:02:00:03
is 'ndisc6' "$(k ndisc6 -q -1 -w 500 2001:db8::7:0:0:9 ek)" 02:50:00:00:00:09
is 'nobody outside' "$(neigh 10.0.4.7)$(neigh 2001:db8::6)" ''
is 'network address' "$(k arping -c 1 -W 0.2 -I ek 10.0.3.0 |
    grep -c from)" 0
is 'broadcast address' "$(k arping -c 1 -W 0.2 -I ek 10.0.3.255 |
    grep -c from)" 0
is 'subnet-router anycast address' "$(neigh 2001:db8:0:0:7::)" ''
is 'excluded by -x' "$(neigh 10.0.3.200)" ''
is "this host's own address keeps its MAC" "$(mac 10.0.200.1)" \
    02:00:00:00:00:0a
is 'beside it' "$(mac 10.0.200.2)" 02:50:0a:00:c8:02
is 'the default gateway is left alone' "$(neigh 10.0.77.1)" ''
is 'nmap -sn finds the half that is not excluded' \
    "$(k nmap -sn -n 10.0.3.0/24 | grep -c 'MAC Address: 02:50:0A:00:03:')" 127
is 'good requests are answered' "$(frames good)" '1 1 1 1'
is 'bad ARP is not' "$(frames arp)" '0 0 0 0 0 0 0 0 0 0 0'
is 'bad ND is not' "$(frames nd)" '0 0 0 0 0 0 0 0 0 0 0'
is 'destinations: the asker; all nodes for DAD, not solicited' \
    "$(frames dst)" "525400123456 02500a000005 
525400123456 025000000005 96
333300000001 025000000005 32"
k ip -6 addr add 2001:db8::7:0:0:d ek 2>/dev/null ||
    k ip -6 addr add 2001:db8::7:0:0:d/64 dev ek
duplicate() { k ip -6 addr show dev ek | grep -q dadfailed; }
wait_for duplicate
like "the kernel's own DAD fails against us" "$(k ip -6 addr show dev ek |
    grep 7:0:0:d)" dadfailed
k ip -6 addr del 2001:db8::7:0:0:d/64 dev ek
is "arping's duplicate detection too" "$(k arping -d -c 1 -S 0.0.0.0 -I ek \
    10.0.3.9 | grep -c from)" 1
kill -USR1 $pid
wait_for grep -q ' answered, ' log
like 'SIGUSR1: the summary, and on' "$(cat log)" \
    '^arp-phantom: [0-9]+ answered, [0-9]+ conflicts, [0-9]+ dropped'
is 'still there' "$(mac 10.0.0.5)" 02:50:0a:00:00:05
like 'rights are given up' "$(grep -m 1 ' start ' log)" 'caps:none,seccomp:'
like 'the log has the answers' "$(cat log)" \
    '^[0-9]+\.[0-9]{9} 10\.0\.0\.5 10\.0\.0\.9 answer mac=52:54:00:12:34:56'
like 'and the drops, with reasons' "$(grep -o 'why=.*' log | sort -u)" hoplimit
stop
is 'SIGTERM: exit 0' "$status" 0
like 'totals at the end' "$(grep ' end ' log)" 'answered=[1-9]'
is 'it stops claiming' "$(neigh 10.0.0.5)" ''

# --- -m, -l, -J, VLAN
start -n -q -m 02:aa:bb:cc:dd:ee -J -l file ep 10.0.0.5
is '-m' "$(mac 10.0.0.5)" 02:aa:bb:cc:dd:ee
stop
is '-q: nothing on stderr with -l' "$(cat log)" ''
is '-J: every line is JSON' "$(/usr/bin/python3 -c '
import json
print(*[json.loads(l)["event"] for l in open("file")])' | cut -d" " -f1-3)" \
    'start claim announce'
start -n ep 10.0.0.5 2001:db8::5
is 'a tagged request gets a tagged reply' "$(frames vlan)" \
    'vlan 6007 vlan 6007'
stop

# --- asking
once -w 0.3 ep 10.0.0.6 10.0.0.9
is 'an owner in the way: exit 1, and his MAC' "$status $text" \
    "1 arp-phantom: claim 10.0.0.9: in use by $OWNER"
once -w 0.3 ep 2001:db8::6 2001:db8::9
is 'the same for IPv6' "$status $text" \
    "1 arp-phantom: claim 2001:db8::9: in use by $OWNER"
once ep 10.0.0.9
is 'with the times of RFC 5227, too' "$status" 1
until=probe start -w 5 ep 10.0.0.5
is 'while asking nothing is answered' "$(neigh 10.0.0.5)" ''
frames probe 10.0.0.5
timeout 20 tail --pid=$pid -f /dev/null || kill $pid
wait $pid
is 'another one that asks at the same time: exit 1' "$?" 1
t=$(date +%s%N)
start -w 0.3 ep 10.0.0.5 2001:db8::5
t=$((($(date +%s%N) - t) / 1000000))
# the times of RFC 5227 are four seconds at least
is '-w 0.3: asked in about 0.3 s' "$((t > 250 && t < 3000))" 1
is 'three probes each' "$(grep -c ' probe' log)" 6
is 'then claimed' "$(mac 10.0.0.5)$(mac 2001:db8::5)" \
    02:50:0a:00:00:0502:50:00:00:00:05
announced() { [ "$(grep -c ' announce' log)" -ge "$1" ]; }
wait_for announced 4
is 'announced twice each' "$(grep -c ' announce' log)" 4

# --- conflict: RFC 5227 2.4
frames claim 10.0.0.5
wait_for announced 5
is 'a conflict: defended' "$(grep -c ' announce' log)" 5
is 'and kept' "$(mac 10.0.0.5)" 02:50:0a:00:00:05
frames claim 10.0.0.5
wait_for grep -q ' yield ' log
like 'the second in 10 s: given up' "$(cat log)" \
    ' 10.0.0.5 - yield mac=52:54:00:00:00:77'
is 'no answer any more' "$(neigh 10.0.0.5)" ''
is 'the other address is kept' "$(mac 2001:db8::5)" 02:50:00:00:00:05
frames claim6 2001:db8::5
frames claim6 2001:db8::5
is 'the other, too' "$(neigh 2001:db8::5)" ''
is 'it goes on: nobody may use them soon' "$(kill -0 $pid && echo yes)" yes
stop

# --- unclaimed only
start -u -w 0.3 ep 10.0.0.0/24 2001:db8::/120
is '-u: silent while the owner answers' \
    "$(p arping -c 2 -W 0.3 -I ep 10.0.0.9 | grep -o 'from [^ ]*' |
    sort -u)" "from $OWNER"
is '-u: asks itself, the owner answers, silence' \
    "$(frames want 10.0.0.9 0 0 0)" '0 0 0'
like 'and the log says who' "$(cat log)" " 10.0.0.9 - yield mac=$OWNER"
is '-u: the same for IPv6' "$(frames want 2001:db8::9 0 0 0)" '0 0 0'
like 'and the log says who, too' "$(cat log)" \
    " 2001:db8::9 - yield mac=$OWNER"
is '-u: speaks for one that nobody has, when asked again' \
    "$(frames want 10.0.0.20 0 1 1)" '0 1 1'
is '-u: the same for IPv6' "$(frames want 2001:db8::55 0 1 1)" '0 1 1'
frames claim 10.0.0.20
is '-u: silent when the owner shows up' "$(frames want 10.0.0.20 0 0)" '0 0'
stop
start -u ep 10.0.0.0/24
is "-u: a kernel's second request is early enough for it" \
    "$(neigh 10.0.0.22 1.5)" 02:50:0a:00:00:16
stop

# --- storms
start -n ep 10.0.0.0/8
rss() { awk '/VmRSS/ { print $2 }' "/proc/$pid/status"; }
frames spread 0
frames storm >/dev/null
before=$(rss)
got=$(frames storm)
is 'a storm of 20000 is not answered one by one' \
    "$((got > 0 && got < 10000))" 1
frames spread 20000
frames storm >/dev/null
after=$(rss)
is 'memory stays flat' "$((after - before < 300))" 1
echo "# $before kB, then $after kB"
sleep 1
is 'and life goes on' "$(mac 10.0.3.3)" 02:50:0a:00:03:03
is 'with a short log' "$(($(wc -l <log) < 100))" 1
stop
like 'the drops are told' "$(tail -n 1 log)" ' [1-9][0-9]* dropped'

# --- the packet stream
cat >stream.py <<'END'
import struct, sys
f = b"\xff" * 6 + bytes.fromhex("525400123456" "0806" "0001080006040001"
    "525400123456" "0a000009" "000000000000" "0a000005")
out = sys.stdout.buffer
out.write(struct.pack("<IHHiIII", 0xa1b23c4d, 2, 4, 0, 0, 262144, 1))
for t in 0, 3, 9, 30:
	out.write(struct.pack("<IIII", 1000 + t, 5, len(f), len(f)) + f)
END
/usr/bin/python3 stream.py >in.pcap
"$phantom" -T -S 7 - 10.0.0.5 <in.pcap >out1.pcap 2>err1
is 'a stream: exit 0' "$?" 0
"$phantom" -T -S 7 - 10.0.0.5 <in.pcap 2>err2 | cat >out2.pcap
is '-T -S: the same bytes again' "$(cmp out1.pcap out2.pcap; cmp err1 err2)" ''
is 'probes, announcements, then answers' \
    "$(/usr/bin/python3 -c '
import struct
b = open("out1.pcap", "rb").read()[24:]
while b:
	n = struct.unpack_from("=I", b, 8)[0]
	p, b = b[16:16 + n], b[16 + n:]
	print(("?", "probe", "reply")[p[21]] if not any(p[28:32]) or
	    p[21] == 2 else "announce")' | uniq -c | tr -s ' ')" " 3 probe
 2 announce
 2 reply"
head -c 70 in.pcap | "$phantom" -T - 10.0.0.5 >/dev/null 2>err1
is 'a stream that ends inside a record: exit 1' "$?" 1
"$phantom" -n - 10.0.0.5 </dev/null >/dev/null 2>&1
is 'no stream at all: exit 1' "$?" 1
script -qec "$phantom -n - 10.0.0.5 <in.pcap" /dev/null >out 2>&1
is 'a terminal as stdout: exit 2' "$?" 2
echo "1..$n"
