#!/bin/bash
# tcpfsm -r --all: the UDP of a capture is played turn by turn. Real clients
# ask: dig, whose questions have numbers of their own, and a socket.
LAB_UID=1000
. "${0%/*}/../lab.sh"
lab "$@"
need python3 dig
python3 - "$T" <<'EOF'
import struct
import sys

def cksum(b):
    s = sum(struct.unpack(">%dH" % (len(b) // 2), b))
    return ~((s % 0xffff) or (0xffff if s else 0)) & 0xffff

def udp(src, dst, sport, dport, data, vlan=b""):
    u = struct.pack(">HHHH", sport, dport, 8 + len(data), 0) + data
    if len(src) == 16:
        return M + vlan + b"\x86\xdd" + struct.pack(
            ">IHBB", 6 << 28, len(u), 17, 64) + src + dst + u
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(u), 0, 0, 64, 17, 0)
    ip += src + dst
    return (M + vlan + b"\x08\x00" + ip[:10] + struct.pack(">H", cksum(ip)) +
            ip[12:] + u)

def question(n, name, kind):
    q = b"".join(bytes([len(x)]) + x for x in name.split(b".")) + b"\0"
    return struct.pack(">6H", n, 0x0120, 1, 0, 0, 0) + q + struct.pack(
        ">2H", kind, 1)

def answer(q, rdata):
    kind = q[-4:-2]
    return q[:2] + b"\x81\x80" + q[4:6] + b"\0\x01\0\0\0\0" + q[12:] + \
        b"\xc0\x0c" + kind + b"\0\x01\0\0\0\x3c" + struct.pack(
            ">H", len(rdata)) + rdata

M = b"\x02\0\0\0\0\x05\x02\0\0\0\0\x09"
A, B = b"\xc0\0\2\x09", b"\xc0\0\2\x05"
A6 = b"\x20\1\x0d\xb8" + bytes(11) + b"\x09"
B6 = b"\x20\1\x0d\xb8" + bytes(11) + b"\x05"
out, now = [], 0

def add(frame, ms=10):
    global now
    now += ms
    out.append(struct.pack("<4I", 1763640000 + now // 1000,
                           now % 1000 * 1000, len(frame), len(frame)) + frame)

def turn(port, q, answers, src=A, dst=B, sport=5353, ms=10):
    add(udp(src, dst, sport, port, q))
    for a in answers:
        add(udp(dst, src, port, sport, a), ms)

one, two = question(7, b"one.example", 1), question(8, b"two.example", 1)
six = question(9, b"one.example", 28)
turn(53, one, [answer(one, b"\xc6\x33\x64\1")])
turn(53, two, [])  # it was lost: the client asks once more
turn(53, two, [answer(two, b"\xc6\x33\x64\2")])
turn(53, one, [answer(one, b"\xc6\x33\x64\3")], sport=5354)
turn(53, six, [answer(six, A6)], src=A6, dst=B6)
turn(7000, b"hello", [b"first", b"second"], ms=400)
turn(7000, b"bye", [b"end"])
turn(7001, b"silence", [])
add(udp(B, A, 123, 9999, b"nobody has asked"))
open(sys.argv[1] + "/udp.pcap", "wb").write(struct.pack(
    "<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1) + b"".join(out))
EOF
ask() { client dig +noall +answer +noedns +nocookie +time=9 +tries=1 "$@" |
	awk '$1 !~ /^;/ { print $4, $5 }'; }
# say_to PORT TEXT [N] - what comes back: so many answers, and what may follow
say_to() {
	client python3 -c 'import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.connect((sys.argv[1], int(sys.argv[2])))
s.send(sys.argv[3].encode())
try:
    for i in range(9):
        s.settimeout(10 if i < int(sys.argv[4]) else 1)
        sys.stdout.write(s.recv(999).decode())
except OSError:
    pass' $V4 "$1" "$2" "${3:-1}"
}

phantom -r "$T/udp.pcap" --all
is 'dig gets the answer under its own number' "$(ask @$V4 one.example)" \
    'A 198.51.100.1'
is 'another question, its own answer' "$(ask @$V4 two.example)" \
    'A 198.51.100.2'
is 'the same once more: the next one of the capture' \
    "$(ask @$V4 one.example)" 'A 198.51.100.3'
is 'behind the last one it begins again' "$(ask @$V4 one.example)" \
    'A 198.51.100.1'
is 'over IPv6' "$(ask @$V6 one.example AAAA)" 'AAAA 2001:db8::9'
is 'two answers to one request' "$(say_to 7000 hello 2)" 'firstsecond'
is 'a request that is not in the capture gets the next turn of the port' \
    "$(say_to 7000 what 2) $(say_to 7000 what)" 'firstsecond end'
is 'a port without an answer says nothing' "$(say_to 7001 silence 0)" ''
is 'the log: requests as recorded, and others' "$(
	awk '$4 == "turn" { print $7, $8 }' "$T/log" | sort | uniq -c | xargs)" \
    '1 answers=0 same=yes 1 answers=1 same=no 5 answers=1 same=yes 1 '\
'answers=2 same=no 1 answers=2 same=yes'
phantom_end
is 'its last line' "$(grep -o 'udp_.*' "$T/log")" 'udp_requests=9 '\
'udp_as_recorded=7 udp_refused=0 udp_answers=10'

phantom -r "$T/udp.pcap" --all --pauses
begun=$(date +%s%N)
is 'with --pauses' "$(say_to 7000 hello 2)" 'firstsecond'
took=$((($(date +%s%N) - begun) / 1000000))
ok 'they come when they came' [ $took -ge 800 ]
phantom_end
is 'without --all it tells how' "$(tcpfsm -r "$T/udp.pcap" </dev/null 2>&1 |
    cat -v | tail -n 1 | sed 's/.*pcap: //')" \
    'no TCP connection is in it; --all plays its UDP'
is 'the client'"'"'s side too' "$(tcpfsm -s 10.0.0.9 -c 10.0.0.5 --all \
    -r "$T/udp.pcap" </dev/null 2>&1 | cat -v | tail -n 1 |
    sed 's/.*first that cannot, //; s/.*played; //')" \
    "no TCP connection is in it; the server's side plays its UDP"
done_testing
