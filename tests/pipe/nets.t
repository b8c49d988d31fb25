#!/bin/bash
# The queue of net-phantom: nine hosts outside that send more than fits leave
# room for another.
. "${0%/*}/../tap.sh"
need perl
scratch

cat >"$T/net.conf" <<'END'
host 10.0.0.1  mac 00:1b:21:00:00:01
net 10.2.0.0/16 behind 10.0.0.1 delay 300ms
host 10.2.0.0/24
END
# pings FROM COUNT BYTES - echo requests of 10.0.0.FROM
pings() {
	perl -e 'my ($from, $n, $size) = @ARGV;
	sub fold { my $s = 0; $s += $_ for unpack "n*", shift;
		$s = ($s & 0xffff) + ($s >> 16) while $s >> 16; ~$s & 0xffff }
	my $icmp = pack("n4", 0x800, 0, 1, 1) . "\0" x $size;
	substr $icmp, 2, 2, pack "n", fold $icmp;
	my $ip = pack "n4 C2 n C8", 0x4500, 20 + length $icmp, 0, 0, 64, 1, 0,
	    10, 0, 0, $from, 10, 2, 0, 5;
	substr $ip, 10, 2, pack "n", fold $ip;
	my $f = pack("H24 n", "001b21000001" . "020000000009", 0x800) . $ip .
	    $icmp;
	print pack("V4", 1, 0, (length $f) x 2), $f for 1 .. $n' "$@"
}
perl -e 'print pack "V v v V V V V", 0xa1b23c4d, 2, 4, 0, 0, 262144, 1' \
    >"$T/head"
pings 9 20 8 >"$T/few"
# replies - those to 10.0.0.9, so far
replies() {
	perl -e 'local $/; $_ = <STDIN>; my $n = 0; my $at = 24;
	    while ($at + 16 <= length) { my $len = unpack "x8 V", substr $_, $at, 16;
		$n++ if substr($_, $at + 46, 4) eq "\x0a\0\0\x09";
		$at += 16 + $len } print "$n\n"' <"$T/out"
}
# by a hash a host is one of 256, which share what they have: with this seed the
# tenth is none of the nine
for many in '40000 8' '60000 1000'; do
	# shellcheck disable=SC2086
	for i in {77..85}; do pings $i $many; done >"$T/flood"
	(cat "$T/head" "$T/flood" "$T/few"
	for _ in {1..20}; do
		sleep 1
		[ "$(replies)" -lt 20 ] || break
	done) |
	    net-phantom -q -S 1 --hosts "$T/net.conf" -- icmp-phantom -q \
		--hosts "$T/net.conf" --echo-rate 100000 >"$T/out" 2>"$T/err"
	is "nine times $many bytes: another is answered" \
	    "$(grep -o '10.0.0.9 probe kind=ping count=[0-9]*' "$T/err")" \
	    '10.0.0.9 probe kind=ping count=20'
	is 'and gets the answers' "$(replies)" 20
done
done_testing
