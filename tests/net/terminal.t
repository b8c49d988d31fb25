#!/bin/bash
# A phantom that was started at a terminal: its commands cannot reach that, and
# what they write on stderr cannot be taken for an event.
. "${0%/*}/../lab.sh"
lab "$@"
need python3 socat
chmod 755 "$T"
cat >"$T/reach" <<'END'
import fcntl, os, pty, sys
said = []
try:
    os.open('/dev/tty', os.O_RDWR)
    said.append('opens the terminal')
except OSError:
    pass
if os.isatty(2):
    said.append('has the terminal')
if open('/proc/self/stat').read().split(')')[1].split()[4] != '0':
    said.append('is in its session')
forged = '1763640000.123456789 10.0.0.5:80 10.0.0.9:5 close how=forged by=' + os.environ['PROTO']
os.write(2, ('%s\n%s%s\n\0\033[31m\n' % (forged, 'x' * 4095, forged)).encode())
os.write(2, b'{"time":1,"event":"close","how":"forged"}\n')
done, tell = os.pipe() # what a terminal has may be lost when its leader ends
pid, fd = pty.fork() # a terminal of its own
if pid == 0:
    try:
        fcntl.ioctl(0, 0x5412, b'x')
        os.write(tell, b'types')
    except OSError as e:
        os.write(tell, str(e.errno).encode())
    os._exit(0)
said.append('TIOCSTI:' + os.read(done, 99).decode())
os.write(1, ' '.join(said).encode())
END
cat >"$T/net.conf" <<END
host $V4
    tcp 80  command 'grep SigIgn.*[1-9a-f] /proc/self/status; exec python3 $T/reach'
    udp 80  command 'exec python3 $T/reach' amplify
END
# at_terminal.py COMMAND... - it leads a session on a terminal of its own, and
# ignores all signals, those that libc keeps for itself, too (x86-64's number)
cat >"$T/at_terminal.py" <<'END'
import ctypes, os, pty, signal, sys
pid, fd = pty.fork()
if pid == 0:
    for s in set(signal.valid_signals()) - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(s, signal.SIG_IGN)
    if os.uname().machine == 'x86_64':
        ignore = (ctypes.c_ulong * 4)(1)
        for s in 32, 33:
            ctypes.CDLL(None).syscall(13, s, ignore, None, 8)
    os.execvp(sys.argv[1], sys.argv[1:])
open(sys.argv[0] + '.pid', 'w').write(str(pid))
try:
    while b := os.read(fd, 9999):
        os.write(1, b)
except OSError:
    pass
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
END
begin python3 "$T/at_terminal.py" "$BIN/phantom" -n -v --hosts "$T/net.conf" \
    -l "$T/log" --metrics "$T/metrics" eth0 >"$T/screen"
run=$!
wait_for 20 grep -q ' claim ' "$T/log" || diag <"$T/screen"
is 'a command of TCP: no terminal, not its session, no typing' \
    "$(client timeout 20 socat -t 19 - TCP:$V4:80 </dev/null)" 'TIOCSTI:1'
is 'one of UDP' "$(client python3 -c "import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(20)
s.sendto(b'x\n', ('$V4', 80)); print(s.recv(999).decode())")" 'TIOCSTI:1'
wait_for 5 grep -q ' close ' "$T/log"
said() { grep -aq "$1: command: 1763640000.* how=forged by=$2" "$T/screen"; }
ok 'what it writes on stderr is a message' wait_for 5 said tcpfsm TCP
ok 'as text' grep -aq 'tcpfsm: command: ?\\033\[31m' "$T/screen"
ok 'of icmp-phantom, too' wait_for 5 said icmp-phantom UDP
kill -TERM "$(cat "$T/at_terminal.py.pid")"
wait $run
is 'the phantom ends in order' $? 0
is 'no event is forged' "$(grep -c forged "$T/log") $(grep -ac \
    '^1763640000.*forged\|^{' "$T/screen")" '0 0'
is 'the metrics know one connection' "$(awk '/^[^#]*closed_total/ { print $2 }' \
    "$T/metrics")" 1
done_testing
