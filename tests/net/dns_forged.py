# dns_forged.py ADDRESS PORT - a DNS server that answers each name in a way of
# its own, most of them bad; ready when it says so. The log on stdout: each
# question's name, source port, id.
import logging, socket, struct, sys, threading, time
logging.getLogger("scapy").setLevel(logging.ERROR)
from scapy.all import (DNS, DNSQR, DNSRR, DNSRROPT, Ether, IP, IPv6, Raw, UDP, conf,
    get_if_hwaddr)

me, port = sys.argv[1], int(sys.argv[2])
family = socket.AF_INET6 if ":" in me else socket.AF_INET
wire = conf.L2socket(iface="eth0")
mac = get_if_hwaddr("eth0")


def answer(q, data="192.0.2.77", **more):
	more = {"id": q.id, "qr": 1, "rd": 1, "ra": 1, "qd": q.qd,
	    "an": DNSRR(rrname=q.qd[0].qname, ttl=5, rdata=data)} | more
	return bytes(DNS(**more))


def raw(q, records, count):
	"""records written by hand behind the question"""
	return struct.pack("!HHHHHH", q.id, 0x8180, 1, count, 0, 0) + bytes(
	    q.qd[0]) + records


def forged(q, to, dst_mac):
	"""lies, each almost right; they say 192.0.2.66"""
	ip = (IPv6 if family == socket.AF_INET6 else IP)
	lie = answer(q, "192.0.2.66")
	other = DNSQR(qname="other.test", qtype="A")

	def send(data, src=me, sport=port, dport=to[1], **udp):
		wire.send(Ether(src=mac, dst=dst_mac) / ip(src=src, dst=to[0]) /
		    UDP(sport=sport, dport=dport, **udp) / Raw(data))

	send(answer(q, "192.0.2.66", id=q.id ^ 1))
	send(answer(q, "192.0.2.66", qd=other))
	send(answer(q, "192.0.2.66", qr=0))
	send(answer(q, "192.0.2.66", opcode=4))
	send(lie, src="fd00::66" if family == socket.AF_INET6 else "10.0.0.66")
	send(lie, sport=port + 1)
	send(lie, dport=to[1] ^ 1)
	send(lie, chksum=0x1234)
	send(lie, len=11)
	for i in range(len(lie)):
		send(lie[:i])
	send(raw(q, b"\xc0\x1d" * 40, 3))	# pointers forwards, in circles


def text(n):
	return b"\xc0\x0c" + struct.pack("!HHIH", 16, 1, 9, n * 256) + (
	    b"\xff" + b"y" * 255) * n


def reply(q, first):
	name = q.qd[0].qname.decode().rstrip(".")
	if name == "slow.test":
		return None if first else answer(q)
	if name == "old.test":
		if q.ar:
			return struct.pack("!HHHHHH", q.id, 0x8101, 0, 0, 0, 0)
		return answer(q)
	if name == "fail.test" and q.ar:
		return answer(q, rcode=2, an=None)
	if name == "version.test" and q.ar:
		return answer(q, an=None, ar=DNSRROPT(rclass=1232, extrcode=1))
	if name == "deaf.test" and q.ar:
		return None
	if name == "noedns.test":
		return answer(q, "192.0.2.66" if q.ar else "192.0.2.77")
	if name == "owner.test":
		return raw(q, b"\x01x\xc0\x0c\0\1\0\1\0\0\0\5\0\4\1\2\3\4" +
		    b"\xc0\x0c\0\5\0\1\0\0\0\5\0\4\1a\xc0\x0c"
		    b"\x01a\xc0\x0c\0\1\0\1\0\0\0\5\0\4\xc0\0\2\x4d", 3)
	if name == "foreign.test":
		return raw(q, b"\x01x\xc0\x0c\0\1\0\1\0\0\0\5\0\4\1\2\3\4", 1)
	if name == "loop.test":
		return raw(q, b"\xc0\x1b\0\1\0\1\0\0\0\5\0\4\1\2\3\4", 1)
	if name == "escape.test":
		t = b"\x1b]0;gone\7\x9b2J\""
		return raw(q, b"\xc0\x0c\0\x10\0\1\0\0\0\5" +
		    struct.pack("!HB", len(t) + 1, len(t)) + t, 1)
	if name == "fragments.test":
		return raw(q, text(20), 1)
	if name.endswith("tcp.test"):
		return answer(q, tc=1, an=None)
	return answer(q)


def tcp():
	s = socket.create_server((me, port), family=family)
	while True:
		c, _ = s.accept()
		c.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
		n = struct.unpack("!H", c.recv(2, socket.MSG_WAITALL))[0]
		q = DNS(c.recv(n, socket.MSG_WAITALL))
		name = q.qd[0].qname.decode().rstrip(".")
		m = raw(q, text(200 if name == "long.tcp.test" else 1), 1)
		m = struct.pack("!H", len(m)) + m
		if name == "half.tcp.test":
			m = m[:50]
		if name == "other.tcp.test":
			m = m[:2] + bytes([m[2] ^ 1]) + m[3:]
		for i in range(0, len(m), 1 if len(m) < 400 else 60000):
			c.sendall(m[i:i + (1 if len(m) < 400 else 60000)])
		if name != "linger.tcp.test":
			c.close()
		else:
			keep.append(c)


keep = []
threading.Thread(target=tcp, daemon=True).start()
s = socket.socket(family, socket.SOCK_DGRAM)
s.bind((me, port))
seen = set()
print("ready", flush=True)
while True:
	data, to = s.recvfrom(4096)
	q = DNS(data)
	name = q.qd[0].qname
	print(name.decode(), to[1], q.id, flush=True)
	if name == b"silent.test.":
		continue
	if name == b"forged.test.":
		forged(q, to, sys.argv[3])
		time.sleep(0.1)
	r = reply(q, name not in seen)
	seen.add(name)
	if r:
		s.sendto(r, to)
