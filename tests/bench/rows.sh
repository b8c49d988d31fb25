# rows.sh - what is measured beside the kernel; sourced by run. A function
# row_NAME for each, which prints lines of the table.
#
#	client eth0 10.0.0.9 ---- eth0, 10.0.0.5 is the phantom
#	client eth1 10.0.1.9 ---- eth0 10.0.1.5 of host "kernel"
#	client eth2 10.0.2.9 -m-- eth2, 10.0.2.5 is the phantom
#	client eth3 10.0.3.9 -m-- eth3 10.0.3.5 of host "kernel"
#
# m: host "middle", where impair joins two cables.

# cable NAME IF NAME IF - veth between two hosts ("": the lab's own)
cable() {
	ip link add cable0 mtu 1500 type veth peer name cable1 mtu 1500 &&
	    put cable0 "$1" "$2" && put cable1 "$3" "$4"
}
put() {
	if [ "$2" ]; then
		ip link set "$1" netns "$2"
		ip -n "$2" link set "$1" name "$3" up
	else
		ip link set "$1" name "$3" up
	fi
}

bench_net() {
	lab_net
	host kernel
	host middle
	cable client eth1 kernel eth0
	cable client eth2 middle c2
	cable client eth3 middle c3
	cable middle s2 "" eth2
	cable middle s3 kernel eth3
	ip -n kernel addr add 10.0.1.5/24 dev eth0
	ip -n kernel addr add 10.0.3.5/24 dev eth3
	for i in 1 2 3; do
		ip -n client addr add 10.0.$i.9/24 dev eth$i
	done
	ip -n client neigh add 10.0.2.5 lladdr 02:50:0a:00:02:05 dev eth2
	for h in client kernel; do
		ip netns exec $h sysctl -qw net.core.somaxconn=65535 \
		    net.ipv4.tcp_max_syn_backlog=65535
	done
	ip netns exec client sysctl -qw \
	    net.ipv4.ip_local_port_range='1024 65000'
}

# offloads on|off HOST... ("": the lab's own)
offloads() {
	local to=$1 h i
	shift
	for h; do
		for i in eth0 eth1 eth2 eth3 c2 c3 s2 s3; do
			${h:+ip netns exec $h} ethtool -K $i tso "$to" \
			    gso "$to" gro "$to" 2>/dev/null
		done
	done
}

# ---- the two servers

# begin_kernel SENDFILE'S ARGUMENTS... - pid in $kernel
begin_kernel() {
	ip netns exec kernel "$out/sendfile" "$@" &
	kernel=$!
	began+=("$kernel")
	wait_for 5 ip netns exec client bash -c '</dev/tcp/10.0.1.5/80'
}

begin_nginx() {
	cat >"$T/nginx.conf" <<-CONF
	user root root; daemon off; master_process off; worker_rlimit_nofile 65000;
	error_log $T/nginx.log; pid $T/nginx.pid.txt;
	events { worker_connections 60000; }
	http {
		access_log off; sendfile on; keepalive_timeout 0;
		client_body_temp_path $T; proxy_temp_path $T;
		fastcgi_temp_path $T; uwsgi_temp_path $T; scgi_temp_path $T;
		server { listen 80 backlog=65535; root $T; index $1; }
	}
	CONF
	ip netns exec kernel nginx -c "$T/nginx.conf" -e "$T/nginx.log" &
	kernel=$!
	began+=("$kernel")
	wait_for 5 ip netns exec client bash -c '</dev/tcp/10.0.1.5/80'
}

# begin_phantom TCPFSM'S ARGUMENTS... - pids in $ghost
begin_phantom() {
	phantom -q "$@"
	ghost=$(cat "$T"/{rawcap,tcpfsm,rawinject}.pid
	    pgrep -P "$(cat "$T/rawinject.pid")")
	ghost=${ghost//$'\n'/ }
}

end_both() {
	phantom_end
	stop $kernel
}

# turns ROW ROUNDS CONNECTIONS AT_ONCE - each side in its turn; load's options
# are $opt
turns() {
	local row=$1 i
	for ((i = 0; i < $2; i++)); do
		# shellcheck disable=SC2086
		sample "$row" phantom "$ghost" $opt $V4 80 "$3" "$4"
		# shellcheck disable=SC2086
		sample "$row" kernel "$kernel" $opt 10.0.1.5 80 "$3" "$4"
	done
}

# controlled NAME HOST... - the hosts' congestion control from now on, or '': as
# each program chooses. A route's holds everywhere, also against what a program
# chooses; sysctl refuses a control that the machine does not allow.
controlled() {
	local name=$1 h net dev rest
	shift
	for h; do
		while read -r net _ dev rest; do
			# shellcheck disable=SC2086
			ip -n "$h" route change "$net" dev "$dev" $rest \
			    ${name:+congctl "$name"}
		done < <(ip -n "$h" -4 route show proto kernel scope link |
		    sed 's/ congctl .*//; s/ *$/ proto kernel scope link/')
	done
}

# beside FUNCTION ROW... - for each congestion control of the kernel's side:
# FUNCTION has it in $k, and the row's name with it in $row. The phantom runs
# CUBIC. An upload is sent by the client, whose control is that of both sides.
beside() {
	local k row
	for k in $kernels; do
		controlled $k kernel client
		row=$2-$k
		$1
	done
	controlled '' kernel client
}

# ---- rows

row_bulk() { beside bulk bulk; }
bulk() {
	begin_kernel "$T/big" 80
	begin_phantom -f "$T/big"
	opt= turns $row "$rounds" 1 1
	compare "download of 1 GB, kernel: $k, MB/s" $row rate %.0f
	compare "download, kernel: $k, CPU s/GB, the client's with it" $row \
	    cost %.2f
	compare "download, kernel: $k, CPU s/GB, the server's" $row ours %.2f
	end_both
}

row_plain() {
	offloads off "" kernel
	beside plain plain
	offloads on "" kernel
}
plain() {
	begin_kernel "$T/big" 80
	begin_phantom -f "$T/big"
	opt= turns $row "$rounds" 1 1
	compare "download without TSO and GSO, kernel: $k, MB/s" $row rate %.0f
	compare "without TSO and GSO, kernel: $k, CPU s/GB" $row cost %.2f
	end_both
}

row_upload() { beside upload upload; }
upload() {
	begin_kernel -d "$T/small" 80
	begin_phantom -f "$T/small"
	opt="-u 1e9" turns $row "$rounds" 1 1
	compare "upload of 1 GB, client: $k, MB/s" $row rate %.0f
	compare "upload, client: $k, CPU s/GB" $row cost %.2f
	end_both
}

row_short() { beside short short; }
short() {
	begin_kernel "$T/small" 80
	begin_phantom -f "$T/small"
	opt= turns $row "$rounds" 4000 16
	compare "connections/s, 100 bytes, 16 at once, kernel: $k" $row per_s \
	    %.0f ">= 1.00"
	end_both
}

row_nginx() {
	have nginx || return
	begin_nginx small
	begin_phantom -f "$T/small"
	opt= turns nginx "$rounds" 4000 16
	compare "connections/s, the kernel's server nginx" nginx per_s %.0f \
	    ">= 1.00"
	end_both
}

row_one() {
	begin_kernel "$T/small" 80
	begin_phantom -f "$T/small"
	opt= turns one "$rounds" 1000 1
	compare "connections/s, one after another" one per_s %.0f ">= 0.80"
	compare "request to answer, us" one answer %.1f "10 us more"
	end_both
}

row_many() { beside many many; }
many() {
	if have nginx; then
		begin_nginx tenth
	else
		begin_kernel -f "$T/tenth" 80
	fi
	begin_phantom -f "$T/tenth" -N 20000
	opt= turns $row 1 10000 10000
	compare "10,000 at once, each 100 KB, kernel: $k, MB/s" $row rate %.0f
	compare "10,000 at once, failed, kernel: $k" $row failed %.0f "0"
	end_both
}

# responses of 100 KB, 16 at once; a process for each connection would be the
# kernel's cost and not its TCP's
row_hundred() { beside hundred hundred; }
hundred() {
	if have nginx; then
		begin_nginx tenth
	else
		begin_kernel -f "$T/tenth" 80
	fi
	begin_phantom -f "$T/tenth"
	opt= turns $row "$rounds" 2000 16
	compare "100 KB responses, 16 at once, kernel: $k, MB/s" $row rate %.0f
	end_both
}

# lose RATE [ADDRESS...] - of what the servers say; 0 ends it
lose() {
	ip netns exec client iptables -w -F
	[ "$1" != 0 ] || return
	ip netns exec client iptables -w -A INPUT -p tcp --sport 80 \
	    -m statistic --mode random --probability "$1" -j DROP
}

# long_enough CONTROL RATE - seconds to measure: where a window of a few
# segments waits for time-outs, one second is chance
long_enough() {
	case $1-$2 in
	*-30) echo 5 ;;
	bbr-* | *-01) echo 1 ;;
	*-05) echo 2 ;;
	*) echo 5 ;;
	esac
}

row_loss() {
	local cc p
	offloads off "" kernel client
	for cc in $controls; do
		begin_kernel -f -C $cc "$T/big" 80
		begin_phantom -C $cc -f "$T/big"
		for p in 01 05 10 30; do
			lose 0.$p
			opt="-t $(long_enough $cc $p)" turns loss-$cc-$p 3 1 1
			lose 0
			compare "$cc, ${p#0} % lost, MB/s" loss-$cc-$p rate \
			    %.3g ">= 1.00"
		done
		end_both
	done
	offloads on "" kernel client
}

# 1 MB, each way 10 % lost, all at the same time
row_both() {
	local cc
	offloads off "" kernel client
	for cc in $controls; do
		begin_kernel -f -C $cc "$T/mega" 80
		begin_phantom -C $cc -f "$T/mega"
		lose 0.1
		ip netns exec client iptables -w -A OUTPUT -p tcp --dport 80 \
		    -m statistic --mode random --probability 0.1 -j DROP
		opt="-t 15" turns both-$cc 1 9 9
		lose 0
		ip netns exec client iptables -w -F
		compare "$cc, 1 MB, 10 % lost each way, median s" both-$cc \
		    took %.2f "under 5 s"
		end_both
	done
	offloads on "" kernel client
}

# bend FROM TO WORDS... - impair from one cable of the middle to the other
bend() {
	local from=$1 to=$2
	shift 2
	(stage "bend-$from" ip netns exec middle rawcap -q "$from") |
	    (stage "impair-$from" impair -q "$@") |
	    (stage "inject-$to" ip netns exec middle rawinject -q "$to")
}

# phantom_far TCPFSM'S ARGUMENTS... - the line behind the middle
phantom_far() {
	(stage far rawcap -q eth2) |
	    (stage tcpfsm-far tcpfsm -qq -l "$T/log-far" "$@") |
	    (stage inject-far rawinject -q eth2)
}

far() { echo GET | timeout 1 ip netns exec client nc "$1" 80 | head -c 1; }

# 40 ms there and back by impair; many connections at once, or chance decides;
# where losses are rare, slow start is a tenth of four seconds
row_delay() {
	local cc p i seconds
	offloads off "" kernel client middle
	for p in 2 3; do
		begin bend c$p s$p delay 20ms
		begin bend s$p c$p delay 20ms
	done
	for cc in $controls; do
		begin_kernel -f -C $cc "$T/big" 80
		begin phantom_far -C $cc -f "$T/big"
		wait_for 5 far 10.0.2.5 && wait_for 5 far 10.0.3.5
		for p in 01 05 10 30; do
			lose 0.$p
			seconds=4
			[ $p != 01 ] || [ $cc = bbr ] || seconds=12
			for ((i = 0; i < 3; i++)); do
				sample delay-$cc-$p phantom "" \
				    -t $seconds 10.0.2.5 80 24 24
				sample delay-$cc-$p kernel "" \
				    -t $seconds 10.0.3.5 80 24 24
			done
			lose 0
			compare "$cc, 40 ms, ${p#0} % lost, MB/s each of 24" \
			    delay-$cc-$p each_rate %.3g ">= 1.00"
			compare "$cc, 40 ms, ${p#0} % lost, MB/s together" \
			    delay-$cc-$p rate %.3g ">= 1.00"
		done
		stop "$(cat "$T/far.pid")"
		stop $kernel
	done
	for p in c2 s2 c3 s3; do
		kill "$(cat "$T/bend-$p.pid")"
	done
	offloads on "" kernel client middle
}

first_byte() {
	timeout 20 ip netns exec client python3 "$ROOT/tests/bench/first.py" \
	    10.0.2.5 80 "$1"
}

# the phantom beside itself: where the kernel stands, there is no Fast Open
row_first() {
	local p i
	have python3 || return
	offloads off "" client middle
	begin bend c2 s2 delay 20ms
	begin bend s2 c2 delay 20ms
	begin phantom_far --fastopen -d 0 -f "$T/small"
	wait_for 5 far 10.0.2.5
	first_byte 1 >/dev/null # asks for the cookie
	for ((i = 0; i < rounds; i++)); do
		echo "ms=$(first_byte 1)" >>"$S/first.phantom"
		echo "ms=$(first_byte 0)" >>"$S/first.kernel"
	done
	compare "first byte over 40 ms: Fast Open, and (right) without, ms" \
	    first ms %.1f "0.50"
	stop "$(cat "$T/far.pid")"
	for p in c2 s2; do
		kill "$(cat "$T/bend-$p.pid")"
	done
	offloads on "" client middle
}

# bent WORDS... - the far path of both sides, by impair in each direction
bent() {
	local p
	for p in 2 3; do
		begin bend c$p s$p "$@"
		begin bend s$p c$p "$@"
	done
}
unbent() {
	local p
	for p in c2 s2 c3 s3; do
		stop "$(cat "$T/bend-$p.pid")"
	done
}

# 1 MB, and delays that scatter by 5 ms each way, so that segments overtake
row_jitter() {
	local ms i
	offloads off "" kernel client middle
	begin_kernel -f -C cubic "$T/mega" 80
	begin phantom_far -C cubic -f "$T/mega"
	for ms in 40 300; do
		bent delay $((ms / 2))ms 5ms
		wait_for 5 far 10.0.2.5 && wait_for 5 far 10.0.3.5
		for ((i = 0; i < 2 * rounds; i++)); do
			sample jitter-$ms phantom "" 10.0.2.5 80 1 1
			sample jitter-$ms kernel "" 10.0.3.5 80 1 1
		done
		unbent
		compare "cubic, 1 MB over $ms ms, 5 ms of jitter, MB/s" \
		    jitter-$ms rate %.3g ">= 1.00"
	done
	stop "$(cat "$T/far.pid")"
	stop $kernel
	offloads on "" kernel client middle
}

# pairs_of ADDRESS - 100 of them
pairs_of() {
	local s
	s=$(timeout 60 ip netns exec client python3 "$pairs" ask 100000 "$1" \
	    80 100) && awk -v s="$s" 'BEGIN { print "per_s=" 100 / s }'
}

# 100 pairs on one connection over 40 ms: does a window that the application
# leaves unused between them still grow, and last?
row_pairs() {
	local i pairs=$ROOT/tests/bench/pairs.py python
	have python3 || return
	# not a script that looks for one: pairs.py starts this one, too
	python=$(python3 -c 'import sys; print(sys.executable)')
	offloads off "" kernel client middle
	bent delay 20ms
	begin ip netns exec kernel python3 "$pairs" serve 100000 80 cubic
	kernel=$!
	begin phantom_far -C cubic -e "exec $python $pairs answer 100000"
	wait_for 5 far 10.0.2.5 && wait_for 5 far 10.0.3.5
	for ((i = 0; i < rounds; i++)); do
		pairs_of 10.0.2.5 >>"$S/pairs.phantom"
		pairs_of 10.0.3.5 >>"$S/pairs.kernel"
	done
	compare "cubic, 100 pairs on one connection, 40 ms, pairs/s" pairs \
	    per_s %.3g ">= 1.00"
	unbent
	stop "$(cat "$T/far.pid")"
	stop $kernel
	offloads on "" kernel client middle
}
