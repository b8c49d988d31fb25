#!/bin/bash
# arp-phantom beside kernels: neighbours that make sure, this host's own
# addresses, another arp-phantom, and whole prefixes at the price of one.
. "${0%/*}/../lab.sh"
lab "$@"
need ping

# claims ARGUMENTS... - an arp-phantom on eth0; its log in $T/arp.err
claims() {
	rm -f "$T/arp.err"
	(stage arp arp-phantom -v "$@") &
	arp=$!
	began+=("$arp")
	wait_for 20 grep -q ' claim' "$T/arp.err"
}

claims_end() {
	kill "$(cat "$T/arp.pid")"
	wait_for 20 gone "$arp"
	wait "$arp"
}

# state ADDRESS - of the client's neighbour entry
state() { client ip neigh show "$1" | awk '{ print $NF }'; }
rss() { awk '/VmRSS/ { print $2 }' "/proc/$(cat "$T/arp.pid")/status"; }

claims -n eth0 $V4 $V6
one=$(rss)
# ---- neighbour unreachability detection: RFC 4861 7.3, and ARP's like it
for a in $V4 $V6; do
	[ $a = $V4 ] && m=02:50:0a:00:00:05 || m=02:50:00:00:00:05
	client ip neigh replace $a lladdr $m dev eth0 nud probe
	ok "the kernel's unicast question is answered: $a is reachable" \
	    wait_for 5 eval "[ \"\$(state $a)\" = REACHABLE ]"
	is 'no other MAC was told' "$(client ip neigh show $a |
	    grep -o '[0-9a-f:]\{17\}')" $m
done
before=$(grep -c ' answer ' "$T/arp.err")
if have rdisc6; then
	is 'rdisc6 finds no router' "$(client rdisc6 -1 -q -w 300 -r 1 eth0)" ''
	is 'and a phantom has not answered it' \
	    "$(grep -c ' answer ' "$T/arp.err")" "$before"
else
	skip 'rdisc6' rdisc6
fi

# ---- another arp-phantom on the same interface
for a in $V4 $V6; do
	said=$(timeout 20 arp-phantom -w 2 -l /dev/null eth0 $a 2>&1)
	is "another arp-phantom here is told that $a is in use" \
	    "$? ${said#*: }" "1 claim $a: in use by $(
	    [ $a = $V4 ] && echo 02:50:0a:00:00:05 ||
		echo 02:50:00:00:00:05)"
done
claims_end
is 'a signal ends it' $? 0

# ---- whole prefixes
claims -n eth0 10.0.0.0/16 fd00::/64
is 'a /16 and a /64 cost no more memory than one address each' \
    "$([ $(($(rss) - one)) -lt 200 ] && echo yes)" yes
is 'any address of the /16' "$(mac_found 10.0.77.3)" ''
client ip route add 10.0.0.0/16 dev eth0
is 'any address of the /16, on the link' "$(mac_found 10.0.77.3)" \
    02:50:0a:00:4d:03
is 'any address of the /64' "$(mac_found fd00::77:1:2:3)" 02:50:00:02:00:03
ok 'the client is left its own' wait_for 5 grep -q ' yield mac=02:00:00:00:00:09' \
    "$T/arp.err"

# ---- this host's own addresses, those of later too
mine=02:00:00:00:00:01
is 'an address that this host does not have yet' "$(mac_found 10.0.0.77)" \
    02:50:0a:00:00:4d
ip addr add 10.0.0.77/16 dev eth0
# much else that this host sends is not listened to for a while
ip neigh replace 10.0.0.200 lladdr 02:00:00:00:00:c8 dev eth0
dd if=/dev/zero bs=1000 count=60000 status=none >/dev/udp/10.0.0.200/9
uses() { # so that it has to ask
	ip neigh flush to 10.0.0.9 dev eth0
	ping -n -c 1 -W 1 10.0.0.9
	grep -q " 10.0.0.77 .* yield mac=$mine" "$T/arp.err"
}
ok 'is left to it when it uses it' wait_for 5 uses
is 'and the client finds it' "$(mac_found 10.0.0.77)" $mine
sysctl -qw net.ipv6.conf.eth0.accept_dad=1
ip addr add fd00::77/64 dev eth0
ok 'IPv6: when it asks whether it may have it' wait_for 5 \
    grep -q " fd00::77 .* yield mac=$mine" "$T/arp.err"
ok 'it may' wait_for 5 eval \
    '! ip addr show dev eth0 | grep -q "fd00::77.*tentative"'
is 'duplicate address detection has not failed' \
    "$(ip addr show dev eth0 | grep -c dadfailed)" 0
is 'and the client finds it there' "$(mac_found fd00::77)" $mine
claims_end
done_testing
