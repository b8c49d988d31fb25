#!/bin/bash
# The event log under a flood: so many lines of one source, the others counted;
# and a log that nobody reads, that is full or closed changes nothing of what
# TCP says.
. "${0%/*}/../tap.sh"
need perl mkfifo
scratch

# many N FILE... - the packets of the first file N times, then the others
many() {
	perl -e 'my ($n, @f) = @ARGV; local $/; for (@f) {
		open my $h, "<:raw", $_ or die; my $b = <$h>;
		print substr $b, 0, 24 unless $head++;
		print substr($b, 24) x $n; $n = 1 }' "$@"
}
# craft PORT FLAGS... - one segment, of one moment
craft() {
	local port=$1
	shift
	tcp-craft -s "10.0.0.9:$port" -c 10.0.0.5:80 "$@" |
	    perl -e 'local $/; $_ = <STDIN>; substr($_, 24, 8) = "\0" x 8; print'
}
count() { grep -c " $1 " "$T/log"; }

craft 1 flags R seq 1 >"$T/reset"
craft 2 flags S seq 1 >"$T/syn"
craft 1 flags F seq 1 >"$T/fin"
many 50000 "$T/reset" "$T/fin" "$T/syn" >"$T/in"
tcpfsm -T -S 1 -f LICENSE <"$T/in" 2>"$T/log" >"$T/want"
is 'of one source and reason 1000 lines at once' "$(count drop)" 1001
is 'another reason is told all the same' "$(grep -c why=no-syn "$T/log")" 1
is 'what was not told is counted' "$(tail -n 1 "$T/log" |
    grep -o ' dropped=[0-9]*\| not_told=[0-9]*' | xargs)" \
    'dropped=50001 not_told=49000'

# same WHAT STATUS [WANTED] - the output is what it was, the exit 0
same() { is "$1" "$2 $(md5 "$T/out")" "${3:-0} $(md5 "$T/want")"; }
# ---- before a connection is established
cat >"$T/make.pl" <<'END'
# frames of a client, 10.0.0.66, to the phantom, as the argument says
my ($me, $it, $ns) = ("\x0a\0\0\x42", "\x0a\0\0\5", 0);
sub cksum {
	my $n = 0;
	$n += $_ for unpack 'n*', shift;
	$n = ($n & 0xffff) + ($n >> 16) while $n >> 16;
	~$n & 0xffff
}
sub ip {
	my ($src, $dst, $proto, $body) = @_;
	my $h = pack 'CCnnnCCna4a4', 0x45, 0, 20 + length $body, 0, 0, 64,
	    $proto, 0, $src, $dst;
	substr($h, 10, 2) = pack 'n', cksum($h);
	"$h$body"
}
sub frame {
	my $e = "\2\x50\x0a\0\0\5\2\0\0\0\0\x42\x08\0" . shift;
	print pack('VVVV', 1, $ns, length $e, length $e), $e
}
sub tcp { # a segment
	my ($port, $seq, $flags) = @_;
	my $t = pack 'nnNNCCnnn', $port, 80, $seq, 0, 0x50, $flags, 65535, 0, 0;
	substr($t, 16, 2) = pack 'n', cksum($me . $it . pack('nn', 6, 20) . $t);
	frame(ip($me, $it, 6, $t))
}
sub icmp { # host unreachable, about a segment to the port
	my ($port, $seq) = @_;
	my $m = pack('CCnN', 3, 1, 0, 0) .
	    ip($it, $me, 6, pack 'nnN', 80, $port, $seq);
	substr($m, 2, 2) = pack 'n', cksum($m);
	frame(ip($me, $it, 1, $m))
}
print pack 'VvvVVVV', 0xa1b23c4d, 2, 4, 0, 0, 262144, 1;
eval shift;
die $@ if $@;
END
pl() { perl "$T/make.pl" "$1"; }
pl 'for (1 .. 20000) { tcp(1024 + $_, 1000, 2); tcp(1024 + $_, 1001, 4) }
    tcp(1, 1000, 2)' >"$T/rst"
tcpfsm -T -S 1 -f LICENSE <"$T/rst" 2>"$T/log" >/dev/null
is 'SYN and RST, 20,000 times: so many lines of one source' \
    "$(grep -c '^1\.0* .* state ' "$T/log")" 1000
is 'the others are counted' "$(tail -n 1 "$T/log" |
    grep -o ' not_told=[0-9]*')" ' not_told=39001'
pl 'for (1 .. 20000) { $ns += 10000; tcp(1024, 1000, 2) }' >"$T/again"
tcpfsm -T -S 1 -f LICENSE <"$T/again" 2>"$T/log" >"$T/out"
is 'the same SYN again: no time-out' \
    "$(grep ' retransmit ' "$T/log" | grep -c 'why=syn ')" 5
lines=$(grep -c 'why=syn-again ' "$T/log")
is "so many lines: $lines" "$((lines > 1000 && lines < 1030))" 1

# by who has received the SYN-ACK
pl 'tcp(1024, 1000, 2)' >"$T/one"
iss=$(tcpfsm -T -S 1 -f LICENSE <"$T/one" 2>/dev/null | tcp-show |
    sed -n "1s/.* SEQ='\([0-9]*\)'.*/\1/p")
pl "tcp(1024, 1000, 2); \$ns = 1000; icmp(1024, $iss) for 1 .. 5000" >"$T/icmp"
tcpfsm -T -S 1 -f LICENSE <"$T/icmp" 2>"$T/log" >/dev/null
is 'ICMP errors about it: so many lines of one source' "$(count icmp)" 1000

run() { timeout 60 tcpfsm -v -T -S 1 -f LICENSE <"$T/in" >"$T/out"; }
md5() { md5sum "$1" | cut -d ' ' -f 1; }

run 2>/dev/full
same 'a full disk: only the exit status can report it' $? 1
run 2>&-
same 'stderr is closed' $?
mkfifo "$T/fifo"
exec 9<>"$T/fifo"
run 2>&9
same 'nobody reads the log' $?
exec 9>&-
cat "$T/fifo" >/dev/null &
run 2>"$T/fifo"
same 'somebody does' $?
head -c 100 "$T/fifo" >/dev/null &
run 2>"$T/fifo"
same 'and goes away' $?
done_testing
