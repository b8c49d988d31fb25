#!/bin/bash
# TCP Fast Open with the kernel's TCP on the other side, RFC 7413: the kernel
# as the client of a phantom, and as the server of tcpfsm -c; a cookie is asked
# for, and used by the next connection, over v4 and v6.
. "${0%/*}/../lab.sh"
lab "$@"
need python3 nstat
ME=10.0.0.7 ME6=fd00::7
client sysctl -qw net.ipv4.tcp_fastopen=3 \
    net.ipv4.tcp_fastopen_blackhole_timeout_sec=0 2>/dev/null ||
    skip_all 'the kernel has no Fast Open to set here'
head -c 20000 /dev/urandom >"$T/file"
printf 'GET / HTTP/1.0\r\n\r\n' >"$T/request"

# count NAME - what the client's kernel has counted
count() { client nstat -asz "TcpExtTCPFastOpen$1" | awk 'NR == 2 { print $2 }'; }

cat >"$T/ask.py" <<'P'
import socket, sys
addr, port = sys.argv[1], int(sys.argv[2])
f = socket.AF_INET6 if ':' in addr else socket.AF_INET
s = socket.socket(f, socket.SOCK_STREAM)
s.sendto(b'GET / HTTP/1.0\r\n\r\n', socket.MSG_FASTOPEN, (addr, port))
s.shutdown(socket.SHUT_WR)
while True:
    b = s.recv(65536)
    if not b:
        break
    sys.stdout.buffer.write(b)
P
cat >"$T/serve.py" <<'P'
import socket, sys
s = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.setsockopt(socket.IPPROTO_TCP, socket.TCP_FASTOPEN, 16)
s.bind(('::', 7000))
s.listen(16)
body = open(sys.argv[1], 'rb').read()
while True:
    c, a = s.accept()
    c.recv(65536)
    c.sendall(body)
    c.close()
P

# early - the data of the last SYN of the log was acknowledged by its SYN-ACK
early() {
	awk '/ segment / && / flags=S / { split($0, a, " len="); split(a[2], b, " "); n = b[1] }
	    END { print (n > 0 ? "data" : "none") }' "$T/log"
}

# ---- the kernel asks
phantom --fastopen -v -d 0 -f "$T/file"
for a in $V4 $V6; do
	before=$(count Active)
	client timeout 20 python3 "$T/ask.py" "$a" 80 >"$T/got"
	is "the kernel asks for a cookie, $a" "$(md5 "$T/got") $(early)" \
	    "$(md5 "$T/file") none"
	client timeout 20 python3 "$T/ask.py" "$a" 80 >"$T/got"
	is "its next request is on the SYN, $a" "$(md5 "$T/got") $(early)" \
	    "$(md5 "$T/file") data"
	is "and counts as taken, $a" $(($(count Active) - before)) 1
done
is 'no other was lost or refused' "$(count ActiveFail)" 0
if curl --help all 2>/dev/null | grep -q tcp-fastopen; then
	client curl -s -m 20 --http0.9 --tcp-fastopen -o "$T/got" "$(url "$V4")"
	is 'curl --tcp-fastopen' "$(md5 "$T/got") $(early)" \
	    "$(md5 "$T/file") data"
fi
phantom_end
phantom -v -d 0 -f "$T/file"
client timeout 20 python3 "$T/ask.py" "$V4" 80 >"$T/got"
is 'a phantom without it takes no data, and all arrives' \
    "$(md5 "$T/got") $(count ActiveFail)" "$(md5 "$T/file") 1"
phantom_end

# ---- the kernel answers
begin client python3 "$T/serve.py" "$T/file"
listening() { client ss -Hltn "sport = :7000" | grep -q .; }
wait_for 10 listening

# call TCPFSM'S ARGUMENTS...
call() {
	rm -f "$T/log" "$T/got"
	rawcap eth0 2>/dev/null |
	    timeout 40 tcpfsm -v -l "$T/log" -o "$T/got" "$@" 2>"$T/err" |
	    rawinject -q eth0
	return "${PIPESTATUS[1]}"
}

for a in 10.0.0.9 fd00::9; do
	me=$ME
	[ $a = fd00::9 ] && me=$ME6
	b=$(bracket "$a")
	before=$(count Passive)
	call --fastopen --cookies "$T/cookies" -c "$b:7000" -s "$me" \
	    -f "$T/request"
	is "tcpfsm -c asks for a cookie, $a" \
	    "$? $(md5 "$T/got") $(early)" "0 $(md5 "$T/file") none"
	is "and keeps it, $a" "$(grep -c "^$me $a 7000 " "$T/cookies")" 1
	call --fastopen --cookies "$T/cookies" -c "$b:7000" -s "$me" \
	    -f "$T/request"
	is "its next request is on the SYN, $a" \
	    "$? $(md5 "$T/got") $(early) $(($(count Passive) - before))" \
	    "0 $(md5 "$T/file") data 1"
done
sed -i 's/ [0-9a-f]* 0$/ 0123456789abcdef 0/' "$T/cookies"
call --fastopen --cookies "$T/cookies" -c 10.0.0.9:7000 -s $ME -f "$T/request"
is 'a cookie that is not good: the request follows the ACK' \
    "$? $(md5 "$T/got") $(grep -c 'why=syn-data' "$T/log")" \
    "0 $(md5 "$T/file") 1"
tcpfsm --fastopen --cookies "$T/none/such" -c 10.0.0.9:7000 -s $ME \
    </dev/null 2>"$T/err" >/dev/null
is 'a file that cannot be made' "$? $(cat "$T/err")" \
    "2 tcpfsm: open $T/none/such: No such file or directory"
done_testing
