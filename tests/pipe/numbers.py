# numbers.py DIRECTORY - captures whose packets are damaged at random, and
# whose ports are used again, also of several interfaces: ladder --list and
# tcpfsm --stream know the same connections by the same numbers. Prints TAP.
import os
import random
import re
import struct
import subprocess
import sys

top = sys.argv[1]
path = os.path.join(top, "damaged")
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
    t = 10**9
    timed = []
    for f in frames:
        t += chance.choice([10**5, 10**6, 10**8, 7 * 10**9, 40 * 10**9])
        timed.append((t, f))
    return timed


def pcap(timed):
    out = struct.pack("<IHHIIII", 0xa1b23c4d, 2, 4, 0, 0, 262144, 1)
    for t, f in timed:
        out += struct.pack("<IIII", t // 10**9, t % 10**9, len(f), len(f)) + f
    return out


def block(kind, body):
    n = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + n + body + n


def pcapng(timed):
    """of several interfaces, each written a little late, as by dumpcap; some
    are declared before their first packet only"""
    global turns
    late = [chance.randrange(9 * 10**8) for _ in range(chance.choice([2, 3]))]
    took = [(t, f, chance.randrange(len(late))) for t, f in timed]
    written = sorted(took, key=lambda x: x[0] + late[x[2]])
    turns += written != took
    name = {i: i for i in range(chance.choice([0, 1, len(late)]))}
    declare = block(1, struct.pack("<HHI", 1, 0, 0)
                    + struct.pack("<HHB3xHH", 9, 1, 9, 0, 0))
    out = block(0x0a0d0d0a, struct.pack("<IHHq", 0x1a2b3c4d, 1, 0, -1))
    out += declare * len(name)
    for t, f, i in written:
        if i not in name:
            name[i] = len(name)
            out += declare
        out += block(6, struct.pack(
            "<IIIII", name[i], t >> 32, t & 0xffffffff, len(f), len(f))
            + f + bytes(-len(f) % 4))
    return out


def run(*command):
    return subprocess.run(command, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def listed():
    lines = run("ladder", "--list", path).stdout.decode().splitlines()[1:]
    # the log does not write a port of 0
    return [tuple(re.sub(":0$", "", end) for end in line.split()[-2:])
            for line in lines]


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


anew = turns = 0


def agree(make):
    """do both know the same connections of 60 captures?"""
    global anew
    wrong = 0
    for n in range(60):
        with open(path, "wb") as f:
            f.write(make(capture()))
        a, b = listed(), played()
        anew += len(a) - len(set(a))
        if a != b:
            wrong += 1
            print("# %s %d: ladder %s\n# tcpfsm %s" % (
                make.__name__, n, a, b))
    return not wrong


print("%sok 1 - the same connections have the same numbers" % (
    "" if agree(pcap) else "not "))
print("%sok 2 - also where ports are used again" % ("" if anew else "not "))
print("%sok 3 - also where interfaces are written in turns" % (
    "" if agree(pcapng) and turns > 20 else "not "))
print("1..3")
