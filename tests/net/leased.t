#!/bin/bash
# phantom iface dhcp: it gets an address from dnsmasq, serves there, renews the
# lease, moves when the server gives another address, and releases it.
. "${0%/*}/../lab.sh"
lab "$@"
need dnsmasq curl ping
# server FIRST LAST - dnsmasq, which wants its leases renewed after two seconds
server() {
	cat >"$T/dnsmasq.conf" <<END
port=0
no-daemon
no-ping
dhcp-authoritative
dhcp-leasefile=$T/leases
interface=eth0
dhcp-range=$1,$2,255.255.255.0,1h
dhcp-option=option:T1,2
dhcp-option=option:T2,6
log-dhcp
END
	dhcp_server
}
said() { grep -qF "$1" "$T/said"; }
served() { grep -c "$1" "$T/dnsmasq.err"; }

command phantom --print eth0 dhcp >"$T/said" 2>&1
is '--print: exit 2' $? 2
command phantom -f examples/resp.txt eth0 dhcp 10.0.0.5 >"$T/said" 2>&1
is 'dhcp and an address: exit 2' $? 2

server 10.0.0.50 10.0.0.50
begin command phantom -f examples/resp.txt eth0 dhcp >"$T/said" 2>&1
pid=$!
ok 'it gets an address and answers there' wait_for 10 said '10.0.0.50 answers'
mac=$(awk '{ print $2 }' "$T/leases")
is 'a page from it' "$(client curl -s -m 10 -o "$T/got" -w '%{http_code}' \
    http://10.0.0.50/)" 200
ok 'a ping' client ping -n -c 1 -W 2 10.0.0.50
is 'at the MAC of the lease' "$(client ip neigh show 10.0.0.50 |
    grep -o '[0-9a-f:]\{17\}')" "$mac"
ok 'it renews the lease' wait_for 10 eval '[ "$(served DHCPACK)" -ge 2 ]'
ok 'and is where it was' client ping -n -c 1 -W 2 10.0.0.50
is 'no error to the server' "$(grep -c unreachable "$T/said")" 0

# another server, which knows nothing of that address
stop "$dnsmasq"
rm -f "$T/leases" "$T/dnsmasq.err"
server 10.0.0.60 10.0.0.60
ok 'another address: it moves there' wait_for 30 said '10.0.0.60 answers'
ok 'and answers' client ping -n -c 1 -W 2 10.0.0.60
stop $pid
is 'SIGTERM ends it' $? 0
released() { grep -q 'DHCPRELEASE.*10.0.0.60' "$T/dnsmasq.err"; }
ok 'and the lease is released' wait_for 5 released
is 'nothing is left' "$(pgrep -c dhcp-lease)" 0

# killed, it leaves no phantom whose lease nobody renews
command phantom -f examples/resp.txt eth0 dhcp >"$T/said" 2>&1 &
pid=$!
began+=("$pid")
ok 'once more' wait_for 10 said '10.0.0.60 answers'
kill -KILL $pid
gone() { ! pgrep -x 'tcpfsm|arp-phantom|dhcp-lease' >/dev/null; }
ok 'SIGKILL ends what it has started' wait_for 5 gone

stop "$dnsmasq"
command phantom -m 02:50:aa:aa:aa:aa eth0 dhcp >"$T/said" 2>&1 &
pid=$!
began+=("$pid")
wait_for 5 said asking
sleep 0.5
stop $pid INT
is 'a signal before there is a lease: exit 1' $? 1
done_testing
