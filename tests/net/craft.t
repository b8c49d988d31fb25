#!/bin/bash
# examples/handshake: a connection by hand, against the kernel's TCP and
# against a phantom. tshark, which reads along, finds nothing to remark.
. "${0%/*}/../lab.sh"
lab "$@"
need python3 tshark ss
mkdir "$T/www"
head -c 30000 /dev/urandom | base64 >"$T/www/page"
(stage arp arp-phantom -n eth0 10.0.0.7 fd00::7) &
began+=($!)

# by_hand OURS THEIRS PATH [MAC] - under a shell that knows only POSIX; what
# went over the cable is in $T/seen
by_hand() {
	local said
	rm -f "$T/seen"
	(stage seen rawcap -q -O -t tcp eth0) >"$T/seen" &
	said=$!
	wait_for 10 test -s "$T/seen"
	(
		set -o pipefail
		rawcap -q -t tcp -a "$1" eth0 |
		    ${SHELL_POSIX:-sh} examples/handshake "$2" "$3" "$4" \
			"$T/got" ${5:+"$5"} 2>"$T/talk" |
		    rawinject -q eth0
	)
	status=$?
	wait_for 5 taken
	stop $said INT
	[ $status = 0 ] || diag <"$T/talk"
}

# remarks - of an expert; the ports of the lab's other talk do not matter
remarks() {
	tshark -r "$T/seen" -q -z expert,note,tcp 2>/dev/null |
	    grep -vE '^$|^=|Frequency|^(Notes|Chats)|connection closing$' |
	    head -n 5
}

# count FILTER - segments of this kind
count() { tshark -r "$T/seen" -Y "$1" 2>/dev/null | wc -l; }

# state PORT - of the kernel's sockets of that port, but for the listening
state() { client ss -Htan "sport = :$1" | awk '$1 != "LISTEN" { print $1 }'; }

# orderly WHAT - both FINs are there, no reset, and nothing strange
orderly() {
	is "$1: the script ends well" $status 0
	is "$1: no reset" "$(count tcp.flags.reset==1)" 0
	is "$1: a FIN from either side" "$(count 'tcp.flags.fin==1 &&
	    !tcp.analysis.retransmission')" 2
	is "$1: no remark of tshark's expert" "$(remarks)" ""
	is "$1: complete, with data and FINs" "$(tshark -r "$T/seen" -T fields \
	    -e tcp.completeness 2>/dev/null | sort -n | tail -n 1)" 31
}

# ---- the kernel
client python3 - "$T/www" >"$T/http.log" 2>&1 <<'PY' &
import http.server, socket, sys, functools
class S(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6
h = functools.partial(http.server.SimpleHTTPRequestHandler, directory=sys.argv[1])
S(("::", 8000), h).serve_forever()
PY
began+=($!)
listens() { client ss -Htln 'sport = :8000' | grep -q .; }
wait_for 20 listens || exit 1
for f in '10.0.0.7 10.0.0.7:5000 10.0.0.9:8000' \
    'fd00::7 [fd00::7]:5000 [fd00::9]:8000'; do
	set -- $f
	by_hand "$1" "$2" "$3" /page 02:00:00:00:00:09
	is "kernel, $1: the page is the page" \
	    "$(sed '1,/^\r$/d' "$T/got" | md5)" "$(md5 "$T/www/page")"
	orderly "kernel, $1"
	is "kernel, $1: it has closed first, and is in TIME-WAIT" \
	    "$(client ss -Htan 'dport = :5000' "dst $(bracket "$1")" | awk '{ print $1 }')" \
	    TIME-WAIT
done

# ---- a phantom: the line is on the other side; its MAC needs no asking
(
	(stage rawcap ip netns exec client rawcap -q eth0) |
	    (stage tcpfsm tcpfsm -p 80 -f examples/resp.txt -l "$T/log") |
	    (stage rawinject ip netns exec client rawinject -q eth0)
) &
began+=($!)
in_client() {
	[ "$(client awk 'NR > 1' /proc/net/packet | wc -l)" -ge 2 ]
}
wait_for 20 in_client && wait_for 20 test -s "$T/log" || exit 1
for f in '10.0.0.7 10.0.0.7:5001 10.0.0.5:80' \
    'fd00::7 [fd00::7]:5001 [fd00::5]:80'; do
	set -- $f
	: >"$T/log"
	by_hand "$1" "$2" "$3" /ghost.jpg
	is "phantom, $1: every byte" "$(md5 "$T/got")" \
	    "$(md5 examples/resp.txt)"
	orderly "phantom, $1"
	is "phantom, $1: its states" "$(sed -n 's/.* new=\([^ ]*\).*/\1/p' \
	    "$T/log" | xargs)" "SYN-RECEIVED ESTABLISHED FIN-WAIT-1 \
FIN-WAIT-2 TIME-WAIT"
done

# ---- a closed port: the script says it
by_hand 10.0.0.7 10.0.0.7:5002 10.0.0.9:9 / 02:00:00:00:00:09
is 'a closed port: the reset is told' \
    "$status $(tail -n 1 "$T/talk")" "1 handshake: they reset the connection"
done_testing
