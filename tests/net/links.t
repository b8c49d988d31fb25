#!/bin/bash
# phantom on links that want something of it: jumbo frames, a macvlan, a VLAN,
# a bridge whose port does not forward yet.
. "${0%/*}/../lab.sh"
LAB_UID=1000 # for tcpdump
lab "$@"
need tcpdump curl ping
# start ARGUMENTS... - a phantom, until it answers
start() {
	rm -f "$T/log" "$T/said"
	begin command phantom -n -l "$T/log" "$@" >"$T/said" 2>&1
	pid=$!
	wait_for 20 grep -q ' claim' "$T/log"
}
up() { start -f examples/resp.txt "$@"; }
hosts() { start --hosts "$T/hosts" "$@"; }
said() { grep -c "$1" "$T/said"; }
page() { client curl -s -m 5 -o "$T/got" -w '%{http_code}' "http://$1/"; }

# ---- MTU 9000
ip link set eth0 mtu 9000
client ip link set eth0 mtu 9000
client tcpdump -l -n -c 1 -i eth0 'tcp[13] == 18' \
    >"$T/synack" 2>"$T/tcpdump" &
dump=$!
began+=("$dump")
wait_for 5 grep -q listening "$T/tcpdump"
up eth0 $V4
is 'MTU 9000: a page' "$(page $V4)" 200
wait_for 5 gone $dump
is 'its MSS is 8960' "$(grep -o 'mss [0-9]*' "$T/synack")" 'mss 8960'
is 'a ping of 8972 bytes' "$(client ping -n -c 1 -W 2 -M "do" -s 8972 $V4 |
    grep -c '1 received')" 1
stop $pid
is 'the plan has it' "$(command phantom --print -f examples/resp.txt eth0 $V4 |
    grep -c -- '--mtu 9000')" 2
is 'but what was given counts' "$(command phantom --print --mtu 1400 \
    -f examples/resp.txt eth0 $V4 | grep -c -- '--mtu 9000')" 0
ip link set eth0 mtu 1500
client ip link set eth0 mtu 1500
is 'nothing is said of 1500' "$(command phantom --print eth0 $V4 |
    grep -c -- --mtu)" 0

# ---- a macvlan
if ip link add mv0 link eth0 address 02:00:00:00:00:77 type macvlan \
    mode bridge 2>"$T/err"; then
	ip link set mv0 up
	up mv0 $V4
	is 'a macvlan: what it takes is said before it fails' \
	    "$(grep -c 'mv0 is a macvlan.*give -m 02:00:00:00:00:77' \
	    "$T/said")" 1
	stop $pid
	up -m 02:00:00:00:00:77 mv0 $V4
	is 'with its MAC nothing is said' "$(said macvlan)" 0
	is 'and it works' "$(page $V4)" 200
	stop $pid
	printf 'host %s mac 02:00:00:00:00:77\nhost 10.0.0.66\n' $V4 >"$T/hosts"
	hosts mv0
	is 'of a file, each host wants it' \
	    "$(grep -c 'mv0 is a macvlan.*host.*mac 02:00:00:00:00:77' \
	    "$T/said")" 1
	stop $pid
	printf 'host 10.0.0.66 mac 02:00:00:00:00:77\n' >>"$T/hosts"
	sed -i 2d "$T/hosts"
	hosts mv0
	is 'where all have it nothing is said' "$(said macvlan)" 0
	ok 'and they answer' client ping -c 1 -W 2 10.0.0.66
	stop $pid
	ip link del mv0
else
	skip 'a macvlan' 'macvlan in this kernel'
fi

# ---- a VLAN, as an interface of its own
if ip link add link eth0 name eth0.5 type vlan id 5 2>"$T/err"; then
	ip link set eth0.5 up
	client ip link add link eth0 name eth0.5 type vlan id 5
	client ip link set eth0.5 up
	client ip addr add 10.5.0.9/24 dev eth0.5
	up eth0.5 10.5.0.5
	is 'a VLAN: a page' "$(page 10.5.0.5)" 200
	stop $pid
else
	skip 'a VLAN' 'vlan in this kernel'
fi

# ---- ndppd's and proxy_arp's job: a prefix behind this host, by its own MAC
host inner
# a router whose own address is tentative asks for nobody
sysctl -qw net.ipv6.conf.default.accept_dad=0
ip link add in0 type veth peer name eth0 netns inner
ip link set in0 up
ip addr add 10.0.0.129/25 dev in0
ip addr add fd00:1::1/64 dev in0 nodad
ip -n inner link set eth0 up
ip -n inner addr add 10.0.0.130/25 dev eth0
ip -n inner addr add fd00:1::130/64 dev eth0 nodad
ip -n inner route add default via 10.0.0.129
ip -n inner -6 route add default via fd00:1::1
ip route add 10.0.0.9/32 dev eth0
ip -6 route add fd00::9/128 dev eth0
client ip -6 route add fd00:1::/64 dev eth0
sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
(stage arp arp-phantom -m "$(ip -o link show eth0 |
    sed 's/.*ether \([^ ]*\).*/\1/')" eth0 10.0.0.128/25 fd00:1::/64) &
arp=$!
began+=("$arp")
wait_for 5 grep -q ' claim len=64' "$T/arp.err"
is 'a host behind this one is reached' "$(client ping -n -c 3 -i 0.5 -W 1 \
    10.0.0.130 | grep -c 'bytes from')" 3
is 'and by IPv6' "$(client ping -n -c 3 -i 0.5 -W 1 fd00:1::130 |
    grep -c 'bytes from')" 3
stop $arp
ip link del in0

# ---- a bridge whose port listens and learns for two seconds each
ip link add name br0 type bridge forward_delay 200 stp_state 1
ip link set br0 up
ip link set eth0 master br0
rm -f "$T/said"
"$BIN/phantom" -n br0 $V4 >"$T/said" 2>&1 &
pid=$!
began+=("$pid")
wait_for 5 grep -q waiting "$T/said"
s=${EPOCHREALTIME/./}
stop $pid
is 'a bridge: SIGTERM while it waits' \
    "$? $(((${EPOCHREALTIME/./} - s) < 1000000))" '0 1'
up br0 $V4
is 'a bridge: it waits until the port forwards' \
    "$(said 'waiting until the bridge forwards')" 1
is 'and is reached then' "$(page $V4)" 200
stop $pid
up br0 $V4
is 'it does not wait for one that does' "$(said waiting)" 0
stop $pid
done_testing
