"""quirk_client.py ADDRESSES SECONDS - the kernel's TCP against phantoms that
misbehave: one connection for each name=address, all at the same time. Says a
line "name: what was seen" for each; quirk.t knows what should be."""
import hashlib
import os
import socket
import sys
import threading
import time

PATIENCE = float(sys.argv[2])
UP = bytes(i * 7 % 251 for i in range(100000))
said = {}


def info(s):
    """what ss -ti shows: state, retransmits, backoff, unacked, all retrans"""
    b = s.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)

    def u32(at):
        return int.from_bytes(b[at:at + 4], sys.byteorder)
    return {'state': b[0], 'retransmits': b[2], 'backoff': b[4],
            'unacked': u32(24), 'total': u32(100)}


def connect(addr, rcvbuf=0):
    s = socket.socket()
    if rcvbuf:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
    s.settimeout(PATIENCE)
    s.connect((addr, 80))
    return s


def until(what, seconds=PATIENCE):
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() > end:
            return 'no'
        time.sleep(0.05)
    return 'yes'


def read_all(s):
    """all that comes, as its digest; and how it ended"""
    h, n = hashlib.md5(), 0
    try:
        while True:
            b = s.recv(65536)
            if not b:
                return n, h.hexdigest(), 'end'
            h.update(b)
            n += len(b)
    except socket.timeout:
        return n, h.hexdigest(), 'silence'
    except OSError as e:
        return n, h.hexdigest(), os.strerror(e.errno)


def exchange(addr, up=b'?' * 100, pause=0):
    """an upload and the response: all is well in the end"""
    s = connect(addr)
    time.sleep(pause)
    s.sendall(up)
    try:
        s.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # a reset has come first: read_all() tells it
    n, md5, how = read_all(s)
    return s, '%d %s %s' % (n, md5, how)


def whole(addr):
    return exchange(addr)[1]


def late(addr):
    return exchange(addr, pause=0.6)[1]


def upload(addr):
    return exchange(addr, UP)[1]


def retransmitting(addr):
    """an upload; the kernel had to say some of it again, which may come after
    the end of what it reads"""
    s, got = exchange(addr, UP)
    return '%s again=%s' % (got, until(lambda: info(s)['total'] > 0))


def zero_window(addr):
    s = connect(addr)
    t = threading.Thread(target=lambda: s.sendall(UP))
    t.start()
    probes = until(lambda: info(s)['backoff'] > 0)
    t.join()
    s.shutdown(socket.SHUT_WR)
    return 'probes=%s %d %s %s' % ((probes,) + read_all(s))


def tarpit(addr):
    s = connect(addr)
    s.setblocking(False)
    s.send(UP)
    return 'probes=%s state=%d' % (
        until(lambda: info(s)['backoff'] > 0), info(s)['state'])


def unacknowledged(addr):
    s = connect(addr)
    s.send(b'?' * 100)
    s.setblocking(False)

    def again():
        try:
            while s.recv(65536):  # or its window closes before the FIN
                pass
        except BlockingIOError:
            pass
        return info(s)['retransmits'] >= 2
    return 'again=%s unacked=%d state=%d' % (
        until(again), info(s)['unacked'], info(s)['state'])


def half_close(addr):
    s = connect(addr)
    first = s.recv(100)
    s.sendall(UP)
    s.shutdown(socket.SHUT_WR)
    return 'eof=%s closed=%s' % (
        first == b'', until(lambda: info(s)['state'] in (6, 7)))


def never_fin(addr):
    s = connect(addr)
    s.shutdown(socket.SHUT_WR)
    s.settimeout(2)
    return '%d %s %s' % read_all(s) + ' state=%d' % info(s)['state']


def stall(addr):
    s = socket.socket()
    s.settimeout(4)
    try:
        s.connect((addr, 80))
    except socket.timeout:
        return 'timed out state=%d' % info(s)['state']
    return 'connected'


def old_timestamps(addr):
    s = connect(addr)
    s.sendall(b'?' * 100)
    s.settimeout(3)
    return 'short=%s %s' % ((lambda r: (r[0] < 100000, r[2]))(read_all(s)))


def urgent(addr):
    s = connect(addr)
    s.sendall(b'?' * 100)
    n, _, how = read_all(s)
    return '%d %s' % (n, how)


def slow_reader(addr):
    s = connect(addr, 5000)
    s.sendall(b'?' * 100)
    time.sleep(2)
    return '%d %s %s' % read_all(s)


def drip(addr):
    s = connect(addr)
    s.sendall(b'?' * 100)
    return 'pieces=%s' % [len(s.recv(100)) for i in range(5)]


SCENES = {
    'zero-window': zero_window, 'window-shrink': upload,
    'persist-tarpit': tarpit, 'tiny-mss': upload, 'never-ack': unacknowledged,
    'ack-delay': retransmitting, 'ack-unsent': unacknowledged,
    'dup-ack': upload, 'stretch-ack': upload, 'sack-lie': retransmitting,
    'rst': whole, 'rst-beside': whole, 'fin-lost': whole,
    'half-close': half_close, 'half-close-bytes': whole,
    'never-fin': never_fin, 'syn-ack-twice': late,
    'stall-handshake': stall, 'old-timestamps': old_timestamps,
    'reorder-own': whole, 'overlap-data': whole, 'urgent': urgent,
    'no-timestamps': upload, 'dsack-lie': upload,
    'ignore-window': slow_reader, 'slow-drip': drip, 'together': upload,
}


def play(name, addr):
    try:
        said[name] = SCENES[name](addr)
    except OSError as e:
        said[name] = str(e)


threads = [threading.Thread(target=play, args=pair.split('='))
           for pair in sys.argv[1].split()]
for t in threads:
    t.start()
for t in threads:
    t.join()
for name in sorted(said):
    print('%s: %s' % (name, said[name]))
