#!/bin/bash
# Explicit congestion notification with the kernel's TCP on the other side: each
# of its settings against each of ours, RFC 3168 and RFC 9768, both ways; marks
# are counted and reported.
. "${0%/*}/../lab.sh"
lab "$@"
need curl socat
ME=10.0.0.7
head -c 300000 /dev/urandom >"$T/file"
accurate=yes
client sysctl -qw net.ipv4.tcp_ecn=3 2>/dev/null || accurate=

# kind - what the log tells that was agreed on
kind() {
	if grep -q ' ecn why=accurate' "$T/log"; then
		echo accurate
	elif grep -q 'flags=S.E ' "$T/log"; then
		echo classic
	else
		echo none
	fi
}

# ---- the kernel asks: 0 never, 1 classic, 2 never, 3 accurate
# asks SETTING KIND TCPFSM'S ARGUMENTS...
asks() {
	client sysctl -qw net.ipv4.tcp_ecn="$1"
	phantom -v -d 0 -f "$T/file" "${@:3}"
	client curl -s -m 30 --http0.9 -o "$T/got" "$(url "$V4")"
	is "the kernel with tcp_ecn=$1, tcpfsm ${*:3}" \
	    "$(md5 "$T/got") $(kind)" "$(md5 "$T/file") $2"
	phantom_end
}
asks 0 none
asks 1 classic
asks 1 none --ecn off
asks 2 none --ecn accurate
if [ $accurate ]; then
	asks 3 accurate
	asks 3 classic --ecn classic
	asks 3 none --no-ecn
fi

# ---- the kernel answers
begin client socat -t 30 TCP-LISTEN:7000,fork,reuseaddr \
    "SYSTEM:cat >/dev/null; cat $T/file"
listening() { client ss -Hltn "sport = :7000" | grep -q .; }
wait_for 10 listening
head -c 100000 /dev/urandom >"$T/request"

# answers SETTING KIND TCPFSM'S ARGUMENTS...
answers() {
	client sysctl -qw net.ipv4.tcp_ecn="$1"
	rm -f "$T/log" "$T/got"
	rawcap eth0 2>/dev/null |
	    timeout 40 tcpfsm -v -l "$T/log" -o "$T/got" -H -f "$T/request" \
		-c 10.0.0.9:7000 -s $ME "${@:3}" 2>"$T/err" |
	    rawinject -q eth0
	is "a kernel with tcp_ecn=$1 answers tcpfsm ${*:3}" \
	    "$(md5 "$T/got") $(kind)" "$(md5 "$T/file") $2"
}
answers 0 none --ecn accurate
answers 1 classic --ecn accurate
answers 2 classic --ecn accurate
answers 2 classic --ecn classic
answers 2 none
if [ $accurate ]; then
	answers 3 accurate --ecn accurate
	is 'nothing was found wrong' "$(grep -c ' ecn why=[^a]' "$T/log")" 0
	# what the kernel sends is marked on its way
	if client tc qdisc add dev eth0 root fq_codel ce_threshold 1us \
	    2>/dev/null; then
		answers 3 accurate --ecn accurate
		is 'marks that come are counted' "$(sed -n \
		    's/.* ce_in=\([0-9]*\).*/\1/p' "$T/log" |
		    awk '{ print ($1 > 0 ? "some" : "none") }')" some
		client tc qdisc del dev eth0 root
	fi
	if ip link set eth0 up && tc qdisc add dev eth0 root fq_codel \
	    ce_threshold 1us 2>/dev/null; then
		answers 3 accurate --ecn accurate
		is 'marks that the kernel reports are counted' "$(sed -n \
		    's/.* ce_out=\([0-9]*\).*/\1/p' "$T/log" |
		    awk '{ print ($1 > 0 ? "some" : "none") }')" some
		tc qdisc del dev eth0 root
	fi
fi
done_testing
