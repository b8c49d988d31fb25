"""pairs.py - requests and responses by turns on one connection.

    pairs.py answer BYTES               on stdin and stdout, one a line
    pairs.py serve BYTES PORT CONTROL   the same by the kernel's TCP, each
                                        connection with a process of its own
    pairs.py ask BYTES ADDRESS PORT N   prints N pairs' seconds
"""
import socket
import subprocess
import sys
import time


def answer(size):
    body = bytes(size)
    while sys.stdin.buffer.readline():
        sys.stdout.buffer.write(body)
        sys.stdout.buffer.flush()


def serve(size, port, control):
    s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, control.encode())
    s.bind(("", port))
    s.listen(16)
    while True:
        c = s.accept()[0]
        c.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # as the phantom does: what it takes to start is in both figures
        subprocess.Popen(
            [sys.executable, sys.argv[0], "answer", str(size)],
            stdin=c,
            stdout=c,
            stderr=subprocess.DEVNULL,
        )
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
    answer(size)
