# dhcp_server.py - a DHCP server that behaves by the client's host name, most
# often badly; ready when it says so. The log on stdout, a line a message:
# name, type, from, ciaddr, requested address, server identifier.
import socket, struct, sys

s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"eth0")
s.bind(("", 67))
ip = socket.inet_aton
ME, OTHER, LEASE = ip("10.0.0.9"), ip("10.0.0.8"), ip("10.0.0.60")
TYPES = "- discover offer request decline ack nak release inform".split()


def opt(code, value):
	return bytes([code, len(value)]) + value


def u32(n):
	return struct.pack("!I", n)


def message(q, kind, *, op=2, xid=None, chaddr=None, yiaddr=LEASE, server=ME,
    sname=b"", file=b"", more=b"", end=b"\xff", lease=60):
	m = bytes([op, 1, 6, 0]) + (xid or q[4:8]) + bytes(8) + yiaddr
	m += bytes(8) + (chaddr or q[28:34]) + bytes(10)
	m += sname.ljust(64, b"\0") + file.ljust(128, b"\0") + b"\x63\x82Sc"
	m += opt(53, bytes([kind]))
	if server:
		m += opt(54, server)
	if lease:
		m += opt(51, u32(lease))
	return m + more + end


def lies(q, kind):
	wrong = ip("10.0.0.66")
	yield message(q, kind, xid=b"abcd", yiaddr=wrong)
	yield message(q, kind, chaddr=b"\2PPPPP", yiaddr=wrong)
	yield message(q, kind, op=1, yiaddr=wrong)
	yield message(q, kind, server=None, yiaddr=wrong) if kind == 2 else b""
	yield message(q, kind, server=ip("224.0.0.1"), yiaddr=wrong)
	for a in "0.0.0.0", "255.255.255.255", "224.0.0.5", "127.0.0.1", "10.0.0.9":
		yield message(q, kind, yiaddr=ip(a))
	yield message(q, kind, yiaddr=wrong, more=b"\x0f\xffshort", end=b"")
	yield message(q, kind, yiaddr=wrong, more=opt(52, b"\1"), file=b"\x0f\xff")
	good = message(q, kind, yiaddr=wrong)
	for i in range(len(good) - 13):
		yield good[:i]


def answers(name, kind, q, count):
	reply = {1: 2, 3: 5}.get(kind)
	if not reply or name == "silent":
		return
	if name == "broken":
		yield message(q, reply, more=b"\x0f\xff", end=b"")
	elif name == "nameless":
		yield message(q, reply, server=None)
	elif name == "odd":
		yield message(q, reply, lease=0, more=opt(53, bytes([reply])) +
		    opt(1, b"\xff") + opt(3, b"") + opt(6, ip("10.0.0.7") + b"1") +
		    opt(15, b"") + opt(52, b"\x04") + opt(54, ME))
	elif name == "nak" and kind == 3:
		yield message(q, 6, lease=0, yiaddr=bytes(4), more=opt(56,
		    b"go \33[31maway"))
	elif name == "nak-once":
		if count < 3:
			yield message(q, 6 if kind == 3 else 2)
	elif name == "two" and kind == 1:
		yield message(q, 2)
		yield message(q, 2, server=OTHER, yiaddr=ip("10.0.0.61"))
	elif name == "taken" and count < 3:
		yield message(q, reply, yiaddr=ip("10.0.0.51"))
	elif name == "timers":
		# asked: DISCOVER, REQUEST, renewal (answered), renewal (not),
		# rebinding (refused)
		times = opt(58, u32(1)) + opt(59, u32(2))
		if count in (1, 2, 3):
			yield message(q, reply, lease=4, more=times)
		elif count == 5:
			yield message(q, 6, lease=0, yiaddr=bytes(4))
	elif name == "values":
		yield message(q, reply, more=opt(1, b"\xff\0\xff\0") +
		    opt(26, b"\0\x43"))
	elif name == "kept":
		yield message(q, reply, lease=6, more=opt(58, u32(1)) +
		    opt(15, b"" if count > 2 else b"longer"))
	elif name == "liar":
		yield from lies(q, reply)
		yield message(q, reply, sname=opt(15, b"'; $(echo) `x` \"") +
		    opt(6, ip("10.0.0.7")) + b"\xff", file=opt(15,
		    b"a\nEVIL=1\33[2J") + opt(6, ip("0.0.0.0")) + b"\xff",
		    more=opt(1, b"\xff\0\xff\0") + opt(52, b"\3") + opt(224, b"?"))
	else:
		yield message(q, reply)


count = {}
print("ready", flush=True)
while True:
	q, at = s.recvfrom(2000)
	o, i = {}, 240
	while q[i] != 255:
		if q[i]:
			o[q[i]] = q[i + 2:i + 2 + q[i + 1]]
			i += q[i + 1] + 1
		i += 1
	kind, name = o[53][0], o.get(12, b"-").decode()
	count[name] = count.get(name, 0) + 1
	print(name, TYPES[kind], at[0], socket.inet_ntoa(q[12:16]),
	    *(socket.inet_ntoa(o.get(n, bytes(4))) for n in (50, 54)), flush=True)
	for m in answers(name, kind, q, count[name]):
		s.sendto(m, ("255.255.255.255", 68))
