#!/usr/bin/env python3
# relay_peer.py server PORT | ADDRESS PORT WHAT - both ends of what a relay must
# pass on: ends of one direction, and resets.
import errno
import socket
import struct
import sys
import threading
import time


def read_all(c):
    n = 0
    while got := c.recv(65536):
        n += len(got)
    return n


def reset(c):
    c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    c.close()


def half(c):
    c.sendall(b'first')
    c.shutdown(socket.SHUT_WR)
    counts.append(read_all(c))


def client(c):
    c.sendall(b'got %d' % (read_all(c) + 6))


def rst(c):
    c.sendall(b'seventeen bytes..')
    time.sleep(0.1)
    reset(c)


def waits(c):
    c.sendall(b'!')
    try:
        seen.append('eof' if c.recv(1) == b'' else 'data')
    except ConnectionResetError:
        seen.append('reset')


def last(c, values):
    while not values:
        time.sleep(0.02)
    c.sendall(str(values.pop()).encode())


counts, seen = [], []
SERVED = {b'half..': half, b'client': client, b'rst...': rst,
          b'wait..': waits, b'count.': lambda c: last(c, counts),
          b'seen..': lambda c: last(c, seen)}


def serve(c):
    what = c.recv(6)
    if what in SERVED:
        SERVED[what](c)
    c.close()


def server(port):
    s = socket.socket(socket.AF_INET6)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    s.bind(('::', port))
    s.listen(50)
    while True:
        c, _ = s.accept()
        threading.Thread(target=serve, args=(c,), daemon=True).start()


def connect(what):
    c = socket.create_connection((sys.argv[1], int(sys.argv[2])), 10)
    c.sendall(what)
    return c


def outcome(c):
    data = b''
    try:
        while got := c.recv(100):
            data += got
        return data.decode()
    except (ConnectionResetError, BrokenPipeError):
        return 'reset after %d' % len(data)


def ask(what):
    if what == 'half':
        c = connect(b'half..')
        said = c.recv(100).decode()
        end = 'eof' if c.recv(100) == b'' else 'more'
        c.sendall(b'x' * 500000)
        c.close()
        return ', '.join((said, end, outcome(connect(b'count.'))))
    if what == 'client':
        c = connect(b'client')
        c.sendall(b'y' * 300000)
        c.shutdown(socket.SHUT_WR)
        return outcome(c)
    if what == 'abort':
        c = connect(b'wait..')
        c.recv(1)
        reset(c)
        return outcome(connect(b'seen..'))
    if what == 'rst':
        return outcome(connect(b'rst...'))
    return outcome(socket.create_connection(
        (sys.argv[1], int(sys.argv[2])), 10))


if sys.argv[1] == 'server':
    server(int(sys.argv[2]))
try:
    print(ask(sys.argv[3]))
except OSError as error: # shutdown() of what was reset says ENOTCONN
    if error.errno not in (errno.ECONNRESET, errno.EPIPE, errno.ENOTCONN):
        raise
    print('reset after 0')
