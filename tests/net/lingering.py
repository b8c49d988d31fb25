"""A connection whose close() waits as long as its peer lives, or 15 s: the peer
reads nothing, and the kernel is to send all that waits for it before."""
import array
import socket
import struct


def lingering():
    """Both ends: the one to close, and its peer."""
    door = socket.create_server(('127.0.0.1', 0))
    c = socket.create_connection(door.getsockname())
    peer, _ = door.accept()
    c.setblocking(False)
    try:
        while True:
            c.send(bytes(65536))
    except BlockingIOError:
        pass
    c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                 struct.pack('ii', 1, 15))
    return c, peer


def pass_file(s, f):
    """An open file, with a byte, over a Unix socket."""
    s.sendmsg([b'x'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS,
                        array.array('i', [f.fileno()]))])
