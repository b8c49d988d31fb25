#!/bin/bash
# tcpfsm -c against servers on the kernel's TCP: every byte arrives, both
# ways, the connection is closed in order; refused, reset, silent: exit 1
# with the reason.
LAB_UID=1000
. "${0%/*}/../lab.sh"
lab "$@"
need socat tcpdump
ME=10.0.0.7 ME6=fd00::7
head -c 3000000 /dev/urandom >"$T/big"
head -c 700 /dev/urandom >"$T/small"

# call TCPFSM'S ARGUMENTS... - one line of a client; its exit status
call() {
	rm -f "$T/log" "$T/got"
	rawcap eth0 2>/dev/null |
	    timeout 40 tcpfsm -l "$T/log" -o "$T/got" "$@" 2>"$T/err" |
	    tee "$T/out" | rawinject -q eth0
	return "${PIPESTATUS[1]}"
}

# serve PORT SOCAT'S ADDRESS... - in the client's namespace, for v4 and v6
serve() {
	begin client socat -t 60 "TCP6-LISTEN:$1,fork,reuseaddr,ipv6only=0" "${@:2}"
	wait_for 10 listening "$1"
}
listening() { client ss -Hltn "sport = :$1" | grep -q .; }
reason() { sed -n 's/^tcpfsm: //p' "$T/err"; }

# ---- request and response
serve 7000 "SYSTEM:cat >$T/heard; cat $T/big"
serve 7001 "SYSTEM:head -c 3000000 >$T/heard; cat $T/small"
serve 7002 EXEC:cat
for a in 10.0.0.9 fd00::9; do
	me=$ME
	[ $a = fd00::9 ] && me=$ME6
	b=$(bracket $a)
	call -c "$b:7000" -s $me -H -f "$T/small"
	is "-H: the server hears the end and answers at length, $a" \
	    "$? $(md5 "$T/heard") $(md5 "$T/got")" \
	    "0 $(md5 "$T/small") $(md5 "$T/big")"
	is "it was asked for in the stream, and answered for itself, $a" \
	    "$(client ip neigh show $me dev eth0 | grep -o "lladdr.*" |
		cut -d ' ' -f 2)" "$(client ip neigh show $me dev eth0 |
		grep -o '02:50:[0-9a-f:]*')"
	call -c "$b:7001" -s $me -f "$T/big"
	is "a long request, a short answer; the server closes first, $a" \
	    "$? $(md5 "$T/heard") $(md5 "$T/got")" \
	    "0 $(md5 "$T/big") $(md5 "$T/small")"
	is "we close second: LAST-ACK, $a" "$(grep -o \
	    'new=[A-Z0-9-]*' "$T/log" | cut -c 5- | xargs)" \
	    'SYN-SENT ESTABLISHED CLOSE-WAIT LAST-ACK CLOSED'
	call -c "$b:7002" -s $me -H -f "$T/big"
	is "an echo of 3 MB, $a" "$? $(md5 "$T/got")" "0 $(md5 "$T/big")"
done
if have tshark; then
	call -c 10.0.0.9:7001 -s $ME:40001 -f "$T/big"
	is 'tshark: nothing malformed, no bad checksum in what we sent' \
	    "$(tshark -r "$T/out" -o ip.check_checksum:TRUE \
		-o tcp.check_checksum:TRUE -Y '_ws.malformed ||
		ip.checksum.status == "Bad" || tcp.checksum.status == "Bad"' \
		2>/dev/null)" ''
	is 'the port that was given' "$(tshark -r "$T/out" -Y tcp -T fields \
	    -e tcp.srcport 2>/dev/null | sort -u)" 40001
else
	skip 'tshark finds no fault' tshark
	skip 'the port' tshark
fi

# ---- the next hop by MAC, or by an address
call -c 10.0.0.9:7000 -s $ME -g 02:00:00:00:00:09 -H -f "$T/small"
is '-g MAC' "$? $(md5 "$T/got")" "0 $(md5 "$T/big")"
# out of the network: 10.9.0.1 is behind 10.0.0.9
client ip addr add 10.9.0.1/32 dev lo
call -c 10.9.0.1:7000 -s $ME -g 10.0.0.9 -H -f "$T/small"
is '-g ADDRESS of a router' "$? $(md5 "$T/got")" "0 $(md5 "$T/big")"
call -c 10.9.0.2:7000 -s $ME --user-timeout 0.3
is 'nobody answers for what is not here' "$? $(reason)" "1 find 10.9.0.2: \
no answer: if it is not on this network, give the router's address with -g"

# ---- real servers
have python3 && {
	mkdir "$T/www" && cp "$T/big" "$T/www/big"
	begin client python3 -m http.server -d "$T/www" 7010 >/dev/null 2>&1
	wait_for 20 listening 7010
	printf 'GET /big HTTP/1.0\r\n\r\n' >"$T/get"
	call -c 10.0.0.9:7010 -s $ME -f "$T/get"
	is 'http.server of Python: the file' \
	    "$? $(sed '1,/^\r$/d' "$T/got" | md5)" "0 $(md5 "$T/big")"
	is 'examples/phantom-get' "$(examples/phantom-get -i eth0 -s $ME \
	    http://10.0.0.9:7010/big 2>"$T/err" | md5)" "$(md5 "$T/big")"
	examples/phantom-get -i eth0 -s $ME http://10.0.0.9:7010/none \
	    >"$T/got" 2>"$T/err"
	is 'of what is not there' "$? $(grep -o 404 "$T/err")" '1 404'
}

# ---- it goes wrong
call -c 10.0.0.9:9 -s $ME
is 'refused' "$? $(reason)" '1 connect to 10.0.0.9 port 9: refused'
call -c 10.0.0.9:9 -s $ME -qq
is 'a failure is said with -qq, too' "$? $(reason)" \
    '1 connect to 10.0.0.9 port 9: refused'
call -c 10.9.0.2:7000 -s $ME --user-timeout 0.3 -qq --count 2 -o "$T/got%d"
is 'and that there is no next hop' "$? $(reason | cut -d: -f1)" \
    '1 find 10.9.0.2'
call -c 10.0.0.9:7000 -s $ME -H -f "$T/small" -qq -o /dev/full
is 'and that the response cannot be written' "$? $(reason)" \
    '1 write response: No space left on device'
call -c 10.0.0.9:9 -s $ME -qq --count 2 -o "$T/got%d"
is 'and how many failed' "$? $(reason | sed 's/,.*//')" \
    '1 2 connections: 0 done'
call -c 10.0.0.9:7000 -s $ME -qq -H -f "$T/small"
is 'nothing when all is well' "$? $(reason)" '0 '
client iptables -A INPUT -p tcp --dport 7020 -j DROP
call -c 10.0.0.9:7020 -s $ME --user-timeout 2
is 'silence: a SYN again after a second, and given up' \
    "$? $(reason) $(grep -c ' retransmit ' "$T/log")" \
    '1 connect to 10.0.0.9 port 7020: no answer 1'
client iptables -A INPUT -p tcp --dport 7021 -j REJECT
call -c 10.0.0.9:7021 -s $ME --user-timeout 2
is 'port unreachable by ICMP' "$? $(reason)" \
    '1 connect to 10.0.0.9 port 7021: unreachable: port-unreachable'
client iptables -A INPUT -p tcp --dport 7022 -j REJECT \
    --reject-with icmp-host-prohibited
call -c 10.0.0.9:7022 -s $ME --user-timeout 0.5
is 'an ICMP error that may pass is told at the end' "$? $(reason)" \
    "1 connect to 10.0.0.9 port 7022: no answer, but an ICMP error: prohibited"
# a reset: linger 0 closes with unread data
begin client python3 -c '
import socket, struct
s = socket.socket(); s.setsockopt(1, 2, 1); s.bind(("10.0.0.9", 7004))
s.listen()
while True:
    c, _ = s.accept()
    c.sendall(b"x" * 1000)
    c.recv(10)
    c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    c.close()'
wait_for 10 listening 7004
call -c 10.0.0.9:7004 -s $ME -f "$T/small"
is 'reset: what came before is kept' "$? $(reason) $(wc -c <"$T/got")" \
    '1 talk to 10.0.0.9 port 7004: reset 1000'
# our address is somebody's
client ip addr add 10.0.0.8/24 dev eth0
rawcap eth0 2>/dev/null | timeout 20 tcpfsm -q -c 10.0.0.1:9 -s 10.0.0.8 \
    -g 02:00:00:00:00:01 --user-timeout 5 2>"$T/err" |
    rawinject -q eth0 &
began+=($!)
sleep 0.3
client ip neigh flush dev eth0
timeout 5 ip netns exec client ping -c 1 -W 1 -I 10.0.0.8 10.0.0.1 >/dev/null
wait_for 6 grep -q 'in use' "$T/err"
is 'another host at our address' "$(reason)" \
    '10.0.0.8 is in use by 02:00:00:00:00:09'

# ---- no room on the disk, a slow reader
mkdir "$T/tiny" && mount -t tmpfs -o size=64k none "$T/tiny"
call -c 10.0.0.9:7000 -s $ME -H -o "$T/tiny/got"
is 'a response larger than the disk' "$? $(reason)" \
    '1 write response: No space left on device'
mkfifo "$T/slow"
(sleep 0.5; head -c 100000; sleep 1; cat) <"$T/slow" >"$T/slowly" &
slow=$!
call -c 10.0.0.9:7000 -s $ME -H -o "$T/slow" --rcvbuf 100000
r=$?
wait $slow
is 'a slow reader gets all of it' "$r $(md5 "$T/slowly")" "0 $(md5 "$T/big")"
is 'the window was closed meanwhile' "$(tcpdump -nn -r "$T/out" \
    'tcp[14:2] == 0 and tcp[13] & 4 == 0' 2>/dev/null | grep -q . && echo yes)" yes

# ---- a load
begin client socat TCP4-LISTEN:7005,fork,reuseaddr,backlog=128 "SYSTEM:cat $T/small"
wait_for 10 listening 7005
call -q -c 10.0.0.9:7005 -s $ME -j 20 --count 100 -o "$T/part%d"
is 'a hundred connections, each response in its own file' \
    "$? $(md5sum "$T"/part* | cut -d ' ' -f 1 | sort | uniq -c | xargs)" \
    "0 100 $(md5 "$T/small")"
is 'the totals' "$(reason | sed 's/, in .*//')" \
    '100 connections: 100 done; 0 bytes sent, 70000 received'
call -q -c 10.0.0.9:9 -s $ME -j 3 -o "$T/part%d"
is 'three that are refused' "$? $(reason | sed 's/, in .*//')" \
    '1 3 connections: 0 done, 3 refused; 0 bytes sent, 0 received'

# ---- a run once more, a signal
call -R "$T/rec" -c 10.0.0.9:7000 -s $ME -H -f "$T/small"
seed=$(sed -n '1s/.* seed=\([0-9]*\).*/\1/p' "$T/log")
tcpfsm -T -S "$seed" -c 10.0.0.9:7000 -s $ME -H -f "$T/small" -l "$T/log2" \
    -o "$T/got2" <"$T/rec" >"$T/out2"
is '-R, then -T -S: the same again' "$? $(md5 "$T/got2")" "0 $(md5 "$T/got")"
ok 'byte for byte' cmp "$T/out" "$T/out2"
rm -f "$T/log" # or what is waited for is of the last run
begin call -c 10.0.0.9:7002 -s $ME -f "$T/small"
wait_for 10 grep -qs 'new=ESTABLISHED' "$T/log"
sleep 0.2
kill -INT "$(pgrep -x tcpfsm)"
wait $!
is 'SIGINT: reset, and exit 1' "$? $(grep -o 'interrupted' "$T/err") $(
    tcpdump -nn -r "$T/out" 'tcp[13] & 4 != 0' 2>/dev/null | wc -l)" \
    '1 interrupted 1'
done_testing
