/*
 * merged.c - the captures of two places in one file, whose clocks agree or do
 * not: where they agree clocks_split() moves nothing; else what it moves was
 * stamped by the clock that is ahead.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "capture/clocks.h"
#include "truth.h"

/* merge - the captures of both, the second with other times; no: the place */
static void
merge(struct tcpseg_list *out, const struct tcpseg_list in[2], int64_t shift)
{
	uint32_t at[2] = {0, 0};
	struct tcpseg *g;
	int k;

	memset(out, 0, sizeof(*out));
	out->s = __real_calloc(in[0].n + in[1].n + 1, sizeof(*out->s));
	if (out->s == NULL)
		abort();
	while (at[0] < in[0].n || at[1] < in[1].n) {
		k = at[0] == in[0].n ||
		    (at[1] < in[1].n && (int64_t)in[1].s[at[1]].time + shift <
					    (int64_t)in[0].s[at[0]].time);
		g = &out->s[out->n++];
		*g = in[k].s[at[k]++];
		g->time += k ? (uint64_t)shift : 0;
		g->due = g->time;
		g->no = (uint32_t)k;
	}
}

/* misplaced - so many were moved and ought not to have been, or the reverse */
static uint32_t
misplaced(const struct tcpseg_list *l, const uint64_t *was, int behind)
{
	uint32_t i, n = 0;

	for (i = 0; i < l->n; i++)
		n += (l->s[i].time != was[i]) != ((int)l->s[i].no == behind);
	return n;
}

static void
tell(const struct sim *s, struct score *score, const char *what, int64_t shift,
    int64_t ns)
{
	score->wrong++;
	if (score->first[0] == '\0')
		snprintf(score->first, sizeof(score->first),
		    "seed %llu, two places, clocks %lld ns apart: %s %lld ns",
		    (unsigned long long)s->seed, (long long)shift, what,
		    (long long)ns);
}

void
merged_check(const struct sim *s, struct score *score)
{
	uint64_t coin = s->seed * UINT64_C(0xd6e8feb86659fd93), *was;
	int64_t ns, shift = (int64_t)((coin >> 32) % (60 * NS_PER_SEC));
	struct tcpseg_list in[2], l;
	bool moved;
	uint32_t i, bad;

	shift = coin & 2 ? shift : -shift;
	shift = coin & 1 ? shift : 0;
	truth_capture(coin & 4 ? AT_CLIENT : IN_BETWEEN, &in[0]);
	truth_capture(coin & 8 ? AT_SERVER : IN_BETWEEN, &in[1]);
	merge(&l, in, shift);
	was = __real_calloc(l.n + 1, sizeof(*was));
	if (was == NULL)
		abort();
	for (i = 0; i < l.n; i++)
		was[i] = l.s[i].time;
	ns = clocks_split(&l, 0, &moved);
	if (shift == 0 && ns != 0)
		tell(s, score, "they differ by", shift, ns);
	/* a time-out may be as long as the clocks are apart: then a few are */
	bad = moved ? misplaced(&l, was, shift > 0) : 0;
	if (2 * bad > l.n)
		tell(s, score, "most are misplaced, moved by", shift, ns);
	__real_free(was);
	truth_list_free(&l);
	truth_list_free(&in[0]);
	truth_list_free(&in[1]);
}
