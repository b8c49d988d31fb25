#!/bin/bash
# A phantom on a whole /24 beside a router that is the DHCP server as well,
# and pings an address before it offers it: new clients get their leases at
# once, phantoms stay reachable through the router, and what a client has
# taken is its own.
. "${0%/*}/../lab.sh"
LAB_NET=home
# home - a switch with the phantom, a client, a newcomer and the router, which
# has the host "far" behind it
home() {
	local n
	ip netns add switch && ip -n switch link add sw type bridge &&
	    ip -n switch link set sw up || return
	host client && host router && host newcomer && host far || return
	ip link add eth0 mtu 1500 address 02:00:00:00:00:01 type veth \
	    peer name phantom netns switch
	for n in client:09 router:fe newcomer:aa; do
		ip -n ${n%:*} link add eth0 mtu 1500 type veth \
		    peer name ${n%:*} netns switch
		ip -n ${n%:*} link set eth0 address 02:00:00:00:00:${n#*:}
	done
	for n in phantom client router newcomer; do
		ip -n switch link set $n master sw up
	done
	ip link set lo up
	ip link set eth0 up
	address client 9 && address router 254
	ip -n newcomer link set eth0 up
	ip -n router link add eth1 type veth peer name eth0 netns far
	ip -n router link set eth1 up
	ip -n far link set eth0 up
	ip -n router addr add 192.168.7.1/24 dev eth1
	ip -n far addr add 192.168.7.2/24 dev eth0
	ip -n far route add default via 192.168.7.1
	router sysctl -qw net.ipv4.ip_forward=1
}
router() { ip netns exec router "$@"; }
newcomer() { ip netns exec newcomer "$@"; }
far() { ip netns exec far "$@"; }
lab "$@"
need dnsmasq curl ping

# dhcp - the router's server, with its ping check
dhcp() {
	cat >"$T/dnsmasq.conf" <<END
port=0
no-daemon
dhcp-authoritative
dhcp-leasefile=$T/leases
interface=eth0
dhcp-range=10.0.0.50,10.0.0.59,255.255.255.0,1h
log-dhcp
END
	dhcp_server router
}
fetch() { far curl -s -m 8 -o "$T/got" "http://10.0.0.$1/" &&
    cmp -s "$T/got" <(tail -c "$(wc -c <"$T/got")" examples/resp.txt); }
# yielded ADDRESS - the log has it
yielded() { grep -q " $1 .* yield " "$T/log"; }

dhcp
begin command phantom -l "$T/log" -f examples/resp.txt eth0 10.0.0.0/24 \
    >"$T/said" 2>&1
wait_for 10 grep -qs ' claim' "$T/log"
is 'what it says is true' "$(grep -c 'that no host uses' "$T/said")" 1
# all of the server's range has been reached through the router
reached=0
for i in 50 51 52 53 54 55 56 57 58 59; do
	far ping -n -c 5 -i 0.5 -W 1 "10.0.0.$i" >"$T/ping.$i" 2>&1 &
	began+=($!)
	pinged[i]=$!
done
for i in "${!pinged[@]}"; do
	wait "${pinged[i]}" && reached=$((reached + 1))
done
is 'every phantom of the range has been pinged by a host behind the router' \
    $reached 10

# lease NAME COMMAND... - a client that configures nothing; it may take $most
# seconds: the server's ping check has three
most=7
lease() {
	local name=$1 begun=$SECONDS
	shift
	if ! have "$1"; then
		skip "$name" "$1"
		return
	fi
	timeout 30 ip netns exec newcomer "$@" >"$T/out" 2>&1
	is "$name: a lease at once" "$? $((SECONDS - begun <= most))" '0 1' ||
	    cat "$T/out" "$T/dnsmasq.err" | tail -n 30 | diag
	addr=$(sort -n "$T/leases" | awk '{ a = $3 } END { print a }')
	ok "$name: the phantom has given up $addr" wait_for 5 yielded "$addr"
}
lease dhcp-lease dhcp-lease -m 02:50:aa:aa:aa:aa eth0
ok 'a phantom beside the lease answers' fetch 77
lease udhcpc udhcpc -n -q -f -i eth0 -s /bin/true
lease dhclient dhclient -4 -1 -sf /bin/true -lf "$T/dhclient.leases" \
    -pf "$T/dhclient.pid" eth0
[ -s "$T/dhclient.pid" ] && kill "$(cat "$T/dhclient.pid")"
# it asks by ARP whether it may have the address (RFC 5227), and takes it
most=14
lease dhcpcd dhcpcd -4 -1 -q -t 25 -c /bin/true eth0
newcomer ip addr flush dev eth0
ok 'phantoms still answer through the router' fetch 78

# a client that has its lease is the one that is reached
newcomer ip addr add "$addr/24" dev eth0
newcomer ping -n -c 1 -W 2 10.0.0.254 >"$T/ping" 2>&1
mac=$(newcomer cat /sys/class/net/eth0/address)
router ping -n -c 1 -W 2 "$addr" >"$T/ping" 2>&1
is 'the router finds the client' "$(router ip neigh show "$addr" |
    grep -o '[0-9a-f:]\{17\}')" "$mac"
client ping -n -c 1 -W 3 "$addr" >"$T/ping" 2>&1
is 'and so does a neighbour' "$(client ip neigh show "$addr" |
    grep -o '[0-9a-f:]\{17\}')" "$mac"
is 'the server saw no conflict' "$(grep -cE 'DECLINE|not giving' \
    "$T/dnsmasq.err")" 0
done_testing
