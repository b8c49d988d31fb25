/*
 * world.c - one conversation over a cable with a delay of 10 ms, and what goes
 * wrong in it: decision by decision, told by whoever searches.
 */
#include <stdio.h>
#include <string.h>

#include "../alloc.h"
#include "../invariant.h"
#include "explore.h"

#define DELAY	  (10 * NS_PER_MS)
#define HELD	  (2 * NS_PER_SEC) /* a frame waits no longer to be overtaken */
#define HELD_LONG (8 * NS_PER_SEC)
#define LATE	  (15 * NS_PER_MS)
#define VERY_LATE (100 * NS_PER_MS)
#define LIMIT	  (3000 * NS_PER_SEC)

enum { MOST_STEPS = 4000, MOST_FRAMES = 400 };

const char *const fault_name[FAULTS] = {"none", "drop", "twice", "behind",
    "behind2", "last", "late", "later", "cut", "damage", "mark", "marks",
    "narrow", "pieces", "forge1", "forge2", "forge3", "forge4", "forge5",
    "forge6", "forge7", "forge8", "forge9", "forge10", "forge11", "forge12",
    "unsent", "old", "outside", "before", "flood", "reset"};

struct world world;
struct arena *arena[2];
static uint64_t arrived0[2][BITS]; /* of a call before the one that counts */

/* ---- frames on the cable */

static struct packet *
slot(uint32_t i)
{
	return (struct packet *)(void *)world.slot[i];
}

struct packet *
world_packet(int to, const uint8_t *p, size_t n)
{
	struct packet *q;
	uint32_t i;

	for (i = 0; i < SLOTS && slot(i)->len > 0; i++)
		;
	if (i == SLOTS || sizeof(*q) + n > SLOT_BYTES) {
		wrong(&world.s, "no room on the cable for %zu bytes", n);
		return NULL;
	}
	if (i >= world.used)
		world.used = i + 1;
	q = slot(i);
	q->to = to;
	q->len = n;
	memcpy(q->bytes, p, n);
	return q;
}

void
net_release(struct packet *q)
{
	memset(q, 0, SLOT_BYTES);
	while (world.used > 0 && slot(world.used - 1)->len == 0)
		world.used--;
}

void
net_send(struct sim *s, int from, uint8_t *p, size_t n, const struct view *v)
{
	struct packet *q = world_packet(!from, p, n);

	s->frames++;
	if (s->log)
		log_frame(s, from, v, p, n, NULL);
	law_sent(&world, from, v);
	if (q != NULL && hostile_narrow(from, p, v)) {
		net_release(q);
		q = NULL;
	}
	if (q != NULL && world.cut)
		net_release(q);
	else if (q != NULL)
		way_put(&world.s, q, s->now + DELAY);
}

/* net_inject - a frame of an attacker comes now */
void
net_inject(struct sim *s, int to, const uint8_t *p, size_t n, const char *what)
{
	struct packet *q = world_packet(to, p, n);
	struct view v;

	if (s->log && look(p, n, &v))
		log_frame(s, !to, &v, p, n, what);
	if (q == NULL)
		return;
	q->forged = q->done = true;
	way_put(&world.s, q, s->now - 1); /* before all others */
}

/* overtaken - those that wait for it are one nearer */
static void
overtaken(int to)
{
	struct packet *q, *next;

	for (q = world.s.first; q != NULL; q = next) {
		next = q->next;
		if (q->to != to || q->hold == 0 || --q->hold > 0)
			continue;
		way_take(&world.s, q);
		/* before others that arrive now */
		way_put(&world.s, q, world.s.now - 1);
	}
}

/* ---- what happens */

static void
begin(struct sim *s)
{
	size_t at, size;
	int i, who;

	for (who = 0; who < 2; who++) {
		for (i = 0; i < s->calls; i++)
			s->call[i].side[who].arrived = i == s->calls - 1
							   ? world.arrived[who]
							   : arrived0[who];
		arena_empty(arena[who]);
		s->end[who].cfg.allocator = arena_allocator(arena[who]);
		s->end[who].t = tcp_new(&s->end[who].cfg, &app_host,
		    &s->end[who], &app_calls, &s->end[who], s->now);
		if (s->end[who].t == NULL) {
			wrong(s, "no engine");
			continue;
		}
		for (i = 0; invariant_part(
			 s->end[who].t, i, &s->end[!who].addr, &at, &size);
		     i++)
			arena_part(arena[who], at, size);
	}
}

void
world_begin(uint64_t n, char *text, size_t size)
{
	bool log = world.s.log;

	memset(&world, 0, sizeof(world));
	memset(arrived0, 0, sizeof(arrived0));
	case_plan(&world.s, n, &world.hostile, &world.eager, text, size);
	world.s.log = log;
	world.s.pcap = -1;
	world.plain = world.in_time = true;
	begin(&world.s);
}

/* counts - the conversation has begun, and an end still has it */
static bool
counts(void)
{
	const struct call *c = &world.s.call[world.s.calls - 1];

	return c->started && !world.cut &&
	       !(c->side[CLIENT].closed && c->side[SERVER].closed);
}

/* waits_for - which end's timer is the next to fire: at this time; -1 */
static int
waits_for(uint64_t at)
{
	const struct end *e;
	int i;

	for (i = 0; i < 2; i++) {
		e = &world.s.end[i];
		if (tcp_deadline(e->t) == at && e->late_until < at)
			return i;
	}
	return -1;
}

/* must_decide - what is due now may go wrong */
static bool
must_decide(uint64_t at)
{
	const struct packet *q = world.s.first;

	world.timer = false;
	if (!counts())
		return false;
	if (q != NULL && q->at <= world.s.now)
		return !q->done;
	world.who = waits_for(at);
	world.timer = world.who >= 0;
	return world.timer;
}

static void
deliver(struct packet *q)
{
	struct sim *s = &world.s;
	int to = q->to;
	uint64_t waits = tcp_stats(s->end[to].t)->time_waits;

	way_take(&world.s, q);
	if (world.all_marked)
		hostile_mark(q);
	law_arrived(&world, to, q);
	step_deliver(s, q);
	if (q->forged && tcp_stats(s->end[to].t)->time_waits < waits)
		wrong(s, "what is forged has ended a TIME-WAIT");
	net_release(q);
	overtaken(to);
}

static void
act(void)
{
	struct sim *s = &world.s;
	struct packet *q = s->first;
	int i;

	if (q != NULL && q->at <= s->now)
		deliver(q);
	for (i = 0; world.eager && i < 2; i++) {
		tcp_timers(s->end[i].t, s->now);
		s->end[i].touched = true;
	}
	step_calls(s);
	step_ends(s);
	law_step(&world);
}

/*
 * is_early - an engine's wheel turns, and no timer is due: nothing else
 * happens
 */
static bool
is_early(uint64_t at)
{
	struct end *e;
	bool early = false;
	int i;

	for (i = 0; i < 2; i++) {
		e = &world.s.end[i];
		if (tcp_deadline(e->t) > at || invariant_timer(e->t) <= at)
			continue;
		tcp_timers(e->t, at);
		e->touched |= !invariant_idle(e->t);
		early = !e->touched;
	}
	return early;
}

bool
world_next(void)
{
	struct sim *s = &world.s;
	uint64_t at;

	while (s->wrong[0] == '\0' && !verdict_over(s)) {
		at = step_next(s);
		if (at == NEVER && !verdict_abandon(s))
			wrong(s, "a connection waits for ever");
		if (at == NEVER)
			continue;
		s->now = at > s->now ? at : s->now;
		if (++world.steps > MOST_STEPS || s->now > START + LIMIT)
			wrong(s, "no end");
		if (s->frames > MOST_FRAMES)
			wrong(s, "a storm");
		if (is_early(at))
			continue;
		if (must_decide(at)) {
			world.decision++;
			return true;
		}
		act();
	}
	return false;
}

/* cut - the cable, for good */
static void
cut(void)
{
	struct sim *s = &world.s;
	struct packet *q;

	world.cut = true;
	while ((q = s->first) != NULL) {
		way_take(s, q);
		net_release(q);
		s->lost++;
	}
}

bool
world_has(enum fault f)
{
	if (f == FAULT_NONE)
		return true;
	if (world.timer)
		return f == FAULT_LATE || f == FAULT_VERY_LATE;
	if (f < FAULT_LATE || f == FAULT_CUT)
		return true;
	return f >= FAULT_DAMAGE && world.hostile && hostile_can(f);
}

/* is_followed - by one at the same time; what overtakes a SYN is lost */
static bool
is_followed(const struct packet *q)
{
	const struct packet *p = q->next;
	struct view v;

	if (look(q->bytes, q->len, &v) && (v.h.flags & TH_SYN))
		return false;

	for (; p != NULL && p->at <= world.s.now && p->to != q->to; p = p->next)
		;
	return p != NULL && p->at <= world.s.now;
}

static void
hold(struct packet *q, int others, uint64_t most)
{
	way_take(&world.s, q);
	q->hold = others;
	q->done = true;
	way_put(&world.s, q, world.s.now + most);
}

static void
twice(struct packet *q)
{
	struct packet *copy = world_packet(q->to, q->bytes, q->len);

	if (copy == NULL)
		return;
	copy->done = true;
	way_put(&world.s, copy, world.s.now + 2 * DELAY);
	act();
}

void
world_do(enum fault f)
{
	struct sim *s = &world.s;
	struct packet *q = s->first;

	if (s->log && f != FAULT_NONE)
		printf("# decision %u: %s\n", world.decision, fault_name[f]);
	if (f != FAULT_NONE && f != FAULT_MARK && f != FAULT_MARKS) {
		world.plain = false;
		world.in_time &= f == FAULT_BEHIND_1 && is_followed(q);
	}
	switch (f) {
	case FAULT_CUT:
		cut();
		break;
	case FAULT_DROP:
		way_take(&world.s, q);
		net_release(q);
		s->lost++;
		break;
	case FAULT_TWICE:
		twice(q);
		break;
	case FAULT_BEHIND_1:
	case FAULT_BEHIND_2:
		hold(q, f - FAULT_BEHIND_1 + 1, HELD);
		break;
	case FAULT_BEHIND_ALL:
		hold(q, 0, HELD_LONG);
		break;
	case FAULT_LATE:
	case FAULT_VERY_LATE:
		s->late = true;
		s->end[world.who].late_until =
		    tcp_deadline(s->end[world.who].t) +
		    (f == FAULT_LATE ? LATE : VERY_LATE);
		break;
	case FAULT_NONE:
		act();
		break;
	default:
		hostile_do(f);
	}
}

/* all_by_fin - so few faults end no conversation */
static void
all_by_fin(struct sim *s)
{
	const struct side *d;
	int i;

	for (i = 0; i < s->calls * 2; i++) {
		d = &s->call[i / 2].side[i % 2];
		if (s->hard_error) /* it may end a SYN-SENT: RFC 9293 */
			continue;
		if (!d->opened || !d->closed || d->how != TCP_CLOSE_FIN)
			wrong(s, "the %s of call %d has not ended by FIN: %s",
			    side_name(i % 2), i / 2,
			    d->why != NULL ? d->why : "-");
	}
}

void
world_end(void)
{
	struct sim *s = &world.s;
	int i;

	if (s->wrong[0] != '\0')
		return;
	verdict(s);
	if (!world.cut)
		all_by_fin(s);
	for (i = 0; s->wrong[0] == '\0' && i < 2; i++)
		verdict_rest(s, s->end[i].t);
}

/* ---- copies */

struct scene {
	struct image *engine[2];
	struct world w;
};

static size_t
size_of_world(uint32_t used)
{
	return offsetof(struct world, slot) + used * (size_t)SLOT_BYTES;
}

/* world_hash - without what is only counted */
uint64_t
world_hash(void)
{
	struct sim *s = &world.s;
	uint64_t frames = s->frames, no[2], hash;
	uint32_t decision = world.decision, steps = world.steps;
	int i;

	s->frames = 0;
	world.decision = world.steps = 0;
	for (i = 0; i < 2; i++) {
		no[i] = s->end[i].frame;
		s->end[i].frame = 0;
		invariant_forget(s->end[i].t);
	}
	hash = hash_bytes(&world, size_of_world(world.used), 0);
	hash = arena_hash(arena[0], hash);
	hash = arena_hash(arena[1], hash);
	s->frames = frames;
	world.decision = decision;
	world.steps = steps;
	for (i = 0; i < 2; i++)
		s->end[i].frame = no[i];
	return hash;
}

struct scene *
scene_new(void)
{
	struct scene *c = alloc_own(sizeof(*c));

	c->engine[0] = image_new();
	c->engine[1] = image_new();
	return c;
}

void
scene_save(struct scene *c)
{
	memcpy(&c->w, &world, size_of_world(world.used));
	image_save(c->engine[0], arena[0]);
	image_save(c->engine[1], arena[1]);
}

/* scene_restore - slots that were used later are free again */
void
scene_restore(const struct scene *c)
{
	if (world.used > c->w.used)
		memset(world.slot[c->w.used], 0,
		    (world.used - c->w.used) * (size_t)SLOT_BYTES);
	memcpy(&world, &c->w, size_of_world(c->w.used));
	image_restore(c->engine[0], arena[0]);
	image_restore(c->engine[1], arena[1]);
}
