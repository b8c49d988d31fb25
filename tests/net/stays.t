#!/bin/bash
# Commands that want to stay: one that stops as if it had ended, one that leaves
# its process group, one that its own child traces, and what it leaves behind.
# With one place for all of them the next client has its turn, and none of them
# outlives the phantom; as root, whose commands are nobody's, and as a user.
. "${0%/*}/../lab.sh"
LAB_REAL=1
lab "$@"
need python3
chmod 755 "$T"
mkdir -m 777 "$T/d"

# bodies of commands: what they tell of themselves stands in $T/d
cat >"$T/stays.py" <<'END'
import ctypes, os, signal, sys, time
libc = ctypes.CDLL(None)
def tell(*pids):
    with open(sys.argv[2], 'w') as f:
        print(*pids, file=f)
    print('here', flush=True)
for s in signal.SIGHUP, signal.SIGPIPE, signal.SIGTERM:
    signal.signal(s, signal.SIG_IGN)
me, how = os.getpid(), sys.argv[1]
if how == 'traced':	# a stop is told to the parent, too
    libc.ptrace(0, 0, 0, 0)
    tell(me)
    os.kill(me, signal.SIGSTOP)
elif how == 'group':
    child = os.fork()
    if not child:
        os.closerange(0, 3)
        time.sleep(1000)
    os.setpgid(child, child)
    os.setpgid(0, child)
    tell(me, child)
elif how == 'tracer':	# its end is told to the tracer alone
    libc.prctl(0x59616d61, -1, 0, 0, 0)	# Yama: any may
    r, w = os.pipe()
    go, quiet = os.pipe()
    if not os.fork():
        os.setsid()
        child = os.fork()
        if child:
            os._exit(0)
        os.read(go, 1)
        libc.ptrace.argtypes = [ctypes.c_long] * 4
        seized = libc.ptrace(0x4206, me, 0, 0)
        os.write(w, b'%d %d' % (os.getpid(), seized))
        os.closerange(0, 3)
        time.sleep(1000)
    os.wait()	# its SIGCHLD would be a stop of one that is traced
    os.write(quiet, b'.')
    said = os.read(r, 99).decode().split()
    if said[1] == '0':
        tell(me, said[0])
elif how == 'left':	# in groups of their own, one below the other
    r, w = os.pipe()
    for i in range(3):
        if os.fork():
            break
        os.setsid()
        os.write(w, b'%d ' % os.getpid())
    else:
        os.write(w, b'.')
    if os.getpid() == me:
        said = b''
        while not said.endswith(b'.'):
            said += os.read(r, 99)
        tell(*said[:-1].decode().split())
        os._exit(0)
    os.closerange(0, 3)
time.sleep(1000)
END

# those NAME - of the processes that it told, those that are there; not what
# has ended but is not known to have
those() {
	local p
	for p in $(cat "$T/d/$1" 2>/dev/null); do
		grep -qs '^State:.[^ZX]' "/proc/$p/status" && echo "$p"
	done
	return 0
}
none() { [ ! "$(those "$1")" ]; }
# meet PORT - what a client is told, who then resets
meet() {
	client timeout 25 python3 -c "
import socket, struct
s = socket.create_connection(('$V4', $1), 20)
s.settimeout(20)
try:
    print(s.recv(9).decode().strip())
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
except OSError as e:
    print(e)"
}
cat >"$T/net.conf" <<END
host $V4  tcp closed
    tcp 1  command 'exec python3 $T/stays.py traced $T/d/traced'
    tcp 2  command 'exec python3 $T/stays.py group $T/d/group'
    tcp 3  command 'exec python3 $T/stays.py tracer $T/d/tracer'
    tcp 4  command 'exec python3 $T/stays.py left $T/d/left'
    tcp 9  command 'echo served'
END
up() {
	cd "$T/d" || exit 1
	rm -f "$T"/d/*
	: >"$T/err"
	"$@" "$BIN/phantom" -n -l log --commands 1 --hosts "$T/net.conf" eth0 \
	    >"$T/said" 2>"$T/err" &
	ph=$!
	began+=("$ph")
	wait_for 20 eval 'gone $ph || grep -q "^SIGTERM ends" "$T/said"' ||
	    diag <"$T/err"
}
# check WHO COMMAND... - that starts a phantom
check() {
	local who=$1
	shift
	up "$@"
	is "$who: one that is traced by its parent" "$(meet 1)" here
	ok "$who: it is ended at its first stop" wait_for 5 none traced
	is "$who: and told of as that" "$(wait_for 5 grep -q ' exit ' log
	    grep ' exit ' log | grep -o 'signal=.*' | cut -d' ' -f1)" signal=9
	is "$who: one that leaves its group" "$(meet 2)" here
	is "$who: gives way to the next" "$(meet 9)" served
	is "$who: and so does one" "$(meet 3)" here
	is "$who: that its child traces" "$(meet 9)" served
	ok "$who: they have ended" eval '[ "$(those group | wc -l)" = 1 ] &&
	    [ ! "$(those tracer | head -n 1)" ]'
	is "$who: at the end" "$(meet 2)" here
	is "$who: what they have left behind" "$(meet 4)" here
	is "$who: three are there" "$(those left | wc -l)" 3
	SECONDS=0
	kill $ph
	wait_for 10 gone $ph
	wait $ph
	is "$who: the phantom ends" "$?, $((SECONDS <= 6))" '0, 1'
	is "$who: and no process of a command outlives it" \
	    "$(wait_for 2 eval 'none group && none left && none tracer'
	    those group; those left; those tracer)" ''
	[ ! -s "$T/err" ] || diag <"$T/err"
}
check nobody
if setpriv --reuid 12345 true 2>/dev/null; then
	check 'a user' setpriv --reuid 12345 --regid 12345 --clear-groups \
	    --inh-caps=+net_raw --ambient-caps=+net_raw
fi
done_testing
