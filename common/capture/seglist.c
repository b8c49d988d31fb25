/*
 * seglist.c - see seglist.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/cksum.h"
#include "base/die.h"
#include "base/syscalls.h"
#include "capture/capin.h"
#include "capture/look.h"
#include "capture/seglist.h"

/* its options as far as they are there */
enum left
tcpseg_header(const uint8_t *p, uint32_t there, uint32_t len, struct tcp_hdr *h)
{
	uint8_t copy[TCP_MAXHLEN] = {0};
	uint32_t hlen;

	if (there < TCP_HLEN)
		return len < TCP_HLEN ? LEFT_TCP : LEFT_CUT_TCP;
	hlen = (p[12] >> 4) * 4u;
	if (hlen <= there)
		return tcp_hdr_decode(p, len, h) == 0 ? LEFT_NOTHING : LEFT_TCP;
	if (hlen > len)
		return LEFT_TCP;
	memcpy(copy, p, there);
	copy[12] = (uint8_t)(there / 4 << 4 | (p[12] & 15));
	tcp_hdr_decode(copy, there, h);
	h->opt.bad = false;
	h->hlen = (uint8_t)hlen;
	return LEFT_NOTHING;
}

/* offload has the sum of the pseudo-header in its place; of what is to be cut
   to segments without the length */
enum seg_sum
tcpseg_summed(
    const struct ip_hdr *ip, const uint8_t *p, uint32_t there, uint32_t len)
{
	uint16_t got = get_be16(p + 16), sum, none;

	sum = (uint16_t)~cksum_fold(
	    ip_pseudo_sum(&ip->src, &ip->dst, PROTO_TCP, len));
	none = (uint16_t)~cksum_fold(
	    ip_pseudo_sum(&ip->src, &ip->dst, PROTO_TCP, 0));
	if (got == sum || got == none)
		return SUM_OFFLOAD;
	if (there < len)
		return SUM_UNKNOWN;
	return ip_cksum(&ip->src, &ip->dst, PROTO_TCP, p, len) == 0 ? SUM_GOOD
								    : SUM_BAD;
}

enum left
tcpseg_decode(const struct stream_rec *rec, bool decap, struct tcpseg *out)
{
	uint32_t begin, there, len;
	struct tcp_hdr h;
	struct look l;
	enum left why = look_at(rec, decap, &l);

	memset(out, 0, sizeof(*out));
	if (why != LEFT_NOTHING)
		return why;
	if (l.ip.proto != PROTO_TCP || l.ip.frag)
		return look_name(rec, &l);
	begin = l.l3 + l.ip.hlen;
	there = rec->caplen - begin;
	len = l.ip.len - l.ip.hlen;
	if (there > len)
		there = len;
	why = there == 0 && len > 0
		  ? LEFT_CUT
		  : tcpseg_header(rec->data + begin, there, len, &h);
	if (why != LEFT_NOTHING)
		return why;
	out->time = rec->ts;
	out->len = len - h.hlen;
	out->at = begin + h.hlen;
	out->there = there > h.hlen ? there - h.hlen : 0;
	out->cut = there < h.hlen;
	out->cksum = get_be16(rec->data + begin + 16);
	out->summed = tcpseg_summed(&l.ip, rec->data + begin, there, len);
	out->src.addr = l.ip.src;
	out->src.port = h.sport;
	out->dst.addr = l.ip.dst;
	out->dst.port = h.dport;
	out->ip_id = l.ip.v6 ? 0 : l.ip.id;
	memcpy(out->mac, rec->data + l.l2, sizeof(out->mac));
	out->seq = h.seq;
	out->ack = h.ack;
	out->wnd = h.wnd;
	out->flags = h.flags;
	out->opt = h.opt;
	return LEFT_NOTHING;
}

/* mix - h with the next eight bytes, in the order of this machine */
static uint64_t
mix(uint64_t h, const uint8_t *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 29;
}

/* sum_of - of the data: what equal segments have in common. Four sums at once:
   none waits for the one before */
static uint32_t
sum_of(const uint8_t *p, uint32_t n)
{
	uint64_t h[4] = {n, 1, 2, 3}, all;
	uint8_t rest[32] = {0};
	uint32_t i;

	for (; n >= sizeof(rest); p += sizeof(rest), n -= sizeof(rest))
		for (i = 0; i < 4; i++)
			h[i] = mix(h[i], p + 8 * i);
	memcpy(rest, p, n);
	for (i = 0; i < 4; i++)
		h[i] = mix(h[i], rest + 8 * i);
	all = mix(mix(mix(h[0], (uint8_t *)&h[1]), (uint8_t *)&h[2]),
	    (uint8_t *)&h[3]);
	return (uint32_t)(all >> 32);
}

static bool
wanted(const struct tcpseg_list *l, const struct tcpseg *s)
{
	if (l->addr != NULL && !ip_equal(l->addr, &s->src.addr) &&
	    !ip_equal(l->addr, &s->dst.addr))
		return false;
	return l->port == 0 || l->port == s->src.port || l->port == s->dst.port;
}

void
tcpseg_list_take(
    struct tcpseg_list *l, const struct stream_rec *rec, const struct capin *in)
{
	struct tcpseg s, *grown;
	enum left why = tcpseg_decode(rec, l->decap, &s);
	uint64_t due;

	if (why != LEFT_NOTHING) {
		leftout_count(&l->left, why);
		return;
	}
	s.time = steps_time(
	    &l->steps, in->iface, capin_ifaces(in), s.time, &due);
	if (!wanted(l, &s))
		return;
	if (l->n == TCPSEG_MAX) {
		l->beyond++;
		return;
	}
	if (l->n == l->room) {
		l->room = l->room ? 2 * l->room : 1024;
		grown = realloc(l->s, l->room * sizeof(*grown));
		if (grown == NULL)
			die(EXIT_NO, "keep packets: %s", strerror(errno));
		l->s = grown;
	}
	s.due = due;
	s.no = l->n;
	s.link = (uint16_t)in->link;
	l->cut += s.cut;
	s.sum = sum_of(rec->data + s.at, s.there);
	memcpy(s.head, rec->data + s.at,
	    s.there < sizeof(s.head) ? s.there : sizeof(s.head));
	l->s[l->n++] = s;
}

int
tcpseg_list_read(struct tcpseg_list *l, struct capin *in)
{
	struct stream_rec rec;
	int r;

	memset(&l->steps, 0, sizeof(l->steps));
	while ((r = capin_packet(in, &rec)) > 0)
		tcpseg_list_take(l, &rec, in);
	steps_say(&l->steps, in->name);
	if (in->ng.untimed > 0)
		say("read %s: packets without a timestamp (simple packet "
		    "blocks): %llu; they have that of the packet before",
		    in->name, (unsigned long long)in->ng.untimed);
	l->packets += in->count;
	leftout_add(&l->left, &in->left);
	if (r == 0)
		return EXIT_DONE;
	say("read %s: %s", in->name, in->error);
	return in->status;
}

/* qsort() asks how much memory there is */
SANDBOX_NEEDS_FOR(SORT, sysinfo);

static int
by_time(const void *a, const void *b)
{
	const struct tcpseg *r = a, *s = b;

	if (r->due != s->due)
		return r->due < s->due ? -1 : 1;
	return r->no < s->no ? -1 : 1;
}

void
tcpseg_list_sort(struct tcpseg_list *l)
{
	if (l->n > 0)
		qsort(l->s, l->n, sizeof(*l->s), by_time);
}

void
tcpseg_list_say(const struct tcpseg_list *l)
{
	if (l->cut > 0)
		say("%llu segment%s cut within the TCP options: SACK blocks "
		    "and timestamps may be missing (capture more of each "
		    "packet)",
		    (unsigned long long)l->cut, l->cut == 1 ? " is" : "s are");
}
