/*
 * decide.c - what happens to a packet: what a schedule has for it, or else
 * what its words match, and then what netem does; see impair.h.
 */
#include <stdlib.h>

#include "impair/impair.h"

const char *const why_name[] = {
    [WHY_NOT] = "not",
    [WHY_LOSS] = "loss",
    [WHY_AIMED] = "aimed",
    [WHY_CUT] = "cut",
    [WHY_LIMIT] = "limit",
    [WHY_PLAYED] = "played",
};

struct impair {
	const struct impair_config *c;
	struct schedule *play;
	struct flows *flows; /* NULL: nothing asks for them */
	struct netem netem;
	uint64_t start; /* time of the first packet */
	bool started;
	struct impair_stats stats;
};

/* ---- aims */

static bool
is_end(const struct selector *s, int i, const struct ip_addr *a, uint16_t port)
{
	static const struct ip_addr any;

	return (ip_equal(&s->addr[i], &any) || ip_equal(&s->addr[i], a)) &&
	       (s->port[i] == 0 || s->port[i] == port);
}

/* with a direction packets are counted in it, else in both together */
static bool
is_meant(const struct selector *s, const struct fate *f)
{
	const struct packet *p = &f->packet;
	bool directed = s->from || s->to;
	uint32_t nth = f->flow->count[f->way][s->kind];

	if ((p->kinds >> s->kind & 1) == 0)
		return false;
	if (s->conn != 0 && s->conn != f->flow->conn)
		return false;
	if (directed &&
	    (!p->ends || (s->from && !is_end(s, 0, &p->src, p->sport)) ||
		(s->to && !is_end(s, 1, &p->dst, p->dport))))
		return false;
	if (!directed)
		nth += f->flow->count[!f->way][s->kind];
	return nth >= s->first && nth <= s->last;
}

/*
 * cksum_bit - a bit of the checksum that makes it wrong. A UDP checksum must
 * not become 0: that would be none, and right.
 */
static uint32_t
cksum_bit(const uint8_t *frame, size_t at)
{
	bool one = frame[at] == 0 && frame[at + 1] == 1;

	return (uint32_t)(at * 8 + (one ? 14 : 15));
}

static void
aim_corrupt(struct impair *im, const struct aim *aim, const uint8_t *frame,
    size_t len, const struct packet *p, struct copy *c)
{
	if (aim->how == FLIP_BIT)
		copy_flip(c, aim->bit);
	else if (aim->how == FLIP_CKSUM && p->cksum > 0)
		copy_flip(c, cksum_bit(frame, p->cksum));
	else if (len > 0)
		copy_flip(c, netem_any_bit(&im->netem, len));
}

/* what aims want done to one packet */
struct wanted {
	bool drop;
	unsigned dups;
	struct copy copy; /* to the packet itself */
};

static void
one_aim(struct impair *im, const struct aim *aim, const struct arrival *a,
    struct fate *f, struct wanted *w)
{
	switch (aim->act) {
	case ACT_DROP:
		w->drop = true;
		break;
	case ACT_DUP:
		w->dups++;
		break;
	case ACT_DELAY:
		w->copy.delay = time_later(w->copy.delay, aim->time);
		break;
	case ACT_CORRUPT:
		aim_corrupt(im, aim, a->frame, a->len, &f->packet, &w->copy);
		break;
	case ACT_CUT: /* what comes after this one */
		f->flow->cut = aim->time > 0 ? time_later(a->now, aim->time)
					     : UINT64_MAX;
		break;
	}
}

static void
drop(struct fate *f, enum why why)
{
	f->why = why;
	f->dropped = 1;
}

static void
aim_and_pass(struct impair *im, struct arrival *a, struct fate *f)
{
	struct wanted w = {.drop = false};
	unsigned i;

	if (f->known && f->flow->cut > a->now) {
		drop(f, WHY_CUT);
		return;
	}
	for (i = 0; i < im->c->naims; i++) {
		if (is_meant(&im->c->aim[i].sel, f) &&
		    netem_chance(&im->netem, im->c->aim[i].p))
			one_aim(im, &im->c->aim[i], a, f, &w);
	}
	if (w.drop) {
		drop(f, WHY_AIMED);
		return;
	}
	for (; w.dups > 0 && f->n + 1 < MAX_COPIES; w.dups--) {
		f->made++;
		netem_pass(&im->netem, a, (struct copy){.delay = 0}, false, f);
	}
	netem_pass(&im->netem, a, w.copy, true, f);
}

/* ---- the whole */

/* in_outage - between "cut after" and its end */
static bool
in_outage(const struct impair *im, uint64_t now)
{
	const struct impair_config *c = im->c;
	uint64_t begin = time_later(im->start, c->outage_after);

	return c->outage && now >= begin &&
	       (c->outage_time == 0 || now < time_later(begin, c->outage_time));
}

static void
play(struct impair *im, struct arrival *a, struct fate *f)
{
	unsigned i, n;

	if (!schedule_find(im->play, f)) {
		f->copy[0] = (struct copy){.delay = 0};
		f->n = 1;
		return;
	}
	if (f->n == 0)
		drop(f, WHY_PLAYED);
	else
		f->made = f->n - 1;
	for (i = n = 0; i < f->n; i++) {
		if (f->copy[i].delay > 0 && a->room == 0) {
			f->why = WHY_LIMIT;
			f->no_room++;
			continue;
		}
		a->room -= f->copy[i].delay > 0;
		f->copy[n++] = f->copy[i];
	}
	f->n = n;
}

static void
count(struct impair_stats *s, const struct fate *f)
{
	unsigned i;

	s->dropped += f->dropped;
	s->no_room += f->no_room;
	s->duplicated += f->made;
	s->reordered += f->reordered;
	for (i = 0; i < f->n; i++) {
		s->delayed += f->copy[i].delay > 0;
		s->corrupted += f->copy[i].nflips > 0;
	}
}

void
impair_decide(struct impair *im, struct arrival *a, struct fate *f)
{
	f->n = f->made = f->dropped = f->no_room = 0;
	f->why = WHY_NOT;
	f->reordered = f->known = false;
	if (!im->started) {
		im->started = true;
		im->start = a->now;
	}
	if (im->flows != NULL) {
		packet_read(a->frame, a->len, im->c->decap, &f->packet);
		f->flow = flows_count(im->flows, &f->packet, &f->way);
		f->known = true;
	}
	im->stats.came++;
	if (im->play != NULL)
		play(im, a, f);
	else if (in_outage(im, a->now))
		drop(f, WHY_CUT);
	else
		aim_and_pass(im, a, f);
	count(&im->stats, f);
}

struct impair_stats *
impair_stats(struct impair *im)
{
	return &im->stats;
}

struct impair *
impair_new(const struct impair_config *c, struct schedule *schedule,
    uint32_t max_flows, bool watch)
{
	struct impair *im = calloc(1, sizeof(*im));
	uint64_t key[2];

	if (im == NULL)
		return NULL;
	im->c = c;
	im->play = schedule;
	netem_init(&im->netem, c);
	/* drawn in any case: what is watched must not change what happens */
	key[0] = chance_u64(&im->netem.chance);
	key[1] = chance_u64(&im->netem.chance);
	if (!watch && schedule == NULL && c->naims == 0)
		return im;
	im->flows = flows_new(max_flows, key);
	if (im->flows == NULL) {
		free(im);
		return NULL;
	}
	return im;
}

void
impair_changed(struct impair *im)
{
	im->started = false;
	im->netem.state = 0;
	if (im->c->dist != DIST_UNIFORM)
		dist_init(&im->netem.dist);
}

void
impair_free(struct impair *im)
{
	if (im == NULL)
		return;
	flows_free(im->flows);
	free(im);
}
