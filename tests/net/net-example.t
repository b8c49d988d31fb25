#!/bin/bash
# The net of examples/net, asked by the real programs: what stands behind its
# ports, UDP by dig, snmpget and ntpq, and the office behind two routers.
. "${0%/*}/../lab.sh"
lab "$@"
need curl dig nc ntpq perl ping snmpget timeout
top=$PWD
mkdir "$T/net"
cp examples/net/* "$T/net" # as it is installed
chmod -R a+rX "$T/net" "$T"
cd "$T/net" || exit 1
bin=$(cd "$top" && cd "$BIN" && pwd)
"$bin/phantom" --hosts net.conf --check >"$T/check" 2>&1
is 'the file is right' "$?" 0
phantom_up -n --hosts net.conf -l "$T/log" eth0
client ip route add 10.2.0.0/15 via 10.0.0.1

mkdir "$T/cert_indexes"
export SNMP_PERSISTENT_DIR="$T" MIBS=
on() { client timeout "$@" </dev/null 2>&1; }
is 'dig: an address' "$(on 9 dig +short @10.0.0.5 host.example)" 10.0.0.5
is 'dig: what there is not' "$(on 9 dig @10.0.0.5 host.example MX |
    grep -o 'status: [A-Z]*\|ANSWER: [0-9]*' | paste -sd' ')" \
    'status: NOERROR ANSWER: 0'
get() { on 9 snmpget -v "$1" -c public -On -Oq 10.0.0.5 1.3.6.1.2.1.1.$2.0; }
is 'snmpget: its description' "$(get 2c 1)" \
    '.1.3.6.1.2.1.1.1.0 "Linux server 6.1.0"'
is 'snmpget: version 1, its name' "$(get 1 5)" '.1.3.6.1.2.1.1.5.0 "server"'
is 'snmpget: an object that there is not' "$(get 2c 99 |
    grep -c 'No Such Object')" 1
is 'snmpget: another community gets nothing' "$(on 9 snmpget -v 2c -c private \
    -t 1 -r 0 10.0.0.5 1.3.6.1.2.1.1.1.0 | grep -c Timeout)" 1
is 'ntpq: its variables' "$(on 9 ntpq -c rv 10.0.0.5 |
    grep -o 'stratum=[0-9]*')" stratum=2
is 'a client of NTP: the time, to a second' "$(client perl - <<'END'
use IO::Socket::INET;
my $s = IO::Socket::INET->new(Proto => 'udp', PeerAddr => '10.0.0.5:123');
$s->send("\x23" . "\0" x 47);
$s->recv(my $r, 100);
my ($sent) = unpack 'x40 N', $r;
print length $r, ' ', abs($sent - 2208988800 - time) < 2 ? 1 : 0;
END
)" '48 1'

# said PORT LINE... - what a client gets that sends these lines, until the end
said() {
	local port=$1
	shift
	printf '%s\r\n' "$@" |
	    client timeout 20 nc -N 10.0.0.5 "$port" | tr -d '\r'
}
is 'ssh' "$(said 22 SSH-2.0-x)" 'SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3'
is 'smtp' "$(said 25 'ehlo me' 'RCPT TO:<x>' quit | cut -c1-8 | paste -sd' ')" \
    '220 mail 250-mail 250-PIPE 250-SIZE 250 8BIT 554 5.7. 221 2.0.'
is 'ftp' "$(said 21 'USER x' 'PASS y' 'quit' | cut -c1-3 | paste -sd' ')" \
    '220 331 530 221'
is 'telnet' "$(printf 'root\r\n' |
    client timeout 20 nc -N 10.0.0.1 23 | grep -c 'Login incorrect')" 1
is 'http' "$(on 9 curl -s http://10.0.0.8/ | grep -o '<h1>[A-Za-z]*')" \
    '<h1>Welcome'
# a packet of one hundred is lost there: dig says that it has asked again
is 'the office, two routers away' "$(on 30 dig +short +time=2 +tries=9 \
    @10.3.0.77 x.example | grep -v '^;;')" \
    10.0.0.5
is 'by TCP' "$(on 20 curl -s http://10.3.0.5/ | grep -o '<h1>[A-Za-z]*')" \
    '<h1>Welcome'
is 'from a TTL of 64, its own routers gone through' "$(client ping -n -c 5 -i 0.3 \
    10.3.0.8 | grep -o 'ttl=[0-9]*' | sort -u)" ttl=62
for junk in '' x "$(head -c 300 /dev/zero | tr '\0' 0)"; do
	for p in 53 123 161; do
		printf '%s' "$junk" | client nc -u -w 1 10.0.0.5 "$p"
	done
done >"$T/junk" 2>&1
is 'they are still there after junk' "$(on 9 dig +short @10.0.0.5 a.example)" \
    10.0.0.5
cd "$top" || exit 1
stop $ph
done_testing
