#!/usr/bin/perl
# The catalogue of tcp-drill against the tables of requirements: each that a
# peer on the wire can see has a case, and catalogue.tsv says why it cannot see
# the others.
#
# A line is: ID of rfc9293.tsv or other.tsv, how, where. how is "case" (where:
# names of cases) or "unseen" (where: the reason).
use strict;
use warnings;
require './tests/tap.pl';

my $bin = $ENV{BIN} || 'bin';
# those of other.tsv that the catalogue is about
my $rfcs = join '|', qw(791 2018 2883 5681 5961 6191 6298 6528 7323 8200);

sub rows
{
	my ($name) = @_;

	open my $f, '<', $name or return ();
	chomp(my @lines = <$f>);
	return map { [split /\t/, $_, -1] } @lines;
}

# requirements - of all cases, by name: "RFC9293 MUST-1", ...
my @twice;
sub requirements
{
	my %of;

	open my $list, '-|', "$bin/tcp-drill --list" or return ();
	while (<$list>) {
		my ($name, $rest) = /^(\S+)\s+\S+\s+\w+ (?:\w+)?\s*(RFC.*)$/ or
		    next;
		push @twice, $name if $of{$name};
		$of{$name} = [split /, /, $rest];
	}
	close $list;
	return %of;
}

# sections - what the requirement of a case for ID may be
sub sections
{
	my ($id) = @_;

	return "RFC9293 3.10.7." . ($1 < 4 ? $1 : 4) if $id =~ /^TXT-(\d+)/;
	return "RFC9293 $id" if $id !~ /^(\d+):([\d.]+?)(?:(\d+)-[\d.]*?(\d+))?:/;
	return "RFC$1 $2" if !defined $3;
	return map { "RFC$1 $2$_" } $3 .. $4;
}

sub named
{
	my ($id, @have) = @_;

	for my $want (sections($id)) {
		return 1 if grep { $_ eq $want || /^\Q$want\E\./ } @have;
	}
	return 0;
}

my @want = map { $_->[0] } rows('tests/rfc9293.tsv'),
    grep { $_->[0] =~ /^(?:$rfcs):/ } rows('tests/other.tsv');
my @table = rows('tests/catalogue.tsv');
my %row = map { $_->[0] => $_ } @table;
my %known = map { $_ => 1 } @want;
my %of = requirements();
my @seen = grep { $_->[1] eq 'case' } @table;

ok(keys %of >= 310, 'all cases are listed, with a requirement each');
none('no two have one name', @twice);
none('every requirement has a line', grep { !$row{$_} } @want);
none('and only one', grep { my $id = $_; 1 < grep { $_->[0] eq $id } @table }
    keys %row);
none('no line is of another', grep { !$known{$_} } keys %row);
none('every line has an ID, a kind and cases or a reason',
    map { $_->[0] } grep {
	@$_ != 3 || $_->[1] !~ /^(?:case|unseen)$/ || $_->[2] eq ''
    } @table);
none('every case that is named exists, and names the requirement', map {
	my $row = $_;
	map { "$row->[0]: $_" }
	    grep { !named($row->[0], @{$of{$_} // []}) } split / /, $row->[2]
} @seen);
none('every case that names one stands in its line', map {
	my $case = $_;
	map { "$_: $case" } grep {
		($row{$_}[1] // '') ne 'case' ||
		    " $row{$_}[2] " !~ / \Q$case\E /
	} map { /^RFC9293 ([A-Z]+-\d+)/ ? $1 : () } @{$of{$case}}
} sort keys %of);
printf "# %d requirements: %d have cases, %d cannot be seen\n",
    scalar @table, scalar @seen, @table - @seen;
printf "# %d cases\n", scalar keys %of;
done_testing();
