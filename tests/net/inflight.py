# inflight.py FILE - as many descriptors on their way over sockets as the kernel
# lets this user have, until FILE is gone; how many
import os, resource, socket, sys, time

most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
held, n = [], 0
try:
    while True:
        pair = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        held.append(pair)
        for i in range(5):
            socket.send_fds(pair[0], [b"x"], [0] * 250)
            n += 250
except OSError as e:
    print(n, os.strerror(e.errno), flush=True)
while os.path.exists(sys.argv[1]):
    time.sleep(0.1)
print("ended", flush=True)
