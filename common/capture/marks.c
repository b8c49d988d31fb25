/*
 * marks.c - what each segment of a connection is: sent again, late, lost,
 * needless, a keep-alive and so on; see analysis.h, and study.h for its parts.
 */
#include <stdlib.h>

#include "capture/analyse.h"
#include "capture/study.h"
#include "capture/ranges.h"
#include "wire/tcp_seq.h"

enum { ALIVE_MAX = 16 }; /* keep-alives and their answers to look back */

#define IDLE_NS UINT64_C(500000000) /* before a keep-alive */

/* is_probe - of a window that is closed, as far as it is known */
static bool
is_probe(const struct study *k)
{
	const struct tcpseg *s = k->r->seg;
	const struct conn_end *me = k->me, *you = k->you;
	bool scaled = me->syn_seen && you->syn_seen;

	if (!you->have_edge || !(scaled || you->wnd == 0))
		return false;
	if (s->len == 1 && seq_geq(s->seq, you->edge))
		return true;
	/* a window that was taken back: RFC 9293 3.8.6 */
	if (s->len == 1 && you->wnd == 0 && s->seq == me->nxt && me->have_una &&
	    me->una == me->nxt)
		return true;
	/* a byte that nothing has acknowledged yet is retransmitted */
	return you->wnd == 0 && s->seq + 1 == me->nxt &&
	       (s->len == 0 || !me->have_una || me->una == me->nxt);
}

/* is_overtaken - it was sent before what has sent the most */
static bool
is_overtaken(const struct study *k)
{
	const struct row *top = k->c->row[k->me->top];

	/* identifications come round */
	return order(k->me, k->r, top) < 0 &&
	       (since(top, k->r) < RTO_NS || is_older(k->r, top));
}

/* was_silent - both ends, but for keep-alives */
static bool
was_silent(const struct study *k)
{
	const struct row *r = k->r;
	uint32_t j;

	for (j = k->i; j > 0 && k->i - j < ALIVE_MAX; j--) {
		r = k->c->row[j - 1];
		if (!(r->marks & (MARK_KEEPALIVE | MARK_ALIVE | MARK_TWICE)))
			break;
	}
	return since(r, k->r) >= IDLE_NS;
}

/*
 * alive - of what has the number before the next one, and no data but a byte
 * at most: an end that has been silent sends a keep-alive (RFC 9293 3.8.4).
 * Else it is an acknowledgment that the latest byte overtook, or that byte once
 * more. Returns the marks
 */
static uint32_t
alive(const struct study *k)
{
	const struct conn_end *me = k->me;
	bool acked = me->have_una && me->una == me->nxt;

	if ((acked || !me->have_una) && was_silent(k))
		return MARK_KEEPALIVE;
	if (!acked || k->r->seg->len > 0)
		return 0;
	return order(me, k->r, k->c->row[me->top]) > 0
		   ? MARK_KEEPALIVE
		   : MARK_LATE | MARK_UNSURE;
}

/*
 * is_idle - a keep-alive or a probe of a closed window (RFC 9293 3.8.6.1) is
 * neither data nor lost
 */
static bool
is_idle(struct study *k)
{
	const struct tcpseg *s = k->r->seg;
	const struct conn_end *me = k->me;

	if (s->len > 1 || (s->flags & (TH_SYN | TH_FIN | TH_RST)) ||
	    !me->have_nxt || (me->have_ack && me->ack != s->ack))
		return false;
	if (is_probe(k)) {
		k->r->marks |= MARK_PROBE;
		k->me->probed = s->seq + s->len;
		k->me->probe = k->i;
		return true;
	}
	if (s->len == 0 && seq_lt(s->seq, me->nxt) && is_overtaken(k))
		k->r->marks |= MARK_LATE;
	else if (s->seq + 1 == me->nxt)
		k->r->marks |= alive(k);
	return k->r->marks & MARK_KEEPALIVE;
}

/* note_stand - the first ACK with a number shows that all before it was sent */
static void
note_stand(struct study *k)
{
	struct conn_end *me = k->me;
	uint32_t last = me->stand[(me->stands - 1) % CONN_STANDS];

	if (me->stands == 0 || k->c->row[last]->seg->seq != k->r->seg->seq)
		me->stand[me->stands++ % CONN_STANDS] = k->i;
}

/* ahead - it has sent more than was captured: what comes now fills a gap */
static void
ahead(struct study *k)
{
	struct conn_end *me = k->me;
	uint32_t seq = k->r->seg->seq;

	if (!me->have_nxt) {
		me->nxt = seq;
		me->have_nxt = true;
		me->top = k->i;
	} else if (seq_gt(seq, me->nxt) && seq - me->nxt < JUMP_MAX) {
		k->r->marks |= MARK_GAP;
		me->nxt = seq;
		me->top = k->i;
	}
}

/* begin_anew - what it has sent and acknowledged so far was of another
   connection */
static void
begin_anew(struct study *k)
{
	struct conn_end *me = k->me, *you = k->you;
	const struct ranges *s = you->ranges;

	me->have_nxt = me->have_una = false;
	me->stands = 0;
	me->ranges->head = me->ranges->n = 0;
	me->ranges->forgets = false;
	if (!you->from_syn || s->n == s->head)
		return;
	me->have_ack = me->have_edge = false;
	you->nxt = seq_min(you->nxt, s->r[s->n - 1].end);
	if (you->have_una && seq_gt(you->una, you->nxt))
		you->have_una = false;
}

/*
 * unseen_answer - a reset with the number behind the SYN, which nothing in the
 * capture answers. The number is that of an acknowledgment which the end
 * rejects (RFC 9293 3.10.7.1), or its own since a SYN-ACK came. An end that
 * gives up without an answer sends no reset, or one that acknowledges 0.
 */
static void
unseen_answer(struct study *k)
{
	const struct tcpseg *s = k->r->seg;
	struct conn_end *me = k->me;

	if (!me->bare_syn || !me->from_syn || me->have_ack || me->have_una ||
	    k->you->syn_seen || s->seq - 1 >= me->nxt ||
	    ((s->flags & TH_ACK) && s->ack + k->you->isn == 0))
		return;
	k->r->marks |= MARK_ANSWERS;
	me->answered = true;
}

static int
study(struct study *k)
{
	const struct tcpseg *s = k->r->seg;
	int status = 0;

	k->me->rows++;
	if (k->me->renumbered > 0 && k->me->renumbered == k->i)
		begin_anew(k);
	if (is_twice(k) || is_hurt(k)) {
		study_twice(k);
		return 0;
	}
	/* these do nothing to this connection */
	if (is_other_syn(k->r) || is_void(k) || (k->r->marks & MARK_UNTAKEN))
		return 0;
	if (s->flags & TH_SYN) {
		k->me->sack_ok = s->opt.sack_ok;
		k->me->syn_seen = true;
	}
	if (is_pure_ack(k->r) && (s->flags & TH_ACK)) {
		ahead(k);
		note_stand(k);
	}
	if (!is_idle(k) && row_space(k->r) > 0 && !(s->flags & TH_RST))
		status = study_sent(k);
	if (k->tired && row_space(k->r) > 0)
		k->r->marks |= MARK_MAYBE | MARK_ORDER;
	if ((s->flags & (TH_SYN | TH_ACK)) == TH_SYN)
		k->me->bare_syn = true;
	if ((s->flags & (TH_ACK | TH_RST)) == TH_ACK &&
	    !(k->r->marks & (MARK_TWICE | MARK_DROPPED)))
		status |= study_acked(k);
	if ((s->flags & (TH_ACK | TH_RST)) == (TH_ACK | TH_RST))
		study_refused(k);
	if (s->flags & TH_RST)
		unseen_answer(k);
	if (!(k->r->marks & MARK_TWICE))
		k->me->before = k->i;
	return status;
}

/* a SYN that nothing shows to have arrived, or that was refused */
static void
judge_syn(struct conn *c, struct row *r)
{
	const struct conn_end *me = &c->end[r->from], *you = &c->end[!r->from];

	if ((r->seg->flags & (TH_SYN | TH_ACK)) != TH_SYN || r->lost > 0)
		return;
	if (c->refused[r->from])
		r->marks |= MARK_REFUSED;
	else if (!you->syn_seen && !me->have_ack && !me->answered)
		r->marks |= MARK_NO_ANSWER;
}

/* refusals - a SYN that was answered by a reset */
static void
refusals(struct conn *c)
{
	uint32_t i, syn[2] = {NO_ROW, NO_ROW};
	const struct tcpseg *s;
	bool opens[2] = {false};
	int who;

	for (i = 0; i < c->rows; i++) {
		s = c->row[i]->seg;
		who = c->row[i]->from;
		if (c->row[i]->marks & MARK_DROPPED)
			continue;
		opens[who] |= (s->flags & TH_RST) == 0;
		if ((s->flags & TH_SYN) && !(c->row[i]->marks & MARK_TWICE))
			syn[who] = i;
		if ((s->flags & TH_RST) && !opens[who] && syn[!who] != NO_ROW)
			c->row[syn[!who]]->marks |= MARK_REFUSED;
		if ((s->flags & TH_RST) && !c->end[who].syn_seen &&
		    c->end[!who].syn_seen && !c->end[!who].have_ack)
			c->refused[!who] = true;
	}
}

/*
 * judge_tail - what was sent once, or for the last time, and never
 * acknowledged, though so long after it an acknowledgment came: any that is
 * sent behind its arrival would tell of it, or of what lies above a hole only
 * by SACK
 */
static void
judge_tail(struct conn *c, int who)
{
	struct conn_end *e = &c->end[who];
	const struct ranges *s = e->ranges;
	uint32_t i, seq;
	struct row *r;

	if (!e->have_una || e->longest == 0)
		return;
	for (i = ranges_at(s, e->una); i < s->n; i++) {
		seq = seq_max(s->r[i].seq, e->una);
		r = c->row[s->r[i].last];
		if (seq != e->una && !c->end[!who].sack_ok)
			return;
		if (s->r[i].covered || (r->seg->flags & TH_SYN) ||
		    e->asked_at < r->seg->time ||
		    e->asked_at - r->seg->time <=
			e->longest + e->longest / 2 + SHIFT_NS)
			continue;
		r->lost += s->r[i].end - seq;
		r->marks |= MARK_MAYBE;
	}
}

/* conclude - marks that only the whole connection shows */
static void
conclude(struct conn *c)
{
	const struct ranges *s;
	struct row *r;
	uint32_t i, n;
	int who;

	for (who = 0; who < 2; who++) {
		s = c->end[who].ranges;
		for (i = s->head; i < s->n; i++)
			if (s->r[i].gones > 0 && !s->r[i].covered)
				c->row[s->r[i].gone[s->r[i].gones - 1]]
				    ->marks |= MARK_MAYBE;
	}
	judge_tail(c, LEFT);
	judge_tail(c, RIGHT);
	refusals(c);
	for (i = 0; i < c->rows; i++) {
		r = c->row[i];
		n = row_space(r);
		judge_syn(c, r);
		if (r->lost > 0 && (r->marks & MARK_UNSURE))
			r->marks |= MARK_MAYBE;
		if (r->lost > 0)
			r->marks |= r->lost >= n ? MARK_LOST : MARK_PARTLY;
		if ((r->marks & MARK_AGAIN) && r->needless >= n)
			r->marks |= MARK_NEEDLESS;
		judge_damaged(r);
		if (r->lost > 0 && (r->marks & MARK_MAYBE))
			c->end[r->from].perhaps++;
		else
			c->end[r->from].lost += r->lost > 0;
		c->end[r->from].again += (r->marks & MARK_AGAIN) != 0;
		c->end[r->from].unsure += (r->marks & MARK_AGAIN) &&
					  (r->marks & MARK_UNSURE);
	}
}

/* has_no_scale - its SYN, which is there, has not the option */
static bool
has_no_scale(const struct conn_end *e)
{
	return e->from_syn && !e->have_wscale && !e->scale_cut;
}

/*
 * is_scale_known - RFC 7323 2.2: windows are scaled if both SYNs have the
 * option, and a SYN-ACK has it only if the SYN has
 */
static bool
is_scale_known(const struct conn_end *me, const struct conn_end *you)
{
	if (has_no_scale(me) || has_no_scale(you))
		return true;
	if (me->scale_cut)
		return false;
	if (me->from_syn && you->from_syn && !you->scale_cut)
		return true;
	return me->from_syn && me->answers_syn;
}

/* judge_windows - 0 is 0 in any scale */
static void
judge_windows(struct conn *c)
{
	struct conn_end *a = &c->end[LEFT], *b = &c->end[RIGHT];
	struct row *r;
	uint32_t i;

	a->unscaled = !is_scale_known(a, b);
	b->unscaled = !is_scale_known(b, a);
	for (i = 0; i < c->rows; i++) {
		r = c->row[i];
		if (c->end[r->from].unscaled && r->wnd > 0 &&
		    !(r->seg->flags & (TH_SYN | TH_RST)))
			r->marks |= MARK_UNSCALED;
	}
}

int
analyse_marks(struct conn *c)
{
	struct ranges room[2] = {{.n = 0}, {.n = 0}};
	struct study k = {.c = c, .alike = find_alike(c)};
	int status = 0;

	if (k.alike == NULL)
		return -1;

	c->end[LEFT].ranges = &room[LEFT];
	c->end[RIGHT].ranges = &room[RIGHT];
	c->end[LEFT].before = c->end[RIGHT].before = NO_ROW;
	count_ids(c);
	judge_windows(c);
	status = find_damaged(c);
	count_ticks(c);
	find_untaken(c);
	for (k.i = 0; k.i < c->rows && status == 0; k.i++) {
		k.r = c->row[k.i];
		k.me = &c->end[k.r->from];
		k.you = &c->end[!k.r->from];
		status = study(&k);
	}
	if (status == 0) {
		judge_copies(&k);
		conclude(c);
	}
	free(k.alike);
	free(k.piece);
	free(room[LEFT].r);
	free(room[RIGHT].r);
	c->end[LEFT].ranges = c->end[RIGHT].ranges = NULL;
	return status;
}

uint64_t
conn_rtt(const struct conn *c)
{
	return c->end[LEFT].half + c->end[RIGHT].half;
}
