/*
 * untaken.c - captures that miss packets, by ones, in bursts, or one way: what
 * an end of the connection has sent is never drawn as out of the window, or as
 * an ACK of nothing sent.
 */
#include <stdio.h>
#include <string.h>

#include "capture/analysis.h"
#include "truth.h"

enum { WAYS = 4, BURST = 12 };

/* draw - a number below n, from seed */
static uint32_t
draw(uint64_t *seed, uint32_t n)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return (uint32_t)(*seed >> 33) % n;
}

/* miss - the capture misses some of its packets */
static void
miss(struct tcpseg_list *l, int way, uint64_t seed)
{
	uint32_t i, n = 0, left = 0, one_in = 4U << draw(&seed, 6);
	bool drop;

	for (i = 0; i < l->n; i++) {
		if (left == 0 && draw(&seed, one_in) == 0)
			left = way == 0 ? 1 : 1 + draw(&seed, BURST);
		drop = left > 0 &&
		       (way < 2 ||
			   (l->s[i].src.port < l->s[i].dst.port) == (way == 2));
		left -= left > 0;
		if (!drop)
			l->s[n++] = l->s[i];
	}
	l->n = n;
}

static void
check(const struct sim *s, struct score *score, const struct conn *c,
    enum point where, int way, bool log)
{
	char text[200];
	const struct row *r;
	const struct tx *x;
	uint32_t i;

	for (i = 0; i < c->rows; i++) {
		r = c->row[i];
		x = &truth.tx[truth.sight[where][r->seg->no].tx];
		if (!(r->marks & MARK_UNTAKEN) || x->iss != c->end[r->from].isn)
			continue;
		score->wrong++;
		snprintf(text, sizeof(text),
		    "seed %llu, point %d, misses %d, %.6f: %s sent %u:%u, "
		    "ack %u: was taken (marks %05x)",
		    (unsigned long long)s->seed, where, way,
		    (double)(r->seg->time - START) / 1e9, side_name(r->from),
		    r->seg->seq, r->seg->seq + r->seg->len, r->seg->ack,
		    r->marks);
		if (log)
			printf("# %s\n", text);
		if (score->first[0] == '\0')
			memcpy(score->first, text, sizeof(text));
	}
}

void
untaken_check(const struct sim *s, struct score *score, bool log)
{
	struct tcpseg_list list;
	struct conns conns;
	uint32_t i;
	int where, way;

	for (where = 0; where < POINTS; where++)
		for (way = 0; way < WAYS; way++) {
			truth_capture((enum point)where, &list);
			miss(&list, way, (s->seed + 1) * 8 + (uint64_t)way);
			if (conns_make(&conns, &list) == 0)
				for (i = 0; i < conns.n; i++)
					check(s, score, &conns.conn[i],
					    (enum point)where, way, log);
			conns_free(&conns);
			truth_list_free(&list);
		}
}
