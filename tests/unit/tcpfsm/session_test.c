/*
 * session_test.c - the table of sessions: what was added and not removed is
 * found, whatever its neighbours have become.
 */
#include <stdlib.h>

#include "cmd/tcpfsm/net/session.h"
#include "tap.h"

enum { TCBS = 3000, STEP = 320 };

static char *memory;

static struct tcb *
tcb(unsigned i)
{
	return (struct tcb *)(void *)(memory + (size_t)i * STEP);
}

static void
table(void)
{
	static bool in[TCBS];
	struct sessions s = {.n = 0};
	struct session *found;
	unsigned i, k, wrong = 0;
	size_t at = 0, n = 0, want = 0;

	check(session_find(&s, tcb(1)) == NULL, "none in an empty table");
	srand(5);
	for (k = 0; k < 40 * TCBS; k++) {
		i = (unsigned)rand() % TCBS;
		found = session_find(&s, tcb(i));
		wrong += (found != NULL) != in[i];
		if (found != NULL && rand() % 2)
			session_remove(&s, found);
		else if (found == NULL && (found = session_add(&s, tcb(i))))
			found->begin = i;
		else
			continue;
		in[i] = !in[i];
	}
	check(wrong == 0, "%u of %u were not as they were left", wrong, k);
	for (i = 0; i < TCBS; i++)
		want += in[i];
	while ((found = session_next(&s, &at)) != NULL)
		n += found->tcb == tcb((unsigned)found->begin);
	check(n == want && s.n == want, "%zu sessions, each once", want);
	free(s.place);
}

int
main(void)
{
	memory = malloc((size_t)TCBS * STEP);
	if (memory == NULL)
		return 1;
	table();
	free(memory);
	return done();
}
