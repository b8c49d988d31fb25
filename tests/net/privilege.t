#!/bin/bash
# What each running program is still allowed to do: the kernel says it, in
# /proc/PID/status; and one whose parser has been taken over is killed by the
# first call it does not need. As real root where that can be had, and in a
# user namespace with a single id, which has no nobody.
. "${0%/*}/../lab.sh"
LAB_REAL=1
lab "$@"
need setpriv pgrep python3
preload=${BUILD:-$ROOT/build}/tests/net/breakout.so
tcpfsm -f LICENSE </dev/null 2>"$T/said" >"$T/out"
grep -q 'seccomp:on' "$T/said" || skip_all "built without the filter"
nobody=0
[ "$(awk '{ print $3 }' /proc/self/uid_map)" = 1 ] || nobody=65534
# groups that an ordinary user has brought along: the kernel keeps them
kept=
[ "$(cat /proc/self/setgroups 2>/dev/null)" != deny ] ||
    kept=$(sed -n 's/^Groups:[^0-9]*//p' /proc/self/status | xargs)

# an input that never ends: a header, and then silence
mkfifo "$T/in"
exec 9<>"$T/in"
tcp-craft -s 10.0.0.9:1 -c 10.0.0.5:2 flags S >"$T/one"

# rights PID - what the kernel says that it has, in one line
rights() {
	awk '/^(Uid|Gid|CapEff|CapPrm|CapInh|NoNewPrivs|Seccomp|Groups):/ {
		k = $1; $1 = ""; printf "%s%s ", k, $0 }' "/proc/$1/status"
	awk '/^Max (core file size|processes|open files)/ {
		printf "%s ", $(NF - 2) }' "/proc/$1/limits"
	echo
}

locked_in() { grep -q '^Seccomp:[^0-9]*2' "/proc/$1/status"; }

# want UID FILES - of one that has nothing left
want() {
	local id="$1 $1 $1 $1"
	echo "Uid: $id Gid: $id Groups:${3-} CapInh: 0000000000000000" \
	    "CapPrm: 0000000000000000 CapEff: 0000000000000000" \
	    "NoNewPrivs: 1 Seccomp: 2 0 0 $2 "
}

# holds WHAT COMMAND... - it runs on $T/in, and has nothing left
holds() {
	local what=$1 uid=${uid-$nobody} files=${files-8} groups=${groups-${kept:+ $kept}} pid
	shift
	"$@" <"$T/in" >"$T/stream" 2>"$T/said" &
	pid=$!
	began+=("$pid")
	wait_for 10 locked_in $pid
	is "$what: no rights are left" "$(rights $pid | sed 's/  */ /g')" \
	    "$(want "$uid" "$files" "$groups" | sed 's/  */ /g')" ||
	    diag <"$T/said"
	# the process that holds the socket of one that parses, and the other
	# way round
	for gate in $(pgrep -P $pid -x "${what%%,*}"); do
		wait_for 10 locked_in "$gate"
		is "$what: nor in its other process" "$(rights "$gate" | sed 's/  */ /g')" \
		    "$(want "$uid" 8 "$groups" | sed 's/  */ /g')"
	done
	kill $pid
	wait $pid 2>/dev/null
}

files=9 holds rawcap rawcap eth0
holds 'rawcap, a file' rawcap -r -
files=9 holds rawinject rawinject eth0
files=9 holds 'rawinject, with -T' rawinject -T eth0
holds tcpfsm tcpfsm -f LICENSE
files=12 holds 'tcpfsm -e' tcpfsm --commands 2 -e cat
holds impair impair delay 1ms
holds icmp-phantom icmp-phantom
holds 'arp-phantom, live' arp-phantom -n eth0 $V4
holds 'arp-phantom, a stage' arp-phantom -n - $V4
holds ptee ptee
holds tcp-show tcp-show
holds arp-query arp-query -n -s 10.0.0.77 -w 20 -c 20 eth0 10.0.0.78
holds icmp-ping icmp-ping -n -s 10.0.0.77 -g 02:00:00:00:00:09 eth0 10.0.0.78
holds dhcp-lease dhcp-lease -w 20 eth0
holds tcp-drill tcp-drill -n -s 10.0.0.77 -w 20 eth0 10.0.0.78:80
holds dns-query dns-query -n -s 10.0.0.77 -g 02:00:00:00:00:09 -w 20 eth0 \
    @10.0.0.78 example.org

# ---- what needs no privilege says what it gave up, in the log's first line
for p in 'tcpfsm -f LICENSE' 'impair -l /dev/stderr delay 1ms' icmp-phantom; do
	$p <"$T/one" 2>&1 >"$T/out" | head -n 1 >"$T/said"
	is "${p%% *}: told in the log's first line" \
	    "$(grep -o 'rights=.*' "$T/said" | cut -d ' ' -f 1)" \
	    "rights=uid:$nobody,caps:none,seccomp:on"
done

# ---- root in name only: the ids stay, the rest holds
single() {
	exec unshare -Urn sh -c 'ip link set lo up; exec "$@"' - "$@"
}
if (single true) 2>/dev/null; then
	for p in 'tcpfsm -f LICENSE' 'rawcap lo' 'arp-phantom -n lo 10.0.0.5'; do
		# shellcheck disable=SC2086
		single $p \
		    <"$T/in" >"$T/stream" 2>"$T/said" &
		pid=$!
		began+=("$pid")
		wait_for 10 locked_in $pid
		is "${p%% *}, in a namespace with a single id" \
		    "$(rights $pid | grep -o 'CapInh.*Seccomp: [0-9]')" \
		    "$(want 0 0 | grep -o 'CapInh.*Seccomp: [0-9]')" ||
		    diag <"$T/said"
		kill $pid
		wait $pid 2>/dev/null
	done
else
	skip 'a namespace with a single id' 'user namespace'
fi

# ---- file capabilities instead of root
mkdir -m 755 "$T/caps"
cp "$BIN/rawcap" "$BIN/rawinject" "$BIN/arp-phantom" "$T/caps"
plain='setpriv --reuid 1234 --regid 1234 --clear-groups --inh-caps=-all'
if [ $nobody != 0 ] && have setcap &&
    setcap cap_net_raw+ep "$T/caps/rawcap" 2>/dev/null; then
	setcap cap_net_raw+ep "$T/caps/rawinject"
	setcap cap_net_raw+ep "$T/caps/arp-phantom"
	$plain "$BIN/rawcap" eth0 >"$T/out" 2>"$T/said"
	is 'without privilege: what to do is said' \
	    "$? $(grep -c 'run as root, or setcap cap_net_raw+ep' "$T/said")" \
	    '2 1'
	uid=1234
	files=9 holds 'rawcap, by setcap' $plain "$T/caps/rawcap" eth0
	files=9 holds 'rawinject, by setcap' $plain "$T/caps/rawinject" eth0
	holds 'arp-phantom, by setcap' $plain "$T/caps/arp-phantom" -n eth0 $V4
else
	skip 'file capabilities' 'real root, or setcap,'
fi

# ---- taken over: the first call too many is the last
# killed HOW COMMAND... - by SIGSYS
killed() {
	local how=$1
	shift
	(BREAKOUT=$how BREAKOUT_IN=parser LD_PRELOAD=$preload exec timeout --foreground 10 \
	    "$@") <"$T/one" >"$T/out" 2>"$T/said"
	status=$?
	[ $status = 159 ] && return
	echo "status $status:"
	cat "$T/said"
	return 1
}
# allowed HOW COMMAND... - it lives on
allowed() {
	killed "$@" && return 1
	[ "$status" = 99 ]
}
# typed COMMAND - at a terminal where somebody types; its status
typed() {
	python3 -c 'import os, pty, sys
pid, fd = pty.fork()
if pid == 0:
    os.execvp("timeout", ["timeout", "--foreground", "10", "sh", "-c",
        "export BREAKOUT=typed LD_PRELOAD=" + sys.argv[1] + "; exec " + sys.argv[2]])
os.write(fd, b"a secret\n")
try:
    while b := os.read(fd, 9999):
        os.write(2, b)
except OSError:
    pass
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))' "$preload" "$1" 2>"$T/said"
}
if [ -f "$preload" ]; then
	for how in open socket execve clone kill ptrace mmap setown recvmsg \
	    sysinfo vmsplice; do
		ok "tcpfsm, taken over, is killed by $how" \
		    killed $how tcpfsm -f LICENSE
	done
	for p in 'rawcap eth0' 'rawcap -r -' 'rawinject eth0' 'impair delay 1ms' \
	    icmp-phantom "arp-phantom -n eth0 $V4" ptee tcp-show ladder \
	    'tcpfsm -e cat' 'arp-query -n -s 10.0.0.77 eth0 10.0.0.78'; do
		for how in open socket execve; do
			# shellcheck disable=SC2086
			ok "$p: $how" killed $how $p
		done
	done

	# ---- only what this run does: another mode's calls are killed, too
	ok 'tcpfsm -e: sysinfo' killed sysinfo tcpfsm -e cat
	for how in recvmsg recvmmsg getsockopt; do
		ok "rawcap -r: $how" killed $how rawcap -r -
	done
	for how in sendmmsg recvmsg; do
		ok "rawinject -: $how" killed $how rawinject -
	done
	ok 'rawcap, live: sendmsg' killed sendmsg rawcap eth0
	ok 'rawinject, live: recvmsg' killed recvmsg rawinject eth0
	ok 'but tcpfsm -e: recvmsg' allowed recvmsg tcpfsm -e cat
	ok 'and tcpfsm --vmsplice' allowed vmsplice \
	    tcpfsm --vmsplice -f LICENSE
	ok 'and rawcap, live: recvmsg' allowed recvmsg rawcap eth0
	ok 'and rawinject, live: sendmmsg' allowed sendmmsg rawinject eth0

	# ---- started at a terminal, it reads nothing that is typed there
	for p in "rawcap eth0 >$T/out" "rawcap -r $T/one >$T/out" \
	    "rawinject eth0 <$T/one" "rawinject -T eth0 <$T/one" \
	    "tcpfsm -f LICENSE <$T/one >$T/out" "tcpfsm -f LICENSE >$T/out" \
	    "tcpfsm -e cat <$T/one >$T/out" "impair delay 1ms <$T/one >$T/out" \
	    "icmp-phantom <$T/one >$T/out" "ptee $T/copy <$T/one >$T/out" \
	    "arp-phantom -n eth0 $V4" "tcp-show <$T/one" "ladder $T/one" \
	    "pipe-router 10=10.0.0.1/24 <$T/one >$T/out" \
	    'arp-query -n -s 10.0.0.77 eth0 10.0.0.78' \
	    "phantom -n -f LICENSE eth0 $V4"; do
		is "typed at the terminal of $p: not read" "$(typed "$p")" 99 ||
		    diag <"$T/said"
	done
	if [ $nobody = 0 ]; then
		skip 'another user' 'other id'
	else
		is 'nor where that belongs to another user, as behind su' "$(typed \
		    "setpriv --reuid 1234 --clear-groups --inh-caps=-all \
		    --no-new-privs tcpfsm -f LICENSE <$T/one >$T/out")" 99 ||
		    diag <"$T/said"
	fi
	is 'what it says is seen there' "$(typed "env -u BREAKOUT tcpfsm \
	    -f LICENSE <$T/one >$T/out") $(grep -c ' state ' "$T/said")" \
	    '0 1' || diag <"$T/said"

	# ---- a kernel without seccomp: one warning, and the work is done
	for p in 'tcpfsm -f LICENSE' 'impair delay 1ms' icmp-phantom \
	    'arp-phantom -n - 10.0.0.5' ptee; do
		# shellcheck disable=SC2086
		BREAKOUT=none LD_PRELOAD=$preload $p <"$T/one" >"$T/out" \
		    2>"$T/said"
		is "${p%% *} without seccomp: one warning, no failure" \
		    "$? $(grep -c 'the kernel has no seccomp' "$T/said")" '0 1' ||
		    diag <"$T/said"
	done
else
	skip 'a parser that was taken over' "$preload"
fi
# ---- a container: Docker's --cap-drop ALL --cap-add NET_RAW, /proc/sys as there
contained() {
	rm -f "$T/said"
	unshare -m sh -c 'mount --bind /proc/sys /proc/sys &&
	    mount -o remount,bind,ro /proc/sys
	exec setpriv --inh-caps=-all --bounding-set="-all$1" "$BIN/phantom" \
	    -n -f examples/resp.txt eth0 10.0.0.77' sh "$1" >"$T/said" 2>&1 &
	ph=$!
	began+=("$ph")
	wait_for 10 eval 'gone $ph || grep -q "ends it" "$T/said"'
}
contained ,+net_raw
is 'a container: CAP_NET_RAW suffices' "$(client curl -s -m 8 -o /dev/null \
    -w '%{http_code}' http://10.0.0.77/)" 200 || diag <"$T/said"
is 'and nothing is left of it' "$(grep -h CapEff \
    "/proc/$(pgrep -x rawcap | head -n 1)/status" | cut -f 2)" 0000000000000000
stop $ph
is 'it ends in order' $? 0
contained ''
wait $ph
is 'without it: exit 2, and why' "$? $(grep -c 'a packet socket needs CAP_NET_RAW' "$T/said")" '2 1'
done_testing
