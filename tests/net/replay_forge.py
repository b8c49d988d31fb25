# replay_forge.py KIND - a capture of a conversation that has not taken place:
# of each kind that real programs do not give when a test wants it.
import struct
import sys

SYN, FIN, RST, PSH, ACK = 2, 1, 4, 8, 16
CLIENT, SERVER = 0, 1
ADDR = [bytes([10, 0, 0, 9]), bytes([10, 0, 0, 5])]
PORT = [1000, 80]
nxt = [0xfffffff0, 0x80000000]  # the client's numbers wrap
out = sys.stdout.buffer
now = 1000.0


def checksum(b):
    s = sum(struct.unpack(">%dH" % (len(b) // 2), b))
    return ~(s % 0xffff) & 0xffff


def packet(who, flags, data=b"", after=0.001):
    """one that is captured; it is sent in order"""
    global now
    now += after
    ack = nxt[1 - who] if flags & ACK else 0
    tcp = struct.pack(">HHIIBBHHH", PORT[who], PORT[1 - who],
                      nxt[who] & 0xffffffff, ack & 0xffffffff,
                      5 << 4, flags, 8192, 0, 0)
    ip = struct.pack(">BBHHHBB", 0x45, 0, 40 + len(data), 1, 0, 64, 6)
    addrs = ADDR[who] + ADDR[1 - who]
    ip += struct.pack(">H", checksum(ip + addrs)) + addrs
    frame = bytes([2, 0x50]) + ADDR[1 - who] + bytes([2, 0x50]) + ADDR[who]
    frame += b"\x08\x00" + ip + tcp + data
    out.write(struct.pack("=IIII", int(now), int(now % 1 * 1e9), len(frame),
                          len(frame)) + frame)
    lost(who, flags, data)


def lost(who, flags, data=b""):
    """one that was sent and not captured"""
    nxt[who] += len(data) + (1 if flags & (SYN | FIN) else 0)


def say(who, data, after=0.001):
    packet(who, ACK | PSH, data, after)


out.write(struct.pack("=IHHiIII", 0xa1b23c4d, 2, 4, 0, 0, 262144, 1))
kind = sys.argv[1]
if kind == "many":
    # a control connection, and two for data that it speaks of; overlapping
    packet(CLIENT, SYN)
    packet(SERVER, SYN | ACK)
    packet(CLIENT, ACK)
    say(SERVER, b"220 ready")
    control = nxt[:]
    for no in (1, 2):
        PORT[:] = [1000 + no, 80 + no]
        nxt[:] = [no * 5000, no * 7000]
        packet(CLIENT, SYN)
        packet(SERVER, SYN | ACK)
        packet(CLIENT, ACK)
        say(SERVER, b"data %d" % no * no)
        packet(SERVER, FIN | ACK)
        packet(CLIENT, FIN | ACK)
        packet(SERVER, ACK)
    PORT[:] = [1000, 80]
    nxt[:] = control
    say(CLIENT, b"quit")
    packet(SERVER, FIN | ACK)
    packet(CLIENT, FIN | ACK)
    packet(SERVER, ACK)
    sys.exit()
if kind == "middle":
    # it was there before the capture
    nxt[:] = [0xffffff00, 77]
    say(SERVER, b"as I said")
    say(CLIENT, b"no")
    say(SERVER, b"yes")
    packet(CLIENT, FIN | ACK)
    packet(SERVER, FIN | ACK)
    packet(CLIENT, ACK)
    sys.exit()
packet(CLIENT, SYN)
if kind == "refused":
    packet(SERVER, RST | ACK)
    sys.exit()
packet(SERVER, SYN | ACK)
packet(CLIENT, ACK)
say(CLIENT, b"hello")
if kind == "gap":
    say(SERVER, b"who ")
    packet(CLIENT, ACK)
    lost(SERVER, ACK, b"are")
    say(SERVER, b" you")
elif kind == "pause":
    say(SERVER, b"who are you", 0.3)
    say(CLIENT, b"me", 0.4)
if kind.startswith("reset"):
    say(SERVER, b"who")
    # the data and the reset were on their way together
    if kind not in ("reset-after", "reset-bare"):
        packet(CLIENT, ACK)
    packet(CLIENT if kind in ("reset-client", "reset-bare") else SERVER,
           RST | ACK)
else:
    packet(CLIENT, FIN | ACK)
    packet(SERVER, FIN | ACK)
    packet(CLIENT, ACK)
