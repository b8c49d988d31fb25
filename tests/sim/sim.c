/*
 * sim.c - two engines and a bad network between them, on one virtual clock
 * and from one seed: see plan.c for what may happen, wire.c and invariant.c
 * for what must hold at every step, run.c for what must hold at the end.
 *
 * usage: sim [-afv] [-j processes] [-n seeds] [-s first] [-w file.pcap]
 *            [-W prefix]
 *
 * -a compares the analysis of captures at three places with what happened;
 * -W, for one seed, writes these captures and the truth beside them.
 * -f goes on for ever, from a seed by chance unless told; -v and -w, for one
 * seed, print what happens and keep the frames.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sim.h"
#include "truth.h"
#include "wire/parse.h"

enum {
	BATCH = 500, /* seeds for one process */
	PROCESSES = 16,
	PATIENCE = 10, /* seconds of processor time for one seed */
	LAST_LINES = 60,
	LINE = 300,
};

/* what a process does, as its parent sees it */
struct job {
	pid_t pid;
	uint64_t first, n, seed; /* at work on seed */
	uint64_t frames, fin, other;
	bool failed;
	char why[300];
	struct score score; /* -a */
};

static struct sim sim; /* large */
static volatile sig_atomic_t stop;
static bool analyse; /* -a */
static char *prefix; /* -W */

static void
on_signal(int sig)
{
	stop = 1;
}

/* ---- one process ---- */

/* patience - a seed that takes too long is killed, and that tells */
static void
patience(void)
{
	struct itimerval t = {.it_value.tv_sec = PATIENCE};

	setitimer(ITIMER_PROF, &t, NULL);
}

static void
count(struct job *j, const struct sim *s)
{
	const struct side *d;
	int i;

	j->frames += s->frames;
	for (i = 0; i < s->calls * 2; i++) {
		d = &s->call[i / 2].side[i % 2];
		if (d->closed && d->how == TCP_CLOSE_FIN)
			j->fin++;
		else
			j->other++;
	}
}

/* too_wrong - the analysis has told something false, and not marked it so */
static bool
too_wrong(const struct score *c)
{
	return c->wrong > 0 || c->misdrawn > 0;
}

static void
work(struct job *j)
{
	for (j->seed = j->first; j->seed < j->first + j->n; j->seed++) {
		if (j->seed % 16 == 0 || j->seed == j->first)
			patience();
		if (analyse)
			truth_begin(j->seed);
		if (!run(&sim, j->seed, false, -1, analyse)) {
			j->failed = true;
			memcpy(j->why, sim.wrong, sizeof(j->why));
			return;
		}
		count(j, &sim);
		if (!analyse)
			continue;
		story_check(&sim, &j->score, false);
		untaken_check(&sim, &j->score, false);
		reuse_check(&sim, &j->score);
		merged_check(&sim, &j->score);
		if (too_wrong(&j->score) && !j->failed) {
			j->failed = true;
			memcpy(j->why, j->score.first, sizeof(j->why));
		}
	}
}

static void
show_score(const struct score *c)
{
	printf("# %llu segments seen: %llu retransmitted, %llu lost "
	       "(%llu drawn as sure), %llu "
	       "needless, %llu copies; %llu not sure, %llu not knowable, "
	       "%llu wrong\n",
	    (unsigned long long)c->rows, (unsigned long long)c->again,
	    (unsigned long long)c->lost, (unsigned long long)c->surely,
	    (unsigned long long)c->needless, (unsigned long long)c->twice,
	    (unsigned long long)c->unsure, (unsigned long long)c->unknowable,
	    (unsigned long long)c->wrong);
	printf("# %llu connections; %llu states, %llu of them not sure; %llu "
	       "of %llu ends misdrawn\n",
	    (unsigned long long)c->ends, (unsigned long long)c->drawn,
	    (unsigned long long)c->seems, (unsigned long long)c->misdrawn,
	    (unsigned long long)c->states);
}

/* one_seed - with all that happens */
static int
one_seed(uint64_t seed, bool log, int pcap)
{
	struct score score = {.rows = 0};
	bool ok;

	if (pcap >= 0)
		log_pcap_open(pcap);
	setvbuf(stdout, NULL, _IOLBF, 0);
	patience();
	if (analyse || prefix != NULL)
		truth_begin(seed);
	ok = run(&sim, seed, log, pcap, analyse || prefix != NULL);
	if (prefix != NULL && truth_write(prefix) != 0) {
		perror(prefix);
		return 2;
	}
	if (analyse) {
		story_check(&sim, &score, true);
		untaken_check(&sim, &score, true);
		reuse_check(&sim, &score);
		merged_check(&sim, &score);
		show_score(&score);
		if (score.misdrawn > 0)
			printf("# %s\n", score.first);
		ok &= score.wrong == 0;
	}
	printf("1..1\n");
	if (!ok)
		printf(
		    "# %s\n", sim.wrong[0] != '\0' ? sim.wrong : score.first);
	printf("%sok 1 - seed %llu: %llu frames, %llu lost, %.1f s\n",
	    ok ? "" : "not ", (unsigned long long)seed,
	    (unsigned long long)sim.frames, (unsigned long long)sim.lost,
	    (double)(sim.now - START) / 1e9);
	return ok ? 0 : 1;
}

/* ---- the parent ---- */

/* show - the seed again, and the last lines of what it says */
static void
show(const char *self, const struct job *j, int status)
{
	static char line[LAST_LINES][LINE];
	unsigned n = 0, i;
	char cmd[600];
	FILE *f;

	if (analyse)
		show_score(&j->score);
	if (j->failed)
		printf(
		    "# seed %llu: %s\n", (unsigned long long)j->seed, j->why);
	else
		printf("# seed %llu: ended by signal %d\n",
		    (unsigned long long)j->seed,
		    WIFSIGNALED(status) ? WTERMSIG(status) : 0);
	snprintf(cmd, sizeof(cmd), "%s -v -s %llu", self,
	    (unsigned long long)j->seed);
	printf("# again: %s\n", cmd);
	fflush(stdout);
	f = popen(cmd, "r");
	if (f == NULL)
		return;
	while (fgets(line[n % LAST_LINES], LINE, f) != NULL) {
		if (line[n % LAST_LINES][0] == '#')
			n++;
	}
	pclose(f);
	for (i = n < LAST_LINES ? 0 : n - LAST_LINES; i < n; i++)
		fputs(line[i % LAST_LINES], stdout);
}

static void
start(struct job *j, uint64_t first, uint64_t n)
{
	pid_t pid;

	memset(j, 0, sizeof(*j));
	j->first = first;
	j->n = n;
	fflush(stdout);
	pid = fork();
	if (pid == -1) {
		perror("sim: fork");
		exit(2);
	}
	if (pid != 0) {
		j->pid = pid; /* the child's 0 must not get in there */
		return;
	}
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	work(j);
	_exit(j->failed ? 1 : 0);
}

/* done - a job's line; true when all of it was right */
static bool
done(const char *self, const struct job *j, int status, unsigned long no)
{
	bool ok = WIFEXITED(status) && WEXITSTATUS(status) == 0;

	if (!ok)
		show(self, j, status);
	else if (analyse)
		show_score(&j->score);
	printf("%sok %lu - seeds %llu to %llu: %llu frames, %llu ends closed, "
	       "%llu gave up\n",
	    ok ? "" : "not ", no, (unsigned long long)j->first,
	    (unsigned long long)(j->first + j->n - 1),
	    (unsigned long long)j->frames, (unsigned long long)j->fin,
	    (unsigned long long)j->other);
	return ok;
}

static struct job *
job_of(struct job *job, unsigned jobs, pid_t pid)
{
	unsigned i;

	for (i = 0; i < jobs && job[i].pid != pid; i++)
		;
	return i < jobs ? &job[i] : NULL;
}

struct many {
	const char *self;
	uint64_t next, end; /* seeds */
	unsigned jobs;
	bool for_ever;
	unsigned long lines, bad, seeds;
	struct timespec began;
};

static double
elapsed(const struct many *m)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)(t.tv_sec - m->began.tv_sec) +
	       (double)(t.tv_nsec - m->began.tv_nsec) / 1e9;
}

static void
more(struct many *m, struct job *j)
{
	uint64_t n = m->end - m->next < BATCH ? m->end - m->next : BATCH;

	start(j, m->next, n);
	m->next += n;
}

static int
many_seeds(struct many *m)
{
	struct job *job, *j;
	unsigned i, busy = 0;
	int status;
	pid_t pid;

	job = mmap(NULL, sizeof(*job) * PROCESSES, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (job == MAP_FAILED) {
		perror("sim: mmap");
		return 2;
	}
	clock_gettime(CLOCK_MONOTONIC, &m->began);
	if (!m->for_ever)
		printf("1..%llu\n",
		    (unsigned long long)((m->end - m->next + BATCH - 1) /
					 BATCH));
	for (i = 0; i < m->jobs && m->next < m->end; i++, busy++)
		more(m, &job[i]);
	while (busy > 0 && !stop) {
		pid = waitpid(-1, &status, 0);
		if (pid == -1 && errno != EINTR)
			break;
		if (pid > 0 && WIFSIGNALED(status) &&
		    (WTERMSIG(status) == SIGINT || WTERMSIG(status) == SIGTERM))
			break; /* the same signal is for all */
		j = pid > 0 ? job_of(job, m->jobs, pid) : NULL;
		if (j == NULL)
			continue;
		busy--;
		m->seeds += j->seed - j->first;
		m->bad += !done(m->self, j, status, ++m->lines);
		if (m->for_ever)
			printf("# %.0f seeds a second\n",
			    (double)m->seeds / elapsed(m));
		if (m->next < m->end) {
			more(m, j);
			busy++;
		}
	}
	printf("# %lu seeds in %.1f s, %.0f a second; %lu failed\n", m->seeds,
	    elapsed(m), (double)m->seeds / elapsed(m), m->bad);
	return m->bad > 0;
}

static int
usage(void)
{
	fprintf(stderr, "usage: sim [-afv] [-j processes] [-n seeds] "
			"[-s first] [-w file.pcap] [-W prefix]\n");
	return 2;
}

int
main(int argc, char *argv[])
{
	struct sigaction sa = {.sa_handler = on_signal};
	uint64_t n = 1, first = 0, jobs = 2;
	struct many m = {.self = argv[0]};
	bool log = false;
	int o, pcap = -1, bad = 0;

	while ((o = getopt(argc, argv, "afj:n:s:vw:W:")) != -1) {
		if (o == 'a')
			analyse = true;
		else if (o == 'W')
			prefix = optarg;
		else if (o == 'f')
			m.for_ever = true;
		else if (o == 'j')
			bad |= parse_num(optarg, 1, PROCESSES, &jobs);
		else if (o == 'n')
			bad |= parse_num(optarg, 1, UINT32_MAX, &n);
		else if (o == 's')
			bad |= parse_num(optarg, 1, UINT64_MAX / 2, &first);
		else if (o == 'v')
			log = true;
		else if (o == 'w')
			pcap = open(optarg, O_WRONLY | O_CREAT | O_TRUNC, 0666);
		else
			return usage();
		if (o == 'w' && pcap == -1) {
			perror(optarg);
			return 2;
		}
	}
	if (bad || optind != argc)
		return usage();
	if (first == 0 && m.for_ever && chance_from_kernel(&first) == 0)
		first = first % UINT32_MAX * BATCH;
	if (first == 0)
		first = 1;
	app_init();
	if (n == 1 && !m.for_ever)
		return one_seed(first, log, pcap);
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	m.next = first;
	m.end = m.for_ever ? UINT64_MAX : first + n;
	m.jobs = (unsigned)jobs;
	return many_seeds(&m);
}
