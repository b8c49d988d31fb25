#!/bin/bash
# dns-query from a phantom: what dnsmasq knows is what dig prints of it, over
# UDP and TCP, IPv4 and IPv6; what others forge is not believed.
. "${0%/*}/../lab.sh"
lab "$@"
need dnsmasq dig tshark

string() { printf '%0*d' "$1" 7 | tr 0 "$2"; }
{
	cat <<'END'
no-resolv
no-hosts
no-daemon
user=root
local-ttl=60
edns-packet-max=4096
auth-server=ns.zone.test,10.0.0.8
auth-zone=zone.test
auth-sec-servers=ns2.zone.test
host-record=www.example.com,192.0.2.1,2001:db8::1
address=/three.example.com/192.0.2.3
cname=alias.example.com,www.example.com
mx-host=example.com,mail.example.com,10
srv-host=_xmpp._tcp.example.com,chat.example.com,5222,7,3
txt-record=example.com,"v=spf1 -all","a; \"b\" c"
ptr-record=9.2.0.192.in-addr.arpa,reverse.example.com
ptr-record=9.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa,six.example.com
dns-rr=unknown.example.com,65280,0102feff
END
	text=
	for c in a b c; do text+=,$(string 250 $c); done
	echo "txt-record=big.example.com$text"
	for i in {10..19}; do echo "txt-record=huge.example.com,$i$text"; done
} >"$T/dnsmasq.conf"
client ip addr add 10.0.0.8/24 dev eth0
client dnsmasq -C "$T/dnsmasq.conf" 2>"$T/dnsmasq.err" &
began+=($!)
answers() { client dig +time=1 +tries=1 @10.0.0.9 www.example.com; }
wait_for 10 answers || { diag <"$T/dnsmasq.err"; skip_all 'no dnsmasq'; }

query() {
	timeout 20 dns-query -n -s "${FROM:-$V4}" "$@" 2>"$T/err"
}
# same WHAT WORDS... - dns-query says what dig +short says, and exits 0
same() {
	local what=$1 server=@10.0.0.9
	shift
	[[ $1 = @* ]] || set -- $server "$@"
	is "$what" "$(query eth0 "$@")$?" "$(client dig +short "$@")0"
}

same 'A' www.example.com
same 'AAAA' www.example.com AAAA
same 'CNAME and what it leads to' alias.example.com
same 'MX' example.com mx
same 'TXT, with quotes and semicolons' example.com TXT
same 'SRV' _xmpp._tcp.example.com SRV
same 'SOA' @10.0.0.8 zone.test SOA
same 'NS' @10.0.0.8 zone.test NS
same 'an unknown type, by number' unknown.example.com TYPE65280
same 'over 512 bytes' big.example.com TXT
is 'PTR by -x' "$(query -x 192.0.2.9 eth0 @10.0.0.9)" reverse.example.com.
is 'and of IPv6' "$(query -x 2001:db8::9 eth0 @10.0.0.9)" six.example.com.
is 'a server on IPv6' "$(FROM=$V6 query eth0 @fd00::9 www.example.com AAAA)" \
    2001:db8::1

# over TCP: the connection is our own engine's
tshark_lines() {
	tshark -r "$T/pcap" -o tcp.check_checksum:TRUE \
	    -o udp.check_checksum:TRUE -o ip.check_checksum:TRUE \
	    -Y "$1" -T fields -e frame.number 2>/dev/null | wc -l
}
client tcpdump -U -n -w "$T/pcap" -i eth0 2>"$T/tcpdump.err" &
dump=$!
began+=($dump)
wait_for 10 grep -q 'listening on' "$T/tcpdump.err"
same 'truncated over UDP, whole over TCP' huge.example.com TXT
same '+tcp: at once' www.example.com +tcp
is 'TCP over IPv6' "$(FROM=$V6 query eth0 @fd00::9 +tcp huge.example.com TXT |
    md5)" "$(client dig @10.0.0.9 +short huge.example.com TXT | md5)"
same 'one more by UDP' www.example.com
sleep 0.2
stop $dump INT
is 'tshark: nothing malformed, every checksum right' \
    "$(tshark_lines 'ip.src == 10.0.0.5 && (_ws.malformed || _ws.expert.severity == error)')" 0
is 'tshark: three connections, all closed by FIN' \
    "$(tshark_lines 'tcp.flags.syn == 1 && tcp.flags.ack == 0')$(\
	tshark_lines 'tcp.flags.reset == 1')$(\
	tshark_lines 'tcp.flags.fin == 1')" 306
is 'tshark: EDNS0 with 1232 bytes' \
    "$(($(tshark_lines 'ip.src == 10.0.0.5 && udp && dns.rr.udp_payload_size == 1232') > 0))" 1
is 'ports and ids are not the same again' "$(tshark -r "$T/pcap" -Y \
    'udp && dns.flags.response == 0' -T fields -e udp.srcport -e dns.id \
    2>/dev/null | sort -u | wc -l)" 2

# -v is dig's own print
long() { sed -e '/^; <<>>/d' -e '/^; (1/d' -e '/^;; global/d' \
    -e '/^;; Got answer/d' -e '/^;; WHEN/d' -e '/^;; Query time/d' \
    -e '/^; COOKIE/d' -e 's/id: [0-9]*/id/' -e 's/#53([0-9.]*)/#53/' -e '/^$/d'; }
for q in '9 alias.example.com A' '9 example.com MX' '8 zone.test SOA' \
    '9 _xmpp._tcp.example.com SRV' '8 nothing.zone.test A' \
    '9 unknown.example.com TYPE65280'; do
	# shellcheck disable=SC2086
	is "-v $q" "$(query -v eth0 @10.0.0.$q | long)" \
	    "$(client dig +nocookie +noadflag +bufsize=1232 @10.0.0.$q | long)"
done

# no answer, and which
query eth0 @10.0.0.8 nothing.zone.test >"$T/out"
is 'NXDOMAIN: exit 1' "$? $(cat "$T/out" "$T/err")" \
    '1 dns-query: ask 10.0.0.8 for nothing.zone.test A: NXDOMAIN'
query eth0 @10.0.0.9 www.example.com MX >"$T/out"
is 'no such record: exit 1' "$? $(cat "$T/out" "$T/err")" \
    '1 dns-query: ask 10.0.0.9 for www.example.com MX: no record of this type'
query eth0 @10.0.0.9 elsewhere.test >"$T/out"
is 'REFUSED: exit 1' "$? $(cat "$T/out" "$T/err")" \
    '1 dns-query: ask 10.0.0.9 for elsewhere.test A: REFUSED'
query -q -p 5354 eth0 @10.0.0.9 www.example.com
is 'nobody at that port: at once, and -q says nothing' "$? $(cat "$T/err")" '1 '
query -w 0.1 eth0 @10.0.0.7 www.example.com
is 'nobody at that address' "$? $(cat "$T/err")" \
    '1 dns-query: ask 10.0.0.7: no answer to ARP or ND from the next hop'
query -p 5354 eth0 @10.0.0.9 www.example.com +tcp
is 'TCP: refused' "$? $(cat "$T/err")" '1 dns-query: ask 10.0.0.9 for www.example.com A: the connection was closed without an answer'

# usage
for i in 'eth0 name' 'eth0 @10.0.0.9' 'eth0 @name name' \
    'eth0 @10.0.0.9 a..b' 'eth0 @10.0.0.9 a AXFR' 'eth0 @10.0.0.9 a A A' \
    'eth0 @10.0.0.9 a +trace' '-p 0 eth0 @10.0.0.9 a' \
    '-x name eth0 @10.0.0.9' '-Z eth0 @10.0.0.9 a' 'nosuch @10.0.0.9 a'; do
	# shellcheck disable=SC2086
	query $i >"$T/out"
	is "usage, exit 2: $i" "$?$(cat "$T/out")" 2
done
done_testing
