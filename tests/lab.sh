# lab.sh - a network of our own for tests; sourced by them (bash).
#
#	. "${0%/*}/../lab.sh"
#	lab "$@"		re-executed in namespaces, from here on
#	phantom -f file		arp-phantom and the line of three, ready
#	client curl ...		in the other host
#	is 'what' got want
#	done_testing
#
# Two hosts on one cable: the phantom's side is the lab's first network
# namespace, its interface eth0 without any address; the client is the
# namespace "client", its eth0 has 10.0.0.9 and fd00::9. Nothing leaves the
# lab, and nothing of it is left when the test ends. No root needed where
# the kernel allows user namespaces.

. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"
. "$ROOT/examples/forbidden.sh"
V4=10.0.0.5 V6=fd00::5		# the phantom's
began=()			# what runs in the background: pids

# stop PID [SIGNAL] - end one of ours; its exit status
stop() {
	kill -"${2:-TERM}" "$1" 2>/dev/null
	wait_for 10 gone "$1" || kill -KILL "$1" 2>/dev/null
	wait "$1" 2>/dev/null
}

# as_user COMMAND... - as one who is not root: a tcpdump that is root wants to
# become a user who is unknown in a lab. In a chroot, where no user namespace
# can be had, root is root in a lab as well, and all users are there.
# "${poor[@]}" COMMAND... - without any right
if unshare -U true 2>/dev/null; then
	as_user() { unshare --map-user=1000 "$@"; }
	poor=(unshare -U)
else
	as_user() { "$@"; }
	poor=(setpriv --inh-caps=-all --bounding-set=-all)
fi

# begin COMMAND... - in the background, ended at the latest with the test;
# pid in $!
begin() {
	"$@" &
	began+=($!)
}

lab_down() {
	local p
	for p in "$T"/*.pid; do
		[ -f "$p" ] && kill "$(cat "$p")" 2>/dev/null
	done
	for p in "${began[@]}"; do
		kill "$p" 2>/dev/null
	done
	for p in "${began[@]}"; do
		stop "$p"
	done
}

# ---- the network

# lab ARGUMENTS OF THE SCRIPT... - go on inside. A process namespace as well,
# where it can be had: then even a killed test leaves nothing. LAB_UID, set
# before, is who we are inside instead of root: a tcpdump started by root
# wants to become somebody else, whom the namespace does not have. LAB_REAL
# asks for root's own rights where we have them: other ids exist then.
lab() {
	local in='unshare -Urnm --propagation private'
	[ "$LAB_UID" ] && in="unshare -Unm --map-user=$LAB_UID \
	    --map-group=$LAB_UID --keep-caps --propagation private"
	[ "$LAB_REAL" ] && unshare -nm --propagation private \
	    setpriv --reuid 65534 true 2>/dev/null &&
	    in='unshare -nm --propagation private'
	local pid='--pid --fork --kill-child --mount-proc'
	need unshare ip mount
	if [ "${LAB_INSIDE:-}" != "$0" ]; then
		# a real root needs no user namespace
		$in true 2>/dev/null || [ "$(id -u)" != 0 ] ||
		    in='unshare -nm --propagation private'
		$in true 2>/dev/null ||
		    skip_all "no user namespaces: $(why_forbidden)"
		$in $pid true 2>/dev/null || pid=
		# Ctrl-C has to work inside, also where it was ignored outside: in
		# the background of a shell
		# shellcheck disable=SC2093
		LAB_INSIDE=$0 exec env --default-signal=INT,QUIT \
		    $in $pid bash "$0" "$@"
		exit 1
	fi
	unset LAB_INSIDE
	mount -t tmpfs -o mode=755 none /run || exit 1
	T=/run/t
	export TMPDIR=$T HOME=$T
	mkdir $T
	trap lab_down EXIT
	trap 'exit 1' INT TERM HUP
	${LAB_NET:-lab_net} || exit 1
}

# lab_net - the cable
lab_net() {
	host client
	ip link add eth0 mtu 1500 address 02:00:00:00:00:01 type veth \
	    peer name eth0 netns client mtu 1500 address 02:00:00:00:00:09
	ip link set lo up
	ip link set eth0 up
	address client 9
}

# host NAME - a network namespace of its own
host() {
	ip netns add "$1" &&
	    ip -n "$1" link set lo up &&
	    ip netns exec "$1" sysctl -qw net.ipv6.conf.all.accept_dad=0 \
		net.ipv6.conf.default.accept_dad=0 \
		net.ipv6.conf.default.router_solicitations=0
}

# address NAME N - 10.0.0.N and fd00::N on its eth0
address() {
	ip -n "$1" link set eth0 up &&
	    ip -n "$1" addr add "10.0.0.$2/24" dev eth0 &&
	    ip -n "$1" addr add "fd00::$2/64" dev eth0 nodad
}

# client COMMAND... - in the client
client() { ip netns exec client "$@"; }

# url ADDRESS [PORT [PATH]], hp ADDRESS PORT (socat's way)
bracket() { case $1 in *:*) echo "[$1]" ;; *) echo "$1" ;; esac; }
url() { echo "http://$(bracket "$1"):${2:-80}/${3:-ghost.jpg}"; }

# mac_found ADDRESS - what the client's kernel learns, which asks anew, for three
# seconds
mac_found() {
	client ip neigh del "$1" dev eth0 2>/dev/null
	client bash -c "echo >/dev/udp/$1/9" 2>/dev/null
	wait_for 9 has_asked "$1"
	client ip neigh show "$1" dev eth0 | sed -n 's/.*lladdr \([^ ]*\).*/\1/p'
}
has_asked() { ! client ip neigh show "$1" dev eth0 | grep -q INCOMPLETE; }

# ---- a machine that was suspended

# may_sleep PROGRAM - it can be shown such a machine, by LD_PRELOAD=$preload
NO_SLEEP='asleep.so, python3 or LD_PRELOAD (a build with sanitizers takes none)'
may_sleep() {
	export ASLEEP=$T/asleep
	preload=${BUILD:-$ROOT/build}/tests/net/asleep.so
	head -c 8 /dev/zero >"$ASLEEP"
	[ -f "$preload" ] && have python3 &&
	    LD_PRELOAD=$preload "$1" --version >/dev/null 2>&1
}

# sleeps SECONDS - in all
sleeps() {
	python3 -c "import struct
open('$ASLEEP', 'r+b').write(struct.pack('=q', $1))"
}

# ---- the phantom

# stage NAME COMMAND... - becomes the command: pid in NAME.pid, what it says
# in NAME.err
stage() {
	local name=$1
	shift
	echo $BASHPID >"$T/$name.pid"
	exec "$@" 2>"$T/$name.err"
}

# packet_sockets N - so many are bound to eth0
packet_sockets() {
	local have
	have=$(awk -v i="$(ip -o link show eth0)" \
	    '$5 == i + 0 { n++ } END { print n + 0 }' /proc/net/packet)
	[ "$have" -ge "$1" ]
}

# phantom TCPFSM'S ARGUMENTS... - claim both addresses and start the line.
# LINE overrides it (a function); the event log is $T/log.
phantom() {
	rm -f "$T/log" "$T"/*.err
	[ "$arp" ] || claim
	(
		set -o pipefail
		${LINE:-line} "$@"
	) &
	line=$!
	began+=($line)
	wait_for 20 line_state && [ -s "$T/log" ] && packet_sockets 3 && return
	echo "Bail out! the line does not start"
	cat "$T"/*.err "$T/log" /proc/net/packet 2>&1 | diag
	exit 1
}

# phantom_up ARGUMENTS... - the program phantom in the background, until it says
# that the addresses answer: pid in $ph, what it says in $T/said and $T/err
phantom_up() {
	: >"$T/said" 2>"$T/err"
	"$BIN/phantom" "$@" >"$T/said" 2>>"$T/err" & # a test may empty it
	ph=$!
	began+=("$ph")
	wait_for 20 eval 'gone $ph || grep -q "^SIGTERM ends" "$T/said"' ||
	    diag <"$T/err"
}

# phantom_net - phantom with the hosts of $T/net.conf, until it has claimed them
phantom_net() {
	begin command "$BIN/phantom" -n -q --hosts "$T/net.conf" -l "$T/log" \
	    eth0 >"$T/said" 2>&1
	wait_for 20 grep -qs ' claim' "$T/log" || diag <"$T/said"
}

# dnsmasq_conf LAST - a server of names and of the leases 10.0.0.50 to LAST
dnsmasq_conf() {
	cat <<-END
		no-daemon
		no-resolv
		no-hosts
		no-ping
		address=/x.test/10.1.2.3
		dhcp-range=10.0.0.50,$1,255.255.255.0,1h
		dhcp-leasefile=$T/leases
		interface=eth0
	END
}

# dhcp_server [HOST] - dnsmasq by $T/dnsmasq.conf there, else in the client, when
# it serves: its pid in $dnsmasq, what it says in $T/dnsmasq.err
dhcp_server() {
	rm -f "$T/dnsmasq.err"
	(exec ip netns exec "${1:-client}" dnsmasq -C "$T/dnsmasq.conf" \
	    2>>"$T/dnsmasq.err") &
	dnsmasq=$!
	began+=("$dnsmasq")
	wait_for 10 grep -q 'DHCP, ' "$T/dnsmasq.err" ||
	    { diag <"$T/dnsmasq.err"; skip_all 'no DHCP server here'; }
}

# line_state - it is ready, or has failed
line_state() {
	gone $line || { [ -s "$T/log" ] && packet_sockets 3; }
}

line() {
	(stage rawcap rawcap eth0) |
	    (stage tcpfsm tcpfsm -l "$T/log" "$@") |
	    (stage rawinject rawinject eth0)
}

# claim - arp-phantom for both addresses, without asking
claim() {
	(stage arp arp-phantom -n eth0 $V4 $V6) &
	arp=$!
	began+=($arp)
}

# taken [client] - nothing waits in a packet socket of ours, or of the client:
# what a capture has not read when it is ended is lost
taken() {
	! "$@" awk 'NR > 1 && $7 > 0' /proc/net/packet | grep -q .
}

# phantom_end - end the line by its first stage; exit status of the line
phantom_end() {
	kill "$(cat "$T/rawcap.pid")" 2>/dev/null
	rm -f "$T"/{rawcap,tcpfsm,rawinject}.pid
	wait_for 20 gone "$line" || kill "$line" 2>/dev/null
	wait "$line"
}

