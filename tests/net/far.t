#!/bin/bash
# The stages on two machines, joined by socat: it serves; cut in the middle of
# a transfer it ends everywhere, and made again it begins anew with a header
# of its own: who was talking is reset and tries again.
. "${0%/*}/../lab.sh"
lab "$@"
need socat curl
head -c 20000000 /dev/urandom >"$T/big"
begin socat -t 2 TCP-LISTEN:5000,bind=127.0.0.1,reuseaddr,fork,max-children=1 \
    EXEC:"tcpfsm -l $T/log -p 80 -f $T/big" 2>/dev/null
near() {
	while :; do
		rawcap eth0 2>/dev/null |
		    socat -t 2 - TCP:127.0.0.1:5000 2>/dev/null |
		    rawinject -q eth0
		echo again >>"$T/again"
		sleep 0.2
	done
}
near &
began+=($!)
claim
wait_for 10 packet_sockets 3
fetch() {
	client curl -s --http0.9 --max-time 30 --retry 5 --retry-delay 1 \
	    --retry-all-errors "$@" -o "$T/got" "http://$V4/"
}
fetch
is 'served from afar' "$? $(md5 "$T/got")" "0 $(md5 "$T/big")"
fetch --limit-rate 10M &
fetching=$!
wait_for 10 eval '[ "$(grep -c new=ESTABLISHED "$T/log")" -ge 2 ]'
sleep 0.3
kill "$(pgrep -f '^socat -t 2 - TCP:127.0.0.1:5000')"
wait $fetching
is 'cut in the middle and made again: the client tries again' \
    "$? $(md5 "$T/got")" "0 $(md5 "$T/big")"
ok 'it was cut' grep -q again "$T/again"
is 'each time a new run' "$(grep -c ' start ' "$T/log")" 2
done_testing
