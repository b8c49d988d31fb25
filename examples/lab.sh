# lab.sh - what the examples share; sourced by them (sh).
#
#	. "${0%/*}/lab.sh"
#	enter "$@"	run this script again in namespaces of its own
#	cable		two hosts: this one, eth0 without an address, and the
#			namespace "client", 10.0.0.9 and fd00::9
#	client curl ...	in the other host
#
# Nothing in a lab is seen from outside, and nothing is left of it. No root
# needed where the kernel allows user namespaces.

root=$(cd "$(dirname "$0")/.." && pwd) || exit 2
bin=$(cd "${BIN:-$root/bin}" 2>/dev/null && pwd)
PATH=$bin:$PATH:/usr/sbin:/sbin
export PATH
LC_ALL=C
export LC_ALL
began= # pids of what we started

say() { printf '%s\n' "$*"; }
indent() { tr -d '\r' | sed 's/^/    /'; }
have() { command -v "$1" >/dev/null 2>&1; }
fail() {
	status=$1
	shift
	echo "${0##*/}: $*" >&2
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

# enter ARGUMENTS OF THE SCRIPT... - go on inside, in an empty directory
enter() {
	need unshare:util-linux mount:mount ip:iproute2
	if [ "${LAB_INSIDE:-}" != "$0" ]; then
		ns='-Urnm --propagation private'
		# a real root needs no user namespace
		# shellcheck disable=SC2086
		unshare $ns true 2>/dev/null || [ "$(id -u)" != 0 ] ||
		    ns='-nm --propagation private'
		# shellcheck disable=SC2086
		unshare $ns true 2>/dev/null ||
		    fail 2 'make namespaces: not allowed: as root set' \
			'sysctl kernel.unprivileged_userns_clone=1 or' \
			'kernel.apparmor_restrict_unprivileged_userns=0'
		# shellcheck disable=SC2086
		LAB_INSIDE=$0 exec unshare $ns sh "$0" "$@"
	fi
	unset LAB_INSIDE
	trap finish EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	mount -t tmpfs none /run && mkdir /run/lab && cd /run/lab ||
	    fail 2 'make the lab: see above'
}

# finish - end what was begun; a line falls with any of its stages
finish() {
	trap '' INT TERM HUP
	for pid in $began $!; do # $! may be younger than the list
		kill "$pid" 2>/dev/null
	done
	wait
}

# patiently COMMAND... - until it succeeds, up to five seconds
patiently() {
	tries=100
	until "$@" >/dev/null 2>&1; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
		sleep 0.05
	done
}

cable() {
	ip netns add client &&
	    ip link add eth0 type veth peer name eth0 netns client &&
	    ip link set lo up &&
	    ip link set eth0 up &&
	    ip -n client link set lo up &&
	    ip -n client addr add 10.0.0.9/24 dev eth0 &&
	    ip -n client addr add fd00::9/64 dev eth0 nodad &&
	    ip -n client link set eth0 up || fail 2 'make the lab: see above'
}

# in the background write it out: $! shall be the program's pid
client() { ip netns exec client "$@"; }

# listening N - so many packet sockets are open here
listening() {
	[ "$(grep -c ' 0003 \| 0000 ' /proc/net/packet)" -ge "$1" ]
}

# as_user COMMAND... - a tcpdump that is root wants to become a user who is
# unknown in here
as_user() { unshare --map-user=1000 "$@"; }
