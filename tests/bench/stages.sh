# stages.sh - the stages alone, without the kernel's TCP beside them; sourced
# by run. A regression is found in its stage.

# cpu COMMAND... - seconds of CPU that it takes, its output thrown away
cpu() {
	local TIMEFORMAT='%U %S'
	{ time "$@" >/dev/null 2>&1; } 2>&1 | awk '{ print $1 + $2 }'
}

# each COUNT - seconds on stdin as "ns a frame (million frames/s)"
each() {
	sort -g | median | awk -v n="$1" '{
		ns = $1 / n * 1e9
		printf "%.0f (%.2f)", ns, ns ? 1e3 / ns : 0 }'
}

# alone STAGE COUNT FILE - thrice, as a filter or a sink
alone() {
	local i
	for i in 1 2 3; do
		# shellcheck disable=SC2086
		cpu $1 <"$3"
	done | each "$2"
}

# captured FILE COUNT - what rawcap takes for a frame, while rawinject sends
captured() {
	local pid i before
	for i in 1 2 3; do
		ip netns exec client "$BIN/rawcap" -q eth0 >/dev/null &
		pid=$!
		wait_for 5 grep -q '^NoNewPrivs:.*1' /proc/$pid/status
		before=$(on_cpu $pid)
		"$BIN/rawinject" -q eth0 <"$1"
		sleep 0.2
		echo $(($(on_cpu $pid) - before)) | awk '{ print $1 / 1e9 }'
		stop $pid
	done 2>/dev/null | each "$2"
}

row_stages() {
	local size count s
	told <<-HEAD

	Each stage alone: ns of CPU a frame (million frames/s), rawcap and
	rawinject with what the kernel does for them.

	| frames of | 64 bytes | 1514 | 64 KiB |
	|---|---|---|---|
	HEAD
	declare -A got
	for s in "64 200000" "1514 200000" "65549 10000"; do
		read -r size count <<<"$s"
		"$out/frames" "$size" "$count" >"$T/frames"
		got[$size,inject]=$(alone "rawinject -q eth0" "$count" \
		    "$T/frames")
		got[$size,capture]=$(captured "$T/frames" "$count")
		for s in rawcap\ - impair ptee icmp-phantom "tcpfsm -qq -f $T/small"; do
			got[$size,$s]=$(alone "$s" "$count" "$T/frames")
		done
	done
	stage_line "rawcap, from an interface" capture
	stage_line "rawinject" inject
	stage_line "rawcap, from a stream" "rawcap -"
	stage_line "impair without words" impair
	stage_line "ptee" ptee
	stage_line "icmp-phantom" icmp-phantom
	stage_line "tcpfsm, for others" "tcpfsm -qq -f $T/small"
	rm "$T/frames"
}
stage_line() {
	echo "| $1 | ${got[64,$2]} | ${got[1514,$2]} | ${got[65549,$2]} |" | told
}

# wakes PID... - times that they have begun to wait
wakes() {
	local p
	for p; do
		cat "/proc/$p/status"
	done | awk '/^voluntary/ { n += $2 } END { print n + 0 }'
}

row_idle() {
	local before
	begin_phantom -f "$T/small"
	sleep 1
	# shellcheck disable=SC2086
	before=$(wakes $ghost)
	sleep 3
	# shellcheck disable=SC2086
	printf '\nAn idle line: %d wake-ups in 3 s.\n' \
	    $(($(wakes $ghost) - before)) | told
	phantom_end
}

row_scale() { { echo; "$ROOT/tests/bench/scale"; } | told; }

# row_film - a browser draws a film of 20,000 segments, on every CPU
row_film() {
	have chromium || return
	head -c 26500000 "$T/big" >"$T/part"
	pipe-switch -q -T -S 1 --until c --pcap "$T/all.pcap" \
	    --in 'c:loss 1%' --out 'c:delay 10ms' \
	    s=10:"exec tcpfsm -q -T -S 2 -v -f $T/part \
		-l $T/film.log" \
	    c=10:"exec tcpfsm -q -T -S 3 -s 10.0.0.9 -c 10.0.0.5:80 -g phantom \
		-o /dev/null" 2>/dev/null
	tcp-film -l "$T/film.log" "$T/all.pcap" >"$T/film.html"
	{
		echo
		taskset -c "0-$(($(nproc) - 1))" python3 \
		    "$ROOT/tests/bench/film.py" "$T" "$T/film.html"
	} | told
	rm "$T/part" "$T/all.pcap" "$T/film.log" "$T/film.html"
}

# row_captures - what the readers of captures take for a gigabyte
row_captures() {
	{
		echo
		echo "| 1 GB | seconds | of CPU | MB at the peak |"
		echo "|---|---|---|---|"
		python3 "$ROOT/tests/bench/captures.py" "$T/capture"
	} | told
}

# ---- stages that poll before they sleep, and two pipelines

# each_line - $pipelines of them, with $spin; each has its share of the flows
each_line() {
	local i
	for ((i = 1; i < pipelines; i++)); do
		one_line $i "$@" &
	done
	one_line '' "$@"
	wait
}
one_line() {
	local i=$1 group=''
	shift
	[ $pipelines = 1 ] || group='-G 7'
	# shellcheck disable=SC2086
	(stage rawcap$i rawcap $group --spin $spin eth0) |
	    (stage tcpfsm$i tcpfsm -l "$T/log$i" --spin $spin "$@") |
	    (stage rawinject$i rawinject --spin $spin eth0)
}

spin_turns() { # NAME SIDE "PID..." ADDRESS
	local i
	for ((i = 0; i < rounds; i++)); do
		sample "spin-one-$1" "$2" "$3" "$4" 80 2000 1
		sample "spin-many-$1" "$2" "$3" "$4" 80 8000 16
	done
}
spin_line() { # WHAT NAME SIDE
	local k n line="| $1 |"
	for k in one:per_s one:answer many:per_s one:server many:server; do
		n=1
		[ $k != one:server ] || n=2000000
		[ $k != many:server ] || n=8000000
		line="$line $(values "spin-${k%:*}-$2" "$3" "${k#*:}" | median |
		    awk -v n=$n '{ printf "%.0f", $1 / n }') |"
	done
	told <<<"$line"
}
row_spin() {
	local pipelines spin opt i
	told <<-HEAD

	Connections of 100 bytes; CPU of the server, us a connection.

	| | one after another, /s | request to answer, us | 16 at once, /s | CPU | CPU, 16 at once |
	|---|---|---|---|---|---|
	HEAD
	begin_kernel "$T/small" 80
	spin_turns kernel kernel "$kernel" 10.0.1.5
	spin_line "the kernel" kernel kernel
	stop $kernel
	for opt in '1 0' '1 50us' '1 200us' '2 0' '2 200us'; do
		read -r pipelines spin <<<"$opt"
		LINE=each_line phantom -f "$T/small"
		wait_for 5 packet_sockets $((1 + 2 * pipelines))
		ghost=$(cat "$T"/{rawcap,tcpfsm,rawinject}*.pid)
		ghost=${ghost//$'\n'/ }
		spin_turns "${opt// /-}" phantom "$ghost" 10.0.0.5
		spin_line "$pipelines, --spin $spin" "${opt// /-}" phantom
		for ((i = 1; i < pipelines; i++)); do
			kill "$(cat "$T/rawcap$i.pid")"
		done
		phantom_end
		rm -f "$T"/{rawcap,tcpfsm,rawinject}?.pid
	done
}
