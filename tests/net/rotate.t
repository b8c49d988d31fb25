#!/bin/bash
# The log is renamed and SIGHUP is sent, as logrotate does: a new file is
# written to, nothing is lost, and the parser still can open nothing itself.
. "${0%/*}/../lab.sh"
lab "$@"
need curl
seq 1000 >"$T/file"
mkdir "$T/var"
get() { client curl -s --http0.9 -m 5 -o "$T/got" "$(url $V4)"; }
closes() { grep -qs ' close ' "$1"; }

# rotated WHAT PID LOG ERRORS COMMAND... - the command makes a line of the log;
# not each of a phantom's programs has the new one when that is there
rotated() {
	local what=$1 pid=$2 log=$3 errors=$4 i
	shift 4
	written() { "${command[@]}" >/dev/null 2>&1; test -s "$log"; }
	local command=("$@")
	for i in 1 2; do
		mv "$log" "$log.$i"
		kill -HUP "$pid"
		ok "$what: a new file, $i" wait_for 5 test -e "$log"
		is "$what: for its owner" "$(stat -c %a "$log")" 600
		ok "$what: which is written to, $i" wait_for 5 written
	done
	is "$what: the old one holds its lines" \
	    "$(tail -c 1 "$log.1" | od -An -tx1)" ' 0a'
	rm -rf "${log%/*}.gone"
	mv "${log%/*}" "${log%/*}.gone"
	kill -HUP "$pid"
	wait_for 5 grep -q "open $log: No such file.*the old file stays" "$errors"
	is "$what: no such directory: it says so, and goes on" \
	    "$? $(kill -0 "$pid"; echo $?)" '0 0'
	mv "${log%/*}.gone" "${log%/*}"
	kill -HUP "$pid"
}

begin command phantom -n -v -v -l "$T/var/phantom" --metrics "$T/metrics" \
    -f "$T/file" eth0 $V4 >"$T/said" 2>"$T/err"
pid=$!
wait_for 10 get
rotated phantom $pid "$T/var/phantom" "$T/err" get
is 'phantom: no such directory is said' \
    "$(grep -c 'open .*var/phantom: No such file.*the old file stays' "$T/err")" 1
if have logrotate; then
	cat >"$T/conf" <<-END
		$T/var/phantom {
			rotate 3
			create 0600
			nocompress
			postrotate
				kill -HUP $pid
			endscript
		}
	END
	chmod 755 "$T/var"
	logrotate -f -s "$T/state" "$T/conf" 2>"$T/lr"
	written() { get; closes "$T/var/phantom"; }
	ok 'logrotate: the new file is written to' wait_for 5 written
else
	skip 'logrotate: the new file is written to' logrotate
fi
# metric NAME - its value in the file of --metrics
metric() { sed -n "s/^phantom_$1 //p" "$T/metrics"; }
counted() { [ "$(metric connections_total)" -gt "$gets" ]; }
gets=$(metric connections_total)
get
ok '--metrics: one connection more' wait_for 9 counted
is 'all of one length' "$(stat -c %s "$T/metrics")" 2048
is 'lines of Prometheus, and empty ones' \
    "$(grep -vcE '^(# (HELP|TYPE) phantom_[a-z_]+ .+|phantom_[a-z_]+ [0-9]+|)$' \
	"$T/metrics")" 0
client ping -c 1 -W 2 $V4 >"$T/pinged"
stop $pid
ok 'written at the end' [ "$(metric closed_total)" -ge "$gets" ]
is 'pings' "$(metric pings_total)" 1
begin command phantom -n -q -l "$T/half" --metrics "$T/metrics" \
    --user-timeout 1 -f "$T/file" eth0 $V4 >"$T/said" 2>"$T/err"
pid=$!
wait_for 10 get
"$BIN/tcp-craft" -s 10.0.0.77:1024 -c $V4:80 flags S mss 1460 |
    client "$BIN/rawinject" eth0
ok 'a handshake without an end' \
    wait_for 9 grep -q ' close .* opened=0 ' "$T/half"
stop $pid
is 'is no connection' "$(metric closed_total)" \
    "$(grep -c 'new=ESTABLISHED' "$T/half")"
is 'a file that cannot be one' "$("$BIN/phantom" --metrics /dev/null eth0 $V4 \
    2>&1; echo $?)" 'phantom: --metrics /dev/null: not a regular file: name one that can be overwritten
2'

line() {
	(stage rawcap rawcap eth0) |
	    (stage tcpfsm tcpfsm -v -l "$T/var/tcpfsm" -o "$T/var/said" \
		-f "$T/file") |
	    (stage impair impair -v -l "$T/var/impair" loss 0%) |
	    (stage rawinject rawinject eth0)
}
line 2>/dev/null &
began+=($!)
echoes() {
	(stage rawcap2 rawcap eth0) |
	    (stage icmp icmp-phantom -v -l "$T/var/icmp") |
	    (stage rawinject2 rawinject eth0)
}
echoes 2>/dev/null &
began+=($!)
(stage arp arp-phantom -n -v -l "$T/var/arp" eth0 $V4) &
began+=($!)
wait_for 10 get
wait_for 10 client ping -c 1 -W 1 $V4
fds() { (cd "/proc/$1/fd" && echo *); }
count() { fds "$1" | wc -w; }
before=$(count "$(cat "$T/tcpfsm.pid")")
rotated tcpfsm "$(cat "$T/tcpfsm.pid")" "$T/var/tcpfsm" "$T/tcpfsm.err" \
    get
same() { [ "$(count "$(cat "$T/tcpfsm.pid")")" = "$before" ]; }
wait_for 5 same
is 'tcpfsm: no descriptor more' "$(count "$(cat "$T/tcpfsm.pid")")" "$before"
rotated icmp-phantom "$(cat "$T/icmp.pid")" "$T/var/icmp" "$T/icmp.err" \
    client ping -c 1 -W 1 $V4
unanswered() { client ip neigh flush dev eth0; get; }
rotated arp-phantom "$(cat "$T/arp.pid")" "$T/var/arp" "$T/arp.err" unanswered
ok 'what clients said' wait_for 5 test -s "$T/var/said"
: >"$T/var/said"
get
wait_for 5 test -s "$T/var/said"
is '-o: emptied, as by copytruncate, it begins anew' \
    "$(head -c 5 "$T/var/said" | tr '\0' 0)" 'GET /'
opener=$(pgrep -P "$(cat "$T/tcpfsm.pid")")
is 'the opener has its socket only' "$(fds "$opener")" 0
kill -KILL "$opener"
kill -HUP "$(cat "$T/tcpfsm.pid")"
sleep 0.2
ok 'the opener is killed: the line serves' get
kill "$(cat "$T/rawcap.pid")"
done_testing
