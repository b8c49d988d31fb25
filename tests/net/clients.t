#!/bin/bash
# The mission's own line, with the clients that people have, over v4 and v6:
# every byte arrives, in the right order of closing.
. "${0%/*}/../lab.sh"
lab "$@"
resp=examples/resp.txt
want=$(md5 $resp)
get="GET /ghost.jpg HTTP/1.1\r\nHost: phantom\r\n\r\n"

# fetched WHAT PROGRAM COMMAND... - what it prints is the response
fetched() {
	local what=$1
	have "$2" || { skip "$what" "$2"; return; }
	shift 2
	is "$what" "$(timeout 30 ip netns exec client "$@" 2>"$T/said" |
	    md5)" "$want" || diag <"$T/said"
}

# says COMMAND... - the command, spoken to by a web client
says() {
	# shellcheck disable=SC2059
	printf "$get" | timeout 30 ip netns exec client "$@"
}

phantom -f $resp
for a in $V4 $V6; do
	u=$(url $a)
	b=$(bracket $a)
	fetched "curl gets the response from $a" curl curl -si "$u"
	fetched "wget, $a" wget wget -qO- --save-headers "$u"
	if have wget; then
		client wget -q -O "$T/ghost" "$u"
		is "wget's file is the picture, $a" "$(md5 "$T/ghost")" \
		    "$(sed '1,/^\r$/d' $resp | md5)"
	else
		skip "wget's file is the picture, $a" wget
	fi
	fetched "nc, silent, $a" nc nc -d $a 80
	fetched "nc that closes first and says nothing, $a" nc \
	    nc -N $a 80 </dev/null
	if have nc; then
		is "nc that speaks, $a" "$(says nc $a 80 | md5)" "$want"
		is "nc that speaks and closes first, $a" \
		    "$(says nc -N $a 80 | md5)" "$want"
	else
		skip "nc that speaks, $a" nc
		skip "nc that speaks and closes first, $a" nc
	fi
	fetched "socat, silent, $a" socat socat -u "TCP:$b:80" -
	if have socat; then
		is "socat that speaks and closes first, $a" \
		    "$(says socat -t 20 - "TCP:$b:80" | md5)" "$want"
	else
		skip "socat that speaks and closes first, $a" socat
	fi
done
fins() { [ "$(grep -c " close how=fin" "$T/log")" -ge "$1" ]; }

opened=$(awk '$4 == "state" && /new=SYN-RECEIVED/' "$T/log" | wc -l)
wait_for 5 fins "$opened"
closes=$(grep -c ' close how=fin' "$T/log")
is 'every connection was closed by FIN on both sides' "$closes" "$opened"
echo "# $closes connections, $(grep -c ' retransmit ' "$T/log") retransmits"

# ---- fifty at once, in a process group of their own
if have curl; then
	phantom_end
	phantom -f $resp
	client bash -c 'for i in $(seq 25); do
		for u; do
			curl -si --max-time 60 "$u" | md5sum &
		done
	done; wait' - "$(url $V4)" "$(url $V6)" >"$T/fifty"
	is '50 clients at once, v4 and v6: each gets the response' \
	    "$(cut -d ' ' -f 1 "$T/fifty" | sort | uniq -c | xargs)" \
	    "50 $want"
	is 'and 50 are closed by FIN' \
	    "$(wait_for 5 fins 50; grep -c ' close how=fin' "$T/log")" 50
	echo "# $(grep -c ' retransmit ' "$T/log") retransmits"
else
	skip '50 clients at once' curl
fi
phantom_end
is 'the line ends in order' $? 0

# ---- one port open
phantom -f $resp -p 80
if have nc; then
	for a in $V4 $V6; do
		is "-p 80: open, $a" "$(client nc -d $a 80 | md5)" "$want"
		client timeout 5 nc -v -d $a 81 >"$T/out" 2>"$T/said"
		is "-p 80: 81 is refused, $a" \
		    "$? $(grep -o 'Connection refused' "$T/said")" \
		    '1 Connection refused'
	done
else
	skip '-p 80' nc
fi
phantom_end

# ---- two lines for one address, each with its port: a client whose source
# port is the other line's is not reset by it
two_ports() {
	(stage rawcap2 rawcap -p 81 eth0) |
	    (stage tcpfsm2 tcpfsm -p 81 -l "$T/log2" "$@") |
	    (stage rawinject2 rawinject eth0) &
	second=$!
	(stage rawcap rawcap -p 80 eth0) |
	    (stage tcpfsm tcpfsm -p 80 -l "$T/log" "$@") |
	    (stage rawinject rawinject eth0)
	kill "$(cat "$T/rawcap2.pid")"
	wait $second
}
if have nc; then
	LINE=two_ports phantom -f $resp
	wait_for 10 packet_sockets 5
	for a in $V4 $V6; do
		is "port 80 from port 81, $a" \
		    "$(client timeout 20 nc -p 81 -d $a 80 | md5)" "$want"
		is "port 81 from port 80, $a" \
		    "$(client timeout 20 nc -p 80 -d $a 81 | md5)" "$want"
	done
	phantom_end
	is 'and neither line has reset anything' \
	    "$(cat "$T/log" "$T/log2" | grep -c how=reset) $(
	    cat "$T/log" "$T/log2" | grep -o ' resets=[0-9]*' | xargs)" \
	    '0 resets=0 resets=0'
else
	skip 'two lines for one address' nc
fi

# ---- short responses
have nc || skip_rest=1
: >"$T/empty"
printf x >"$T/one"
for f in empty one; do
	[ "$skip_rest" ] && { skip "a response: $f" nc; continue; }
	phantom -f "$T/$f"
	for a in $V4 $V6; do
		client timeout 20 nc -d $a 7 >"$T/out"
		is "a response: $f, a silent client, $a" \
		    "$? $(md5 "$T/out")" "0 $(md5 "$T/$f")"
		says nc -N $a 7 >"$T/out"
		is "a response: $f, one that speaks, $a" \
		    "$? $(md5 "$T/out")" "0 $(md5 "$T/$f")"
	done
	phantom_end
done
done_testing
