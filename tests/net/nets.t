#!/bin/bash
# Nets behind routers that are not there: traceroute shows them, v4 and v6; TCP
# and UDP pass; what the lines do to packets; what has no host; the MTU.
. "${0%/*}/../lab.sh"
lab "$@"
need curl nc ping python3 traceroute
head -c 300000 /dev/urandom >"$T/file"
cat >"$T/net.conf" <<'END'
default  tcp closed  udp closed
host 10.0.0.1  os cisco-ios  mac 00:1b:21:00:00:01
host 10.0.0.5  tcp open
net 10.2.0.0/16 behind 10.0.0.1 delay 20ms
net 10.3.0.0/16 behind 10.2.0.1
net 10.4.0.0/16 behind 10.3.0.1 delay 5ms mtu 1280
net 10.9.0.0/24 behind 10.0.0.7 loss 100%
host 10.2.0.0/24
    udp 7 echo
host 10.4.0.0/16
    tcp 80 file file
    tcp 81 command 'wc -c'
    udp 7  echo
host 10.9.0.0/24
net 2001:db8:2::/48 behind fd00::1 delay 20ms
net 2001:db8:3::/48 behind 2001:db8:2::1
net 2001:db8:4::/48 behind 2001:db8:3::1 mtu 1280
host 2001:db8:4::/48  copies 10.4.0.0/16
END
is '--check counts them' "$("$BIN/phantom" --hosts "$T/net.conf" --check)" \
    "$T/net.conf: 11 hosts, 4 lines of ports, 7 nets behind routers"
is '--print shows who is the routers' "$("$BIN/phantom" --hosts "$T/net.conf" \
    --print eth0 | grep -c 'net-phantom .* --errors .* -- ')" 2
phantom_up -n --hosts "$T/net.conf" -l "$T/log" eth0
client ip route add 10.2.0.0/15 via 10.0.0.1
client ip route add 10.4.0.0/16 via 10.0.0.1
client ip route add 10.9.0.0/24 via 10.0.0.7
client ip route add 2001:db8::/32 via fd00::1

# hops ARG... - the routers that traceroute shows
hops() {
	client traceroute -n -w 5,0,0 -q 1 "$@" | awk 'NR > 1 { print $2 }' |
	    paste -sd' '
}
v4='10.0.0.1 10.2.0.1 10.3.0.1 10.4.77.5'
v6='fd00::1 2001:db8:2::1 2001:db8:3::1 2001:db8:4::5'
is 'three routers, by UDP' "$(hops 10.4.77.5)" "$v4"
is 'by ping' "$(hops -I 10.4.77.5)" "$v4"
is 'by TCP' "$(hops -T -p 80 10.4.77.5)" "$v4"
is 'IPv6, by UDP' "$(hops 2001:db8:4::5)" "$v6"
is 'IPv6, by ping' "$(hops -I 2001:db8:4::5)" "$v6"
is 'IPv6, by TCP' "$(hops -T -p 80 2001:db8:4::5)" "$v6"

# pinged ARG... - TTL, and whether it took as long as the delays are
pinged() {
	client ping -n -c 1 -W 3 "$@" |
	    sed -nE 's/.*ttl=([0-9]+) time=([0-9]+).*/\1 \2/p' |
	    awk '{ print $1, ($2 < 40 ? "near" : "far") }'
}
is 'the first router answers ping, as its system does' "$(pinged 10.0.0.1 |
    cut -d' ' -f1)" 255
is 'a later one, after both ways' "$(pinged 10.2.0.1)" '63 far'
is 'a host behind three' "$(pinged 10.4.255.254)" '61 far'
is 'IPv6' "$(pinged 2001:db8:4::1:2)" '61 far'
is 'a line that loses all' "$(pinged -W 1 10.9.0.5)" ''
client ping -n -c 1 -W 2 10.0.0.7 >"$T/many"
is 'but not its router' "$(pinged 10.0.0.7 | cut -d' ' -f1)" 64
is 'no host: the router says so' "$(client ping -n -c 1 -W 2 10.2.77.7 |
    grep -o 'From .* Unreachable')" \
    'From 10.0.0.1 icmp_seq=1 Destination Host Unreachable'
# to an address in no net, in two pipelines: one error each
client ip route add 192.0.2.0/24 via 10.0.0.1
is 'no route: the router says so, to ping' "$(client ping -n -c 2 -i 0.3 -W 2 \
    192.0.2.7 | grep -o 'From .* Unreachable')" "\
From 10.0.0.1 icmp_seq=1 Destination Net Unreachable
From 10.0.0.1 icmp_seq=2 Destination Net Unreachable"
is 'to TCP' "$(client nc -v -w 5 192.0.2.7 80 2>&1 |
    grep -o 'Network is unreachable')" 'Network is unreachable'
client ip route add 2001:db9::/32 via fd00::1
is 'with IPv6' "$(client ping -n -c 1 -W 2 2001:db9::7 |
    grep -o 'From .*')" \
    'From fd00::1 icmp_seq=1 Destination unreachable: No route'
client ip route add 10.0.0.5/32 via 10.0.0.1
is 'a host on the link by way of the router' "$(client ping -n -c 1 -W 2 \
    10.0.0.5 | grep -c ' 0% packet loss')" 1
client ip route del 10.0.0.5/32
is 'hosts behind a router are not on the link' "$(client ping -n -c 1 -W 1 \
    -I eth0 10.4.0.9 >/dev/null; client ip neigh show 10.4.0.9)" ''
is 'an MTU in the middle' "$(client ping -n -c 1 -W 2 -s 1372 -M "do" 10.4.0.5 2>&1 |
    grep -o 'From .*mtu = [0-9]*')" \
    'From 10.3.0.1 icmp_seq=1 Frag needed and DF set (mtu = 1280'
client ip route flush cache
is 'is no matter for what may be cut' "$(client ping -n -c 1 -W 2 -s 1372 \
    -M "do"nt 10.4.0.5 | grep -c ' 0% packet loss')" 1
is 'IPv6 gets to know it' "$(client ping -n -c 3 -i 0.3 -W 2 -s 1372 -M "do" \
    2001:db8:4::5 2>&1 | grep -o 'Packet too big: mtu=[0-9]*' | head -n 1)" \
    'Packet too big: mtu=1280'
md5() { md5sum | cut -c1-32; }
for a in 10.4.0.5 '[2001:db8:4::5]'; do
	is "TCP from $a" "$(client curl -s --http0.9 -m 20 "http://$a/" | md5)" \
	    "$(md5 <"$T/file")"
	is "and to it" "$(client nc -N -w 20 "$(tr -d '[]' <<<"$a")" 81 \
	    <"$T/file")" 300000
done
is 'UDP' "$(client sh -c 'echo hallo | nc -u -w 2 10.4.3.2 7')" hallo
is 'the rest of the link is as ever' "$(pinged 10.0.0.5 | cut -d' ' -f1)" 64

is 'an address that is not in the file' "$(pinged -W 1 10.2.5.5)" ''
echo 'host 10.2.5.0/24' >>"$T/net.conf"
kill -HUP $ph
ok 'is there when the file has been read again' wait_for 10 \
    eval '[ "$(pinged -W 1 10.2.5.5)" != "" ]'

client ip route add 10.66.0.0/16 via 10.0.0.1
printf 'net 10.66.0.0/16 behind 10.0.0.1 delay 50ms\nhost 10.66.0.0/24\n' \
    >>"$T/net.conf"
kill -HUP $ph
ok 'and so is a net that is new' wait_for 10 \
    eval '[ "$(pinged -W 1 10.66.0.5)" != "" ]'
is 'its router counts' "$(pinged -W 1 10.66.0.5 | cut -d ' ' -f 1)" 63

# a flood that expires gets a hundred errors a second, and some at once
is 'errors are limited' "$(client python3 - <<'END'
import socket, time
r = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
r.settimeout(0.5)
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 1)
n = 0
for i in range(2000):
    s.sendto(b'x', ('10.4.0.5', 9))
try:
    while True:
        r.recv(100)
        n += 1
except OSError:
    pass
print(50 < n < 300)
END
)" True

stop $ph

wrong() {
	printf '%s\n' "$@" >"$T/bad"
	"$BIN/phantom" --hosts "$T/bad" --check 2>&1
}
is 'a router in its own net' "$(wrong 'net 10.2.0.0/16 behind 10.2.0.1')" \
    "phantom: $T/bad:1:24: behind 10.2.0.1: a router is not in the net behind it"
is 'wrong words of a line' \
    "$(wrong 'net 10.2.0.0/16 behind 10.0.0.1 delay 5ms loss much')" \
    "phantom: $T/bad:1:48: loss much: not a percentage"
is 'nets in the wrong order' "$(wrong 'net 10.3.0.0/16 behind 10.2.0.1' \
    'net 10.2.0.0/16 behind 10.0.0.1')" "phantom: $T/bad:2:5: net 10.2.0.0/16: \
a router of a net above is in it: give this line before that"
done_testing
