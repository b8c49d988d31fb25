#!/bin/bash
# rawcap and rawinject on a veth pair between two namespaces, beside the
# kernel's TCP, tcpdump and tshark.
. "${0%/*}/../cable.sh"

# --- rawcap beside the kernel's TCP

head -c 1000000 /dev/urandom >$T/data
ip netns exec b dumpcap -q -P -i vb -f tcp -w $T/control.pcap \
    >$T/control.err 2>&1 &
control=$!
wait_for grep -q File: $T/control.err
capture b $T/all vb
allcap=$cap
capture b $T/port -p 5001 -t tcp vb
portcap=$cap
capture b $T/both -O -p 5001 --either vb
bothcap=$cap
# both ends on one CPU: two of them deliver frames side by side, each capture
# in an order of its own
cpu=$(taskset -cp $$ | sed 's/.*: //; s/[^0-9].*//')
for addr in 10.0.0.2 '[2001:db8::2]'; do
	case $addr in
	*:*) b taskset -c "$cpu" socat -u TCP6-LISTEN:5001,reuseaddr CREATE:$T/got & ;;
	*) b taskset -c "$cpu" socat -u TCP4-LISTEN:5001,reuseaddr CREATE:$T/got & ;;
	esac
	listener=$!
	wait_for b sh -c 'ss -Hltn | grep -q :5001'
	a taskset -c "$cpu" socat -u OPEN:$T/data TCP:"$addr":5001
	wait $listener
	ok "the kernel's transfer to $addr is whole" cmp -s $T/data $T/got
done
a ping -c 2 -i 0.2 10.0.0.2 >/dev/null
a ping -c 2 -i 0.2 10.0.0.3 >/dev/null
a ping -c 2 -i 0.2 2001:db8::2 >/dev/null
settled
kill $control; wait $control
for p in $allcap $portcap $bothcap; do kill -INT $p; wait $p; done

is "control: the kernel leaves checksums unfilled here" \
    "$([ "$(fields $T/control.pcap "$bad" frame.number | wc -l)" -gt 10 ] &&
    echo yes)" yes
is "rawcap fills them in: none is bad" \
    "$(fields $T/all "$bad" frame.number | wc -l)" 0
is "every byte of the two transfers was captured" \
    "$(fields $T/port 'tcp.len > 0 && !tcp.analysis.retransmission &&
	!tcp.analysis.spurious_retransmission' tcp.len |
	awk '{ s += $1 } END { print s }')" 2000000
is "super-frames pass whole" "$(fields $T/port 'frame.len > 1518' frame.number |
    head -1 | wc -l)" 1
is "what this host sends is not captured" \
    "$(fields $T/all 'eth.src == 02:00:00:00:00:0b' frame.number | wc -l)" 0
is "with -O it is, checksums filled in, too" "$(fields $T/both \
    'eth.src == 02:00:00:00:00:0b && tcp' frame.number | head -1 | wc -l) $(
    fields $T/both "$bad" frame.number | wc -l)" "1 0"
is "-p live takes what the same words take from a file" \
    "$(frames $T/port | md5sum)" \
    "$($rawcap -r $T/all -p 5001 -t tcp >$T/x; frames $T/x | md5sum)"
is "-p takes what tcpdump takes" \
    "$(tcpdump -nn -t -r $T/port 2>/dev/null | md5sum)" \
    "$(tcpdump -nn -t -r $T/all tcp dst port 5001 2>/dev/null | md5sum)"
is "the end line tells the number of packets" "$(cat $T/port.err)" \
    "rawcap: $(frames $T/port | wc -l) captured, 0 dropped by the kernel"

# --- filters, live

# live OPTIONS... -- EXPRESSION: rawcap with options against tcpdump
live() {
	local o=()
	while [ "$1" != -- ]; do o+=("$1"); shift; done
	shift
	capture b $T/all vb
	local all=$cap
	capture b $T/some "${o[@]}" vb
	a ping -c 2 -i 0.01 10.0.0.2 >/dev/null
	a ping -c 1 10.0.0.3 >/dev/null
	a ping -c 1 2001:db8::2 >/dev/null
	a arping -0 -c 1 -i va 10.0.0.3 >/dev/null 2>&1
	a nc -z -w 1 10.0.0.2 4444
	a nc -u -z -w 1 10.0.0.2 4444 2>/dev/null
	stop
	kill -INT $all
	wait $all
	tcpdump -nn -tt -r $T/all "$1" >$T/want 2>/dev/null
	is "${o[*]}: as tcpdump, $(wc -l <$T/want) of $(frames $T/all |
	    wc -l)" "$(frames $T/some | wc -l)" "$(wc -l <$T/want)"
	tcpdump -nn -r $T/all "$1" -w - >$T/w.pcap 2>/dev/null
	$rawcap -r $T/w.pcap >$T/w
	is "${o[*]}: the same packets" "$(frames $T/some | md5sum)" \
	    "$(frames $T/w | md5sum)"
	[ -s $T/want ] || is "${o[*]}: there are any" none some
}
live -a 10.0.0.3 -- 'host 10.0.0.3'
live -a 2001:db8::2 -- 'host 2001:db8::2'
live -p 4444 -- 'dst port 4444'
live -t icmp -- 'icmp or icmp6'
live -t arp -- 'arp or (ip6 and ip6[40] >= 133 and ip6[40] <= 137)'
live -a 10.0.0.2 -t tcp,arp -- 'host 10.0.0.2 and (tcp or arp)'
tcpdump -y EN10MB -ddd 'udp or icmp[0] = 8' >$T/prog 2>/dev/null
live -F $T/prog -- 'udp or icmp[0] = 8'

ip netns exec b timeout 5 $rawcap -c 2 -t icmp vb >$T/two 2>$T/two.err &
cap=$!
wait_for size_is $T/two 24
a ping -c 4 -i 0.05 10.0.0.2 >/dev/null
wait $cap
is "-c 2 ends after two, with the line" "$? $(frames $T/two | wc -l) $(
    cat $T/two.err)" "0 2 rawcap: 2 captured, 0 dropped by the kernel"

capture b $T/usr1 -t icmp vb
a ping -c 1 10.0.0.2 >/dev/null
settled
kill -USR1 $cap
wait_for grep -q '1 captured' $T/usr1.err
a ping -c 1 10.0.0.2 >/dev/null
stop TERM
is "SIGUSR1 prints the line and goes on, SIGTERM ends with it" \
    "$? $(tr '\n' ' ' <$T/usr1.err)" "0 rawcap: 1 captured, 0 dropped by \
the kernel rawcap: 2 captured, 0 dropped by the kernel "

# --- the rights that are left while packets are parsed

# builds with a sanitizer have no filter
seccomp=2
grep -qE __asan_init $rawcap && seccomp=0
capture b $T/x vb
is "rawcap: no capability, no new privileges, system calls filtered" \
    "$(awk '/^(CapPrm|CapEff|NoNewPrivs|Seccomp):/ { printf "%s ", $2 }' \
    /proc/$cap/status)" "0000000000000000 0000000000000000 1 $seccomp "
stop
mkfifo $T/fifo
exec 9<>$T/fifo
ip netns exec a $rawinject va <$T/fifo 2>/dev/null &
pid=$!
wait_for grep -q '^NoNewPrivs:.*1' /proc/$pid/status
wait_for grep -q "^Seccomp:.*$seccomp" /proc/$pid/status
is "rawinject: the same" \
    "$(awk '/^(CapPrm|CapEff|NoNewPrivs|Seccomp):/ { printf "%s ", $2 }' \
    /proc/$pid/status)" "0000000000000000 0000000000000000 1 $seccomp "
kill -TERM $pid
wait $pid
is "a signal ends an idle rawinject, status 0" $? 0
exec 9>&-

# --- rawcap: groups, and an interface that goes away

capture b $T/g1 -G 7 -t tcp vb
g1=$cap
capture b $T/g2 -G 7 -t tcp vb
make $T/flows.pcap <<'PY'
for i in range(400):
    add(M/IP(src="10.0.0.99", dst="10.0.0.77")/TCP(sport=i + 1, dport=9, seq=i))
PY
a $rawinject -q va <$T/flows.pcap
stop
kill -INT $g1
wait $g1
is "-G: each packet of 400 flows goes to one of two" \
    "$(cat <(frames $T/g1) <(frames $T/g2) | sort | md5sum)" \
    "$($rawcap -r $T/flows.pcap >$T/x; frames $T/x | sort | md5sum)"
is "-G: both have some" "$(($(frames $T/g1 | wc -l) > 50)) $((
    $(frames $T/g2 | wc -l) > 50))" "1 1"

# --- rawinject

make $T/odd.pcap <<'PY'
add(M/Dot1Q(vlan=42, prio=3)/IP(src="10.0.0.99", dst="10.0.0.77")/UDP()/b"tagged")
add(M/Dot1AD(vlan=7)/Dot1Q(vlan=8)/IP(src="10.0.0.99", dst="10.0.0.77")/UDP()/b"two")
add(bytes(M)[:12] + b"\x88\xb5" + b"x")
add(bytes(M)[:12] + b"\x88\xb5" + b"y" * 1500)
PY
inject $T/odd.pcap
$rawcap -r $T/odd.pcap >$T/x
is "VLAN tags, one and two, and sizes arrive as sent" "$(frames $T/heard)" \
    "$(frames $T/x)"
is "the end line" "$status $(cat $T/said)" \
    "0 rawinject: 4 frames sent, 0 super-frames, 0 lost, 0 cut"

make $T/wrong.pcap <<'PY'
add(M/IP(src="10.0.0.99", dst="10.0.0.77")/UDP()/(b"x" * 3000))
add(M/IP(src="10.0.0.99", dst="10.0.0.77")/UDP()/b"good")
add(bytes(M)[:9])
p[1].wirelen = 1000
add(M/IP(src="10.0.0.99", dst="10.0.0.77")/UDP()/b"also good")
PY
inject $T/wrong.pcap -v
is "cut, too long and too short records are counted" "$status $(
    sed -n 2p $T/said)" \
    "0 rawinject: 1 frames sent, 0 super-frames, 0 lost, 1 cut, 2 refused"
is "and the good one goes" "$(frames $T/heard | wc -l)" 1

ip netns exec b dumpcap -q -P -i vb -f 'icmp[0] = 8' -w $T/tcpdump.pcap \
    >$T/tcpdump.err 2>&1 &
pid=$!
wait_for grep -q File: $T/tcpdump.err
a ping -c 3 -i 0.05 10.0.0.3 >/dev/null
sleep 0.3
kill $pid
wait $pid
inject <(tcpdump -r $T/tcpdump.pcap -w - 2>/dev/null)
$rawcap -t icmp -r $T/heard >$T/x
is "tcpdump -w - is a source" "$(frames $T/x | grep ^02000000000b | md5sum)" \
    "$($rawcap -r $T/tcpdump.pcap >$T/x; frames $T/x | md5sum)"

# same_cut DESCRIPTION FILE SUPERS - coalesced, and cut again by the kernel:
# the very frames that were made
same_cut() {
	offloads off
	inject "$2"
	$rawcap -r "$2" >$T/x
	is "$1: the frames come out as they went in" \
	    "$(frames $T/heard | md5sum)" "$(frames $T/x | md5sum)"
	is "$1: super-frames" "$(sed 's/.*sent, \([0-9]*\) super.*/\1/' \
	    $T/said)" "$(either "$3" 0)"
	inject "$2" -1
	is "$1: -1 sends the same, one by one" \
	    "$(frames $T/heard | md5sum) $(grep -c ' 0 super' $T/said)" \
	    "$(frames $T/x | md5sum) 1"
	offloads on
}
make $T/v4.pcap <<'PY'
for i in range(20): add(seg(i, 1460))
add(seg(20, 1460, size=300, flags="PA"))
for i in range(21, 23): add(seg(i, 1460))
PY
same_cut "v4, identification and sequence numbers wrapping" $T/v4.pcap 2
make $T/v6.pcap <<'PY'
o = [("NOP", 0), ("NOP", 0), ("Timestamp", (7, 8))]
for i in range(20): add(seg(i, 1428, V6, options=o))
add(seg(20, 1428, V6, options=o, flags="FPA"))
PY
same_cut "v6 with timestamps" $T/v6.pcap 1
make $T/vlan.pcap <<'PY'
for i in range(20): add(seg(i, 1000, l2=M/Dot1Q(vlan=5)))
for i in range(20): add(seg(i, 1000, V6, l2=M/Dot1Q(vlan=5)))
PY
same_cut "VLAN" $T/vlan.pcap 2
make $T/long.pcap <<'PY'
for i in range(150): add(seg(i, 1400))
for i in range(150): add(seg(i, 100))
PY
same_cut "runs end at 65535 bytes and at 64 pieces" $T/long.pcap 7
make $T/apart.pcap <<'PY'
D = dict(src="10.0.0.99", dst="10.0.0.77")
def pair(x, y): add(x); add(y)
S = lambda i, **k: IP(id=100 + i, **D, **k)
pair(seg(0, 500, S(0)), seg(1, 500, S(2)))              # identification
pair(seg(0, 500, S(0)), seg(1, 500, S(1, tos=2)))       # ECN
pair(seg(0, 500, S(0)), seg(1, 500, S(1, ttl=3)))       # TTL
pair(seg(0, 500, S(0)), seg(1, 500, S(1, flags="DF")))  # DF
pair(seg(0, 500, S(0)), seg(2, 500, S(1)))              # a gap
pair(seg(0, 500, S(0)), seg(1, 500, S(1), window=9))    # window
pair(seg(0, 500, S(0)), seg(1, 500, S(1), urgptr=9))    # urgent pointer
pair(seg(0, 500, S(0), flags="PA"), seg(1, 500, S(1)))  # PSH inside
pair(seg(0, 500, S(0)), seg(1, 500, S(1), flags="AU"))  # URG
pair(seg(0, 500, S(0)), seg(1, 500, S(1), flags="CA"))  # CWR
pair(seg(0, 500, S(0)), seg(1, 500, S(1), flags="RA"))  # RST
pair(seg(0, 500, S(0), flags="SA"), seg(1, 500, S(1)))  # SYN
pair(seg(0, 500, S(0)), seg(1, 500, S(1), size=501))    # longer
pair(seg(0, 500, S(0)), seg(1, 500, S(1), options=[("NOP", 0)] * 4))
pair(seg(0, 500, S(0)), seg(1, 500, S(1), chksum=1))    # a bad checksum
pair(seg(0, 500, S(0), chksum=1), seg(1, 500, S(1)))
pair(seg(0, 500, S(0)), seg(1, 500, S(1, chksum=1)))
pair(seg(0, 500, S(0)), seg(1, 500, S(1), l2=M/Dot1Q(vlan=1)))
pair(seg(0, 500, V6), seg(1, 500, IPv6(src=V6.src, dst=V6.dst, fl=6)))
pair(seg(0, 500, S(0)), seg(1, 500, IP(id=101, src="10.0.0.98", dst=D["dst"])))
pair(seg(0, 500, S(0, options=[IPOption_NOP()] * 4)), seg(1, 500, S(1, options=[IPOption_NOP()] * 4)))
PY
same_cut "what must not be joined is not" $T/apart.pcap 0
make $T/df.pcap <<'PY'
for i in range(20): add(seg(i, 500, IP(src="10.0.0.99", dst="10.0.0.77", id=0, flags="DF")))
PY
inject $T/df.pcap
is "with DF identification does not matter: one super-frame" \
    "$(frames $T/heard | wc -l) $(fields $T/heard "$bad" frame.number |
    wc -l) $(fields $T/heard tcp tcp.len | xargs)" \
    "$(either 1 20) 0 $(either 10000 "$(yes 500 | head -n 20 | xargs)")"

# a record longer than the MTU
make $T/super.pcap <<'PY'
add(seg(0, 20000, flags="FPA")); add(seg(0, 20000, V6, flags="PA"))
add(seg(0, 20000, l2=M/Dot1Q(vlan=5), flags="PA"))
PY
pieces() {
	fields $T/heard tcp ip.id ipv6.flow tcp.seq_raw tcp.len tcp.flags \
	    tcp.payload vlan.id
}
offloads off
inject $T/super.pcap -1
pieces >$T/want
is "-1: a super-frame is cut here, checksums right" \
    "$(fields $T/heard "$bad" frame.number | wc -l) $(fields $T/heard \
    'frame.len > 1518' frame.number | wc -l) $(wc -l <$T/want)" "0 0 42"
inject $T/super.pcap
is "as GSO it arrives as valid segments" "$(fields $T/heard "$bad" \
    frame.number | wc -l) $(sed 's/.*: //; s/,* super.*//' $T/said)" \
    "0 $(either '3 frames sent, 3' '42 frames sent, 0')"
is "and cut just so" "$(pieces | md5sum)" "$(md5sum <$T/want)"
offloads on
inject $T/super.pcap
is "an interface that offloads gets it whole" \
    "$(fields $T/heard "$(either tcp 'tcp.len > 1460')" tcp.len | xargs)" \
    "$(either '20000 20000 20000' '')"
make $T/badsuper.pcap <<'PY'
add(seg(0, 20000, chksum=1)); add(seg(0, 1000, chksum=1))
PY
inject $T/badsuper.pcap
is "a bad checksum is dropped where it would be repaired, else kept" \
    "$(fields $T/heard "$bad" tcp.len) $(grep -c '1 bad' $T/said)" "1000 1"

# -T
make $T/timed.pcap <<'PY'
for i, t in enumerate((0, 0.3, 0.1, 0.2, 0.5)):
    add(M/IP(src="10.0.0.99", dst="10.0.0.77")/UDP()/bytes([i]), t)
PY
# a machine that stops for a moment makes one gap longer and the next one shorter:
# then once more
for turn in 1 2 3 4 5; do
	inject $T/timed.pcap -T
	gaps=$(tcpdump -tt -r $T/heard 2>/dev/null | awk '{ if (NR > 1)
	    printf "%.0f ", ($1 - last) * 10; last = $1 }')
	[ "$gaps" = '3 0 1 3 ' ] && break
	echo "# run $turn: $gaps"
done
is "-T keeps the gaps; a stamp that steps back waits for nothing" "$gaps" "3 0 1 3 "
make $T/long.pcap <<'PY'
for i in range(9000):
    add(M/IP(src="10.0.0.99", dst="10.0.0.77")/UDP()/bytes(1 + i % 30))
PY
cat $T/long.pcap | ip netns exec a $rawinject -T va 2>$T/said
is "-T: more than a buffer holds" "$? $(cat $T/said)" \
    "0 rawinject: 9000 frames sent, 0 super-frames, 0 lost, 0 cut"
make $T/years.pcap <<'PY'
add(M/IP()/UDP()); add(M/IP()/UDP(), 1000000)
PY
ip netns exec a env --default-signal=INT $rawinject -T va <$T/years.pcap 2>$T/said &
pid=$!
sleep 0.5
kill -INT $pid
wait $pid
is "-T: a signal ends the longest wait" "$? $(cat $T/said)" \
    "0 rawinject: 1 frames sent, 0 super-frames, 0 lost, 0 cut"
{ head -c 142 $T/timed.pcap; echo damage damage damage; sleep 2; } |
    timeout 1.5 ip netns exec a $rawinject -T va 2>$T/said
is "-T: a damaged stream ends when its time comes" "$? $(grep -c 'read packet' \
    $T/said)" "1 1"

# --- refusals

refuses "rawcap: no such interface" 2 "open nosuch: no such" \
    ip netns exec a $rawcap nosuch
refuses "rawinject: no such interface" 2 "open nosuch: no such" \
    ip netns exec a $rawinject nosuch
poor() { ip netns exec a setpriv --inh-caps=-all --bounding-set=-all "$@"; }
export -f poor
for p in rawcap rawinject; do
	refuses "$p: no privilege" 2 "CAP_NET_RAW" bash -c "poor $BIN/$p va"
done
a ip link add vx type veth peer name vy
refuses "rawcap: an interface that is down" 2 "is down" \
    ip netns exec a $rawcap vx
if a ip tuntap add tun0 mode tun 2>/dev/null; then
	a ip link set tun0 up
	refuses "rawcap: an interface that is not Ethernet" 2 \
	    "not an Ethernet" ip netns exec a $rawcap tun0
else
	n=$((n + 1))
	echo "ok $n - an interface that is not Ethernet # SKIP no tun here"
fi
a $rawinject va <$T/prog 2>$T/said
is "rawinject: no packet stream" "$? $(grep -c 'not a packet stream' \
    $T/said)" "1 1"
script -qec "ip netns exec b $rawcap vb" /dev/null >$T/said </dev/null
is "rawcap: no packets to a terminal" "$? $(grep -c terminal $T/said)" "2 1"

# the reader goes while no packet comes
b bash -c "timeout 5 $rawcap -t udp -p 1 vb | head -c 24; exit \${PIPESTATUS[0]}" \
    >/dev/null 2>$T/said
is "a reader that is gone is noticed without a packet, quietly" \
    "$? $(cat $T/said)" "0 "
capture b $T/x vb
ip -n b link set vb down
sleep 0.1
ip -n b link set vb up
b ping -c 1 -W 1 10.0.0.1 >/dev/null
settled
kill $cap
wait $cap
is "rawcap: the interface goes down and up" \
    "$? $(head -1 $T/x.err) $(tcpdump -nr $T/x icmp 2>/dev/null | grep -c .)" \
    "0 rawcap: vb is down: nothing passes until it is up 1"
echo "1..$n"
