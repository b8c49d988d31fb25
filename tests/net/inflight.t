#!/bin/bash
# A command keeps as many descriptors on their way between processes as its user
# may have. The kernel counts them per user, against the sender's limit of open
# files. Other commands begin all the same, the log is opened again, the file of
# --hosts is read again, files of --said are made. Where nothing can be handed
# over, what needs it fails, and is well as soon as it can be again.
. "${0%/*}/../lab.sh"
LAB_REAL=1
lab "$@"
need socat python3 prlimit setpriv
chmod 755 "$T"
cp tests/net/inflight.py "$T/"
mkdir -m 777 "$T/d" "$T/d/said" "$T/o"
cat >"$T/command" <<END
read -r x
case \$x in
many) setsid python3 $T/inflight.py $T/on >$T/o/many 2>&1 </dev/null & sleep 1 ;;
esac
echo hello
END
say() { (echo "$1"; sleep 2) | client timeout 6 socat -t 2 - "TCP:$V4:22"; }
full() { grep -q 'Too many references' "$T/o/many"; }
# many COMMAND... - it has them on their way
many() {
	: >"$T/on"
	begin "$@" >"$T/many.out"
	ok "$what: the attack is complete" wait_for 20 full
}
fewer() {
	rm "$T/on"
	wait_for 10 grep -q ended "$T/o/many"
	rm -f "$T/o/many"
}
# limits as those of a login
prlimit --pid $$ --nofile=1024:4096

cat >"$T/d/net.conf" <<END
host $V4  tcp closed
    tcp 22  command 'exec bash $T/command'
    tcp 80  open
END
seen() { client bash -c "exec 3<>/dev/tcp/$V4/80; echo hello >&3"; }
said() { find "$T/d/said" -type f -size +0 | wc -l; }
more_said() { [ "$(said)" -gt "$1" ]; }
tables() { grep -c ' hosts count=' "$T"/d/log* | awk -F: '{ n += $2 } END { print n }'; }
more_tables() { [ "$(tables)" -gt "$1" ]; }
logs=0
# all_well WHAT - commands, a session's file, the log, the table
all_well() {
	is "$1: a command" "$(say one)" hello
	local had
	logs=$((logs + 1))
	had=$(said)
	seen
	ok "$1: a file of --said" wait_for 5 more_said "$had"
	had=$(tables)
	mv "$T/d/log" "$T/d/log.$logs"
	kill -HUP $ph
	ok "$1: the log is opened again" wait_for 5 test -s "$T/d/log"
	ok "$1: the table is read again" wait_for 5 more_tables "$had"
}
run=(-n -l "$T/d/log" --said "$T/d/said" --hosts "$T/d/net.conf" eth0)
# goes WHAT COMMAND... - phantom, started by it
goes() {
	local what=$1
	shift
	rm -f "$T"/d/log* "$T"/d/said/*
	: >"$T/said" 2>"$T/err"
	"$@" "$BIN/phantom" "${run[@]}" >"$T/said" 2>"$T/err" &
	ph=$!
	began+=("$ph")
	wait_for 20 eval 'gone $ph || grep -q "^SIGTERM ends" "$T/said"' ||
	    diag <"$T/err"
	all_well "$what, at first"
	if sanitized; then
		# no limit keeps room, and commands have the user of all else
		skip "$what: the attack" 'build without a sanitizer'
		return
	fi
	many say many
	all_well "$what, a command has as many in flight as it may"
	fewer
	all_well "$what, they are gone"
}
# over - it ends, and has said nothing
over() {
	stop $ph
	is "the end is in order, and nothing was lost" "$? $(cat "$T/err")" '0 '
}
goes 'commands of another user' env
over
if setpriv --reuid 12345 true 2>/dev/null; then
	chown -R 12345 "$T/d"
	user=(setpriv --reuid 12345 --regid 12345 --clear-groups)
	goes 'of the same user' "${user[@]}" --inh-caps=+net_raw \
	    --ambient-caps=+net_raw

	# ---- one that is no command of ours has no limit of ours
	what=another
	many "${user[@]}" sh -c "exec python3 $T/inflight.py $T/on >$T/o/many"
	had=$(said)
	is 'more than we may: a command fails' "$(say one)" ''
	ok 'which is said' wait_for 5 grep -q 'start command: Too many' "$T/err"
	seen
	ok 'a file of --said fails' wait_for 5 grep -q 'said/.*Too many' "$T/err"
	kill -HUP $ph
	ok 'the table stays' wait_for 5 grep -q 'Too many.*table stays' "$T/err"
	ok 'the log stays' wait_for 5 grep -q 'Too many.*the old file stays' \
	    "$T/err"
	is 'no file was kept' "$(said)" "$had"
	fewer
	: >"$T/err"
	all_well 'but not for ever'
	stop $ph

	# ---- those that hand over the pipes of a command, a socket
	cd "$T/d" || exit 1
	"${user[@]}" "$BIN/pipe-switch" -q --restart p \
	    p=10:'echo $$ >>pids; exec cat' q=10:'exec sleep 90' 2>"$T/err" &
	switch=$!
	"${user[@]}" "$BIN/pipe-plug" -q unix:u -- sh -c 'exec cat >got' \
	    2>"$T/plug" &
	plug=$!
	began+=("$switch" "$plug")
	cat >frames <<'END'
$| = 1;
print pack "V v v V V V V", 0xa1b23c4d, 2, 4, 0, 0, 262144, 1;
while (1) {
	print pack("V4", 1, 0, 42, 42), "\xff" x 6, "\2\0\0\0\0\1", "\x08\6",
	    "\0" x 28;
	select undef, undef, undef, 0.1;
}
END
	wait_for 10 test -s pids
	wait_for 10 test -S u
	what='two more'
	many "${user[@]}" sh -c "exec python3 $T/inflight.py $T/on >$T/o/many"
	kill "$(tail -n 1 pids)"
	ok 'a port of pipe-switch gets no command, which is said' \
	    wait_for 10 grep -q 'Too many references' "$T/err" || diag <"$T/err"
	begin "${user[@]}" "$BIN/pipe-plug" -q unix:u -- perl frames 2>>"$T/plug"
	sleep 1
	is 'a peer of pipe-plug has to come again' \
	    "$(cat "$T/plug") $(($(wc -c <got) <= 24))" ' 1'
	had=$(wc -l <pids)
	fewer
	more_pids() { [ "$(wc -l <pids)" -gt "$had" ]; }
	more_got() { [ "$(wc -c <got)" -gt 24 ]; }
	ok 'the port gets one when there are fewer' wait_for 20 more_pids ||
	    diag <"$T/err"
	ok 'and the peer comes' wait_for 20 more_got || diag <"$T/plug"
	stop $switch
	stop $plug
	cd - >/dev/null || exit 1
else
	skip 'commands of the same user' 'real root'
fi
done_testing
