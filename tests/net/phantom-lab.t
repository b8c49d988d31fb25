#!/bin/bash
# phantom-lab: what its --help says works as written, and nothing is left.
. "${0%/*}/../lab.sh"
# our own processes only: what is left behind can be counted
lab "$@"
need curl ping env
# the lab has a /run of its own
T=$(mktemp -d /tmp/phantom-lab.XXXXXX) && cd "$T" || exit 1
trap 'lab_down; rm -rf "$T"' EXIT
L=$BIN/phantom-lab
"$L" true 2>"$T/err" || skip_all "no lab in a lab: $(head -n 1 "$T/err")"
net() { readlink /proc/self/ns/net; }
# inside - how many processes have another network than ours
inside() {
	local p n=0
	for p in /proc/[0-9]*; do
		p=$(readlink "$p/ns/net" 2>/dev/null) || continue
		[ "$p" = "$(net)" ] || n=$((n + 1))
	done
	echo $n
}

# try N - the lines of --help
try() {
	"$L" --help | awk -v n="$1" '/^  [1-5]\. / { on = $1 == n "." ; next }
	    /^$/ { on = 0 } on { sub(/^ +/, ""); print }'
}
is 'five things to try' "$("$L" --help | grep -c '^  [1-5]\. ')" 5
for i in 1 2 3 4 5; do
	try $i >"$T/$i"
done
cat "$T/2" "$T/3" >"$T/23" # the third is about the second's
timeout 60 "$L" sh "$T/1" >"$T/said" 2>&1
is '1: ping' "$(grep -o '3 received' "$T/said")" '3 received'
timeout 60 "$L" sh "$T/23" >"$T/said" 2>&1
is '2: curl, twice' "$(grep -c '^hello' "$T/said")" 2
is '3: the ladder shows the handshake and the data' \
    "$(grep -c -e 'SYN' -e 'GET\|FIN' "$T/said" | awk '{ print ($1 > 2) }')" 1
timeout 60 "$L" sh "$T/4" >"$T/said" 2>&1
is '4: the last line through the loss' "$(grep -x 100000 "$T/said")" 100000
timeout 60 "$L" sh "$T/5" >"$T/said" 2>&1
is '5: exit 0, three answers' "$? $(grep -c 'bytes from 10.0.0.9\|seq=' \
    "$T/said")" '0 3'
if have tcpdump; then
	is 'tcpdump hears, writes and reads' "$(timeout 30 "$L" sh -c '
	    client tcpdump -nn -ieth0 -c1 -U -w /run/cap "icmp and host 10.0.0.8" &
	    sleep 1; icmp-ping -q -c 1 -s 10.0.0.8 eth0 10.0.0.9 >/dev/null
	    wait; tcpdump -tnr /run/cap' 2>/dev/null |
	    grep -c '10.0.0.8 > 10.0.0.9: ICMP echo request')" 1
else
	skip 'tcpdump hears, writes and reads' tcpdump
fi
is 'nothing is left of any' "$(inside)" 0

"$L" sh -c 'exit 7'
is "the command's exit status" $? 7
is 'its stdin and stdout' "$(echo hello | "$L" client cat)" hello
is 'two networks' "$("$L" sh -c 'ip -o -4 addr show eth0 | wc -l
    client ip -o -4 addr show eth0 | grep -c 10.0.0.9/24' | xargs)" '0 1'
"$L" --nope 2>"$T/err"
is 'an unknown option: exit 2' "$? $(grep -c -- --nope "$T/err")" '2 1'
if have script; then
	printf 'client ping -c 1 10.0.0.9\nexit 5\n' | SHELL=/bin/bash HOME=$T \
	    timeout 30 script -qec "$L" /dev/null >"$T/said" 2>&1
	is 'a shell, with a prompt' "$? $(grep -c '1 received' "$T/said") \
$(grep -c 'lab:.*# ' "$T/said" | awk '{ print ($1 > 0) }')" '5 1 1'
else
	skip 'a shell' script
fi

for s in TERM KILL; do
	"$L" sh -c "echo up >$T/up; sleep 60 & sleep 60" &
	p=$!
	began+=("$p")
	wait_for 20 test -s "$T/up"
	rm "$T/up"
	[ $s = TERM ] || p="$(pgrep -P $p) $p"
	# shellcheck disable=SC2086
	kill -$s $p
	wait_for 20 eval '[ "$(inside)" = 0 ]'
	is "SIG$s ends all that is in it" "$(inside)" 0
done
done_testing
