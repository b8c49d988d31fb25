#!/bin/bash
# One story, told by all: tcpfsm -r --all has the connections of ladder --list,
# their ends and their bytes, in captures of simulated runs at three places:
# lost, reordered and captured twice, ports used again, resets of connections
# before. What comes behind a reset is not played, nor has ladder a byte that
# only a window probe had.
. "${0%/*}/../tap.sh"
[ -x "${BUILD:=build}/tests/sim/sim" ] || skip_all 'no simulation'
scratch
printf '\115\074\262\241\2\0\4\0\0\0\0\0\0\0\0\0\0\0\4\0\1\0\0\0' >"$T/one"
head -c 16 /dev/zero >>"$T/one"

# played FILE - of each connection that can be: number, ends, bytes, ends how
played() {
	rm -f "$T/log"
	tcpfsm -T -S 1 --all -l "$T/log" -r "$1" <"$T/one" >/dev/null 2>&1
	sed -n 's/^[^ ]* \([^ ]*\) \([^ ]*\) replay .*stream=\([0-9]*\) .*'`
		`'sends=\([0-9]*\) expects=\([0-9]*\) unknown=0 end=\([a-z]*\) '`
		`'peer_end=\([a-z]*\).*/\3 \2 \1 \5 \4 \7-\6/p' "$T/log"
}
# listed FILE - the same as ladder tells it
listed() {
	ladder --list "$1" | awk 'NR > 1 {
		print $1, $(NF - 1), $NF, $4, $5, $9 }'
}
differ() {
	local f=$1
	listed "$f" >"$T/listed"
	played "$f" | awk -v f="${f##*/}" 'NR == FNR { l[$1] = $0; next }
		{ n++; split(l[$1], x) }
		$2 != x[2] || $3 != x[3] { print f, "ends:", $0 " - " l[$1] }
		$6 !~ /reset/ && ($4 != x[4] || $5 != x[5]) ||
		    $4 > x[4] + 1 || $5 > x[5] + 1 {
			print f, "bytes:", $0 " - " l[$1] }
		$6 ~ /reset/ && $6 !~ /fin/ && x[6] != "reset" {
			print f, "reset:", $0 " - " l[$1] }
		END { print n + 0 >>"'"$T/count"'" }' "$T/listed" -
}
for seed in 8 17 23 25 41 61 212670 213690; do
	"$BUILD/tests/sim/sim" -a -s $seed -W "$T/s$seed" >/dev/null
done
is 'the same connections, ends and bytes' "$(for f in "$T"/s*.pcap; do
	differ "$f"
done)" ''
ok 'of many' [ "$(awk '{ s += $1 } END { print s + 0 }' "$T/count")" -gt 40 ]
done_testing
