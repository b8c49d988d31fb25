/*
 * pieces.c - see pieces.h.
 *
 * Left out are packets that were captured twice, or damaged on their way,
 * keep-alives, what an earlier connection of the same ports sends, what is out
 * of the window or acknowledges what was not sent, resets that were not taken,
 * and what comes behind the one that was.
 */
#include "capture/analysis.h"
#include "replay/dialog.h"
#include "replay/pieces.h"

enum { OLD_MAX = 1 << 28 }; /* numbers that are of an earlier connection */

#define NOT_PLAYED                                                             \
	(MARK_TWICE | MARK_ELSEWHERE | MARK_KEEPALIVE | MARK_DROPPED |         \
	    MARK_UNTAKEN)

/* is_old - its number is before the SYN's; far: numbers have come round */
static bool
is_old(const struct conn *c, const struct row *r, bool far[2])
{
	uint32_t at = r->seg->seq;
	bool old = c->end[r->from].from_syn && at > UINT32_MAX - OLD_MAX &&
		   !far[r->from];

	if (!old && at > UINT32_MAX / 2)
		far[r->from] = true;
	return old;
}

static bool
is_played(const struct conn *c, const struct row *r, bool far[2])
{
	if ((r->marks & NOT_PLAYED) || is_old(c, r, far))
		return false;
	if (r->seg->flags & TH_RST)
		return r == c->reset;
	return !(r->seg->flags & TH_SYN) || r->seg->seq == 0;
}

static void
fill(struct conv_piece *p, const struct row *r, int who)
{
	const struct tcpseg *s = r->seg;

	p->time = s->time;
	p->seq = s->seq;
	p->ack = s->ack;
	p->len = s->there;
	p->missing = s->len - s->there;
	p->flags = s->flags;
	p->who = (uint8_t)who;
}

/*
 * longest - a client may have tried several times, from the same port and with
 * the same number: the connection that has the most data, or packets
 */
static const struct conn *
longest(const struct conns *all)
{
	const struct conn *best = NULL, *c;
	uint64_t bytes, most = 0;
	uint32_t i;

	for (i = 0; i < all->n; i++) {
		c = &all->conn[i];
		bytes = c->end[LEFT].bytes + c->end[RIGHT].bytes;
		if (best == NULL || bytes > most ||
		    (bytes == most && c->rows > best->rows)) {
			best = c;
			most = bytes;
		}
	}
	return best;
}

int
pieces_make(struct tcpseg_list *l, const struct endpoint *client,
    struct conv_piece *p, uint32_t *n)
{
	bool far[2] = {false};
	struct conns all;
	const struct conn *c;
	const struct row *r;
	uint32_t i;
	int left, status = conns_make(&all, l);

	*n = 0;
	if (status == 0 && all.n > 0) {
		c = longest(&all);
		left = endpoint_equal(&c->end[LEFT].at, client) ? CONV_CLIENT
								: CONV_SERVER;
		for (i = 0; i < c->rows; i++) {
			r = c->row[i];
			if (!is_played(c, r, far))
				continue;
			p[*n] = p[r->seg - l->s];
			fill(&p[(*n)++], r, r->from == LEFT ? left : !left);
			if (r == c->reset)
				break;
		}
	}
	conns_free(&all);
	return status;
}
