# shellcheck shell=sh
# lesson.sh - how a lesson tells its story; sourced by each of them (sh).
#
#	. "${0%/*}/lesson.sh"
#	need curl:curl		beside ours: programs and Debian's packages
#	lesson "$@"		in a lab of its own from here on; -d DIRECTORY
#				keeps its files
#	tell TEXT		what happens, what to look at
#	run COMMAND		shown, and run here; on_client: there
#	start PIPELINE		shown, and run until finish
#	ask QUESTION		for the reader
#	check WHAT COMMAND...	must hold
#	lesson_end		exit 0 when all of them did, else 1

. "${0%/*}/../lab.sh"

usage() { fail 2 "usage: $name [-d directory]"; }

lesson() {
	need rawcap rawinject tcpfsm arp-phantom ladder
	keep=
	while getopts d: opt; do
		case $opt in
		d) keep=$OPTARG ;;
		*) usage ;;
		esac
	done
	shift $((OPTIND - 1))
	[ $# = 0 ] || usage
	[ ! "$keep" ] || keep=$(kept_in "$keep") || exit 2
	lab_enter ${keep:+-d "$keep"}
	[ ! "$keep" ] || cd "$keep" || exit 2
	rm -f log in.pcap out.pcap
	two_hosts
	bad=0
	asked=0
	say "Lesson $name. The page to it is ${name}.md."
}

tell() {
	say
	printf '%s\n' "$*" | fmt -w 76
}

ask() {
	asked=$((asked + 1))
	tell "Question $asked: $*"
}

# run COMMAND - a line of sh; its status
run() {
	say
	say "    \$ $1"
	(eval "$1") >said 2>&1
	status=$?
	indent <said
	return $status
}

# on_client COMMAND - the same on the other host
on_client() {
	say
	say "    client\$ $1"
	ip netns exec client "${2:-sh}" -c "$1" >said 2>&1 &
	began="$began $!"
	wait $!
	status=$?
	indent <said
	return $status
}

# claim ADDRESS... - arp-phantom for each, without asking
claim() {
	for a; do
		say
		say "    \$ arp-phantom -n eth0 $a &"
		arp-phantom -n eth0 "$a" 2>/dev/null &
		began="$began $!"
	done
	patiently listening $# || fail 1 'start arp-phantom: see above'
}

# start PIPELINE [SOCKETS] - from rawcap to rawinject; ready when so many
# packet sockets are open, 2 without the number, besides those that are
start() {
	have_now=$(tail -n +2 /proc/net/packet | wc -l)
	say
	say "    \$ $1 &"
	rm -f pids
	(
		# the pipeline ends when its first stage does: who is it?
		rawcap() { sh -c 'echo $$ >>pids; exec rawcap -q "$@"' sh "$@"; }
		rawinject() { command rawinject -q "$@"; }
		impair() { command impair -q "$@"; }
		eval "$1"
	) 2>stderr &
	line=$!
	began="$began $line"
	patiently listening $((have_now + ${2:-2})) ||
	    { indent <stderr; fail 1 'start the line: see above'; }
}

# finish - the end of the line, when all that it had to say is said
finish() {
	while read -r pid; do
		kill "$pid" 2>/dev/null
	done <pids
	wait "$line"
}

# closed [N] - the log has the end of N connections, after a while
closed() {
	n_closed=${1:-1}
	# shellcheck disable=SC2317
	enough() { [ "$(grep -c ' close ' log)" -ge "$n_closed" ]; }
	patiently enough
}

# states [CLIENT'S ENDPOINT] - that the connection went through
states() {
	awk -v r="${1:-}" '$4 == "state" && (r == "" || $3 == r) {
		match($0, /old=[^ ]+/)
		if (!path) path = substr($0, RSTART + 4, RLENGTH - 4)
		match($0, /new=[^ ]+/)
		path = path " " substr($0, RSTART + 4, RLENGTH - 4)
	} END { print path }' log
}

check() {
	what=$1
	shift
	if "$@" >/dev/null 2>&1; then
		say "ok: $what"
	else
		say "NOT OK: $what"
		bad=$((bad + 1))
	fi
}

# is_same TEXT TEXT
is_same() { [ "$1" = "$2" ]; }

lesson_end() {
	say
	[ $bad = 0 ] || fail 1 "$bad of the checks failed"
	say 'All checks hold.'
	exit 0
}
