# unsummed_hop.py BYTE... - a stage between rawcap and tcpfsm that locks these
# bytes of its input, as a reader that copies (0) and one that takes frames without
# TCP's checksum (6); and at its end, on stderr, how many frames with data had
# STREAM_UNSUMMED, how many of these had the sum of the pseudo-header in the
# place of the checksum, and how many of the others had a wrong checksum.
import fcntl
import os
import struct
import sys

UNSUMMED = 0x80000000
for byte in sys.argv[1:]:
    fcntl.lockf(0, fcntl.LOCK_SH, 1, int(byte))


def folded(b):
    b += b"\0" * (-len(b) % 2)
    n = int.from_bytes(b, "big") % 0xffff  # as if the words were added up
    return n if n or not any(b) else 0xffff


def parts(f):
    if f[12:14] == b"\x08\x00":
        tcp = f[34:14 + struct.unpack("!H", f[16:18])[0]]
        return f[26:34] + struct.pack("!HH", 6, len(tcp)), tcp
    tcp = f[54:58 + struct.unpack("!H", f[18:20])[0] - 4]
    return f[22:54] + struct.pack("!HH", 6, len(tcp)), tcp


marked = bare = wrong = 0
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
        n, length = struct.unpack("<II", buf[at + 8:at + 16])
        if at + 16 + n > len(buf):
            break
        pseudo, tcp = parts(buf[at + 16:at + 16 + n])
        if length == n | UNSUMMED:
            marked += 1
            bare += tcp[16:18] == struct.pack("!H", folded(pseudo))
        elif len(tcp) > 100:
            wrong += folded(pseudo + tcp) != 0xffff
        at += 16 + n
    out, buf = buf[:at], buf[at:]
    while out:
        out = out[os.write(1, out):]
print(marked, bare, wrong, file=sys.stderr)
