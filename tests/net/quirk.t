#!/bin/bash
# tcpfsm -Q: each quirk against the kernel's TCP: what the kernel does about
# it, by its sockets and counters, and what is on the wire, by tshark. All at
# the same time, each phantom at an address of its own.
LAB_UID=1000
. "${0%/*}/../lab.sh"
lab "$@"
need python3 tshark tcpdump
head -c 100000 /dev/urandom >"$T/file"
whole="100000 $(md5 "$T/file") end"

quirks='
zero-window zero-window@20000:3s
window-shrink window-shrink@20000:3000
persist-tarpit persist-tarpit
tiny-mss tiny-mss
never-ack never-ack
ack-delay ack-delay
ack-unsent ack-unsent
dup-ack dup-ack:10
stretch-ack stretch-ack
sack-lie sack-lie@20000
rst rst@50000
rst-beside rst@50000:1
fin-lost fin-lost
half-close half-close
half-close-bytes half-close@50000
never-fin never-fin
syn-ack-twice syn-ack-twice:300ms
stall-handshake stall-handshake
old-timestamps old-timestamps@data#5
no-timestamps no-timestamps@20000
dsack-lie dsack-lie
reorder-own reorder-own
overlap-data overlap-data:100
urgent urgent:1
ignore-window ignore-window
slow-drip slow-drip:50ms
together reorder-own zero-window@30000:1s fin-lost
'

# one NAME ADDRESS QUIRK... - a phantom
one() {
	local name=$1 addr=$2 serve=(-f "$T/file")
	shift 2
	# to be acknowledged without data of ours it must hear all first
	case $name in dup-ack | stretch-ack | dsack-lie)
		serve=(-e "cat >/dev/null; cat $T/file") ;;
	esac
	(stage "$name.rawcap" rawcap -a "$addr" eth0) |
	    (stage "$name.tcpfsm" tcpfsm -v -l "$T/$name.log" -a "$addr" \
		"${serve[@]}" "${@/#/-Q}") |
	    (stage "$name.rawinject" rawinject eth0)
}
(stage arp arp-phantom -n eth0 10.0.0.96/27) &
began+=($!)
i=100 addresses=
declare -A at
while read -r name q; do
	[ "$name" ] || continue
	at[$name]=10.0.0.$i
	addresses+="$name=10.0.0.$i "
	# shellcheck disable=SC2086
	one "$name" 10.0.0.$i $q &
	began+=($!)
	i=$((i + 1))
done <<<"$quirks"
client tcpdump -i eth0 -s 120 -B 8192 -U -w "$T/cable.pcap" tcp \
    2>"$T/tcpdump.err" &
dump=$!
began+=("$dump")
wait_for 30 packet_sockets $((2 * (i - 100) + 1))
wait_for 10 grep -q listening "$T/tcpdump.err"

# count NAME - one of the kernel's counters
count() {
	client awk -v name="$1" '{
		if ($1 in head) { split(head[$1], h); for (k in h)
		    if (h[k] == name) print $k + 0 }
		head[$1] = $0 }' /proc/net/netstat
}
client python3 tests/net/quirk_client.py "$addresses" 25 >"$T/said"
stop $dump INT
seen() { sed -n "s/^$1: //p" "$T/said"; }
# wire NAME FILTER [FIELD] - of its packets those that tshark's filter takes
wire() {
	tshark -r "$T/cable.pcap" -Y "ip.addr == ${at[$1]} && $2" \
	    -T fields -e "${3:-frame.number}" 2>/dev/null
}
# from, to NAME FILTER - how many came from the phantom, or went to it
from() { wire "$1" "ip.src == ${at[$1]} && $2" | wc -l; }
to() { wire "$1" "ip.dst == ${at[$1]} && $2" | wc -l; }
# told NAME WHAT - the log has it
told() { grep -q " quirk .*name=$1 what=$2 " "$T/${3:-$1}.log"; }
# most FIELD - the largest number of stdin
most() { sort -n | tail -n 1; }
some() { [ "$1" -ge "${2:-1}" ] && echo some || echo "$1"; }
logged() {
	local what
	for what in $2; do
		told "${3:-$1}" "$what" "$1" || { echo "no $what"; return; }
	done
	echo logged
}

# ---- the window
is 'zero-window: the kernel probes, and goes on when it opens' \
    "$(seen zero-window)" "probes=yes $whole"
is 'zero-window: on the wire, in the log' \
    "$(some "$(from zero-window 'tcp.window_size == 0')") \
$(logged zero-window 'closed open')" 'some logged'
is 'window-shrink: the upload arrives' "$(seen window-shrink)" "$whole"
is 'window-shrink: never more than that' \
    "$(wire window-shrink "ip.src == ${at[window-shrink]} &&
	tcp.ack > 22000" tcp.window_size | most) \
$(logged window-shrink shrunk)" '2944 logged'
is 'persist-tarpit: the kernel probes, and stays' "$(seen persist-tarpit)" \
    'probes=yes state=1'
is 'persist-tarpit: ten bytes are taken, none is said' \
    "$(wire persist-tarpit "ip.src == ${at[persist-tarpit]}" tcp.ack | most) \
$(from persist-tarpit 'tcp.len > 0') $(logged persist-tarpit closed)" \
    '11 0 logged'
is 'ignore-window: the kernel gets all in the end' \
    "$(seen ignore-window)" "$whole"
# segments beyond what the kernel had allowed so far
beyond=$(tshark -r "$T/cable.pcap" -Y "ip.addr == ${at[ignore-window]}" \
    -T fields -e ip.src -e tcp.seq -e tcp.len -e tcp.ack \
    -e tcp.window_size 2>/dev/null | awk -v us="${at[ignore-window]}" '
	$1 != us { if ($4 + $5 > edge) edge = $4 + $5; next }
	$2 + $3 > edge { n++ }
	END { print n + 0 }')
is 'ignore-window: segments beyond the window, which the kernel had dropped' \
    "$(some "$beyond") $(some "$(grep -c ' retransmit ' \
	"$T/ignore-window.log")") $(logged ignore-window ignored)" \
    'some some logged'

# ---- the handshake
is 'tiny-mss: the upload arrives' "$(seen tiny-mss)" "$whole"
is 'tiny-mss: the kernel keeps to it' "$(wire tiny-mss \
    "ip.src == ${at[tiny-mss]} && tcp.flags.syn == 1" tcp.options.mss_val) \
$(logged tiny-mss mss)" '48 logged'
is 'syn-ack-twice: the connection goes on' "$(seen syn-ack-twice)" "$whole"
is 'syn-ack-twice: the kernel answers by an ACK' \
    "$(from syn-ack-twice 'tcp.flags.syn == 1') \
$(some "$(count TCPSYNChallenge)") $(logged syn-ack-twice twice)" \
    '2 some logged'
is 'stall-handshake: the kernel waits in SYN-SENT' "$(seen stall-handshake)" \
    'timed out state=2'
is 'stall-handshake: its SYN comes again, and no answer' \
    "$(some "$(to stall-handshake 'tcp.flags.syn == 1')" 2) \
$(from stall-handshake tcp) $(logged stall-handshake syn-ack)" \
    'some 0 logged'

# ---- acknowledgments
is 'never-ack: the kernel tries again, nothing is acknowledged' \
    "$(seen never-ack)" 'again=yes unacked=1 state=8'
is 'never-ack: on the wire' "$(wire never-ack "ip.src == ${at[never-ack]}" \
    tcp.ack | most) $(logged never-ack ignored)" '1 logged'
is 'ack-delay: the kernel sends again what was only late' \
    "$(seen ack-delay)" "$whole again=yes"
is 'ack-delay: in the log' "$(logged ack-delay withheld)" logged
is 'ack-unsent: the kernel does not believe it' "$(seen ack-unsent)" \
    'again=yes unacked=1 state=1'
is 'ack-unsent: on the wire' "$(wire ack-unsent \
    "ip.src == ${at[ack-unsent]} && tcp.flags.syn == 0" tcp.ack | most) \
$(logged ack-unsent ack)" '1561 logged'
is 'dup-ack: the upload arrives' "$(seen dup-ack)" "$whole"
is 'dup-ack: the kernel counts them as a loss' \
    "$(some "$(from dup-ack tcp.analysis.duplicate_ack)" 10) \
$(some "$(count TCPRenoRecovery)") $(logged dup-ack again)" 'some some logged'
is 'stretch-ack: the upload arrives' "$(seen stretch-ack)" "$whole"
acks=$(from stretch-ack 'tcp.len == 0 && tcp.ack > 1 && tcp.ack < 100000')
is "stretch-ack: $acks ACKs for 70 segments" \
    "$([ "$acks" -ge 1 ] && [ "$acks" -le 20 ] && echo few) $(logged stretch-ack withheld)" \
    'few logged'
is 'sack-lie: the kernel sends again what it was told of' \
    "$(seen sack-lie)" "$whole again=yes"
is 'sack-lie: it calls it reneging' \
    "$(some "$(count TCPSACKReneging)") \
$(logged sack-lie 'left-out forgotten')" 'some logged'
is 'dsack-lie: the upload arrives' "$(seen dsack-lie)" "$whole"
is 'dsack-lie: the kernel reads it as duplicates' \
    "$(some $(($(count TCPDSACKIgnoredDubious) +
	$(count TCPDSACKIgnoredNoUndo)))) $(logged dsack-lie block)" \
    'some logged'

# ---- our data
is 'slow-drip: byte by byte' "$(seen slow-drip)" 'pieces=[1, 1, 1, 1, 1]'
is 'slow-drip: on the wire' "$(wire slow-drip \
    "ip.src == ${at[slow-drip]}" tcp.len | most) \
$(logged slow-drip byte)" '1 logged'
is 'reorder-own: the kernel puts it in order' "$(seen reorder-own)" "$whole"
is 'reorder-own: it was out of order' "$(some "$(count TCPOFOQueue)") \
$(some "$(from reorder-own 'tcp.analysis.out_of_order ||
	tcp.analysis.retransmission || tcp.analysis.lost_segment')") \
$(logged reorder-own held)" 'some some logged'
is 'overlap-data: the kernel takes each byte once' "$(seen overlap-data)" \
    "$whole"
is 'overlap-data: they came twice' \
    "$(some "$(from overlap-data 'tcp.len == 200')" 20) \
$(logged overlap-data again)" 'some logged'
is 'urgent: a byte is missing in the stream' "$(seen urgent)" '99999 end'
is 'urgent: on the wire' "$(wire urgent 'tcp.flags.urg == 1' \
    tcp.urgent_pointer) $(logged urgent urgent)" '1 logged'
is 'old-timestamps: the kernel drops all from there on' \
    "$(seen old-timestamps)" 'short=True silence'
is 'old-timestamps: by PAWS' "$(some "$(count PAWSEstab)") \
$(logged old-timestamps tsval)" 'some logged'
is 'no-timestamps: the kernel goes on without' "$(seen no-timestamps)" "$whole"
is 'no-timestamps: on the wire' "$(some "$(from no-timestamps \
    'tcp.len > 0 && tcp.options.timestamp.tsval')") $(some "$(from no-timestamps \
    'tcp.len > 0 && !tcp.options.timestamp.tsval')") \
$(logged no-timestamps missing)" 'some some logged'

# ---- the end
is 'rst: so many bytes, then a reset' \
    "$(seen rst | cut -d ' ' -f 1,3-)" '49900 Connection reset by peer'
is 'rst: in the log' "$(logged rst reset)" logged
is 'rst beside its place: the kernel does not believe it' \
    "$(seen rst-beside)" "$whole"
# before our FIN: one that is said again, on a busy machine, is answered when all
# is over, and that by a reset
is 'rst beside its place: it challenges' \
    "$(wire rst-beside "ip.src == ${at[rst-beside]} &&
	(tcp.flags.reset == 1 || tcp.flags.fin == 1)" tcp.flags.reset |
	awk '$1 != 1 && $1 != "True" { exit } { n++ } END { print n + 0 }') \
$(some "$(count TCPChallengeACK)") $(logged rst-beside reset rst)" \
    '1 some logged'
is 'fin-lost: all is well in the end' "$(seen fin-lost)" "$whole"
is 'fin-lost: the kernel said its FIN again, and so did we' \
    "$(some "$(to fin-lost 'tcp.flags.fin == 1')" 2) \
$(logged fin-lost 'ours theirs')" 'some logged'
is 'half-close: an end of file first, and all is taken' \
    "$(seen half-close)" 'eof=True closed=yes'
is 'half-close: in the log' "$(logged half-close fin) \
$(grep -o 'how=fin.* received=[0-9]*' "$T/half-close.log" |
	grep -o 'received.*')" 'logged received=100000'
is 'half-close after so many bytes: cut off in order' \
    "$(seen half-close-bytes)" "50000 $(head -c 50000 "$T/file" | md5) end"
is 'never-fin: the kernel is left in FIN-WAIT-2' "$(seen never-fin)" \
    "${whole/end/silence} state=5"
is 'never-fin: in the log' "$(logged never-fin kept)" logged
is 'several quirks together' "$(seen together) $(logged together held \
    reorder-own) $(logged together closed zero-window) \
$(logged together theirs fin-lost)" "$whole logged logged logged"

# ---- a client misbehaves, too
begin client socat -t 9 TCP-LISTEN:8000,fork,reuseaddr "SYSTEM:cat $T/file" \
    2>"$T/socat.err"
wait_for 10 eval 'client ss -Hltn "sport = :8000" | grep -q .'
# call NAME TCPFSM'S ARGUMENTS... - its exit status
call() {
	local to=$T/call-$1
	shift
	rawcap -a 10.0.0.7 eth0 2>/dev/null |
	    timeout -k 2 20 tcpfsm -v -l "$to.log" -o "$to.got" -s 10.0.0.7 \
		-c 10.0.0.9:8000 "$@" 2>"$to.err" | rawinject -q eth0
	return "${PIPESTATUS[1]}"
}
call stall -Q stall-handshake --user-timeout 8 &
calling=$!
ok 'stall-handshake, as a client: the kernel is in SYN-RECV' wait_for 10 \
    eval 'client ss -Htn state syn-recv | grep -q 10.0.0.7'
call whole -Q fin-lost -Q reorder-own -Q zero-window@50000:1s
is 'a client with a zero window and lost FINs has it all' \
    "$? $(md5 "$T/call-whole.got")" "0 $(md5 "$T/file")"
call ecn -Q ecn-echo --ecn classic
is 'a client echoes congestion that is none: it takes longer' \
    "$? $(md5 "$T/call-ecn.got") $(some "$(count TCPCwrAcked)$(grep -c \
	' quirk .*name=ecn-echo what=echo ' "$T/call-ecn.log")")" \
    "0 $(md5 "$T/file") some"
call rst -Q rst@50000
is 'a client resets' "$? $(cat "$T/call-rst.err")" \
    '1 tcpfsm: talk to 10.0.0.9 port 8000: abort'
is 'it has had so many bytes' \
    "$(some "$(stat -c %s "$T/call-rst.got")" 50000)" some
kill $calling 2>/dev/null

# ---- the command line
is '-Q list has them all' "$(tcpfsm -Q list | sed 's/[@: [].*//' | xargs)" \
    "$(awk '$2 == "Cm" && /^.It/ && $3 !~ /^(open|data#|fin)$/ {
	print $3 }' \
	man/tcpfsm-quirks.7 | sort | xargs)"
for bad in nothing zero-window@ zero-window@soon rst@data#0 tiny-mss@open \
    tiny-mss:65536 never-fin:1 rst: ack-delay:-1; do
	tcpfsm -Q $bad -f "$T/file" </dev/null >"$T/o" 2>"$T/err"
	is "-Q $bad is refused" "$? $(grep -c "^tcpfsm: -Q $bad: " "$T/err")" \
	    '2 1'
done
done_testing
