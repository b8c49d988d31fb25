/* wheel_test.c - the timing wheel against a plain list of deadlines */
#include "base/chance.h"
#include "tap.h"
#include "tcp/wheel.h"

enum { NODES = 300, STEPS = 200000 };

#define START UINT64_C(1763640000000000000)

static struct wheel w;
static struct wheel_node node[NODES];
static uint64_t at[NODES]; /* ns; 0: not set */

static uint64_t
span(struct chance *c)
{
	return chance_below(c, UINT64_C(1) << chance_below(c, 50));
}

/* earliest - by looking at them all */
static uint64_t
earliest(void)
{
	uint64_t best = UINT64_MAX;
	int i;

	for (i = 0; i < NODES; i++) {
		if (at[i] != 0 && at[i] < best)
			best = at[i];
	}
	return best;
}

/* pop_all - what fires at now is due, and nothing that is due is left */
static bool
pop_all(uint64_t now)
{
	struct wheel_node *n;

	while ((n = wheel_pop(&w, now)) != NULL) {
		if (at[n - node] == 0 || at[n - node] > now)
			return false;
		at[n - node] = 0;
	}
	return earliest() == UINT64_MAX ||
	       (earliest() + 999) / 1000 > now / 1000;
}

static void
random_walk(void)
{
	uint64_t now = START, next;
	struct chance c;
	bool due = true, bound = true;
	int i, k;

	chance_seed(&c, 5);
	wheel_init(&w, now);
	for (i = 0; i < STEPS && due && bound; i++) {
		k = (int)chance_below(&c, NODES);
		if (chance_below(&c, 4) == 0) {
			wheel_clear(&w, &node[k]);
			at[k] = 0;
		} else {
			at[k] = now + span(&c);
			wheel_set(&w, &node[k], at[k]);
		}
		next = wheel_next(&w);
		bound = earliest() == UINT64_MAX
			    ? next == UINT64_MAX
			    : next <= (earliest() + 999) / 1000 * 1000;
		if (chance_below(&c, 3) == 0) {
			now = chance_below(&c, 2) == 0 && next > now &&
				      next != UINT64_MAX
				  ? next
				  : now + span(&c) / 64;
			due = pop_all(now);
		}
	}
	check(due, "what is due fires, nothing else, nothing is left");
	check(bound, "wheel_next is never too late");
}

/* count - how often a loop wakes for one far deadline */
static void
few_wakes(void)
{
	struct wheel_node n = {0};
	uint64_t now = START + 123456789, t;
	int wakes = 0;

	wheel_init(&w, now);
	wheel_set(&w, &n, now + UINT64_C(86400000000000));
	while ((t = wheel_next(&w)) != UINT64_MAX && wakes < 1000) {
		wakes++;
		if (wheel_pop(&w, t) != NULL)
			break;
	}
	check(t == now / 1000 * 1000 + UINT64_C(86400000001000) ||
		  t == now / 1000 * 1000 + UINT64_C(86400000000000),
	    "a day later, to the microsecond");
	check(wakes <= WHEEL_LEVELS, "in %d wakes", wakes);
}

int
main(void)
{
	struct wheel_node n = {0};

	wheel_init(&w, START);
	check(wheel_next(&w) == UINT64_MAX, "empty: never");
	wheel_set(&w, &n, 5);
	check(wheel_next(&w) <= START && wheel_pop(&w, START) == &n,
	    "a time that is past means at once");
	check(wheel_pop(&w, START) == NULL, "and once only");
	wheel_clear(&w, &n);
	check(wheel_next(&w) == UINT64_MAX, "clearing what is not set");
	wheel_set(&w, &n, START + 1500);
	check(wheel_pop(&w, START + 1999) == NULL &&
		  wheel_pop(&w, START + 2000) == &n,
	    "rounded up to the microsecond");
	random_walk();
	few_wakes();
	return done();
}
