#!/usr/bin/env python3
"""stage.py [drop N] [mac MAC] - a stage in Python: counts packets, drops each
Nth, writes another destination MAC into the rest. As stage.sh and stage.c."""
import struct
import sys

words = sys.argv[1:]
every, mac = 0, None
while len(words) >= 2 and words[0] in ("drop", "mac"):
    if words[0] == "drop":
        every = int(words[1])
    else:
        mac = bytes.fromhex(words[1].replace(":", ""))
    words = words[2:]
if words:
    sys.exit("usage: stage.py [drop N] [mac MAC]")

source, sink = sys.stdin.buffer, sys.stdout.buffer
packets = passed = 0

# the file header, once: its first byte tells the byte order
header = source.read(24)
order = ">" if header[:1] == b"\xa1" else "<"
sink.write(header)
sink.flush()

# then for each packet 16 bytes: seconds, nanoseconds, bytes that follow, and
# bytes that the packet had
while len(record := source.read(16)) == 16:
    length = struct.unpack(order + "I", record[8:12])[0]
    data = source.read(length)
    packets += 1
    if every and packets % every == 0:
        continue
    if mac:
        data = mac + data[6:]
    sink.write(record + data)
    sink.flush()  # somebody waits for it
    passed += 1
print(packets, "packets,", passed, "passed", file=sys.stderr)
