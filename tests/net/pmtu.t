#!/bin/bash
# A path narrower than the phantom's cable: a router of the kernel's between
# phantom and client, 1300 bytes behind it. Where it tells of it, segments
# shrink at once (RFC 1191, RFC 8201); where its firewall lets it tell
# nothing, after some time-outs (RFC 4821). And the other way round: it cuts
# what the client says, and the phantom puts it together (RFC 791).
. "${0%/*}/../lab.sh"
LAB_NET=routed
# phantom 10.0.0.5 --- eth0 10.0.0.1 router 10.0.1.1 --- 10.0.1.9 client
routed() {
	host router && host client || return
	ip link add eth0 mtu 1500 address 02:00:00:00:00:01 type veth \
	    peer name eth0 netns router mtu 1500 address 02:00:00:00:00:02
	ip -n router link add eth1 mtu 1300 type veth \
	    peer name eth0 netns client mtu 1300
	ip link set lo up
	ip link set eth0 up
	address router 1
	ip -n router link set eth1 up
	ip -n router addr add 10.0.1.1/24 dev eth1
	ip -n router addr add fd00:1::1/64 dev eth1 nodad
	ip netns exec router sysctl -qw net.ipv4.ip_forward=1 \
	    net.ipv6.conf.all.forwarding=1
	ip -n client link set eth0 up
	ip -n client addr add 10.0.1.9/24 dev eth0
	ip -n client addr add fd00:1::9/64 dev eth0 nodad
	ip -n client route add default via 10.0.1.1
	ip -n client route add default via fd00:1::1
}
lab "$@"
need nc timeout
router() { ip netns exec router "$@"; }
# the client tells an MSS for its own link: let it hide that this is narrow
client ip route change default via 10.0.1.1 advmss 1460
client ip -6 route change default via fd00:1::1 advmss 1440
head -c 1000000 /dev/urandom >"$T/big"
want=$(md5 "$T/big")

# said WHY - connections of the log whose segments became smaller for it
said() {
	awk -v why="why=$1" '$4 == "pmtu" {
		for (i = 5; i <= NF; i++) if ($i == why) n++
	} END { print n + 0 }' "$T/log"
}

for a in $V4 $V6; do
	phantom -f "$T/big"
	is "1 MB through a router with 1300 bytes behind it, $a" \
	    "$(client timeout 30 nc -d $a 80 | md5)" "$want"
	is "the router has told once of its MTU, $a" \
	    "$(grep -c ' pmtu mtu=1300 why=icmp' "$T/log")" 1
	is "no time-out was needed, $a" "$(grep -c ' timeout ' "$T/log")" 0
	phantom_end
done

# What one connection has learned, the next knows; not in a run that is to be
# repeated, nor where it is not wanted
for o in '' '-S 7' '-S 7 --path-cache on' '--path-cache off'; do
	case $o in *on | '') known=1 ;; *) known=2 ;; esac
	# shellcheck disable=SC2086
	phantom $o -f "$T/big"
	for i in 1 2; do
		is "1 MB, connection $i, ${o:-no option}" \
		    "$(client timeout 30 nc -d $V4 80 | md5)" "$want"
	done
	is "connections that were told of the MTU, ${o:-no option}" \
	    "$(said icmp)" $known
	phantom_end
done

mute() {
	have iptables ip6tables &&
	    router iptables -w -A OUTPUT -p icmp -j DROP &&
	    router ip6tables -w -A OUTPUT -p icmpv6 \
		--icmpv6-type packet-too-big -j DROP
}
if mute; then
	for a in $V4 $V6; do
		phantom -f "$T/big"
		is "1 MB through a black hole, $a" \
		    "$(client timeout 60 nc -d $a 80 | md5)" "$want"
		is "smaller segments were tried, $a" "$(said black-hole)" 1
		is "the router has told nothing, $a" "$(said icmp)" 0
		phantom_end
	done
else
	skip 'black holes' iptables
fi

# ---- the client sends without DF, the link to the phantom is the narrow one
ip -n router link set eth1 mtu 1500
ip -n client link set eth0 mtu 1500
ip -n router link set eth0 mtu 1300
client sysctl -qw net.ipv4.ip_no_pmtu_disc=1
: >"$T/got"
phantom -f "$T/big" -o "$T/got"
client timeout 30 nc -N $V4 80 <"$T/big" >"$T/out"
wait_for 10 cmp -s "$T/big" "$T/got"
is '1 MB in fragments from the client' "$(md5 "$T/got")" "$want"
is 'and the response' "$(md5 "$T/out")" "$want"
is 'no fragment was dropped' "$(grep -c ' drop .*fragment' "$T/log")" 0
is 'fragments there were' "$(router cat /proc/net/snmp | awk '
	$1 == "Ip:" && !n++ { for (i = 2; i <= NF; i++) k[i] = $i; next }
	$1 == "Ip:" { for (i in k) if (k[i] == "FragCreates") print ($i > 0) }
	')" 1
phantom_end
done_testing
