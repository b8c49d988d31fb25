#!/bin/sh
# phantom-lab - a network to try phantoms in, without root: this host, with an
# interface eth0 that has no address, and the host "client" at the other end
# of its cable. See phantom-lab(1).
#
# Started twice: outside it makes the namespaces and waits, so that a signal
# ends all; inside it is the first process, with whose end all others end.

say() { printf 'phantom-lab: %s\n' "$*" >&2; }
fail() {
	status=$1
	shift
	say "$*"
	exit "$status"
}

help() {
	cat <<'END'
usage: phantom-lab [command [argument ...]]
       phantom-lab --join [PID] [command [argument ...]]
       phantom-lab --serve [addr:]port --to host:port [word ...]
Run a shell, or the command, in a network of its own: eth0 here, without an
address, and at the other end of the cable the host "client", 10.0.0.9 and
fd00::9. All of it is gone when the shell or the command ends.

  client command ...   run this on the client

Five things to try in the shell:

  1. a host that nobody has plugged in
        phantom -n -q eth0 10.0.0.5 fd00::5 &
        client ping -c 3 10.0.0.5
  2. a web server that is one line of sh
        phantom -n -p 80 --pcap /run/cap -e \
            'printf "HTTP/1.0 200 OK\r\n\r\nhello\n"' eth0 10.0.0.6 &
        client curl http://10.0.0.6/
  3. its connections, drawn
        client curl http://10.0.0.6/; ladder /run/cap
  4. a network that loses every fifth packet, and what TCP makes of it
        phantom -n -e 'seq 100000' --out 'loss 20%' eth0 10.0.0.7 &
        client curl -s --http0.9 http://10.0.0.7/ | tail -n 1
  5. a ping from an address that nobody has
        icmp-ping -c 3 -s 10.0.0.8 eth0 10.0.0.9

  --join     a shell, or the command, in a lab that runs; PID is the one that
             the message about several names
  --serve    a port of this machine (127.0.0.1), each connection to it through
             a phantom, with impair's words both ways, to the server at --to
                 phantom-lab --serve 9090 --to 127.0.0.1:8080 loss 10%
                 phantom-lab --serve 9090 --to 127.0.0.1:8080 drop synack#1

  -h, --help, -V, --version
END
}

# ---- outside

# spaces ARGUMENT... - unshare can make these
spaces() { unshare "$@" true 2>/dev/null; }

# @FORBIDDEN@

outside() {
	for p in unshare:util-linux mount:mount ip:iproute2; do
		command -v "${p%:*}" >/dev/null ||
		    fail 2 "run ${p%:*}: not found: install ${p#*:}"
	done
	ns='-Urnm --propagation private'
	# a real root needs no user namespace
	# shellcheck disable=SC2086
	spaces $ns || [ "$(id -u)" != 0 ] || ns='-nm --propagation private'
	# shellcheck disable=SC2086
	spaces $ns || fail 2 "make namespaces: not allowed: $(why_forbidden)"
	pid='--pid --fork --kill-child --mount-proc'
	# shellcheck disable=SC2086
	spaces $ns $pid ||
	    fail 2 'make a process namespace: not allowed: is /proc complete' \
		'here? (in docker: --security-opt systempaths=unconfined)'
	# a shell's "&" ignores SIGINT, and takes stdin away; killed, we take
	# the lab with us, and who was killed before that has been asked for
	# is not its parent any more
	exec 3<&0
	# shellcheck disable=SC2016,SC2086
	PHANTOM_LAB=inside env --default-signal=INT,QUIT \
	    setpriv --pdeathsig KILL \
	    sh -c '[ $PPID = "$0" ] && exec "$@"' $$ \
	    unshare $ns $pid sh "$self" "$@" <&3 3<&- &
	lab=$!
	trap : INT QUIT
	trap 'kill -KILL $lab' TERM HUP
	[ ! "$serve" ] || trap 'stopped=yes; kill -KILL $lab' INT QUIT TERM HUP
	[ ! "$serve" ] || serve_port "$@"
	wait $lab 2>/dev/null
	status=$?
	while kill -0 $lab 2>/dev/null; do
		wait $lab 2>/dev/null
		status=$?
	done
	# a port that was told to end has done its job
	[ ! "${stopped:-}" ] || status=0
	exit $status
}

# ---- outside, of --serve: a port of this machine leads into the lab, and one
# of the lab, where the phantom's command goes, out to the server

# usage TEXT...
usage() {
	say "$*"
	echo 'try: phantom-lab --help' >&2
	exit 2
}

# place TEXT - is it host:port, or [v6]:port?
place() {
	case $1 in
	\[*:*\]:* | *:*) ;;
	*) return 1 ;;
	esac
	case ${1%:*} in
	'' | *[!][:.[:alnum:]_%-]*) return 1 ;;
	\[*\]) ;;
	*[][:]*) return 1 ;;
	esac
	case ${1##*:} in
	'' | *[!0-9]* | ??????*) return 1 ;;
	esac
	[ "${1##*:}" -ge 1 ] && [ "${1##*:}" -le 65535 ]
}

# serve_options ARGUMENT... - both ends, in any order; this many are $eaten
serve_options() {
	to='' eaten=0
	while :; do
		case ${1:-} in
		--serve=* | --to=*)
			value=${1#*=}
			n=1
			;;
		--serve | --to)
			[ $# -gt 1 ] || usage "$1: needs a value"
			value=$2
			n=2
			;;
		*) break ;;
		esac
		case $1 in
		--to*) to=$value ;;
		*) serve=$value ;;
		esac
		shift "$n"
		eaten=$((eaten + n))
	done
	[ "$serve" ] || to=
	[ "$to" ] ||
	    usage '--serve and --to go together: --serve port --to host:port'
	place "$to" || usage "--to $to: not host:port or [v6]:port"
	case $serve in
	*:*) place "$serve" ;;
	*) place "127.0.0.1:$serve" ;;
	esac || usage "--serve $serve: not a port, addr:port or [v6]:port"
	case $serve in
	*:*) ;;
	*) serve=127.0.0.1:$serve ;;
	esac
	# where the phantom's command goes, in the lab
	back=127.0.0.1:7777
	export serve back
	# Ctrl-C has to work where it was ignored: in a script's background
	[ "${PHANTOM_LAB:-}" = heard ] || PHANTOM_LAB=heard \
	    exec env --default-signal=INT,QUIT sh "$self" "--serve=$serve" \
	    "--to=$to" "$@"
	trap 'exit 0' INT QUIT TERM HUP
}

# lab_init - the lab's first process, as it is called here
lab_init() {
	p=$(grep -lsx "PPid:	$lab" /proc/[0-9]*/status) || return
	p=${p%%/status*}
	echo "${p#/proc/}"
}

# serve_port - when the phantom is there, or the lab has ended
serve_port() { # [WORD ...]
	until init=$(lab_init) && [ -e "/proc/$init/root/run/lab/ready" ]; do
		kill -0 $lab 2>/dev/null && [ ! "${stopped:-}" ] || return
		sleep 0.05
	done
	tcp-relay -b --with $lab --listen-in "/proc/$init/ns/net" "$back" \
	    "$to" &&
	    tcp-relay -b --with $lab \
		--connect-in "/proc/$init/root/run/netns/client" "$serve" \
		"10.0.0.5:${serve##*:}" || {
		status=$?
		[ ! "${stopped:-}" ] || return
		kill -KILL $lab
		exit $status
	}
	say "$serve is $to, through a phantom${*:+ with: $*};" \
	    "$(ends_it) ends it"
}

# ends_it - what does: typed in front, else sent
ends_it() {
	awk '{ sub(/^.*\) /, ""); exit $3 != $6 }' /proc/$$/stat 2>/dev/null &&
	    echo Ctrl-C || echo "kill $$"
}

# ---- --join

# labs - the first process of each, with what this user may see
labs() {
	for p in /proc/[0-9]*; do
		tr '\0' '\n' 2>/dev/null <"$p/environ" |
		    grep -qx PHANTOM_LAB=inside 2>/dev/null &&
		    awk '/^NSpid:/ { exit !(NF > 2 && $NF == 1) }' "$p/status" \
			2>/dev/null && echo "${p#/proc/}"
	done
}

join_lab() {
	pid=
	case ${1:-} in
	*[!0-9]* | '') pid=$(labs) ;;
	*)
		pid=$1
		shift
		labs | grep -qx "$pid" || fail 1 "join $pid: no lab"
		;;
	esac
	[ "$pid" ] || fail 1 'join: no lab runs'
	# shellcheck disable=SC2086
	set -- "$(printf '%s ' $pid | sed 's/ $//')" "$@"
	case $1 in
	*' '*) fail 1 "join: several labs run: --join PID, of $1" ;;
	esac
	pid=$1
	shift
	user='-U --preserve-credentials'
	[ "$(readlink /proc/self/ns/user)" != \
	    "$(readlink "/proc/$pid/ns/user")" ] || user=
	# shellcheck disable=SC2086
	PHANTOM_LAB=joined LAB_PWD=$PWD exec nsenter -t "$pid" $user -n -m -p \
	    sh "$self" "$@"
}

joined() {
	cd "$LAB_PWD" 2>/dev/null || cd /
	unset LAB_PWD
	export PHANTOM_LAB=yes
	PATH=/run/lab/bin:$PATH
	export PATH
	if [ $# -gt 0 ]; then
		exec "$@"
	fi
	shell
}

# ---- inside

network() {
	mount -t tmpfs -o mode=755 none /run && mkdir -p /run/lab/bin &&
	    ip netns add client &&
	    ip netns exec client sh -c 'cd /proc/sys/net/ipv6/conf &&
		echo 0 | tee all/accept_dad default/accept_dad \
		    default/router_solicitations' >/dev/null &&
	    ip link set lo up && ip -n client link set lo up &&
	    ip link add eth0 type veth peer name eth0 netns client &&
	    ip link set eth0 up && ip -n client link set eth0 up &&
	    ip -n client addr add 10.0.0.9/24 dev eth0 &&
	    ip -n client addr add fd00::9/64 dev eth0 nodad &&
	    cat >/run/lab/bin/client <<'END' && chmod 755 /run/lab/bin/client
#!/bin/sh
[ $# -gt 0 ] || { echo 'usage: client command [argument ...]' >&2; exit 2; }
exec ip netns exec client "$@"
END
}

# a tcpdump that is root wants to become a user whom the lab does not have: so
# rawcap hears for one that is not root
tcpdump_too() {
	real=$(command -v tcpdump) && spaces -U || return 0
	{
		printf '#!/bin/sh\nreal=%s\n' "$real"
		cat <<'END'
quoted() { printf " '"; printf %s "$1" | sed "s/'/'\\\\''/g"; printf "'"; }
live=yes iface=eth0 words=
while getopts aAb:B:c:C:dDeE:fF:G:hHi:IJj:KlLm:M:nNOpqQ:r:s:StT:uUvV:w:W:xXy:YZ:z:#-: o
do
	case $o in
	\?) exit 1 ;;
	i) iface=$OPTARG && continue ;;
	r | d | D | L | h | J | V) live= ;;
	-)
		case $OPTARG in
		interface=*) iface=${OPTARG#*=} && continue ;;
		help | version | list-*) live= ;;
		esac
		;;
	esac
	words="$words $(quoted "-$o${OPTARG:-}")"
	OPTARG=
done
shift $((OPTIND - 1))
[ "$live" ] || eval "exec unshare --map-user=1000 $real $words"' "$@"'
eval "rawcap -q -O $(quoted "$iface") | unshare --map-user=1000 $real -r - $words"' "$@"'
END
	} >/run/lab/bin/tcpdump && chmod 755 /run/lab/bin/tcpdump
}

shell() {
	say 'eth0 has no address; "client" is at its other end: try' \
	    'client ip addr; phantom-lab -h tells more; exit ends it'
	PS1='lab$ '
	export PS1
	case ${SHELL##*/} in
	bash)
		# what the user has set, then the prompt
		cat >/run/lab/rc <<'END'
[ ! -f ~/.bashrc ] || . ~/.bashrc
PS1='lab:\w\$ '
END
		"$SHELL" --rcfile /run/lab/rc -i
		;;
	*) "${SHELL:-/bin/sh}" ;;
	esac
}

# serve_inside [WORD ...] - until the phantom ends; its connections are shown
serve_inside() {
	words=$*
	set --
	[ ! "$words" ] || set -- --in "$words" --out "$words"
	{
		# the phantom ends at it, and then we do
		trap : INT QUIT TERM HUP
		phantom -n -p "${serve##*:}" --commands 1000 "$@" \
		    -e "exec tcp-relay - $back" eth0 10.0.0.5
		echo $? >/run/lab/status
	} | {
		trap : INT QUIT TERM HUP
		while IFS= read -r line; do
			case $line in
			*'; try') : >/run/lab/ready ;;
			*' to 10.0.0.5:'*) printf '%s\n' "$line" ;;
			esac
		done
	}
	status=$(cat /run/lab/status 2>/dev/null)
	return "${status:-1}"
}

inside() {
	# the programs say "client" before what is to be tried
	export PHANTOM_LAB=yes
	trap : INT QUIT # are for the command
	network && tcpdump_too || fail 2 'make the network: see above'
	PATH=/run/lab/bin:$PATH
	export PATH
	if [ "$serve" ]; then
		serve_inside "$@"
	elif [ $# -gt 0 ]; then
		"$@"
	else
		shell
	fi
}

# ----

self=$0
case $0 in
*/*) ;;
*) self=$(command -v "$0") || fail 2 "find $0: not in PATH" ;;
esac
here=$(cd "${self%/*}" && pwd) || exit 2
self=$here/${self##*/}
PATH=$here:$here/../sbin:$PATH:/usr/sbin:/sbin
export PATH
[ "${PHANTOM_LAB:-}" != joined ] || { joined "$@"; exit; }
[ "${PHANTOM_LAB:-} $$" != "inside 1" ] || { inside "$@"; exit; }
serve=
case ${1:-} in
--list-options)
	printf '%s\t-\t-\t%s\n' --join 'a second terminal in a running lab' \
	    --serve 'a port of this machine, through a phantom' \
	    -h,--help 'print this text' \
	    -V,--version 'print the version'
	exit 0
	;;
-h | --help)
	help || exit 1
	exit 0
	;;
-V | --version)
	echo "phantom-lab (tcphantom) @VERSION@" || exit 1
	exit 0
	;;
--) shift ;;
--join)
	shift
	join_lab "$@"
	;;
--serve* | --to*) serve_words=yes ;;
-*)
	say "$1: unknown option"
	echo 'try: phantom-lab --help' >&2
	exit 2
	;;
esac
if [ "${serve_words:-}" ]; then
	serve_options "$@"
	shift "$eaten"
fi
outside "$@"
