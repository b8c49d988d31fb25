/*
 * forge.c - frames that no end has sent: a router's ICMP errors, and what an
 * attacker makes who knows the endpoints, and now and then even the numbers.
 * None of it may end a connection or get a byte into it, but for an error
 * that RFC 9293 lets end one in SYN-SENT.
 */
#include <string.h>

#include "base/bytes.h"
#include "base/cksum.h"
#include "middle.h"
#include "sim.h"

/* to_host - Ethernet header and ip's; the bytes */
static size_t
to_host(const struct sim *s, int to, struct ip_hdr *ip, uint8_t *f)
{
	memcpy(f, s->end[to].mac.b, 6);
	memcpy(f + 6, s->end[!to].mac.b, 6);
	put_be16(f + 12, ip->v6 ? ETHER_IP6 : ETHER_IP4);
	ip->dst = s->end[to].addr;
	ip->ttl = 60;
	return ETHER_HLEN + ip_encode(f + ETHER_HLEN, ip);
}

/*
 * icmp - an error to an end, about the packet quoted
 */
static void
icmp(struct sim *s, int to, uint8_t type, uint8_t code, uint32_t mtu,
    const uint8_t *quote, size_t n, const char *what)
{
	uint8_t f[256], *m;
	struct ip_hdr ip = {.v6 = s->v6,
	    .src = s->end[!to].addr,
	    .proto = s->v6 ? PROTO_ICMP6 : PROTO_ICMP};
	size_t at;

	if (n > 100)
		n = 100;
	ip.len = (uint32_t)((s->v6 ? 40 : 20) + 8 + n);
	at = to_host(s, to, &ip, f);
	m = f + at;
	memset(m, 0, 8);
	m[0] = type;
	m[1] = code;
	if (s->v6)
		put_be32(m + 4, mtu);
	else
		put_be16(m + 6, (uint16_t)mtu);
	memcpy(m + 8, quote, n);
	put_be16(m + 2, ip_cksum(&ip.src, &ip.dst, ip.proto, m, 8 + n));
	net_inject(s, to, f, at + 8 + n, what);
}

void
too_big(
    struct sim *s, int to, const uint8_t *p, const struct view *v, uint32_t mtu)
{
	/* old routers do not tell how much is not: RFC 1191 5 */
	if (!s->v6 && chance_of(s, 100))
		mtu = 0;
	icmp(s, to, s->v6 ? 2 : 3, s->v6 ? 0 : 4, mtu, p + ETHER_HLEN,
	    v->ip.len, "ICMP too big");
}

/* forged_error - about a segment that is in flight, if seq is right */
static void
forged_error(struct sim *s, struct side *d, uint32_t seq, bool right)
{
	static const uint16_t mtu[] = {0, 68, 300, 552, 600, 1280, 1400};
	struct ip_hdr ip = {.v6 = s->v6,
	    .src = d->end->addr,
	    .dst = s->end[!d->end->who].addr,
	    .proto = PROTO_TCP,
	    .ttl = 50,
	    .len = 1000};
	uint8_t q[60], type, code;
	size_t at = ip_encode(q, &ip);
	uint16_t ours = d->end->who == CLIENT ? d->call->port : SERVER_PORT;
	uint16_t theirs = d->end->who == CLIENT ? SERVER_PORT : d->call->port;

	put_be16(q + at, ours);
	put_be16(q + at + 2, theirs);
	put_be32(q + at + 4, seq);
	if (s->v6) {
		type = (uint8_t)between(s, 1, 4);
		code = type == 1 ? (uint8_t)between(s, 0, 5) : 0;
	} else {
		type = chance_of(s, 700) ? 3 : chance_of(s, 500) ? 11 : 4;
		code = type == 3 ? (uint8_t)between(s, 0, 5) : 0;
	}
	if (right && !d->opened)
		s->hard_error = true;
	icmp(s, d->end->who, type, code, mtu[between(s, 0, 6)], q, at + 8,
	    right ? "ICMP forged" : "ICMP forged blindly");
}

/* forged_segment - n bytes of rubbish from the other end, or flags alone */
static void
forged_with(struct sim *s, struct side *d, uint8_t flags, uint32_t seq,
    uint32_t ack, uint32_t n, const uint32_t *ts)
{
	struct ip_hdr ip = {
	    .v6 = s->v6, .src = s->end[!d->end->who].addr, .proto = PROTO_TCP};
	struct tcp_hdr h = {.flags = flags, .seq = seq, .ack = ack, .wnd = 500};
	uint8_t f[1200];
	struct view v;
	size_t at, hlen;

	h.sport = d->end->who == CLIENT ? SERVER_PORT : d->call->port;
	h.dport = d->end->who == CLIENT ? d->call->port : SERVER_PORT;
	h.opt.have_ts = ts != NULL;
	h.opt.tsval = ts != NULL ? *ts : 0;
	ip.len = (s->v6 ? 40u : 20u) + 20u + (h.opt.have_ts ? 12u : 0u) + n;
	at = to_host(s, d->end->who, &ip, f);
	hlen = tcp_hdr_encode(f + at, &h);
	memset(f + at + hlen, 0x55, n);
	v.ip = ip;
	v.ip.hlen = s->v6 ? 40 : 20;
	v.tcp_at = at;
	middle_sum(f, &v);
	net_inject(s, d->end->who, f, at + hlen + n, "forged");
}

static void
forged_segment(struct sim *s, struct side *d, uint8_t flags, uint32_t seq,
    uint32_t ack, uint32_t n)
{
	bool have = chance_of(s, 500);
	uint32_t ts = have ? (uint32_t)chance_u64(&s->c) : 0;

	forged_with(s, d, flags, seq, ack, n, have ? &ts : NULL);
}

void
attack_knowing(struct sim *s, struct side *d, enum known what, uint32_t ts)
{
	uint32_t next = seq_expected(d), old = ts - (1u << 20);
	uint32_t later = ts + (1u << 20), acked = d->w.max_seq;
	int i;

	switch (what) {
	case KNOWN_UNSENT: /* RFC 5961 5.2 */
		forged_with(s, d, TH_ACK, next, acked + 1, 0, &ts);
		break;
	case KNOWN_OLD: /* RFC 7323 5.3 R1 */
		forged_with(s, d, TH_ACK | TH_PSH, next, acked, 100, &old);
		break;
	case KNOWN_OUTSIDE: /* 5.3 R3: its timestamp does not count */
		forged_with(s, d, TH_ACK | TH_PSH, next + (1u << 30), acked,
		    100, &later);
		break;
	case KNOWN_BEFORE: /* before the first byte: RFC 2883 4 */
		forged_with(
		    s, d, TH_ACK | TH_PSH, d->w.irs - 2000, acked, 100, &ts);
		break;
	case KNOWN_FLOOD: /* RFC 5961 7 */
		for (i = 0; i < FLOOD; i++)
			forged_with(s, d, TH_SYN, next + 1, 0, 0, &ts);
		break;
	case KNOWN_RESET: /* in TIME-WAIT: RFC 1337 */
		forged_with(s, d, TH_RST, next, 0, 0, &ts);
		break;
	case KNOWNS:
		break;
	}
}

static void
attack_open(struct sim *s, struct side *d)
{
	uint32_t expected = seq_expected(d), far, len;
	const struct side *o = &d->call->side[!d->end->who];

	far = expected + (1u << 30) + (uint32_t)chance_below(&s->c, 1u << 30);
	len = (uint32_t)between(s, 1, 1000);
	switch (chance_below(&s->c, 7)) {
	case 0: /* RFC 5961 3.2: not exactly the next number */
		forged_segment(s, d, TH_RST,
		    expected + (uint32_t)between(s, 1, 1000), 0, 0);
		break;
	case 1:
		forged_segment(s, d, TH_RST, far, 0, 0);
		break;
	case 2: /* 4.2 */
		forged_segment(s, d, TH_SYN,
		    expected + (uint32_t)between(s, 0, 1000), 0, 0);
		break;
	case 3: /* 5.2: it acknowledges what was not sent */
		forged_segment(s, d, TH_ACK | TH_PSH, expected,
		    d->w.max_seq + (uint32_t)between(s, 1, 1 << 30), len);
		break;
	case 4:
		forged_segment(s, d, TH_ACK | TH_PSH, far, d->w.max_seq, len);
		break;
	case 5:
		forged_error(s, d, d->w.acked, d->w.acked != d->w.max_seq);
		break;
	default:
		forged_error(s, d, d->w.max_seq + (o->total | 1), false);
		break;
	}
}

void
attack(struct sim *s)
{
	struct call *c = &s->call[chance_below(&s->c, (uint64_t)s->calls)];
	struct side *d = &c->side[chance_below(&s->c, 2)];

	if (d->opened && !d->closed)
		attack_open(s, d);
	else if (d->connected && !d->closed)
		forged_error(s, d, d->w.iss, true);
}
