#!/bin/bash
# pipe-switch between commands: transfers across it, VLANs, recordings, ports
# that end, stall, or send what is no stream, storms, and its own ends. No
# network, no rights.
. "${0%/*}/../tap.sh"
scratch
cd "$T" || exit 1
head -c 1000000 /dev/urandom >page
server='tcpfsm -q -l s.log -f page'
client='tcpfsm -q -l c.log -s 10.0.0.9 -c 10.0.0.5:80 -g phantom -o got'

# sw ARGUMENTS - the switch, its lines in err
sw() { timeout 30 pipe-switch "$@" 2>err; }

# frame FILE [COUNT] - a pcap file of one broadcast, COUNT times
frame() {
	{
		printf '\115\074\262\241\002\000\004\000\0\0\0\0\0\0\0\0'
		printf '\000\000\004\000\001\000\000\000'
		for ((i = 0; i < ${2:-1}; i++)); do
			printf '\1\0\0\0\0\0\0\0\052\0\0\0\052\0\0\0'
			printf '\377\377\377\377\377\377\002\0\0\0\0\1\010\006'
			printf '%28s' ''
		done
	} >"$1"
}

sw --until c --pcap all.pcap --pcap c:c.pcap s=10:"$server" c=10:"$client"
is 'a transfer, and the status of the client' "$? $(md5 got)" "0 $(md5 page)"
is 'a line a port' "$(sed 's/[0-9]* frames in, [0-9]* out/N/' err)" "\
pipe-switch: port s, VLAN 10: N, 0 dropped
pipe-switch: port c, VLAN 10: N, 0 dropped"
have tcpdump && {
	is 'all is recorded, as on a trunk' "$(tcpdump -nr all.pcap \
	    'vlan 10 and tcp[tcpflags] & tcp-syn != 0' 2>/dev/null | wc -l)" 2
	is 'and both directions of a port' "$(tcpdump -nr c.pcap \
	    'tcp[tcpflags] & tcp-syn != 0' 2>/dev/null | wc -l)" 2
}
rm got
sw --until 2 10:"$server" 20:'timeout 1 '"$client"
is 'another VLAN is another network' "$? $(cat got 2>/dev/null)" '124 '
rm -f got
sw -q --until c --in 'c:loss 3% seed 1' --out 'c:loss 3% seed 2 delay 1ms' \
    s=10:"$server" c=10:"$client"
is 'a bad network before one port' "$? $(md5 got) $(cat err)" \
    "0 $(md5 page) "
rm got
sw --until 2 trunk:"pipe-switch trunk:- 10:'$server' 20:'cat >other'" \
    10:"$client"
is 'two switches, a trunk' "$? $(md5 got)" "0 $(md5 page)"
is 'the other VLAN has seen nothing' "$(wc -c <other)" 24

# ---- a frame with the tag of its access port, VLAN 10, and a priority
frame plain
{
	head -c 32 plain
	printf '\056\0\0\0\056\0\0\0'
	tail -c 42 plain | head -c 12
	printf '\201\0\240\012'
	tail -c 30 plain
} >tagged
sw --until 1 --pcap all.pcap 10:'cat tagged; sleep .3' 10:'cat >/dev/null'
is 'its own tag is recorded once, with its priority' \
    "$(tail -c 46 all.pcap | md5sum)" "$(tail -c 46 tagged | md5sum)"

# ---- ports that are no good
rm got
sw --until 2 10:"$server" 10:"$client" 10:'sleep 60' 10:'exit 3' \
    10:'echo this is no stream at all; cat >/dev/null' 10:'cat >/dev/null' \
    10:'kill -9 $$'
is 'one that stalls, one that ends, one that lies: the transfer goes on' \
    "$? $(md5 got)" "0 $(md5 page)"
is 'what is no stream is told' "$(grep -c 'port 5: .*not a packet stream' \
    err)" 1
frame one
sw 10:'cat one' 10:'exec cat >here' 10:'exec cat >there'
is 'it ends when all have ended' "$? $(md5 there)" "0 $(md5 here)"
is 'broadcast to both' "$(wc -c <here)" 82
frame many 300
sw --until a --hub --queue 131072 10:'sleep 60' a=10:'for i in 1 2 3 4 5 6 7 8 \
9 10; do cat many many many many many many many many many many; done; sleep 0.3'
is 'a queue is bounded, what does not fit is counted' \
    "$(sed -n 's/.*port 1, .* in, [0-9]* out, \([1-9][0-9]*\) dropped/some/p' \
    err)" some

# ---- a command that is started again
rm got
# it is killed when it runs, and asked when it does again
again='until [ "$(wc -l <pids)" -ge 2 ]; do sleep 0.05; done'
: >pids
sw --restart s --until c s=10:"echo \$\$ >>pids; exec $server" \
    k=10:'until [ -s pids ]; do sleep 0.05; done
    sleep 0.3; kill -9 $(cat pids)' c=10:"$again; sleep 0.2; exec $client"
is 'a command that was killed is there again' \
    "$? $(md5 got) $(grep -c 'port s: its command has ended' err)" \
    "0 $(md5 page) 1" || diag <err
is 'which the summary counts' "$(grep -c 'port s, .* 1 restarts' err)" 1
rm got
: >pids
sw --restart s --out 's:rate 8mbit' --until c \
    s=10:"echo \$\$ >>pids; exec $server" \
    k=10:'until [ -s no ]; do sleep 0.02; done
    sleep 0.2; p=$(cat pids); kill -9 $p $(pgrep -P $p)' \
    a=10:"tcpfsm -q -l a.log -s 10.0.0.8 -c 10.0.0.5:80 -g phantom -o no" \
    c=10:"$again; sleep 0.2; exec $client"
is 'in the middle of a record, no other port has harm' \
    "$? $(md5 got) $(grep -c 'port s: its command has ended' err)" \
    "0 $(md5 page) 1" || diag <err
sw --restart x --until u x=10:'exit 3' u=10:'sleep 1; exit 5'
is 'one that does not last is started more and more seldom' \
    "$? $(($(grep -c 'port x: its command has ended' err) < 6))" '5 1'
is 'the first time after 100 ms, then after 200' \
    "$(grep -o 'again in [0-9]* ms' err | head -n 2 | xargs)" \
    'again in 100 ms again in 200 ms'

# ---- commands that are one
sw --together 10:'sleep 60' 10:'exec cat' 10:'sleep 0.2; exit 7'
is 'together: the first that ends is the end' $? 7
sw -T --together 10:'exec impair -q -T -- loss 1%' 10:'exit 6'
is 'and so in virtual time' $? 6
rm got
: >pids
sw --restart p --until c \
    p=10:'echo $$ >>pids; exec phantom -n -f page - 10.0.0.5' \
    k=10:'until [ -s pids ] && pgrep -P $(cat pids) tcpfsm; do sleep 0.05
    done >tcpfsm; sleep 0.2; kill -9 $(cat tcpfsm)' \
    c=10:"$again; sleep 0.2; exec $client"
is 'a host of which a program was killed is started again' \
    "$? $(md5 got)" "0 $(md5 page)" || diag <err

# ---- types
frame arp
sw --until 4 --types 1:arp --types 2:tcp,icmp 10:'exec cat >arps' \
    10:'exec cat >none' 10:'exec cat >all' 10:'cat arp; sleep 0.2'
is 'only frames of some types go to a port' \
    "$(wc -c <arps) $(wc -c <none) $(wc -c <all)" '82 24 82'

rm -f got
many=()
for ((i = 0; i < 200; i++)); do many+=(10:'exec sleep 60'); done
sw --until c "${many[@]}" s=10:"$server" c=10:"$client"
is 'two hundred ports' "$? $(md5 got)" "0 $(md5 page)"

# ---- storms, loops
mkfifo loop
sw --until 3 --storm 100 10:'cat <>loop' 10:'cat >loop' \
    10:'cat one one; sleep 1'
is 'a loop is bounded, and told' \
    "$(grep -c 'more than 100 frames a second .* loop' err)" 1
rm -f a b
two() { # LINES COMMAND - a switch with two plugs, and the command
	timeout 20 pipe-switch --storm 100 --until 3 \
	    10:'exec pipe-plug -q unix:a -' 10:'exec pipe-plug -q unix:b -' \
	    10:"$2" 2>"$1"
}
two err1 'exec sleep 1.6' &
two err2 'sleep 0.9; cat one one; sleep 0.5'
wait $!
ok 'a loop between two switches is told' \
    grep -q 'more than 100 frames a second .* loop' err1 err2
is 'and bounded' "$(sed -n 's/.*port 3.* in, \([0-9]*\) out.*/\1/p' err1 err2 |
    awk '{ n += $1 > 100 && $1 < 1000 } END { print n }')" 2
{
	head -c 24 one
	printf '\1\0\0\0\0\0\0\0\160\021\001\0\160\021\001\0'
	head -c 70000 /dev/zero
	tail -c +25 one
} >long
sw --until 2 10:'exec cat >here' 10:'cat long; sleep 0.2'
is 'more than 64 KiB is no frame, what follows passes' \
    "$(grep -o 'port 2, .*' err | grep -o '2 frames in.*') $(wc -c <here)" \
    '2 frames in, 0 out, 0 dropped, 1 long 82'

# ---- who looks on
sw --until 2 --pcap 2:>(cat >seen) 10:'exec cat >here' 2=10:'cat one; sleep 0.3'
seen() { [ "$(tail -c +25 seen | cksum)" = "$(tail -c +25 here | cksum)" ]; }
ok 'a pipe can be what is recorded to' wait_for 5 seen
mkfifo slow
exec 8<>slow
frame many 40000
sw --until 2 --storm 0 --pcap slow 10:'exec cat >here' 2=10:'cat many; sleep 0.3'
is 'nobody waits for its reader, who loses frames' \
    "$(wc -c <here) $(grep -c 'slow: .* too slow' err)" '2320024 1' ||
    diag <err
exec 8<&-
sw --until 2 --pcap >(head -c 30 >seen) 10:'exec cat >here' \
    2=10:'cat one; sleep 0.2; cat one; sleep 0.2'
is 'nor for one who has gone' "$? $(wc -c <here)" '0 140'

# ---- many ports, of which two have something to say: what a round costs
cost() { # PORTS - of 60 MB between two of them, ms of CPU
	local idle=()
	while [ ${#idle[@]} -lt $(($1 - 2)) ]; do
		idle+=(10:'exec sleep 20')
	done
	sw -q --until c "${idle[@]}" 10:'exec tcpfsm -q -l s.log -d 0 -f sixty' \
	    c=10:"sleep 0.7; cut -d ' ' -f 1 /proc/\$PPID/schedstat >from
	    tcpfsm -q -l c.log -o /dev/null -s 10.0.0.9 -c 10.0.0.5:80 -g phantom
	    cut -d ' ' -f 1 /proc/\$PPID/schedstat >to"
	echo $((($(<to) - $(<from)) / 1000000))
}
head -c 60000000 /dev/zero >sixty
# what else runs makes each dearer, not each time
for _ in 1 2 3; do
	of_two=$(cost 2)
	of_all=$(cost 300)
	[ "$of_all" -ge $((2 * of_two + 10)) ] || break
done
ok '300 cost no more than 2' test "$of_all" -lt $((2 * of_two + 10)) ||
    diag <<<"$of_two ms, $of_all ms"
rm sixty

# ---- signals, standard streams
rm here
timeout 20 pipe-switch 10:'cat >here' 20:'sleep 99.87' \
    10:'cat one; sleep 99.87' 2>err &
pid=$!
come() { [ "$(wc -c <here)" = 82 ]; }
wait_for 5 come
switch=$(pgrep -P $pid)
asked() { kill -USR1 "$switch" && grep -q '1 frames in' err; }
ok 'SIGUSR1: the addresses, a line a port' wait_for 5 asked
is 'an address and its port' "$(grep -o '02:00:00.*port 3' err | head -n 1)" \
    '02:00:00:00:00:01 VLAN 10 port 3'
kill -TERM "$switch"
wait $pid
is 'SIGTERM ends it in order' $? 0
ok 'and its commands' wait_for 5 eval '! pgrep -f "^sleep 99.87$"'
timeout 15 pipe-switch -q 10:- 10:'exec cat >here' <one | cat >out
is 'its own stdin and stdout can be a port' \
    "${PIPESTATUS[0]} $(wc -c <here) $(wc -c <out)" '0 82 24'
timeout 15 pipe-switch -q 10:- 10:'cat one; sleep 5' </dev/null 2>err | cat >out
is 'no stream at all on stdin' "${PIPESTATUS[0]} $(grep -c 'not a packet' err)" \
    '1 1'
time=$SECONDS
timeout 15 pipe-switch -q 10:- 10:'sleep 1; cat one; sleep 60' 2>err \
    < <(sleep 3) | head -c 30 >out
is 'it ends quietly when its reader has gone' \
    "$((SECONDS - time < 20)) $(wc -c <out) $(cat err)" '1 30 '

# ---- usage
for a in '' 10 10: x:cat 4095:cat 0:cat 'a=10:cat a=10:cat' '10:- 10:-' \
    '--until x 10:cat' '--in x:loss 10:cat' '--in 1:loss 10:-' \
    '--restart x 10:cat' '--restart 1 10:-' '--restart 1 --until 1 10:cat' \
    '-T --restart 1 10:cat' '--direct 10:- 10:cat' \
    '--isolate --direct 10:cat 10:-' '--isolate --direct -T 10:- 10:cat' '--types 1 10:cat' '--types 1:x 10:cat' \
    '--types x:tcp 10:cat' '10,20:cat' 'trunk,x:cat' '--storm x 10:cat' '=10:cat'; do
	# shellcheck disable=SC2086
	pipe-switch $a </dev/null 2>/dev/null | cat >out
	is "usage: $a" "${PIPESTATUS[0]}" 2
done
done_testing
