/*
 * talk.h - a small conversation and its analysis, for tests. Needs tap.h and
 * parse.h.
 */
#ifndef TALK_H
#define TALK_H

#include <string.h>

#include "capture/analysis.h"
#include "wire/parse.h"

enum { MOST = 96 };

#define ISN_A UINT32_C(0xfffffffe)
#define ISN_B UINT32_C(7)

/* a conversation: numbers are relative to each end's SYN */
struct talk {
	struct tcpseg s[MOST];
	struct tcpseg_list list;
	struct conns conns;
	const char *client, *server;
	uint64_t now;
};

static struct talk t;

/* begin - anew: what was there is forgotten */
static inline void
begin(bool v6)
{
	conns_free(&t.conns);
	memset(&t, 0, sizeof(t));
	t.list.s = t.s;
	t.client = v6 ? "fd00::9" : "10.0.0.9";
	t.server = v6 ? "fd00::5" : "10.0.0.5";
	t.now = UINT64_C(1763640000000000000);
}

/* sends - the client, or the server; ms later than before */
static inline void
sends(int from, uint16_t flags, uint32_t seq, uint32_t ack, uint32_t len,
    unsigned ms)
{
	struct tcpseg *s = &t.s[t.list.n];

	t.now += ms * UINT64_C(1000000);
	*s = (struct tcpseg){.time = t.now,
	    .no = t.list.n++,
	    .seq = seq + (from ? ISN_B : ISN_A),
	    .ack = flags & TH_ACK ? ack + (from ? ISN_A : ISN_B) : 0,
	    .len = len,
	    .wnd = 60000,
	    .flags = flags};
	parse_addr(from ? t.server : t.client, &s->src.addr);
	parse_addr(from ? t.client : t.server, &s->dst.addr);
	s->src.port = from ? 80 : 40000;
	s->dst.port = from ? 40000 : 80;
}

static inline void
handshake(void)
{
	sends(0, TH_SYN, 0, 0, 0, 0);
	sends(1, TH_SYN | TH_ACK, 0, 1, 0, 10);
	sends(0, TH_ACK, 1, 1, 0, 10);
}

static inline const struct row *
row(uint32_t i)
{
	if (t.conns.conn == NULL)
		conns_make(&t.conns, &t.list);
	return t.conns.conn[0].row[i];
}

static inline bool
states(const struct row *r, enum end_state left, enum end_state right)
{
	return r->state[LEFT] == left && r->state[RIGHT] == right;
}

#endif
