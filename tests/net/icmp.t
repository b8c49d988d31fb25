#!/bin/bash
# Ping, traceroute, nmap and the kernel's own sockets find in a phantom what
# they find in a host. icmp-phantom stands beside tcpfsm, each with a rawcap of
# its own.
. "${0%/*}/../lab.sh"
lab "$@"
need ping python3

# icmp ICMP-PHANTOM'S ARGUMENTS... - the line, a tee before and behind it
icmp() {
	[ "$arp" ] || claim
	rm -f "$T/icmp.log"
	(
		(stage icmp_cap rawcap -q -t icmp,udp eth0) | tee "$T/in" |
		    (stage icmp icmp-phantom -l "$T/icmp.log" "$@") |
		    tee "$T/out" | (stage icmp_inject rawinject -q eth0)
	) &
	icmp=$!
	began+=("$icmp")
	wait_for 20 eval '[ -s "$T/icmp.log" ] && packet_sockets 3'
}

icmp_end() {
	kill "$(cat "$T/icmp_cap.pid")"
	wait_for 20 gone $icmp
	wait $icmp
}

# asks ARGUMENTS... - ping's own count
asks() { client ping -n -i 0.2 -W 5 "$@" | grep -o '[0-9]* received'; }

icmp -v
for a in $V4 $V6; do
	is "ping $a" "$(asks -c 3 $a)" '3 received'
	is "ping -s 65507 $a" "$(asks -c 2 -s 65507 $a)" '2 received'
	is "ping -s 1372 -M do $a" "$(asks -c 1 -s 1372 -M "do" $a)" '1 received'
	is "TTL 64 from $a" "$(client ping -n -c 1 $a | grep -o 'ttl=[0-9]*')" \
	    ttl=64
done
is 'every byte of the largest ping comes back as it was' \
    "$(client ping -n -c 1 -s 65507 -p 0123456789abcdef $V4 |
    grep -c -e wrong -e corrupt)" 0
like_pings() { grep -c "answer kind=echo len=65507 ttl=64 id=" "$T/icmp.log"; }
wait_for 5 eval '[ "$(like_pings)" -ge 5 ]'
is 'each answer is told' "$(like_pings)" 5

# ---- service, marks and codes: what the kernel beside it answers
cat >"$T/odd.py" <<'END'
import socket, struct, sys
s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
s.settimeout(10)
s.connect((sys.argv[1], 0))
for kind, n in (8, 8), (13, 12):
	for tos in 0, 3, 0x1e, 0xb9:
		for code in 0, 3:
			m = struct.pack("!BBHHH", kind, code, 0, 77, tos) + bytes(n)
			total = sum(struct.unpack("!%dH" % (len(m) // 2), m))
			total = (total & 0xffff) + (total >> 16)
			s.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, tos)
			s.send(m[:2] + struct.pack("!H", total ^ 0xffff) + m[4:])
			while True:
				p = s.recv(100)
				if p[20] != kind and p[24:28] == m[4:8]:
					break
			print("%d.%d tos %#x" % (p[20], p[21], p[1]), end=" ")
END
ip addr add 10.0.0.1/24 dev eth0
is 'the codes and marks of the kernel beside it' \
    "$(client python3 "$T/odd.py" $V4)" "$(client python3 "$T/odd.py" 10.0.0.1)"
ip addr del 10.0.0.1/24 dev eth0

# ---- UDP: what the kernel makes of it
cat >"$T/refused.py" <<'END'
import socket, sys
for a in sys.argv[1:]:
	for n in 0, 3, 1400, 60000:
		s = socket.socket(socket.AF_INET6 if ":" in a else
		    socket.AF_INET, socket.SOCK_DGRAM)
		s.settimeout(10)
		s.connect((a, 4242))
		s.send(b"x" * n)
		try:
			s.recv(1)
		except ConnectionRefusedError:
			print("refused", end=" ")
END
is "the kernel's sockets are refused, up to 60000 bytes" \
    "$(client python3 "$T/refused.py" $V4 $V6 | wc -w)" 8

# ---- traceroute ends here
# hops ARG... - who answered traceroute, and how often: it waits for each answer
# as long, not three times the time of another only
hops() {
	client timeout 60 traceroute -n -w 5,0,0 "$@" 2>&1 | awk '$1 == 1 { print $2, (NF - 2) / 2 }'
}
if have traceroute; then
	for a in $V4 $V6; do
		is "traceroute $a" "$(hops $a)" "$a 3"
		is "traceroute -I $a" "$(hops -I $a)" "$a 3"
	done
else
	skip 'traceroute' traceroute
fi
if have tracepath; then
	for a in $V4 $V6; do
		is "tracepath $a" "$(client timeout 60 tracepath -n $a |
		    awk '/reached/ { print $2; exit }')" $a
	done
else
	skip 'tracepath' tracepath
fi

# ---- nmap
if have nmap; then
	nm() { client timeout 60 nmap -n -oG - "$@" 2>&1; }
	for p in -PE -PP -PU; do
		is "nmap -sn $p without ARP" \
		    "$(nm -sn $p --disable-arp-ping $V4 |
		    grep -o 'Status: .*')" 'Status: Up'
	done
	is 'nmap -sn -6 -PE' "$(nm -6 -sn -PE --send-ip $V6 |
	    grep -o 'Status: .*')" 'Status: Up'
	for a in $V4 "-6 $V6"; do
		# shellcheck disable=SC2086
		is "nmap -sU $a" "$(nm -sU -p 53,123 $a | grep -o '[0-9]*/[a-z]*/udp' |
		    xargs)" '53/closed/udp 123/closed/udp'
	done
else
	skip 'nmap' nmap
fi
kill -USR1 "$(cat "$T/icmp.pid")"
wait_for 5 test -s "$T/icmp.err"
is 'SIGUSR1: the summary' "$(sed 's/[1-9][0-9]*/N/g' "$T/icmp.err")" \
    'icmp-phantom: N echo replies, N port unreachable, 0 packets dropped'
icmp_end
is 'the line ends in order' $? 0
is 'rights are given up' "$(grep -c \
    'rights=uid:[0-9]*,caps:none,seccomp:o' "$T/icmp.log")" 1

# ---- what was sent, read by another
if have tshark; then
	is 'tshark finds no wrong checksum, nothing malformed in it' \
	    "$(tshark -r "$T/out" -o ip.check_checksum:TRUE -Y '_ws.malformed ||
		ip.checksum.status == "Bad" || icmp.checksum.status == "Bad" ||
		icmpv6.checksum.status == "Bad" ||
		_ws.expert.severity == error' 2>&1 | grep -v '^Running as')" ''
	is 'as many echo replies as the log tells' \
	    "$(tshark -r "$T/out" -Y 'icmp.type == 0' 2>/dev/null |
	    wc -l)" "$(grep -c '^[^ ]* 10.*kind=echo' "$T/icmp.log")"
	is 'nothing longer than the MTU' "$(tshark -r "$T/out" \
	    -Y 'frame.len > 1514' 2>/dev/null)" ''
else
	skip 'tshark' tshark
fi

# ---- an open port, and limits
icmp -p 4242 --echo-rate 10
is '-p: an open port is left to others' "$(client timeout 5 python3 -c '
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(0.5)
s.connect(("10.0.0.5", 4242))
s.send(b"x")
try:
	s.recv(1)
except TimeoutError:
	print("silence")')" silence
got=$(client timeout 20 ping -n -q -c 500 -i 0.002 -W 1 $V4 |
    grep -o '[0-9]* received')
is '--echo-rate: most of a storm goes unanswered' \
    "$([ "${got% *}" -ge 10 ] && [ "${got% *}" -lt 400 ] && echo yes)" yes
icmp_end
is 'and is told in few lines' \
    "$(grep -c 'drop why=rate count=' "$T/icmp.log" | awk '{ print ($1 < 20) }') \
$(grep -c ' end .*dropped=[1-9]' "$T/icmp.log")" '1 1'

# ---- beside tcpfsm
icmp
phantom -f examples/resp.txt
if have curl && have traceroute; then
	is 'beside tcpfsm: ping' "$(asks -c 2 $V4)" '2 received'
	is 'beside tcpfsm: curl' "$(client curl -si --max-time 10 "$(url $V4)" |
	    md5)" "$(md5 examples/resp.txt)"
	is 'beside tcpfsm: traceroute -T' "$(hops -T $V4)" "$V4 3"
	is 'beside tcpfsm: traceroute' "$(hops $V4)" "$V4 3"
else
	skip 'beside tcpfsm' 'curl or traceroute'
fi
phantom_end
icmp_end
done_testing
