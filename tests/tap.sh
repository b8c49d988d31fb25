# tap.sh - what a test in sh says, and what all of them need; sourced (bash).
#
#	. "${0%/*}/../tap.sh"
#	need tshark
#	scratch			a directory $T, gone at the end
#	is 'what' got want
#	done_testing
#
# lab.sh has it for tests that want a network. The working directory is the
# project's.
#
# BIN is where the programs are that are tested. PLAIN=yes: make check-plain,
# the rawinject there makes no super-frames. A test that looks at them wants
# none then, by
#
#	is 'super-frames' "$n" "$(either 7 0)"

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
BIN=$(cd "${BIN:-$ROOT/bin}" 2>/dev/null && pwd) ||
    { echo "1..0 # SKIP no programs: make first"; exit 0; }
export BIN ROOT
cd "$ROOT" || exit 1
T=${T:-/dev/null/none} # without scratch nothing is written, least of all in /
PATH=$BIN:$PATH:/usr/sbin:/sbin
export LC_ALL=C
export PYTHONDONTWRITEBYTECODE=1 # a test leaves nothing in the tree
n=0				# tests so far

# ---- results: the Test Anything Protocol

# is WHAT GOT WANT - the two are the same text
is() {
	n=$((n + 1))
	if [ "$2" = "$3" ]; then
		echo "ok $n - $1"
		return 0
	fi
	echo "not ok $n - $1"
	printf '%s %d: %s\ngot:  %s\nwant: %s\n' "$0" $n "$1" "$2" "$3" | diag
	return 1
}

# ok WHAT COMMAND... - the command succeeds; else what it said is shown
ok() {
	local what=$1 said status
	shift
	said=$("$@" 2>&1)
	status=$?
	n=$((n + 1))
	if [ $status = 0 ]; then
		echo "ok $n - $what"
		return 0
	fi
	echo "not ok $n - $what"
	printf '%s %d: %s\nstatus %d: %s\n%s\n' "$0" $n "$what" $status "$*" \
	    "$said" | tail -n 40 | diag
	return 1
}

# either WITH WITHOUT - super-frames
either() { [ "$PLAIN" ] && echo "$2" || echo "$1"; }

# sanitized - a build for make asan: no filter of system calls, users and limits
# stay as they are, an address space of terabytes, slower
sanitized() { grep -q __asan_init "$BIN/tcpfsm"; }

# skip WHAT PROGRAM - one test not made for want of a program
skip() {
	n=$((n + 1))
	echo "ok $n - $1 # SKIP no $2 here"
}

skip_all() {
	echo "1..0 # SKIP $*"
	exit 0
}

# diag - lines of stdin as remarks, not too many; prove shows them
diag() {
	tr -d '\r' | head -n 40 | cut -c 1-300 | sed 's/^/# /' >&2
}

# have PROGRAM...; need PROGRAM... - or the whole test is skipped
have() {
	local p
	for p; do
		command -v "$p" >/dev/null || return 1
	done
}

need() {
	local p
	for p; do
		have "$p" || skip_all "no $p here"
	done
}

# scapy - the python that has it
scapy() {
	local p
	for p in python3 /usr/bin/python3; do
		$p -c 'import scapy' 2>/dev/null && echo "$p" && return
	done
	return 1
}

done_testing() {
	echo "1..$n"
}

# ---- waiting and ending

# wait_for SECONDS COMMAND... - until it succeeds
wait_for() {
	local i end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -ge $end ] && return 1
		sleep 0.02
	done
}

gone() { ! kill -0 "$1" 2>/dev/null; }

# minded PID - it is the program, no shell any more, and SIGTERM is not its end
minded() {
	[ "$(readlink "/proc/$1/exe")" != "$(readlink "/proc/$$/exe")" ] &&
	    awk '/^Sig(Blk|Cgt):/ && substr($2, 13, 1) ~ /[4-7c-f]/ { n++ }
		END { exit !n }' "/proc/$1/status"
}

# fill FIFO - it takes no byte more; a user who has many pipes gets smaller ones
fill() {
	dd if=/dev/zero of="$1" bs=4096 oflag=nonblock 2>/dev/null || :
}

# drained FIFO - nothing is in it that is not read
drained() {
	perl -e 'open my $f, "+<", $ARGV[0] or exit 1;
	    my $n = "\0" x 4;
	    ioctl $f, 0x541b, $n;
	    exit unpack("i", $n) != 0' "$1"
}

# scratch - a directory of the test's own
scratch() {
	T=$(mktemp -d) || exit 1
	trap 'rm -rf "$T"' EXIT
	trap 'exit 1' INT TERM HUP
}

# md5 FILE, or of stdin
md5() { md5sum ${1:+"$1"} | cut -d ' ' -f 1; }
