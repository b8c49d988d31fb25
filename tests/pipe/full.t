#!/bin/bash
# A reader that does not read, of packets or of words. A live stage goes on
# hearing and counts what finds no room; in packet time it waits. Both end at a
# signal, after a second for the reader, and say what was. When the reader does
# read at last, it gets all there is.
. "${0%/*}/../tap.sh"
need perl mkfifo
scratch
# of those that are not yet waited for
trap 'kill -KILL $feeder $stage $reader 2>/dev/null; rm -rf "$T"' EXIT

mkfifo "$T/in" "$T/out"
# 54,000 of each, more than pipes and queues hold of the answers
head -c 1000 /dev/zero >"$T/zeros"
tcp-craft -s 10.0.0.9:1 -c 10.0.0.5:80 flags A seq 1 ack 1 \
    datafile "$T/zeros" >"$T/ack"
icmp-ping -q -T -c 1 -w 0.1 -b 1000 -s 10.0.0.9 -m 02:50:0a:00:00:09 \
    -g 02:50:0a:00:00:05 - 10.0.0.5 </dev/null >"$T/ping" 2>"$T/said"
for i in ack ping; do
	# 100 us from each to the next: so many resets there are for one source
	perl -e 'local $/; my $s = <STDIN>; print substr($s, 0, 24);
	    for (1 .. 54000) {
		print pack("V2", 10 + $_ / 10000, $_ % 10000 * 100000),
		    substr($s, 32); }' <"$T/$i" >"$T/$i.many"
done

# as many SYNs of one host: to each there is an answer, however fast they come
perl -e '
    sub fold { my $s = 0; $s += $_ for unpack "n*", shift;
	$s = ($s & 0xffff) + ($s >> 16) while $s >> 16; ~$s & 0xffff }
    binmode STDOUT;
    print pack "V v v V V V V", 0xa1b23c4d, 2, 4, 0, 0, 262144, 1;
    my $ends = pack "H16", "0a0000090a000005";
    my $head = pack("H*", "02500a000005" . "02500a000009" . "0800") .
	pack("n4 C2", 0x4500, 40, 0, 0, 64, 6);
    my $ip = substr($head, 0, 24) . pack("n", fold(substr($head, 14) . $ends)) .
	$ends;
    for (1 .. 54000) {
	my $tcp = pack "n2 N2 n4", 1024 + $_, 80, $_, 0, 0x5002, 1000, 0, 0;
	substr $tcp, 16, 2, pack "n", fold($ends . pack("n2", 6, 20) . $tcp);
	print pack("V4", 10, $_ * 1000, 54, 54), $ip, $tcp;
    }' >"$T/syn.many"

# begin INPUT COMMAND... - its output into a pipe whose reader is descriptor 8
begin() {
	exec 8<>"$T/out"
	cat "$T/$1.many" >"$T/in" 7<&- 8<&- &
	feeder=$!
	shift
	"$@" <"$T/in" >"$T/out" 2>"$T/said" 7<&- 8<&- &
	stage=$!
}
# end - status of the stage, which has five seconds
end() {
	wait_for 5 gone $stage || kill -KILL $stage
	wait $stage
	local status=$?
	[ ! "$feeder" ] || { kill $feeder 2>/dev/null; wait $feeder; }
	stage='' feeder=''
	exec 8<&-
	echo $status
}
# live NAME HEARD DROPPED INPUT COMMAND... - it says the two, regular
# expressions
live() {
	local name=$1 heard=$2 dropped=$3
	shift 3
	exec 7<>"$T/in" # without an end
	begin "$@"
	ok "$name: hears all" wait_for 20 gone $feeder
	wait_for 5 drained "$T/in"
	sleep 0.2
	kill -TERM $stage
	end >"$T/status"
	exec 7<&-
	is "$name: ends at a signal" "$(cat "$T/status")" 0
	ok "$name: has heard" grep "$heard" "$T/said"
	ok "$name: counts what had no room" grep "$dropped" "$T/said"
}

# timed NAME INPUT COMMAND... - by the packets' time
timed() {
	local name=$1 want
	shift
	want=$("${@:2}" <"$T/$1.many" 2>/dev/null | md5)
	begin "$@"
	wait_for 5 minded $stage
	sleep 0.5
	ok "$name -T: waits" kill -0 $feeder
	kill -TERM $stage
	end >"$T/status"
	is "$name -T: ends at a signal" "$(cat "$T/status")" 0

	begin "$@"
	sleep 0.5
	cat <"$T/out" >"$T/got" 8<&- &
	reader=$!
	wait_for 20 gone $stage
	wait $stage
	is "$name -T: ends with its input" $? 0
	exec 8<&- # no writer is left
	wait $feeder $reader
	stage='' feeder='' reader=''
	is "$name -T: all is there" "$(md5 "$T/got")" "$want"
}

live tcpfsm ' frames=54000 ' ' output_dropped=[1-9]' \
    syn tcpfsm -q -f LICENSE
live icmp-phantom ' frames=54000 ' ' output_dropped=[1-9]' \
    ping icmp-phantom --echo-rate 1000000
live impair ' [1-9][0-9]* passed,' ', [1-9][0-9]* lost in a full queue' \
    ack impair
is 'impair: they are all that were' "$(awk '{
	for (i = 2; i < NF; i++)
		if ($i ~ /^passed/ || $i == "lost") sum += $(i - 1)
	print sum }' "$T/said")" 54000
timed tcpfsm ack tcpfsm -q -T -S 1 -f LICENSE
timed icmp-phantom ping icmp-phantom -T -S 1 --echo-rate 1000000
timed impair ack impair -T -S 1

# a recording leaves nothing out
mkfifo "$T/recording"
exec 9<>"$T/recording"
begin ack tcpfsm -q -R "$T/recording" -f LICENSE 9<&-
wait_for 5 minded $stage
sleep 0.5
ok 'recording: waits' kill -0 $feeder
kill -TERM $stage
end >"$T/status"
is 'recording: ends at a signal, and says that it is cut' \
    "$(cat "$T/status") $(
	grep -c "^tcpfsm: write $T/recording: .*the recording ends after" "$T/said")" '1 1'
exec 9<&-

# what comes at once where the input is at its end
begin ack impair -T -S 1 delay 100s limit 100000
ok 'impair delay -T: hears all' wait_for 20 gone $feeder
kill -TERM $stage
end >"$T/status"
is 'impair delay -T: ends at a signal' "$(cat "$T/status")" 0

# wordless COMMAND... - its stderr is full, and its input goes on
wordless() {
	exec 7<>"$T/in" 8<>"$T/out"
	fill "$T/out"
	"$@" <"$T/in" >/dev/null 2>"$T/out" 7<&- 8<&- &
	stage=$!
	wait_for 5 minded $stage
	sleep 0.3
	kill -TERM $stage
	end >"$T/status"
	ok "nobody reads the words of: $*" [ "$(cat "$T/status")" -le 1 ]
	exec 7<&-
}
wordless tcpfsm -f LICENSE
wordless icmp-phantom
wordless impair delay 1s
wordless ptee
wordless tcp-show
wordless icmp-ping -n -i 0.01 -s 10.0.0.9 -m 02:50:0a:00:00:09 \
    -g 02:50:0a:00:00:05 - 10.0.0.5
done_testing
