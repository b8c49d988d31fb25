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
	    'rawcap|tcpfsm|rawinject|.*-phantom|internetwork|sh|curl|socat|tcp-.*' | xargs
}

mount -t tmpfs none /mnt || skip_all 'no tmpfs on /mnt'
kept=/mnt/kept # the lab inside has a /run of its own

out=$(timeout 100 sh examples/internetwork -d $kept 2>"$T/err")
is 'the internetwork succeeds' "$? $(tail -n 1 <<<"$out")" \
    '0 All was as it should be.' || diag <<<"$out"
is 'it says nothing on stderr' "$(cat "$T/err")" ''
is 'nothing was wrong' "$(grep -c WRONG <<<"$out")" 0
right=14
have socat || right=11
is 'and each experiment was made' "$(grep -c -e '-- right: ' <<<"$out")" $right
wait_for 10 eval '[ -z "$(others)" ]'
is 'nothing is left running' "$(others)" ''

# read_links - each capture once, as lines of words, - where there is none
read_links() {
	local l f fields='ip.src ip.dst ip.ttl ip.len ipv6.src ipv6.dst
	    icmp.type icmp.code icmp.mtu icmp.seq icmpv6.type icmpv6.mtu
	    tcp.srcport tcp.dstport tcp.flags.syn tcp.flags.fin tcp.flags.reset'
	local args=()
	for f in $fields; do args+=(-e "$f"); done
	for l in a b c; do
		{
			# shellcheck disable=SC2086
			echo $fields
			tshark -r $kept/link-$l.pcap -T fields -E occurrence=f \
			    -E separator=, "${args[@]}" 2>/dev/null |
			    sed -e 's/True/1/g; s/False/0/g' -e 's/^,/-,/' \
				-e ':a' -e 's/,,/,-,/; ta' -e 's/,$/,-/' \
				-e 's/,/ /g'
		} >"$T/link-$l"
	done
}

# link LINK CONDITION VALUE - of the lines for which it holds, in awk's words,
# where f["ip.ttl"] is a field
link() {
	awk 'NR == 1 { for (i = 1; i <= NF; i++) at[i] = $i; next }
	    { for (i in at) f[at[i]] = $i }
	    '"$2 { print $3 }" "$T/link-$1"
}

if have tshark; then
	read_links
	# frames of TCP may be longer than the link: the kernel cuts them later
	is 'nothing longer than 1300 bytes went over the link in the middle' \
	    "$(link b 'f["ip.len"] > 1300 && f["tcp.srcport"] == "-"' NR)" ''
	told=$(link a 'f["icmp.type"] == 3 && f["icmp.code"] == 4' \
	    'f["ip.src"], f["icmp.mtu"]' | sort -u)
	is 'r1 has told the client of its MTU' "$told" '10.1.0.1 1300'
	told=$(link c 'f["icmp.type"] == 3 && f["icmp.code"] == 4' \
	    'f["ip.dst"], f["icmp.mtu"]' | sort -u)
	is 'r2 has told the phantom' "$told" '10.3.0.5 1300'
	told=$(link c 'f["icmpv6.type"] == 2' \
	    'f["ipv6.src"], f["ipv6.dst"], f["icmpv6.mtu"]' | sort -u)
	is 'and in IPv6' "$told" 'fd00:3::1 fd00:3::5 1300'
	is 'hops are counted down on the way' "$(for l in a b c; do
		link $l 'f["icmp.type"] == 8 && f["icmp.seq"] == 1' 'f["ip.ttl"]' |
		    head -n 1
	    done | xargs)" '64 63 62'
	hand='f["tcp.srcport"] + f["tcp.dstport"] == 13001 && f["tcp.flags'
	is 'the connection by hand: SYN, and both FINs, no reset' \
	    "$(link b "$hand.syn\"] == 1" 'f["ip.src"]' | xargs)\
 $(link b "$hand.fin\"] == 1" 'f["ip.src"]' | sort -u | xargs)\
 $(link b "$hand.reset\"] == 1" 'f["ip.src"]')" \
	    '10.3.0.8 10.1.0.9 10.1.0.9 10.3.0.8 '
	is 'every link was heard' "$(for l in a b c; do
		link $l 'f["tcp.srcport"] == 80 && f["tcp.flags.fin"] == 1' 80 |
		    sort -u
	    done | xargs)" '80 80 80'
	is 'the phantoms have said nothing that is wrong' "$(tshark -r \
	    $kept/link-c.pcap -Y 'eth.src[0:2] == 02:50 && (_ws.malformed ||
		_ws.expert.severity == error)' 2>/dev/null)" ''
else
	skip 'the captures' tshark
fi

# Ctrl-C goes to the whole process group
set -m
sh examples/internetwork >"$T/out" 2>&1 &
pid=$!
sleep 0.7
kill -INT -- -$pid
wait $pid
is 'Ctrl-C ends it' "$?" 130 || diag <"$T/out"
ok 'and nothing is left running' wait_for 10 eval '[ -z "$(others)" ]'
out=$(echo 'ip netns exec client ping -c 1 10.3.0.5; exit' |
    SHELL=/bin/sh timeout 60 sh examples/internetwork -s 2>&1)
is '-s: a shell in the lab' "$(grep -c ' 0% packet loss' <<<"$out")" 1 ||
    diag <<<"$out"
done_testing
