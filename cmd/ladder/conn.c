/*
 * conn.c - rows into connections, and what each row means: relative numbers,
 * the states of RFC 9293 3.3.2 at both ends, what was sent again, what was
 * lost on the way.
 *
 * The states are those that both ends must be in if they keep to the RFC and
 * what the capture shows is all that happened. A segment is called lost when
 * it was sent again, and the other end had neither acknowledged it before nor
 * told afterwards that it came twice (RFC 2883).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "ladder.h"

enum {
	LOOK_AHEAD = 4096, /* rows to search for the same bytes again */
	QUIET_MIN = 8,	   /* rows in a stretch that is worth to be folded */
	QUIET_EDGE = 2,	   /* rows of it that are drawn at either end */
};

const char *
state_name(enum end_state s)
{
	static const char *const name[] = {"", "LISTEN", "SYN-SENT",
	    "SYN-RECEIVED", "ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2",
	    "CLOSE-WAIT", "CLOSING", "LAST-ACK", "TIME-WAIT", "CLOSED"};

	return name[s];
}

/* modulo 2^32: RFC 9293 3.4 */
static bool
before(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

/* sequence numbers that it takes */
static uint32_t
space(const struct row *r)
{
	return r->seg->len + !!(r->seg->flags & TH_SYN) +
	       !!(r->seg->flags & TH_FIN);
}

/* ---- the table ---- */

static uint32_t
hash(const struct endpoint *a, const struct endpoint *b)
{
	uint32_t h = 0;
	size_t i;

	/* the same for both directions */
	for (i = 0; i < sizeof(a->addr.b); i++)
		h = h * 31 + a->addr.b[i] + b->addr.b[i];
	h = h * 31 + a->port + b->port;
	return (h ^ h >> 16) % LADDER_BUCKETS;
}

/* these are its two ends; *from is the first one's side */
static bool
joins(const struct conn *c, const struct endpoint *a, const struct endpoint *b,
    enum side *from)
{
	*from = endpoint_equal(&c->end[LEFT].at, a) ? LEFT : RIGHT;
	return endpoint_equal(&c->end[*from].at, a) &&
	       endpoint_equal(&c->end[!*from].at, b);
}

static struct conn *
conn_new(struct ladder *l, const struct row *r, struct conn **slot)
{
	struct conn *c = calloc(1, sizeof(*c));
	/* a SYN-ACK first: the client is its receiver */
	bool turned = (r->seg->flags & (TH_SYN | TH_ACK)) == (TH_SYN | TH_ACK);

	if (c == NULL)
		die(EXIT_NO, "keep a connection: %s", strerror(errno));
	c->end[LEFT].at = turned ? r->seg->dst : r->seg->src;
	c->end[RIGHT].at = turned ? r->seg->src : r->seg->dst;
	if ((r->seg->flags & (TH_SYN | TH_ACK)) == TH_SYN)
		c->end[RIGHT].state = ST_LISTEN;
	c->same_hash = *slot;
	*slot = c;
	*l->last = c;
	l->last = &c->next;
	return c;
}

static void
add(struct conn *c, struct row *r)
{
	struct row **grown;

	if (c->rows == c->room) {
		c->room = c->room ? 2 * c->room : 16;
		grown = realloc(c->row, c->room * sizeof(struct row *));
		if (grown == NULL)
			die(EXIT_NO, "keep packets: %s", strerror(errno));
		c->row = grown;
	}
	c->row[c->rows++] = r;
}

/* its SYN has another number: a new connection of the same two ends */
static bool
is_anew(const struct conn *c, const struct row *r, enum side from)
{
	const struct end *e = &c->end[from];

	return (r->seg->flags & (TH_SYN | TH_ACK)) == TH_SYN && e->have_isn &&
	       e->isn != r->seg->seq;
}

struct conn *
conn_find(struct ladder *l, const struct endpoint *a, const struct endpoint *b,
    uint64_t time, enum side *first_is)
{
	struct conn *c, *best = NULL;
	enum side from;

	/* of several with the same ends, the last that had begun */
	for (c = l->bucket[hash(a, b)]; c != NULL; c = c->same_hash)
		if (joins(c, a, b, &from) &&
		    (best == NULL || best->row[0]->seg->time > time)) {
			best = c;
			*first_is = from;
		}
	return best;
}

uint32_t
conn_row_at(const struct conn *c, uint64_t time)
{
	uint32_t low = 0, high = c->rows, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (c->row[middle]->seg->time < time)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* ---- what a row means ---- */

static void
relative(struct conn *c, struct row *r)
{
	struct end *me = &c->end[r->from], *you = &c->end[!r->from];
	uint8_t i;

	if (!me->have_isn || (r->seg->flags & TH_SYN)) {
		/* without its SYN the first byte seen is number 1 */
		me->isn = r->seg->flags & TH_SYN ? r->seg->seq
						 : r->seg->seq - 1;
		me->have_isn = true;
	}
	if (!you->have_isn && (r->seg->flags & TH_ACK)) {
		you->isn = r->seg->ack - 1;
		you->have_isn = true;
	}
	r->seg->seq -= me->isn;
	if (r->seg->flags & TH_ACK)
		r->seg->ack -= you->isn;
	for (i = 0; i < r->seg->opt.nsack; i++) {
		r->seg->opt.sack[i].start -= you->isn;
		r->seg->opt.sack[i].end -= you->isn;
	}
	if (r->seg->flags & TH_SYN) {
		me->have_wscale = r->seg->opt.have_wscale;
		me->wscale = r->seg->opt.wscale;
	} else if (me->have_wscale && you->have_wscale) {
		r->wnd <<= me->wscale > TCP_MAXWSCALE ? TCP_MAXWSCALE
						      : me->wscale;
	}
}

/* RFC 9293 3.8.6.1: a probe is not lost, it is not taken */
static void
window(struct conn *c, struct row *r)
{
	struct end *me = &c->end[r->from], *you = &c->end[!r->from];
	uint32_t edge = r->seg->ack + r->wnd;

	r->probe = r->seg->len == 1 && you->have_edge &&
		   !before(r->seg->seq, you->edge);
	if (!(r->seg->flags & TH_ACK) || (r->seg->flags & TH_RST) ||
	    (me->have_edge && before(edge, me->edge)))
		return;
	me->edge = edge;
	me->have_edge = true;
}

/* RFC 9293 3.3.2, figure 5: what sending does */
static void
sent(struct end *e, const struct row *r)
{
	bool syn = r->seg->flags & TH_SYN, ack = r->seg->flags & TH_ACK;

	if (before(e->nxt, r->seg->seq + space(r)))
		e->nxt = r->seg->seq + space(r);
	if (r->seg->flags & TH_RST) {
		e->state = ST_CLOSED;
		return;
	}
	if (syn && !ack && (e->state == ST_NONE || e->state == ST_CLOSED))
		e->state = ST_SYN_SENT;
	else if (syn && ack && e->state != ST_ESTABLISHED)
		e->state = ST_SYN_RECEIVED;
	else if (e->state == ST_NONE && !syn)
		e->state = ST_ESTABLISHED;
	if (r->seg->flags & TH_FIN) {
		e->fin = r->seg->seq + r->seg->len;
		e->have_fin = true;
		if (e->state == ST_ESTABLISHED || e->state == ST_SYN_RECEIVED)
			e->state = ST_FIN_WAIT_1;
		else if (e->state == ST_CLOSE_WAIT)
			e->state = ST_LAST_ACK;
	}
}

static void
heard_ack(struct end *e, const struct row *r)
{
	bool fin_acked = e->have_fin && before(e->fin, r->seg->ack);

	if (e->state == ST_SYN_RECEIVED && !(r->seg->flags & TH_SYN))
		e->state = ST_ESTABLISHED;
	if (e->state == ST_SYN_SENT && (r->seg->flags & TH_SYN))
		e->state = ST_ESTABLISHED;
	if (!fin_acked)
		return;
	if (e->state == ST_FIN_WAIT_1)
		e->state = ST_FIN_WAIT_2;
	else if (e->state == ST_CLOSING)
		e->state = ST_TIME_WAIT;
	else if (e->state == ST_LAST_ACK)
		e->state = ST_CLOSED;
}

/* all up to and with the other's FIN is here */
static void
heard_fin(struct end *e)
{
	if (e->state == ST_ESTABLISHED || e->state == ST_SYN_RECEIVED)
		e->state = ST_CLOSE_WAIT;
	else if (e->state == ST_FIN_WAIT_1)
		e->state = ST_CLOSING;
	else if (e->state == ST_FIN_WAIT_2)
		e->state = ST_TIME_WAIT;
}

static void
heard(struct end *e, const struct end *other, const struct row *r)
{
	if (r->seg->flags & TH_RST) {
		e->state = ST_CLOSED;
		return;
	}
	if (e->state == ST_NONE && !(r->seg->flags & TH_SYN))
		e->state = ST_ESTABLISHED;
	if ((r->seg->flags & (TH_SYN | TH_ACK)) == TH_SYN &&
	    (e->state == ST_LISTEN || e->state == ST_NONE ||
		e->state == ST_SYN_SENT))
		e->state = ST_SYN_RECEIVED;
	if (r->seg->flags & TH_ACK)
		heard_ack(e, r);
	if (!before(e->rcv_nxt, r->seg->seq) &&
	    before(e->rcv_nxt, r->seg->seq + space(r)))
		e->rcv_nxt = r->seg->seq + space(r);
	if (other->have_fin && before(other->fin, e->rcv_nxt))
		heard_fin(e);
}

/* what an ACK of e shows to have arrived, though the rows do not */
static void
shown(struct end *e, const struct end *other, const struct row *r)
{
	if (!(r->seg->flags & TH_ACK) || (r->seg->flags & TH_RST) ||
	    !before(e->rcv_nxt, r->seg->ack))
		return;
	e->rcv_nxt = r->seg->ack;
	if (other->have_fin && before(other->fin, r->seg->ack))
		heard_fin(e);
}

/* ---- losses ---- */

/* ack r tells that it has come: all of start to end */
static bool
tells(const struct row *r, uint32_t start, uint32_t end)
{
	uint8_t i;

	if (!(r->seg->flags & TH_ACK))
		return false;
	if (!before(r->seg->ack, end))
		return true;
	for (i = 0; i < r->seg->opt.nsack; i++)
		if (!before(start, r->seg->opt.sack[i].start) &&
		    !before(r->seg->opt.sack[i].end, end))
			return true;
	return false;
}

/* RFC 2883: its first block tells of what came twice */
static bool
tells_twice(const struct row *r, uint32_t start, uint32_t end)
{
	const struct sack_block *b = r->seg->opt.sack;

	if (r->seg->opt.nsack == 0 || before(start, b->start) ||
	    before(b->end, end))
		return false;
	return before(b->start, r->seg->ack) ||
	       (r->seg->opt.nsack > 1 && !before(b->start, b[1].start) &&
		   !before(b[1].end, b->end));
}

/* mark row i if its bytes go out again later, and that one */
static void
look_ahead(struct conn *c, uint32_t i)
{
	struct row *r = c->row[i], *s;
	uint32_t end = r->seg->seq + space(r), j, last = i + LOOK_AHEAD;
	bool again = false;

	if (last > c->rows)
		last = c->rows;
	for (j = i + 1; j < last; j++) {
		s = c->row[j];
		if (s->from != r->from) {
			if (again && tells_twice(s, r->seg->seq, end))
				return;
			if (tells(s, r->seg->seq, end)) {
				if (!again)
					return;
				/* a D-SACK comes with this one or not at all */
				break;
			}
		} else if (space(s) > 0 && !s->probe &&
			   !before(r->seg->seq, s->seg->seq) &&
			   before(r->seg->seq, s->seg->seq + space(s))) {
			s->again = true;
			again = true;
		}
	}
	r->lost = again;
}

/* ---- all of it ---- */

static void
explain(struct conn *c)
{
	struct row *r;
	struct end *me, *you;
	uint32_t i;

	for (i = 0; i < c->rows; i++)
		if (space(c->row[i]) > 0 && !c->row[i]->probe &&
		    !(c->row[i]->seg->flags & TH_RST))
			look_ahead(c, i);
	for (i = 0; i < c->rows; i++) {
		r = c->row[i];
		me = &c->end[r->from];
		you = &c->end[!r->from];
		shown(me, you, r);
		sent(me, r);
		if (!r->lost && !r->probe)
			heard(you, me, r);
		r->state[LEFT] = (uint8_t)c->end[LEFT].state;
		r->state[RIGHT] = (uint8_t)c->end[RIGHT].state;
	}
}

void
conn_split(struct ladder *l, const struct tcpseg_list *segs)
{
	struct conn **slot, *c;
	enum side from = LEFT;
	struct row *r;
	uint32_t i;

	l->row = calloc(segs->n + 1, sizeof(*l->row));
	l->bucket = calloc(LADDER_BUCKETS, sizeof(*l->bucket));
	if (l->row == NULL || l->bucket == NULL)
		die(EXIT_NO, "keep packets: %s", strerror(errno));
	for (i = 0; i < segs->n; i++) {
		r = &l->row[i];
		r->seg = &segs->s[i];
		r->wnd = r->seg->wnd;
		slot = &l->bucket[hash(&r->seg->src, &r->seg->dst)];
		for (c = *slot; c != NULL; c = c->same_hash)
			if (joins(c, &r->seg->src, &r->seg->dst, &from))
				break;
		if (c == NULL || is_anew(c, r, from)) {
			c = conn_new(l, r, slot);
			from = endpoint_equal(&c->end[LEFT].at, &r->seg->src)
				   ? LEFT
				   : RIGHT;
		}
		r->from = (uint8_t)from;
		relative(c, r);
		window(c, r);
		add(c, r);
	}
	for (c = l->first; c != NULL; c = c->next)
		explain(c);
}

void
conn_free(struct ladder *l)
{
	struct conn *c, *next;

	for (c = l->first; c != NULL; c = next) {
		next = c->next;
		free(c->row);
		free(c);
	}
	free(l->row);
	free(l->bucket);
}

/* ---- stretches in which nothing happens but data and ACKs ---- */

static bool
plain(const struct conn *c, uint32_t i)
{
	const struct row *r = c->row[i], *prev = i > 0 ? c->row[i - 1] : NULL;

	return !r->lost && !r->again && !r->probe && r->why[0] == '\0' &&
	       prev != NULL && (r->seg->flags & ~(TH_ACK | TH_PSH)) == 0 &&
	       r->wnd > 0 && r->state[LEFT] == prev->state[LEFT] &&
	       r->state[RIGHT] == prev->state[RIGHT];
}

uint32_t
conn_quiet(const struct conn *c, uint32_t i)
{
	uint32_t end = i;

	/* not the first of the stretch, nor its last: they are drawn */
	while (end < c->rows && plain(c, end))
		end++;
	if (end - i < QUIET_MIN - QUIET_EDGE || i < QUIET_EDGE ||
	    !plain(c, i - 1) || !plain(c, i - QUIET_EDGE))
		return 0;
	return end - i - QUIET_EDGE;
}
