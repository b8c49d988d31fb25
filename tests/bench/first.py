"""first.py ADDRESS PORT 0|1 - ms from the beginning of a connection to its
first byte; 1: with TCP Fast Open, RFC 7413."""
import socket
import sys
import time

addr, port, fast = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "1"
s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
began = time.monotonic()
if fast:
    s.sendto(b"GET\n", socket.MSG_FASTOPEN, (addr, port))
else:
    s.connect((addr, port))
    s.sendall(b"GET\n")
s.recv(1)
print("%.3f" % ((time.monotonic() - began) * 1e3))
