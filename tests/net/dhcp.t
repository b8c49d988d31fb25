#!/bin/bash
# dhcp-lease and dnsmasq: a lease for a host that does not exist, as the
# server's own file has it; kept, declined and released; then a phantom at it.
. "${0%/*}/../lab.sh"
LAB_UID=1000 # for tcpdump
lab "$@"
need dnsmasq tshark curl
# server LINES... - dnsmasq, with these lines besides
server() {
	rm -f "$T/leases"
	{
		cat <<END
port=0
no-daemon
no-ping
dhcp-authoritative
dhcp-leasefile=$T/leases
interface=eth0
dhcp-option=option:router,10.0.0.1
dhcp-option=option:dns-server,10.0.0.1,10.0.0.2
dhcp-option=option:ntp-server,10.0.0.3
dhcp-option=option:mtu,1400
log-dhcp
END
		printf '%s\n' "$@"
	} >"$T/dnsmasq.conf"
	dhcp_server
}
lease() { timeout 30 dhcp-lease "$@" 2>"$T/err"; }
file() { cut -d ' ' -f 2- "$T/leases"; }

(exec ip netns exec client tcpdump -U --immediate-mode -n -i eth0 \
    -w "$T/pcap" 2>"$T/tcpdump.err") &
dump=$!
began+=("$dump")
wait_for 10 grep -q 'listening on' "$T/tcpdump.err"

# --- a lease, as variables
server 'dhcp-range=10.0.0.50,10.0.0.50,255.255.255.0,1h' \
    "domain=it's.test"
SECONDS=0
is 'a lease' "$(lease -m 02:50:aa:bb:cc:dd -H ghost eth0 >"$T/out"; echo $?)" 0
is 'in less than ten seconds' "$((SECONDS < 10))" 1
is 'every variable' "$(sed 's/^EXPIRES=[0-9]*$/EXPIRES=/' "$T/out")" \
    "ADDR=10.0.0.50
MAC=02:50:aa:bb:cc:dd
PREFIX=24
BROADCAST=10.0.0.255
ROUTER='10.0.0.1'
DNS='10.0.0.1 10.0.0.2'
NTP='10.0.0.3'
DOMAIN='it'\\''s.test'
HOST='ghost'
MTU=1400
SERVER=10.0.0.9
LEASE=3600
RENEW=1800
REBIND=3150
EXPIRES="
is 'nothing on stderr' "$(cat "$T/err")" ''
is "the server's file has it" "$(file)" \
    '02:50:aa:bb:cc:dd 10.0.0.50 ghost 01:02:50:aa:bb:cc:dd'
DOMAIN='' EXPIRES=''
eval "$(cat "$T/out")"
is 'the shell reads it as it was said' "$DOMAIN" "it's.test"
now=$(date +%s)
is 'and knows until when' "$((EXPIRES > now + 3500 && EXPIRES < now + 3700))" 1
lease -m 02:50:aa:bb:cc:dd -a 10.0.0.50 -n -v -o "$T/file" eth0 >"$T/out"
is 'the same address again, to a file' "$(grep ADDR "$T/file")$(cat "$T/out")" \
    ADDR=10.0.0.50
is '-v tells the messages' "$(grep -cE '(sent|heard) (DISCOVER|OFFER|REQUEST|ACK)' \
    "$T/err")" 4
lease -w 1 eth0 >"$T/out"
is 'no address left: exit 1' "$? $(cat "$T/out" "$T/err")" \
    '1 dhcp-lease: get a lease: no answer from a DHCP server'

# --- the eval line, then a phantom at the address
eval "$(lease -n -m 02:50:aa:bb:cc:dd eth0)"
printf 'HTTP/1.0 200 OK\r\n\r\nI am leased.\n' >"$T/resp"
(stage arp arp-phantom -n -m "$MAC" eth0 "$ADDR") &
arp=$!
began+=("$arp")
phantom -a "$ADDR" -m "$MAC" -f "$T/resp"
is 'curl reaches it' "$(client curl -s -m 10 "http://$ADDR/")" 'I am leased.'
is 'at the MAC of the lease' "$(client ip neigh show "$ADDR" |
    sed 's/.*lladdr \([^ ]*\).*/\1/')" "$MAC"
phantom_end
stop "$arp"
stop "$dnsmasq"

# --- kept, and released
server 'dhcp-range=10.0.0.51,10.0.0.52,255.255.255.0,1h'
rm -f "$T/out"
dhcp-lease --keep eth0 >"$T/out" 2>"$T/err" &
keep=$!
began+=("$keep")
wait_for 20 grep -q EXPIRES "$T/out"
eval "$(cat "$T/out")"
is '--keep: a MAC of its own, in the file' "$(file | cut -c 1-5,18-)" \
    "02:50 $ADDR * 01:$MAC"
is '--keep: answers ARP' "$(mac_found "$ADDR")" "$MAC"
stop $keep
is '--keep: SIGTERM ends it with 0' "$? $(cat "$T/err")" '0 '
released() { grep -q DHCPRELEASE "$T/dnsmasq.err" && ! [ -s "$T/leases" ]; }
ok 'and the lease is released' wait_for 5 released

# --- another station, at 52:54:00:00:00:77, that has or wants the address
cat >"$T/forge" <<'END'
import os, socket, struct, sys, time
mac = bytes.fromhex('525400000077')
spa, tpa = (socket.inet_aton(a) for a in sys.argv[1:3])
f = b'\xff' * 6 + mac + bytes.fromhex('08060001080006040001') + mac + spa + \
    bytes(6) + tpa
out = sys.stdout.buffer
out.write(struct.pack('<IHHiIII', 0xa1b23c4d, 2, 4, 0, 0, 262144, 1))
while True:
    out.write(struct.pack('<IIII', 1, 0, len(f), len(f)) + f)
    out.flush()
    if not os.path.exists(sys.argv[3]):
        break
    time.sleep(0.05)
END
# forge SENDER TARGET - an ARP request of it; one every 0.05 s while $T/forging
# is there
forge() {
	python3 "$T/forge" "$1" "$2" "$T/forging" |
	    client rawinject -q eth0
}
# forged - how often so far; forged_more N - more often
forged() {
	tcpdump -n -r "$T/pcap" ether src 52:54:00:00:00:77 2>/dev/null | wc -l
}
forged_more() { [ "$(forged)" -gt "$1" ]; }
# announced N - so many times, by us
announced() {
	[ "$(tcpdump -n -r "$T/pcap" "arp and ether src $MAC and
	    arp[14:4] == arp[24:4]" 2>/dev/null | wc -l)" -ge "$1" ]
}
if have python3; then
	rm -f "$T/out"
	dhcp-lease --keep -m 02:50:aa:bb:cc:ef eth0 >"$T/out" 2>"$T/err" &
	keep=$!
	began+=("$keep")
	wait_for 20 grep -q EXPIRES "$T/out"
	eval "$(cat "$T/out")"
	wait_for 5 announced 1
	forge "$ADDR" "$ADDR"
	ok 'one forged announcement: the address is defended' \
	    wait_for 5 announced 2
	ok 'and kept' kill -0 $keep
	forge "$ADDR" 10.0.0.77
	ok 'a second one: it is given up' wait_for 5 grep -q \
	    "lose $ADDR: it is in use by 52:54:00:00:00:77, declined" "$T/err"
	ok 'and declined' wait_for 5 grep -q "DHCPDECLINE.* $ADDR " \
	    "$T/dnsmasq.err"
	stop $keep
	for i in '10.0.0.52 10.0.0.52 announces' '10.0.0.52 10.0.0.9 asks' \
	    '0.0.0.0 10.0.0.52 probes'; do
		: >"$T/forging"
		had=$(forged)
		# shellcheck disable=SC2086
		forge $i &
		wait_for 10 forged_more "$had"
		lease -m 02:50:aa:bb:cc:f0 -w 4 -a 10.0.0.52 eth0 >"$T/out"
		is "an address that another ${i##* }: declined" \
		    "$? $(cat "$T/out" "$T/err")" '1 dhcp-lease: get a lease: 10.0.0.52 is in use by 52:54:00:00:00:77, declined'
		rm "$T/forging"
		wait $!
	done
else
	skip 'another station' python3
fi

# --- an address that somebody has: the server's host, without knowing
client ip addr add 10.0.0.51/32 dev lo
lease -m 02:50:aa:bb:cc:ee -w 5 -a 10.0.0.51 eth0 >"$T/out"
is 'an address in use: exit 1' "$? $(cat "$T/out" "$T/err")" '1 dhcp-lease: get a lease: 10.0.0.51 is in use by 02:00:00:00:00:09, declined'
wait_for 5 grep -q 'DHCPDECLINE.* 10.0.0.51 ' "$T/dnsmasq.err"
is 'the server has heard it' \
    "$(grep -o 'DHCPDECLINE.*' "$T/dnsmasq.err" | tail -n 1 | cut -d ' ' -f 2,3)" \
    '10.0.0.51 02:50:aa:bb:cc:ee'

# --- in the packet stream
mkfifo "$T/back"
(stage rawcap rawcap eth0) <"$T/back" | timeout 20 \
    dhcp-lease -n -m 02:50:aa:bb:cc:dd - 2>"$T/out" |
    rawinject -q eth0 2>/dev/null >"$T/back" &
line=$!
began+=("$line")
wait_for 20 gone $line
is 'in a pipeline' "$(grep -cE '^(ADDR=10.0.0.5[12]|MAC=02:50:aa:bb:cc:dd)$' \
    "$T/out")" 2
stop "$dnsmasq"

# --- what has been on the wire
stop "$dump"
tshark -r "$T/pcap" -o udp.check_checksum:TRUE -o ip.check_checksum:TRUE \
    -Y 'eth.src[0:2] == 02:50' -T fields -E separator='|' -e udp.srcport \
    -e eth.dst -e dhcp.option.dhcp -e ip.dst -e _ws.expert.message \
    >"$T/frames" 2>/dev/null
is 'tshark: no checksum is wrong, nothing malformed' \
    "$(grep -ciE 'checksum|malformed' "$T/frames")" 0
is 'tshark: the messages that it has seen' "$(cut -d '|' -f 3 "$T/frames" |
    sort -un | tr '\n' ' ')" ' 1 3 4 7 '

# --- usage
for i in '' 'eth0 eth0' '-m 01:00:5e:00:00:01 eth0' '-w 0 eth0' '-w x eth0' \
    '-a fd00::5 eth0' '-a 0.0.0.0 eth0' '-H a.b eth0' '-Z eth0' '-T eth0' \
    'nosuch'; do
	# shellcheck disable=SC2086
	lease $i >"$T/out"
	is "usage, exit 2: $i" "$?$(cat "$T/out")" 2
done
done_testing
