#!/bin/bash
# Random loss in the client's own firewall: what is dropped on INPUT are our
# segments, on OUTPUT the client's. Everything arrives, and nobody gives up.
# A line and a phantom for each size, all downloads at the same time. Chance
# may stretch one of them beyond any limit (each silence doubles the next);
# then it must not have been given up.
. "${0%/*}/../lab.sh"
lab "$@"
need nc iptables ip6tables timeout
each=${LOSS_EACH:-4}	# downloads of every kind
head -c 1000000 /dev/urandom >"$T/big"
head -c 20000 /dev/urandom >"$T/small"
big4=10.0.0.5 big6=fd00::5 small4=10.0.0.6 small6=fd00::6

# lose ADDRESS PORT WAY PROBABILITY
lose() {
	local tables=iptables
	case $1 in *:*) tables=ip6tables ;; esac
	case $3 in
	in) set -- "$1" "$4" INPUT --sport "$2" -s ;;
	out) set -- "$1" "$4" OUTPUT --dport "$2" -d ;;
	esac
	client $tables -w -A "$3" -p tcp "$4" "$5" "$6" "$1" \
	    -m statistic --mode random --probability "$2" -j DROP
}

client iptables -w -A INPUT -p tcp -m statistic --mode random \
    --probability 0.000001 -j DROP 2>"$T/said" ||
    skip_all "no statistic match in this kernel's iptables"

# both [LINE NAME]: a line of its own, for the addresses given
half() {
	local name=$1 v4=$2 v6=$3
	(stage "rawcap-$name" rawcap -a "$v4" -a "$v6" eth0) |
	    (stage "tcpfsm-$name" tcpfsm -l "$T/log-$name" -f "$T/$name") |
	    (stage "rawinject-$name" rawinject eth0)
}
(stage arp arp-phantom -n eth0 $big4 $big6 $small4 $small6) &
began+=($!)
half big $big4 $big6 &
began+=($!)
half small $small4 $small6 &
began+=($!)
wait_for 20 packet_sockets 5 && wait_for 20 test -s "$T/log-big" &&
    wait_for 20 test -s "$T/log-small" || exit 1

# get SIZE ADDRESS PORT LIMIT - result and duration to a file. The client
# speaks: a silent one, whose last ACK of the handshake is lost, waits for us.
get() {
	local start=$EPOCHREALTIME sum
	sum=$(
		set -o pipefail
		echo GET | client timeout "$4" nc "$2" "$3" 2>/dev/null | md5
		[ "${PIPESTATUS[1]}" != 124 ] || echo unfinished
	)
	sum=${sum##*$'\n'}
	awk -v s="$start" -v e="$EPOCHREALTIME" -v sum="$sum" \
	    'BEGIN { printf "%s %.2f\n", sum, e - s }' \
	    >>"$T/got-$1-$2-$3.$RANDOM$BASHPID"
}

# kinds: size, address, port, rate in, rate out, what
kinds() {
	cat <<-KINDS
	big $big4 101 0.1 - 10% of our segments lost
	big $big4 102 - 0.1 10% of the client's lost
	big $big4 103 0.1 0.1 10% lost both ways
	big $big6 101 0.1 - 10% of our segments lost
	big $big6 102 - 0.1 10% of the client's lost
	big $big6 103 0.1 0.1 10% lost both ways
	small $small4 101 0.3 - 30% of our segments lost
	small $small4 102 - 0.3 30% of the client's lost
	small $small4 103 0.3 0.3 30% lost both ways
	small $small6 101 0.3 - 30% of our segments lost
	small $small6 102 - 0.3 30% of the client's lost
	small $small6 103 0.3 0.3 30% lost both ways
	KINDS
}

pids=()
while read -r size addr port in out _; do
	[ "$in" = - ] || lose "$addr" "$port" in "$in"
	[ "$out" = - ] || lose "$addr" "$port" out "$out"
done < <(kinds)
while read -r size addr port _; do
	for i in $(seq "$each"); do
		get "$size" "$addr" "$port" 240 &
		pids+=($!)
	done
done < <(kinds)
wait "${pids[@]}"

while read -r size addr port in out what; do
	got=$(cat "$T/got-$size-$addr-$port".*)
	is "$(stat -c %s "$T/$size") bytes from $addr, $what" \
	    "$(cut -d ' ' -f 1 <<<"$got" | grep -v unfinished | sort -u)" \
	    "$(md5 "$T/$size")"
	echo "# seconds: $(cut -d ' ' -f 2 <<<"$got" | sort -n | xargs)"
done < <(kinds)
unfinished=$(cat "$T"/got-* | grep -c unfinished)
is 'all but at most one arrived in 240 s' $((unfinished <= 1)) 1
is 'no connection was given up' \
    "$(cat "$T"/log-* | grep -E ' close how=(timeout|abort)')" ''
is 'nor reset, but by a client that was stopped' \
    "$(($(cat "$T"/log-* | grep -c ' close how=reset') <= unfinished))" 1
echo "# retransmitted:" "$(awk '$4 == "retransmit" {
	for (i = 5; i <= NF; i++)
		if (sub(/^why=/, "", $i))
			n[$i]++
} END { for (w in n) print n[w], w }' "$T"/log-* | sort -rn | xargs)"
done_testing
