# cable.sh - two namespaces, a and b, with va and vb at the ends of a cable, for
# tests of single frames; sourced (bash), before anything else. No chatter of
# the kernels.
# shellcheck shell=bash
BIN=$(cd "${BIN:-bin}" && pwd) || exit 1
PATH=$PATH:/usr/sbin:/sbin
for p in ip sysctl ethtool ping socat taskset \
    tcpdump tshark python3; do
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
rawcap=$BIN/rawcap
rawinject=$BIN/rawinject
n=0
T=/run/t
mount -t tmpfs none /run && mkdir $T || exit 1
# namespaces, mounts and processes are gone with this process
trap 'exit 1' INT TERM

ip netns add a && ip netns add b &&
ip link add va netns a mtu 1500 type veth peer vb netns b || exit 1
# no chatter of the kernel's own, and known neighbours
for i in a b; do
	ip netns exec $i sysctl -qw net.ipv6.conf.all.accept_dad=0 \
	    net.ipv6.conf.v$i.router_solicitations=0 \
	    net.ipv6.conf.v$i.addr_gen_mode=1
done
ip -n a link set va address 02:00:00:00:00:0a up
ip -n b link set vb address 02:00:00:00:00:0b up
ip -n a addr add 10.0.0.1/24 dev va
ip -n b addr add 10.0.0.2/24 dev vb
ip -n b addr add 10.0.0.3/24 dev vb
ip -n a addr add 2001:db8::1/64 dev va nodad
ip -n b addr add 2001:db8::2/64 dev vb nodad
a() { ip netns exec a "$@"; }
b() { ip netns exec b "$@"; }

# as root it would want to become another user, who is not mapped here; in a
# chroot, where root has no user namespace, he is
if unshare -U true 2>/dev/null; then
	tcpdump() { unshare --map-user=1000 tcpdump "$@"; }
fi

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

# either WITH WITHOUT - super-frames: see tests/tap.sh
either() { [ "$PLAIN" ] && echo "$2" || echo "$1"; }

# ok DESCRIPTION COMMAND... - the command succeeds
ok() {
	local what=$1
	shift
	if "$@"; then is "$what" 0 0; else is "$what" "status $?" 0; fi
}

# refuses DESCRIPTION STATUS WORDS COMMAND... - one line and this status
refuses() {
	local what=$1 want=$2 words=$3
	shift 3
	timeout 5 "$@" >$T/out 2>$T/err </dev/null
	is "$what" "$? $(wc -l <$T/err) $(grep -c "$words" $T/err)" \
	    "$want 1 1"
	[ -s $T/err ] && sed 's/^/# /' $T/err
}

# wait_for COMMAND... - up to five seconds until it succeeds
wait_for() {
	local i
	for i in $(seq 250); do
		"$@" >/dev/null 2>&1 && return 0
		sleep 0.02
	done
	return 1
}

size_is() { [ "$(stat -c %s "$1")" -ge "$2" ]; }

# capture NS FILE OPTIONS... - rawcap in the background, ready: pid in $cap
capture() {
	local ns=$1 file=$2
	shift 2
	: >"$file"
	# a shell's background jobs ignore SIGINT, unless told otherwise
	ip netns exec "$ns" env --default-signal=INT $rawcap "$@" \
	    >"$file" 2>"$file.err" &
	cap=$!
	wait_for size_is "$file" 24
}

# settled - what is in flight arrives, and is taken out of the sockets: what a
# capture has not yet read when it is ended is lost
settled() {
	sleep 0.2
	wait_for taken
}
taken() { ! b awk 'NR > 1 && $7 > 0' /proc/net/packet | grep -q .; }

# stop [SIGNAL] - end the capture
stop() {
	settled
	kill -"${1:-INT}" $cap
	wait $cap
}

# fields FILE FILTER FIELD... - tshark, every checksum looked at
fields() {
	local file=$1 filter=$2 f=() i
	shift 2
	for i; do f+=(-e "$i"); done
	tshark -r "$file" -o tcp.check_checksum:TRUE \
	    -o ip.check_checksum:TRUE -o udp.check_checksum:TRUE \
	    -o tcp.desegment_tcp_streams:FALSE \
	    -Y "$filter" -T fields "${f[@]}" 2>/dev/null
}
bad='tcp.checksum.status == 0 || ip.checksum.status == 0 ||
    udp.checksum.status == 0'

# frames FILE - a line of hexadecimal digits a packet
frames() {
	/usr/bin/python3 - "$1" <<-'PY'
	import struct, sys
	b = open(sys.argv[1], "rb").read(); at = 24
	while at < len(b):
	    n, = struct.unpack("<I", b[at + 8:at + 12])
	    print(b[at + 16:at + 16 + n].hex()); at += 16 + n
	PY
}

# make FILE - a capture from lines of scapy that add() packets
make() {
	{ cat <<-'PY'; cat; echo "wrpcap(sys.argv[1], p, linktype=1)"; } >$T/make.py
	import sys
	from scapy.layers.inet import *
	from scapy.layers.inet6 import *
	from scapy.layers.l2 import *
	from scapy.packet import Raw
	from scapy.utils import wrpcap
	M = Ether(src="02:00:00:00:00:99", dst="02:00:00:00:00:0b")
	p = []
	def add(x, t=0):
	    x = Raw(x if isinstance(x, bytes) else bytes(x)); x.time = 1700000000 + t; p.append(x)
	def seg(i, n, l3=None, flags="A", size=None, l2=M, **k):
	    # the i-th segment of n bytes of one flow
	    l3 = l3 or IP(src="10.0.0.99", dst="10.0.0.77", id=65530 + i & 65535)
	    data = bytes((i * n + j) % 251 for j in range(size or n))
	    return l2/l3/TCP(sport=7, dport=9, seq=0xfffffff0 + i * n & 0xffffffff, ack=5, flags=flags, **k)/data
	V6 = IPv6(src="2001:db8::99", dst="2001:db8::77", fl=5)
	PY
	/usr/bin/python3 $T/make.py "$1" 2>$T/make.err || cat $T/make.err
}

offloads() { a ethtool -K va tso "$1" gso "$1" >/dev/null 2>&1; }

# inject FILE OPTIONS... - out of va, while vb hears it: $T/heard, $T/said
inject() {
	local file=$1
	shift
	capture b $T/heard -O vb
	a $rawinject "$@" va <"$file" 2>$T/said
	status=$?
	stop
}
