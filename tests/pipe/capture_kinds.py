# capture_kinds.py DIRECTORY [small] - one conversation of nine segments, or the
# first two, wrapped as captures come: DIRECTORY/KIND/NAME, KIND one of
#	same	each reader finds what is in same/plain.pcap
#	tunnel	so do those with --decap; else the outer packets count
#	six	the same of an IPv6 conversation, against six/plain.pcap
#	less	what can be read of it is told in the name
#	udp	a request and its answer
import struct
import sys
import os

SYN, FIN, PSH, ACK = 2, 1, 8, 16
top = sys.argv[1]
M = b"\x02\x50\x0a\x00\x00\x05\x02\x50\x0a\x00\x00\x09"


def cksum(b):
    b += b"\0" * (len(b) % 2)
    s = sum(struct.unpack(">%dH" % (len(b) // 2), b))
    return ~((s % 0xffff) or (0xffff if s else 0)) & 0xffff


def ip4(src, dst, proto, body, zero=False, length=None):
    h = struct.pack(">BBHHHBBH", 0x45, 0, len(body) + 20 if length is None
                    else length, 7, 0x4000, 64, proto, 0) + src + dst
    c = 0 if zero else cksum(h)
    return h[:10] + struct.pack(">H", c) + h[12:] + body


def ip6(src, dst, proto, body, length=None):
    return struct.pack(">IHBB", 6 << 28, len(body) if length is None
                       else length, proto, 64) + src + dst + body


def tcp(v6, who, seq, ack, flags, data=b""):
    port = [40000, 80]
    opt = b"\x02\x04\x05\xb4" if flags & SYN else b""
    h = struct.pack(">HHIIBBHHH", port[who], port[1 - who], seq, ack,
                    (5 + len(opt) // 4) << 4, flags, 8192, 0, 0) + opt
    a = ADDR6 if v6 else ADDR4
    ps = a[who] + a[1 - who] + struct.pack(">II", len(h + data), 6)
    return h[:16] + struct.pack(">H", cksum(ps + h + data)) + h[18:] + data


ADDR4 = [bytes([10, 0, 0, 9]), bytes([10, 0, 0, 5])]
ADDR6 = [b"\xfd" + b"\0" * 14 + b"\x09", b"\xfd" + b"\0" * 14 + b"\x05"]
SEGMENTS = [(0, 99, 0, SYN, b""), (1, 499, 100, SYN | ACK, b""),
            (0, 100, 500, ACK, b""), (0, 100, 500, PSH | ACK, b"hello"),
            (1, 500, 105, PSH | ACK, b"x" * 1000), (0, 105, 1500, ACK, b""),
            (0, 105, 1500, FIN | ACK, b""), (1, 1500, 106, FIN | ACK, b""),
            (0, 106, 1501, ACK, b"")]
if sys.argv[2:] == ["small"]:
    SEGMENTS = SEGMENTS[:2]
TIMES = [(1000 * 64 + i) * 15625000 for i in range(9)]  # of every resolution


def packets(v6=False, **how):
    for who, seq, ack, flags, data in SEGMENTS:
        t = tcp(v6, who, seq, ack, flags, data)
        a = ADDR6 if v6 else ADDR4
        yield (ip6 if v6 else ip4)(a[who], a[1 - who], 6, t, **how)


V4, V6 = list(packets()), list(packets(True))


def macs(p):
    """as rebuilt from the addresses: so that readers see the same ones"""
    if p[0] >> 4 == 4:
        return b"\x02\x50" + p[16:20] + b"\x02\x50" + p[12:16]
    return b"\x02\x50" + p[36:40] + b"\x02\x50" + p[20:24]


def eth(p, shim=b"", t=None):
    t = t or (0x0800 if p[0] >> 4 == 4 else 0x86dd)
    return macs(p) + shim + struct.pack(">H", t) + p


def pcap(frames, link=1, e="<", nano=True, mod=False, snap=262144):
    magic = 0xa1b2cd34 if mod else 0xa1b23c4d if nano else 0xa1b2c3d4
    nano = nano and not mod
    b = struct.pack(e + "IHHiIII", magic, 2, 4, 0, 0, snap, link)
    for f, t in zip(frames, TIMES * 4):
        n = min(len(f), snap)
        b += struct.pack(e + "IIII", t // 10**9, t % 10**9 // (1 if nano else
                         1000), n, len(f)) + (b"\0" * 8 if mod else b"")
        b += f[:n]
    return b


def block(e, kind, body):
    body += b"\0" * (-len(body) % 4)
    n = len(body) + 12
    return struct.pack(e + "II", kind, n) + body + struct.pack(e + "I", n)


def section(e):
    return block(e, 0x0a0d0d0a, struct.pack(e + "IHHq", 0x1a2b3c4d, 1, 0, -1))


def iface(e, link, resol=None, offset=None):
    o = b""
    if resol is not None:
        o += struct.pack(e + "HHBxxx", 9, 1, resol)
    if offset is not None:
        o += struct.pack(e + "HHq", 14, 8, offset)
    o += struct.pack(e + "HH", 0, 0) if o else b""
    return block(e, 1, struct.pack(e + "HHI", link, 0, 0) + o)


def ticks(t, resol):
    return t * 2**(resol & 127) // 10**9 if resol & 128 else \
        t * 10**resol // 10**9


def epb(e, i, t, f, kind=6):
    head = struct.pack(e + "I", i) if kind == 6 else \
        struct.pack(e + "HH", i, 0)
    return block(e, kind, head + struct.pack(
        e + "IIII", t >> 32, t & 0xffffffff, len(f), len(f)) + f)


def pcapng(frames, e="<", link=1, resol=6, kind=6, offset=0):
    b = section(e) + iface(e, link, resol, offset or None)
    b += block(e, 0xbad, b"what nobody knows")
    for f, t in zip(frames, TIMES):
        b += epb(e, 0, ticks(t - offset * 10**9, resol), f, kind)
    return b


def save(name, b):
    path = os.path.join(top, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(b)


plain = [eth(p) for p in V4]
save("same/plain.pcap", pcap(plain))
save("six/plain.pcap", pcap([eth(p) for p in V6]))
for e, name in (("<", "le"), (">", "be")):
    save("same/nano-%s.pcap" % name, pcap(plain, e=e))
    save("same/micro-%s.pcap" % name, pcap(plain, e=e, nano=False))
    save("same/modified-%s.pcap" % name, pcap(plain, e=e, mod=True))
    save("same/null-%s.pcap" % name,
         pcap([struct.pack(e + "I", 2) + p for p in V4], 0, e))
    for af in 10, 24, 28, 30:
        save("six/null-%d-%s.pcap" % (af, name),
             pcap([struct.pack(e + "I", af) + p for p in V6], 0))
    for resol in 6, 9, 0x80 | 10, 12, 0x80 | 40:
        save("same/resol-%d-%s.pcapng" % (resol, name),
             pcapng(plain, e, resol=resol))
    save("same/offset-%s.pcapng" % name, pcapng(plain, e, offset=900))
    save("same/obsolete-%s.pcapng" % name, pcapng(plain, e, kind=2))
    b = section(e) + iface(e, 1) + iface(e, 101, 9) + iface(e, 113)
    for i, (p, t) in enumerate(zip(V4, TIMES)):
        f = eth(p), p, struct.pack(">HHH8sH", 0, 1, 0, b"", 0x0800) + p
        b += epb(e, i % 3, t if i % 3 == 1 else t // 1000, f[i % 3])
    save("same/three-interfaces-%s.pcapng" % name, b)
    b = section(e) + iface(e, 1)
    for p in V4:
        b += block(e, 3, struct.pack(e + "I", len(p) + 14) + eth(p))
    save("less/simple-9-%s.pcapng" % name, b)
    save("less/late-9-%s.pcapng" % name, section(e) + iface(e, 1) + b"".join(
        epb(e, 0, (t + 5 * 10**18) // 1000, eth(p))
        for p, t in zip(V4, TIMES)))
b, half = b"", 0
for e in "<>":
    b += section(e) + iface(e, 1)
    for p, t in list(zip(V4, TIMES))[half:half + 5]:
        b += epb(e, 0, t // 1000, eth(p))
    half = 5
save("same/two-sections.pcapng", b)

# ---- link types
LINKS = {
    "loop": (108, lambda p: b"\0\0\0\2" + p),
    "raw-101": (101, bytes), "raw-12": (12, bytes), "raw-14": (14, bytes),
    "raw-228": (228, bytes),
    "sll": (113, lambda p: struct.pack(">HHH8sH", 0, 1, 6, macs(p)[6:],
                                       0x0800) + p),
    "sll-nomac": (113, lambda p: struct.pack(">HHH8sH", 0, 1, 0, b"",
                                             0x0800) + p),
    "sll2": (276, lambda p: struct.pack(">HHIHBB8s", 0x0800, 0, 2, 1, 0, 6,
                                        macs(p)[6:]) + p),
    "ppp": (9, lambda p: b"\xff\x03\0\x21" + p),
    "ppp-bare": (9, lambda p: b"\0\x21" + p),
    "ppp-short": (9, lambda p: b"\x21" + p),
    "ppp-hdlc": (50, lambda p: b"\xff\x03\0\x21" + p),
    "ppp-cisco": (9, lambda p: b"\x0f\0\x08\0" + p),
    "ppp-hdlc-cisco": (50, lambda p: b"\x0f\0\x08\0" + p),
    "ppp-ether": (51, lambda p: struct.pack(">BBHHH", 0x11, 0, 1, len(p) + 2,
                                            0x21) + p),
    "ppp-pppd": (166, lambda p: b"\x01\x03\0\x21" + p),
    "ppp-dir": (204, lambda p: b"\0\xff\x03\0\x21" + p),
    "c-hdlc": (104, lambda p: b"\x0f\0\x08\0" + p),
    "ppp-mpls": (9, lambda p: b"\xff\x03\x02\x81\0\1\1\x40" + p),
}
for name, (link, wrap) in LINKS.items():
    save("same/%s.pcap" % name, pcap([wrap(p) for p in V4], link))
    save("same/%s.pcapng" % name,
         pcapng([wrap(p) for p in V4], ">", link, resol=9))
save("six/raw-229.pcap", pcap(V6, 229))
save("six/ppp.pcap", pcap([b"\xff\x03\0\x57" + p for p in V6], 9))
save("six/loop.pcap", pcap([b"\0\0\0\x1c" + p for p in V6], 108))

# ---- between Ethernet and IP
SHIMS = {
    "vlan": b"\x81\0\0\1", "qinq": b"\x88\xa8\0\1\x81\0\0\2",
    "vlan-9100": b"\x91\0\0\1\x81\0\0\2", "vlan-9200": b"\x92\0\0\1",
    "vlan-five": b"\x88\xa8\0\1" * 2 + b"\x91\0\0\1" * 2 + b"\x81\0\0\2",
}
for name, shim in SHIMS.items():
    save("same/%s.pcap" % name, pcap([eth(p, shim) for p in V4]))
    save("six/%s.pcap" % name, pcap([eth(p, shim) for p in V6]))


def after(p, t, b):
    return macs(p) + struct.pack(">H", t) + b


save("same/mpls.pcap", pcap([after(p, 0x8847, b"\0\1\1\x40" + p)
                             for p in V4]))
save("six/mpls-three.pcap", pcap([after(
    p, 0x8848, b"\0\1\0\x40\0\2\0\x40\0\3\1\x40" + p) for p in V6]))
save("same/mpls-frame.pcap", pcap([after(p, 0x8847, b"\0\1\1\x40" + eth(p))
                                   for p in V4]))
save("same/mpls-control.pcap", pcap([after(
    p, 0x8847, b"\0\1\1\x40\0\0\0\0" + eth(p)) for p in V4]))
save("same/pppoe.pcap", pcap([after(p, 0x8864, struct.pack(
    ">BBHHH", 0x11, 0, 1, len(p) + 2, 0x21) + p) for p in V4]))
save("same/vlan-pppoe.pcap", pcap([macs(p) + b"\x81\0\0\1\x88\x64" +
     struct.pack(">BBHHH", 0x11, 0, 1, len(p) + 2, 0x21) + p for p in V4]))
AH = b"\6\4\0\0\0\0\0\7\0\0\0\1" + b"\0" * 12
save("same/ah.pcap", pcap([eth(ip4(p[12:16], p[16:20], 51, AH + p[20:]))
                           for p in V4]))
save("six/ah.pcap", pcap([eth(ip6(p[8:24], p[24:40], 51, AH + p[40:]))
                          for p in V6]))
save("same/snap.pcap", pcap([after(
    p, len(p) + 8, b"\xaa\xaa\3\0\0\0\x08\0" + p) for p in V4]))

# ---- offload and snaplens
save("same/ipck0.pcap", pcap([eth(p) for p in packets(zero=True)]))
save("same/iplen0.pcap", pcap([eth(p) for p in packets(length=0)]))
save("six/len0.pcap", pcap([eth(p) for p in packets(True, length=0)]))
for snap in 58, 60, 70, 100:
    save("same/snap-%d.pcap" % snap, pcap(plain, snap=snap))
for snap in 34, 40, 53:
    save("less/snap-%d-0.pcap" % snap, pcap(plain, snap=snap))
save("less/snap-0-0.pcap", pcap(plain, snap=0))
save("less/snap-54-9.pcap", pcap(plain, snap=54))

fragment = [b"".join([p[:6], b"\x20\0", p[8:10], b"\0\0", p[12:]]) for p in V4]
fragment = [p[:10] + struct.pack(">H", cksum(p[:20])) + p[12:] for p in fragment]
save("less/fragments-0.pcap", pcap([eth(p) for p in fragment]))

save("less/hosts-9.pcap", pcap(
    [b"\x02\0\0\0\0\1\x02\0\0\0\0\2\x08\0" + p for p in V4]))

# ---- tunnels
A, B = bytes([192, 0, 2, 1]), bytes([192, 0, 2, 2])
A6, B6 = b"\x20\1\x0d\xb8" + b"\0" * 11 + b"\1", \
    b"\x20\1\x0d\xb8" + b"\0" * 11 + b"\2"


def udp(port, b, sport=5000):
    return struct.pack(">HHHH", sport, port, len(b) + 8, 0) + b


def over4(proto, b):
    return eth(ip4(A, B, proto, b))


def gtpu(flags, extra, p):
    return udp(2152, struct.pack(">BBHI", flags, 255, len(p) + len(extra),
                                 9) + extra + p)


save("udp/asked.pcap", pcap([
    eth(ip4(ADDR4[0], ADDR4[1], 17, udp(53, b"what?"))),
    eth(ip4(ADDR4[1], ADDR4[0], 17, udp(5000, b"that", 53)))]))

TUNNELS = {
    "gre": lambda p: over4(47, b"\0\0\x08\0" + p),
    "gre-full": lambda p: over4(47, b"\xb0\0\x08\0" + b"\0" * 12 + p),
    "gre-frame": lambda p: over4(47, b"\x20\0\x65\x58\0\0\0\1" + eth(p)),
    "gre-pptp": lambda p: over4(47, b"\x30\x81\x88\x0b" + struct.pack(
        ">HHII", len(p) + 4, 1, 1, 1) + b"\xff\x03\0\x21" + p),
    "erspan-1": lambda p: over4(47, b"\0\0\x88\xbe" + eth(p)),
    "erspan-2": lambda p: over4(47, b"\x10\0\x88\xbe\0\0\0\1" + b"\x10" +
                                b"\0" * 7 + eth(p)),
    "erspan-3": lambda p: over4(47, b"\x10\0\x22\xeb\0\0\0\1" + b"\x20" +
                                b"\0" * 11 + eth(p)),
    "vxlan": lambda p: over4(17, udp(4789, b"\x08\0\0\0\0\0\1\0" + eth(p))),
    "vxlan-vlan": lambda p: over4(17, udp(
        8472, b"\x08\0\0\0\0\0\1\0" + eth(p, b"\x81\0\0\1"))),
    "geneve": lambda p: over4(17, udp(
        6081, b"\x02\0\x65\x58\0\0\1\0" + b"\0" * 8 + eth(p))),
    "geneve-ip": lambda p: over4(17, udp(6081, b"\0\0\x08\0\0\0\1\0" + p)),
    "gtpu": lambda p: over4(17, gtpu(0x30, b"", p)),
    "gtpu-seq": lambda p: over4(17, gtpu(0x32, b"\0\1\0\0", p)),
    "gtpu-ext": lambda p: over4(17, gtpu(
        0x34, b"\0\0\0\x85\1\0\0\xc0\1\0\0\0", p)),
    "ipip": lambda p: over4(4, p),
    "4in6": lambda p: eth(ip6(A6, B6, 4, p)),
    "gre-in-vxlan": lambda p: over4(17, udp(
        4789, b"\x08\0\0\0\0\0\1\0" + over4(47, b"\0\0\x08\0" + p))),
    "vxlan-over-6": lambda p: eth(ip6(A6, B6, 17, udp(
        4789, b"\x08\0\0\0\0\0\1\0" + eth(p)))),
}
for name, wrap in TUNNELS.items():
    save("tunnel/%s.pcap" % name, pcap([wrap(p) for p in V4]))
save("six/6in4-decap.pcap", pcap([over4(41, p) for p in V6]))
save("six/6in6-decap.pcap", pcap([eth(ip6(A6, B6, 41, p)) for p in V6]))

# ---- what is left out
save("less/unknown-link-0.pcap", pcap(plain, 105))
save("less/two-links-18.pcapng", section("<") + iface("<", 1) + iface("<", 101) +
     b"".join(epb("<", 0, t // 1000, f) + epb("<", 1, t // 1000, p)
              for f, p, t in zip(plain, V4, TIMES)))
save("less/one-link-9.pcapng", section("<") + iface("<", 1) + iface("<", 1) +
     b"".join(epb("<", 0, t // 1000, f) + epb("<", 1, t // 1000, f)
              for f, t in zip(plain, TIMES)))
save("less/mixed-9.pcapng", section("<") + iface("<", 1) + iface("<", 105) +
     b"".join(epb("<", 0, t // 1000, f) + epb("<", 1, t // 1000, b"wifi")
              for f, t in zip(plain, TIMES)))
other = [after(V4[0], 0x8847, b"\0\1\1\x40\xff\xff\xff\xff" + b"\0" * 40)] * 9
other += [eth(V4[0])[:30]] * 3
save("less/reasons-0.pcap", pcap(other))
save("less/torn-4.pcap", pcap(plain)[:24 + 4 * 74])
