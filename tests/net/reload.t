#!/bin/bash
# SIGHUP to a net of hosts: the file is read again. A transfer of a host that
# stays goes on, whatever its line has become; new hosts, ports, commands and
# files are there, those that left are not; a mistake changes nothing.
. "${0%/*}/../lab.sh"
lab "$@"
need curl nc ping socat
head -c 40000000 /dev/urandom >"$T/big"
echo first >"$T/one.txt"
printf 'datagram one' >"$T/answer"
conf="$T/net.conf"
cat >"$conf" <<'END'
default  tcp closed  udp closed
host 10.0.0.5
    tcp 80  file big
    tcp 81  file one.txt
    tcp 22  command 'echo before; exec cat'
    udp 9   file answer amplify
host 10.0.0.6
    tcp 22  command 'echo left; exec cat'
END
ip addr add 10.0.0.77/32 dev eth0
phantom_up -n --hosts "$conf" -l "$T/log" eth0
said() { client socat -T 3 -t 3 - "$@" </dev/null 2>&1; }
get() { client curl -s --http0.9 -m 9 "http://$1/"; }
pings() { client ping -n -c 1 -W "${2:-5}" "$1" | grep -o 'ttl=[0-9]*'; }
datagram() { client sh -c 'echo x | socat -t 2 - UDP:10.0.0.5:9,shut-none'; }
# hup N - read it again, until it is in the log N times
read_again() { [ "$(grep -c ' hosts count=' "$T/log")" = "$1" ]; }
hup() {
	kill -HUP $ph
	wait_for 10 read_again "$1" || diag <"$T/err"
}
is 'before: a file' "$(get 10.0.0.5:81)" first
: >"$T/one.txt"
is 'a file that is changed in its place: what was read' "$(get 10.0.0.5:81)" first
echo first >"$T/one.txt"
is 'before: over UDP' "$(datagram)" 'datagram one'

# held NAME HOST - a connection to port 22, which stays open
held() {
	mkfifo "$T/$1.in"
	client sh -c "exec nc $2 22 <'$T/$1.in' >'$T/$1'" &
	began+=($!)
	exec {fd}>"$T/$1.in"
	wait_for 5 test -s "$T/$1"
}
held stays 10.0.0.5
stays=$fd
held leaves 10.0.0.6
client curl -s --http0.9 -m 60 --limit-rate 4M http://10.0.0.5/ \
    -o "$T/got" &
got=$!
wait_for 5 test -s "$T/got"
echo second >"$T/one.txt"
printf 'datagram two' >"$T/answer"
cat >"$conf" <<'END'
default  tcp closed  udp closed
host 10.0.0.5
    tcp 80  closed
    tcp 81  file one.txt
    tcp 22  command 'echo after'
    udp 9   file answer amplify
    udp 10  command 'exec cat'
host 10.0.0.7  mac 00:1b:21:3c:9d:07  ttl 77
    tcp 22  command 'echo quite new'
    tcp 23  command 'echo after'
END
hup 1
is 'a command that is new' "$(said TCP:10.0.0.5:22)" after
is 'the transfer has not ended yet' "$(gone $got; echo $?)" 1
is 'a file that has changed' "$(get 10.0.0.5:81)" second
is 'over UDP, too' "$(datagram)" 'datagram two'
is 'a command over UDP' "$(client sh -c \
    'echo hallo | socat -t 2 - UDP:10.0.0.5:10,shut-none')" hallo
is 'a host that is new' "$(pings 10.0.0.7)" ttl=77
is 'with a command' "$(said TCP:10.0.0.7:22)" 'quite new'
is 'two lines with one command' "$(said TCP:10.0.0.7:23)" after
is 'a host that left' "$(pings 10.0.0.6 1)" ''
is 'its connections are reset' "$(grep -c \
    '10.0.0.6:22 .* close .*why=left' "$T/log")" 1
is 'and counted' "$(grep -c ' hosts count=2 left=1' "$T/log")" 1
is 'a port that closed' "$(client nc -zw 2 10.0.0.5 80 2>/dev/null
    echo $?)" 1
echo still there >&$stays
echoed() { grep -q 'still there' "$T/stays"; }
is 'a command that ran before goes on' "$(wait_for 5 echoed; echo $?)" 0
wait $got
is 'the transfer is whole' "$? $(md5 "$T/got")" "0 $(md5 "$T/big")"

# ---- mistakes
: >"$T/err"
sed 's/echo quite new/echo newer/; s/81  file/81  flie/' "$conf" >"$T/bad"
cat "$T/bad" >"$conf"
kill -HUP $ph
is 'a mistake: its place' "$(wait_for 5 test -s "$T/err"
    cat "$T/err")" "phantom: --hosts: $conf:4:13: flie: not closed, silent, \
open, file, command, proxy, limit, quirk or tarpit: the old table stays"
is 'the old table stays' "$(said TCP:10.0.0.7:22)" 'quite new'
: >"$T/err"
sed 's/flie one/file none/' "$T/bad" >"$conf"
kill -HUP $ph
is 'a file that is not there' "$(wait_for 5 test -s "$T/err"
    cat "$T/err")" "phantom: --hosts: $conf:4:18: file $T/none.txt: No such \
file or directory: the old table stays"
sed 's/flie/file/' "$T/bad" >"$conf"
hup 2
is 'without it: what is new' "$(said TCP:10.0.0.7:22)" newer
echo 'host 10.0.0.8 mac 00:1b:21:3c:9d:08' >>"$conf"
mv "$T/log" "$T/log.1"
kill -HUP $ph
fresh() { [ "$(grep -c ' hosts count=3' "$T/log")" = 1 ]; }
is 'the log is a new one, too' "$(wait_for 10 fresh; echo $?)" 0
is 'and one more host' "$(pings 10.0.0.8)" ttl=64
is 'no word of a mistake' "$(tail -n +2 "$T/err")" ''

# ---- one table for all, or for none
tables() {
	local p
	for p in $(pgrep -x 'tcpfsm|icmp-phantom|arp-phantom'); do
		awk '/memfd:hosts/ { print $5 }' "/proc/$p/maps"
	done | sort | uniq -c | awk '{ print $1 }' | paste -sd' '
}
kill "$(pgrep -f "^nc 10.0.0.5 22")" # it was served by the first one
wait_for 5 eval '[ "$(tables)" = 3 ]'
is 'one table, which three programs share' "$(tables)" 3
: >"$T/err"
cp "$conf" "$T/good"
printf 'host 10.0.0.77\nhost 10.0.0.10\n tcp 22 command "echo ten"\n' >>"$conf"
kill -HUP $ph
is 'one program cannot take it' "$(wait_for 5 test -s "$T/err"; cat "$T/err")" \
    "arp-phantom: --hosts: claim 10.0.0.77: it is this host's own address: \
the old table stays"
sleep 0.2
is 'then no other does, either' "$(pings 10.0.0.10 1) $(pings 10.0.0.8 1) $(
    grep -c ' hosts count=' "$T/log")" ' ttl=64 1'
sed -i '/10.0.0.77/d' "$conf"
hup 2
is 'without it all have it' "$(pings 10.0.0.10) $(said TCP:10.0.0.10:22)" \
    'ttl=64 ten'
is 'it is one table again' "$(tables)" 3
: >"$T/err"
ip addr del 10.0.0.77/32 dev eth0
ip addr add 10.0.0.78/32 dev lo
printf 'host 10.0.0.76/30 at-once\nhost 10.0.0.78\n' >>"$conf"
kill -HUP $ph
is 'addresses of this host are those that it has now' \
    "$(wait_for 5 test -s "$T/err"; cat "$T/err")" \
    "arp-phantom: --hosts: claim 10.0.0.78: it is this host's own address: \
the old table stays"
sed -i '/host 10.0.0.78/d' "$conf"
hup 3
is 'nobody else has the one that it had' "$(client arp-query eth0 10.0.0.77)" \
    02:50:0a:00:00:4d
is 'and its new one is not in a network' \
    "$(client arp-query eth0 10.0.0.78 | grep -c 02:50)" 0
mkfifo "$T/slow"
cp "$conf" "$T/good"
echo 'include slow' >>"$conf"
: >"$T/err"
kill -HUP $ph
ok 'a FIFO may have no end: it is a mistake' wait_for 5 grep -q \
    'include: open .*slow: a FIFO, not a file: the old table stays' "$T/err"
cp "$T/good" "$conf"
hup 4
ok 'and without it the file is read' pings 10.0.0.10
ok '--check says it, too' sh -c "echo 'include slow' >$T/fifo.conf; timeout 5 \
    phantom --check --hosts $T/fifo.conf 2>&1 | grep 'a FIFO, not a file'"
for net in '10.2.0.0/16 behind 10.0.0.10' 'fd02::/64 behind fd00::10'; do
	: >"$T/err"
	cp "$T/good" "$conf"
	echo "net $net" >>"$conf"
	kill -HUP $ph
	is "a first net: ${net%% *}" "$(wait_for 5 test -s "$T/err"
	    cat "$T/err")" "phantom: --hosts: $conf:$(wc -l <"$conf"):5: net: no \
line was one when this began: start it again: the old table stays"
done
cp "$T/good" "$conf"
stop $ph
is 'nothing is left of the reader' \
    "$(wait_for 5 eval '! pgrep log-opener >/dev/null'; pgrep -c log-opener)" 0

# ---- what it says at the start
# starts LINE... - of a file with these
starts() {
	printf 'host %s\n' "$@" >"$T/says.conf"
	: >"$T/err"
	phantom_up --hosts "$T/says.conf" -l "$T/says" eth0
	sed -n 's/.*, answering for/for/p' "$T/said"
	stop $ph
}
is 'all at once' "$(starts '10.0.0.5 at-once' 'fd00::/64 at-once')" \
    'for every address'
asked='each other address that no other host uses, once it has been asked for'
is 'some of them' "$(starts '10.0.0.5 at-once' 10.0.0.6)" \
    "for some at once, and for $asked"
is 'none' "$(starts 10.0.0.5 10.0.0.6)" "for ${asked/ other}"
done_testing
