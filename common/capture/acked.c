/*
 * acked.c - what an acknowledgment shows to have arrived, and what it is
 * itself; see study.h.
 *
 * A transmission counts as lost when the same bytes were sent again before
 * anything showed that they arrived, until an acknowledgment shows that they
 * did: a D-SACK (RFC 2883), or the timestamp that it returns (RFC 3522). The
 * loss is sure only where no acknowledgment that would show the arrival can be
 * missing; the identifications of the other end show that.
 */
#include "capture/study.h"
#include "capture/ranges.h"
#include "wire/tcp_seq.h"

enum {
	ALONE_MAX = 64,	 /* rows to look at */
	ANSWERS_MIN = 2, /* of which the fastest counts */
	COPIES_MAX = 16, /* of one packet */
};

#define PROMPT_NS UINT64_C(1000000)

/* newest - of the transmissions that count as lost; NULL: none does */
static struct row *
newest(const struct conn *c, const struct range *g)
{
	return g->gones > 0 ? c->row[g->gone[g->gones - 1]] : NULL;
}

/*
 * take_back - the newest that counts as lost has arrived after all, and what
 * came behind it was needless; maybe: or the network has made two of that
 */
static void
take_back(struct conn *c, struct range *g, bool maybe)
{
	uint32_t n = g->end - g->seq;
	struct row *r = newest(c, g);

	if (r == NULL)
		return;
	r->lost -= n;
	c->row[g->came]->needless += n;
	if (maybe) {
		r->marks |= MARK_MAYBE;
		c->row[g->came]->marks |= MARK_MAYBE;
	}
	g->came = g->gone[--g->gones];
}

/* is_soon - trip is too short for an answer to what was sent that long ago */
static bool
is_soon(const struct conn_end *e, uint64_t trip)
{
	return trip < e->half - e->half / 4 && trip + PROMPT_NS < e->half;
}

/*
 * twice - a D-SACK: g has arrived once more than was known. That was what was
 * sent behind its arrival, if there is time for it; else one that counts as
 * lost.
 */
static void
twice(struct study *k, struct range *g)
{
	uint64_t trip = since(k->c->row[g->last], k->r);

	if (g->spare > 0 && (!is_soon(k->you, trip) || g->gones == 0))
		g->spare--;
	else
		take_back(k->c, g, true);
}

/*
 * is_answer - r is the first that its sender has sent since the one before,
 * which did not have g: so it answers the segment that has filled g, and would
 * show if that came twice
 */
static bool
is_answer(const struct study *k, const struct range *g)
{
	const struct row *before;

	if (!k->me->have_ack || seq_gt(k->me->ack, g->seq) ||
	    k->me->before == NO_ROW || !(k->me->sack_ok || g->shown))
		return false;
	before = k->c->row[k->me->before];
	return has_ids(k->me, before, k->r) &&
	       (uint16_t)(k->r->seg->ip_id - before->seg->ip_id) == 1;
}

/* was_late - what was overtaken before may have come later than any answer */
static bool
was_late(const struct study *k, const struct range *g)
{
	return newest(k->c, g)->marks & MARK_LATE;
}

/* is_alone - the end has sent nothing more right behind that row, up to k->i */
static bool
is_alone(const struct study *k, uint32_t last)
{
	const struct row *r;
	uint32_t j;

	for (j = last + 1; j < k->i && j - last < ALONE_MAX; j++) {
		r = k->c->row[j];
		if (r->from != k->r->from && row_space(r) > 0 &&
		    !(r->marks & (MARK_TWICE | MARK_UNTAKEN)) &&
		    since(k->c->row[last], r) <= PROMPT_NS)
			return false;
	}
	return j == k->i;
}

/*
 * is_prompt - the same without identifications: it comes as soon after what
 * has filled g, which was sent alone, as an answer can, and returns that
 * timestamp, so none came between
 */
static bool
is_prompt(const struct study *k, const struct range *g, uint64_t trip)
{
	if (!k->me->have_ack || seq_gt(k->me->ack, g->seq) ||
	    !(k->me->sack_ok || g->shown) || g->times != 2 ||
	    k->me->ids_count ||
	    k->r->seg->opt.tsecr != k->c->row[g->last]->seg->opt.tsval)
		return false;
	/* sooner than ever, it answers what was sent before */
	return k->you->answers >= ANSWERS_MIN && !was_late(k, g) &&
	       trip <= k->you->answered + PROMPT_NS &&
	       trip >= k->you->answered && is_alone(k, g->last);
}

/*
 * is_echo - the same by the timestamp that it returns (RFC 7323 4.3): nothing
 * else was sent with it, and it would show if g had come twice
 */
static bool
is_echo(const struct study *k, const struct range *g, uint64_t trip)
{
	const struct row *last = k->c->row[g->last], *r;
	uint32_t j;

	if (!k->me->have_ack || seq_gt(k->me->ack, g->seq) || !k->me->sack_ok ||
	    g->times != 2 || k->r->seg->opt.tsecr != last->seg->opt.tsval ||
	    k->you->answers < ANSWERS_MIN || was_late(k, g) ||
	    trip > 2 * k->you->answered)
		return false;
	for (j = k->i; j-- > 0 && k->i - j < ALONE_MAX;) {
		r = k->c->row[j];
		if (r->marks & (MARK_TWICE | MARK_UNTAKEN))
			continue;
		if (r != last && r->from != k->r->from &&
		    r->seg->opt.tsval == last->seg->opt.tsval)
			return false;
		if (j < g->last && r->from != k->r->from)
			return true;
	}
	return false;
}

/* is_probed - g is a byte that has come in a window probe already, which the
   other end may have taken */
static bool
is_probed(const struct study *k, const struct range *g)
{
	const struct conn_end *you = k->you;

	return g->times == 1 && g->end - g->seq == 1 && you->probed == g->end &&
	       you->probe < g->first;
}

/*
 * judge_probed - the same byte, sent again behind the probe. The timestamp of
 * the probe shows that this was taken: nothing is known of the other
 */
static void
judge_probed(const struct study *k, struct row *last)
{
	const struct tcp_opts *o = &k->r->seg->opt;

	last->marks |= MARK_MAYBE;
	if (o->have_ts && last->seg->opt.have_ts &&
	    seq_lt(o->tsecr, last->seg->opt.tsval))
		last->lost++;
}

/*
 * covers - g has arrived, row k->r shows it. lowest: it was the one that the
 * other end was waiting for
 */
static void
covers(struct study *k, struct range *g, bool lowest)
{
	struct row *last = k->c->row[g->last], *prev;
	const struct tcp_opts *o = &k->r->seg->opt;
	uint64_t trip = since(last, k->r);
	bool known;

	if (g->covered)
		return;
	g->covered = true;
	if (is_probed(k, g)) {
		judge_probed(k, last);
		return;
	}
	if (k->you->shortest == 0 || trip < k->you->shortest)
		k->you->shortest = trip > 0 ? trip : 1;
	if (g->times == 1) {
		if (k->you->half == 0 || trip < k->you->half)
			k->you->half = trip > 0 ? trip : 1;
		if (trip > k->you->longest)
			k->you->longest = trip;
		if (k->r->seg->flags & TH_FIN)
			return;
		if (k->you->answers++ == 0 || trip < k->you->answered)
			k->you->answered = trip;
		return;
	}
	prev = newest(k->c, g);
	if (prev == NULL)
		return;
	known = lowest && o->have_ts && have_stamps(last, last) &&
		last->seg->opt.tsval != prev->seg->opt.tsval;
	if (known && seq_lt(o->tsecr, last->seg->opt.tsval)) {
		/* the latest was needless, whether it has arrived or not; of
		   three any may be lost */
		take_back(k->c, g, g->times > 2);
		g->spare++;
	} else if (!known || k->r->seg->cut ||
		   (!is_answer(k, g) && !is_prompt(k, g, trip) &&
		       !is_echo(k, g, trip))) {
		/* either of both, or surely the one before */
		prev->marks |= MARK_MAYBE;
		last->marks |= MARK_MAYBE;
		while (g->gones > 0 &&
		       is_soon(k->you, since(k->c->row[g->came], k->r))) {
			take_back(k->c, g, true);
			g->spare++;
		}
	}
}

/* cumulative - all before ack has arrived */
static void
cumulative(struct study *k, uint32_t ack)
{
	struct ranges *s = k->you->ranges;
	uint32_t at, before = k->you->una;
	bool first = true;

	at = k->you->have_una ? ranges_at(s, before) : s->head;
	for (; at < s->n && seq_leq(s->r[at].end, ack); at++) {
		covers(k, &s->r[at], first);
		first = false;
	}
	k->me->dups = 0;
	k->you->una = ack;
	k->you->have_una = true;
	ranges_trim(s, ack);
}

/* is_dsack - RFC 2883 4: the first block is what came twice */
static bool
is_dsack(const struct row *r)
{
	const struct sack_block *b = r->seg->opt.sack;

	return seq_lt(b->start, r->seg->ack) ||
	       (r->seg->opt.nsack > 1 && seq_leq(b[1].start, b->start) &&
		   seq_leq(b->end, b[1].end));
}

static void
selective(struct study *k)
{
	struct ranges *s = k->you->ranges;
	const struct sack_block *b = k->r->seg->opt.sack;
	bool dsack = is_dsack(k->r), known;
	uint32_t at, j, from;
	int i;

	for (i = 0; i < k->r->seg->opt.nsack; i++, dsack = false) {
		from = b[i].start;
		/* blocks grow: what was in one before is skipped */
		for (j = 0; j < 4 && !dsack; j++) {
			known = k->you->block[j].start == from &&
				seq_lt(from, k->you->block[j].end);
			if (known && seq_leq(k->you->block[j].end, b[i].end))
				from = k->you->block[j].end;
		}
		at = ranges_at(s, from);
		if (dsack && (at == s->n || s->r[at].spare == 0) &&
		    made_two(k, &b[i]))
			continue;
		for (; at < s->n && seq_leq(s->r[at].end, b[i].end) &&
		       !busy(k, 1);
		     at++)
			if (seq_lt(s->r[at].seq, b[i].start))
				continue;
			else if (dsack)
				twice(k, &s->r[at]);
			else
				covers(k, &s->r[at], false);
	}
	for (i = 0; i < k->r->seg->opt.nsack; i++)
		k->you->block[i] = b[i];
}

/* tells_holes - an end that misses something says so by SACK: RFC 2018 4 */
static bool
tells_holes(const struct study *k)
{
	return k->me->sack_ok && (k->you->sack_ok || !k->you->syn_seen);
}

/*
 * repeated - what an acknowledgment is that has the number of the one before.
 * With a block of SACK it answers what lies behind a hole, whatever its window
 * (RFC 6675 2), and whether that was captured or not. Without SACK a window
 * that has grown may come with such an answer, too, while something is in
 * flight.
 */
static uint32_t
repeated(const struct study *k, uint32_t wnd)
{
	bool flies = k->you->have_nxt && seq_lt(k->r->seg->ack, k->you->nxt);
	bool blocks = k->r->seg->opt.nsack > 0;

	if ((flies && wnd == k->me->wnd) || (blocks && !is_dsack(k->r)))
		return MARK_DUPACK;
	if (wnd > k->me->wnd && !blocks &&
	    (!flies || tells_holes(k) || k->me->wnd == 0))
		return MARK_UPDATE;
	return 0;
}

/* row_before - the latest that is no copy; or NULL */
static const struct row *
row_before(const struct study *k)
{
	uint32_t i = k->i;

	while (i > 0 && k->i - i < COPIES_MAX &&
	       (k->c->row[i - 1]->marks & MARK_TWICE))
		i--;
	return i > 0 ? k->c->row[i - 1] : NULL;
}

/* bare_ack - what a segment is that only acknowledges */
static void
bare_ack(struct study *k, uint32_t wnd)
{
	const struct row *before = row_before(k);
	struct conn_end *me = k->me;

	if (!me->have_ack || me->ack != k->r->seg->ack ||
	    (k->r->marks & MARK_LATE))
		return;
	if (before != NULL && before->from != k->r->from &&
	    (before->marks & (MARK_KEEPALIVE | MARK_PROBE)))
		k->r->marks |= before->marks & MARK_KEEPALIVE ? MARK_ALIVE : 0;
	else
		k->r->marks |= repeated(k, wnd);
	me->dups += (k->r->marks & MARK_DUPACK) != 0;
}

/*
 * unsent - it acknowledges what the capture has not seen sent: of a window
 * probe (RFC 9293 3.8.6.1) the byte has been taken after all
 */
static int
unsent(struct study *k)
{
	struct conn_end *you = k->you;
	uint32_t ack = k->r->seg->ack, from = you->nxt;

	if (ack != you->probed && you->rows > 0)
		k->r->marks |= MARK_UNSEEN;
	you->nxt = ack;
	if (ack != you->probed || ack - from != 1)
		return 0;
	you->bytes++;
	return ranges_insert(
	    you->ranges, you->ranges->n, from, ack, you->probe);
}

/*
 * is_before_all - nothing but SYNs was sent: what acknowledges more than
 * these, and is no SYN-ACK, is about an earlier connection (RFC 9293 3.5.1,
 * figure 9)
 */
static bool
is_before_all(const struct study *k)
{
	const struct conn_end *you = k->you;

	return you->from_syn && you->rows > 0 && !you->have_ack &&
	       !k->me->syn_seen;
}

int
study_acked(struct study *k)
{
	struct conn_end *me = k->me, *you = k->you;
	uint32_t ack = k->r->seg->ack, edge = ack + k->r->wnd;
	bool sacks = k->r->seg->opt.nsack > 0;
	int status = 0;

	if (k->r->wnd == 0 && !(k->r->seg->flags & (TH_SYN | TH_FIN)))
		k->r->marks |= MARK_ZERO;
	if (is_pure_ack(k->r) && !(k->r->marks & MARK_KEEPALIVE)) {
		bare_ack(k, k->r->wnd);
		if (me->have_ack && seq_lt(ack, me->ack))
			k->r->marks |= MARK_LATE;
	}
	if (you->have_nxt && seq_gt(ack, you->nxt)) {
		if (ack - you->nxt > JUMP_MAX || is_before_all(k))
			return 0; /* of another connection */
		status = unsent(k);
	}
	if (!you->have_una || seq_gt(ack, you->una))
		cumulative(k, ack);
	if (ack == you->una)
		you->asked_at = k->r->seg->time;
	if (sacks) {
		me->sack_ok = true; /* also when its SYN was not captured */
		selective(k);
	}
	if (!me->have_ack || seq_geq(ack, me->ack)) {
		me->ack = ack;
		me->wnd = k->r->wnd;
		me->have_ack = true;
	}
	if (me->have_edge && seq_lt(edge, me->edge))
		return status;
	me->edge = edge;
	me->have_edge = true;
	return status;
}

void
study_refused(struct study *k)
{
	uint32_t ack = k->r->seg->ack;

	/* RFC 9293 3.10.7.1: it acknowledges what it answers */
	if (!k->me->syn_seen && !k->me->have_ack && k->you->from_syn &&
	    k->you->have_nxt && ack > 0 && seq_leq(ack, k->you->nxt) &&
	    (!k->you->have_una || seq_gt(ack, k->you->una)))
		cumulative(k, ack);
}
