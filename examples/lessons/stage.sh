#!/bin/sh
# stage.sh [drop N] [mac MAC] - a stage in sh and awk: counts packets, drops
# each Nth, writes another destination MAC into the rest. The same as
# stage.py and stage.c. od reads ahead, so this one is for files, not for a
# line that must answer at once.
every=0 mac=
while [ $# -ge 2 ]; do
	case $1 in
	drop) every=$2 ;;
	mac) mac=$(IFS=:; for x in $2; do printf '%d ' "0x$x"; done) ;;
	*) break ;;
	esac
	shift 2
done
[ $# = 0 ] || { echo "usage: stage.sh [drop N] [mac MAC]" >&2; exit 2; }

od -An -v -tu1 -w1 | LC_ALL=C awk -v every="$every" -v mac="$mac" '
# number - of four bytes, in the order that the stream is in
function number(at) {
	return little ? b[at] + 256 * (b[at+1] + 256 * (b[at+2] + 256 * b[at+3])) \
	    : b[at+3] + 256 * (b[at+2] + 256 * (b[at+1] + 256 * b[at]))
}
function put(  i) {
	for (i = 1; i <= n; i++)
		printf "%c", b[i]
	n = 0
}
function packet(  i) {
	packets++
	if (every && packets % every == 0) {
		n = 0
		return
	}
	for (i = 1; i <= 6 && macs == 6; i++)
		b[16 + i] = m[i]
	passed++
	put()
}
BEGIN { macs = split(mac, m, " ") }
{ b[++n] = $1 + 0 }
# the file header, once: its first byte tells the order
!begun && n == 24 { little = b[1] != 161; begun = 1; put(); next }
# then for each packet 16 bytes, of which 9 to 12 tell how many follow
begun && n == 16 { want = 16 + number(9) }
begun && n >= 16 && n == want { packet() }
END { print packets + 0, "packets,", passed + 0, "passed" > "/dev/stderr" }'
