# pipes.sh - an internetwork of pipes: a frame through the switch, through a
# router, to a TAP, and how many ports there can be; sourced by run.

SERVE='phantom -n -f'
FETCH='tcpfsm -q -l /dev/null -o /dev/null'

# rate BYTES COMMAND... - MB/s in which it ends well, or nothing
rate() {
	local bytes=$1 from
	shift
	from=$(date +%s%N)
	"$@" >/dev/null 2>&1 || return
	echo $((bytes * 1000 / ($(date +%s%N) - from)))
}

# switched SIZE COUNT - ns of the switch's CPU for a frame from a file to a sink
switched() {
	local i
	"$out/frames" "$1" "$2" >"$T/frames"
	for i in 1 2 3; do
		rm -f "$T/ns"
		pipe-switch -q --until a --storm 0 \
		    10:'exec cat >/dev/null' a=10:"cat $T/frames; sleep 0.3
		    cut -d ' ' -f 1 /proc/\$PPID/schedstat >$T/ns" 2>/dev/null
		awk '{ print $1 / 1e9 }' "$T/ns"
	done | each "$2"
	rm "$T/frames"
}

row_switch() {
	{
		echo
		echo "A frame through pipe-switch, ns of CPU (million frames/s):" \
		    "64 bytes $(switched 64 500000)," \
		    "1514 bytes $(switched 1514 500000)," \
		    "64 KiB $(switched 65549 20000); to reach: 1500."
	} | told
}

# ring - two tcpfsm, nothing between them
ring() {
	local status
	rm -f "$T/there" "$T/back"
	mkfifo "$T/there" "$T/back"
	tcpfsm -q -l /dev/null --vmsplice -f "$1" <"$T/there" >"$T/back" &
	timeout 60 $FETCH -s 10.0.0.9 -c 10.0.0.5:80 -g phantom >"$T/there" <"$T/back"
	status=$?
	wait $!
	return $status
}
# through - a phantom, a switch, a router, a client on another network
through() {
	timeout 60 pipe-switch -q --until c 10:"exec $SERVE $1 - 10.0.1.5" \
	    c=20:"exec $FETCH -s 10.0.2.9 -g 10.0.2.1 -c 10.0.1.5:80" \
	    trunk:'exec pipe-router -q 10=10.0.1.1/24 20=10.0.2.1/24'
}
row_internet() {
	local i
	for ((i = 0; i < rounds; i++)); do
		rate 1000000000 ring "$T/big" >>"$S/ring"
		rate 1000000000 through "$T/big" >>"$S/through"
	done
	paired "1 GB from a phantom through a switch and a router" through \
	    ring "two tcpfsm in a ring" 'at least 0.50'
}

# paired WHAT A B BESIDE GOAL - medians of the files $S/A and $S/B, and the ratio
paired() {
	local a b
	a=$(sort -g "$S/$2" | median)
	b=$(sort -g "$S/$3" | median)
	awk -v what="$1" -v a="${a% *}" -v b="${b% *}" -v beside="$4" \
	    -v goal="$5" 'BEGIN { printf "\n%s: %s, %s: %s; ratio %.2f, " \
	    "to reach: %s.\n", what, a, beside, b, b ? a / b : 0, goal }' | told
}

# a phantom behind a TAP, and one behind a veth on a bridge of the kernel's:
# both are reached by this host's own TCP
tap_net() {
	ip netns add bridged
	ip netns exec bridged ip link add br0 type bridge
	ip -n bridged addr add 10.0.7.1/24 dev br0
	ip -n bridged link set br0 up
	ip link add brp type veth peer name v0 netns bridged
	ip -n bridged link set v0 master br0 up
	ip link set brp up
	ip netns add tapped
	ip -n tapped tuntap add t0 mode tap
	ip -n tapped addr add 10.0.7.1/24 dev t0
	ip -n tapped link set t0 up
}
tap_begin() { # FILE
	begin ip netns exec tapped pipe-plug -q tap:t0 -- $SERVE "$1" - 10.0.7.5
	tap=$!
	begin "$BIN/phantom" -qq -n -f "$1" brp 10.0.7.5
	bridge=$!
	wait_for 10 ip netns exec tapped ping -c 1 -W 1 10.0.7.5 &&
	    wait_for 10 ip netns exec bridged ping -c 1 -W 1 10.0.7.5
}
tap_end() {
	stop $tap
	stop $bridge
}
moved() { # NAMESPACE LOAD'S OPTIONS
	# shellcheck disable=SC2086
	timeout 60 ip netns exec "$1" "$load" $2 10.0.7.5 80 1 1 |
	    awk -v RS='[ \n]+' -F= '{ v[$1] = $2 }
		END { print v["bytes"] / v["seconds"] / 1e6 }'
}
pinged() { # NAMESPACE - median, us
	ip netns exec "$1" ping -c 200 -i 0.005 10.0.7.5 |
	    sed -n 's/.*time=\([0-9.]*\) ms/\1/p' | sort -g | median |
	    awk '{ print $1 * 1000 }'
}
row_tap() {
	local i n way
	tap_net || {
		echo "no TAP here" | told
		return
	}
	for way in upload download; do
		if [ $way = upload ]; then
			tap_begin "$T/small"
		else
			tap_begin "$T/big"
		fi
		for ((i = 0; i < rounds; i++)); do
			for n in tapped bridged; do
				if [ $way = upload ]; then
					moved $n '-u 1e9'
					pinged $n >>"$S/ping-$n"
				else
					moved $n
				fi >>"$S/$way-$n"
			done
		done
		tap_end
	done
	paired "1 GB to a phantom at a TAP, MB/s" upload-tapped upload-bridged \
	    "at a veth of a bridge" 'at least 0.83'
	paired "1 GB from it, MB/s" download-tapped download-bridged \
	    "at a veth of a bridge" 'at least 0.83'
	paired "ping of it, us" ping-tapped ping-bridged "of the other" \
	    '15 us more'
}

# 2 to 200 ports, all idle but two; the time is that of the transfer
row_ports() {
	local n many
	for n in 2 50 200; do
		many=()
		while [ ${#many[@]} -lt $((n - 2)) ]; do
			many+=(10:'exec sleep 100')
		done
		timeout 60 pipe-switch -q --until c "${many[@]}" \
		    10:"exec tcpfsm -q -l /dev/null -d 0 -f $T/big" \
		    c=10:"sleep 2; date +%s%N >$T/from
			$FETCH -s 10.0.0.9 -g phantom -c 10.0.0.5:80
			date +%s%N >$T/to"
		echo
		echo "1 GB between two of $n ports of a switch, MB/s:" \
		    $((1000000000000 / ($(<"$T/to") - $(<"$T/from"))))
	done | told
}
