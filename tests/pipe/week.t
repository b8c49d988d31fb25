#!/bin/bash
# A week of a net of hosts on the clock of its packets: sparse scans, each
# answered as on the first day, and no more memory on the seventh.
. "${0%/*}/../tap.sh"
need python3
scratch
cat >"$T/net.conf" <<'END'
default tcp closed
host 10.0.0.0/24 os linux uptime 45d
    tcp 22 open
host 10.0.1.0/24 os cisco-ios
    tcp 23 open
host 10.0.2.0/24
    tcp open
END
cat >"$T/week.py" <<'END'
import resource, struct, subprocess, sys

days, program, conf, log = int(sys.argv[1]), *sys.argv[2:]

def sum16(b):
    s = sum(struct.unpack('!%dH' % (len(b) // 2), b))
    s = (s & 0xffff) + (s >> 16)
    return ~((s & 0xffff) + (s >> 16)) & 0xffff

def syn(n):
    dst = bytes((10, 0, n % 3, n // 3 % 253 + 1))
    src = bytes((192, 0, n // 250 % 200, n % 250 + 1))
    port = (22, 23, 80)[n // 7 % 3]
    tcp = struct.pack('!HHIIBBHHH', 1024 + n % 60000, port, n * 7919, 0,
        0xa0, 2, 1024, 0, 0)
    tcp += bytes((2, 4, 5, 0xb4, 4, 2, 8, 10)) + struct.pack('!II', n, 0)
    tcp += bytes((1, 3, 3, 7))
    c = sum16(src + dst + struct.pack('!HH', 6, len(tcp)) + tcp)
    tcp = tcp[:16] + struct.pack('!H', c) + tcp[18:]
    ip = struct.pack('!BBHHHBBH', 0x45, 0, 20 + len(tcp), n % 65536, 0, 64,
        6, 0) + src + dst
    ip = ip[:10] + struct.pack('!H', sum16(ip)) + ip[12:]
    return b'\2\x50' + dst + b'\2\0\0\0\0\1' + b'\10\0' + ip + tcp

p = subprocess.Popen([program, '-T', '-qq', '--hosts', conf],
    stdin=subprocess.PIPE, stdout=subprocess.PIPE)
if p.stdout and (__import__('os').fork() == 0):
    p.stdin.close()
    n = 0
    while True:
        b = p.stdout.read(1 << 16)
        n += len(b)
        if not b:
            open(log, 'w').write(str(n))
            __import__('os')._exit(0)
p.stdout.close()
w = p.stdin
w.write(struct.pack('<IHHiIII', 0xa1b23c4d, 2, 4, 0, 0, 262144, 1))
for n in range(days * 8640):
    f = syn(n)
    w.write(struct.pack('<IIII', 1763640000 + n * 10, 0, len(f), len(f)) + f)
w.close()
status = p.wait()
print(status, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
END
run() {
	timeout 60 python3 "$T/week.py" "$1" "$BIN/tcpfsm" "$T/net.conf" \
	    "$T/bytes.$1" 2>&1
}
read -r s1 rss1 <<<"$(run 1)"
read -r s7 rss7 <<<"$(run 7)"
is 'both end in order' "$s1 $s7" '0 0'
is 'no more memory after a week' "$((rss7 <= rss1 + 1024))" 1 ||
    diag <<<"a day: $rss1 KiB, a week: $rss7 KiB"
wait_for 10 eval '[ -s "$T/bytes.1" ] && [ -s "$T/bytes.7" ]'
b1=$(cat "$T/bytes.1") b7=$(cat "$T/bytes.7")
is 'each day is answered as the first' \
    "$((b7 > 69 * b1 / 10 && b7 < 71 * b1 / 10))" 1 ||
    diag <<<"a day: $b1 bytes, a week: $b7"
done_testing
