#!/bin/bash
# rst-guard: the rule is there while the command runs and at no other time,
# whoever is killed; and with it a machine's own address can be served.
. "${0%/*}/../lab.sh"
lab "$@"
need iptables ip6tables python3 wget
ip addr add 10.0.0.1/24 dev eth0
ip addr add fd00::1/64 dev eth0 nodad

# rules - how many of ours there are, by whatever program
rules() {
	{
		iptables -w -S OUTPUT
		ip6tables -w -S OUTPUT
		! have nft || nft list tables
	} 2>/dev/null | grep -c rst-guard
}
none() { [ "$(rules)" = 0 ]; }
guarded() { [ "$(rules)" = "${1:-1}" ]; }

# flush - all rules of everybody
flush() {
	iptables -w -F OUTPUT
	ip6tables -w -F OUTPUT
	! have nft || nft flush ruleset
} 2>/dev/null

# guard ARGUMENTS... - in the background, with its rule and its command: pids
# in $guard, $guardian and $child
guard() {
	# the shell has had SIGINT ignored, that of nohup SIGHUP, and so would
	# the command
	begin env --default-signal=INT,HUP rst-guard "$@"
	guard=$!
	wait_for 20 guarded && wait_for 20 has_child ||
	    echo '# the rule or the command does not come'
}

# has_child - the command is there: executed, or it would be named rst-guard
has_child() {
	local all
	all=$(ps -o pid=,comm= --ppid $guard)
	guardian=$(awk '$2 == "rst-guard" { print $1 }' <<<"$all")
	child=$(awk '$2 != "rst-guard" { print $1 }' <<<"$all")
	[ "$child" ] && [ "$guardian" ]
}

# kill_it SIGNAL PID - and wait for rst-guard; its status in $status
kill_it() {
	kill "-$1" "$2"
	wait_for 20 gone $guard
	wait $guard 2>/dev/null
	status=$?
}
sleeps() { ps -C sleep -o args= | grep -q 'sleep 6[01]'; }
no_sleeps() { ! sleeps; }

# a command that stops, traced by rst-guard as it asks for, and one that leaves
# its process group
cat >"$T/stays.py" <<'END'
import ctypes, os, signal, sys, time
if sys.argv[1] == 'traced':
    ctypes.CDLL(None).ptrace(0, 0, 0, 0)
    os.kill(os.getpid(), signal.SIGSTOP)
else:
    child = os.fork()
    if not child:
        time.sleep(5)
        os._exit(0)
    os.setpgid(child, child)
    os.setpgid(0, child)
    print('here', flush=True)
    os.execlp('sleep', 'sleep', '61')
END
rst-guard 10.0.0.1 80 python3 "$T/stays.py" traced
status=$?
is 'a command has ended when it has, not when it stops' \
    "$status $(rules) $(pgrep -fc "$T/stays.py traced")" '137 0 0'
for sig in TERM KILL; do
	guard 10.0.0.1 80 python3 "$T/stays.py" group >"$T/out"
	wait_for 20 grep -q here "$T/out"
	kill_it $sig $guard
	wait_for 20 none
	is "SIG$sig: a command that has left its group ends as well" \
	    "$(rules) $(sleeps || echo none)" '0 none'
done

guard 10.0.0.1 80 sh -c 'trap "" TERM; exec sleep 61' 2>"$T/err"
kill_it KILL $guard
wait_for 20 none
is 'rst-guard is killed, the command ignores SIGTERM: killed, and said' \
    "$status $(rules) $(sleeps || echo none) $(grep -c ': killed$' "$T/err")" \
    '137 0 none 1'

for how in '' --nft; do
	with=${how:-iptables}
	[ "$how" != --nft ] || have nft || { skip "all, with $with" nft; break; }
	for a in 10.0.0.1 fd00::1; do
		is "$with, $a: there is a rule while the command runs" \
		    "$(rst-guard $how $a 80 sh -c '{ iptables -w -S OUTPUT
		    ip6tables -w -S OUTPUT; nft list ruleset inet
		    } 2>/dev/null | grep -cE "sport 80.*(DROP|drop)"; exit 7'
		    echo $?)" "1
7"
		is "$with, $a: and none when it has ended" "$(rules)" 0
	done
	rst-guard $how 10.0.0.1 80 sh -c 'kill -TERM $$'
	is "$with: a command ended by a signal" "$? $(rules)" '143 0'
	rst-guard $how 10.0.0.1 80 "$T/none" 2>"$T/err"
	is "$with: no such command" "$? $(rules) $(grep -c execute "$T/err")" \
	    '127 0 1'

	guard $how 10.0.0.1 80 sleep 60
	kill_it KILL "$child"
	is "$with: the command is killed" "$status $(rules)" '137 0'

	for sig in TERM INT HUP; do
		guard $how 10.0.0.1 80 sh -c 'sleep 60 | sleep 61'
		kill_it $sig $guard
		wait_for 20 no_sleeps
		is "$with: SIG$sig ends the command, a pipeline, and the rule" \
		    "$(rules) $(sleeps || echo none)" '0 none'
	done

	guard $how 10.0.0.1 80 sh -c 'sleep 60 | sleep 61'
	kill_it KILL $guard
	wait_for 20 none
	wait_for 20 no_sleeps
	is "$with: rst-guard is killed: the rule goes, the command ends" \
	    "$status $(rules) $(sleeps || echo none)" '137 0 none'

	rst-guard $how 10.0.0.1 80 sh -c 'kill -KILL $PPID; sleep 61'
	wait_for 20 none
	wait_for 20 no_sleeps
	is "$with: its command kills it at once: the same" \
	    "$(rules) $(sleeps || echo none)" '0 none'

	guard $how 10.0.0.1 80 sleep 60
	kill -KILL "$guardian"
	kill_it TERM $guard
	is "$with: the guardian is killed: the rule goes with the command" \
	    "$status $(rules)" '143 0'

	# what a power cut leaves, and next to it one in use
	guard $how 10.0.0.1 80 sleep 60
	kill -STOP $guard
	kill -KILL "$guardian"
	kill_it KILL "$guard"
	kill "$child"
	begin rst-guard $how fd00::1 81 sleep 60
	wait_for 20 guarded 2
	is "$with: --list" "$(rst-guard --list | awk '{ print $1, $2, $4 }' |
	    sort)" '10.0.0.1 80 left
fd00::1 81 running'
	is "$with: --clean removes what is left" "$(rst-guard --clean |
	    awk '{ print $1, $2, $4 }') $(rules)" '10.0.0.1 80 removed 1'
	is "$with: and nothing else" "$(rst-guard --list |
	    awk '{ print $1, $2, $3, $4 }') $(rst-guard --clean)" \
	    "fd00::1 81 $! running "
	kill $!
	wait $! 2>/dev/null
	is "$with: none is left" "$(rules)" 0

	# somebody flushes all rules
	for a in 10.0.0.1 fd00::1; do
		guard $how $a 80 sleep 60 2>"$T/err"
		flush
		none || echo '# not flushed'
		ok "$with, $a: a rule that was flushed is put back" \
		    wait_for 3 guarded
		ok "$with, $a: and that is said" wait_for 3 grep -q \
		    "the rule for $a port 80 was removed by another: put back" \
		    "$T/err"
		kill_it TERM $guard
		is "$with, $a: and none is left" "$(rules)" 0
	done
done
# one that is not as it was made
iptables -w -I OUTPUT -p tcp -s 10.0.0.1 --sport 80 -m comment \
    --comment rst-guard-999999-1 -j REJECT
rst-guard --clean >"$T/out" 2>"$T/err"
is '--clean says removed of what it removed only' "$? $(cat "$T/out") $(
    grep -c 'remove by hand what bears the name rst-guard-999999-1' "$T/err"
    )" '1  1'
flush
rst-guard 10.0.0.1 80 sh -c 'iptables -w -F OUTPUT'
is 'another has removed the rule: no matter' $? 0

# ---- refused
# refuses STATUS WORDS ARGUMENTS...
refuses() {
	local want=$1 words=$2 got
	shift 2
	rst-guard "$@" >"$T/out" 2>"$T/err" </dev/null
	got=$?
	is "refused: rst-guard $*" "$got $(grep -c "^rst-guard: .*$words" \
	    "$T/err") $(rules)" "$want 1 0" || diag <"$T/err"
}
# listens ADDRESS PORT - a service there
listens() {
	begin python3 -c 'import socket, sys
s = socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind((sys.argv[1], int(sys.argv[2])))
s.listen()
while True: s.accept()' "$1" "$2"
	wait_for 20 eval "ss -Htln 'sport = :$2' | grep -q ."
}
listens 10.0.0.1 8001
listens 0.0.0.0 8002
listens :: 8003
listens fd00::1 8004
listens 127.0.0.1 8005
refuses 1 'a service of this host' 10.0.0.1 8001 true
refuses 1 'a service of this host' 10.0.0.1 8002 true
refuses 1 'a service of this host' 10.0.0.1 8003 true
refuses 1 'a service of this host' fd00::1 8003 true
refuses 1 'a service of this host' fd00::1 8004 true
ok 'a service at another address does not matter' \
    rst-guard 10.0.0.1 8005 true
ok 'nor one of the other family' rst-guard fd00::1 8001 true
is 'the port is held: no service takes it meanwhile' "$(
    rst-guard 10.0.0.1 80 python3 -c '
import socket
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
try: s.bind(("10.0.0.1", 80))
except OSError as e: print(e.strerror)')" 'Address already in use'
refuses 2 'no address of this host' 10.0.0.5 80 true
refuses 2 'not a host' 10.0.0 80 true
refuses 2 'not a host' 224.0.0.1 80 true
refuses 2 'not a port' 10.0.0.1 0 true
refuses 2 'not a port' 10.0.0.1 http true
refuses 2 'missing address, port or command' 10.0.0.1 80
refuses 2 'unknown option' -x 10.0.0.1 80 true
refuses 2 'unexpected argument' --list 10.0.0.1
if have setpriv; then
	setpriv --bounding-set -net_admin --inh-caps -net_admin \
	    rst-guard 10.0.0.1 80 true 2>"$T/err"
	is 'without the right' "$? $(tail -n 1 "$T/err" |
	    grep -c 'insert rule: .*CAP_NET_ADMIN')" '2 1'
fi
is 'no program is there' "$(unshare -m sh -c '
    for d in /usr/sbin /sbin /usr/local/sbin; do
	mount -t tmpfs none $d
    done
    PATH=${0%/*} "$0" 10.0.0.1 80 /bin/true' "$BIN/rst-guard" 2>&1
    echo $?)" 'rst-guard: find iptables or nft: not there: install iptables or nftables
2'

# nft is there, and no iptables
if have nft; then
	mkdir "$T/only"
	cp "$(command -v nft)" "$T/only"
	# shellcheck disable=SC2016
	is 'nft alone: found, its rule put back, listed and removed' "$(unshare -m sh -c '
	    for d in /usr/sbin /sbin /usr/local/sbin; do
		mount -t tmpfs none $d
	    done
	    PATH=$1:$PATH
	    for a in 10.0.0.1 fd00::1; do
		"$0" $a 80 sh -c "nft flush ruleset
		    for i in 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9; do
			sleep 1
			$0 --list | grep -q . && break
		    done
		    $0 --list"
	    done' "$BIN/rst-guard" "$T/only" 2>"$T/err" |
	    awk '{ print $1, $2, $4 }') $(grep -c 'put back' "$T/err") $(rules)" \
	    '10.0.0.1 80 running
fd00::1 80 running 2 0'
fi

# ---- the host's own address: our TCP serves it, wget fetches through loss.
# The loss is in the client's firewall. On this host iptables would not touch
# the line: a packet socket hears before INPUT and sends past OUTPUT.
for t in iptables ip6tables; do
	for way in INPUT OUTPUT; do
		client $t -w -A $way -p tcp -m statistic --mode nth \
		    --every 10 --packet 5 -j DROP
	done
done
(stage seen ip netns exec client rawcap -q -O -t tcp eth0) >"$T/seen" &
began+=($!)
wait_for 20 test -s "$T/seen"
closed() {
	grep -q ' close how=fin' "$T/log" &&
	    ! client ss -Htan 'dport = :80' | grep -qv TIME-WAIT
}
for a in 10.0.0.1 fd00::1; do
	: >"$T/log"
	# -1: segments are lost one by one
	begin rst-guard $a 80 sh -c 'rawcap -q -a $0 -t tcp eth0 |
	    tcpfsm -a $0 -p 80 -f examples/resp.txt -l "$TMPDIR/log" |
	    rawinject -q -1 eth0' $a
	line=$!
	wait_for 20 packet_sockets 2 && wait_for 20 test -s "$T/log"
	is "own address $a: wget gets every byte, through loss" \
	    "$(client timeout 60 wget -qO- --save-headers "$(url $a)" | md5)" \
	    "$(md5 examples/resp.txt)"
	is "own address $a: what was lost was sent again" \
	    "$(($(grep -c ' retransmit ' "$T/log") > 0))" 1
	# the last ACK may be lost, too: the guard stays until it has come
	wait_for 30 closed || {
		echo "$a: not closed after 30 s:"
		grep -v retransmit "$T/log" | tail -n 5
		client ss -Htano 'dport = :80'
	} 2>&1 | diag
	stop $line
done 2>"$T/err"

# ---- by hand, from our own address
for t in iptables ip6tables; do client $t -w -F; done
begin ip netns exec client python3 -m http.server -b :: -d examples 8000 \
    >"$T/err" 2>&1
served() { client ss -Htln 'sport = :8000' | grep -q .; }
wait_for 20 served
rst-guard 10.0.0.1 5000 sh -c 'rawcap -q -t tcp -a 10.0.0.1 eth0 |
    examples/handshake 10.0.0.1:5000 10.0.0.9:8000 /make-resp "$TMPDIR/page" \
	02:00:00:00:00:09 2>"$TMPDIR/talk" | rawinject -q eth0'
is 'by hand, from our own address' "$(sed '1,/^\r$/d' "$T/page" | md5)" \
    "$(md5 examples/make-resp)" || diag <"$T/talk"

resets() { rawcap -q -r "$T/seen" | tcp-show -q flags R | wc -l; }
is 'the kernel has reset nothing' "$(resets)" 0
client wget -q -t 1 -T 10 "$(url 10.0.0.1 81)"
is 'but what is not guarded, it resets' "$(wait_for 20 eval \
    '[ $(resets) -gt 0 ]'; rawcap -q -r "$T/seen" | tcp-show -q flags R |
    sed "s/.* SPORT='\([0-9]*\)'.*/\1/" | sort -u)" 81
is 'nothing is left' "$(rules)" 0
done_testing
