#!/bin/bash
# A limit of file sizes is met as a full disk is: said once, whole lines and
# records, an exit status, no signal. What a program executes has the default.
. "${0%/*}/../tap.sh"
scratch
python3 - "$T/syns" <<'END' || skip_all 'no python3'
import struct, sys
with open(sys.argv[1], 'wb') as f:
    f.write(struct.pack('<IHHiIII', 0xa1b23c4d, 2, 4, 0, 0, 65535, 1))
    for i in range(60):
        p = bytes.fromhex('02500a000005' '02500a000009' '0800') + bytes(60)
        f.write(struct.pack('<IIII', i, 0, len(p), len(p)) + p)
END
tcp-craft -s 10.0.0.9:1 -c 10.0.0.5:80 flags S seq 1 >"$T/syn"
# limited COMMAND... - status, and what it says
limited() {
	(
		ulimit -f 1
		exec timeout 20 "$@" 2>&3 3>&- >"$T/out"
	) 3>&1
	echo " $?"
}
is 'a capture' "$(limited rawcap -r "$T/syns" | sed 's/after [0-9]* /after N /')" \
    'rawcap: write stdout: File too large: it ends after N packets
 1'
is 'of whole records' "$(rawcap -r "$T/out" 2>&1 >"$T/read")" ''
for i in {1..99}; do tail -c +25 "$T/syn"; done | cat "$T/syn" - >"$T/many"
is 'a log' "$(limited tcpfsm -v -T -S 1 -f "$0" -l "$T/log" <"$T/many" |
    grep -c '^tcpfsm: write .*/log: File too large: events are lost while\|^ 1')" 2
is 'of whole lines' "$(tail -c 1 "$T/log" | od -An -c | tr -d ' ')" '\n'
is 'what a program executes has the default' "$(pipe-switch -q 1:- \
    'x=1:grep SigIgn /proc/self/status >'"$T/sig" <"$T/syn" >"$T/out" 2>"$T/err"
    printf '%x' $((0x$(cut -f 2 "$T/sig") & 0x1000000)))" 0
done_testing
