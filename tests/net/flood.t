#!/bin/bash
# A million SYNs from random sources, as fast as the line takes them: it takes
# no more memory, a client connects meanwhile and gets what it asks for; and
# one who is connected does, when the answers are more than the network takes.
# Likewise with other segments that have no connection.
# The sender has a session of its own: so the scheduler does not let it keep
# step with the phantom, as one on another machine does not.
. "${0%/*}/../lab.sh"
lab "$@"
need curl perl
SYNS=${SYNS:-1000000}

# syns N - a packet stream of so many, to the phantom
syns() {
	perl -e '
	my ($n) = @ARGV;
	srand 1;
	binmode STDOUT;
	print pack "V v v V V V V", 0xa1b23c4d, 2, 4, 0, 0, 262144, 1;
	my $eth = pack "H*", "02500a0000050200000000090800";
	my $ip = pack "n n n n C C", 0x4500, 40, 0, 0, 64, 6;
	my ($ipsum, $tcpsum) = (0x4500 + 40 + 0x4006 + 0x0a00 + 5,
	    6 + 20 + 0x0a00 + 5 + 80 + 0x5002 + 1000);
	sub fold { my $s = shift; $s = ($s & 0xffff) + ($s >> 16) while $s >> 16;
		~$s & 0xffff }
	my $head = pack "V V V V", 1, 0, 54, 54;
	for (1 .. $n) {
		my ($a, $b) = (0x0b00 + int rand 0x6000, 1 + int rand 0xfff0);
		my ($p, $s) = (1024 + int rand 60000, int rand 65536);
		print $head, $eth, $ip, pack("n n n N n n N N n n n n",
		    fold($ipsum + $a + $b), $a, $b, 0x0a000005, $p, 80,
		    $s << 16, 0, 0x5002, 1000,
		    fold($tcpsum + $a + $b + $p + $s), 0);
	}' "$1"
}
# strangers N FLAGS BYTES - a packet stream of segments without a connection,
# from random sources of IPv4 and IPv6 by turns
strangers() {
	perl -e '
	my ($n, $flags, $bytes) = @ARGV;
	srand 2;
	binmode STDOUT;
	sub fold { my $s = 0; $s += $_ for unpack "n*", shift;
		$s = ($s & 0xffff) + ($s >> 16) while $s >> 16; ~$s & 0xffff }
	print pack "V v v V V V V", 0xa1b23c4d, 2, 4, 0, 0, 262144, 1;
	my @to = (pack("H*", "0a000005"), pack("H*", "fd" . "0" x 29 . "5"));
	my @mac = ("02500a000005", "025000000005");
	my ($data, $len) = ("x" x $bytes, 20 + $bytes);
	for (1 .. $n) {
		my $v6 = $_ & 1;
		my $from = $v6 ? pack "H8 N2 x3 C", "fd0b0000", rand 2 ** 32,
		    rand 2 ** 32, 9 : pack "C2 n", 11, rand 256, 1 + rand 65000;
		my $tcp = pack "n2 N2 n4", 1024 + rand 60000, 80, rand 2 ** 32,
		    rand 2 ** 32, 0x5000 | $flags, 1000, 0, 0;
		substr $tcp, 16, 2, pack "n", fold($from . $to[$v6] .
		    pack("N2", 6, $len) . $tcp . $data);
		my $ip = $v6 ? pack "N n C2", 6 << 28, $len, 6, 64 :
		    pack "n4 C2 n", 0x4500, 20 + $len, 0, 0, 64, 6, 0;
		substr $ip, 10, 2, pack "n", fold($ip . $from . $to[0])
		    unless $v6;
		my $f = pack("H24 n", $mac[$v6] . "020000000009",
		    $v6 ? 0x86dd : 0x800) . $ip . $from . $to[$v6] . $tcp . $data;
		print pack("V4", 1, 0, (length $f) x 2), $f;
	}' "$@"
}
# memory - of tcpfsm, kB
memory() { awk '/^VmRSS/ { print $2 }' "/proc/$(cat "$T/tcpfsm.pid")/status"; }
flood() { setsid -w ip netns exec client rawinject eth0 <"$T/syns" 2>"$T/flood"; }
# floods [FILE] - without end; pid in syns.pid
floods() {
	(while cat "$T/${1:-syns}"; do :; done 2>/dev/null) |
	    (stage syns setsid ip netns exec client rawinject -q eth0)
}

# paced FILE BYTES - of a packet stream in each five milliseconds, without end;
# the bound is what a machine of one CPU can hear. BYTES is a number of whole
# records. The pid is in syns.pid.
paced() {
	perl -MTime::HiRes=sleep,time -e '
	open F, "<:raw", $ARGV[0] or die;
	binmode STDOUT;
	read F, $_, 24;
	syswrite STDOUT, $_;
	for (my $next = time;; $next += 0.005) {
		seek F, 24, 0 unless read F, $_, $ARGV[1];
		syswrite STDOUT, $_;
		my $left = $next - time;
		$left > 0 ? sleep $left : ($next = time);
	}' "$T/$1" "$2" 2>/dev/null |
	    (stage syns setsid ip netns exec client rawinject -q eth0)
}

# sent N - packets, by the client
sent() { [ "$(client cat /sys/class/net/eth0/statistics/tx_packets)" -gt "$1" ]; }

syns "$SYNS" >"$T/syns"

# ---- a reader that has no turn for a moment, in the midst of a flood
perl -e '$| = 1;
    read STDIN, $_, 24;
    print;
    for (1 .. 40) {
	read STDIN, $_, 60 * 70;
	print;
	select undef, undef, undef, 0.002 }' <"$T/syns" |
    tcpfsm -q -l "$T/log" -f examples/resp.txt | (sleep 0.5; cat) >"$T/seen"
is 'a reader that stalls: no answer is lost' "$(tcp-show <"$T/seen" | wc -l) \
$(grep -o 'output_dropped=[0-9]*' "$T/log")" '2400 output_dropped=0'
rm "$T/log"

phantom -q -f examples/resp.txt
want=$(md5 examples/resp.txt)
head -c 10000000 "$T/syns" | client rawinject eth0 2>/dev/null
before=$(memory)
flood &
flood=$!
began+=("$flood")
for i in 1 2 3; do
	client curl -si --max-time 20 -o "$T/got" -w '%{time_connect}\n' \
	    "$(url $V4)" >"$T/connect"
	is "during the flood: all arrives, $i" "$? $(md5 "$T/got")" "0 $want"
	echo "# connected after $(cat "$T/connect") s"
done
wait $flood
is 'all were sent' "$(grep -o '[0-9]* frames sent' "$T/flood")" \
    "$SYNS frames sent"
after=$(memory)
ok "memory: $before kB, then $after kB" [ "$after" -le $((before + 8192)) ]
client curl -si --max-time 20 -o "$T/got" "$(url $V4)"
is 'and afterwards' "$? $(md5 "$T/got")" "0 $want"

# ---- acknowledgments, resets and data that belong to nothing
for kind in 'ACK 16 0' 'RST 4 0' 'data 24 1000'; do
	read -r name flags bytes <<<"$kind"
	strangers $((50000 / (1 + bytes / 100))) "$flags" "$bytes" >"$T/strays"
	already=$(client cat /sys/class/net/eth0/statistics/tx_packets)
	floods strays &
	flood=$!
	wait_for 5 sent $((already + 20000))
	for a in $V4 $V6; do
		client curl -si --max-time 20 -o "$T/got" -w '%{time_total}\n' \
		    "$(url $a)" >"$T/took"
		is "$name without a connection: all arrives, $a" \
		    "$? $(md5 "$T/got")" "0 $want"
		echo "# after $(cat "$T/took") s"
	done
	sleep 0.5
	kill "$(cat "$T/syns.pid")"
	wait $flood
done
rm "$T/strays"
phantom_end
tail -n 1 "$T/log" | sed 's/^/# /' | cut -c 1-200
few() {
	tail -n 1 "$T/log" | awk -v RS=' ' -F= '{ v[$1] = $2 }
	    END { exit !(v["resets_limited"] > v["resets"] / 10) }'
}
ok 'not each gets a reset' few

# ---- echo requests of one source, then its UDP to a closed port, as a line
# that takes all frames has them: another source is answered meanwhile, but when
# its socket is by chance the one that the flood fills, for a tenth of a second
client ip addr add 10.0.0.77/24 dev eth0
(stage rawcap rawcap -t icmp,udp eth0) | (stage icmp icmp-phantom) |
    (stage rawinject rawinject eth0) &
icmp=$!
began+=("$icmp")
wait_for 10 client ping -c 1 -W 1 $V4
# udp FROM - to a closed port; true when it is refused within half a second
udp() {
	client perl -MSocket -e '
	socket S, PF_INET, SOCK_DGRAM, 0;
	bind S, pack_sockaddr_in(0, inet_aton($ARGV[0])) or die;
	connect S, pack_sockaddr_in(33434, inet_aton($ARGV[1]));
	send S, "x", 0;
	vec(my $r = "", fileno(S), 1) = 1;
	exit !(select($r, undef, undef, 0.5) && !defined recv S, $_, 9, 0)' \
	    "$1" $V4
}
sockets() {
	awk -v i="$(ip -o link show eth0)" '$5 == i + 0 { n++ } END { print n }' \
	    /proc/net/packet
}
pinged() { client ping -c 1 -W 1 -I "$1" $V4 >"$T/said"; }
for what in icmp udp; do
	had=$(sockets)
	timeout 10 rawcap -q -c 1 -t $what -a 10.0.0.77 eth0 >"$T/one" &
	one=$!
	wait_for 10 packet_sockets $((had + 1))
	case $what in icmp) pinged 10.0.0.77 ;; udp) udp 10.0.0.77 ;; esac
	wait $one
	perl -e 'local $/; $_ = <STDIN>;
	    print substr($_, 0, 24), substr($_, 24) x 20000' \
	    <"$T/one" >"$T/echoes"
	(while cat "$T/echoes"; do :; done 2>/dev/null) |
	    (stage syns setsid ip netns exec client rawinject -q eth0) &
	sleep 0.2
	client ping -q -n -c 200 -i 0.02 -W 2 -I 10.0.0.9 $V4 >"$T/pings"
	got=$(grep -o '[0-9]* received' "$T/pings")
	ok "$what: pings in a flood of another's: $got of 200" \
	    [ "${got% *}" -ge 160 ]
	ms=$(awk -F / '/^rtt/ { printf "%d", $5 }' "$T/pings")
	ok "$what: they take $ms ms" [ "${ms:-1000}" -lt 100 ]
	got=0
	for ((i = 0; i < 20; i++)); do
		udp 10.0.0.9 && got=$((got + 1))
	done
	ok "$what: UDP likewise refused: $got of 20" [ $got -ge 16 ]
	kill "$(cat "$T/syns.pid")"
	sleep 0.3
done
kill "$(cat "$T/rawcap.pid")"
wait $icmp
client ip addr del 10.0.0.77/24 dev eth0

# ---- 200,000 ARP requests a second of one host: another's are answered
# meanwhile, and most of the flood never comes to arp-phantom
[ "$arp" ] && stop "$arp" && rm "$T/arp.pid"
claim
wait_for 10 client arp-query -q -n eth0 $V4
perl -e 'my $f = pack "H*", "02500a000005" . "02000000007708060001080006040001" .
	"0200000000770a00004d0000000000000a000005";
    print pack("V v v V V V V", 0xa1b23c4d, 2, 4, 0, 0, 262144, 1),
	pack("V V V V a*", 1, 0, length $f, length $f, $f) x 20000' >"$T/arps"
sent=$(client cat /sys/class/net/eth0/statistics/tx_packets)
paced arps 58000 &
sleep 0.3
got=0
for ((i = 0; i < 10; i++)); do
	client arp-query -q -n eth0 $V4 >/dev/null 2>&1 && got=$((got + 1))
done
kill "$(cat "$T/syns.pid")"
sent=$(($(client cat /sys/class/net/eth0/statistics/tx_packets) - sent))
ok "ARP in a flood of another's: $got of 10" [ "$got" = 10 ]
stop "$arp"
rm "$T/arp.pid"
dropped=$(grep -o 'dropped=[0-9]*' "$T/arp.err" | tail -n 1)
ok "$dropped of $sent come to arp-phantom" \
    [ "${dropped#*=}" -lt $((sent / 2)) ]
claim
# and as many of hosts that are ever new (four million of them are enough for 20
# seconds, and a host is forgotten after four), IPv4 and IPv6: who asks again is
# answered, as ARP and ND do
perl -e 'srand 1;
    sub fold { my $s = shift; $s = ($s & 0xffff) + ($s >> 16) while $s >> 16;
	~$s & 0xffff }
    print pack "V v v V V V V", 0xa1b23c4d, 2, 4, 0, 0, 262144, 1;
    my $rec = pack "V V V V H12", 1, 0, 42, 42, "02500a000005";
    my $arp = pack "H20", "08060001080006040001";
    my $rec6 = pack "V V V V H12", 1, 0, 86, 86, "3333ff000005";
    my $ip6 = pack "H20 H28", "86dd6000000000203aff", "fd" . "0" x 25 . "1";
    my $to = pack "H32 n", "ff02" . "0" x 19 . "1ff000005", 135 << 8;
    my $ask = pack "x4 H32 C2", "fd" . "0" x 29 . "5", 1, 1;
    my $sum = 32 + 58;
    $sum += $_ for unpack "n*", substr($ip6, 10) . $to . $ask;
    for (1 .. 2000000) {
	my ($x, $y, $a) = (int rand 65536, int rand 65536, int rand 65536);
	my $m = pack "n3", 0x277, $x, $y;
	print $rec, $m, $arp, $m, pack("C2 n x6 H8", 10, 1, $a, "0a000005"),
	    $rec6, $m ^ "\0\1", $ip6, pack("n", $a), $to,
	    pack("n", fold($sum + $a + 0x276 + $x + $y)), $ask, $m ^ "\0\1"
    }' >"$T/asks"
paced asks 80000 &
sleep 0.3
# resolved ADDR... - by the client's kernel, which asks three times in three
# seconds
resolved() {
	local a
	for a; do
		client ip neigh show to "$a" | grep -q lladdr || return
	done
}
got=0 got6=0
for ((i = 0; i < 10; i++)); do
	client bash -c "ip neigh flush to $V4; ip -6 neigh flush to $V6
	    echo >/dev/udp/$V4/9; echo >/dev/udp/$V6/9"
	wait_for 4 resolved $V4 $V6
	resolved $V4 && got=$((got + 1))
	resolved $V6 && got6=$((got6 + 1))
done
kill "$(cat "$T/syns.pid")"
ok "ARP in a flood of ever new hosts: $got of 10" [ "$got" -ge 8 ]
ok "ND likewise: $got6 of 10" [ "$got6" -ge 8 ]

# ---- a reader that is slower than the flood: what has a connection does not
# stand behind it in the queue. How much the reader reads in between counts, not
# the time.
(stage rawcap rawcap eth0) |
    (stage narrow perl -e 'while (sysread STDIN, $b, 4096) {
	syswrite STDOUT, $b; select undef, undef, undef, 0.002 }') >"$T/seen" &
began+=($!)
has() { [ "$(stat -c %s "$T/seen")" -gt "$1" ]; }
# behind WORDS... - bytes that the reader reads before a segment, sent now
behind() {
	local from
	tcp-craft -s 10.0.0.9:1000 -c $V4:80 "$@" data "overtake$*" >"$T/one"
	from=$(stat -c %s "$T/seen")
	client rawinject -q eth0 <"$T/one" &
	wait_for 20 grep -aq "overtake$*" "$T/seen"
	echo $(($(grep -abom 1 "overtake$*" "$T/seen" | cut -d : -f 1) - from))
}
floods &
wait_for 20 has 1500000
for flags in A PA FA; do
	far=$(behind flags $flags)
	ok "flags $flags: $far bytes of the flood come first" \
	    eval "[ $far -gt 0 ] && [ $far -lt 300000 ]"
done
kill "$(cat "$T/syns.pid")"
sleep 1.5
tcp-craft -s 10.0.0.9:1000 -c $V4:80 flags S data again >"$T/one"
tcp-craft -s 10.0.0.9:1000 -c $V4:80 flags A data again >>"$T/one"
client rawinject -q eth0 <"$T/one"
wait_for 20 grep -aq again "$T/seen"
kill "$(cat "$T/rawcap.pid")"
wait_for 20 gone "$(cat "$T/narrow.pid")"
is 'afterwards all come in their order' "$(rawcap -qr "$T/seen" |
    tcp-show from 10.0.0.9:1000 | tail -n 2 | grep -o "FLAGS='[A-Z]*'" |
    xargs)" "FLAGS=S FLAGS=A"

# ---- a way out that is slower than the flood
narrow() {
	(stage rawcap rawcap eth0) |
	    (stage tcpfsm tcpfsm -l "$T/log" "$@") |
	    (stage narrow perl -e 'while (sysread STDIN, $b, 65536) {
		syswrite STDOUT, $b; select undef, undef, undef, 0.02 }') |
	    (stage rawinject rawinject eth0)
}
LINE=narrow phantom -q -d 100 -f examples/resp.txt
mkfifo "$T/go"
client bash -c "exec 3<>/dev/tcp/$V4/80 && echo >'$T/connected' &&
    read -r _ <'$T/go' && echo GET >&3 && timeout 30 cat <&3" >"$T/got" &
asking=$!
ok 'one connects' wait_for 10 test -s "$T/connected"
already=$(client cat /sys/class/net/eth0/statistics/tx_packets)
floods &
wait_for 20 sent $((already + 200000))
echo >"$T/go"
wait $asking
is 'answers that are dropped leave room for data' "$? $(md5 "$T/got")" "0 $want"
kill "$(cat "$T/syns.pid")"
phantom_end
tail -n 1 "$T/log" | sed 's/^/# /' | cut -c 1-300
# what the way out has no room for is not even read
used() {
	tail -n 1 "$T/log" | awk -v RS=' ' -F= '{ v[$1] = $2 }
	    END { exit !(v["output_dropped"] < v["cookies"] / 20) }'
}
ok 'few answers are made in vain' used
done_testing
