/*
 * truth.c - see truth.h.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "pipe/stream.h"
#include "truth.h"
#include "wire/tcp_seq.h"

struct truth truth;

/* room - for one unit more of size bytes; not counted as the engine's */
static void *
room(void *p, uint32_t n, uint32_t *have, size_t size)
{
	if (n < *have)
		return p;
	*have = *have ? 2 * *have : 1024;
	p = __real_realloc(p, *have * size);
	if (p == NULL)
		abort();
	return p;
}

void
truth_begin(uint64_t seed)
{
	struct truth *t = &truth;
	int i;

	t->on = true;
	t->txs = t->changes = 0;
	for (i = 0; i < POINTS; i++)
		t->sights[i] = 0;
	memset(t->began, 0, sizeof(t->began));
	memset(t->bare_syn, 0, sizeof(t->bare_syn));
	t->coin = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
}

void
truth_free(void)
{
	int i;

	__real_free(truth.tx);
	__real_free(truth.change);
	for (i = 0; i < POINTS; i++)
		__real_free(truth.sight[i]);
	memset(&truth, 0, sizeof(truth));
}

static void
seen(enum point where, uint32_t tx, uint64_t at)
{
	struct truth *t = &truth;
	struct sight *v;

	t->sight[where] = room(t->sight[where], t->sights[where],
	    &t->sight_room[where], sizeof(*v));
	v = &t->sight[where][t->sights[where]];
	*v = (struct sight){.tx = tx, .at = at, .no = t->sights[where]++};
}

static void
decode(struct tcpseg *g, const struct sim *s, const uint8_t *frame,
    const struct view *v)
{
	*g = (struct tcpseg){.time = s->now,
	    .src = {v->ip.src, v->h.sport},
	    .dst = {v->ip.dst, v->h.dport},
	    .seq = v->h.seq,
	    .ack = v->h.ack,
	    .len = v->len,
	    .wnd = v->h.wnd,
	    .flags = v->h.flags,
	    .ip_id = v->ip.v6 ? 0 : v->ip.id,
	    .opt = v->h.opt};
	memcpy(g->mac, frame, sizeof(g->mac));
}

/* is_again - some of it was sent before, by the same end of the same call */
static bool
is_again(struct truth *t, int call, int from, const struct tcpseg *g)
{
	uint32_t end = g->seq + g->len + !!(g->flags & TH_SYN) +
		       !!(g->flags & TH_FIN);
	bool again, crossed = false;

	if (end == g->seq || (g->flags & TH_RST))
		return false;
	if (g->flags & TH_SYN) {
		crossed = (g->flags & TH_ACK) && t->bare_syn[call][from];
		t->bare_syn[call][from] = !(g->flags & TH_ACK);
		if (!t->began[call][from] ||
		    t->max_seq[call][from] - g->seq > MAX_TOTAL + 2) {
			t->began[call][from] = true;
			t->max_seq[call][from] = g->seq;
			t->iss[call][from] = g->seq;
		}
	}
	again = seq_lt(g->seq, t->max_seq[call][from]);
	t->max_seq[call][from] = seq_max(t->max_seq[call][from], end);
	return again && !crossed;
}

/*
 * call_of - which one a segment belongs to. A SYN of the number that an earlier
 * call of these ports had is that one's, sent again; and so is what an end
 * sends of that before it has a SYN for the new one.
 */
static int
call_of(const struct truth *t, const struct side *d, int from,
    const struct tcpseg *g)
{
	int call = d != NULL ? d->call->no : 0, i;
	uint32_t most = g->flags & TH_SYN ? 0 : MAX_TOTAL + 2;

	if (!(g->flags & TH_SYN) && t->began[call][from])
		return call;
	for (i = call - 1; i >= 0; i--)
		if (t->began[i][from] && g->seq - t->iss[i][from] <= most)
			return i;
	return call;
}

uint32_t
truth_sent(struct sim *s, int from, const uint8_t *frame, const struct view *v)
{
	struct truth *t = &truth;
	const struct side *d;
	struct tx *x;
	int i;

	if (!t->on || !v->tcp)
		return NO_TX;
	t->tx = room(t->tx, t->txs, &t->tx_room, sizeof(*x));
	x = &t->tx[t->txs];
	memset(x, 0, sizeof(*x));
	decode(&x->seg, s, frame, v);
	x->arrived = NEVER;
	x->from = (uint8_t)from;
	for (i = 0; i < POINTS; i++)
		x->seen[i] = NEVER;
	d = side_of(&s->end[from], v->h.sport, v->h.dport);
	x->call = call_of(t, d, from, &x->seg);
	x->again = is_again(t, x->call, from, &x->seg);
	x->iss = t->iss[x->call][from];
	seen(from == CLIENT ? AT_CLIENT : AT_SERVER, t->txs, s->now);
	return t->txs++;
}

static uint64_t
toss(struct truth *t)
{
	t->coin ^= t->coin << 13;
	t->coin ^= t->coin >> 7;
	t->coin ^= t->coin << 17;
	return t->coin;
}

void
truth_passes(struct sim *s, uint32_t tx, uint64_t arrival)
{
	if (!truth.on || tx == NO_TX)
		return;
	if (arrival != NEVER)
		seen(IN_BETWEEN, tx, s->now + (arrival - s->now) / 2);
	else if (toss(&truth) >> 32 & 1) /* lost behind it, not before */
		seen(IN_BETWEEN, tx, s->now + s->path[0].delay / 2);
}

void
truth_arrived(struct sim *s, int to, uint32_t tx)
{
	struct tx *x;

	if (!truth.on || tx == NO_TX)
		return;
	x = &truth.tx[tx];
	if (x->arrived == NEVER)
		x->arrived = s->now;
	seen(to == CLIENT ? AT_CLIENT : AT_SERVER, tx, s->now);
}

/* call_in - whose state an end changes to: an earlier call of these ports may
   live on there until the SYN of the new one comes */
static int
call_in(
    const struct truth *t, const struct end *e, const struct call *c, int state)
{
	int i;

	if (state == TCPS_SYN_SENT || state == TCPS_SYN_RECEIVED ||
	    t->began[c->no][e->who])
		return c->no;
	for (i = c->no - 1; i >= 0; i--)
		if (t->began[i][e->who] && e->sim->call[i].port == c->port)
			return i;
	return c->no;
}

void
truth_state(struct end *e, const struct tcp_event *ev)
{
	struct truth *t = &truth;
	const struct side *d = side_of(e, ev->lport, ev->rport);

	if (!t->on || d == NULL)
		return;
	t->change = room(
	    t->change, t->changes, &t->change_room, sizeof(*t->change));
	t->change[t->changes++] = (struct change){.at = e->sim->now,
	    .state = ev->state_new,
	    .call = call_in(t, e, d->call, ev->state_new),
	    .who = (uint8_t)e->who};
}

/* ---- captures */

static int
by_time(const void *a, const void *b)
{
	const struct sight *v = a, *w = b;

	if (v->at != w->at)
		return v->at < w->at ? -1 : 1;
	return v->no < w->no ? -1 : 1;
}

void
truth_capture(enum point where, struct tcpseg_list *list)
{
	struct sight *v = truth.sight[where];
	uint32_t i, n = truth.sights[where];
	struct tx *x;

	qsort(v, n, sizeof(*v), by_time);
	memset(list, 0, sizeof(*list));
	list->s = __real_calloc(n + 1, sizeof(*list->s));
	if (list->s == NULL)
		abort();
	for (i = 0; i < truth.txs; i++)
		truth.tx[i].seen[where] = NEVER;
	for (i = 0; i < n; i++) {
		x = &truth.tx[v[i].tx];
		v[i].copy = x->seen[where] != NEVER;
		if (!v[i].copy)
			x->seen[where] = v[i].at;
		list->s[i] = x->seg;
		list->s[i].time = v[i].at;
		list->s[i].no = i;
	}
	list->n = n;
}

void
truth_list_free(struct tcpseg_list *list)
{
	__real_free(list->s);
}

/* frame_of - its headers; returns their bytes, *len with the data */
static size_t
frame_of(const struct tcpseg *g, uint8_t *p, uint32_t *len)
{
	struct tcp_hdr h = {.sport = g->src.port,
	    .dport = g->dst.port,
	    .seq = g->seq,
	    .ack = g->ack,
	    .wnd = g->wnd,
	    .flags = g->flags,
	    .opt = g->opt};
	struct ip_hdr ip = {.src = g->src.addr,
	    .dst = g->dst.addr,
	    .proto = PROTO_TCP,
	    .ttl = 64,
	    .df = true,
	    .id = g->ip_id,
	    .v6 = !ip_is_v4(&g->src.addr)};
	size_t n = ETHER_HLEN, hlen;
	uint8_t tcp[TCP_MAXHLEN];

	memcpy(p, g->mac, sizeof(g->mac));
	p[12] = ip.v6 ? 0x86 : 0x08;
	p[13] = ip.v6 ? 0xdd : 0x00;
	hlen = tcp_hdr_encode(tcp, &h);
	ip.len = (uint32_t)((ip.v6 ? 40 : 20) + hlen + g->len);
	n += ip_encode(p + n, &ip);
	memcpy(p + n, tcp, hlen);
	*len = (uint32_t)(n + hlen + g->len);
	return n + hlen;
}

static int
write_point(const char *prefix, enum point where)
{
	static const char *const name[] = {"client", "server", "middle"};
	struct tcpseg_list list;
	uint8_t head[24] = {0x4d, 0x3c, 0xb2, 0xa1, 2, 0, 4, 0};
	static uint8_t p[200 + UINT16_MAX]; /* data are zeros */
	char path[300];
	uint32_t i, rec[4];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s.%s.pcap", prefix, name[where]);
	f = fopen(path, "we");
	if (f == NULL)
		return -1;
	head[18] = 4; /* snaplen 262144 */
	head[20] = 1; /* Ethernet */
	fwrite(head, 1, sizeof(head), f);
	truth_capture(where, &list);
	for (i = 0; i < list.n; i++) {
		rec[0] = (uint32_t)(list.s[i].time / NS_PER_SEC);
		rec[1] = (uint32_t)(list.s[i].time % NS_PER_SEC);
		n = frame_of(&list.s[i], p, &rec[3]);
		memset(p + n, 0, rec[3] - n);
		rec[2] = rec[3];
		fwrite(rec, 1, sizeof(rec), f);
		fwrite(p, 1, rec[2], f);
	}
	truth_list_free(&list);
	return fclose(f);
}

int
truth_write(const char *prefix)
{
	char path[300];
	const struct tx *x;
	uint32_t i;
	FILE *f;
	int p;

	for (p = 0; p < POINTS; p++)
		if (write_point(prefix, (enum point)p) != 0)
			return -1;
	snprintf(path, sizeof(path), "%s.truth", prefix);
	f = fopen(path, "we");
	if (f == NULL)
		return -1;
	for (i = 0; i < truth.txs; i++) {
		x = &truth.tx[i];
		fprintf(f, "%llu call=%d from=%s seq=%u len=%u flags=%02x%s",
		    (unsigned long long)x->seg.time, x->call,
		    side_name(x->from), x->seg.seq, x->seg.len, x->seg.flags,
		    x->again ? " retransmitted" : "");
		if (x->arrived == NEVER)
			fprintf(f, " lost\n");
		else
			fprintf(f, " arrived=%llu\n",
			    (unsigned long long)x->arrived);
	}
	for (i = 0; i < truth.changes; i++)
		fprintf(f, "%llu call=%d %s state=%d\n",
		    (unsigned long long)truth.change[i].at,
		    truth.change[i].call, side_name(truth.change[i].who),
		    truth.change[i].state);
	return fclose(f);
}
