# SPDX-License-Identifier: MIT
what="perl: hashes of arrays, strings and regular expressions"
needs=perl

prepare() {
    cat >work.pl <<'PERL'
use strict;
use warnings;
my (%table, @lines);
for my $i (1 .. 400000) {
    push @{$table{"key" . $i % 20000}}, "value $i " . "x" x ($i % 60);
    $lines[$i % 3000] .= chr(97 + $i % 26) x ($i % 11);
    delete $table{"key" . $i % 19999} if $i % 13 == 0;
}
my $sum = 0;
for my $key (sort keys %table) {
    my $joined = join ",", @{$table{$key}};
    $joined =~ s/value (\d+)/$1 * 2/ge;
    my %letters;
    $letters{$_}++ for split //, substr $joined, 0, 200;
    $sum = ($sum * 31 + length($joined) + keys %letters) % 1000000007;
}
print "$sum\n", length(join "", map { $_ // "" } @lines), "\n";
PERL
}

job() { PERL_HASH_SEED=0 measured perl work.pl; }
