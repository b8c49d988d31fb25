# numbers.py DIRECTORY - captures whose packets are damaged at random, and
# whose ports are used again: ladder --list and tcpfsm --stream know the same
# connections by the same numbers. Prints TAP.
import os
import random
import re
import struct
import subprocess
import sys

top = sys.argv[1]
path = os.path.join(top, "damaged.pcap")
chance = random.Random(9293)
SYN, FIN, RST, ACK = 2, 1, 4, 16
ENDS = {4: [b"\x0a\0\0\x09", b"\x0a\0\0\x05"],
        6: [b"\xfd" + b"\0" * 14 + b"\x09", b"\xfd" + b"\0" * 14 + b"\x05"]}


def segment(version, who, port, seq, ack, flags, data=b""):
    a = ENDS[version]
    p = [port, 80]
    t = struct.pack(">HHIIBBHHH", p[who], p[1 - who], seq & 0xffffffff,
                    ack & 0xffffffff, 0x50, flags, 8000, 0, 0) + data
    if version == 6:
        return bytes(12) + b"\x86\xdd" + struct.pack(
            ">IHBB", 6 << 28, len(t), 6, 64) + a[who] + a[1 - who] + t
    return bytes(12) + b"\x08\0" + struct.pack(
        ">BBHHHBBH", 0x45, 0, 20 + len(t), 0, 0, 64, 6, 0) + \
        a[who] + a[1 - who] + t


def talk(version, port, c, s, syn, many):
    """a conversation, with its SYNs or not"""
    if syn:
        yield segment(version, 0, port, c, 0, SYN)
        yield segment(version, 1, port, s, c + 1, SYN | ACK)
        yield segment(version, 0, port, c + 1, s + 1, ACK)
    yield segment(version, 0, port, c + 1, s + 1, ACK, b"x" * 10)
    for i in range(many):
        yield segment(version, 1, port, s + 1 + 10 * i, c + 11, ACK, b"y" * 10)
        yield segment(version, 0, port, c + 11, s + 11 + 10 * i, ACK)
    end = s + 1 + 10 * many
    if chance.random() < .3:
        yield segment(version, 1, port, end, c + 11, RST | ACK)
        return
    yield segment(version, 1, port, end, c + 11, FIN | ACK)
    yield segment(version, 0, port, c + 11, end + 1, FIN | ACK)
    yield segment(version, 1, port, end + 1, c + 12, ACK)


def capture():
    """with some bytes of its headers changed, and packets that come late"""
    frames = []
    for _ in range(chance.randrange(2, 6)):
        c = chance.choice([7, chance.getrandbits(32)])
        frames += talk(chance.choice([4, 4, 6]), chance.choice([1000, 2000]),
                       c, chance.getrandbits(32), chance.random() < .7,
                       chance.choice([0, 3, 60]))
    frames = [bytearray(f) for f in frames]
    for _ in range(chance.randrange(6)):
        f = chance.choice(frames)
        f[chance.randrange(14, 70) % len(f)] = chance.choice(
            [0, 255, chance.randrange(256)])
    for _ in range(chance.randrange(4)):
        frames.insert(chance.randrange(len(frames)), chance.choice(frames))
    out = struct.pack("<IHHIIII", 0xa1b23c4d, 2, 4, 0, 0, 262144, 1)
    t = 10**9
    for f in frames:
        t += chance.choice([10**5, 10**6, 10**8, 7 * 10**9, 40 * 10**9])
        out += struct.pack("<IIII", t // 10**9, t % 10**9, len(f), len(f)) + f
    return out


def run(*command):
    return subprocess.run(command, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def listed():
    lines = run("ladder", "--list", path).stdout.decode().splitlines()[1:]
    return [tuple(line.split()[-2:]) for line in lines]


def played():
    """the client and the server of each stream"""
    found = []
    while True:
        log = os.path.join(top, "log")
        if os.path.exists(log):
            os.unlink(log)
        err = run("tcpfsm", "-l", log, "--stream", str(len(found)), "-r",
                  path).stderr.decode()
        if re.search("no stream|no TCP", err):
            return found
        m = re.search(r"stream \d+, (\S+) to (\S+):", err)
        with open(log) as f:
            lines = [x.split() for x in f if " replay " in x]
        found.append(m.groups() if m else (lines[0][2], lines[0][1]))


wrong = anew = 0
for n in range(60):
    with open(path, "wb") as f:
        f.write(capture())
    a, b = listed(), played()
    anew += len(a) - len(set(a))
    if a != b:
        wrong += 1
        print("# capture %d: ladder %s\n# tcpfsm %s" % (n, a, b))
print("%sok 1 - the same connections have the same numbers" % (
    "not " if wrong else ""))
print("%sok 2 - also where ports are used again" % ("" if anew else "not "))
print("1..2")
