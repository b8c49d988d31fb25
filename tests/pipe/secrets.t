#!/bin/bash
# What must not be read: files that may hold secrets are for their owner, the
# seed is told only where a run is to be repeated, and no program keeps a
# descriptor that nobody has named.
. "${0%/*}/../tap.sh"
scratch
umask 022
tcp-craft -s 10.0.0.9:1000 -c 10.0.0.5:80 flags S seq 1 >"$T/syn"
echo hello >"$T/file"

# ---- modes
mode() { stat -c %a "$1" 2>/dev/null || echo none; }
tcpfsm -q -T -f "$T/file" -l "$T/tcpfsm" -o "$T/out" <"$T/syn" >"$T/said"
tcpfsm -q -R "$T/rec" -f "$T/file" -l "$T/log2" <"$T/syn" >"$T/said"
icmp-phantom -l "$T/icmp" <"$T/syn" >"$T/said"
impair -q -l "$T/impair" loss 1% <"$T/syn" >"$T/said"
arp-phantom -q -n -l "$T/arp" - 10.0.0.5 <"$T/syn" >"$T/said"
ptee -q "$T/ptee" <"$T/syn" >"$T/said"
tcp-show -o "$T/show" <"$T/syn" >"$T/said" 2>&1
for f in tcpfsm out rec log2 icmp impair arp ptee; do
	is "mode of what is written, $f" "$(mode "$T/$f")" 600
done

# ---- the seed
told() { sed -n '1s/.* seed=\([0-9]*\) .*/\1/p' "$1"; }
is 'no -S, no -R: no seed' \
    "$(told "$T/tcpfsm")$(told "$T/icmp")$(told "$T/arp")" ''
is 'with -R it is told' "$([ "$(told "$T/log2")" ] && echo yes)" yes
tcpfsm -q -T -S "$(told "$T/log2")" -f "$T/file" -l "$T/again" \
    <"$T/rec" >"$T/said2" 2>&1
tcpfsm -q -S 7 -f "$T/file" -l "$T/log7" <"$T/syn" >"$T/said"
icmp-phantom -S 7 -l "$T/icmp7" <"$T/syn" >"$T/said"
arp-phantom -q -n -S 7 -l "$T/arp7" - 10.0.0.5 <"$T/syn" >"$T/said"
is 'with -S it is told' \
    "$(told "$T/log7") $(told "$T/icmp7") $(told "$T/arp7")" '7 7 7'
answer() { tcpfsm -q -T "$@" -f "$T/file" -l "$T/l" <"$T/syn" | md5; }
is 'the same seed, the same answer' "$(answer -S 7)" "$(answer -S 7)"
is 'none, another' "$([ "$(answer)" != "$(answer)" ] && echo differs)" differs

# ---- where a connection is sent to: a forger at another MAC, whose address and
# one of whose numbers are right
tcp-craft -s 10.0.0.9:1000 -c 10.0.0.5:80 flags S seq 1 at 1 >"$T/syn1"
eval "$(tcpfsm -q -T -S 7 -f "$T/file" -l "$T/l" <"$T/syn1" 2>"$T/said" |
    tcp-show | head -n 1)"
ours=$NEXT
# hops ACK - the MACs that get frames when a segment with this ACK comes from
# the forger
hops() {
	{
		tcp-craft -s 10.0.0.9:1000 -c 10.0.0.5:80 flags S seq 1 at 1 \
		    next flags A seq 2 ack "$ours" after 1
		tcp-craft -m 02:00:00:00:00:66 -s 10.0.0.9:1000 -c 10.0.0.5:80 \
		    flags A seq 2 ack "$1" data x at 3
	} | tcpfsm -q -T -S 7 -d 5 -f "$T/file" -l "$T/l" 2>"$T/said" | tcp-show |
	    sed -n "s/.*DMAC='\([^']*\)'.*/\1/p" | sort -u | xargs
}
peer=02:50:0a:00:00:09
is 'a forger who knows the sequence number alone gets nothing' \
    "$(hops $((ours + 99))), $(hops $((ours - 99999999)))" "$peer, $peer"
is 'a peer whose router has changed is followed' "$(hops "$ours")" \
    "02:00:00:00:00:66 $peer"

# ---- descriptors
mkfifo "$T/in"
exec 8<>"$T/in"
# no_nine PID - it is the program, no shell any more, which may lose a signal
sh=$(readlink "/proc/$$/exe")
no_nine() {
	[ "$(readlink "/proc/$1/exe")" != "$sh" ] && [ -r "/proc/$1/fd" ] &&
	    [ ! -e "/proc/$1/fd/9" ]
}
for c in 'rawcap -' 'rawcap -r -' 'rawinject -' 'arp-phantom -n - 10.0.0.5' \
    "tcpfsm -f $T/file" 'tcpfsm -e cat' \
    'tcpfsm -c 10.0.0.5:80 -s 10.0.0.9' icmp-phantom 'impair loss 1%' ladder \
    ptee tcp-show seqplot tcp-film "pcapnote -l $T/tcpfsm" 'icmp-ping -s 10.0.0.3 - 10.0.0.9' \
    'tcp-drill -s 10.0.0.3 - 10.0.0.9:80' 'arp-query -s 10.0.0.3 - 10.0.0.9' 'dns-query -s 10.0.0.3 - @10.0.0.9 x' \
    'dhcp-lease -'; do
	# shellcheck disable=SC2086
	$c <"$T/in" 2>>"$T/err" 9>>"$T/nine" 8>&- >"$T/x" &
	pid=$!
	ok "descriptor 9 is closed: $c" wait_for 5 no_nine $pid
	for child in $(pgrep -P $pid); do
		ok 'and in its child' no_nine "$child"
	done
	{ kill $pid; wait $pid; } 2>/dev/null
done
head -c 24 "$T/syn" >"$T/head"
rawcap -r <(cat "$T/syn") >"$T/said" 9>>"$T/nine"
is 'one that is named is not' "$(md5 "$T/said")" "$(rawcap -r "$T/syn" | md5)"
done_testing
