#!/bin/bash
# tcp-relay: what is sent, ends of one direction and resets go through, both
# ways, v4 and v6; a server that is not there; stdin and stdout.
. "${0%/*}/../lab.sh"
lab "$@"
need python3 nc
ip link set lo up
begin python3 tests/net/relay_peer.py server 8080
wait_for 10 nc -z ::1 8080
peer() { timeout 10 python3 tests/net/relay_peer.py "$@"; }
relay() { tcp-relay -b --with $$ "$@" 2>"$T/err"; }

ok 'it listens when -b returns' relay 9090 127.0.0.1:8080
ok 'IPv6, and a name' relay '[::1]:9091' localhost:8080
for at in '127.0.0.1 9090' '::1 9091'; do
	# shellcheck disable=SC2086
	is "$at: the client's end, then the answer" "$(peer $at client)" \
	    'got 300006'
	# shellcheck disable=SC2086
	is "the server's end, then the client's data" "$(peer $at half)" \
	    'first, eof, 500000'
	# shellcheck disable=SC2086
	is "the server's last bytes and its reset" "$(peer $at rst)" \
	    'reset after 17'
	# shellcheck disable=SC2086
	is "the client's reset" "$(peer $at abort)" reset
done
relay 9092 127.0.0.1:8081
is 'no server: a reset for one that waits' "$(peer 127.0.0.1 9092 wait)" \
    'reset after 0'
is 'and for one that writes' "$(peer 127.0.0.1 9092 client)" 'reset after 0'
is 'the reason, at most once a second' "$(grep -c \
    'connect to 127.0.0.1:8081: Connection refused' "$T/err" |
    awk '{ print ($1 == 1 || $1 == 2) }')" 1
relay 9090 127.0.0.1:8080
is 'a port that is taken: exit 1' "$? $(grep -c 'listen on 9090: Address' \
    "$T/err")" '1 1'
for w in '0 a:1' 'x a:1' '::1:9 a:1' '9 a' '9 :1' '9 [::1]1' '9 a:99999' '9'; do
	# shellcheck disable=SC2086
	timeout 5 tcp-relay $w 2>"$T/err"
	is "wrong usage: $w" $? 2
done

# ---- one host's share
ip addr add 10.9.9.1/32 dev lo
ip addr add 10.9.9.2/32 dev lo
relay 10.9.9.1:9095 127.0.0.1:8082
is 'a host has 750 connections, and another one is served' "$(timeout 20 \
    python3 -c '
import select, socket, time
server = socket.create_server(("127.0.0.1", 8082), backlog=1024)
def client(a):
    s = socket.socket()
    s.bind((a, 0))
    s.connect(("10.9.9.1", 9095))
    return s
held = [client("10.9.9.1") for i in range(760)]
p = select.poll()
for s in held:
    p.register(s, select.POLLIN)
gone = 0
while gone < 10:
    for fd, _ in p.poll():
        p.unregister(fd)
        gone += 1
other = client("10.9.9.2")
print(gone, bool(select.select([other] + held[:700], [], [], 0.5)[0]))')" \
    '10 False'
# four hosts have all, and lose one for another
for i in 3 4 5; do ip addr add 10.9.9.$i/32 dev lo; done
is 'four hosts have all connections, and another one is served' "$(timeout 30 \
    python3 -c '
import resource, select, socket
resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
server = socket.create_server(("127.0.0.1", 8082), backlog=2000)
def client(i):
    s = socket.socket()
    s.bind(("10.9.9.%d" % i, 0))
    s.connect(("10.9.9.1", 9095))
    return s
def gone(s, ms):
    p = select.poll()
    for c in s:
        p.register(c, select.POLLIN)
    return {fd for fd, _ in p.poll(ms)}
held = [client(i) for i in (1, 2, 3, 4) for n in range(260)]
while len(gone(held, 5000)) < 40:
    pass
others = [client(5) for i in range(3)]
print(len(gone(others, 500)), len(gone(held, 0)) >= 42)')" '0 True'

# ---- stdin and stdout
is '- : stdin to its end, then the answer' "$({ printf client
	head -c 300000 /dev/zero; } | tcp-relay - '[::1]:8080')" 'got 300006'
tcp-relay - 127.0.0.1:8081 </dev/null 2>"$T/err"
is 'nobody listens: 129' $? 129
got=$(printf rst... | tcp-relay - 127.0.0.1:8080)
is 'a reset, after what came before it: 129' "$? $got" \
    '129 seventeen bytes..'
mkfifo "$T/in"
tcp-relay - 127.0.0.1:8080 <"$T/in" >"$T/out" &
p=$!
exec 5>"$T/in"
printf wait.. >&5
wait_for 10 test -s "$T/out"
kill -HUP $p
wait $p
is 'SIGHUP resets it: 129' "$? $(exec 5>&-; printf seen.. |
    tcp-relay - 127.0.0.1:8080)" '129 reset'

# ---- other networks
is 'from another network, into this one' "$(
	relay --connect-in "/proc/$$/ns/net" 9095 127.0.0.1:8080
	peer 127.0.0.1 9095 client)" 'got 300006'
relay --listen-in /run/netns/client 9096 127.0.0.1:8080
is 'a port of another network' "$(client timeout 10 python3 \
    tests/net/relay_peer.py 127.0.0.1 9096 client)" 'got 300006'
relay --connect-in /run/netns/client 9097 127.0.0.1:9096
is 'and to one' "$(peer 127.0.0.1 9097 half)" 'first, eof, 500000'
relay --listen-in /run/none 9098 127.0.0.1:9096
is 'no such network' "$? $(grep -c 'No such file' "$T/err")" '1 1'

# ---- the end
sleep 60 &
with=$!
tcp-relay -b --with $with 9099 127.0.0.1:8080
(sleep 20 | nc 127.0.0.1 9099) &
began+=($!)
sleep 0.2
kill $with
ok '--with: it ends with the process, and its connections' wait_for 5 \
    eval '! pgrep -f "tcp-relay.* 9099 "'
tcp-relay 9099 127.0.0.1:8080 &
p=$!
wait_for 5 nc -z 127.0.0.1 9099
wait_for 5 minded $p
kill $p
wait $p
is 'SIGTERM: exit 0' $? 0
done_testing
