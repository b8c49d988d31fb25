# replay_kinds.py DIRECTORY - conversations as captures have them: resent,
# disordered, recorded twice, cut, with one direction; DIRECTORY/KIND.pcap
import struct
import sys
import os

SYN, FIN, RST, PSH, ACK = 2, 1, 4, 8, 16
M = b"\x02\x50\x0a\x00\x00\x05\x02\x50\x0a\x00\x00\x09"
ASK, TELL = b"GET / HTTP/1.0\r\n\r\n", bytes(range(256)) * 12
top = sys.argv[1]


def cksum(b):
    b += b"\0" * (len(b) % 2)
    s = sum(struct.unpack(">%dH" % (len(b) // 2), b))
    return ~((s % 0xffff) or (0xffff if s else 0)) & 0xffff


class Conn:
    """two ends; segments are built in the order of sending"""

    def __init__(self, client=b"\x0a\0\0\x09", server=b"\x0a\0\0\x05",
                 cport=1000, sport=80, isn=99, shim=b"", ident=True):
        self.addr, self.port = [client, server], [cport, sport]
        self.nxt = [isn, isn * 7]
        self.shim, self.ident, self.no = shim, ident, 0

    def seg(self, who, flags, data=b"", seq=None, ack=None, mac=M, opt=b""):
        s = self.nxt[who] if seq is None else seq
        a = self.nxt[1 - who] if ack is None else ack
        h = struct.pack(">HHIIBBHHH", self.port[who], self.port[1 - who],
                        s & 0xffffffff, a & 0xffffffff if flags & ACK else 0,
                        (5 + len(opt) // 4) << 4, flags, 8192, 0, 0) + opt
        if seq is None:
            self.nxt[who] += len(data) + (1 if flags & (SYN | FIN) else 0)
        src, dst = self.addr[who], self.addr[1 - who]
        self.no += 1
        if len(src) == 16:
            return mac + self.shim + b"\x86\xdd" + struct.pack(
                ">IHBB", 6 << 28, len(h + data), 6, 64) + src + dst + h + data
        n = len(h + data) + 20
        n = 0 if n > 65535 else n  # a super-frame
        ip = struct.pack(">BBHHHBBH", 0x45, 0, n,
                         self.no if self.ident else 0, 0x4000, 64, 6, 0)
        ip += src + dst
        ip = ip[:10] + struct.pack(">H", cksum(ip)) + ip[12:]
        return mac + self.shim + b"\x08\x00" + ip + h + data

    def opening(self):
        return [self.seg(0, SYN), self.seg(1, SYN | ACK), self.seg(0, ACK)]

    def closing(self):
        return [self.seg(1, FIN | ACK), self.seg(0, FIN | ACK),
                self.seg(1, ACK)]

    def body(self, tell=TELL):
        return [self.seg(0, PSH | ACK, ASK)] + [
            self.seg(1, PSH | ACK, tell[i:i + 1024])
            for i in range(0, len(tell), 1024)] + [self.seg(0, ACK)]

    def all(self, tell=TELL):
        return self.opening() + self.body(tell) + self.closing()


def save(name, frames, snap=262144, step=1000):
    b = struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, snap, 1)
    for i, f in enumerate(frames):
        n = min(len(f), snap)
        b += struct.pack("<IIII", 1000 + i * step // 1000000,
                         i * step % 1000000, n, len(f)) + f[:n]
    with open(os.path.join(top, name + ".pcap"), "wb") as f:
        f.write(b)
    return b


os.makedirs(top, exist_ok=True)
V6 = dict(client=b"\xfd" + b"\0" * 14 + b"\x09",
          server=b"\xfd" + b"\0" * 14 + b"\x05")
plain = Conn().all()
save("whole-plain", plain)
save("whole-six", Conn(**V6).all())
save("whole-vlan", Conn(shim=b"\x81\0\0\x07").all())
save("whole-noid", Conn(ident=False).all())
p = list(plain)
p[5], p[6] = p[6], p[5]
save("whole-disorder", p)
p = list(plain)
p.insert(8, p[5])  # after its ACK
p.insert(4, p[3])
save("whole-resent", p)
save("whole-twice", [f for f in plain for _ in (0, 1)])
other = b"\x02\x51\x0a\x00\x00\x05\x02\x51\x0a\x00\x00\x09"
save("whole-router", [g for f in plain for g in (f, other + f[12:])])
sums = [f[:50] + struct.pack(">H", cksum(
    f[26:34] + struct.pack(">HH", 6, len(f) - 34) + f[34:])) + f[52:]
        for f in plain]
for i, f in enumerate(sums[6:], 6):  # as one more packet was sent
    sums[i] = f[:18] + struct.pack(">H", i + 9) + b"\x40\0\x40\6\0\0" + f[26:]
save("whole-damaged", sums[:5] + [sums[5][:-1] + b"!"] + [
    sums[5][:18] + b"\0\x09\x40\0\x40\6\0\0" + sums[5][26:]] + sums[6:])
c = Conn()
save("whole-part", c.opening() + [  # resent in other pieces
    c.seg(0, PSH | ACK, ASK), c.seg(1, ACK, TELL[:1000]),
    c.seg(1, ACK, TELL[500:1500], seq=693 + 1 + 500),
    c.seg(1, PSH | ACK, TELL[1500:], seq=693 + 1 + 1500)] +
    [(setattr(c, "nxt", [c.nxt[0], 694 + len(TELL)]), c.seg(0, ACK))[1]] +
    c.closing())
c = Conn()
save("whole-tso", c.opening() + [c.seg(0, PSH | ACK, ASK), c.seg(
    1, PSH | ACK, bytes(70000))] + [c.seg(0, ACK)] + c.closing())
c = Conn()
save("whole-keepalive", c.opening() + c.body() + [
    c.seg(0, ACK, b"\0", seq=c.nxt[0] - 1), c.seg(1, ACK),
    c.seg(1, ACK, seq=c.nxt[1] - 1), c.seg(0, ACK)] + c.closing())
c = Conn()
save("whole-reset", c.opening() + c.body() + [
    c.seg(0, RST | ACK), c.seg(0, RST)])
c = Conn()
save("whole-rstclose", c.opening() + c.body() + [
    c.seg(1, FIN | ACK), c.seg(0, ACK), c.seg(0, RST | ACK)])
# resets that were not taken: of a stranger, of a first attempt; an answer of
# two servers
c = Conn()
save("whole-forged", c.opening() + c.body() + [
    c.seg(1, RST, seq=c.nxt[1] + 900), c.seg(0, ACK)] + c.closing())
# what no receiver takes: behind the window, and an ACK of nothing sent
c = Conn()
p = c.opening() + c.body()
save("whole-outside", p[:4] + [
    c.seg(1, FIN | ACK, TELL[:10], seq=99 * 7 + 90000),
    c.seg(0, ACK, ack=99 * 7 + 1)] + p[4:] + [c.seg(1, ACK, ack=c.nxt[0] + 50000)] + c.closing())
c = Conn()
save("whole-refused", [c.seg(0, SYN, seq=99),
                       c.seg(1, RST | ACK, seq=0, ack=100)] + c.all())
c = Conn()
p = c.opening()
p.insert(2, c.seg(1, SYN | ACK, seq=77777777))
save("whole-servers", p + c.body() + c.closing())
c = Conn()
save("whole-empty", c.opening() + c.closing())
c = Conn()
p = c.opening()
save("open-nothing", p)
save("open-synack", p[:2])
save("many-empty", p + Conn(cport=1001).all()[:-3])
c = Conn()
save("many-ended", c.opening() + c.closing() + Conn(cport=1001).all()[:-3])
save("many-torso", Conn().all()[5:] + Conn(cport=1001).all()[:-3])
save("open-syndata", [Conn().seg(0, SYN, ASK)])
c = Conn()
save("open-empty", c.opening() + [c.seg(0, FIN | ACK), c.seg(1, ACK)])
c = Conn()
save("whole-halfopen", [c.seg(0, SYN, seq=5), c.seg(1, ACK, ack=77777),
                        c.seg(0, RST, seq=77777)] + c.all())
c = Conn()
save("whole-synagain", [c.seg(0, SYN, seq=99)] * 2 + c.opening()[:2] +
     [c.seg(1, SYN | ACK, seq=693), c.seg(0, ACK)] + c.body() + c.closing())
c = Conn()
p = c.all()
save("open-end", p[:-3])
save("open-half", p[:-2])
save("open-nosyn", p[3:])
save("open-nosyn-end", p[3:-3])
q = p[4:]
q[0], q[1] = q[1], q[0]  # out of order from the first on
save("server-nosyn", q)
b = save("open-cut", p)
with open(os.path.join(top, "open-cut.pcap"), "wb") as f:
    f.write(b[:-60 - 54 * 2])
# what only the other side lacks, and what nobody can play
save("client-only", [f for f in p if f[26:30] == c.addr[0]])
save("server-only", [f for f in p if f[26:30] == c.addr[1]])
save("client-gap", p[:5] + p[6:])
save("client-snap", p, snap=54 + len(ASK))
save("none-syn", p[:1])
save("none-refused", [p[0], c.seg(1, RST | ACK, seq=0, ack=100)])
save("none-headers", p, snap=40)
save("none-arp", [M + b"\x08\x06" + bytes(28)])
for k, to, mac in (("udp", 0x0a000005, M), ("group", 0xe0000005, M),
                   ("all", 0x0a0000ff, b"\xff" * 6 + M[6:])):
    save("none-" + k, [mac + b"\x08\x00" + struct.pack(
        ">BBHHHBBHII", 0x45, 0, 28, 0, 0, 64, 17, 0, 0x0a000009, to) +
        struct.pack(">HHHH", 53, 53, 8, 0)])
# many: servers, ports used again, FTP
a, b = Conn(), Conn(server=b"\x0a\0\0\x06", cport=1001)
save("many-2", [f for g in zip(a.all(), b.all()) for f in g])
a, b = Conn(), Conn(isn=900000)
save("many-2-again", a.all() + b.all(TELL[:100]))
a, b = Conn(sport=21), Conn(cport=1001, sport=20000, isn=777)
save("many-2-ftp", a.opening() + [
    a.seg(1, PSH | ACK, b"220 hello\r\n"), a.seg(0, PSH | ACK, b"PASV\r\n"),
    a.seg(1, PSH | ACK, b"227 (10,0,0,5,78,32)\r\n"), a.seg(0, ACK)] +
    b.opening() + [a.seg(0, PSH | ACK, b"RETR a\r\n"), a.seg(1, ACK),
                   b.seg(1, PSH | ACK, TELL[:1000]), b.seg(0, ACK)] +
    b.closing() + [a.seg(1, PSH | ACK, b"226 done\r\n"),
                   a.seg(0, PSH | ACK, b"QUIT\r\n")] + a.closing())
