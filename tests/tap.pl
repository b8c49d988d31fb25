# tap.pl - what the tests in Perl share: a line of the Test Anything Protocol
# for each check, as tap.sh has it for the others.
use strict;
use warnings;

my ($n, $failed) = (0, 0);

sub ok
{
	my ($good, $what) = @_;

	printf "%sok %d - %s\n", $good ? '' : 'not ', ++$n, $what;
	$failed ||= !$good;
}

# none - a test that holds when the list of what is wrong is empty
sub none
{
	my ($what, @wrong) = @_;

	print "# $_\n" for @wrong;
	ok(!@wrong, $what);
}

# done_testing - the plan, and the exit status
sub done_testing
{
	print "1..$n\n";
	exit($failed ? 1 : 0);
}

1;
