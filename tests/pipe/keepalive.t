#!/usr/bin/perl
# RFC 9293 3.8.4 MUST-24, MUST-25, MUST-27, MUST-28: keep-alives are off, and
# when asked for come after two hours, or as often as told. A client that is
# silent after its handshake, in the time of the packets.
use strict;
use warnings;

use File::Temp 'tempdir';

my $tcpfsm = ($ENV{BIN} || 'bin') . '/tcpfsm';
my $dir = tempdir(CLEANUP => 1);
my ($n, $failed) = (0, 0);

sub is
{
	my ($what, $got, $want) = @_;
	my $good = $got eq $want;

	printf "%sok %d - %s\n", $good ? '' : 'not ', ++$n, $what;
	print "# got:  $got\n# want: $want\n" if !$good;
	$failed ||= !$good;
}

sub put
{
	my ($name, $bytes) = @_;

	open my $f, '>:raw', "$dir/$name" or die "$dir/$name: $!\n";
	print $f $bytes;
	close $f or die "$dir/$name: $!\n";
}

sub get
{
	my ($name) = @_;

	open my $f, '<:raw', "$dir/$name" or die "$dir/$name: $!\n";
	local $/;
	return scalar <$f>;
}

# sum - RFC 1071
sub sum
{
	my ($bytes) = @_;
	my $s = 0;

	$s += $_ for unpack 'n*', $bytes;
	$s = ($s & 0xffff) + ($s >> 16) while $s >> 16;
	return ~$s & 0xffff;
}

# record - one segment of the client's, at a time in seconds
sub record
{
	my ($time, $flags, $seq, $ack) = @_;
	my ($src, $dst) = (pack('C4', 10, 0, 0, 9), pack('C4', 10, 0, 0, 5));
	my $tcp = pack 'nnNNCCnnn', 40000, 80, $seq, $ack, 0x50, $flags, 65535,
	    0, 0;
	my $ip = pack('CCnnnCCn', 0x45, 0, 40, 0, 0x4000, 64, 6, 0) . $src .
	    $dst;

	substr $tcp, 16, 2, pack 'n', sum($src . $dst . pack('nn', 6, 20) .
	    $tcp);
	substr $ip, 10, 2, pack 'n', sum($ip);
	my $frame = pack('H*', '02500a00000502aa000000090800') . $ip . $tcp;
	return pack('L4', 1000 + $time, 0, (length $frame) x 2) . $frame;
}

# run - the segments that the phantom says: [time, seq, ack, flags, bytes]
sub run
{
	my ($options, @records) = @_;
	my (@said, $bytes);

	put('in', pack('LSSlLLL', 0xa1b23c4d, 2, 4, 0, 0, 262144, 1) .
	    join '', @records);
	system "$tcpfsm -T -S 1 -qq -d 1000000 $options -f /dev/null " .
	    "<$dir/in >$dir/out 2>$dir/err";
	$bytes = substr get('out'), 24;
	while (length $bytes) {
		my ($sec, $ns, $len) = unpack 'LLL', $bytes;
		my $ip = substr $bytes, 16 + 14, $len - 14;
		my ($seq, $ack, $off, $flags) = unpack 'x24NNCC', $ip;

		push @said, [$sec - 1000, $seq, $ack, $flags,
		    unpack('x2n', $ip) - 20 - ($off >> 4) * 4];
		substr $bytes, 0, 16 + $len, '';
	}
	return @said;
}

my $syn = record(0, 2, 100, 0);
my ($first) = run('', $syn);
my $iss = $first->[1];
my @shake = ($syn, record(1, 16, 101, ($iss + 1) & 0xffffffff));

# up to when the server would speak
sub probes
{
	return grep { $_->[0] > 1 && $_->[0] < 900000 } run($_[0], @shake);
}

sub moments
{
	return join ' ', map { $_->[0] } @_;
}

is('MUST-25: off', moments(probes('')), '');
my @probe = probes('--keepalive');
is('MUST-28: after two hours, then each 75 s; nine in all', moments(@probe),
    join ' ', map { 7201 + 75 * $_ } 0 .. 8);
is('SHLD-12: SEQ is SND.NXT - 1, without data',
    join(' ', @{$probe[0]}[1 .. 4]), "$iss 101 16 0");
is('MUST-27: as often as told', moments(probes('--keepalive=50')),
    join ' ', map { 51 + 50 * $_ } 0 .. 8);
print "1..$n\n";
exit($failed ? 1 : 0);
