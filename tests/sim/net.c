/*
 * net.c - the network: frames on their way, by time of arrival, and what
 * becomes of them there.
 */
#include <string.h>

#include "alloc.h"
#include "middle.h"
#include "sim.h"
#include "truth.h"

/* ---- on their way ---- */

static struct packet *
new_packet(int to, const uint8_t *p, size_t n)
{
	struct packet *q = alloc_own(sizeof(*q) + n);

	memset(q, 0, sizeof(*q));
	q->tx = NO_TX;
	q->to = to;
	q->len = n;
	if (p != NULL)
		memcpy(q->bytes, p, n);
	return q;
}

void
net_release(struct packet *q)
{
	if (q->whole != NULL)
		alloc_own_free(q->whole);
	alloc_own_free(q);
}

struct packet *
net_due(struct sim *s)
{
	struct packet *q = s->first;

	if (q == NULL || q->at > s->now)
		return NULL;
	way_take(s, q);
	return q;
}

void
net_clear(struct sim *s)
{
	struct packet *q;

	while ((q = s->first) != NULL) {
		s->first = q->next;
		net_release(q);
	}
	s->last = NULL;
}

/* ---- what becomes of them ---- */

static bool
in_a_hole(const struct sim *s, int to)
{
	int i;

	for (i = 0; i < s->holes; i++) {
		if (s->now >= s->hole[i].from && s->now < s->hole[i].to &&
		    (s->hole[i].ways & 1u << to))
			return true;
	}
	return false;
}

/* queued - how long the bottleneck holds n bytes; NEVER: it is full */
static uint64_t
queued(struct sim *s, struct path *w, size_t n)
{
	if (w->rate == 0)
		return 0;
	if (w->busy < s->now)
		w->busy = s->now;
	if (w->busy - s->now > w->queue)
		return NEVER;
	w->busy += n * NS_PER_SEC / w->rate;
	return w->busy - s->now;
}

/* bad - impairments go on, and this frame is one of of_1000 */
static bool
bad(struct sim *s, unsigned of_1000)
{
	return s->now < s->bad_until && of_1000 > 0 && chance_of(s, of_1000);
}

static uint64_t
on_the_way(struct sim *s, const struct path *w)
{
	uint64_t at = s->now + w->delay;

	if (bad(s, w->reorder))
		at += between(s, 0, w->jitter);
	if (bad(s, w->late))
		at += between(s, 0, w->lateness);
	return at;
}

/*
 * one - a copy of the frame sets out; from what byte on it may be damaged,
 * 0: not at all
 */
static void
one(struct sim *s, struct packet *q, uint64_t wait, size_t fragile)
{
	struct path *w = &s->path[q->to];

	if (fragile > 0 && bad(s, w->damage)) {
		q->damaged = true;
		middle_damage(q->bytes, q->len, fragile, &s->c);
	}
	q->tx = s->tx;
	way_put(s, q, on_the_way(s, w) + wait);
	truth_passes(s, q->tx, q->at);
}

/* in_pieces - of so many bytes of payload */
static void
in_pieces(struct sim *s, int to, const uint8_t *p, size_t n,
    const struct view *v, size_t size, uint64_t wait)
{
	size_t off = 0, len, fragile = ETHER_HLEN;
	uint8_t part[2048];
	struct packet *q;
	int more;

	if (v->ip.v6)
		fragile += v->ip.hlen + 8u;
	s->frag_id++;
	do {
		len = middle_cut(p, v, off, size, s->frag_id, part, &more);
		off += size;
		if (bad(s, s->path[to].loss / 4))
			continue;
		q = new_packet(to, part, len);
		q->whole = new_packet(to, p, n);
		one(s, q, wait, fragile);
		/* the damage of two may cancel out in TCP's checksum */
		if (q->damaged)
			fragile = 0;
	} while (more);
}

static uint32_t
mtu_of(const struct sim *s, const struct path *w)
{
	return s->now < w->mtu_at ? w->mtu : w->mtu_later;
}

/* forward - the frame has passed what may lose it */
static void
forward(struct sim *s, int to, uint8_t *p, size_t n, const struct view *v,
    uint64_t wait)
{
	struct path *w = &s->path[to];
	uint32_t mtu = mtu_of(s, w), head = v->ip.hlen + (v->ip.v6 ? 8 : 0);
	bool split = bad(s, w->split);

	if (n - ETHER_HLEN > mtu || split)
		in_pieces(s, to, p, n, v,
		    split ? between(s, 1, 90) * 8 : (mtu - head) / 8 * 8, wait);
	else /* an IPv6 header has no checksum */
		one(s, new_packet(to, p, n), wait,
		    ETHER_HLEN + (v->ip.v6 ? v->ip.hlen : 0));
}

/* why_lost - NULL: it is not; *wait is how long the bottleneck holds it */
static const char *
why_lost(struct sim *s, int to, size_t n, uint64_t *wait)
{
	struct path *w = &s->path[to];

	*wait = 0;
	if (in_a_hole(s, to))
		return "lost: no network";
	if (bad(s, w->loss))
		return "lost";
	*wait = queued(s, w, n);
	return *wait == NEVER ? "lost: queue full" : NULL;
}

void
net_send(struct sim *s, int from, uint8_t *p, size_t n, const struct view *v)
{
	int to = !from;
	struct path *w = &s->path[to];
	uint64_t wait;
	const char *fate = why_lost(s, to, n, &wait);

	s->frames++;
	s->tx = truth_sent(s, from, p, v);
	if (fate == NULL && n - ETHER_HLEN > mtu_of(s, w) &&
	    (v->ip.v6 || v->ip.df))
		fate = "lost: too big";
	if (fate == NULL && (v->ip.tos & 3) != 0 && bad(s, w->mark)) {
		middle_mark(p, v);
		fate = "marked";
	}
	if (s->log)
		log_frame(s, from, v, p, n, fate);
	if (s->pcap >= 0)
		log_pcap(s, p, n);
	if (fate != NULL && fate[0] == 'l') {
		s->lost++;
		truth_passes(s, s->tx, NEVER);
		if (strcmp(fate, "lost: too big") == 0 && !w->mtu_silent)
			too_big(s, from, p, v, mtu_of(s, w));
		return;
	}
	if (bad(s, w->dup))
		forward(s, to, p, n, v, wait);
	forward(s, to, p, n, v, wait);
}

void
net_inject(struct sim *s, int to, const uint8_t *p, size_t n, const char *what)
{
	struct packet *q = new_packet(to, p, n);
	struct view v;

	if (s->log && look(p, n, &v))
		log_frame(s, !to, &v, p, n, what);
	if (s->pcap >= 0)
		log_pcap(s, p, n);
	q->forged = true;
	way_put(s, q, s->now - 1); /* before all others */
}
