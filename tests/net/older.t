#!/bin/bash
# On an older kernel: without landlock, commands of -e have a process namespace
# of their own, in which nobody else exists; where a group of sockets cannot do
# without what this host sends, or there are no such groups, rawcap keeps its
# promises all the same.
. "${0%/*}/../lab.sh"
preload=${BUILD:-$ROOT/build}/tests/net/older.so
[ -f "$preload" ] || skip_all 'no older.so: make check builds it'
LD_PRELOAD=$preload "$BIN/tcpfsm" --version >/dev/null 2>&1 ||
    skip_all 'a build with sanitizers takes no LD_PRELOAD'
lab "$@"
need socat ping perl
processes() { pgrep -xc "$1"; }

# ---- without landlock
without_landlock() {
	(stage rawcap rawcap eth0) |
	    (stage tcpfsm env OLDER='landlock close' LD_PRELOAD="$preload" \
		tcpfsm -l "$T/log" "$@") | (stage rawinject rawinject eth0)
}
cat >"$T/reach" <<'END'
unset LD_PRELOAD OLDER
[ -s "$TMPDIR/tcpfsm.pid" ] || echo "no stage is known"
for p in $(cat "$TMPDIR"/{rawcap,tcpfsm,rawinject,arp}.pid); do
	kill -0 "$p" 2>/dev/null && echo "can signal $p"
	(: <"/proc/$p/mem") 2>/dev/null && echo "can trace $p"
done
sleep 5 & kill $! && echo 'can signal its own'
grep NoNewPrivs /proc/self/status
ls /proc/self/fd | wc -l
END
chmod 755 "$T"
LINE=without_landlock phantom -e "exec bash $T/reach"
is 'a command signals and traces no stage, and gains no rights' \
    "$(client socat -t 10 - "TCP:$V4:7" </dev/null | tr '\t\n' '  ')" \
    'can signal its own NoNewPrivs: 1 4 '
phantom_end
is 'the line ends in order' $? 0

LINE=without_landlock phantom -e 'sleep 1000 & cat; wait'
is 'the command is another namespace'"'"'s' "$(read -r -t 10 said < <(
    echo hello | client socat -t 10 - "TCP:$V4:7"); echo "$said")" hello
begin client socat -u TCP:$V4:7 - 2>/dev/null
wait_for 10 eval '[ "$(processes sleep)" = 2 ]'
kill -KILL "$(cat "$T/tcpfsm.pid")"
ok 'the parser is killed: its commands end' \
    wait_for 10 eval '[ "$(processes sleep)" = 0 ]'
wait "$line" 2>/dev/null
rm -f "$T"/{rawcap,tcpfsm,rawinject}.pid

# ---- a flood, where rawcap's side sockets hear what this host sends, and where
# there are none
client ip addr add 10.0.0.77/24 dev eth0
timeout 10 rawcap -q -c 1 -t icmp -a 10.0.0.77 eth0 >"$T/one" &
one=$!
[ "$arp" ] || claim
wait_for 10 packet_sockets 2
client ping -c 1 -W 0.1 -I 10.0.0.77 $V4 >/dev/null
wait $one
perl -e 'local $/; $_ = <STDIN>;
    print substr($_, 0, 24), substr($_, 24) x 20000' <"$T/one" >"$T/echoes"
for older in own 'own group'; do
	(stage rawcap env OLDER="$older" LD_PRELOAD="$preload" rawcap eth0) |
	    (stage icmp icmp-phantom) | (stage rawinject rawinject eth0) &
	line=$!
	began+=("$line")
	ok "no $older: it answers" wait_for 10 client ping -c 1 -W 1 $V4
	sockets=$(awk -v i="$(ip -o link show eth0)" \
	    '$5 == i + 0 { n++ } END { print n }' /proc/net/packet)
	(while cat "$T/echoes"; do :; done 2>/dev/null) |
	    (stage syns setsid ip netns exec client rawinject -q eth0) &
	sleep 0.2
	got=$(client ping -q -n -c 200 -i 0.02 -W 2 -I 10.0.0.9 $V4 |
	    grep -o '[0-9]* received')
	kill "$(cat "$T/syns.pid")"
	case $older in
	own) ok "in a flood of another's: $got of 200, $sockets sockets" \
	    [ "${got% *}" -ge 160 ] ;;
	*) ok 'and with one socket it goes on' \
	    wait_for 10 client ping -c 1 -W 1 $V4 ;;
	esac
	kill "$(cat "$T/rawcap.pid")"
	wait $line
	is 'it ends in order' $? 0
done
done_testing
