# stories.py STORIES - each story of the file as a capture, and what ladder
# draws of it, as tests (TAP).
#
# A story is a line that begins with # and tells what it is, its segments, and
# what is drawn. A segment: TIME > or < FLAGS SEQ ACK [BYTES] [KEY=VALUE],
# numbers relative to isn (of both ends, "isn A B" changes them), > from the
# client. Keys: data (the byte that all of it is), win, id (of IPv4), sack (A-B),
# ts (TSVAL,TSECR), hurt (BYTE:BITS of the TCP segment, turned on its way: then
# all of the story have a checksum), cut (so many bytes of the segment were
# captured; also with checksums), offload=1 (but this), wscale, mac (a place of the
# network: the last byte of both MAC addresses). Drawn: "= LEFT words RIGHT", both
# states, or a dash, and what the segment is; rows where nothing of it stands are
# left out. The first one is how it ended. "= list A B" is what --list counts as
# retransmitted each way, "= windows" those of all segments.
# Each is drawn of IPv4 and, where the identification does not matter ("both"
# in the title), of IPv6.
import os
import re
import struct
import subprocess
import sys

BITS = {"S": 2, "F": 1, "R": 4, "P": 8, ".": 0, "N": 256}  # N: AE, once NS
ENDS = {4: [b"\x0a\0\0\x09", b"\x0a\0\0\x05"],
        6: [b"\xfd" + b"\0" * 14 + b"\x09", b"\xfd" + b"\0" * 14 + b"\x05"]}


class Capture:
    def __init__(self, version, sums=False):
        self.v6 = version == 6
        self.sums = sums
        self.ends = ENDS[version]
        self.isn, self.id = [1000, 5000], [100, 7000]
        self.out = struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1)

    def options(self, who, flags, key):
        b = b"\2\4\5\xb4\4\2\1\1" if flags & 2 else b""
        if "wscale" in key:
            b += bytes([1, 3, 3, int(key["wscale"])])
        if "ts" in key:
            b += b"\1\1\x08\x0a" + struct.pack(
                ">II", *map(int, key["ts"].split(",")))
        if "sack" in key:
            b += b"\1\1\5\x0a" + b"".join(
                struct.pack(">I", int(x) + self.isn[1 - who])
                for x in key["sack"].split("-"))
        return b

    def segment(self, word):
        who = int(word[1] == "<")
        key = dict(w.split("=") for w in word if "=" in w)
        word = [w for w in word if "=" not in w]
        flags = sum(BITS[f] for f in word[2])
        ack = 0
        if word[4] != "-":
            flags |= 16
            ack = int(word[4]) + self.isn[1 - who] & 0xffffffff
        opt = self.options(who, flags, key)
        data = key.get("data", "x").encode() * int(
            word[5] if len(word) > 5 else 0)
        port = [40000, 80]
        t = struct.pack(
            ">HHIIBBHHH", port[who], port[1 - who],
            int(word[3]) + self.isn[who] & 0xffffffff, ack,
            5 + len(opt) // 4 << 4 | flags >> 8, flags & 255,
            int(key.get("win", 8000)), 0, 0)
        self.id[who] = int(key.get("id", self.id[who] + 1))
        t = self.summed(who, t + opt + data, "offload" in key)
        if "hurt" in key:
            at, bits = map(int, key["hurt"].split(":"))
            t = t[:at] + bytes([t[at] ^ bits]) + t[at + 1:]
        self.packet(float(word[0]), who, t, key)

    def summed(self, who, t, offload):
        if not self.sums:
            return t
        b = self.ends[who] + self.ends[1 - who] + struct.pack(
            ">II", len(t), 6)
        if not offload:
            b += t + bytes(len(t) % 2)
        n = sum(struct.unpack(">%dH" % (len(b) // 2), b))
        n = (n & 0xffff) + (n >> 16)
        n = (n & 0xffff) + (n >> 16)
        if not offload:
            n = ~n & 0xffff
        return t[:16] + struct.pack(">H", n) + t[18:]

    def packet(self, at, who, t, key):
        a, b = self.ends[who], self.ends[1 - who]
        if self.v6:
            p = struct.pack(">IHBB", 6 << 28, len(t), 6, 64) + a + b + t
        else:
            p = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(t), self.id[who],
                            0x4000, 64, 6, 0) + a + b + t
        mac = bytes(5) + bytes([int(key.get("mac", 0))])
        p = mac + mac + (b"\x86\xdd" if self.v6 else b"\x08\0") + p
        at = 10**15 + round(at * 10**6)
        there = min(int(key.get("cut", len(t))), len(t)) + len(p) - len(t)
        self.out += struct.pack("<IIII", at // 10**6, at % 10**6, there,
                                len(p)) + p[:there]


def ladder(option, capture):
    return subprocess.run(["ladder", option], input=capture, check=True,
                          stdout=subprocess.PIPE).stdout.decode()


def drawn(lines, version, want):
    """what ladder tells of it, a line for each row that tells something"""
    c = Capture(version, any(
        "hurt=" in x or "cut=" in x for x in lines))
    for line in lines:
        if line.startswith("isn "):
            c.isn = [int(x) for x in line.split()[1:]]
        else:
            c.segment(line.split())
    got = ladder("-v", c.out)
    told = re.findall(r" s, (.*)$", got, re.M)
    told = [re.sub(r" \(.*", "", t) for t in told]
    for line in got.splitlines():
        r = re.match(r" *[0-9.]+ +(\S*) *\|(.*)\| ?(\S*)", line)
        if r is None:
            continue
        words = re.findall(r"\((.*?)\)", r[2])
        if re.match("- .*x", r[2]) or re.match(" *x-", r[2]):
            words.append("x")
        if r[1] or r[3] or words:
            told.append(" ".join([r[1] or "-"] + words + [r[3] or "-"]))
    if any(w.startswith("windows") for w in want):
        told.append("windows " + ", ".join(
            re.findall(r"win ([0-9]+(?: \* \?)?)", got)))
    if any(w.startswith("list") for w in want):
        told.append("list " + " ".join(
            ladder("--list", c.out).splitlines()[1].split()[5:7]))
    return told


def stories(path):
    with open(path) as f:
        for block in f.read().split("\n# ")[1:]:
            title, *rest = block.strip().split("\n")
            yield (title, [x for x in rest if x and x[0] != "="],
                   [x[2:] for x in rest if x and x[0] == "="])


def main():
    n = 0
    for title, segments, want in stories(sys.argv[1]):
        for version in (4, 6) if title.endswith(", both") else (4,):
            n += 1
            got = drawn(segments, version, want)
            if "WRITE" in os.environ:
                print("\n# " + title, *segments, sep="\n")
                print(*("= " + g for g in got), sep="\n")
                break
            print("%sok %d - %s: IPv%d" % (
                "" if got == want else "not ", n, title, version))
            if got != want:
                print(*("# got:  " + g for g in got), sep="\n")
    if "WRITE" not in os.environ:
        print("1..%d" % n)


if __name__ == "__main__":
    main()
