#!/bin/bash
# dns-query from a phantom: what dnsmasq knows is what dig prints of it, over
# UDP and TCP, IPv4 and IPv6; what others forge is not believed.
. "${0%/*}/../lab.sh"
LAB_UID=1000 # for tcpdump
lab "$@"
need dnsmasq dig tshark

string() { printf '%0*d' "$1" 7 | tr 0 "$2"; }
{
	cat <<'END'
no-resolv
no-hosts
local=/example.com/
no-daemon
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
client tcpdump -U --immediate-mode -n -w "$T/pcap" -i eth0 2>"$T/tcpdump.err" &
dump=$!
began+=("$dump")
wait_for 10 grep -q 'listening on' "$T/tcpdump.err"
same 'truncated over UDP, whole over TCP' huge.example.com TXT
same '+tcp: at once' www.example.com +tcp
is 'TCP over IPv6' "$(FROM=$V6 query eth0 @fd00::9 +tcp huge.example.com TXT |
    md5)" "$(client dig @10.0.0.9 +short huge.example.com TXT | md5)"
same 'one more by UDP' www.example.com
seen() {
	[ "$(tcpdump -n -r "$T/pcap" 'udp dst port 53' 2>/dev/null | wc -l)" -ge 2 ]
}
wait_for 5 seen
stop $dump
tshark -r "$T/pcap" -o tcp.check_checksum:TRUE -o udp.check_checksum:TRUE \
    -o ip.check_checksum:TRUE -T fields -E separator='|' -e eth.src \
    -e tcp.flags -e udp.srcport -e dns.id -e dns.rr.udp_payload_size \
    -e _ws.expert.message >"$T/frames" 2>/dev/null
# ours CONDITION - so many of our frames
ours() { awk -F '|' "/^02:50:0[0a]/ && $1" "$T/frames" | wc -l; }
is 'tshark: no checksum is wrong, nothing malformed' \
    "$(ours '/[Cc]hecksum|[Mm]alformed/')" 0
is 'tshark: three connections, none reset, all closed by FIN' \
    "$(ours '$2 ~ /0x0002/') $(ours '$2 ~ /[4567c-f]$/') $(
	ours '$2 ~ /[13579bdf]$/')" '3 0 3'
is 'tshark: EDNS0 with 1232 bytes' "$(ours '$3 && $5 == 1232')" 2
is 'ports and ids are not the same again' "$(awk -F '|' '$5 == 1232 && $3 {
    print $3; print $4 }' "$T/frames" | sort -u | wc -l)" 4

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

# a server that lies, is slow, damaged, old; and others in its name
forger() {
	client /usr/bin/python3 "$ROOT/tests/net/dns_forged.py" "$1" 5355 "$2" \
	    >"$T/forged$3" 2>"$T/forged.err" &
	began+=($!)
}
have python3 && /usr/bin/python3 -c 'import scapy' 2>/dev/null &&
    scapy=1
if [ "${scapy:-}" ]; then
	forger 10.0.0.9 02:50:0a:00:00:05 4
	forger fd00::9 02:50:00:00:00:05 6
	ready() { grep -q ready "$T/forged4" && grep -q ready "$T/forged6"; }
	wait_for 30 ready || diag <"$T/forged.err"
	bad() { query -p 5355 "$@"; }
	is 'forged answers are ignored, the true one is taken' \
	    "$(bad eth0 @10.0.0.9 forged.test)" 192.0.2.77
	bad -v eth0 @10.0.0.9 forged.test >"$T/out"
	is 'and they have been heard' "$(($(sed -n \
	    's/.* \([0-9]*\) packets received.*/\1/p' "$T/err") > 20))" 1
	is 'in IPv6, too' \
	    "$(FROM=$V6 bad eth0 @fd00::9 forged.test)" 192.0.2.77
	is 'an answer to the second try' \
	    "$(bad -w 0.3 eth0 @10.0.0.9 slow.test)" 192.0.2.77
	is 'a server that does not know EDNS is asked without it' \
	    "$(bad eth0 @10.0.0.9 old.test)" 192.0.2.77
	for i in fail version; do
		is "nor one that says so otherwise: $i" \
		    "$(bad eth0 @10.0.0.9 $i.test)" 192.0.2.77
	done
	is 'nor one that does not answer to EDNS' \
	    "$(bad -w 0.5 -c 2 eth0 @10.0.0.9 deaf.test)" 192.0.2.77
	is '+noedns: none is asked with it' \
	    "$(bad eth0 @10.0.0.9 noedns.test +noedns)" 192.0.2.77
	is 'a record of another owner is passed over, one by a CNAME is not' \
	    "$(bad eth0 @10.0.0.9 owner.test)" 'a.owner.test.
192.0.2.77'
	bad eth0 @10.0.0.9 foreign.test >"$T/out"
	is 'no other record: exit 1' "$? $(cat "$T/out" "$T/err")" \
	    '1 dns-query: ask 10.0.0.9 for foreign.test A: no record of this type'
	bad -w 0.5 -c 2 eth0 @10.0.0.9 loop.test >"$T/out"
	is 'names that run in circles: exit 1' "$? $(cat "$T/out" "$T/err")" \
	    '1 dns-query: ask 10.0.0.9 for loop.test A: a malformed answer'
	bad -w 0.1 -c 4 eth0 @10.0.0.9 silent.test >"$T/out"
	is 'silence: exit 1' "$? $(cat "$T/out" "$T/err")" \
	    '1 dns-query: ask 10.0.0.9 for silent.test A: no answer'
	silent() { grep '^silent' "$T/forged4"; }
	wait_for 5 eval '[ "$(silent | wc -l)" -ge 4 ]'
	is 'asked four times, with the same port and id' \
	    "$(silent | sort | uniq -c | awk '{ print $1 }')" 4
	is 'bytes that a terminal would obey are escaped' \
	    "$(bad eth0 @10.0.0.9 escape.test TXT)" \
	    '"\027]0;gone\007\1552J\""'
	is 'an answer in fragments' \
	    "$(bad eth0 @10.0.0.9 fragments.test TXT | tr -cd y | wc -c)" 5100
	is 'and of IPv6' "$(FROM=$V6 bad eth0 @fd00::9 fragments.test TXT |
	    tr -cd y | wc -c)" 5100
	is 'TCP, a byte a segment' \
	    "$(bad eth0 @10.0.0.9 drip.tcp.test TXT | tr -cd y | wc -c)" 255
	is 'TCP, 51 kbytes' \
	    "$(bad eth0 @10.0.0.9 long.tcp.test TXT | tr -cd y | wc -c)" 51000
	is 'TCP, a server that does not close' "$(bad eth0 @10.0.0.9 \
	    linger.tcp.test TXT | tr -cd y | wc -c)" 255
	bad eth0 @10.0.0.9 half.tcp.test TXT >"$T/out"
	is 'TCP, closed in the middle: exit 1' "$? $(cat "$T/out")" '1 '
	bad eth0 @10.0.0.9 other.tcp.test TXT >"$T/out"
	is 'TCP, another id: exit 1' "$? $(cat "$T/out")" '1 '
else
	skip 'forged answers' scapy
fi

# the host's own address: the kernel hears it all, too
ip addr add 10.0.0.6/24 dev eth0
own() { timeout 20 dns-query eth0 @10.0.0.9 "$@" 2>"$T/err"; }
is 'without -s, from the own address' "$(own www.example.com)" 192.0.2.1
own huge.example.com TXT >"$T/out"
is 'over TCP the kernel resets it, which is told' "$? $(cat "$T/out" "$T/err")" \
    '1 dns-query: ask 10.0.0.9 for huge.example.com TXT: the connection was closed without an answer (this host may have reset it: give -s)'
ip addr flush dev eth0

# in the packet stream; and the stored stream again, to the byte
mkfifo "$T/back"
(stage rawcap rawcap eth0) <"$T/back" | tee "$T/in.pcap" | timeout 20 \
    dns-query -n -s $V4 -S 7 -o "$T/answer" - @10.0.0.9 www.example.com \
    2>"$T/err" | tee "$T/out.pcap" | rawinject -q eth0 2>/dev/null >"$T/back" &
line=$!
began+=("$line")
wait_for 20 gone $line
is 'in a pipeline' "$(cat "$T/answer" "$T/err")" 192.0.2.1
is 'its frames: ARP, and the question' \
    "$(tshark -r "$T/out.pcap" -T fields -e _ws.col.Protocol 2>/dev/null |
    sort -u | tr '\n' ' ')" 'ARP DNS '
for i in 1 2; do
	dns-query -T -n -s $V4 -S 7 - @10.0.0.9 www.example.com \
	    <"$T/in.pcap" 2>"$T/err$i" >"$T/again$i"
	is "-T: the same answer from the recording" "$?$(cat "$T/err$i")" \
	    0192.0.2.1
done
is 'and the same bytes' "$(md5 "$T/again1")" "$(md5 "$T/again2")"

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
