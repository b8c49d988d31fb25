#!/bin/bash
# Scanners in a hurry: a net of phantoms answers one source as its hosts would,
# each for itself. LONG=yes: with more scanners.
. "${0%/*}/../lab.sh"
lab "$@"
need perl

cat >"$T/net.conf" <<'NET'
default  tcp closed  udp closed
host 10.0.0.1
host 10.0.0.64/26
host 10.0.64.0/20
net 10.2.0.0/16 behind 10.0.0.1
host 10.2.0.0/16
    tcp 80  open
NET
client ip route add 10.2.0.0/16 via 10.0.0.1
client ip route add 10.0.64.0/20 dev eth0
phantom_net
router=$(client arp-query eth0 10.0.0.1 | grep -oE '(..:){5}..' | head -n 1)
is 'the router is there' "$router" 02:50:0a:00:00:01

# most WHAT GOT ALL - 99 of 100 at least: both share a busy machine
most() {
	ok "$1: $2 of $3" [ "$2" -ge $(($3 * 99 / 100)) ]
}
# scans RATE OPTIONS... - the hosts that answered, and how
scans() {
	local rate=$1
	shift
	client timeout 60 zmap -q -i eth0 -S 10.0.0.9 -G "$router" -B 0 -r "$rate" \
	    -c 1 --blacklist-file=/dev/null -O csv -f saddr,classification \
	    -o "$T/found" "$@" >"$T/zmap" 2>&1 || diag <"$T/zmap"
	sort -u "$T/found"
}
if have zmap; then
	most 'zmap: open' \
	    "$(scans 10000 -p 80 10.2.64.0/19 | grep -c ',synack')" 8192
	# twice as many in a second as one source gets for other segments
	most 'zmap: closed' "$(scans 20000 -p 81 10.2.128.0/17 |
	    grep -c ',rst')" 32767
	[ ! "$LONG" ] || most 'zmap: ping' "$(scans 20000 -M icmp_echoscan 10.2.128.0/17 |
	    grep -c echoreply)" 32767
else
	skip 'zmap: open' zmap
	skip 'zmap: closed' zmap
fi
# segments - that have come to the client
segments() {
	client awk '/^Tcp: [0-9]/ { print $11 }' /proc/net/snmp
}
if [ ! "$LONG" ]; then
	:
elif have masscan; then
	had=$(segments)
	client timeout 60 masscan -e eth0 --source-ip 10.0.0.9 \
	    --router-mac "${router//:/-}" --wait 2 --rate 5000 -p 80,81 \
	    --output-format list --output-filename "$T/list" 10.2.64.0/20 \
	    >"$T/masscan" 2>&1 || diag <"$T/masscan"
	# what comes back: masscan itself loses some on a busy machine
	most 'masscan, both ports' $(($(segments) - had)) 8188
	ok 'masscan: finds open ports' grep -q '^open tcp 80' "$T/list"
else
	skip 'masscan, both ports' masscan
	skip 'masscan: finds open ports' masscan
fi

if [ ! "$LONG" ]; then
	:
elif have nmap; then
	most 'nmap: ARP' "$(client timeout 60 nmap -n -sn 10.0.64.0/20 |
	    grep -c 'Host is up')" 4094
else
	skip 'nmap: ARP' nmap
fi

# ---- a burst of one source while the line sleeps, in a flood
pids=()
for p in /proc/[0-9]*; do
	[ "$(cat "$p/comm" 2>/dev/null)" = rawcap ] && pids+=("${p#/proc/}")
done
# syns PORT N - a packet stream, from the ports behind that one
syns() {
	perl -e '
	sub fold { my $s = 0; $s += $_ for unpack "n*", shift;
		$s = ($s & 0xffff) + ($s >> 16) while $s >> 16; ~$s & 0xffff }
	print pack "V v v V V V V", 0xa1b23c4d, 2, 4, 0, 0, 262144, 1;
	for (1 .. $ARGV[1]) {
		my ($from, $to) = (pack("C4", 10, 0, 0, 77), pack("C4", 10, 0, 0, 70));
		my $tcp = pack "n2 N2 n4", $ARGV[0] + $_, 9, 1, 0, 0x5002, 1000, 0, 0;
		substr $tcp, 16, 2, pack "n", fold($from . $to . pack("N", 26) . $tcp);
		my $ip = pack "n4 C2 n", 0x4500, 40, 0, 0, 64, 6, 0;
		substr $ip, 10, 2, pack "n", fold($ip . $from . $to);
		my $f = pack("H*", "02500a0000460200000000090800") . $ip . $from . $to . $tcp;
		print pack("V4", 1, 0, (length $f) x 2), $f;
	}' "$@"
}
syns 1024 600 >"$T/first"
syns 10001 1200 >"$T/then"
had=$(client cat /sys/class/net/eth0/statistics/rx_packets)
answers() {
	[ $(($(client cat /sys/class/net/eth0/statistics/rx_packets) - had)) -ge "$1" ]
}
kill -STOP "${pids[@]}"
client rawinject -q eth0 <"$T/first"
kill -CONT "${pids[@]}"
wait_for 9 answers 600
kill -STOP "${pids[@]}"
client rawinject -q eth0 <"$T/then"
kill -CONT "${pids[@]}"
ok 'each SYN of a burst has an answer, in a flood too' wait_for 9 answers 1800
done_testing
