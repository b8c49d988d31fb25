# flood.sh - what floods cost; sourced by run. SYNs from random sources
# beside the kernel's TCP, which has as many half-open connections before it
# takes to cookies; then floods of one connection, in tcpfsm alone.
#
# The sender has a session of its own, so that the scheduler does not let it
# keep step with the server, as one on another machine does not. The kernel
# answers a SYN within the call that sends it, so that the sender waits; into a
# pipe it sends as many as it likes, and what there is no room to answer is
# dropped. So a client is measured at a rate that both bear, too.

# packets IF rx|tx - that the client has got there, or sent
packets() { client cat "/sys/class/net/$1/statistics/$2_packets"; }

# syns IF FILE [-T] - to the phantom or the kernel, until stopped
syns() {
	(while cat "$2"; do :; done 2>/dev/null) |
	    (stage syns setsid ip netns exec client rawinject -q ${3:+"$3"} "$1")
}

# flooded IF FILE [-T] - it has begun; then unflooded
flooded() {
	local before
	before=$(packets "$1" rx)
	syns "$@" &
	flooding=$!
	wait_for 5 eval "[ \$(packets $1 rx) -gt $((before + 10000)) ]"
}

unflooded() {
	kill "$(cat "$T/syns.pid")"
	wait $flooding
	sleep 0.2
}

# answered IF - of the SYNs, in a second, and per cent of those sent
answered() {
	local from us rx tx
	rx=$(packets "$1" rx) tx=$(packets "$1" tx) from=${EPOCHREALTIME/./}
	sleep 1
	us=$((${EPOCHREALTIME/./} - from))
	rx=$(($(packets "$1" rx) - rx)) tx=$(($(packets "$1" tx) - tx))
	awk -v rx=$rx -v tx=$tx -v us=$us 'BEGIN {
		printf "answered=%.0f part=%.1f sent=%.0f\n", rx / us * 1e6,
		    tx ? rx / tx * 100 : 0, tx / us * 1e6 }'
}

# as_many_as_go ROW TURNS
as_many_as_go() {
	local i
	for ((i = 0; i < $2; i++)); do
		flooded eth0 "$T/syns-phantom"
		answered eth0 >>"$S/$1.phantom"
		unflooded
		flooded eth1 "$T/syns-kernel"
		answered eth1 >>"$S/$1.kernel"
		unflooded
	done
}

# meanwhile KIND ROW TURNS [-T] - a client's downloads
meanwhile() {
	local i kind=$1
	shift
	for ((i = 0; i < $2; i++)); do
		flooded eth0 "$T/$kind-phantom" ${3:+"$3"}
		sample "$1" phantom "$ghost" $V4 80 3 1
		unflooded
		flooded eth1 "$T/$kind-kernel" ${3:+"$3"}
		sample "$1" kernel "$kernel" 10.0.1.5 80 3 1
		unflooded
	done
}

# memory - of tcpfsm, as a sample: now, and at its peak
memory() {
	awk '/^VmRSS/ { now = $2 / 1024 } /^VmHWM/ { peak = $2 / 1024 }
	    END { print "memory=" now " peak=" peak }' \
	    "/proc/$(cat "$T/tcpfsm.pid")/status"
}

# told_of ROW WHEN - of downloads
told_of() {
	compare "connect $2, us" "$1" connect %.0f
	compare "1 MB $2, ms" "$1" ms %.2f
	compare "failed $2" "$1" failed %.0f
}

row_flood() {
	local mac n
	mac=$(ip netns exec kernel cat /sys/class/net/eth0/address)
	# the answers go where nobody wants them, as on the other side
	ip -n kernel route replace 11.0.0.0/8 via 10.0.1.9
	"$out/flood" syn 1000000 $V4 02:50:0a:00:00:05 >"$T/syns-phantom"
	"$out/flood" syn 1000000 10.0.1.5 "$mac" >"$T/syns-kernel"
	for n in 100 200; do
		"$out/flood" syn 300000 $V4 02:50:0a:00:00:05 $n \
		    >"$T/syns$n-phantom"
		"$out/flood" syn 300000 10.0.1.5 "$mac" $n >"$T/syns$n-kernel"
	done
	"$out/flood" ack 1000000 $V4 02:50:0a:00:00:05 >"$T/acks-phantom"
	"$out/flood" ack 1000000 10.0.1.5 "$mac" >"$T/acks-kernel"
	begin_kernel "$T/mega" 80
	begin_phantom -f "$T/mega"
	opt= turns flood-none "$rounds" 3 1
	memory >"$S/flood-none-memory.phantom"
	meanwhile syns flood-paced "$rounds" -T
	for n in 100 200; do
		meanwhile syns$n flood-$n "$rounds" -T
	done
	meanwhile syns flood-full "$rounds"
	meanwhile acks flood-acks "$rounds"
	as_many_as_go flood "$rounds"
	memory >"$S/flood-memory.phantom"
	end_both
	begin_kernel "$T/mega" 80
	begin_phantom -f "$T/mega" --backlog 100000
	as_many_as_go flood-kept 1
	memory >"$S/flood-kept-memory.phantom"
	end_both
	rm "$T"/syns*-* "$T"/acks-*
	told_of flood-none "without a flood"
	told_of flood-paced "in 50,000 SYNs/s"
	for n in 100 200; do
		told_of flood-$n "in ${n},000 SYNs/s, as far as they go"
	done
	told_of flood-full "in as many SYNs as go"
	told_of flood-acks "in as many ACKs as go"
	compare "as many SYNs as go, answered/s" flood answered %.0f
	compare "as many SYNs as go, answered, %" flood part %.0f
	compare "the same, --backlog 100000, answered/s" flood-kept answered %.0f
	compare "memory of tcpfsm without a flood, MB" flood-none-memory memory %.1f
	compare "memory behind the floods, MB" flood-memory memory %.1f
	compare "memory at its peak, MB" flood-memory peak %.1f
	compare "memory behind them, --backlog 100000, MB" flood-kept-memory \
	    memory %.1f
	compare "memory at its peak, --backlog 100000, MB" flood-kept-memory \
	    peak %.1f
}

# ---- floods that last: what a client has when the sender has had its turns of
# the CPU, not at the begin

# lasts SIDE WHAT KIND MS [v6] - MS of them each millisecond, 0: as many as go;
# a line of the table: what 25 downloads of 1 MB took, in each turn
lasts() {
	local side=$1 row="lasting-${2//[^0-9A-Za-z]/-}" to=$V4 mac=02:50:0a:00:00:05 if=eth0 i
	local pids=$ghost line='' timed=${4#0} k
	local -A form=([sent]=%.0f [answered]=%.0f)
	[ ! "$5" ] || to=$V6 mac=02:50:00:00:00:05
	if [ "$side" = kernel ]; then
		to=${5:+fd01::5} if=eth1 pids=$kernel
		to=${to:-10.0.1.5}
		mac=$(ip netns exec kernel cat /sys/class/net/eth0/address)
	fi
	"$out/flood" "$3" 1000000 "$to" "$mac" "$4" >"$T/lasting"
	for ((i = 0; i < rounds; i++)); do
		flooded $if "$T/lasting" ${timed:+-T}
		sleep 2
		answered $if >>"$S/$row.$side"
		sample "$row" "$side" "$pids" "$to" 80 25 1
		unflooded
	done
	rm "$T/lasting"
	for k in sent answered wait wait90 wait_most ms ms90 ms_most; do
		line="$line $(values "$row" "$side" $k |
		    if [ "${k%_most}" = $k ]; then median; else tail -n 1; fi |
		    awk -v form="${form[$k]:-%.2f}" '{ printf form, $1 }') |"
	done
	told <<<"| $2 | $side |$line"
}

row_lasting() {
	local side
	ip -n kernel route replace 11.0.0.0/8 via 10.0.1.9
	ip -n kernel addr add fd01::5/64 dev eth0 nodad
	ip -n client addr add fd01::9/64 dev eth1 nodad
	ip -n kernel route replace fd0b::/32 via fd01::9
	begin_kernel "$T/mega" 80
	begin_phantom -f "$T/mega"
	told <<-HEAD

	Floods that have lasted two seconds; 25 downloads of 1 MB in each turn,
	ms: the median, nine in ten, the longest.

	| | | sent/s | answered/s | connect | nine in ten | longest | 1 MB | nine in ten | longest |
	|---|---|---|---|---|---|---|---|---|---|
	HEAD
	for side in phantom kernel; do
		lasts $side '50,000 SYNs/s' syn 50
		lasts $side 'as many SYNs as go' syn 0
		lasts $side 'as many ACKs as go' ack 0
		lasts $side 'as many ACKs as go, IPv6' ack 0 v6
		lasts $side 'as many RSTs as go' rst 0
		lasts $side 'as much data as goes' data 0
	done
	end_both
}

# ---- one SYN from a false address

# bytes - of all packets of a stream
bytes() {
	as_user tcpdump -enr - 2>/dev/null |
	    awk 'match($0, /length [0-9]+:/) {
		n += substr($0, RSTART + 7, RLENGTH - 8) } END { print n + 0 }'
}

# what is sent to the address for it, beside its own bytes: the phantom's on
# the virtual clock, the kernel's in the minute that it takes
row_spoofed() {
	local mac syn p
	mac=$(ip netns exec kernel cat /sys/class/net/eth0/address)
	ip -n kernel route replace 11.0.0.0/8 via 10.0.1.9
	"$out/flood" syn 1 $V4 02:50:0a:00:00:05 >"$T/syn-phantom"
	"$out/flood" syn 1 10.0.1.5 "$mac" >"$T/syn-kernel"
	syn=$(bytes <"$T/syn-phantom")
	echo "factor=$(tcpfsm -qq -T -S 1 -f "$T/mega" <"$T/syn-phantom" |
	    bytes | awk -v n=$syn '{ print $1 / n }')" >"$S/spoofed.phantom"
	begin_kernel "$T/mega" 80
	client timeout 66 rawcap -q -t tcp -a 11.0.0.0/8 eth1 >"$T/syn-answers" &
	p=$!
	sleep 1
	client rawinject -q eth1 <"$T/syn-kernel"
	wait $p
	echo "factor=$(bytes <"$T/syn-answers" |
	    awk -v n=$syn '{ print $1 / n }')" >"$S/spoofed.kernel"
	kill "$kernel"
	compare "bytes sent per byte of a spoofed SYN" spoofed factor %.1f
}

# ---- floods of one host, while another asks for the same

# asked KIND OF MAC - a stream of 20,000 requests of that address's network, by
# host 77: echo, udp (to a closed port) or arp
asked() {
	perl -e 'my ($kind, $of, $mac) = @ARGV;
	my @a = split /[.]/, $of;
	my $to = pack "C4", @a;
	my $from = pack "C4", @a[0 .. 2], 77;
	my $m = pack "C6", map hex, split /:/, $mac;
	my $us = pack "H12", "020000000077";
	sub fold { my $s = 0; $s += $_ for unpack "n*", shift;
		$s = ($s & 0xffff) + ($s >> 16) while $s >> 16; ~$s & 0xffff }
	my $ip = pack "n4 C2 n a4 a4", 0x4500, 84, 0, 0, 64,
	    $kind eq "udp" ? 17 : 1, 0, $from, $to;
	substr $ip, 10, 2, pack "n", fold $ip;
	my $icmp = pack "n4 x56", 0x800, 0, 1, 1;
	substr $icmp, 2, 2, pack "n", fold $icmp;
	$icmp = pack "n4 x56", 9, 33434, 64, 0 if $kind eq "udp";
	my $f = $m . $us . ($kind eq "arp"
	    ? pack "H20 a6 a4 x6 a4", "08060001080006040001", $us, $from, $to
	    : "\x08\0" . $ip . $icmp);
	print pack("V v v V V V V", 0xa1b23c4d, 2, 4, 0, 0, 262144, 1),
	    pack("V V V V a*", 1, 0, length $f, length $f, $f) x 20000' "$@"
}

# asks KIND IF ADDR - the sample of one who is not the flooder
asks() {
	local from=${EPOCHREALTIME/./}
	if [ "$1" != arp ]; then
		client ping -q -n -c 20 -i 0.05 -W 1 -I "$2" "$3" |
		    awk -F '[ /=]+' '/received/ { n = $4 } /^rtt/ { ms = $7 }
			END { print "answered=" n + 0 " ms=" ms }'
	else
		client arp-query -q -n -c 5 -w 5 "$2" "$3" >/dev/null
		echo "answered=$((! $?)) ms=$(((${EPOCHREALTIME/./} - from) / 1000))"
	fi
}

row_others() {
	local mac kind i
	mac=$(ip netns exec kernel cat /sys/class/net/eth0/address)
	# else its answers wait for an address that nobody has
	ip -n kernel neigh replace 10.0.1.77 lladdr 02:00:00:00:00:77 dev eth0
	begin_kernel "$T/mega" 80
	begin_phantom -f "$T/mega"
	(stage rawcap2 rawcap -q eth0) | (stage icmp icmp-phantom -q) |
	    (stage rawinject2 rawinject -q eth0) &
	began+=($!)
	wait_for 10 client ping -c 1 -W 1 $V4
	for kind in echo udp arp; do
		asked $kind $V4 02:50:0a:00:00:05 >"$T/asked-phantom"
		asked $kind 10.0.1.5 "$mac" >"$T/asked-kernel"
		for ((i = 0; i < rounds; i++)); do
			asks $kind eth0 $V4 >>"$S/$kind-none.phantom"
			asks $kind eth1 10.0.1.5 >>"$S/$kind-none.kernel"
			syns eth0 "$T/asked-phantom" &
			flooding=$!
			sleep 0.3
			asks $kind eth0 $V4 >>"$S/$kind.phantom"
			unflooded
			syns eth1 "$T/asked-kernel" &
			flooding=$!
			sleep 0.3
			asks $kind eth1 10.0.1.5 >>"$S/$kind.kernel"
			unflooded
		done
	done
	kill "$(cat "$T/rawcap2.pid")"
	end_both
	compare "a ping without a flood, ms" echo-none ms %.2f
	compare "a ping in a flood of another's, ms" echo ms %.2f
	compare "answered, of 20" echo answered %.0f
	compare "a ping in a flood of UDP of another's, ms" udp ms %.2f
	compare "answered, of 20" udp answered %.0f
	compare "an ARP request without a flood, ms" arp-none ms %.0f
	compare "an ARP request in a flood of another's, ms" arp ms %.0f
	compare "answered, of 1" arp answered %.0f
}

# 750 peers that make the sender keep a record for each small segment
row_records() {
	local i
	${CC:-cc} -O2 -o "$T/sack_peer" tests/net/sack_peer.c || return
	begin_phantom -d 0 -f "$T/mega"
	for ((i = 0; i < rounds; i++)); do
		sample records-none phantom "$ghost" $V4 80 3 1
	done
	memory >"$S/records-none.memory.phantom"
	(stage peer ip netns exec client "$T/sack_peer" 750 >"$T/peer") &
	began+=($!)
	wait_for 60 test -s "$T/peer"
	for ((i = 0; i < rounds; i++)); do
		sample records phantom "$ghost" $V4 80 3 1
	done
	memory >"$S/records.memory.phantom"
	kill "$(cat "$T/peer.pid")"
	phantom_end
	compare "1 MB before 750 such peers come, ms" records-none ms %.2f
	compare "1 MB while their segments are in flight, ms" records ms %.2f
	compare "memory before them, MB" records-none.memory memory %.1f
	compare "memory at its peak with them, MB" records.memory peak %.1f
}

# ---- of one connection

# spoken WORDS... - our next segment, onto the others
spoken() {
	tcp-craft -s 10.0.0.9:999 -c 10.0.0.5:80 win 65535 "$@" >>"$T/spoken"
}

# upto TIME - the end of what tcpfsm says to that, at once
upto() {
	tcpfsm -qq -T -S 1 -f "$T/mega" <"$T/spoken" |
	    tcp-show from 10.0.0.5:80 | awk -v at="TIME='$1" '
		index($1, at) == 1 && match($0, /NEXT=.[0-9]*/) {
			end = substr($0, RSTART + 6, RLENGTH - 6) }
		END { print end }'
}

# open_one - a connection with some hundred segments in flight, in
# $T/spoken; $end is their end, $acked their begin
open_one() {
	local i
	: >"$T/spoken"
	spoken at 9.91 flags S seq 0 mss 1460 wscale 7 sackok
	end=$(upto 9.91)
	spoken at 9.92 flags A seq 1 ack "$end"
	spoken at 9.92 flags PA seq 1 ack "$end" data 'GET /'
	for i in 2 3 4 5 6 7; do
		[ $i = 2 ] || spoken at 9.9$i flags A seq 6 ack "$end"
		acked=$end
		end=$(upto 9.9$i)
	done
}

# flood_line TITLE KIND - of the table
flood_line() {
	local n=200000
	{
		cat "$T/spoken"
		"$out/flood" "$2" $n 6 "$acked" "$end"
	} >"$T/flood"
	echo "| $1 | $(alone "tcpfsm -qq -T -S 1 -f $T/mega" $n \
	    "$T/flood") |" | told
}

row_segments() {
	local end acked
	open_one
	told <<-HEAD

	Floods from the peer of one connection, tcpfsm alone, its answers included;
	$(((end - acked) / 1460)) segments are in flight.

	| segments | ns of CPU each (million/s) |
	|---|---|
	HEAD
	flood_line "a byte, in order" order
	flood_line "a byte, every second one, in random order" holes
	flood_line "an ACK with nothing new" again
	flood_line "an ACK with three SACK blocks, random ones" sack
	rm "$T/flood" "$T/spoken"
}
