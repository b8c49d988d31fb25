# groups.py DIRECTORY - UDP to groups and to all, captures and live requests;
# groups.py FILE - the datagrams of a capture, a line each
import struct
import sys

CLIENT, SERVER, OTHER = b"\x0a\0\0\x09", b"\x0a\0\0\x05", b"\x0a\0\0\x06"
SSDP, MDNS = b"\xef\xff\xff\xfa", b"\xe0\0\0\xfb"
ALL = b"\xff" * 4
SEARCH, FOUND = b"M-SEARCH * HTTP/1.1\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n"


def cksum(b):
    b += b"\0" * (len(b) % 2)
    s = sum(struct.unpack(">%dH" % (len(b) // 2), b))
    return ~((s % 0xffff) or (0xffff if s else 0)) & 0xffff


def mac(to):
    if to == ALL:
        return b"\xff" * 6
    if to[0] >= 224:
        return b"\1\0\x5e" + bytes([to[1] & 127]) + to[2:]
    return b"\2\x50" + to


def udp(src, sport, dst, dport, data, ttl=64):
    u = struct.pack(">HHHH", sport, dport, 8 + len(data), 0) + data
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(u), 0, 0, ttl, 17, 0)
    ip += src + dst
    ip = ip[:10] + struct.pack(">H", cksum(ip)) + ip[12:]
    return mac(dst) + mac(src) + b"\x08\x00" + ip + u


def save(name, frames, snap=65535):
    b = struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, snap, 1)
    for i, f in enumerate(frames):
        b += struct.pack("<IIII", 1000 + i, 0, min(len(f), snap), len(f))
        b += f[:snap]
    with open("%s/%s.pcap" % (sys.argv[1], name), "wb") as out:
        out.write(b)


def show(name):
    b = open(name, "rb").read()
    at = 24
    while at < len(b):
        n = struct.unpack("<I", b[at + 8:at + 12])[0]
        f = b[at + 16:at + 16 + n]
        at += 16 + n
        sport, dport = struct.unpack(">HH", f[34:38])
        print(f[6:12].hex(), f[:6].hex(), ".".join(map(str, f[26:30])), sport,
              ".".join(map(str, f[30:34])), dport, f[22],
              f[42:].decode("latin-1").split()[0])


if sys.argv[1].endswith(".pcap"):
    show(sys.argv[1])
    sys.exit()
search = udp(CLIENT, 40000, SSDP, 1900, SEARCH, 2)
query = udp(CLIENT, 5353, MDNS, 5353, b"\0\0query", 255)
# a request to a group, of two hosts the answers
save("ssdp", [search, udp(SERVER, 1900, CLIENT, 40000, FOUND),
              udp(OTHER, 51000, CLIENT, 40000, b"second")])
save("mdns", [query, udp(SERVER, 5353, MDNS, 5353, b"\0\0answer", 255),
              udp(CLIENT, 5353, MDNS, 5353, b"\0\1other", 255),
              udp(SERVER, 5353, CLIENT, 5353, b"\0\1alone")])
f = udp(CLIENT, 137, ALL, 137, b"\7\7who")
save("names", [f, udp(SERVER, 137, CLIENT, 137, b"\7\7me")])
save("hello", [udp(SERVER, 520, b"\xe0\0\0\x09", 520, b"routes", 1)] * 3)
save("dhcp", [udp(b"\0" * 4, 68, ALL, 67, b"discover"),
              udp(SERVER, 67, ALL, 68, b"offer")])
# captured short
ask = udp(CLIENT, 5000, SERVER, 7000, b"question " * 9)
save("short", [ask, udp(SERVER, 7000, CLIENT, 5000, b"yes")], 80)
save("short-answer", [udp(CLIENT, 5000, SERVER, 7000, b"why"),
                      udp(SERVER, 7000, CLIENT, 5000, b"because " * 9)], 80)
# live
save("ask-ssdp", [udp(b"\x0a\0\0\x07", 1234, SSDP, 1900, SEARCH)])
save("ask-mdns", [udp(b"\x0a\0\0\x07", 5353, MDNS, 5353, b"\0\0query"),
                  udp(b"\x0a\0\0\x07", 5353, MDNS, 5353, b"\0\1other")])
save("ask-names", [udp(b"\x0a\0\0\x07", 137, ALL, 137, b"\x11\x22who")])
save("ask-hello", [udp(b"\x0a\0\0\x07", 520, b"\xe0\0\0\x09", 520, b"x")])
save("ask-dhcp", [udp(b"\0" * 4, 68, ALL, 67, b"discover")])
save("ask-short", [ask])
save("ask-self", [udp(SERVER, 1900, SSDP, 1900, SEARCH)])
