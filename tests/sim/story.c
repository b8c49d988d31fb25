/*
 * story.c - the analysis of captures (common/capture/analysis.h) compared
 * with what really happened: every mark, state and end is true, or cannot be
 * known at that place and is marked so.
 *
 * What no mark can say is counted as not knowable: a retransmission of which
 * nothing was seen before there; a copy without an identification; a state
 * that was entered after the last segment.
 */
#include <stdio.h>
#include <string.h>

#include "capture/analysis.h"
#include "truth.h"
#include "wire/tcp_seq.h"

#define DELAYED	 UINT64_C(500000000)  /* ns: no ACK waits for longer */
#define STRAY_NS UINT64_C(5000000000) /* a copy is late, at most */

/* a row and its truth */
struct pair {
	const struct sim *s;
	struct score *score;
	const struct conn *c;
	const struct row *r;
	const struct tx *x;
	const struct sight *v;
	enum point where;
	const struct tcpseg_list *list;
	bool log;
};

static uint32_t
end_of(const struct tcpseg *g)
{
	return g->seq + g->len + !!(g->flags & TH_SYN) + !!(g->flags & TH_FIN);
}

static void
false_story(struct pair *p, const char *what)
{
	static const char *const place[] = {"client", "server", "middle"};
	char text[300];

	p->score->wrong++;
	snprintf(text, sizeof(text),
	    "seed %llu, at the %s, %.6f: %s sent %u:%u [%02x] id %u: %s "
	    "(marks %05x)",
	    (unsigned long long)p->s->seed, place[p->where],
	    (double)(p->v->at - START) / 1e9, side_name(p->x->from),
	    p->r->seg->seq, p->r->seg->seq + p->r->seg->len, p->r->seg->flags,
	    p->r->seg->ip_id, what, p->r->marks);
	if (p->log)
		printf("# %s\n", text);

	if (p->score->first[0] == '\0')
		memcpy(p->score->first, text, sizeof(text));
}

/* same_way - of the same end and call */
static bool
same_way(const struct tx *a, const struct tx *b)
{
	return a->from == b->from && a->call == b->call &&
	       !(a->seg.flags & TH_RST);
}

/*
 * covered_by_others - all of x has arrived by other transmissions that were
 * there before time; of those that were seen at where only, when that is
 * asked
 */
static bool
covered_by_others(const struct tx *x, uint64_t time)
{
	uint32_t pos = x->seg.seq, end = end_of(&x->seg), i;
	const struct tx *y;
	bool any = true;

	while (any && seq_lt(pos, end)) {
		any = false;
		for (i = 0; i < truth.txs && !any; i++) {
			y = &truth.tx[i];
			if (y == x || !same_way(y, x) || y->arrived > time ||
			    y->arrived == NEVER || seq_gt(y->seg.seq, pos) ||
			    seq_leq(end_of(&y->seg), pos))
				continue;
			pos = end_of(&y->seg);
			any = true;
		}
	}
	return seq_geq(pos, end);
}

/* seen_before - something of it, or behind it, passed there earlier */
static bool
seen_before(const struct pair *p)
{
	const struct tx *x = p->x, *y;
	uint32_t i;

	for (i = 0; i < truth.txs; i++) {
		y = &truth.tx[i];
		if (y->seg.len == 1 && y->seg.seq == x->seg.seq)
			continue; /* a probe */
		if (y != x && same_way(y, x) && y->seen[p->where] != NEVER &&
		    y->seen[p->where] < p->v->at && y < x &&
		    seq_gt(end_of(&y->seg), x->seg.seq) &&
		    end_of(&y->seg) - x->seg.seq < MAX_TOTAL + 2)
			return true;
	}
	return false;
}

/* came_again - later than x all of it was seen again, and that arrived */
static bool
came_again(const struct pair *p)
{
	const struct tx *x = p->x, *y;
	uint32_t i;

	for (i = 0; i < truth.txs; i++) {
		y = &truth.tx[i];
		if (y != x && same_way(y, x) && y->seg.time > x->seg.time &&
		    y->seen[p->where] != NEVER &&
		    y->seen[p->where] > p->v->at && y->arrived != NEVER &&
		    seq_leq(y->seg.seq, x->seg.seq) &&
		    seq_geq(end_of(&y->seg), end_of(&x->seg)))
			return true;
	}
	return false;
}

/* reports - y tells that all of x has arrived, by D-SACK that twice */
static bool
reports(const struct tx *y, const struct tx *x, bool twice)
{
	const struct sack_block *b = y->seg.opt.sack;
	uint32_t end = end_of(&x->seg);
	int i;

	if (y->from == x->from || y->call != x->call ||
	    !(y->seg.flags & TH_ACK))
		return false;
	if (!twice && seq_geq(y->seg.ack, end))
		return true;
	for (i = 0; i < y->seg.opt.nsack && !(twice && i > 0); i++)
		if (seq_leq(b[i].start, x->seg.seq) && seq_leq(end, b[i].end) &&
		    (!twice || seq_lt(b[i].start, y->seg.ack) ||
			(y->seg.opt.nsack > 1 &&
			    seq_leq(b[1].start, b[0].start) &&
			    seq_leq(b[0].end, b[1].end))))
			return true;
	return false;
}

/* was_overtaken - the same was there earlier, though it was sent later */
static bool
was_overtaken(const struct tx *x)
{
	return covered_by_others(x, x->arrived);
}

/* fills_hole - what was sent behind it has arrived before */
static bool
fills_hole(const struct tx *x)
{
	const struct tx *y;
	uint32_t i;

	for (i = 0; i < truth.txs; i++) {
		y = &truth.tx[i];
		if (same_way(y, x) && y->arrived < x->arrived &&
		    seq_geq(y->seg.seq, end_of(&x->seg)) &&
		    y->seg.seq - x->seg.seq < MAX_TOTAL)
			return true;
	}
	return false;
}

/*
 * was_refused - it came, but what its receiver sent next does not have it;
 * without SACK that shows when it waits for just that, or sends nothing for
 * longer than an ACK may wait, which is not at all behind what fills a hole
 * (RFC 5681 4.2)
 */
static bool
was_refused(const struct pair *p)
{
	const struct tx *x = p->x, *y;
	bool sacks = p->c->end[!p->r->from].sack_ok;
	uint32_t i;

	for (i = 0; i < truth.txs; i++) {
		y = &truth.tx[i];
		if (y->from == x->from || y->call != x->call ||
		    y->seg.time < x->arrived || !(y->seg.flags & TH_ACK))
			continue;
		if (reports(y, x, true))
			return false;
		if (covered_by_others(x, y->seg.time))
			/* it would tell that it came twice, or had
			   acknowledged the first: RFC 9293 3.8.6.3 */
			return sacks ||
			       y->seg.time >
				   x->arrived + (fills_hole(x) ? 0 : DELAYED);
		if (reports(y, x, false))
			return false;
		if (sacks || y->seg.ack == x->seg.seq)
			return true;
	}
	return true;
}

/* is_stray - a SYN, the first one of its connection, that passes long after the
   others of its number: it may as well begin one of the same number */
static bool
is_stray(const struct pair *p)
{
	uint32_t i;

	for (i = 0; p->c->row[i] != p->r; i++)
		if (p->c->row[i]->from == p->r->from)
			return false;
	return (p->x->seg.flags & (TH_SYN | TH_ACK)) == TH_SYN &&
	       p->v->at - p->x->seg.time > STRAY_NS;
}

static void
check_again(struct pair *p)
{
	uint32_t marks = p->r->marks;

	if (marks & (MARK_PROBE | MARK_KEEPALIVE))
		return;
	p->score->again += p->x->again;
	if (((marks & MARK_AGAIN) != 0) == p->x->again)
		return;
	if (marks & (MARK_UNSURE | MARK_ORDER))
		p->score->unsure++;
	else if (marks & MARK_AGAIN)
		false_story(p, "was not retransmitted");
	else if (!seen_before(p) || is_stray(p))
		p->score->unknowable++;
	else
		false_story(p, "was retransmitted");
}

static void
check_lost(struct pair *p)
{
	uint32_t marks = p->r->marks;
	bool lost = p->x->arrived == NEVER;

	if (marks & (MARK_PROBE | MARK_KEEPALIVE))
		return;
	p->score->lost += lost;
	p->score->surely += (marks & MARK_LOST) && !(marks & MARK_MAYBE);
	if (marks & MARK_MAYBE)
		p->score->unsure++;
	else if ((marks & MARK_LOST) && !lost && !was_overtaken(p->x) &&
		 !was_refused(p))
		false_story(p, "was not lost");
	else if (lost && !(marks & (MARK_LOST | MARK_PARTLY | MARK_NEEDLESS)) &&
		 came_again(p))
		false_story(p, "was lost");
	if (!(marks & MARK_NEEDLESS) || (marks & MARK_MAYBE))
		return;
	p->score->needless++;
	if (!covered_by_others(p->x, NEVER - 1))
		false_story(p, "was not needless");
}

/* is_original_here - it is a copy of a packet of the same connection */
static bool
is_original_here(const struct pair *p)
{
	const struct sight *all = truth.sight[p->where];
	uint32_t i;

	for (i = 0; p->c->row[i] != p->r; i++)
		if (all[p->c->row[i]->seg - p->list->s].tx == p->v->tx)
			return true;
	return false;
}

static void
check_row(struct pair *p)
{
	uint32_t marks = p->r->marks;
	bool ids = p->r->seg->ip_id != 0;

	p->score->rows++;
	p->score->twice += p->v->copy;
	if (p->x->iss != p->c->end[p->r->from].isn &&
	    p->c->end[p->r->from].from_syn) {
		p->score->unknowable++; /* of an earlier connection */
		return;
	}
	if (marks & MARK_UNTAKEN)
		false_story(p, "was taken");
	if (marks & MARK_TWICE) {
		if (!p->v->copy && !(marks & MARK_MAYBE))
			false_story(p, "was not captured twice");
		p->score->unsure += (marks & MARK_MAYBE) != 0;
		return;
	}
	if (p->v->copy) {
		if (ids && row_space(p->r) > 0 &&
		    !(p->r->seg->flags & TH_RST) && !(marks & MARK_MAYBE) &&
		    is_original_here(p))
			false_story(p, "was captured twice");
		else
			p->score->unknowable++;
		return;
	}
	if (row_space(p->r) == 0 || (p->r->seg->flags & TH_RST)) {
		if (marks & (MARK_AGAIN | MARK_LOST))
			false_story(p, "has no data");
		return;
	}
	check_again(p);
	check_lost(p);
}

/* is_mine - the segment is of this connection, and its numbers are in range */
static bool
is_mine(const struct pair *p, const struct conn_end *e)
{
	const struct tcpseg *g = p->r->seg;

	return p->x->iss == e->isn && !(g->flags & TH_RST) &&
	       g->seq <= MAX_TOTAL && g->len <= MAX_TOTAL - g->seq;
}

/*
 * check_bytes - each byte that was captured counts once, and nothing else; a
 * window probe's only if it was taken
 */
static void
check_bytes(struct pair *p, int side)
{
	static uint8_t there[MAX_TOTAL + 1];
	const struct conn_end *e = &p->c->end[side];
	uint64_t least = 0, most = 0;
	uint32_t i, j, first;
	char what[100];

	memset(there, 0, sizeof(there));
	for (i = 0; i < p->c->rows; i++) {
		p->r = p->c->row[i];
		p->v = &truth.sight[p->where][p->r->seg - p->list->s];
		p->x = &truth.tx[p->v->tx];
		if (p->r->from != side || row_space(p->r) == 0)
			continue;
		if (!e->from_syn || !is_mine(p, e))
			return; /* of several connections */
		first = p->r->seg->seq + !!(p->r->seg->flags & TH_SYN);
		for (j = first; j < first + p->r->seg->len; j++)
			there[j] |= p->r->marks & (MARK_PROBE | MARK_TWICE) ? 1
									    : 3;
	}
	for (i = 0; i <= MAX_TOTAL; i++) {
		least += there[i] >> 1;
		most += there[i] & 1;
	}
	if (most == 0 || (e->bytes >= least && e->bytes <= most))
		return;
	snprintf(what, sizeof(what), "%llu bytes were captured, not %llu",
	    (unsigned long long)most, (unsigned long long)e->bytes);
	false_story(p, what);
}

static void
check_conn(const struct sim *s, struct score *score, const struct conn *c,
    const struct tcpseg_list *list, enum point where, bool log)
{
	struct pair p = {.s = s,
	    .score = score,
	    .c = c,
	    .where = where,
	    .list = list,
	    .log = log};
	uint32_t i;

	for (i = 0; i < c->rows; i++) {
		p.r = c->row[i];
		p.v = &truth.sight[where][p.r->seg - list->s];
		p.x = &truth.tx[p.v->tx];
		check_row(&p);
	}
	check_bytes(&p, LEFT);
	check_bytes(&p, RIGHT);
	states_check(s, score, c, list, where);
}

void
story_check(const struct sim *s, struct score *score, bool log)
{
	struct tcpseg_list list;
	struct conns conns;
	uint32_t i;
	int where;

	for (where = 0; where < POINTS; where++) {
		truth_capture((enum point)where, &list);
		if (conns_make(&conns, &list) == 0)
			for (i = 0; i < conns.n; i++)
				check_conn(s, score, &conns.conn[i], &list,
				    (enum point)where, log);
		conns_free(&conns);
		truth_list_free(&list);
	}
}
