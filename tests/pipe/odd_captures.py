# odd_captures.py DIRECTORY - captures whose times, or whose cut packets, want
# care: one conversation of a client and a server, 10 ms apart.
import os
import struct
import sys

SYN, FIN, PSH, ACK = 2, 1, 8, 16
top = sys.argv[1]
PORT = [40000, 80]
ADDR = {4: [bytes([10, 0, 0, 9]), bytes([10, 0, 0, 5])],
        6: [b"\xfd" + bytes(14) + b"\x09", b"\xfd" + bytes(14) + b"\x05"]}
START = 10**9
US = 10**6


def fold(b):
    b += bytes(len(b) % 2)
    s = sum(struct.unpack(">%dH" % (len(b) // 2), b))
    return (s % 0xffff) or (0xffff if s else 0)


def packet(v, who, n, seq, ack, flags, data=b"", opt=b"", offload=False):
    """n: the identification"""
    a = ADDR[v]
    size = 20 + len(opt) + len(data)
    pseudo = a[who] + a[1 - who] + struct.pack(">II", size, 6)
    t = struct.pack(">HHIIBBHHH", PORT[who], PORT[1 - who], seq, ack,
                    5 + len(opt) // 4 << 4, flags, 8192, 0, 0) + opt + data
    c = fold(pseudo) if offload else ~fold(pseudo + t) & 0xffff
    t = t[:16] + struct.pack(">H", c) + t[18:]
    mac = b"\2" + bytes(4) + bytes([1 - who]) + b"\2" + bytes(4) + bytes([who])
    if v == 6:
        return (mac + b"\x86\xdd" + struct.pack(">IHBB", 6 << 28, size, 6, 64)
                + a[who] + a[1 - who] + t)
    return (mac + b"\x08\0" + struct.pack(">BBHHHBBH", 0x45, 0, 20 + size, n,
                                          0x4000, 64, 6, 0)
            + a[who] + a[1 - who] + t)


# from, when it leaves (ms), and the rest
TALK = [(0, 0, 99, 0, SYN), (1, 11, 499, 100, SYN | ACK), (0, 22, 100, 500, ACK),
        (0, 23, 100, 500, PSH | ACK, b"hello"),
        (1, 34, 500, 105, PSH | ACK, b"x" * 1000),
        (1, 35, 1500, 105, PSH | ACK, b"y" * 1000), (0, 46, 105, 2500, ACK),
        (0, 47, 105, 2500, FIN | ACK), (1, 58, 2500, 106, FIN | ACK),
        (0, 69, 106, 2501, ACK)]


def talk(place=0, lost=()):
    """(us, frame): as seen at the client's (0), at the server's (1)"""
    seen = [(at * 1000 + (10000 if who != place else 0),
             packet(4, who, 100 + i if who == 0 else 7000 + i, *rest))
            for i, (who, at, *rest) in enumerate(TALK)
            if not (i in lost and who != place)]
    return sorted(seen, key=lambda p: p[0])


def pcap(name, packets, snaplen=65535):
    with open(os.path.join(top, name), "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, snaplen, 1))
        for us, p in packets:
            s, u = divmod(START * US + us, US)
            f.write(struct.pack("<IIII", s, u, min(len(p), snaplen), len(p))
                    + p[:snaplen])


def block(order, kind, body):
    body += bytes(-len(body) % 4)
    n = struct.pack(order + "I", len(body) + 12)
    return struct.pack(order + "I", kind) + n + body + n


def option(order, code, value):
    return (struct.pack(order + "HH", code, len(value)) + value
            + bytes(-len(value) % 4))


def enhanced(order, iface, us, p, *comments):
    us += START * US
    o = b"".join(option(order, 1, c) for c in comments)
    return block(order, 6, struct.pack(order + "IIIII", iface, us >> 32,
                                       us & 0xffffffff, len(p), len(p))
                 + p + bytes(-len(p) % 4) + (o + bytes(4) if o else b""))


def pcapng(name, order, ifaces, blocks):
    with open(os.path.join(top, name), "wb") as f:
        f.write(block(order, 0x0a0d0d0a, struct.pack(
            order + "IHHq", 0x1a2b3c4d, 1, 0, -1)))
        for i in range(ifaces):
            f.write(block(order, 1, struct.pack(order + "HHI", 1, 0, 0)
                          + option(order, 2, b"if%d" % i) + bytes(4)))
        f.write(b"".join(blocks))


def times():
    plain = talk()
    pcap("plain.pcap", plain)
    hour = 3600 * US
    pcap("set-back.pcap", plain[:4] + [(t - hour, p) for t, p in plain[4:]])
    pcap("set-twice.pcap", plain[:4] + [(t - hour, p) for t, p in plain[4:6]]
         + [(t - 2 * hour, p) for t, p in plain[6:]])
    # one packet without a time, as some tools write it
    pcap("one-zero.pcap", [(-START * US if i == 4 else t, p)
                           for i, (t, p) in enumerate(plain)])
    # one that is ahead, no more
    pcap("ahead.pcap", [(t + 900000 * (i == 3), p)
                        for i, (t, p) in enumerate(plain)])
    # the same, by less than a processor may be late
    pcap("near.pcap", [(plain[3][0] + 5000 if i == 2 else t, p)
                       for i, (t, p) in enumerate(plain)])
    # two interfaces of a capture, each with what one end sent, in turns
    for order, end in ("<", "le"), (">", "be"):
        here = [[(t, p) for t, p in plain if p[11] == who] for who in (0, 1)]
        pcapng("two-%s.pcapng" % end, order, 2, [
            enhanced(order, i, *p) for i in (0, 1) for p in here[i]])


def places():
    """both ends; "behind" lost one segment on the way, as both show"""
    pcap("client.pcap", talk())
    for name, us in ("server", 0), ("server+", 500000), ("server-", -500000):
        pcap(name + ".pcap", [(t + us, p) for t, p in talk(1)])
    for who, way in (0, "in"), (1, "out"):
        for name, us in ("+", 7000000), ("-", -7000000), ("", 0):
            pcap(way + name + ".pcap", [
                (t + us, p) for t, p in talk(1) if p[11] == who])
    # both in one file, of which one segment was lost
    pcap("lost0.pcap", talk(0, (4,)))
    for name, us in ("+", 500000), ("-", -500000), ("", 0):
        behind = [(t + us, p) for t, p in talk(1, (4,))]
        pcap("lost%s.pcap" % name, behind)
        pcap("both%s.pcap" % name, sorted(talk(0, (4,)) + behind,
                                          key=lambda p: p[0]))
    # one that was longer on its way than the clocks differ
    pcap("slow.pcap", sorted(
        [(t + 30000 * (t == 45000), p) for t, p in talk()]
        + [(t + 15000, p) for t, p in talk(1)], key=lambda p: p[0]))
    # copies of all, made at one place: a little later, or as it was
    for name, us in ("soon", 200), ("same", 0):
        pcap(name + ".pcap", sorted(talk() + [(t + us, p) for t, p in talk()],
                                    key=lambda p: p[0]))
    pcap("oneway.pcap", [(t + 500000, p) for t, p in talk(1) if p[11] == 0])


def sack(first, end):
    return b"\1\1\x08\x0a" + bytes(8) + b"\1\1\5\x0a" + struct.pack(
        ">II", first, end)


def cut():
    """duplicate ACKs whose SACK blocks grow, and their copies"""
    acks = [packet(6, 0, 0, 105, 500, ACK, b"", sack(1500, 2500 + 1000 * i))
            for i in range(4)]
    apart = [(100 * i, p) for i, p in enumerate(acks)]
    pcap("cut.pcap", apart, 96)
    pcap("whole.pcap", apart)
    pcap("cut-copies.pcap", [(100 * i + d, p) for i, p in enumerate(acks)
                             for d in (0, 10)], 96)
    pcap("cut-offload.pcap", [(100 * i, packet(
        6, 0, 0, 105, 500, ACK, b"", sack(1500, 2500 + 1000 * i),
        True)) for i in range(4)], 96)


def notes():
    for order, end in ("<", "le"), (">", "be"):
        p = [enhanced(order, 0, t, f, *([b"first %d" % i, b"second"]
                                        if i % 2 else []))
             for i, (t, f) in enumerate(talk())]
        pcapng("notes-%s.pcapng" % end, order, 1, [
            block(order, 4, struct.pack(order + "HH", 0, 0)),
            block(order, 10, struct.pack(order + "II", 0x544c534b, 4)
                  + b"key\n")] + p + [
            block(order, 5, struct.pack(order + "III", 0, 0, 0)),
            block(order, 0xbad, struct.pack(order + "I", 1))])


def broken():
    """checksums: of offload, and one that is wrong among right ones"""
    here = [p for _, p in talk()]
    pcap("offload.pcap", [(0, packet(4, 0, 1, 99, 0, SYN, offload=True))])
    bad = here[3][:50] + bytes([here[3][50] ^ 1]) + here[3][51:]
    pcap("badsum.pcap", [(1000 * i, bad if i == 3 else p)
                         for i, p in enumerate(here)])


def others():
    """what is no capture, or of another link, or without times"""
    pcap("empty.pcap", [])
    pcap("midnight.pcap", [(80000 * US - 30000 + t, p)
                           for t, p in talk()])
    with open(os.path.join(top, "wifi.pcap"), "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 127)
                + struct.pack("<IIII", START, 0, 4, 4) + b"wifi")
    pcapng("untimed.pcapng", "<", 1, [
        block("<", 3, struct.pack("<I", len(p)) + p) for _, p in talk()])
    for name, magic in ("snoop", b"snoop\0\0\0"), ("netmon", b"GMBU"), (
            "zip", b"PK\3\4"), ("tar", b"a" + bytes(256) + b"ustar"):
        with open(os.path.join(top, name), "wb") as f:
            f.write(magic + bytes(300))


def played():
    """the first connection cut short, or in fragments; another one whole"""
    other = [(t + 10 ** 5, p[:34] + struct.pack(">H", 40001) + p[36:]
              if p[11] == 0 else p[:36] + struct.pack(">H", 40001) + p[38:])
             for t, p in talk()]
    with open(os.path.join(top, "short.pcap"), "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for t, p in talk() + other:
            n = 54 if t < 10 ** 5 else len(p)
            n = min(n, len(p))
            f.write(struct.pack("<IIII", START, t, n, len(p)) + p[:n])
    pcap("fragments.pcap", [
        (t, p[:20] + b"\x20\0" + p[22:] if len(p) > 1000 else p)
        for t, p in talk()])


os.makedirs(top, exist_ok=True)
times()
places()
cut()
notes()
broken()
others()
played()
