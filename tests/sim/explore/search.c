/*
 * search.c - all schedules of a conversation with at most so many faults, depth
 * first. At each decision the world is copied, each fault is tried on the copy,
 * and then nothing goes wrong. A state that was met before with as many faults
 * left is not searched again.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "explore.h"

enum { SET = 1 << 22 }; /* states that are remembered: 32 MiB */

static uint64_t *set;
static uint32_t in_set;
static struct scene *scene[FAULTS_MOST];

void
search_init(void)
{
	int i;

	set = calloc(SET, sizeof(*set));
	if (set == NULL)
		abort();
	for (i = 0; i < FAULTS_MOST; i++)
		scene[i] = scene_new();
	arena[0] = arena_new();
	arena[1] = arena_new();
}

/* is_new - and remembered; when half of the set is full all is forgotten */
static bool
is_new(uint64_t key)
{
	uint32_t i = (uint32_t)key & (SET - 1);

	if (in_set > SET / 2) {
		memset(set, 0, SET * sizeof(*set));
		in_set = 0;
	}
	for (; set[i] != 0; i = (i + 1) & (SET - 1)) {
		if (set[i] == key)
			return false;
	}
	set[i] = key;
	in_set++;
	return true;
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool
is_enough(const struct search *x)
{
	return x->failed || x->schedules >= x->most ||
	       (x->schedules % 256 == 0 && now() >= x->seconds);
}

static void
over(struct search *x, int depth)
{
	x->schedules++;
	world_end();
	if (world.s.wrong[0] == '\0')
		return;
	x->failed = true;
	x->depth = depth;
	memcpy(x->why, world.s.wrong, sizeof(x->why));
}

static void search(struct search *, uint64_t n, int depth, int left);

/* try_all - each fault that the present decision can have */
static void
try_all(struct search *x, uint64_t n, int depth, int left)
{
	enum fault f;

	scene_save(scene[depth]);
	for (f = FAULT_DROP; f < FAULTS && !is_enough(x); f++) {
		if (!world_has(f))
			continue;
		x->path[depth].decision = world.decision;
		x->path[depth].fault = f;
		world_do(f);
		search(x, n, depth + 1, left - 1);
		if (!x->failed)
			scene_restore(scene[depth]);
	}
}

static void
search(struct search *x, uint64_t n, int depth, int left)
{
	uint64_t key;

	while (world_next()) {
		if (left > 0) {
			key = world_hash() ^ n * UINT64_C(0xd6e8feb86659fd93) ^
			      (uint64_t)left;
			x->states++;
			if (!is_new(key != 0 ? key : 1)) {
				x->pruned++;
				return;
			}
			try_all(x, n, depth, left);
			if (is_enough(x))
				return;
		}
		world_do(FAULT_NONE);
	}
	over(x, depth);
}

void
search_case(struct search *x, uint64_t n, int faults)
{
	int i;

	world_begin(n, x->text, sizeof(x->text));
	search(x, n, 0, faults);
	for (i = 0; i < 2; i++) {
		if (!x->failed && arena_spilled(arena[i])) {
			x->failed = true;
			strcpy(x->why, "an engine uses more than is copied");
		}
	}
}
