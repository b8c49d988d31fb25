/*
 * explore.c - the engine against itself, by every schedule of small
 * conversations: each frame dropped, sent twice, delayed behind the next one,
 * two or all, each timer late, the cable cut; in hostile cases damaged, marked
 * (it, or all from then on), met by forged ones, in pieces that overlap, or too
 * long from then on. See cases.c for the conversations, world.c for what
 * can go wrong, ../wire.c, ../invariant.c, ../verdict.c and law.c for what must
 * hold.
 *
 * usage: explore [-v] [-d faults] [-f first] [-j processes] [-n schedules]
 *            [-t seconds] [-c case [-p decision:fault,...]]
 *
 * Without -d the number of faults goes by the case: one at first, so that half
 * a million schedules see most kinds of conversations; from case 3200 on, of 50
 * conversations one has three and five have two. -p plays one schedule, -v
 * tells of it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "explore.h"
#include "wire/parse.h"

enum {
	PROCESSES = 64,
	BREADTH = 800, /* fours of cases with few faults, before others */
};

/* what a process has done, as its parent sees it */
struct job {
	struct search x;
	uint64_t no, done; /* its case, and how many so far */
	int faults;
};

static double
clock_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int
faults_of(uint64_t n)
{
	n /= 4;
	if (n < BREADTH)
		return n % 200 == 45 ? 2 : 1;
	return n % 50 == 45 ? 3 : n % 10 == 2 ? 2 : 1;
}

/* ---- one schedule */

/* parse_path - "3:drop,7:late"; how many, -1 */
static int
parse_path(char *text, struct fault_at *path)
{
	char *word, *name;
	uint64_t at;
	int n = 0, f;

	for (word = strtok(text, ","); word != NULL; word = strtok(NULL, ",")) {
		name = strchr(word, ':');
		if (name == NULL || n == FAULTS_MOST)
			return -1;
		*name++ = '\0';
		for (f = 1; f < FAULTS && strcmp(name, fault_name[f]) != 0; f++)
			;
		if (f == FAULTS || parse_num(word, 1, 100000, &at) != 0)
			return -1;
		path[n].decision = (uint32_t)at;
		path[n++].fault = (enum fault)f;
	}
	return n;
}

static int
play(uint64_t n, const struct fault_at *path, int faults, bool log)
{
	enum fault f;
	char text[220];
	int i = 0;

	search_init();
	world.s.log = log;
	world_begin(n, text, sizeof(text));
	printf("# case %llu: %s\n", (unsigned long long)n, text);
	while (world_next()) {
		f = FAULT_NONE;
		if (i < faults && path[i].decision == world.decision)
			f = path[i++].fault;
		if (!world_has(f)) {
			fprintf(stderr,
			    "explore: %s does not fit decision %u\n",
			    fault_name[f], world.decision);
			return 2;
		}
		world_do(f);
	}
	world_end();
	if (i < faults) {
		fprintf(stderr, "explore: there are only %u decisions\n",
		    world.decision);
		return 2;
	}
	if (world.s.wrong[0] != '\0')
		printf("# %s\n", world.s.wrong);
	printf("1..1\n%sok 1 - %llu frames, %u decisions, %.3f s\n",
	    world.s.wrong[0] != '\0' ? "not " : "",
	    (unsigned long long)world.s.frames, world.decision,
	    (double)(world.s.now - START) / 1e9);
	return world.s.wrong[0] != '\0';
}

/* ---- many */

struct plan {
	uint64_t first, schedules;
	unsigned jobs;
	int faults; /* 0: by the case */
	double until;
};

/* work - every case of which the number is this process's own */
static void
work(const struct plan *p, struct job *j, unsigned mine)
{
	uint64_t n;

	search_init();
	j->x.most = p->schedules / p->jobs + 1;
	j->x.seconds = p->until;
	for (n = p->first + mine; n < cases(); n += p->jobs) {
		j->no = n;
		j->faults = p->faults > 0 ? p->faults : faults_of(n);
		search_case(&j->x, n, j->faults);
		j->done++;
		if (j->x.failed || j->x.schedules >= j->x.most ||
		    clock_s() >= p->until)
			return;
	}
}

static void
show(const struct job *j)
{
	int i;

	printf("# case %llu: %s\n# %s\n# again: explore -v -c %llu",
	    (unsigned long long)j->no, j->x.text, j->x.why,
	    (unsigned long long)j->no);
	for (i = 0; i < j->x.depth; i++)
		printf("%s%u:%s", i > 0 ? "," : " -p ", j->x.path[i].decision,
		    fault_name[j->x.path[i].fault]);
	printf("\n");
}

/* finish - a process's line; true when it has found nothing */
static bool
finish(const struct job *j, int status, unsigned no)
{
	bool ok = !j->x.failed && WIFEXITED(status) && WEXITSTATUS(status) == 0;

	if (j->x.failed)
		show(j);
	else if (!ok)
		printf("# case %llu: %s: ended by signal %d\n",
		    (unsigned long long)j->no, j->x.text,
		    WIFSIGNALED(status) ? WTERMSIG(status) : 0);
	printf("%sok %u - %llu cases, %llu schedules, %llu states, %llu met "
	       "again\n",
	    ok ? "" : "not ", no, (unsigned long long)j->done,
	    (unsigned long long)j->x.schedules, (unsigned long long)j->x.states,
	    (unsigned long long)j->x.pruned);
	return ok;
}

static int
explore(const struct plan *p)
{
	double began = clock_s();
	uint64_t sum = 0, states = 0;
	unsigned i, bad = 0;
	struct job *job;
	pid_t pid[PROCESSES];
	int status;

	job = mmap(NULL, sizeof(*job) * p->jobs, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (job == MAP_FAILED) {
		perror("explore: mmap");
		return 2;
	}
	printf("1..%u\n", p->jobs);
	fflush(stdout);
	for (i = 0; i < p->jobs; i++) {
		pid[i] = fork();
		if (pid[i] == 0) {
			work(p, &job[i], i);
			_exit(0);
		}
	}
	for (i = 0; i < p->jobs; i++) {
		waitpid(pid[i], &status, 0);
		bad += !finish(&job[i], status, i + 1);
		sum += job[i].x.schedules;
		states += job[i].x.states;
	}
	printf("# %llu schedules, %llu states in %.1f s, %.0f schedules a "
	       "second; %u failed\n",
	    (unsigned long long)sum, (unsigned long long)states,
	    clock_s() - began, (double)sum / (clock_s() - began), bad);
	return bad > 0;
}

static int
usage(void)
{
	fprintf(stderr, "usage: explore [-v] [-d faults] [-f first] "
			"[-j processes] [-n schedules]\n"
			"           [-t seconds] [-c case "
			"[-p decision:fault,...]]\n");
	return 2;
}

int
main(int argc, char *argv[])
{
	uint64_t n = UINT64_MAX, jobs = 2, faults = 0, seconds = 1 << 30;
	uint64_t schedules = UINT64_MAX / 2, first = 0;
	struct fault_at path[FAULTS_MOST];
	struct plan p;
	bool log = false;
	int o, bad = 0, steps = 0;

	while ((o = getopt(argc, argv, "c:d:f:j:n:p:t:v")) != -1) {
		if (o == 'c')
			bad |= parse_num(optarg, 0, cases() - 1, &n);
		else if (o == 'd')
			bad |= parse_num(optarg, 1, FAULTS_MOST, &faults);
		else if (o == 'f')
			bad |= parse_num(optarg, 0, cases() - 1, &first);
		else if (o == 'j')
			bad |= parse_num(optarg, 1, PROCESSES, &jobs);
		else if (o == 'n')
			bad |= parse_num(optarg, 1, UINT64_MAX / 2, &schedules);
		else if (o == 't')
			bad |= parse_num(optarg, 1, 1 << 30, &seconds);
		else if (o == 'p')
			bad |= (steps = parse_path(optarg, path)) < 0;
		else if (o == 'v')
			log = true;
		else
			return usage();
	}
	if (bad || optind != argc || (steps > 0 && n == UINT64_MAX))
		return usage();
	app_init();
	if (n != UINT64_MAX)
		return play(n, path, steps, log);
	p.first = first;
	p.schedules = schedules;
	p.jobs = (unsigned)jobs;
	p.faults = (int)faults;
	p.until = clock_s() + (double)seconds;
	return explore(&p);
}
