#!/bin/bash
# One virtual time for many processes: pipe-switch -T, a transfer through loss
# and delay, a nested switch, a router, ping, the whole internetwork. The same
# bytes in each run; other seeds, other bytes; hours take no time.
. "${0%/*}/../tap.sh"
scratch
cd "$T" || exit 1
seq 60000 >page

# what does not keep the time is told after ten seconds; meanwhile the rest
timeout 30 pipe-switch -q -T -S 1 --until c 10:'sleep 60' \
    c=10:'icmp-ping -T -S 1 -c 1 -n -w 1 -s 10.0.0.9 - 10.0.0.5' \
    >/dev/null 2>late.err &
late=$!

# net N SEED - a transfer, with all in N.pcap
net() {
	rm -f got
	timeout 30 pipe-switch -q -T -S 1 --until c --pcap "$1.pcap" \
	    --in 's:loss 3% delay 7ms 2ms' \
	    s=10:"phantom -T -S $2 -n -f page - 10.0.1.5" \
	    c=20:"pipe-switch -T -S 8 -q --hub --isolate --until 3 1:- \
		1:'phantom -T -S 9 -n - 10.0.2.9' \
		1:'tcpfsm -T -S 3 -q -l $1.log -s 10.0.2.9 -c 10.0.1.5:80 \
		    -g 10.0.2.1 -o got'" \
	    trunk:'pipe-router -q -T -S 5 10=10.0.1.1/24 20=10.0.2.1/24'
}
net 1 4 2>err
is 'a transfer in virtual time' "$? $(md5 got) $(cat err)" "0 $(md5 page) "
net 2 4 2>err
is 'again' "$? $(md5 got)" "0 $(md5 page)"
ok 'the same bytes' cmp 1.pcap 2.pcap
ok 'and the same events' cmp <(tail -n +2 1.log) <(tail -n +2 2.log)
net 3 77 2>err
is 'another seed, other bytes' "$? $(md5 got) $(cmp -s 1.pcap 3.pcap ||
    echo differs)" "0 $(md5 page) differs"

time=$SECONDS
timeout 30 pipe-switch -q -T -S 1 --until c 10:'phantom -T -S 2 -n - 10.0.0.5' \
    c=10:'icmp-ping -T -S 1 -n -c 4 -i 20 -s 10.0.0.9 - 10.0.0.5 2>ping'
is 'a minute of pings' "$? $(grep -c 'ttl=64' ping)" '0 4' || diag <ping
ok 'in less' test $((SECONDS - time)) -lt 20

# ---- the internetwork
for i in 1 2; do
	BIN=$BIN TMPDIR=$T timeout 60 sh "$ROOT/examples/internetwork" --pipes \
	    -T -d "$T/kept$i" >story$i 2>&1
done
is 'the internetwork' "$(tail -n 1 story1)" 'All was as it should be.' ||
    diag <story1
sed -i 's/kept[12]//' story1 story2
ok 'tells the same story' cmp story1 story2
for i in 1 2 3; do
	ok "net $i: the same bytes" cmp kept1/net-$i.pcap kept2/net-$i.pcap
done

# ---- what is no good
pipe-switch -T 10:- </dev/null 2>err | cat >out
is 'no time comes in at stdin' "${PIPESTATUS[0]}" 2
phantom -T eth0 10.0.0.5 2>err
is 'nor from an interface' $? 2
wait $late
is 'a command without -T is told' "$(grep -c 'port 1: it does not keep the time' \
    late.err)" 1
done_testing
