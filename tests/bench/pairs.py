"""pairs.py - requests and responses by turns on one connection.

    pairs.py answer BYTES               on stdin and stdout, one a line
    pairs.py serve BYTES PORT CONTROL   the same by the kernel's TCP
    pairs.py ask BYTES ADDRESS PORT N   prints N pairs' seconds
"""
import socket
import sys
import time


def answer(read, write, size):
    body = bytes(size)
    while read():
        write(body)


def serve(size, port, control):
    s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, control.encode())
    s.bind(("", port))
    s.listen(16)
    while True:
        c = s.accept()[0]
        c.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            answer(lambda: c.recv(4096), c.sendall, size)
        except OSError:
            pass  # it has seen enough
        c.close()


def ask(size, addr, port, n):
    s = socket.create_connection((addr, port))
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    began = time.monotonic()
    for _ in range(n):
        s.sendall(b"GET\n")
        left = size
        while left > 0:
            left -= len(s.recv(left))
    print("%.4f" % (time.monotonic() - began))


what, size, rest = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
if what == "serve":
    serve(size, int(rest[0]), rest[1])
elif what == "ask":
    ask(size, rest[0], int(rest[1]), int(rest[2]))
else:
    out = sys.stdout.buffer
    answer(
        sys.stdin.buffer.readline,
        lambda b: (out.write(b), out.flush()),
        size,
    )
