#!/bin/bash
# Each quirk of tcpfsm, which is a fault that a device could have, and the case
# of tcp-drill's catalogue that finds it: over two pipes, without a network.
. "${0%/*}/../tap.sh"
scratch

cat >"$T/table" <<'X'
ack-delay data/delayed-ack
ack-unsent data/acknowledged
dsack-lie sack/gone-when-filled
dup-ack data/one-ack
ecn-bleach data/ecn-echo
ecn-echo data/ecn-echo
fast-open-lost handshake/fast-open
fin-lost close/fin-answered
half-close close/half
ignore-window send/window-honoured
never-ack data/acknowledged
never-fin close/fin-answered
no-timestamps timestamps/on-every-segment
old-timestamps timestamps/not-back
overlap-data data/overlap-behind
persist-tarpit data/acknowledged
reorder-own send/in-order
rst data/acknowledged
sack-lie sack/gone-when-filled
slow-drip close/half
stall-handshake handshake/plain
stretch-ack data/many-acks
syn-ack-twice handshake/syn-ack-again
tiny-mss handshake/mss-announced
urgent send/ecn-capable
window-shrink data/window-edge
zero-window data/acknowledged
X
cat >"$T/serve" <<'X'
#!/bin/sh
case $TCPLOCALPORT in
7) exec cat ;;
9) exec cat >/dev/null ;;
19) exec yes 0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrs ;;
esac
X
chmod 755 "$T" "$T/serve"

# one QUIRK CASE - what the catalogue says of it
one() {
	mkfifo "$T/$1.pipe"
	tcpfsm -Q "$1" --fastopen -q -l /dev/null -a 10.0.0.6 -p 7 -p 9 -p 19 -d 0 \
	    -e "$T/serve" <"$T/$1.pipe" 2>/dev/null |
	    tcp-drill --only "$2" -g 02:50:0a:00:00:06 -s 10.0.0.64/26 \
		--service echo --also discard:9 --also chargen:19 -j 8 --tries 1 \
		-o "$T/$1.out" - 10.0.0.6:7 >"$T/$1.pipe" 2>"$T/$1.err"
	echo $? >>"$T/$1.out"
}

is 'each quirk is in the table' "$(tcpfsm -Q list | sed 's/[[ ].*//')" \
    "$(cut -d ' ' -f 1 "$T/table")"
# a few at a time: a device that answers late, as on a busy machine, is granted
# more time, and some quirks are within that
while read -r quirk case; do
	[ "$(jobs -pr | wc -l)" -lt 6 ] || wait -n
	one "$quirk" "$case" &
done <"$T/table"
wait
while read -r quirk case; do
	case $quirk in
	stall-handshake)
		is "$quirk: told" "$(cat "$T/$quirk.err" "$T/$quirk.out")" \
		    "tcp-drill: connect to port 7: no answer
1" ;;
	*)
		is "$quirk: $case fails" \
		    "$(grep -o '^not ok 1 - [^ ]*' "$T/$quirk.out")" \
		    "not ok 1 - $case" || diag <"$T/$quirk.out" ;;
	esac
done <"$T/table"
done_testing
