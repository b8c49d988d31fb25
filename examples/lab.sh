# shellcheck shell=sh
# lab.sh - what the labs of this directory share; sourced by them (sh).
#
#	. "${0%/*}/lab.sh"
#	lab_enter "$@"		re-executed in namespaces, from here on
#
# Nothing in a lab is seen from outside, and nothing of it is left. No root
# needed where the kernel allows user namespaces. Exit: 0 all went well, 1 it
# did not, 2 no lab can be made.

name=${0##*/}
root=$(cd "${0%/*}/.." && pwd) || exit 2
bin=$(cd "${BIN:-$root/bin}" 2>/dev/null && pwd)
PATH=$bin:$PATH:/usr/sbin:/sbin
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

lab_enter() {
	for p in rawcap tcpfsm rawinject arp-phantom icmp-phantom tcp-craft \
	    tcp-show; do
		have $p || fail 2 "find $p: not there: make it first"
	done
	for p in unshare:util-linux ip:iproute2 ping:iputils-ping curl:curl; do
		have ${p%:*} || fail 2 "find ${p%:*}: not there: install ${p#*:}"
	done
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
lab_end() {
	trap '' INT TERM HUP
	for f in /run/lab/*.pid; do
		[ -f "$f" ] && kill "$(cat "$f")" 2>/dev/null
	done
	wait
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

# machine NAME [router] - a network namespace of its own
machine() {
	ip netns add "$1" && ip -n "$1" link set lo up &&
	    ip netns exec "$1" sysctl -qw \
		net.ipv6.conf.all.keep_addr_on_down=1 \
		net.ipv6.conf.default.accept_dad=0 \
		net.ipv6.conf.default.router_solicitations=0 || return
	[ "${2:-}" ] || return 0
	# every word of a router counts here
	ip netns exec "$1" sysctl -qw net.ipv4.ip_forward=1 \
	    net.ipv6.conf.all.forwarding=1 net.ipv4.icmp_ratelimit=0 \
	    net.ipv6.icmp.ratelimit=0
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

# on MACHINE COMMAND...
on() { ip netns exec "$@"; }

# stage FILE MACHINE COMMAND... - the command there, ended with the lab; its
# pid is in FILE.pid
stage() {
	sh -c 'echo $$ >"$0.pid"; exec ip netns exec "$@"' "$@"
}

# sockets MACHINE N - so many packet sockets are open there
sockets() {
	[ "$(on "$1" sh -c 'tail -n +2 /proc/net/packet' | wc -l)" -ge "$2" ]
}
