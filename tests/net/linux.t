#!/bin/bash
# Without a face a phantom looks like the Linux beside it: nmap -O has the same
# fingerprint for both, test by test, when that Linux has its usual buffers.
. "${0%/*}/../lab.sh"
lab "$@"
need nmap python3
host kernel
client ip link add eth1 type veth peer name eth0 netns kernel
client ip link set eth1 up
client ip addr add 10.0.7.9/24 dev eth1
ip -n kernel link set eth0 up
ip -n kernel addr add 10.0.7.5/24 dev eth0
ip netns exec kernel sysctl -qw net.ipv4.tcp_rmem='4096 131072 6291456' ||
    skip_all 'the buffers of this kernel are fixed'
begin ip netns exec kernel python3 -c '
import socket
s = socket.create_server(("", 80))
while True:
    try:
        s.accept()[0].close()
    except OSError:
        pass'
wait_for 20 eval 'ip netns exec kernel ss -Hltn "sport = :80" | grep -q .'
printf 'host 10.0.0.5\n    tcp 80  open\n' >"$T/net.conf"
phantom_net

# print ADDRESS - its fingerprint, a test each line; numbers that are random in
# both left out
print() {
	client timeout 90 nmap -n -Pn -O -d --max-os-tries 1 -p 80,4 "$1" 2>&1 |
	    sed -n 's/^OS://p' | tr -d '\n' | sed 's/)/)\n/g' |
	    sed -E 's/(SP|GCD|ISR|TS)=[0-9A-FU|-]*%?//g; /^SCAN/d'
}
# alike - one of each that are the same, but for the scale: $kernel and $phantom
alike() {
	for kernel in "$T"/kernel.?; do
		[ "$(grep -c . "$kernel")" = 13 ] || continue
		for phantom in "$T"/phantom.?; do
			cmp -s <(scaled "$kernel") <(scaled "$phantom") && return
		done
	done
	return 1
}
scaled() { sed 's/NW[0-9A-E]/NW/g' "$1"; }
# on a busy machine probes are lost, and answers are late: then once more
for turn in 1 2 3 4 5 6; do
	print 10.0.7.5 >"$T/kernel.$turn"
	print 10.0.0.5 >"$T/phantom.$turn"
	alike && break
	echo "# not yet alike"
done
# the scale is also by net.core.rmem_max, which is the machine's
is 'the usual scale' "$(grep -o 'NW.' "$phantom" | sort | uniq -c | xargs)" \
    '6 NW7'
is 'nmap has seen all of it' "$(grep -c . "$kernel")" 13
for t in SEQ OPS WIN ECN T1 T2 T3 T4 T5 T6 T7 U1 IE; do
	is "$t" "$(scaled "$phantom" | grep "^$t(")" \
	    "$(scaled "$kernel" | grep "^$t(")"
done
done_testing
