#!/bin/bash
# What rawcap takes out of its rings in a flood is what was sent: short frames
# and such as have no room in a slot, with a VLAN tag and without, with the
# checksum that a kernel leaves to the card. What is lost is counted.
. "${0%/*}/../lab.sh"
lab "$@"
need perl tcpdump
FRAMES=60000

# numbered N - so many frames of host 77, UDP to a closed port; each has its
# number, one in seven is long, one in five tagged
numbered() {
	perl -e 'my $head = pack "H*", "02500a00000502000000007708004500";
	sub fold { my $s = 0; $s += $_ for unpack "n*", shift;
		$s = ($s & 0xffff) + ($s >> 16) while $s >> 16; ~$s & 0xffff }
	print pack "V v v V V V V", 0xa1b23c4d, 2, 4, 0, 0, 262144, 1;
	for my $i (1 .. $ARGV[0]) {
		my $n = 12 + ($i % 7 ? $i % 40 : 600);
		my $data = pack "A4 N A*", "ring", $i, chr(65 + $i % 26) x ($n - 8);
		my $ip = pack "H4 n n n C2 n C8", "4500", 28 + $n, $i & 65535, 0,
		    64, 17, 0, 10, 0, 0, 77, 10, 0, 0, 5;
		substr $ip, 10, 2, pack "n", fold $ip;
		my $f = pack("H24", "02500a000005020000000077") .
		    ($i % 5 ? "" : pack "n2", 0x8100, 7) . pack("n", 0x800) .
		    $ip . pack("n4", 1000, 33434, 8 + $n, 0) . $data;
		print pack("V4", 1, 0, (length $f) x 2), $f;
	}' "$1"
}
numbered $FRAMES >"$T/numbered"
client ip neigh replace "$V4" lladdr 02:50:0a:00:00:05 dev eth0

# the reader is slower than the flood
(stage rawcap rawcap -t udp eth0) |
    perl -e 'while (sysread STDIN, $b, 65536) { syswrite STDOUT, $b;
	select undef, undef, undef, 0.002 }' >"$T/seen" &
line=$!
began+=("$line")
wait_for 20 packet_sockets 18
rings=$(grep -c 'socket:' "/proc/$(cat "$T/rawcap.pid")/maps")
is 'each socket of a flood has a ring' "$rings" 17

(stage flood setsid ip netns exec client rawinject eth0) <"$T/numbered" &
flood=$!
began+=("$flood")
got=0
while ! gone $flood; do
	client bash -c 'echo a stranger >/dev/udp/10.0.0.5/9' && got=$((got + 1))
	sleep 0.02
done
wait $flood
is 'all were sent' "$(grep -o '[0-9]* frames sent' "$T/flood.err")" \
    "$FRAMES frames sent"
sleep 1
kill -USR1 "$(cat "$T/rawcap.pid")"
wait_for 5 grep -q captured "$T/rawcap.err"
counted=$(grep -o '[0-9]*' "$T/rawcap.err" | awk '{ n += $1 } END { print n }')
ok "what has not come was counted: $counted of $((FRAMES + got))" \
    [ "$counted" -ge $FRAMES -a "$counted" -le $((FRAMES + got + 100)) ]

# the interface goes down in the midst of another flood: that is no error which
# is there for ever, and it goes on
(stage flood setsid ip netns exec client rawinject -q eth0) <"$T/numbered" &
flood=$!
began+=("$flood")
sleep 0.2
ip link set eth0 down
wait $flood
used() { awk '{ print $14 + $15 }' "/proc/$(cat "$T/rawcap.pid")/stat"; }
before=$(used)
sleep 1
used=$(($(used) - before))
ok "it waits while it is down: $used ticks" [ "$used" -lt 30 ]
ip link set eth0 up
# again - a host's frame comes, when the cable carries again
again() {
	client bash -c 'echo it is up >/dev/udp/10.0.0.5/99' 2>/dev/null
	grep -aq 'it is up' "$T/seen"
}
ok 'and goes on' wait_for 20 again
kill "$(cat "$T/rawcap.pid")"
wait $line

# what has come, by its number, is what was sent; few of it twice
compare() {
	perl -e 'sub frames { open my $f, "<", shift or die; local $/;
		my ($s, $at, %r) = (scalar <$f>, 24);
		while ($at < length $s) {
			my ($cap, $len) = unpack "x8 V2", substr $s, $at, 16;
			my $p = substr $s, $at + 16, $cap;
			$at += 16 + $cap;
			next unless $p =~ /ring(....)/s;
			my $i = unpack "N", $1;
			$n++, $twice += exists $r{$i};
			$r{$i} = "$len $p";
		}
		return \%r }
	my $sent = frames($ARGV[0]);
	($n, $twice) = (0, 0);
	my $seen = frames($ARGV[1]);
	my $wrong = grep $sent->{$_} ne $seen->{$_}, keys %$seen;
	my $long = grep length $seen->{$_} > 600, keys %$seen;
	my $tags = grep $_ % 5 == 0, keys %$seen;
	printf "seen=%d twice=%d wrong=%d long=%d tagged=%d\n", $n, $twice,
	    $wrong, $long, $tags' "$T/numbered" "$T/seen"
}
seen=0 twice=0 wrong=1 long=0 tagged=0
eval "$(compare)"
dropped=$(tail -n 1 "$T/rawcap.err" | grep -o '[0-9]* dropped')
dropped=${dropped% *}
echo "# dropped $dropped; seen $seen, of them twice or of both floods $twice"
is 'those that have come are as they were sent' "$wrong" 0
ok 'the flood was more than the reader took' [ "$dropped" -gt 1000 ]
ok "long ones among them: $long" [ "$long" -gt 100 ]
ok "and tagged ones: $tagged" [ "$tagged" -gt 1000 ]
as_user tcpdump -vvnr "$T/seen" udp port 9 >"$T/strangers" 2>/dev/null
came=$(grep -c '10.0.0.9.* > 10.0.0.5.9' "$T/strangers")
ok "another host's come meanwhile: $came of $got" [ "$came" -ge $((got / 2)) ]
is 'with their checksums' "$(grep -c 'udp sum ok' "$T/strangers")" "$came"
done_testing
