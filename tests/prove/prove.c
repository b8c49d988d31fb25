/*
 * prove.c - every reader of a header in common/wire, over headers of which up
 * to six bytes take every value that the code tells apart and the others are
 * drawn, at every length: it reads nothing outside and says nothing that cannot
 * be. Every writer, over all that it may be given: it writes nothing outside,
 * and what is read is what was written.
 *
 * usage: prove [-a] [-s seed] [name ...]
 *
 * -a: all; else what two seconds allow. The bytes lie between pages that nobody
 * may touch: a signal is a fault.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "prove.h"

struct chance drawn;
bool all;
char doing[200];

static uint8_t *start, *end;

static void
fence(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t n = (DATA_MOST + page - 1) / page * page;
	uint8_t *p = mmap(
	    NULL, n + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED ||
	    mprotect(p + page, n, PROT_READ | PROT_WRITE) != 0) {
		perror("prove: mmap");
		exit(2);
	}
	start = p + page;
	end = start + n;
}

uint8_t *
fence_end(size_t n)
{
	return end - n;
}

uint8_t *
fence_start(void)
{
	return start;
}

void
must_be(bool right, const char *what, int line)
{
	if (right)
		return;
	printf("not ok - %s: line %d: %s\n", doing, line, what);
	exit(1);
}

static void
on_fault(int sig)
{
	static const char text[] = "not ok - outside: ";

	(void)sig;
	if (write(1, text, sizeof(text) - 1) > 0 &&
	    write(1, doing, strlen(doing)) > 0 && write(1, "\n", 1) > 0)
		_exit(1);
	_exit(1);
}

void
draw(void *to, size_t n)
{
	uint8_t *p = to;
	uint64_t v = 0;
	size_t i;

	for (i = 0; i < n; i++, v >>= 8) {
		if (i % 8 == 0)
			v = chance_u64(&drawn);
		p[i] = (uint8_t)v;
	}
}

static bool
is_asked(const char *name, char **word)
{
	if (*word == NULL)
		return true;
	for (; *word != NULL; word++) {
		if (strcmp(*word, name) == 0)
			return true;
	}
	return false;
}

static int
run(const struct proof *p, char **words, int no)
{
	uint64_t n;

	for (; p->name != NULL; p++) {
		if (!is_asked(p->name, words))
			continue;
		snprintf(doing, sizeof(doing), "%s", p->name);
		n = p->run != NULL ? p->run() : try_all(&p->reader);
		printf("ok %d - %s: %llu headers\n", ++no, p->name,
		    (unsigned long long)n);
		fflush(stdout);
	}
	return no;
}

int
main(int argc, char *argv[])
{
	uint64_t seed = 1;
	int o, no;

	while ((o = getopt(argc, argv, "as:")) != -1) {
		if (o == 'a')
			all = true;
		else if (o == 's')
			seed = strtoull(optarg, NULL, 10);
		else {
			fprintf(stderr, "usage: prove [-a] [-s seed] "
					"[name ...]\n");
			return 2;
		}
	}
	chance_seed(&drawn, seed);
	fence();
	signal(SIGSEGV, on_fault);
	signal(SIGBUS, on_fault);
	no = run(readers, argv + optind, 0);
	no = run(writers, argv + optind, no);
	printf("1..%d\n", no);
	return 0;
}
