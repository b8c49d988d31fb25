#!/bin/bash
# What is not for the phantom is left alone: three hosts on a hub (a switch
# that learns nothing), so that the line hears all that the client and its
# real neighbour say to each other.
. "${0%/*}/../lab.sh"
LAB_NET=hub LAB_UID=1000
hub() {
	ip netns add hub &&
	    ip -n hub link add sw type bridge ageing_time 0 mcast_snooping 0 &&
	    ip -n hub link set sw up || return
	host client && host neighbour || return
	ip link add eth0 mtu 1500 address 02:00:00:00:00:01 type veth \
	    peer name phantom netns hub
	ip -n client link add eth0 mtu 1500 address 02:00:00:00:00:09 type veth \
	    peer name client netns hub
	ip -n neighbour link add eth0 mtu 1500 address 02:00:00:00:00:08 type veth \
	    peer name neighbour netns hub
	local port
	for port in phantom client neighbour; do
		ip -n hub link set $port master sw up
	done
	ip link set lo up
	ip link set eth0 up
	address client 9 && address neighbour 8
}
lab "$@"
need socat tcpdump
neighbour() { ip netns exec neighbour "$@"; }
resp=examples/resp.txt
want=$(md5 $resp)
head -c 5000000 /dev/urandom >"$T/big"
big=$(md5 "$T/big")

# all that comes from the phantom's side into the hub, and all that it hears
# shellcheck disable=SC2094
ip netns exec hub tcpdump -U --immediate-mode -n -Q in -i phantom \
    -w "$T/from" 2>"$T/tcpdump1" &
began+=($!)
ip netns exec hub tcpdump -U --immediate-mode -n -s 128 -B 32768 \
    -Q out -i phantom -w "$T/to" 2>"$T/tcpdump2" &
began+=($!)
wait_for 10 grep -q listening "$T/tcpdump1"
wait_for 10 grep -q listening "$T/tcpdump2"

# servers of the neighbour: one that sends, one that echoes
begin neighbour socat TCP6-LISTEN:7001,fork,reuseaddr,ipv6only=0 \
    OPEN:"$T/big",rdonly
begin neighbour socat TCP6-LISTEN:7002,fork,reuseaddr,ipv6only=0 EXEC:cat
listening() { neighbour ss -Hltn | grep -c ':700[12] '; }
if have ss; then
	wait_for 10 eval '[ "$(listening)" = 2 ]'
else
	sleep 1
fi

# a connection from before the line is there, used again when it has gone
coproc LONG { client socat - TCP:10.0.0.8:7002 2>&1; }
began+=("$LONG_PID")
exec {to}>&"${LONG[1]}" {from}<&"${LONG[0]}"
echo before >&"$to"
read -r -t 10 -u "$from" said
is 'a connection of real hosts, before the line' "$said" before

phantom -f $resp
echo during >&"$to"
read -r -t 10 -u "$from" said
is 'the same one while the line runs' "$said" during

fetch() { client timeout 60 socat -u "TCP:$1" - 2>"$T/said" | md5; }
(fetch "$V4:80" >"$T/phantom4") &
one=$!
(fetch "[$V6]:80" >"$T/phantom6") &
two=$!
is '5 MB from the real neighbour' "$(fetch 10.0.0.8:7001)" "$big"
is '5 MB from the real neighbour, v6' "$(fetch '[fd00::8]:7001')" "$big"
wait $one $two
is 'the phantom served at the same time' "$(cat "$T/phantom4")" "$want"
is 'the phantom served at the same time, v6' "$(cat "$T/phantom6")" "$want"

# closed ports: one reset each, by the neighbour's kernel
for p in 81 82 83; do
	client socat -u TCP:10.0.0.8:$p - 2>>"$T/refused"
	client socat -u "TCP:[fd00::8]:$p" - 2>>"$T/refused"
done
is 'closed ports of the neighbour refuse' \
    "$(grep -c 'Connection refused' "$T/refused")" 6

# the frame for another host that comes to the phantom's MAC, and the other
# way about: Ethernet and IP do not agree
client ip neigh replace 10.0.0.77 lladdr 02:50:0a:00:00:05 dev eth0
client timeout 1 socat -u TCP:10.0.0.77:80 - 2>"$T/said"
is "a frame at its MAC for another's address is not answered" $? 124
client ip neigh replace 10.0.0.5 lladdr 02:00:00:00:00:08 dev eth0
client timeout 1 socat -u TCP:$V4:80 - 2>"$T/said"
is "a frame for its address at another's MAC is not answered" $? 124
client ip neigh del 10.0.0.5 dev eth0
is 'it still serves' "$(fetch "$V4:80")" "$want"

phantom_end
is 'the line ends in order' $? 0
echo after >&"$to"
read -r -t 10 -u "$from" said
is 'and the old connection lives on' "$said" after

# ---- what the captures say
sleep 0.2
count() { tcpdump -n -r "$@" 2>/dev/null | wc -l; }
real='(ip and not host 10.0.0.5) or (ip6 and tcp and not host fd00::5)'
is "the line heard the neighbour's segments" \
    "$([ "$(count "$T/to" 'tcp and host 10.0.0.8')" -gt 100 ] && echo yes)" \
    yes
is "and its own were heard in the hub" \
    "$([ "$(count "$T/from" 'tcp and host 10.0.0.5')" -gt 10 ] && echo yes)" \
    yes
is 'the line sent nothing in the name of others' \
    "$(tcpdump -n -r "$T/from" "$real" 2>/dev/null)" ''
is 'and all that it sent came from a MAC of a phantom' \
    "$(tcpdump -n -e -r "$T/from" \
    'tcp and not ether[6:2] == 0x0250' 2>/dev/null)" ''
is "one reset for each closed port, the neighbour's own" \
    "$(count "$T/to" 'tcp[tcpflags] & tcp-rst != 0 and src 10.0.0.8 and
	(src port 81 or src port 82 or src port 83)')" 3
is "the neighbour heard nothing of its connections from elsewhere" \
    "$(tcpdump -n -r "$T/from" 'dst 10.0.0.8 or dst fd00::8' 2>/dev/null |
    grep -v 'ICMP6, neighbor')" ''
done_testing
