# shellcheck shell=sh
# lab.sh - what the labs of this directory share; sourced by them (sh).
#
#	. "${0%/*}/lab.sh"
#	need rawcap curl:curl	programs: ours, and Debian's packages
#	lab_enter "$@"		re-executed in namespaces, from here on
#	two_hosts		this one, eth0 without an address, and the
#				machine "client", 10.0.0.9 and fd00::9
#
# Nothing in a lab is seen from outside, and nothing of it is left. No root
# needed where the kernel allows user namespaces. Exit: 0 all went well, 1 it
# did not, 2 no lab can be made.

# --help: what stands at the head of the script
case ${1:-} in
-h | --help)
	sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"
	exit 0
	;;
esac
name=${0##*/}
root=${0%/*}/..
[ -d "$root/examples" ] || root=$root/.. # from a directory further down
root=$(cd "$root" && pwd) || exit 2
bin=$(cd "${BIN:-$root/bin}" 2>/dev/null && pwd)
PATH=${bin:+$bin:}$PATH:/usr/sbin:/sbin
export PATH LC_ALL=C

say() { printf '%s\n' "$*"; }
indent() { tr -d '\r' | sed 's/^/    /'; }
have() { command -v "$1" >/dev/null 2>&1; }
fail() {
	status=$1
	shift
	echo "$name: $*" >&2
	exit "$status"
}

# need PROGRAM[:PACKAGE]... - without a package it is one of ours
need() {
	for p; do
		have "${p%:*}" && continue
		case $p in
		*:*) fail 2 "find ${p%:*}: not there: install ${p#*:}" ;;
		*) fail 2 "find $p: not there: make it first" ;;
		esac
	done
}

. "$root/examples/forbidden.sh"

lab_enter() {
	need unshare:util-linux mount:mount ip:iproute2
	if [ "${LAB_INSIDE:-}" != "$0" ]; then
		ns='-Urnm --propagation private'
		# a real root needs no user namespace
		# shellcheck disable=SC2086
		unshare $ns true 2>/dev/null || [ "$(id -u)" != 0 ] ||
		    ns='-nm --propagation private'
		# shellcheck disable=SC2086
		unshare $ns true 2>/dev/null ||
		    fail 2 "make namespaces: not allowed: $(why_forbidden)"
		# with processes of its own as well nothing can be left
		pid='--pid --fork --kill-child --mount-proc'
		# shellcheck disable=SC2086
		unshare $ns $pid true 2>/dev/null || pid=
		# shellcheck disable=SC2086
		LAB_INSIDE=$0 exec unshare $ns $pid sh "$0" "$@"
	fi
	unset LAB_INSIDE
	trap lab_end EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	mount -t tmpfs none /run && mkdir /run/lab && cd /run/lab ||
	    fail 2 'make the lab: see above'
	export TMPDIR=/run/lab
}

# lab_end - every stage is ended, and has ended
began= # pids of what else was begun
lab_end() {
	trap '' INT TERM HUP
	for f in /run/lab/*.pid; do
		[ -f "$f" ] && kill "$(cat "$f")" 2>/dev/null
	done
	for pid in $began $!; do # $! may be younger than the list
		kill "$pid" 2>/dev/null
	done
	wait
}

# kept_in DIRECTORY - its full name; the lab has another working directory
kept_in() {
	dir=$(mkdir -p "$1" && cd "$1" && pwd) || exit 2
	case $dir in
	/run | /run/*)
		fail 2 "keep files in $dir: the lab has a /run of its own:" \
		    'give another directory'
		;;
	esac
	say "$dir"
}

# patiently COMMAND... - until it succeeds, up to ten seconds
patiently() {
	tries=200
	until "$@" >/dev/null 2>&1; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
		sleep 0.05
	done
}

# as_user COMMAND... - a tcpdump that is root wants to become a user who is
# unknown in here; where root has no user namespace (in a chroot) he is known
as_user() {
	if unshare -U true 2>/dev/null; then
		unshare --map-user=1000 "$@"
	else
		"$@"
	fi
}

# kernel MACHINE KEY=VALUE... - as sysctl -w there, which not all have
kernel() {
	m=$1
	shift
	for w; do
		# shellcheck disable=SC2016
		ip netns exec "$m" sh -c 'echo "$1" >"/proc/sys/$0"' \
		    "$(echo "${w%%=*}" | tr . /)" "${w#*=}" || return
	done
}

# machine NAME [router] - a network namespace of its own
machine() {
	ip netns add "$1" && ip -n "$1" link set lo up &&
	    kernel "$1" net.ipv6.conf.all.keep_addr_on_down=1 \
		net.ipv6.conf.default.accept_dad=0 \
		net.ipv6.conf.default.router_solicitations=0 || return
	[ "${2:-}" ] || return 0
	# every word of a router counts here
	kernel "$1" net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 \
	    net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
}

# cable MTU MACHINE INTERFACE MACHINE INTERFACE
cable() {
	ip -n "$2" link add "$3" mtu "$1" type veth \
	    peer name "$5" netns "$4" mtu "$1" &&
	    ip -n "$2" link set "$3" up && ip -n "$4" link set "$5" up
}

# addresses MACHINE INTERFACE V4/LEN V6/LEN
addresses() {
	ip -n "$1" addr add "$3" dev "$2" &&
	    ip -n "$1" addr add "$4" dev "$2" nodad
}

two_hosts() {
	ip link set lo up && machine client &&
	    ip link add eth0 type veth peer name eth0 netns client &&
	    ip link set eth0 up && addresses client eth0 10.0.0.9/24 fd00::9/64 &&
	    ip -n client link set eth0 up || fail 2 'make the lab: see above'
}

# on MACHINE COMMAND...
on() { ip netns exec "$@"; }

# stage FILE MACHINE COMMAND... - the command there, ended with the lab; its
# pid is in FILE.pid
stage() {
	sh -c 'echo $$ >"$0.pid"; exec ip netns exec "$@"' "$@"
}

# sockets MACHINE N - so many packet sockets are open there; listening N: here
listening() {
	[ "$(tail -n +2 /proc/net/packet | wc -l)" -ge "$1" ]
}

sockets() {
	[ "$(on "$1" sh -c 'tail -n +2 /proc/net/packet' | wc -l)" -ge "$2" ]
}
