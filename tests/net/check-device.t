#!/bin/bash
# examples/check-device on the kernel's TCP, on our own, and on one that is
# known to be wrong.
. "${0%/*}/../lab.sh"
lab "$@"
need python3 ethtool
# what is counted here are segments, not what a card makes of them
client ethtool -K eth0 tso off gso off >/dev/null
single() {
	(stage rawcap rawcap eth0) |
	    (stage tcpfsm tcpfsm -l "$T/log" "$@") |
	    (stage rawinject rawinject -1 eth0)
}
LINE=single
mkdir "$T/www"
head -c 20000 /dev/urandom >"$T/www/index.html"
begin client python3 -c 'if True:
	import http.server as h, os
	os.chdir("'"$T"'/www")
	h.ThreadingHTTPServer.request_queue_size = 64
	h.test(h.SimpleHTTPRequestHandler, h.ThreadingHTTPServer, port=80)
' >"$T/server.log" 2>&1
wait_for 10 eval 'client ss -Hltn "sport = :80" | grep -q .'

# check TAP COMMAND... - all at once
check() { timeout 50 "${@:2}" >"$T/$1" 2>&1; }
results() { sed -n 's/^\(not ok\|ok\) \([0-9]*\) .*/\1 \2/p' "$T/$1"; }
failed() { sed -n 's/^not ok \([0-9]*\) .*/\1/p' "$T/$1" | xargs; }
all=$(for i in 1 2 3 4 5 6 7 8 9 10; do echo "ok $i"; done | xargs)
check kernel examples/check-device -p -i eth0 -s 10.0.0.7 10.0.0.9 80 &
kernel=$!

# phantoms as the device, of one address only: the others are who asks the
# kernel; who asks them is in the other namespace
there='ip netns exec client'
phantom -a $V4 -f "$T/www/index.html" -d 1
check own $there examples/check-device -p -s 10.0.0.8 $V4 80
is 'our own TCP passes all ten' "$(results own | xargs)" "$all" ||
    diag <"$T/own"
phantom_end
wait $kernel
is 'the kernel as well' "$? $(results kernel | xargs)" "0 $all" ||
    diag <"$T/kernel"
phantom -a $V4 -f "$T/www/index.html" -d 1 -Q ack-unsent:1
check wrong $there examples/check-device -p -s 10.0.0.7 $V4 80
is 'one that acknowledges what was not sent does not answer at all' \
    "$? $(grep -c '^Bail out' "$T/wrong")" '1 1'
phantom_end
phantom -a $V4 -f "$T/www/index.html" -d 1 -Q never-fin
check wrong $there examples/check-device -p -s 10.0.0.7 $V4 80
is 'one that never closes is found' "$? $(failed wrong)" '1 1 3 4 7 8 9'
phantom_end
is 'usage' "$(examples/check-device 10.0.0.9 80 2>&1 >/dev/null |
    grep -c ^usage) $(examples/check-device 10.0.0.9 2>/dev/null; echo $?)" '1 2'
done_testing
