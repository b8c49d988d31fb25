# uncut_hop.py MTU VOUCH - a stage between two others that takes the locks of a
# reader that cuts frames to this MTU (0: none), and of a writer that vouches for
# what has no checksum (1); at its end, on stderr, its longest frame, how many
# were longer than 1514 bytes, and how many of these had the sum of the
# pseudo-header only.
import fcntl
import os
import struct
import sys

VOUCHED, MTU = 4, 8
mtu, vouch = int(sys.argv[1]), int(sys.argv[2])
if mtu:
    fcntl.lockf(0, fcntl.LOCK_SH, mtu, MTU)
if vouch:
    fcntl.lockf(1, fcntl.LOCK_EX, 1, VOUCHED)


def folded(b):
    n = sum(struct.unpack("!%dH" % (len(b) // 2), b))
    while n >> 16:
        n = (n & 0xffff) + (n >> 16)
    return n


def unfilled(f):
    if f[12:14] == b"\x08\x00":
        pseudo, tcp = f[26:34] + struct.pack("!HH", 6, len(f) - 34), f[34:]
    else:
        pseudo, tcp = f[22:54] + struct.pack("!HH", 6, len(f) - 54), f[54:]
    return tcp[16:18] == struct.pack("!H", folded(pseudo))


longest = long = bare = 0
buf = b""
head = 24
while True:
    got = os.read(0, 1 << 20)
    if not got:
        break
    buf += got
    at = head
    head = 0
    while at + 16 <= len(buf):
        n = struct.unpack("<I", buf[at + 8:at + 12])[0]
        if at + 16 + n > len(buf):
            break
        f = buf[at + 16:at + 16 + n]
        longest = max(longest, n)
        long += n > 1514
        bare += n > 1514 and unfilled(f)
        at += 16 + n
    out, buf = buf[:at], buf[at:]
    while out:
        out = out[os.write(1, out):]
print(longest, long, bare, file=sys.stderr)
