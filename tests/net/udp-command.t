#!/bin/bash
# UDP services that are commands: one datagram in, one out, a process for each
# source; commands that die, flood, or never end; how many there may be.
. "${0%/*}/../lab.sh"
lab "$@"
need python3 pgrep
nobody=0 # in a user namespace with a single id
[ "$(awk '{ print $3 }' /proc/self/uid_map)" = 1 ] || nobody=65534
cat >"$T/net.conf" <<'END'
default  tcp closed  udp closed
host 10.0.0.5
    udp 1  command 'exec cat'
    udp 2  command 'echo $PROTO $UDPREMOTEIP $UDPREMOTEPORT $UDPLOCALIP $UDPLOCALPORT'
    udp 3  command 'dd bs=65536 count=1 2>/dev/null; echo much more than came'
    udp 4  command 'echo much more than came' amplify
    udp 5  command 'exit 1'
    udp 6  command 'exec sleep 1000'
    udp 7  command 'exec yes'
    udp 8  command 'trap "" HUP PIPE; while :; do sleep 1; done'
    udp 9  command 'echo $(id -u) $(ls /proc/self/fd | wc -l)' amplify
    udp 10 command 'exec python3 T/linger.py'
host fd00::5  copies 10.0.0.5
END
sed -i "s,python3 T,python3 $T," "$T/net.conf"
chmod 755 "$T"
# linger.py - passes a connection whose close() waits as long as its peer lives
cp tests/net/lingering.py "$T"
chmod 644 "$T/lingering.py"
cat >"$T/linger.py" <<'END'
import os, socket, time
from lingering import lingering, pass_file
asked = os.read(0, 65536)
c, peer = lingering()
me = socket.socket(fileno=1)
me.send(asked)
pass_file(me, c)
c.close()
if os.fork() == 0:
    os.setsid()
    for fd in 0, 1, 2:
        os.close(fd)
    time.sleep(20)
END
phantom_up -n --hosts "$T/net.conf" --commands 8 -l "$T/log" eth0

# ask FROM ADDR PORT TEXT... - from one socket; what comes back, "-": nothing
cat >"$T/ask.py" <<'END'
import socket, sys
me, a, port, texts = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4:]
s = socket.socket(socket.AF_INET6 if ':' in a else socket.AF_INET,
                  socket.SOCK_DGRAM)
s.bind((me, 0))
s.connect((a, port))
for t in texts:
    s.settimeout(1 if t.endswith('?') else 5)
    s.send(t.encode())
    try:
        print(s.recv(65536).decode().strip())
    except OSError:
        print('-')
END
ask() { client python3 "$T/ask.py" "$@" | paste -sd' '; }
for a in 10.0.0.5 fd00::5; do
	me=10.0.0.9
	[ $a = 10.0.0.5 ] || me=fd00::9
	is "a process answers one after the other, $a" \
	    "$(ask $me $a 1 one two three)" 'one two three'
	is "it knows who asks, $a" "$(ask $me $a 2 \
	    'as long as what comes back, and more, so that all of it fits' |
	    sed -E 's/ [0-9]+ / N /')" "UDP $me N $a 2"
	is "no more than came, $a" "$(ask $me $a 3 short)" short
	is "not a byte, $a" "$(ask $me $a 2 'x?')" -
	is "unless the file says so, $a" "$(ask $me $a 4 x)" \
	    'much more than came'
done
me=10.0.0.9
client ip addr add 10.0.0.77/24 dev eth0
is 'large datagrams' "$(ask $me 10.0.0.5 1 "$(printf '%05000d' 7)" | wc -c)" \
    5001
is 'an empty datagram gets no answer' "$(ask $me 10.0.0.5 1 '')" -
is 'a command that dies' "$(ask $me 10.0.0.5 5 'x?' 'y?')" '- -'
is 'one that floods: no more answers than datagrams' \
    "$(ask $me 10.0.0.5 7 xxxx?)" -
is 'its user, and its descriptors' "$(ask $me 10.0.0.5 9 x)" "$nobody 4"
is 'one that ends and has read nothing answers each time' \
    "$(for _ in 1 2 3 4 5 6 7 8 9 10; do ask $me 10.0.0.5 9 x; done |
    sort | uniq -c | xargs)" "10 $nobody 4"
is 'one that passes an open file along with its answer' \
    "$(ask $me 10.0.0.5 10 first)" first
sleep 1
is 'holds up nobody: ping' \
    "$(client ping -c 3 -i 0.5 -W 5 10.0.0.5 | grep -c 'bytes from')" 3
is 'nor other commands' "$(ask $me 10.0.0.5 1 x)" x
ours() { pgrep -f "$1" | wc -l; }
ok 'those of before end' wait_for 20 eval '[ "$(ours "^cat$")$(ours "^yes$")" = 00 ]'
# a quarter is left for others
for _ in 1 2 3 4 5 6 7; do
	ask $me 10.0.0.5 6 'x?' >"$T/many" &
	many+=($!)
done
wait "${many[@]}"
is 'one source has three quarters of them at most' "$(ours '^sleep 1000')" 6
is 'and others are served' "$(ask 10.0.0.77 10.0.0.5 1 hallo)" hallo
is 'what was dropped, and why' "$(grep -o 'why=busy\|why=amplify' "$T/log" |
    sort -u | paste -sd' ')" 'why=amplify why=busy'
ask 10.0.0.77 10.0.0.5 8 'x?' >"$T/many"
# not what it has forked, which is about to be sleep
stays='^/?[a-z/]*sh -c trap'
is 'one that does not want to end' "$(wait_for 5 eval '[ "$(ours "$stays")" = 1 ]'
    ours "$stays")" 1
ok 'ends all the same, as they all do' wait_for 25 \
    eval '[ "$(ours "^sleep 1000")$(ours "sh -c trap")" = 00 ]'
is 'and then there is room again' "$(ask $me 10.0.0.5 1 again)" again
# eight places, of two sources each, that are never idle
for i in 81 82 83 84; do client ip addr add 10.0.0.$i/24 dev eth0; done
wait_for 25 eval '[ "$(ours "^cat$")" = 0 ]'
cat >"$T/busy.py" <<'END'
import socket, time
s = []
for i in range(8):
    s.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    s[i].bind(('10.0.0.8%d' % (1 + i % 4), 0))
while True:
    for x in s:
        x.sendto(b'x', ('10.0.0.5', 1))
    time.sleep(0.4)
END
begin client python3 "$T/busy.py"
busy=$!
ok 'four sources have all of them, never idle' wait_for 10 \
    eval '[ "$(ours "^cat$")" = 8 ]'
is 'another is served when it asks again' "$(ask 10.0.0.77 10.0.0.5 1 \
    'a?' 'b?' 'c?' | grep -c '[abc]')" 1
stop $busy
stop $ph
is 'nothing is left' "$(ours '^cat$')" 0
# without the process that starts commands they end, and say why
mkfifo "$T/in"
for p in "icmp-phantom --hosts $T/net.conf" 'tcpfsm -e cat'; do
	"$BIN"/$p -l "$T/${p%% *}" <"$T/in" >"$T/many" 2>"$T/why" &
	pid=$!
	exec {fd}>"$T/in"
	wait_for 10 grep -qs ' start ' "$T/${p%% *}"
	kill -KILL "$(pgrep -P $pid -x "${p%% *}")"
	wait_for 5 eval '! kill -0 $pid 2>"$T/many"' || kill $pid
	wait $pid
	is "${p%% *} whose starter is killed" "$? $(cat "$T/why")" \
	    "1 ${p%% *}: start commands: the process that does it has ended"
	exec {fd}>&-
done
done_testing
