#!/usr/bin/env python3
"""A device that is bad in one way, on a packet stream: drill_bad.py WAY.

It opens connections as it should, unless its way is otherwise: silent, refuses
nothing and says nothing; noise, frames for others without end; garbage, TCP
headers at random; flood, each segment answered by hundreds; mac, from another
MAC; other, from another address; endless, data without end. Behind a path that
loses packets: lossy, a SYN and a segment of data; deaf, the same, and the
first data of all connections; later, the first SYN of each port but the first.
old, a SYN meets a connection of earlier, until
that is reset. The first connection asks only whether it is there, and ends in
a reset.
"""
import os

import struct
import sys
import threading
import time

ME, MAC, OTHER = bytes([10, 0, 0, 6]), bytes.fromhex("02500a000006"), \
    bytes.fromhex("025000000099")
way = sys.argv[1]
out = os.fdopen(1, "wb", 0)
lock = threading.Lock()

def total(data):
    data += b"\0" * (len(data) % 2)
    s = sum(struct.unpack(">%dH" % (len(data) // 2), data))
    while s >> 16:
        s = (s & 0xffff) + (s >> 16)
    return ~s & 0xffff

def put(frame):
    now = time.time_ns()
    with lock:
        out.write(struct.pack("<IIII", now // 10**9, now % 10**9, len(frame),
                              len(frame)) + frame)

def segment(to, mac, sport, dport, seq, ack, flags, data=b"", src=ME,
            raw=None):
    tcp = raw or struct.pack(">HHIIBBHHH", sport, dport, seq & 0xffffffff,
                             ack & 0xffffffff, 0x50, flags, 65000, 0, 0)
    pseudo = src + to + struct.pack(">HH", 6, len(tcp) + len(data))
    tcp = tcp[:16] + struct.pack(">H", total(pseudo + tcp + data)) + tcp[18:]
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 40 + len(data), 1, 0x4000, 64, 6,
                     0) + src + to
    ip = ip[:10] + struct.pack(">H", total(ip)) + ip[12:]
    put(mac + (OTHER if way == "mac" else MAC) + b"\x08\0" + ip + tcp + data)

def read(n):
    data = b""
    while len(data) < n:
        more = sys.stdin.buffer.read(n - len(data))
        if not more:
            os._exit(0)
        data += more
    return data

def noise():
    while True:
        put(bytes(6) + OTHER + b"\x08\x06" + os.urandom(28))

out.write(struct.pack("<IHHIIII", 0xa1b23c4d, 2, 4, 0, 0, 262144, 1))
resets, dropped, heard = 0, False, set()

def lost(port, flags, length):
    """Has the path lost this one?"""
    global dropped
    if way == "later" and flags == 2 and resets and port not in heard:
        heard.add(port)
        return len(heard) > 1
    if way not in ("lossy", "deaf"):
        return False
    if flags == 2 and resets and not dropped:
        dropped = True
        return True
    if length == 0 or port in heard or (way == "lossy" and heard):
        return False
    heard.add(port)
    return True

read(24)
if way == "noise":
    threading.Thread(target=noise, daemon=True).start()
while True:
    frame = read(struct.unpack("<8xI4x", read(16))[0])
    if frame[12:14] != b"\x08\0" or frame[23] != 6 or way in (
            "silent", "noise"):
        continue
    mac, to = frame[6:12], frame[26:30]
    sport, dport, seq, ack = struct.unpack(">HHII", frame[34:46])
    flags, length = frame[47], len(frame) - 34 - frame[46] // 16 * 4
    back = (to, mac, dport, sport)
    if lost(sport, flags, length):
        continue
    if flags & 4:
        resets += 1
        continue
    if way == "old" and resets == 1:
        segment(*back, 77777777, seq + 88888888, 0x10)
    elif flags & 2:
        segment(*back, 1000, seq + 1, 0x12,
                src=bytes([10, 0, 0, 99]) if way == "other" else ME)
    elif way == "garbage":
        raw = struct.pack(">HH", dport, sport) + os.urandom(16)
        segment(*back, 0, 0, 0, raw=raw)
    elif way == "flood":
        for i in range(300):
            segment(*back, 1001, seq + 5000 + i, 0x10)
    elif way == "endless":
        segment(*back, ack, seq + length, 0x10, bytes(1000))
    else:
        segment(*back, ack, seq + length, 0x10)
