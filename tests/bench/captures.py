"""captures.py FILE [BYTES] - a capture of a gigabyte, or so many bytes: 200
downloads at once, an ACK for each three segments, one of 1000 twice; then what
each reader of captures takes for it: seconds, of them CPU, and memory at its
peak. The programs are those of PATH; the file is removed."""
import os
import random
import struct
import subprocess
import sys
import time

CONNS, MSS = 200, 1448
SYN_OPTIONS = b"\2\4\5\xb4\4\2\1\3\3\7\1\1"
ENDS = [b"\x0a\0\0\x05", b"\x0a\0\0\x09"]
chance = random.Random(1)
data = chance.randbytes(MSS)


class Capture:
    def __init__(self, f):
        self.f, self.now, self.id, self.size = f, 10**18, [1, 1], 24
        f.write(struct.pack("<IHHIIII", 0xa1b23c4d, 2, 4, 0, 0, 262144, 1))

    def segment(self, who, port, seq, ack, flags, n=0, options=None):
        self.now += 1200
        self.id[who] = self.id[who] % 65535 + 1
        ms = self.now // 10**6 & 0xffffffff
        o = options or b"\1\1\x08\x0a" + struct.pack(">II", ms, ms - 5)
        ports = (80, port) if who == 0 else (port, 80)
        p = bytes(12) + b"\x08\0" + struct.pack(
            ">BBHHHBBH", 0x45, 0, 40 + len(o) + n, self.id[who], 0x4000, 64, 6,
            0) + ENDS[who] + ENDS[1 - who] + struct.pack(
            ">HHIIBBHHH", *ports, seq & 0xffffffff, ack & 0xffffffff,
            5 + len(o) // 4 << 4, flags, 60000, 0, 0) + o + data[:n]
        self.f.write(struct.pack("<IIII", self.now // 10**9,
                                 self.now % 10**9, len(p), len(p)) + p)
        self.size += 16 + len(p)


def make(path, size):
    with open(path, "wb") as f:
        out = Capture(f)
        conns = []
        for port in range(20000, 20000 + CONNS):
            c, s = chance.getrandbits(32), chance.getrandbits(32)
            out.segment(1, port, c, 0, 2, options=SYN_OPTIONS)
            out.segment(0, port, s, c + 1, 18, options=SYN_OPTIONS)
            out.segment(1, port, c + 1, s + 1, 24, 200)
            conns.append([port, c + 201, s + 1])
        while out.size < size:
            x = conns[chance.randrange(CONNS)]
            for _ in range(3):
                for _ in range(1 + (chance.random() < .001)):
                    out.segment(0, x[0], x[2], x[1], 16, MSS)
                x[2] += MSS
            out.segment(1, x[0], x[1], x[2], 16)
        for port, c, s in conns:
            out.segment(0, port, s, c, 17)
            out.segment(1, port, c, s + 1, 17)
            out.segment(0, port, s + 1, c + 1, 16)


def measure(what, command):
    from_ = time.time()
    pid = subprocess.Popen(command, shell=True, stdin=subprocess.DEVNULL,
                           stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL).pid
    _, _, used = os.wait4(pid, 0)
    print("| %s | %.2f | %.2f | %.0f |" % (
        what, time.time() - from_, used.ru_utime + used.ru_stime,
        used.ru_maxrss / 1024))


path = sys.argv[1]
make(path, int(sys.argv[2]) if len(sys.argv) > 2 else 10**9)
for what, command in (
        ("ladder", "exec ladder %s"), ("ladder --list", "exec ladder --list %s"),
        ("tcp-show", "exec tcp-show <%s"), ("seqplot", "exec seqplot %s"),
        ("pcapnote --marks", "exec pcapnote -q --marks %s"),
        ("rawcap -r", "exec rawcap -q -r %s"),
        ("impair -T", "exec impair -q -T <%s"),
        ("tcpfsm -r --stream 5", "exec tcpfsm -l /dev/null --stream 5 -r %s"),
        ("tcpfsm -r --all --capture-bytes 2000000000",
         "exec tcpfsm -l /dev/null --all --capture-bytes 2000000000 -r %s")):
    measure(what, command % path)
os.unlink(path)
