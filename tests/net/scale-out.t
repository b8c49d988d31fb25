#!/bin/bash
# One address on two machines behind the kernel's multipath routing, and two
# pipelines on one interface: every connection completes, nothing is left; and
# with shared keys, while a machine is taken away and brought back.
. "${0%/*}/../lab.sh"
lab "$@"
unshare -Urnm --propagation private true 2>/dev/null ||
    skip_all 'no namespaces inside namespaces'
need ping curl

out=$(timeout 100 sh examples/scale-out 2>"$T/err")
is 'all connections complete' "$? $(tail -n 1 <<<"$out")" \
    '0 All connections are complete.' || diag <<<"$out"
is 'it says nothing on stderr' "$(cat "$T/err")" ''
is 'all that was fetched is right' \
    "$(grep -o '120 of 120' <<<"$out")" '120 of 120'
is 'three pipelines had their share' "$(awk '$1 ~ /^(one|two|three):$/ {
	n++; all += $2; some += $2 > 0 } END { print n, some, all }' \
    <<<"$out")" '3 3 120'
is 'a machine is taken away and comes back: only its connections are cut' \
    "$(awk '/connections were complete/ { print ($1 > 20), ($5 <= 8) }
	/m2 had/ { gsub(/,/, ""); print $7, ($9 > 0) }' <<<"$out" | xargs)" \
    '1 1 0 1' || diag <<<"$out"
running() {
	cat /proc/[0-9]*/comm 2>/dev/null |
	    grep -xE 'rawcap|tcpfsm|rawinject|.*-phantom|scale-out|sh|curl'
}
wait_for 5 eval '! running'
is 'nothing is left running' "$(running | xargs)" ''
done_testing
