#!/usr/bin/env python3
"""The small services of RFC 862 to 864, and an answer to HTTP, on a kernel."""
import socket
import threading


def serve(port, work):
    s = socket.socket(socket.AF_INET6)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    s.bind(("::", port))
    s.listen(1000)

    def accept():
        while True:
            try:
                c = s.accept()[0]
            except OSError:
                continue
            threading.Thread(target=one, args=(work, c), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()


def one(work, c):
    with c:
        try:
            work(c)
        except OSError:
            pass


def echo(c):
    while data := c.recv(65536):
        c.sendall(data)


def discard(c):
    while c.recv(65536):
        pass


def chargen(c):
    line = (bytes(range(33, 127)) * 2)[:72] + b"\r\n"
    while True:
        c.sendall(line * 500)


def http(c):
    request = b""
    while b"\r\n\r\n" not in request:
        more = c.recv(65536)
        if not more:
            return
        request += more
    c.sendall(b"HTTP/1.0 200 OK\r\n\r\n" + b"x" * 3000)
    c.shutdown(socket.SHUT_WR)
    discard(c)


for number, service in ((7, echo), (9, discard), (19, chargen), (80, http)):
    serve(number, service)
print("ready", flush=True)
threading.Event().wait()
