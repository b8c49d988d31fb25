#!/bin/bash
# The bug report tells its story: a live run, the same again from its file,
# and a debugger in it. Its files are another run for the reader.
. "${0%/*}/../lab.sh"
lab "$@"
unshare -Urnm --propagation private true 2>/dev/null ||
    skip_all 'no namespaces inside namespaces'
need curl

mount -t tmpfs none /mnt || skip_all 'no tmpfs on /mnt'
out=$(timeout 100 sh examples/bug-report -d /mnt/kept 2>"$T/err")
is 'the bug report succeeds' "$? $(tail -n 1 <<<"$out")" \
    '0 The same, byte for byte.' || diag <"$T/err"
is 'it says nothing on stderr' "$(cat "$T/err")" ''
is 'it shows a segment that is sent again' \
    "$(grep -c ' retransmit .* why=' <<<"$out" | sed 's/^[1-9].*/some/')" some
if have gdb; then
	is 'and where the engine does it' \
	    "$(grep -c 'tcp_report_again' <<<"$out" | sed 's/^[1-9].*/some/')" \
	    some
else
	skip 'and where the engine does it' gdb
fi
seed=$(sed -n '1s/.* seed=\([0-9]*\).*/\1/p' /mnt/kept/events)
is 'the recording is the run, for whoever has it' \
    "$(tcpfsm -T -S "$seed" -q -q -f examples/resp.txt \
    </mnt/kept/run.pcap | md5)" "$(md5 /mnt/kept/said.pcap)"
left() {
	cat /proc/[0-9]*/comm 2>/dev/null | grep -xE \
	    'rawcap|tcpfsm|rawinject|impair|ptee|arp-phantom|gdb|curl' | xargs
}
wait_for 5 eval '[ -z "$(left)" ]'
is 'nothing is left running' "$(left)" ''
done_testing
