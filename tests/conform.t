#!/usr/bin/perl
# Conformance as data: rfc9293.tsv and other.tsv say of each requirement how it
# is met. Every test that they name exists, every script passes, every departure
# stands in tcpfsm(1), and no requirement is missing.
#
# A line is: ID, level, how, where. how is "test" (where: names of tests),
# "departs" or "not-here" (where: the reason).
use strict;
use warnings;
require './tests/tap.pl';

my $build = $ENV{BUILD} || 'build';

sub slurp
{
	my ($name) = @_;

	open my $f, '<', $name or return '';
	local $/;
	return scalar <$f>;
}

# path - the file of a test, by the folder in its name
sub path
{
	my ($dir, $name) = split m{/}, $_[0], 2;

	return "tests/unit/${name}_test.c" if $dir eq 'unit';
	return "tests/$dir/$name.t" if $dir =~ /^(?:net|pipe|sim)$/;
	return "tests/pkt/$dir/$name.pkt";
}

# standards - the section of the page, its white space evened out
sub standards
{
	my ($text) = slurp('man/tcpfsm.1') =~ /^\.Sh STANDARDS\n(.*?)^\.Sh /ms;

	$text //= '';
	$text =~ s/\s+/ /g;
	return $text;
}

# in_page - MUST-20 stands there, or, of 6298:2.4:1, "RFC 6298 2.4"
sub in_page
{
	my ($id, $page) = @_;
	my ($rfc, $section) = $id =~ /^(\d+):([\d.]+)/;
	my $name = defined $rfc ? "RFC $rfc $section" : $id;

	return $page =~ /\b\Q$name\E(?!\.?\d)/;
}

# passed - what all scripts say, by name
sub passed
{
	my %said;

	open my $tap, '-|', "$build/tests/pkt/pkt tests/pkt/*/*.pkt" or
	    return ();
	while (<$tap>) {
		$said{$2} = $1 eq 'ok' if /^((?:not )?ok) \d+ - (\S+)/;
	}
	close $tap;
	return %said;
}

sub read_table
{
	my ($name) = @_;
	my @rows;

	for (split /\n/, slurp($name)) {
		my @f = split /\t/, $_, -1;
		push @rows, {id => $f[0], level => $f[1] // '',
		    how => $f[2] // '', where => $f[3] // '', fields => @f + 0};
	}
	return @rows;
}

sub malformed
{
	return map { "$_->{id}: not four fields" } grep {
		$_->{fields} != 4 || $_->{where} eq '' ||
		    $_->{how} !~ /^(?:test|departs|not-here)$/
	} @_;
}

sub twice
{
	my %seen;

	return map { "$_->{id}: twice" } grep { $seen{$_->{id}}++ } @_;
}

# missing - IDs of a series 1..count that are not there
sub missing
{
	my ($rows, %count) = @_;
	my %have = map { $_->{id} => 1 } @$rows;

	return map {
		my $series = $_;
		map { "$series-$_: missing" }
		    grep { !$have{"$series-$_"} } 1 .. $count{$series}
	} sort keys %count;
}

sub summary
{
	my ($title, $level, @rows) = @_;
	my %how = (test => 0, departs => 0, 'not-here' => 0);

	$how{$_->{how}}++ for @rows;
	printf "# %s: %d %s: %d shown, %d depart, %d not here\n", $title,
	    scalar @rows, $level, @how{qw(test departs not-here)};
}

sub by_level
{
	my ($title, @rows) = @_;
	my %level;

	push @{$level{uc($_->{level}) =~ s{ NOT$}{}r}}, $_ for @rows;
	summary($title, $_, @{$level{$_}}) for sort keys %level;
}

my @rfc9293 = read_table('tests/rfc9293.tsv');
my @other = read_table('tests/other.tsv');
my @all = (@rfc9293, @other);
my @tests = grep { $_->{how} eq 'test' } @all;
my $page = standards();
my %said = passed();

ok(@rfc9293 == 130, 'RFC 9293 has 130 requirements');
none('all of them are there', missing(\@rfc9293, MUST => 69, SHLD => 31,
    MAY => 18, REC => 1, TXT => 11));
none('and no line is there twice', twice(@all));
none('every line has an ID, a level, a kind and a reason', malformed(@all));
none('every test that is named exists', map {
	my $row = $_;
	map { "$row->{id}: $_" } grep { !-e path($_) } split / /, $row->{where}
} @tests);
none('every script that is named passes', map {
	my $row = $_;
	map { "$row->{id}: $_" }
	    grep { path($_) =~ /\.pkt$/ && !$said{$_} } split / /, $row->{where}
} @tests);
none('every departure stands in tcpfsm(1)', map { $_->{id} }
    grep { $_->{how} eq 'departs' && !in_page($_->{id}, $page) } @all);
by_level('RFC 9293', @rfc9293);
by_level('others', @other);
printf "# scripts: %d\n", scalar keys %said;
done_testing();
