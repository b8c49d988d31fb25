#!/bin/bash
# The internetwork tells its story, all of it right; the captures of its links
# are read by tshark, and say the same; nothing is left behind.
. "${0%/*}/../lab.sh"
lab "$@"
unshare -Urnm --propagation private true 2>/dev/null ||
    skip_all 'no namespaces inside namespaces'
need ping curl

# others - what an example has left running, in this lab's own /proc
others() {
	cat /proc/[0-9]*/comm 2>/dev/null | grep -xE \
	    'rawcap|tcpfsm|rawinject|.*-phantom|internetwork|sh|curl|socat' | xargs
}

mount -t tmpfs none /mnt || skip_all 'no tmpfs on /mnt'
kept=/mnt/kept # the lab inside has a /run of its own

out=$(timeout 100 sh examples/internetwork -d $kept 2>"$T/err")
is 'the internetwork succeeds' "$? $(tail -n 1 <<<"$out")" \
    '0 All was as it should be.' || diag <<<"$out"
is 'it says nothing on stderr' "$(cat "$T/err")" ''
is 'nothing was wrong' "$(grep -c WRONG <<<"$out")" 0
right=13
have socat || right=11
is 'and each experiment was made' "$(grep -c -e '-- right: ' <<<"$out")" $right
is 'nothing is left running' "$(others)" ''

# link LINK FILTER FIELD... - of its capture
link() {
	local file=$kept/link-$1.pcap filter=$2 f args=()
	shift 2
	for f; do args+=(-e "$f"); done
	tshark -r "$file" -T fields -E separator=' ' -E occurrence=f \
	    -Y "$filter" "${args[@]}" 2>/dev/null
}
if have tshark; then
	is 'nothing longer than 1300 bytes went over the link in the middle' \
	    "$(link b 'ip.len > 1300 && !tcp || ipv6.plen > 1260 && !tcp' \
	    frame.number)" ''
	is 'two routers told of it, to the client and to the phantoms' \
	    "$(link a 'icmp.code == 4 && icmp.type == 3' ip.src ip.dst \
	    icmp.mtu | sort -u) $(link c 'icmpv6.type == 2' ipv6.src ipv6.dst \
	    icmpv6.mtu | sort -u)" \
	    '10.1.0.1 10.1.0.9 1300 fd00:3::1 fd00:3::5 1300'
	is "the phantom's first segments were of 1500 bytes" \
	    "$(link c 'icmp.type == 3 && icmp.code == 4' ip.dst | sort -u)" \
	    10.3.0.5
	is 'hops are counted down on the way' "$(for l in a b c; do
		link $l 'icmp.type == 8 && icmp.seq == 1' ip.ttl | head -n 1
	    done | xargs)" '64 63 62'
	is 'every link was heard' "$(for l in a b c; do
		link $l 'tcp.flags.fin == 1 && tcp.srcport == 80' tcp.srcport |
		    sort -u
	    done | xargs)" '80 80 80'
	is 'the phantom has said nothing that is wrong' \
	    "$(link c 'eth.src[0:2] == 02:50 && (_ws.malformed ||
		_ws.expert.severity == error)' frame.number)" ''
else
	skip 'the captures' tshark
fi

# Ctrl-C goes to the whole process group
set -m
for after in 0.2 1.5; do
	sh examples/internetwork >"$T/out" 2>&1 &
	pid=$!
	sleep $after
	kill -INT -- -$pid
	wait $pid
	is "Ctrl-C after $after s ends it" "$?" 130 || diag <"$T/out"
	ok 'and nothing is left running' wait_for 10 eval '[ -z "$(others)" ]'
done
out=$(echo 'ip netns exec client ping -c 1 10.3.0.5; exit' |
    SHELL=/bin/sh timeout 60 sh examples/internetwork -s 2>&1)
is '-s: a shell in the lab' "$(grep -c ' 0% packet loss' <<<"$out")" 1 ||
    diag <<<"$out"
done_testing
