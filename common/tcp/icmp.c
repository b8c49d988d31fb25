/*
 * icmp.c - ICMP and ICMPv6 errors about our connections: RFC 9293
 * 3.9.2.2, RFC 792, RFC 4443. Anybody can send one, so it must quote a
 * segment that is in flight now (RFC 5927 4.1); and it ends a connection only
 * in SYN-SENT (RFC 5461 4, RFC 5927 5.2). Echo and the rest are not ours.
 */
#include "base/bucket.h"
#include "base/bytes.h"
#include "base/cksum.h"
#include "base/clock.h"
#include "tcp/tcp_var.h"
#include "wire/icmp_quote.h"
#include "wire/tcp_seq.h"

enum {
	UNREACHABLE = 3, /* ICMP: RFC 792 */
	SOURCE_QUENCH = 4,
	TIME_EXCEEDED = 11,
	PARAMETER = 12,
	FRAG_NEEDED = 4,  /* its code */
	UNREACHABLE6 = 1, /* ICMPv6: RFC 4443 */
	TOO_BIG6 = 2,
	TIME_EXCEEDED6 = 3,
	PARAMETER6 = 4,
	LEAST_MTU4 = 68, /* RFC 791 3.2 */
	LEAST_MTU6 = 1280,
	/* that lower it: more at once are forged, as each has all that is in
	   flight sent once more */
	MTU_REPORTS = 8,
};
#define MTU_EVERY (10 * NS_PER_SEC)

/* the segment that the error is about, as far as it is quoted */
struct quote {
	struct icmp_quote ip;
	uint16_t sport, dport;
	uint32_t seq;
};

bool
tcp_icmp_is_error(bool v6, uint8_t type)
{
	if (v6)
		return type >= UNREACHABLE6 && type <= PARAMETER6;
	return type == UNREACHABLE || type == SOURCE_QUENCH ||
	       type == TIME_EXCEEDED || type == PARAMETER;
}

/* quotes_tcp - else it is for the program that has that protocol here */
static bool
quotes_tcp(bool v6, const uint8_t *p, size_t n)
{
	return n < 10 || p[v6 ? 6 : 9] == PROTO_TCP;
}

/* read_quote - we send no IPv6 extension headers, nor fragments */
static bool
read_quote(bool v6, const uint8_t *p, size_t n, struct quote *q)
{
	if (icmp_quote_decode(v6, p, n, &q->ip) != 0 ||
	    q->ip.proto != PROTO_TCP || q->ip.n < 8 ||
	    (v6 && q->ip.data != p + IP6_HLEN))
		return false;
	q->sport = get_be16(q->ip.data);
	q->dport = get_be16(q->ip.data + 2);
	q->seq = get_be32(q->ip.data + 4);
	return true;
}

static bool
checksum_ok(const struct seg *seg, const uint8_t *p, size_t n)
{
	return ip_cksum(&seg->src, &seg->dst,
		   seg->v6 ? PROTO_ICMP6 : PROTO_ICMP, p, n) == 0;
}

/* plateau - RFC 1191 7.1: the next likely size, where the router gives none */
static uint32_t
plateau(uint32_t len)
{
	static const uint16_t size[] = {
	    65535, 32000, 17914, 8166, 4352, 2002, 1492, 1006, 508, 296, 68};
	size_t i;

	for (i = 0; i < sizeof(size) / sizeof(size[0]); i++) {
		if (size[i] < len)
			return size[i];
	}
	return LEAST_MTU4;
}

/*
 * syn_too_big - the SYN had data, RFC 7413, and was too long for the path: it
 * goes out again at once, without. Only the first: one error, one SYN. What the
 * path takes is kept for the data.
 */
static bool
syn_too_big(struct tcb *tcb, uint32_t mtu, const struct seg *seg)
{
	if (tcb->c.state != TCPS_SYN_SENT || tcb->retransmits > 0 ||
	    tcb->snd_nxt - tcb->iss <= 1)
		return false;
	if (mtu >= (seg->v6 ? (uint32_t)LEAST_MTU6 : (uint32_t)LEAST_MTU4))
		tcp_mtu_syn(tcb, mtu, seg->stamp);
	tcb->send_syn = true;
	tcp_touch(tcb);
	return true;
}

static void
too_big(struct tcb *tcb, uint64_t now, const struct seg *seg, const uint8_t *p,
    const struct quote *q)
{
	uint32_t mtu = seg->v6 ? get_be32(p + 4) : get_be16(p + 6);
	uint32_t now_sent = tcb->mss + (seg->v6 ? 60u : 40u);

	/* the quote may be of a frame that the interface would have cut */
	if (!seg->v6 && mtu == 0)
		mtu = plateau(q->ip.len < now_sent ? q->ip.len : now_sent);
	if (syn_too_big(tcb, mtu, seg))
		return;
	/* RFC 8201 4: less than 1280 is discarded, more is no news */
	if (mtu < (seg->v6 ? (uint32_t)LEAST_MTU6 : (uint32_t)LEAST_MTU4) ||
	    !tcp_synchronized(tcb) || mtu >= now_sent ||
	    !bucket_take(&tcb->w->mtu_reports, now, MTU_EVERY, MTU_REPORTS) ||
	    !tcp_mtu_lower(tcb, mtu, seg->stamp, seg->no))
		tcp_drop(tcb->tcp, seg, tcb, "icmp-mtu");
}

static const char *
unreachable_name(bool v6, uint8_t code)
{
	static const char *const v4_name[] = {"net-unreachable",
	    "host-unreachable", "protocol-unreachable", "port-unreachable",
	    "fragmentation-needed", "source-route-failed"};
	static const char *const v6_name[] = {"net-unreachable", "prohibited",
	    "beyond-scope", "host-unreachable", "port-unreachable"};

	if (v6)
		return code < 5 ? v6_name[code] : "prohibited";
	return code < 6 ? v4_name[code] : "prohibited";
}

static const char *
error_name(const struct seg *seg, uint8_t type, uint8_t code)
{
	if (type == (seg->v6 ? UNREACHABLE6 : UNREACHABLE))
		return unreachable_name(seg->v6, code);
	if (type == (seg->v6 ? TIME_EXCEEDED6 : TIME_EXCEEDED))
		return "time-exceeded";
	return "parameter-problem";
}

/* is_hard - SHLD-26: the other end has no such protocol or port */
static bool
is_hard(const struct seg *seg, uint8_t type, uint8_t code)
{
	if (seg->v6)
		return type == UNREACHABLE6 && code == 4;
	return type == UNREACHABLE && (code == 2 || code == 3);
}

static void
report(struct tcb *tcb, const struct seg *seg, uint8_t type, uint8_t code)
{
	struct tcp_event ev;

	tcp_event_tcb(&ev, TCP_EV_ICMP, seg->stamp, tcb);
	ev.frame = seg->no;
	ev.icmp_type = type;
	ev.icmp_code = code;
	ev.why = error_name(seg, type, code);
	tcb->tcp->host.event(tcb->tcp->host_ctx, &ev);
}

/* act - the error is about something that this connection has in flight */
static void
act(struct tcb *tcb, uint64_t now, const struct seg *seg, const uint8_t *p,
    const struct quote *q)
{
	uint8_t type = p[0], code = p[1];
	struct tcp_reason why = {TCP_CLOSE_ABORT, "unreachable", type, code};

	tcb->w->frame = seg->no;
	if (seg->v6 ? type == TOO_BIG6
		    : type == UNREACHABLE && code == FRAG_NEEDED) {
		too_big(tcb, now, seg, p, q);
		return;
	}
	report(tcb, seg, type, code); /* SHLD-25, MUST-47 */
	if (is_hard(seg, type, code) && tcb->c.state == TCPS_SYN_SENT)
		tcp_close_for(tcb, &why, now, seg);
}

/* find - the connection, or why there is none */
static const char *
find(struct tcp *t, struct seg *seg, const struct quote *q, struct tcb **out)
{
	struct conn *c;

	if (!ip_equal(&q->ip.src, &seg->dst))
		return "icmp-quote"; /* sent to us, about someone else */
	seg->src = q->ip.dst;
	seg->h.sport = q->dport;
	seg->h.dport = q->sport;
	c = tcp_lookup(t, &q->ip.src, q->sport, &q->ip.dst, q->dport);
	if (c == NULL || c->kind != CONN_TCB)
		return "icmp-no-connection";
	*out = (struct tcb *)c;
	/* RFC 5927 4.1: SND.UNA =< SEG.SEQ < SND.NXT */
	if (seq_lt(q->seq, (*out)->snd_una) || seq_geq(q->seq, (*out)->snd_nxt))
		return "icmp-sequence";
	return NULL;
}

void
tcp_icmp(
    struct tcp *t, uint64_t now, struct seg *seg, const uint8_t *p, size_t n)
{
	struct tcb *tcb = NULL;
	const char *why = NULL;
	struct quote q;

	if (n >= ICMP_HLEN &&
	    !quotes_tcp(seg->v6, p + ICMP_HLEN, n - ICMP_HLEN)) {
		t->stats.foreign++;
		return;
	}
	if (n < ICMP_HLEN)
		why = "icmp-short";
	else if (!t->cfg.trust_cksum && !checksum_ok(seg, p, n))
		why = "icmp-checksum";
	else if (!seg->v6 && p[0] == SOURCE_QUENCH)
		why = "icmp-quench"; /* MUST-55, RFC 6633 3 */
	else if (!read_quote(seg->v6, p + ICMP_HLEN, n - ICMP_HLEN, &q))
		why = "icmp-quote";
	else
		why = find(t, seg, &q, &tcb);
	if (why != NULL)
		tcp_drop(t, seg, tcb, why);
	else
		act(tcb, now, seg, p, &q);
}
