#!/bin/bash
# A net of 254 phantoms, each with a MAC and a system of its own where the file
# says so: a script of 50 lines finds nothing that they have in common.
. "${0%/*}/../lab.sh"
lab "$@"
need nmap python3 tshark
oui=(00:1b:21 3c:d9:2b 00:0c:29 b8:27:eb f4:39:09 00:80:77 00:1e:0b 44:d9:e7)
os=(linux windows-10 freebsd macos printer cisco-ios)
for ((i = 1; i < 255; i++)); do
	printf 'host 10.0.1.%d os %s mac %s:%02x:%02x:%02x uptime %dh\n' $i \
	    "${os[i % 6]}" "${oui[i % 8]}" $((i * 37 % 256)) \
	    $((i * 101 % 256)) $((i * 59 % 256)) $((i * i % 4999 + 1))
	echo '    tcp 80 open'
done >"$T/net.conf"
client ip addr add 10.0.1.0/23 dev eth0 2>/dev/null
client ip route replace 10.0.1.0/24 dev eth0
phantom_net
client "$BIN/rawcap" -qv -t tcp eth0 >"$T/seen.pcap" 2>"$T/rawcap" &
began+=($!)
listens() { grep -q uid "$T/rawcap"; }
wait_for 9 listens
client timeout 60 nmap -n -Pn -sT -T5 --min-rate 500 -p 80 10.0.1.1-254 \
    >"$T/nmap" 2>&1
is 'all are there' "$(grep -c '80/tcp open' "$T/nmap")" 254
# from one port, so that a number shows how it grows
for i in 1 2; do
	client python3 - <<-'END'
	import socket, struct
	for i in range(1, 255):
	    s = socket.socket()
	    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
	    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
	        struct.pack('ii', 1, 0)) # a reset: no TIME-WAIT
	    s.bind(('', 999))
	    s.settimeout(9)
	    s.connect(('10.0.1.%d' % i, 80))
	    s.close()
	END
done
sleep 1
tshark -r "$T/seen.pcap" -Y 'ip.src == 10.0.1.0/24 && tcp.flags.syn == 1' -T fields \
    -e ip.src -e eth.src -e ip.id -e ip.ttl -e tcp.seq_raw \
    -e tcp.options.timestamp.tsval -e frame.time_epoch -E separator=, \
    2>/dev/null | sort -u -k 1,1 -t , >"$T/seen" # a SYN-ACK for each
tshark -r "$T/seen.pcap" -Y 'tcp.srcport == 80 && tcp.dstport == 999 &&
    tcp.flags.syn == 1' -T fields -e ip.src -e tcp.seq_raw -e frame.time_epoch \
    -E separator=, 2>/dev/null >"$T/grown"

# common - what more than a tenth of the hosts have in common, that their
# systems do not give them: a value, or a difference to the next host's
common() {
	awk -F , '
	function number(hex, v, i) {
		for (i = 3; i <= length(hex); i++)
			v = v * 16 + index("0123456789abcdef", \
			    substr(hex, i, 1)) - 1
		return v + 0
	}
	function note(kind, v) { if (v != "") n[kind " " v]++ }
	{
		split($1, a, ".")
		split($2, m, ":")
		last = a[4]
		mac = m[4] m[5] m[6]
		id = number($3); seq = $5; ts = $6
		# the phantom-s own rule, and the address in the MAC
		if ($2 ~ /^02:50/) rule++
		if (m[6] == sprintf("%02x", last)) rule++
		# identifications of systems that count: 0 is no news
		if (id != 0) {
			note("id", id)
			note("id-step", (id - id0 + 65536) % 65536 " " last - l0)
			note("id-address", (id - last + 65536) % 65536)
			id0 = id
			counted++
		}
		note("seq", seq)
		note("seq-step", int((seq - seq0) / 1000000))
		note("seq-address", (seq % 65536) - last)
		if (ts != "") {
			note("ts", ts)
			note("ts-step", int((ts - ts0) / 60000))
			note("ts-boot", int(($7 * 1000 - ts) / 60000))
			ts0 = ts
		}
		seq0 = seq; l0 = last
	}
	END {
		if (rule > NR / 10) print "mac rule", rule
		for (k in n)
			if (n[k] > 25) print k, n[k]
	}' "$1"
}
is 'each answered' "$(wc -l <"$T/seen")" 254
is 'no two have one MAC' "$(cut -d , -f 2 "$T/seen" | sort -u | wc -l)" 254
is 'nothing in common' "$(common "$T/seen")" ''
# a clock of the RFC, one of Linux, one of FreeBSD, and none
is 'numbers grow in four ways' "$(awk -F , '
	!($1 in at) { at[$1] = $3; seq[$1] = $2; next }
	$2 != seq[$1] && !seen[$1]++ {
		d = ($2 - seq[$1] + 4294967296) % 4294967296 / ($3 - at[$1])
		if (d > 2e5 && d < 3e5) rfc++
		else if (d > 9e5 && d < 1.2e6) freebsd++
		else if (d > 14e6 && d < 17e6) linux++
		else any++
	}
	END { print (rfc > 100), (freebsd > 30), (linux > 30), (any > 20) }' "$T/grown")" '1 1 1 1'
# the test finds what it looks for
awk -F , -v OFS=, '{ $2 = "02:50:0a:00:01:01"; $3 = "0x0007"; print }' "$T/seen" >"$T/plain"
is 'where there is something, it is found' \
    "$(common "$T/plain" | grep -c -E '^(mac rule|id 7) ')" 2
done_testing
