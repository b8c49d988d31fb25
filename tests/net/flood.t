#!/bin/bash
# A million SYNs from random sources, as fast as the line takes them: it takes
# no more memory, a client connects meanwhile and gets what it asks for; and
# one who is connected does, when the answers are more than the network takes.
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
# memory - of tcpfsm, kB
memory() { awk '/^VmRSS/ { print $2 }' "/proc/$(cat "$T/tcpfsm.pid")/status"; }
flood() { client rawinject eth0 <"$T/syns" 2>"$T/flood"; }

syns "$SYNS" >"$T/syns"
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
phantom_end
tail -n 1 "$T/log" | sed 's/^/# /' | cut -c 1-200

# ---- a way out that is slower than the flood
narrow() {
	(stage rawcap rawcap eth0) |
	    (stage tcpfsm tcpfsm -l "$T/log" "$@") |
	    (stage narrow perl -e 'while (sysread STDIN, $b, 65536) {
		syswrite STDOUT, $b; select undef, undef, undef, 0.02 }') |
	    (stage rawinject rawinject eth0)
}
LINE=narrow phantom -q -d 100 -f examples/resp.txt
# sent N - packets, by the client
sent() { [ "$(client cat /sys/class/net/eth0/statistics/tx_packets)" -gt "$1" ]; }
mkfifo "$T/go"
client bash -c "exec 3<>/dev/tcp/$V4/80 && echo >'$T/connected' &&
    read -r _ <'$T/go' && echo GET >&3 && timeout 30 cat <&3" >"$T/got" &
asking=$!
ok 'one connects' wait_for 10 test -s "$T/connected"
already=$(client cat /sys/class/net/eth0/statistics/tx_packets)
(while cat "$T/syns"; do :; done 2>/dev/null) |
    (stage syns ip netns exec client rawinject -q eth0) &
wait_for 20 sent $((already + 200000))
echo >"$T/go"
wait $asking
is 'answers that are dropped leave room for data' "$? $(md5 "$T/got")" "0 $want"
kill "$(cat "$T/syns.pid")"
phantom_end
tail -n 1 "$T/log" | sed 's/^/# /' | cut -c 1-300
done_testing
