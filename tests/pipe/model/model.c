/*
 * model.c - two stages, every order of what can happen to them: each system
 * call of each, each record of the source, each read of the sink, ends,
 * stalls, signals, short reads and writes, time. A run is repeated up to the
 * place where another thing can come; a state that was met before is not gone
 * on from. See model.h, verdict.c for what must hold.
 *
 * usage: model [-lv] [-n runs] [-p plan [act,...]]
 *
 * -l: the larger plans, too. -n: no more runs of each. -p: that plan alone, or
 * one order of it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model.h"

enum { SET = 1 << 22 }; /* states that are remembered */

#define BOTH                                                                   \
	{                                                                      \
		true, true                                                     \
	}
#define FIRST                                                                  \
	{                                                                      \
		true, false                                                    \
	}
#define NONE                                                                   \
	{                                                                      \
		false, false                                                   \
	}

/* packets; short reads and writes, signals, SIGUSR1, stalls, readers gone;
   bytes of a queue, of what may wait before one, of a disk */
static const struct plan plans[] = {
    {"plain", NONE, 2, 0, 0, 0, 0, 0, 30, 64, 0, LINE},
    {"short", NONE, 1, 1, 0, 0, 0, 0, 30, 44, 0, LINE},
    {"signal", NONE, 1, 0, 1, 0, 1, 0, 30, 44, 0, LINE},
    {"gone", NONE, 2, 0, 0, 0, 0, 1, 30, 44, 0, LINE},
    {"ask", NONE, 1, 0, 0, 1, 1, 0, 30, 44, 0, LINE},
    {"blocks", BOTH, 2, 0, 0, 0, 0, 0, 30, 44, 0, LINE},
    {"source-blocks", FIRST, 2, 0, 0, 0, 0, 0, 20, 44, 0, LINE},
    {"ring", NONE, 4, 0, 0, 0, 0, 0, 30, 124, 0, RING},
    {"busy", NONE, 40, 0, 1, 0, 0, 0, 64, 64, 0, BUSY},
    {"disk-64", NONE, 3, 0, 0, 0, 0, 0, 64, 64, 64, LINE},
    {"disk-50", NONE, 2, 1, 0, 0, 0, 0, 64, 64, 50, LINE},
    {"disk-10", NONE, 1, 0, 0, 0, 0, 0, 64, 64, 10, LINE},
};
static const struct plan large_plans[] = {
    {"more", NONE, 4, 0, 0, 0, 0, 0, 30, 64, 0, LINE},
    {"shorter", NONE, 2, 2, 0, 0, 0, 0, 30, 64, 0, LINE},
    {"two-signals", NONE, 1, 0, 2, 1, 1, 1, 30, 44, 0, LINE},
    {"blocks-all", BOTH, 2, 0, 1, 0, 1, 1, 30, 44, 0, LINE},
    {"ring-signal", NONE, 3, 0, 1, 1, 0, 0, 30, 84, 0, RING},
};

enum {
	PLANS = sizeof(plans) / sizeof(plans[0]),
	LARGE = sizeof(large_plans) / sizeof(large_plans[0]),
};

struct choice {
	enum act act[ACTS];
	int n, at;
};

struct search {
	struct choice path[STEPS];
	int depth; /* of path, that is to be repeated */
	uint64_t runs, states, again, most;
};

static struct search x;
static uint64_t set[SET];
static uint32_t in_set;

/* is_new - and remembered; when half of the set is full all is forgotten */
static bool
is_new(uint64_t key)
{
	uint32_t i;

	key += key == 0;
	if (in_set > SET / 2) {
		memset(set, 0, sizeof(set));
		in_set = 0;
	}
	for (i = (uint32_t)key & (SET - 1); set[i] != 0;
	     i = (i + 1) & (SET - 1)) {
		if (set[i] == key)
			return false;
	}
	set[i] = key;
	in_set++;
	return true;
}

static void
begin(const struct plan *plan)
{
	int i;

	kernel_reset();
	env_begin(plan);
	for (i = 0; i < STAGES; i++) {
		proc[i].from = i;
		proc[i].to = i + 1;
		proc[i].blocks = plan->blocks[i];
	}
	if (plan->kind == RING)
		proc[1].to = 0;
	for (i = 0; i < STAGES; i++)
		kernel_start(i, app_body);
}

static void
act(enum act a)
{
	env_do(a);
	if (++m.steps == STEPS)
		wrong("no end");
}

/* one_run - the path again, and on from there, the first of each choice */
static void
one_run(const struct plan *plan)
{
	struct choice *c;

	begin(plan);
	while (m.wrong[0] == '\0') {
		c = &x.path[m.steps];
		if (m.steps >= x.depth) {
			x.states++;
			if (!is_new(kernel_hash((uintptr_t)plan))) {
				x.again++;
				return;
			}
			c->n = env_acts(c->act);
			c->at = 0;
			if (c->n == 0)
				break;
			x.depth++;
		}
		act(c->act[c->at]);
	}
	if (m.wrong[0] == '\0')
		verdict();
}

/* next_path - false when there is none */
static bool
next_path(void)
{
	struct choice *c;

	while (x.depth > 0) {
		c = &x.path[x.depth - 1];
		if (++c->at < c->n)
			return true;
		x.depth--;
	}
	return false;
}

static void
show(const struct plan *plan)
{
	int i;

	printf("# %s\n# again: model -v -p %s ", m.wrong, plan->name);
	for (i = 0; i < m.steps; i++)
		printf("%s%s", i > 0 ? "," : "",
		    act_name[x.path[i].act[x.path[i].at]]);
	printf("\n");
}

/* search_plan - all orders of one; true when nothing is wrong */
static bool
search_plan(const struct plan *plan, int no)
{
	bool ok = true;

	x.depth = 0;
	x.runs = x.states = x.again = 0;
	do {
		one_run(plan);
		x.runs++;
		ok = m.wrong[0] == '\0';
	} while (ok && x.runs < x.most && next_path());
	if (!ok)
		show(plan);
	printf("%sok %d - %s: %llu runs, %llu states, %llu met again%s\n",
	    ok ? "" : "not ", no, plan->name, (unsigned long long)x.runs,
	    (unsigned long long)x.states, (unsigned long long)x.again,
	    ok && x.depth > 0 ? ", not all" : "");
	fflush(stdout);
	return ok;
}

/* ---- one order */

static void
say(enum act a)
{
	int i;

	printf("# %-6s", act_name[a]);
	for (i = 0; i < QUEUES; i++)
		printf(" %3zu%s", m.q[i].n, m.q[i].writer ? "" : ".");
	for (i = 0; i < STAGES; i++)
		printf("  %c %s, %zu+%zu", 'A' + i,
		    proc[i].over		 ? "over"
		    : proc[i].call == CALL_READ	 ? "reads"
		    : proc[i].call == CALL_WRITE ? "writes"
						 : "waits",
		    proc[i].in.end - proc[i].in.start,
		    stream_out_waiting(&proc[i].out));
	printf("\n");
}

/* play - 0 right, 1 wrong, 2 it does not go like this */
static int
play(const struct plan *plan, char *text, bool tell)
{
	char *word;
	enum act can[ACTS];
	int i, n, a;

	begin(plan);
	for (word = strtok(text, ","); word != NULL; word = strtok(NULL, ",")) {
		for (a = 0; a < ACTS && strcmp(word, act_name[a]) != 0; a++)
			;
		n = env_acts(can);
		for (i = 0; i < n && can[i] != (enum act)a; i++)
			;
		if (i == n) {
			fprintf(stderr, "model: %s cannot come now\n", word);
			return 2;
		}
		act((enum act)a);
		if (tell)
			say((enum act)a);
	}
	if (m.wrong[0] == '\0' && env_acts(can) == 0)
		verdict();
	printf("1..1\n%sok 1 - %s\n", m.wrong[0] != '\0' ? "not " : "",
	    m.wrong[0] != '\0' ? m.wrong : "right");
	return m.wrong[0] != '\0';
}

static int
usage(void)
{
	fprintf(stderr, "usage: model [-lv] [-n runs] [-p plan "
			"[act,...]]\n");
	return 2;
}

/* plan_no - of the small ones, then of the large ones */
static const struct plan *
plan_no(int i)
{
	return i < PLANS ? &plans[i] : &large_plans[i - PLANS];
}

/* plan_named - NULL: there is none */
static const struct plan *
plan_named(const char *name)
{
	int i;

	for (i = 0; i < PLANS + LARGE; i++) {
		if (strcmp(plan_no(i)->name, name) == 0)
			return plan_no(i);
	}
	return NULL;
}

static int
search_all(int count)
{
	int i, bad = 0;

	printf("1..%d\n", count);
	for (i = 0; i < count; i++)
		bad |= !search_plan(plan_no(i), i + 1);
	return bad;
}

int
main(int argc, char *argv[])
{
	const struct plan *only = NULL;
	bool tell = false, large = false;
	int o;

	x.most = UINT64_MAX;
	while ((o = getopt(argc, argv, "ln:p:v")) != -1) {
		if (o == 'l')
			large = true;
		else if (o == 'n')
			x.most = strtoull(optarg, NULL, 10);
		else if (o == 'v')
			tell = true;
		else if (o != 'p' || (only = plan_named(optarg)) == NULL)
			return usage();
	}
	if (only != NULL && optind < argc)
		return play(only, argv[optind], tell);
	if (only != NULL)
		return !search_plan(only, 1);
	return search_all(large ? PLANS + LARGE : PLANS);
}
