#!/bin/bash
# A response of 1 GB, longer than any window, over v4; and sequence numbers
# that wrap. The file has no name: nothing is left, whatever happens.
. "${0%/*}/../lab.sh"
lab "$@"
need nc cmp

free=$(df -Pk "${LAB_TMP:-/var/tmp}" | awk 'NR == 2 { print $4 }')
[ "$free" -gt 1200000 ] || skip_all "${LAB_TMP:-/var/tmp} has no room for 1 GB"
file=$(mktemp "${LAB_TMP:-/var/tmp}/giga.XXXXXX") || exit 1
exec 9<>"$file"
rm "$file"
# a tile of odd length: what is shifted is seen
head -c 16777259 /dev/urandom >"$T/tile"
size=1073741824
for i in $(seq 65); do
	cat "$T/tile"
done 2>/dev/null | head -c $size >&9
rm "$T/tile"

phantom -f /dev/fd/9
start=$(date +%s%N)
client timeout 300 nc -d $V4 9 9<&- | cmp - /dev/fd/9 >"$T/said" 2>&1
is '1 GB arrives as it is' "$? $(cat "$T/said")" '0 '
ms=$((($(date +%s%N) - start) / 1000000))
wait_for 5 grep -q ' close ' "$T/log"
is 'the log says so' \
    "$(grep -o 'how=fin sent=[0-9]*' "$T/log")" "how=fin sent=$size"
echo "# $ms ms, $((size / 1000 / ms)) MB/s;" \
    "$(grep -o 'retransmits=[0-9]*' "$T/log")"
phantom_end
is 'the line ends in order' $? 0
done_testing
