#!/bin/bash
# The small exchanges on a cable: arp-query and icmp-ping beside arping,
# ndisc6 and ping, with the kernel on the other end.
. "${0%/*}/../lab.sh"
lab "$@"
need ping
MAC=02:00:00:00:00:09		# the client's
P4=10.0.0.3 P6=fd00::3		# a phantom's
PMAC4=02:50:0a:00:00:03 PMAC6=02:50:00:00:00:03

# run COMMAND... - its stdout in $out, stderr in $err, exit status in $status
run() {
	out=$(timeout 20 "$@" 2>"$T/err" </dev/null)
	status=$?
	err=$(cat "$T/err")
}

# neigh ADDRESS - the MAC that the client's kernel has for it
neigh() {
	ip -n client neigh show "$1" dev eth0 |
	    sed -n 's/.*lladdr \([^ ]*\).*/\1/p'
}

# ---- what went over the wire, all the while
ip netns exec client rawcap -q eth0 >"$T/wire" 2>"$T/rawcap.err" &
wire=$!
began+=("$wire")
wait_for 10 test -s "$T/wire"

# ---- arp-query: the kernel answers
run arp-query eth0 10.0.0.9
is 'no address of the host: one is to be given' "$status $(grep -c \
    'no IPv4 address: give a source address with -s' <<<"$err")" '2 1'
for s in $P4 $P6; do
	case $s in *:*) a=fd00::9 ;; *) a=10.0.0.9 ;; esac
	run arp-query -s $s eth0 $a
	is "the MAC of $a, asked by $s" "$status $out $err" "0 $MAC "
	run arp-query -n -vv -s $s eth0 $a
	is "-v tells how long it took" "$status $out $(grep -cE \
	    'answered after [0-9]+\.[0-9]{3} ms|caps:none' <<<"$err")" \
	    "0 $MAC 2"
	SECONDS=0
	run arp-query -w 0.3 -n -s $s eth0 ${a}9
	is "nobody has ${a}9" "$status $out $err" \
	    "1  arp-query: ask for ${a}9: no answer"
	run arp-query -n -q -w 0.3 -c 1 -s $s eth0 ${a}9
	is "-q says nothing" "$status $out $err" "1  "
	run arp-query -s $a eth0 ${a}9
	is "$a is in use: nothing is asked from it" "$status $out $err" \
	    "1  arp-query: $a is in use by $MAC"
	run arp-query -n -w 0.4 --all -s $s eth0 $a
	is "--all: one line a MAC" "$status $out" "0 $MAC"
done
run arp-query -n -s $P4 -m 02:11:22:33:44:55 eth0 10.0.0.9
is '-m is the MAC of the source' "$status $out $(neigh $P4)" \
    "0 $MAC 02:11:22:33:44:55"

# ---- the kernel asks back: the phantom is there while the exchange runs
ip -n client neigh flush dev eth0
icmp-ping -n -q -i 0.2 -s $P4 eth0 10.0.0.9 >"$T/bg4" &
bg4=$!
icmp-ping -n -q -i 0.2 -s $P6 eth0 fd00::9 >"$T/bg6" &
bg6=$!
began+=("$bg4" "$bg6")
wait_for 10 packet_sockets 2
ip -n client neigh flush dev eth0
is 'the kernel finds an IPv4 phantom that asks' "$(mac_found $P4)" $PMAC4
is 'and an IPv6 one' "$(mac_found $P6)" $PMAC6
if have arping; then
	is 'arping finds it' "$(client arping -c 1 -i eth0 -r $P4)" $PMAC4
	is 'but no other address' \
	    "$(client arping -c 1 -w 0.3 -i eth0 -r 10.0.0.4)" ''
else
	skip 'arping' arping
	skip 'arping' arping
fi
if have ndisc6; then
	is 'ndisc6 finds it' \
	    "$(client ndisc6 -q -1 $P6 eth0 | tr A-Z a-z)" $PMAC6
	is 'but no other address' \
	    "$(client ndisc6 -q -1 -r 1 -w 300 fd00::4 eth0)" ''
else
	skip 'ndisc6' ndisc6
	skip 'ndisc6' ndisc6
fi
# answered FILE - all, but for one that was on its way when the signal came
answered() {
	awk '/ packets transmitted/ { n++; if ($4 < 2 || $1 - $4 > 1) print }
	    END { print n + 0 }' "$1"
}
stop $bg4 INT; is 'SIGINT ends a ping with its statistics' \
    "$? $(answered "$T/bg4")" '0 1'
stop $bg6 TERM; is 'so does SIGTERM' "$? $(answered "$T/bg6")" '0 1'

# ---- icmp-ping from a phantom
for s in $P4 $P6; do
	case $s in
	*:*) a=fd00::9 most=65527 ;;
	*) a=10.0.0.9 most=65507 ;;
	esac
	for size in 0 1 56 1472 1473 $most; do
		run icmp-ping -n -c 1 -b $size -s $s eth0 $a
		is "$size bytes to $a and back" "$status $(grep -cE \
		    "^$((size + 8)) bytes from $a: icmp_seq=1 ttl=64" \
		    <<<"$out")" '0 1' || diag <<<"$out"
	done
	run icmp-ping -n -c 1 -w 0.5 -s $s eth0 ${a}9
	is "no ${a}9: exit 1" "$status $(grep -cE \
	    "^From $s icmp_seq=1 Destination.*[Uu]nreachable" <<<"$out")" '1 1'
	run icmp-ping -n -c 1 -w 0.3 -g 02:00:00:00:00:66 -s $s eth0 $a
	is "-g takes a MAC: here that of nobody" \
	    "$status $(grep -c ' 100% packet loss' <<<"$out")" '1 1'
done
run icmp-ping -n -c 3 -i 0.05 -w 0.5 --df -b 1473 -s $P4 eth0 10.0.0.9
is '--df: too long for the MTU' "$status $(grep -c \
    'message too long, mtu=1500' <<<"$out")" '1 3'
run icmp-ping -n --deadline 0.3 -i 0.1 -s $P4 eth0 10.0.0.9
is '--deadline ends it' "$status $(grep -c '0% packet loss' <<<"$out")" '0 1'
wait_for 5 taken client
kill -INT $wire
wait $wire

if have tshark; then
	is 'tshark finds nothing wrong with our frames' "$(tshark \
	    -r "$T/wire" -o ip.check_checksum:TRUE -Y 'eth.src[0:2] == 02:50 &&
	    (_ws.malformed || ip.checksum.status == 0 ||
	    icmp.checksum.status == 0 || icmpv6.checksum.status == 0 ||
	    _ws.expert.severity >= 6291456)' 2>/dev/null)" ''
	is 'and sees the echoes' "$([ "$(tshark -r "$T/wire" -Y \
	    'eth.src[0:2] == 02:50 && (icmp.type == 8 || icmpv6.type == 128)' \
	    2>/dev/null | wc -l)" -gt 20 ] && echo many)" many
else
	skip 'tshark' tshark
	skip 'tshark' tshark
fi

# ---- from the host's own address: the same words as ping's
ip addr add 10.0.0.1/24 dev eth0
ip addr add fd00::1/64 dev eth0 nodad
# alike - numbers that differ from run to run
alike() {
	sed -E -e 's|^(rtt .* = ).*|\1N|' -e 's/[0-9.]+ ?ms/N ms/g'
}
for a in 10.0.0.9 fd00::9; do
	s=10.0.0.1
	[ $a = fd00::9 ] && s=fd00::1
	run arp-query eth0 $a
	is "arp-query from the host's own address" "$status $out $err" \
	    "0 $MAC "
	for o in '-c 2 -i 0.2' '-c 1 -q' '-c 1'; do
		run icmp-ping $o eth0 $a
		is "icmp-ping $o $a: the lines of ping" "$(alike <<<"$out")" \
		    "$(ping $o $a | alike)"
	done
	run icmp-ping -c 1 -b 4 eth0 $a
	is 'few bytes: no time' "$(alike <<<"$out")" \
	    "$(ping -c 1 -s 4 $a | alike)"
	run icmp-ping -c 1 -s $s eth0 $a
	is '-s: ping -I' "$(alike <<<"$out")" \
	    "$(ping -c 1 -I $s $a | alike)"
	run icmp-ping -c 1 eth0 $s
	is "asking oneself is refused" "$status $(grep -c own <<<"$err")" '2 1'
done
is 'the kernel answers for the own address, we do not' \
    "$(neigh 10.0.0.1)" 02:00:00:00:00:01

# ---- from an own address that is tentative, or a duplicate: RFC 4862 5.4
sysctl -qw net.ipv6.conf.eth0.accept_dad=1
ip -n client addr add fe80::3/64 dev eth0 nodad
ip addr flush dev eth0 scope link
ip addr add fe80::1/64 dev eth0
run icmp-ping -c 1 -w 0.5 eth0 ff02::1
is 'a tentative address is waited for' "$status $(grep -c \
    'bytes from fe80::' <<<"$out")" '0 1' || diag <<<"$out$err"
ip addr add fe80::2/64 dev eth0
run icmp-ping -c 1 -w 0.5 -s fe80::2 eth0 ff02::1
is 'one that is given with -s as well' "$status $(grep -c \
    'bytes from fe80::' <<<"$out")" '0 1' || diag <<<"$out$err"
ip addr add fe80::3/64 dev eth0
wait_for 5 eval 'ip addr show dev eth0 | grep -q "fe80::3/.* dadfailed"'
run icmp-ping -c 1 -s fe80::3 eth0 fd00::9
is 'a duplicate belongs to the other station' "$status $(grep -c $MAC \
    <<<"$err")" '1 1' || diag <<<"$out$err"

# ---- a router, and errors
client sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 \
    net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
ip -n client addr add 10.9.0.1/32 dev lo
ip -n client addr add fd09::1/128 dev lo
ip -n client route add unreachable 10.9.0.2
ip -n client route add unreachable fd09::2
ip -n client route add 10.9.0.3 dev eth0
ip -n client route add fd09::3 dev eth0
ip route add default via 10.0.0.9
ip route add default via fd00::9
for net in '10.0.0.9 10.9.0.' 'fd00::9 fd09::'; do
	read -r gw far <<<"$net"
	run icmp-ping -c 1 eth0 "${far}1"
	is "${far}1 by the host's default gateway" "$status $(grep -c \
	    "bytes from ${far}1" <<<"$out")" '0 1' || diag <<<"$out$err"
	s=$P4
	[ "$gw" = fd00::9 ] && s=$P6
	for g in $gw $MAC; do
		run icmp-ping -n -c 1 -s $s -g $g eth0 "${far}1"
		is "from a phantom, by -g $g" "$status $(grep -c \
		    "bytes from ${far}1" <<<"$out")" '0 1'
	done
	run icmp-ping -c 1 eth0 "${far}2"
	is "no way to ${far}2, in ping's words" "$status $(alike <<<"$out")" \
	    "1 $(ping -c 1 "${far}2" | alike)"
	run icmp-ping -c 1 --ttl 1 eth0 "${far}3"
	is 'time exceeded, in ping'\''s words' "$status $(alike <<<"$out")" \
	    "1 $(ping -c 1 -t 1 "${far}3" | alike)"
done

# ---- in a pipeline
rawcap -q eth0 2>/dev/null |
    icmp-ping -c 3 -i 0.1 -s $P4 -o "$T/lines" - 10.0.0.9 2>"$T/err" |
    rawinject -q eth0
is 'icmp-ping between rawcap and rawinject' "$(grep -c ' 0% packet loss' \
    "$T/lines") $(cat "$T/err")" '1 ' || diag <"$T/lines"
got=$({ rawcap -q eth0 2>/dev/null | arp-query -s $P6 - fd00::9 |
    rawinject -q eth0; } 2>&1)
is 'arp-query too: the answer is on stderr' "$got" $MAC

# ---- wrong usage
for c in 'arp-query eth0' 'arp-query eth0 10.0.0.9 x' 'arp-query eth0 host' \
    'arp-query -s fd00::3 eth0 10.0.0.9' 'arp-query -T eth0 10.0.0.9' \
    'arp-query -s 10.0.0.9 eth0 10.0.0.9' 'arp-query - 10.0.0.9' \
    'arp-query -w 0 eth0 10.0.0.9' 'arp-query eth0 224.0.0.1' \
    'arp-query -g 10.0.0.1 eth0 10.0.0.9' 'arp-query nosuch0 10.0.0.9' \
    'icmp-ping -b 65508 eth0 10.0.0.9' 'icmp-ping -i 0 eth0 10.0.0.9' \
    'icmp-ping -g fd00::1 eth0 10.0.0.9' 'icmp-ping --ttl 256 eth0 fd00::9' \
    'icmp-ping -m 02:50:00:00:00:01 eth0 10.0.0.9' \
    'icmp-ping -c 0 eth0 10.0.0.9' 'icmp-ping eth0 127.0.0.1' \
    'icmp-ping -s 224.0.0.1 eth0 10.0.0.9' 'icmp-ping -Z eth0 10.0.0.9' \
    'icmp-ping -o /nosuch/file eth0 10.0.0.9'; do
	run $c
	is "$c: exit 2 and a line" "$status $out $(grep -vc '^try:' \
	    <<<"$err")" '2  1' || diag <<<"$err"
done
run "${poor[@]}" arp-query eth0 10.0.0.9
is 'without the privilege' "$status $(grep -c CAP_NET_RAW <<<"$err")" '2 1'
run sh -c 'icmp-ping -c 1 eth0 10.0.0.9 >&-'
is 'stdout closed' "$status $(wc -l <<<"$err")" '2 1'
SECONDS=0
icmp-ping -i 0.05 eth0 10.0.0.9 | head -n 1 >/dev/null
is 'the reader of the lines is gone: it ends' "$((SECONDS < 15))" 1
for p in arp-query icmp-ping; do
	run $p --help
	is "$p --help" "$status ${out%% *} $err" '0 usage: '
	run $p -V
	is "$p -V" "$status ${out%% *} $err" "0 $p "
done
done_testing
