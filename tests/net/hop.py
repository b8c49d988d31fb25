# hop.py - for stages between two others, in Python: the records that pass, and
# TCP's checksum in them.
import os
import struct


def passing():
    """Each record of stdin, as (frame, length of the packet); then it goes on to
    stdout as it came."""
    buf = b""
    head = 24
    while True:
        got = os.read(0, 1 << 20)
        if not got:
            return
        buf += got
        at = head
        head = 0
        while at + 16 <= len(buf):
            n, length = struct.unpack("<II", buf[at + 8:at + 16])
            if at + 16 + n > len(buf):
                break
            yield buf[at + 16:at + 16 + n], length
            at += 16 + n
        out, buf = buf[:at], buf[at:]
        while out:
            out = out[os.write(1, out):]


def folded(b):
    """The sum of its words of 16 bits, as RFC 1071 has it."""
    b += b"\0" * (-len(b) % 2)
    n = int.from_bytes(b, "big") % 0xffff  # as if the words were added up
    return n if n or not any(b) else 0xffff


def parts(f):
    """Of a TCP frame: pseudo-header, segment."""
    if f[12:14] == b"\x08\x00":
        tcp = f[34:14 + struct.unpack("!H", f[16:18])[0]]
        return f[26:34] + struct.pack("!HH", 6, len(tcp)), tcp
    tcp = f[54:58 + struct.unpack("!H", f[18:20])[0] - 4]
    return f[22:54] + struct.pack("!HH", 6, len(tcp)), tcp


def is_bare(f):
    """The checksum's place has the sum of the pseudo-header alone."""
    pseudo, tcp = parts(f)
    return tcp[16:18] == struct.pack("!H", folded(pseudo))
