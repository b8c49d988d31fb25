#!/bin/bash
# The same bytes on any machine: stored inputs (recordings of live runs, and
# what was made by hand), the options and seeds of tests/pipe/golden/cases,
# and the sums that the outputs had. Here with the programs that are tested,
# and with others made by each compiler at several levels of optimisation.
# `golden.t -b` is the first of these alone, as in `make coverage`: the others are
# not counted there.
# After a change of behaviour that is meant, `golden.t -w` writes the sums
# anew; the diff shows what has changed.
ROOT=$(cd "${0%/*}/../.." && pwd)
BIN=$(cd "${BIN:-$ROOT/bin}" && pwd) || exit 1
cd "$ROOT/tests/pipe/golden" || exit 1
export LC_ALL=C
T=$(mktemp -d) || exit 1
trap 'rm -rf "$T"' EXIT
trap 'exit 1' INT TERM HUP
awk 'BEGIN { for (i = 1; i <= 10000; i++) printf "%07d\n", i }' >"$T/numbers"
head -n 100 "$T/numbers" >"$T/few"
n=0

# output PROGRAM ARGUMENT... <INPUT - its sum; %T is the directory of files
output() {
	local program=$1 status
	shift
	"$program" "${@//%T/$T}" >"$T/out" 2>"$T/err"
	status=$?
	[ $status = 0 ] && md5sum <"$T/out" | cut -d ' ' -f 1 ||
	    echo "exit-$status"
}

# cases DIRECTORY - "case sum expected" of each
cases() {
	local input sum program words
	while read -r input sum program words; do
		case $input in '#'* | '') continue ;; esac
		read -ra words <<<"$words"
		echo "$input $program $(output "$1/$program" "${words[@]}" \
		    <"$input") $sum"
	done <cases
}

if [ "$1" = -w ]; then
	while read -r input sum program words; do
		case $input in
		'#'* | '') echo "$input${sum:+ $sum}${program:+ $program}${words:+ $words}" ;;
		*)
			read -ra w <<<"$words"
			echo "$input $(output "$BIN/$program" "${w[@]}" \
			    <"$input") $program $words"
			;;
		esac
	done <cases >"$T/cases" && cat "$T/cases" >cases
	exit
fi

# compare NAME DIRECTORY
compare() {
	local input program got want
	while read -r input program got want; do
		n=$((n + 1))
		if [ "$got" = "$want" ]; then
			echo "ok $n - $1: $program < $input"
		else
			echo "not ok $n - $1: $program < $input"
			echo "# got $got, want $want"
			sed 's/^/# /' "$T/err" | head -n 5
		fi
	done < <(cases "$2")
}

programs=$(awk '!/^#/ && NF { print $3 }' cases | sort -u)
compare 'as built' "$BIN"
if [ "$1" = -b ] || [ "$COUNTED" ]; then
	echo "1..$n"
	exit
fi
for how in 'gcc -O0' 'gcc -O3' 'clang -O1' 'clang -O3'; do
	read -r cc level <<<"$how"
	if ! command -v "$cc" >/dev/null; then
		n=$((n + 1))
		echo "ok $n - $how # SKIP no $cc here"
		continue
	fi
	dir=$T/$cc$level
	targets=()
	for p in $programs; do
		targets+=("$dir/bin/$p")
	done
	if env -u MAKEFLAGS -u MFLAGS make -s -j2 -C "$ROOT" B="$dir" BIN="$dir/bin" CC="$cc" \
	    CFLAGS="$level" "${targets[@]}" >"$T/make" 2>&1; then
		compare "$how" "$dir/bin"
	else
		n=$((n + 1))
		echo "not ok $n - $how builds them"
		tail -n 20 "$T/make" | sed 's/^/# /'
	fi
	rm -rf "$dir"
done
echo "1..$n"
