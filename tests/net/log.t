#!/bin/bash
# The event log joins with awk, and with the captures: one-liners as the
# README has them.
. "${0%/*}/../lab.sh"
lab "$@"
need curl iptables tshark perl
resp=examples/resp.txt

# readme START - the README's command that starts so, run where "log" is
readme() {
	local command
	command=$(awk -v start="    $1" 'index($0, start) == 1 { on = 1 }
	    on { print } on && / log$/ { exit }' README.md)
	(cd "$T" && sh -c "$command")
}
# each connection's states, in order; its retransmissions
states() { readme "awk '\$4 == \"state\""; }
again() { readme "awk '\$4 == \"retransmit\""; }

teed() {
	(stage rawcap rawcap eth0) | tee "$T/in" |
	    (stage tcpfsm tcpfsm -v -l "$T/log" "$@") | tee "$T/out" |
	    (stage rawinject rawinject eth0)
}
fins() { [ "$(grep -c ' close ' "$T/log")" -ge "$1" ]; }

LINE=teed phantom --md5 -f $resp
client curl -si -o /dev/null --max-time 20 "$(url $V4)"
client curl -si -o /dev/null --max-time 20 "$(url $V6 8080)"
wait_for 5 fins 2
# some of our super-frames get lost
client iptables -A INPUT -p tcp --sport 81 -m length --length 100: \
    -m statistic --mode nth --every 5 --packet 2 -j DROP
client curl -si -o "$T/got" --max-time 60 "$(url $V4 81)"
is 'a lossy download arrives' "$(md5 "$T/got")" "$(md5 $resp)"
wait_for 5 fins 3
sleep 0.1
phantom_end

is '--md5: what each connection was sent, by its digest' \
    "$(grep -o ' sent_md5=[^ ]*' "$T/log" | sort | uniq -c | xargs)" \
    "3 sent_md5=$(md5 $resp)"
said=$(tshark -r "$T/in" -Y 'tcp.dstport == 8080 && tcp.len > 0' -T fields \
    -e tcp.payload 2>/dev/null | perl -ne 'chomp; print pack("H*", $_)' | md5)
is 'and what it said' "$(sed -n \
    's/.*:8080 .* received_md5=\([^ ]*\).*/\1/p' "$T/log")" "$said"

path='SYN-RECEIVED ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT'
is 'a line a connection: its states in order' \
    "$(states | sed 's/:[0-9]* / /2' | sort)" \
    "10.0.0.5:80 10.0.0.9 $path
10.0.0.5:81 10.0.0.9 $path
[fd00::5]:8080 [fd00::9] $path"
is 'the retransmissions: the connection that lost has some' \
    "$([ "$(again | grep -c ' 10.0.0.5:81 ')" -gt 0 ] && echo yes)" yes
is 'their number is what close tells' "$(grep -c ':81 .* retransmit ' "$T/log")" \
    "$(sed -n 's/.*:81 .* close .*retransmits=\([0-9]*\).*/\1/p' "$T/log")"
echo "# $(again | wc -l) retransmissions"

# ---- columns
time='[0-9]+\.[0-9]{9}'
end='(-|[0-9.]+:[0-9]+|\[[0-9a-f:]+\]:[0-9]+)'
is 'every line has its columns' "$(grep -vE \
    "^$time $end $end [a-z0-9-]+( [a-z0-9_]+=[^ ]*)*\$" "$T/log")" ''
is 'the first line tells version, arguments and rights' \
    "$(sed -n '1s/=[^ ]*//gp' "$T/log" | cut -d ' ' -f 4-)" \
    'start version args rights'
is 'the last one the totals' "$(tail -n 1 "$T/log" |
    grep -c ' - - end .*frames=.* connections=3 ')" 1

# ---- times join the captures
if have tshark; then
	stamps() { # number, time of each packet
		tshark -r "$1" -T fields -e frame.number -e frame.time_epoch \
		    2>/dev/null
	}
	stamps "$T/in" >"$T/stamps-in"
	stamps "$T/out" >"$T/stamps-out"
	is 'what came in has number and time of its packet' "$(awk '
		NR == FNR { t[$1] = $2; next }
		$4 == "segment" && / dir=in / {
			n++
			f = $0
			sub(/.* frame=/, "", f)
			if (t[f + 0] != $1)
				print "packet " f " at " t[f + 0] ": " $0
		} END { if (n < 20) print n + 0 " lines" }' \
	    "$T/stamps-in" "$T/log")" ''
	is 'what went out has the time of its packet' "$(awk '
		NR == FNR { t[$2] = 1; next }
		$4 == "segment" && / dir=out / || $4 == "retransmit" {
			n++
			if (!($1 in t))
				print
		} END { if (n < 200) print n + 0 " lines" }' \
	    "$T/stamps-out" "$T/log")" ''
	is 'a state has the time of a packet that made it' "$(awk '
		FILENAME != ARGV[3] { t[$2] = 1; next }
		$4 == "state" && !($1 in t)' \
	    "$T/stamps-in" "$T/stamps-out" "$T/log")" ''
	is 'every packet of ours is in the log, and no more' \
	    "$(grep -c ' segment dir=out ' "$T/log")" \
	    "$(wc -l <"$T/stamps-out")"
else
	skip 'times join the captures' tshark
fi

# ---- as JSON, and less of it
one() { tcpfsm -T -S 1 -f $resp "$@" <"$T/in" >/dev/null; }
if have jq; then
	one -J -l "$T/json"
	one -l "$T/text"
	is 'JSON lines say the same events' \
	    "$(jq -r '[.local, .remote, .event] | join(" ")' "$T/json")" \
	    "$(cut -d ' ' -f 2-4 "$T/text")"
else
	skip 'JSON lines' jq
fi
one -q -l "$T/quiet"
tcpfsm -T -S 11 -q -l "$T/quiet" -f $resp <tests/pipe/golden/cubic.pcap \
    >/dev/null
is '-q: only that connections open, and how they end' \
    "$(awk '$2 != "-" { print $4, $4 == "state" ? $6 : "" }' "$T/quiet" |
	sort -u | xargs)" 'close state new=ESTABLISHED'
one -q -q 2>"$T/quiet"
is '-q -q: nothing' "$(cat "$T/quiet")" ''
done_testing
