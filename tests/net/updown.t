#!/bin/bash
# An interface that goes down and up again, and one that is removed: what uses
# it says one line, waits and goes on; it ends when the interface is gone.
. "${0%/*}/../lab.sh"
lab "$@"
need curl dnsmasq python3
down='eth0 is down: nothing passes until it is up'
seq 100000 >"$T/file"

# start - a phantom, and two programs that use a gate
start() {
	phantom -a $V4 -f "$T/file" # the other has a line of its own
	begin icmp-ping -q -c 1000 -i 0.2 -s 10.0.0.3 eth0 10.0.0.9 \
	    >"$T/ping" 2>"$T/ping.err"
	ping=$!
	begin command phantom -n -f "$T/file" eth0 10.0.0.6 >"$T/whole" 2>&1
	whole=$!
	wait_for 10 client curl -s --http0.9 -o "$T/got" "$(url 10.0.0.6)"
	wait_for 10 client curl -s --http0.9 -o "$T/got" "$(url $V4)"
}
# told FILE TIMES - that it is down, this often
told() { [ "$(grep -c "$down" "$1")" = "$2" ]; }

start
for i in 1 2; do
	ip link set eth0 down
	for p in arp rawcap ping; do
		ok "$i: $p says that the interface is down" \
		    wait_for 3 told "$T/$p.err" "$i"
	done
	ok "$i: so does phantom, once" wait_for 3 told "$T/whole" "$i"
	sleep 0.7
	ip link set eth0 up
	ok "$i: up again, the line serves" wait_for 5 client \
	    curl -s --http0.9 -m 2 -o "$T/got$i" "$(url $V4)"
	is "$i: every byte" "$(md5 "$T/got$i")" "$(md5 "$T/file")"
	ok "$i: the phantom too" wait_for 5 client \
	    curl -s --http0.9 -m 2 -o "$T/got" "$(url 10.0.0.6)"
	sleep 1.5
done

# ---- a smaller MTU: what is too long is lost, but not in silence
smaller='the MTU of eth0 is below 1500 now: longer packets are lost; start again'
ip link set eth0 mtu 1300
client curl -s --http0.9 -m 2 -o "$T/got" "$(url $V4)"
ok 'a smaller MTU is told' wait_for 3 grep -q "$smaller" "$T/rawinject.err"
client curl -s --http0.9 -m 2 -o "$T/got" "$(url 10.0.0.6)"
wait_for 3 grep -q "$smaller" "$T/whole"
is 'by the phantom too, once' "$(grep -c "$smaller" "$T/whole")" 1
ip link set eth0 mtu 1500
ok 'with the old one all passes' wait_for 5 client \
    curl -s --http0.9 -m 2 -o "$T/got" "$(url $V4)"

# ---- in the midst of work that waits for answers
dnsmasq_conf 10.0.0.59 >"$T/dnsmasq.conf"
# works NAME COMMAND... - its end is looked at by worked
works() {
	local name=$1
	shift
	begin command "$@" >"$T/$name" 2>"$T/$name.err"
	pid[$name]=$!
}
declare -A pid
# bound PORT - by a UDP socket of the client
bound() { client grep -q ":$(printf %04X "$1") " /proc/net/udp; }
begin ip netns exec client python3 -c 'import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("", 53))
time.sleep(60)'
silent=$!
wait_for 10 bound 53
begin client python3 -m http.server 8000 --bind 10.0.0.9 >"$T/http" 2>&1
wait_for 10 client bash -c 'echo >/dev/tcp/10.0.0.9/8000' 2>/dev/null
works arp-query arp-query -n -c 9 -s 10.0.0.3 eth0 10.0.0.77
works dns-query dns-query -n -c 9 -w 1 -s 10.0.0.11 eth0 @10.0.0.9 x.test A
works dhcp-lease dhcp-lease -n -w 15 -m 02:50:aa:aa:aa:aa eth0
works tcp-drill tcp-drill -n -s 10.0.0.64/29 -j 1 --only 'connect/*' \
    --only 'data/*' eth0 10.0.0.9:8000
works pipe-plug pipe-plug if:eth0 -- icmp-ping -q -n -c 30 -i 0.1 \
    -s 10.0.0.4 - 10.0.0.9
sleep 0.7
ip link set eth0 down
sleep 0.5
client ip addr add 10.0.0.77/24 dev eth0
stop $silent
begin client dnsmasq -C "$T/dnsmasq.conf" 2>"$T/dnsmasq.err"
wait_for 10 bound 67
ip link set eth0 up
for p in arp-query dns-query dhcp-lease tcp-drill pipe-plug; do
	wait "${pid[$p]}"
	is "$p goes on" $? 0 || diag <"$T/$p.err"
done
is 'and has the answer' "$(cat "$T"/{arp,dns}-query | xargs)" \
    '02:00:00:00:00:09 10.1.2.3'

ip link set eth0 down
ip link set eth0 up
ip link del eth0
ok 'removed: the line ends' wait_for 5 gone "$line"
ok 'arp-phantom ends' wait_for 5 gone "$arp"
wait "$arp"
is 'as a failure' $? 1
ok 'an exchange ends' wait_for 5 gone "$ping"
wait "$ping"
is 'as a failure' $? 1
ok 'phantom ends' wait_for 10 gone "$whole"
wait "$whole"
is 'as a failure' $? 1
ok 'and is told why' grep -q 'the interface is gone' "$T/rawcap.err"
done_testing
