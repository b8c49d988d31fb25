/*
 * dialog.c - a conversation out of the packets of a capture: see dialog.h.
 *
 * The sequence numbers of each side are unwrapped in the order of the capture;
 * then its pieces are sorted by their place in the stream and joined. Of bytes
 * that came twice, the copy in the piece that begins first counts, and of
 * those the one captured first.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/syscalls.h"
#include "replay/dialog.h"
#include "wire/tcp_hdr.h"

enum { BEFORE_MAX = 1 << 20 }; /* bytes that come behind the first ones */

/* a piece with its place in the stream, and what it acknowledges */
struct placed {
	uint64_t off, need;
	const struct conv_piece *p;
	uint32_t skip; /* bytes of it before the stream's first */
};

/* one side while it is put together */
struct work {
	uint32_t isn;
	bool seen; /* more than its SYN */
	bool have_isn;
	uint64_t high;	/* end of what has been seen of the stream */
	uint64_t acked; /* by the other side: bytes, its end counts one */
	uint64_t told;	/* to the other side, but by a reset: the same, its
			   SYN counts one, too */
	bool lone;	/* the latest one alone: that of its end */
	uint64_t fin;	/* offset of its end */
	uint32_t n;
	struct placed *placed;
};

struct build {
	struct conv *c;
	const uint8_t *store;
	struct work w[2];
	enum conv_who me;
	const struct conv_piece *cut; /* the first that was captured short */
};

const char *
conv_name(enum conv_who who)
{
	return who == CONV_CLIENT ? "client" : "server";
}

const char *
conv_end_name(const struct conv_side *s)
{
	return s->reset ? "reset" : s->fin ? "fin" : "none";
}

bool
conv_ended(const struct conv *c)
{
	const struct conv_side *s = c->side;

	return (s[0].fin && s[1].fin) || s[0].reset || s[1].reset;
}

void
conv_free(struct conv *c)
{
	int i;

	for (i = 0; i < 2; i++) {
		free(c->side[i].bytes);
		free(c->side[i].cue);
		free(c->side[i].hole);
	}
	memset(c, 0, sizeof(*c));
}

/* ---- the numbers */

/* unwrap - of number n the offset that is next to near: RFC 9293 3.4 */
static int64_t
unwrap(uint32_t n, uint32_t isn, uint64_t near)
{
	return (int64_t)near + (int32_t)(n - (uint32_t)(isn + 1 + near));
}

/* find_isns - from the two SYNs: RFC 9293 3.5 */
static void
find_isns(struct build *b, const struct conv_piece *p, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++) {
		struct work *w = &b->w[p[i].who];

		w->seen |= !(p[i].flags & TH_SYN);
		if (!(p[i].flags & TH_SYN) || w->have_isn)
			continue;
		w->have_isn = true;
		w->isn = p[i].seq;
	}
}

/* begins_at - this piece shows where its side's stream goes on */
static bool
begins_at(const struct conv_piece *p)
{
	return !(p->flags & TH_RST) &&
	       (p->len + p->missing > 0 || (p->flags & TH_FIN));
}

/* goes_before - it ends where what was captured first begins, or behind that */
static bool
goes_before(const struct conv_piece *p, uint32_t isn)
{
	uint32_t before = isn + 1 - p->seq;

	return before < BEFORE_MAX && p->len + p->missing >= before;
}

/*
 * guess_isn - of a side whose SYN was not captured: its stream begins with its
 * first bytes; if it has none, with its first sequence number, or with what
 * the other side acknowledges first
 */
static void
guess_isn(
    struct build *b, enum conv_who who, const struct conv_piece *p, uint32_t n)
{
	struct work *w = &b->w[who];
	bool acked = false, stands = false;
	uint32_t i;

	if (w->have_isn)
		return;
	for (i = 0; i < n; i++) {
		if (p[i].who == who && begins_at(&p[i])) {
			if (!w->have_isn || goes_before(&p[i], w->isn))
				w->isn = p[i].seq - 1;
			w->have_isn = true;
		} else if (w->have_isn) {
			continue;
		} else if (p[i].who == who && !(p[i].flags & TH_RST)) {
			w->isn = p[i].seq - 1;
			stands = true;
		} else if (p[i].who != who && (p[i].flags & TH_ACK) &&
			   !stands && !acked) {
			w->isn = p[i].ack - 1;
			acked = true;
		}
	}
	w->have_isn |= stands || acked;
}

static void
note_fin(struct build *b, const struct placed *x, uint64_t end)
{
	struct conv_side *s = &b->c->side[x->p->who];

	if (!s->fin) {
		b->w[x->p->who].fin = end;
		s->fin_cue.time = x->p->time;
		s->fin_cue.need = x->need;
	} else if (x->need < s->fin_cue.need) {
		s->fin_cue.need = x->need;
	}
	s->fin = true;
}

/*
 * note_reset - it may answer anything that was on its way by then. It comes
 * behind all that its side has sent: a live peer must receive that first
 */
static void
note_reset(struct build *b, const struct placed *x)
{
	struct conv_side *s = &b->c->side[x->p->who];
	const struct conv_side *you = &b->c->side[!x->p->who];

	s->reset = true;
	s->reset_cue.time = x->p->time;
	s->reset_cue.need = b->w[!x->p->who].high + (you->fin ? 1 : 0);
	s->reset_acked = b->w[x->p->who].high;
	s->reset_told = b->w[x->p->who].told > b->w[!x->p->who].high;
}

/* place - where it belongs; false: of no use */
static bool
place(struct build *b, const struct conv_piece *p, struct placed *x)
{
	struct work *me = &b->w[p->who], *you = &b->w[!p->who];
	uint32_t seq = p->seq + !!(p->flags & TH_SYN);
	int64_t at = unwrap(seq, me->isn, me->high), ack = 0;

	if (p->flags & TH_ACK)
		ack = unwrap(p->ack, you->isn, you->high);
	x->p = p;
	x->need = ack > 0 ? (uint64_t)ack : 0;
	x->skip = 0;
	if (x->need > you->acked) {
		you->lone = you->acked > 0 && x->need == you->acked + 1 &&
			    p->len + p->missing == 0;
		you->acked = x->need;
	}
	if ((p->flags & (TH_ACK | TH_RST)) == TH_ACK && x->need >= me->told)
		me->told = x->need + 1;
	if (at < 0) { /* a keep-alive probe */
		x->skip = at > -(int64_t)p->len ? (uint32_t)-at : p->len;
		at = 0;
	}
	x->off = (uint64_t)at;
	if (p->flags & TH_RST)
		note_reset(b, x);
	else if (p->flags & TH_FIN)
		note_fin(b, x, x->off + p->len - x->skip + p->missing);
	if (x->off + p->len - x->skip > me->high)
		me->high = x->off + p->len - x->skip;
	return p->len > x->skip && !(p->flags & TH_RST);
}

static void
place_all(struct build *b, const struct conv_piece *p, uint32_t n)
{
	struct conv *c = b->c;
	struct placed x;
	uint32_t i;

	for (i = 0; i < n && !c->side[0].reset && !c->side[1].reset; i++) {
		if (p[i].missing > 0 && b->cut == NULL)
			b->cut = &p[i];
		if (place(b, &p[i], &x))
			b->w[p[i].who].placed[b->w[p[i].who].n++] = x;
		if (c->opened == 0 && p[i].who == CONV_CLIENT &&
		    !(p[i].flags & TH_SYN))
			c->opened = p[i].time;
	}
}

/* ---- the streams */

static int
by_place(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;

	if (x->off != y->off)
		return x->off < y->off ? -1 : 1;
	return x->p->no < y->p->no ? -1 : 1;
}

/* refuse - bytes from to end of what a side sent are missing */
static void
refuse(struct build *b, enum conv_who who, uint64_t from, uint64_t end,
    const struct conv_piece *before)
{
	char *at = b->c->why;
	size_t n = 0, cap = sizeof(b->c->why);

	if (b->w[who].n == 0 && b->cut == NULL && !b->w[who].seen) {
		snprintf(at, cap,
		    "nothing that the %s said is there: it takes a capture of "
		    "both directions",
		    conv_name(who));
		return;
	}
	n += (size_t)snprintf(at, cap,
	    "%llu bytes at offset %llu of the %s's data are missing",
	    (unsigned long long)(end - from), (unsigned long long)from,
	    conv_name(who));
	if (before != NULL)
		n += (size_t)snprintf(at + n, cap - n, ", before packet %llu",
		    (unsigned long long)before->no);
	if (b->cut != NULL)
		snprintf(at + n, cap - n,
		    "; packet %llu was captured short: capture whole packets",
		    (unsigned long long)b->cut->no);
}

/*
 * gap - the same; of the side that is not played their number is enough.
 * False: it cannot be played
 */
static bool
gap(struct build *b, enum conv_who who, uint64_t end,
    const struct conv_piece *before)
{
	struct conv_side *s = &b->c->side[who];

	if (who == b->me || s->unknown + (end - s->len) > CONV_HOLES) {
		if (b->c->why[0] == '\0')
			refuse(b, who, s->len, end, before);
		return false;
	}
	s->hole[s->holes++] = (struct conv_hole){.from = s->len, .until = end};
	s->unknown += end - s->len;
	s->len = end; /* zero there: it is not used */
	return true;
}

/* add - the bytes of a piece that are new */
static void
add(struct build *b, struct conv_side *s, const struct placed *x, uint64_t end)
{
	const uint8_t *p = b->store + x->p->at + x->skip;
	uint64_t i, again = s->len - x->off, n;

	n = end - x->off < again ? end - x->off : again;
	for (i = 0; i < n; i++)
		b->c->conflicts += p[i] != s->bytes[x->off + i];
	if (end <= s->len)
		return;
	memcpy(s->bytes + s->len, p + again, (size_t)(end - s->len));
	s->len = end;
	s->cue[s->cues++] = (struct conv_cue){
	    .end = end, .need = x->need, .time = x->p->time};
}

/* qsort() asks how much memory there is */
SANDBOX_NEEDS_FOR(SORT, sysinfo);

/* room - for one side's stream, its holes included; false: no memory */
static bool
room(const struct build *b, enum conv_who who)
{
	struct conv_side *s = &b->c->side[who];
	const struct work *w = &b->w[who];
	uint64_t all = who == b->me ? 0 : CONV_HOLES, end;
	uint64_t most = s->fin ? w->fin : w->acked;
	uint32_t i;

	for (i = 0; i < w->n; i++) {
		all += w->placed[i].p->len;
		end = w->placed[i].off + w->placed[i].p->len;
		if (end > most)
			most = end;
	}
	if (all > most) /* what is more is refused */
		all = most;
	/* what is not written takes no memory */
	s->bytes = calloc(1, (size_t)all + 1);
	s->cue = calloc((size_t)w->n + 1, sizeof(*s->cue));
	s->hole = calloc((size_t)w->n + 1, sizeof(*s->hole));
	return s->bytes != NULL && s->cue != NULL && s->hole != NULL;
}

/*
 * unseen_fin - one number more than all bytes is acknowledged at the end: that
 * of a FIN that was not captured. Of a silent side: one that comes alone
 */
static void
unseen_fin(struct build *b, enum conv_who who)
{
	struct conv_side *s = &b->c->side[who];
	const struct work *w = &b->w[who];

	if (w->n > 0 ? s->cues == 0 || w->acked != s->len + 1 : !w->lone)
		return;
	s->fin = true;
	b->w[who].fin = w->acked - 1;
	if (s->cues > 0)
		s->fin_cue = s->cue[s->cues - 1];
}

/* join - one side's pieces; false: no memory */
static bool
join(struct build *b, enum conv_who who)
{
	struct conv_side *s = &b->c->side[who];
	struct work *w = &b->w[who];
	const struct placed *x;
	uint64_t end;

	qsort(w->placed, w->n, sizeof(*w->placed), by_place);
	if (!room(b, who))
		return false;
	for (x = w->placed; x < w->placed + w->n; x++) {
		end = x->off + x->p->len - x->skip;
		if (s->fin && end > w->fin)
			end = w->fin;
		if (end <= x->off)
			continue;
		if (x->off > s->len && !gap(b, who, x->off, x->p))
			return true;
		add(b, s, x, end);
	}
	if (!s->fin)
		unseen_fin(b, who);
	end = s->fin ? w->fin : w->acked;
	if (end > s->len)
		gap(b, who, end, NULL);
	return true;
}

/* ---- the cues */

/*
 * early - bytes that are sent with less received show that those before them
 * were sent by then, too; and no side waits for more bytes than there are
 */
static void
early(struct conv_side *me, const struct conv_side *you)
{
	uint64_t need = you->len + (you->fin || you->reset ? 1 : 0);
	uint32_t i = me->cues;

	me->fin_cue.end = me->reset_cue.end = me->len;
	if (me->reset_cue.need > need)
		me->reset_cue.need = need;
	if (me->reset_acked > me->len)
		me->reset_acked = me->len;
	if (me->reset && me->reset_cue.need < need)
		need = me->reset_cue.need;
	if (me->fin_cue.need > need)
		me->fin_cue.need = need;
	if (me->fin)
		need = me->fin_cue.need;
	while (i-- > 0) {
		if (me->cue[i].need < need)
			need = me->cue[i].need;
		me->cue[i].need = need;
	}
}

static int
put_together(struct build *b, const struct conv_piece *p, uint32_t n)
{
	struct conv *c = b->c;
	int i;

	place_all(b, p, n);
	for (i = 0; i < 2; i++)
		if (!join(b, (enum conv_who)i))
			return -1;
	for (i = 0; i < 2; i++)
		early(&c->side[i], &c->side[!i]);
	for (i = 0; i < 2; i++)
		conv_pauses(c, (enum conv_who)i);
	return 0;
}

/* has_gone_on - beyond a SYN: one of them has sent data or an ACK */
static bool
has_gone_on(const struct conv_piece *p, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		if (p[i].len + p[i].missing > 0 ||
		    !(p[i].flags & (TH_SYN | TH_RST)))
			return true;
	return false;
}

/* is_unopened - no server has answered the client's SYN, or it has refused
   it; no connection came of it */
static bool
is_unopened(struct build *b, const struct conv_piece *p, uint32_t n)
{
	const char *how = n > 0 ? "the SYN is not answered" : "it is empty";
	uint32_t i;

	if ((n > 0 && !b->w[CONV_CLIENT].have_isn) ||
	    b->w[CONV_SERVER].have_isn || has_gone_on(p, n))
		return false;
	for (i = 0; i < n; i++)
		if ((p[i].flags & TH_RST) && p[i].who == CONV_SERVER)
			how = "the server refused the SYN, which a port does "
			      "that nothing listens on";
	snprintf(b->c->why, sizeof(b->c->why), "no handshake: %s", how);
	return true;
}

int
conv_build(struct conv *c, const struct conv_piece *p, uint32_t n,
    const uint8_t *store, enum conv_who me)
{
	struct placed *room = calloc((size_t)n * 2 + 1, sizeof(*room));
	struct build b = {.c = c, .store = store, .me = me};
	int r = 0;

	memset(c, 0, sizeof(*c));
	if (room == NULL)
		return -1;
	b.w[0].placed = room;
	b.w[1].placed = room + n;
	find_isns(&b, p, n);
	c->torso = !b.w[0].have_isn && !b.w[1].have_isn;
	if (!is_unopened(&b, p, n)) {
		guess_isn(&b, CONV_CLIENT, p, n);
		guess_isn(&b, CONV_SERVER, p, n);
		r = put_together(&b, p, n);
	}
	free(room);
	return r;
}
