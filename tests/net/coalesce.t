#!/bin/bash
# What makes it fast changes no byte: with super-frames and without (-1), and
# with pages lent to the pipe (--vmsplice), to clients of small, usual and large segments, with loss and reordering behind
# rawinject, where each frame is by itself again.
#
#	client eth0 ---- eth0	iptables in the client
#	client eth2 -m-- eth2	m: impair in host "middle"
. "${0%/*}/../lab.sh"

# cable NAME IF NAME IF - between two hosts ("": the lab's own)
cable() {
	ip link add "$2" ${1:+netns "$1"} mtu 9040 type veth \
	    peer name "$4" ${3:+netns "$3"} mtu 9040
	ip ${1:+-n "$1"} link set "$2" up
	ip ${3:+-n "$3"} link set "$4" up
}
coalesce_net() {
	lab_net
	ip link set eth0 mtu 9040
	ip -n client link set eth0 mtu 9040
	host middle
	cable client eth2 middle c2
	cable middle s2 "" eth2
	ip -n client addr add 10.0.2.9/24 dev eth2
	ip -n client addr add fd02::9/64 dev eth2 nodad
}
LAB_NET=coalesce_net lab "$@"
need nc iptables ip6tables timeout
head -c 700001 /dev/urandom >"$T/file"
sum=$(md5 "$T/file")

lossy=yes
for t in iptables ip6tables; do
	client $t -w -A INPUT -p tcp --sport 81 -m statistic --mode random \
	    --probability 0.05 -j DROP 2>/dev/null || lossy=
done

# bend FROM TO WORDS... - impair from one cable of the middle to the other
bend() {
	local from=$1 to=$2
	shift 2
	(stage "bend-$from" ip netns exec middle rawcap -q "$from") |
	    (stage "impair-$from" impair -q "$@") |
	    (stage "inject-$to" ip netns exec middle rawinject -1 -q "$to")
}
begin bend c2 s2
begin bend s2 c2 -S 5 delay 1ms reorder 20% loss 4%
(stage arp arp-phantom -n eth0 $V4 $V6) &
began+=($!)
(stage arp2 arp-phantom -n eth2 10.0.2.5 fd02::5) &
began+=($!)

# over IF [OPTION] - a line, with an option of rawinject or tcpfsm
over() {
	local if=$1 one='' lend=''
	case $2 in
	-1) one=$2 ;;
	--*) lend=$2 ;;
	esac
	(stage "rawcap-$if" rawcap -q "$if") |
	    (stage "tcpfsm-$if" tcpfsm --mtu 9040 -l "$T/log-$if" \
		${lend:+"$lend"} -f "$T/file") |
	    (stage "rawinject-$if" rawinject ${one:+"$one"} "$if")
}

# segments MSS - what the client tells us
segments() {
	local net
	for net in "10.0.0.0/24 dev eth0" "10.0.2.0/24 dev eth2" \
	    "fd00::/64 dev eth0 metric 256" "fd02::/64 dev eth2 metric 256"; do
		# shellcheck disable=SC2086
		ip -n client route change $net advmss "$1" || exit 1
	done
}

# get ADDRESS PORT - its sum, into a file
get() { echo GET | client timeout 60 nc "$1" "$2" | md5 >"$T/got-$1-$2"; }

# all WHAT - from everywhere at once
all() {
	local a pids=()
	rm -f "$T"/got-*
	for a in "$V4 80" "$V6 80" "10.0.2.5 80" "fd02::5 80" \
	    ${lossy:+"$V4 81" "$V6 81"}; do
		# shellcheck disable=SC2086
		get $a &
		pids+=($!)
	done
	wait "${pids[@]}"
	is "$1: every byte" "$(cat "$T"/got-* | sort | uniq -c | xargs)" \
	    "${#pids[@]} $sum"
}

# largest - the bytes of the largest segment that was sent again
largest() {
	awk '$4 == "retransmit" && match($0, / len=[0-9]+/) {
		n = substr($0, RSTART + 5, RLENGTH - 5) + 0
		if (n > most) most = n
	} END { print most + 0 }' "$T"/log-eth?
}

for how in '' -1 --vmsplice; do
	rm -f "$T"/log-*
	lines=()
	for i in eth0 eth2; do
		over $i "$how" &
		lines+=($!)
	done
	began+=("${lines[@]}")
	for i in eth0 eth2; do
		wait_for 20 grep -q ' start ' "$T/log-$i"
		wait_for 20 grep -q '^NoNewPrivs:.*1' \
		    "/proc/$(cat "$T/rawinject-$i.pid")/status"
	done
	wait_for 20 packet_sockets 3
	for mss in 536 1460 9000; do
		segments $mss
		all "segments of $mss${how:+, $how}"
	done
	is "some were lost, and so large${how:+, $how}" \
	    "$(($(largest) > 8000))" 1
	for i in eth0 eth2; do
		kill "$(cat "$T/rawcap-$i.pid")"
	done
	wait "${lines[@]}"
	supers=$(awk '{ n += $5 } END { print n + 0 }' "$T"/rawinject-eth?.err)
	is "super-frames${how:+, $how}" "$((supers > 0))" \
	    "$([ "$how" = -1 ] && echo 0 || either 1 0)"
	cat "$T"/rawinject-eth?.err | diag
done
done_testing
