/*
 * marks.c - what each segment is, as ladder(1) has it: the whole files are
 * read before, since only later segments show that one was lost.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/die.h"
#include "capture/analysis.h"
#include "capture/clocks.h"
#include "pcapnote.h"

bool
marks_can(int files, char **name)
{
	struct stat st;
	int i;

	for (i = 0; i < files; i++)
		if (stat(name[i], &st) != 0 || !S_ISREG(st.st_mode))
			return false;
	return true;
}

void
marks_open(struct marks *m, int files, char **name)
{
	struct stat st;
	int i;

	if (files == 0)
		die_usage("--marks reads its input twice: give files");
	m->files = files;
	m->in = calloc((size_t)files, sizeof(*m->in));
	m->next = calloc((size_t)files, sizeof(*m->next));
	m->end = calloc((size_t)files, sizeof(*m->end));
	if (m->in == NULL || m->next == NULL || m->end == NULL)
		die(EXIT_NO, "start: out of memory");
	for (i = 0; i < files; i++) {
		if (stat(name[i], &st) == 0 && !S_ISREG(st.st_mode))
			die_usage("--marks reads its input twice: %s is no "
				  "regular file",
			    name[i]);
		capin_open(&m->in[i], name[i]);
	}
}

/* less - without what the capture's reader left out, as it does once more */
static void
less(struct leftout *l, const struct leftout *left)
{
	int i;

	for (i = 0; i < LEFT_KINDS; i++)
		l->n[i] -= left->n[i];
	l->links = 0;
}

/* as_they_are - what is not moved, and what follows for the log */
static const char *
as_they_are(bool log)
{
	return log ? "the times stay as they are, so states and events may "
		     "stand on wrong packets (editcap -t moves times)"
		   : "the times stay as they are";
}

/* unmix - as clocks_unmix(), for marks only */
static void
unmix(struct tcpseg_list *l, uint32_t from, const char *name, bool log)
{
	bool moved;
	int64_t ns = clocks_split(l, from, &moved);

	if (ns != 0)
		say("read %s: two captures are merged in it, and the clock of "
		    "one is about %.*f s ahead of the other's, as packets "
		    "show that both have: %s",
		    name, moved ? 6 : 3, (double)ns / 1e9, as_they_are(log));
}

/*
 * align - as clocks_align(), for marks only: what is written keeps its times.
 * true: that clock differed
 */
static bool
align(struct tcpseg_list *l, uint32_t from, const char *name, bool log)
{
	int64_t ns = clocks_move(l, from);

	if (ns != 0)
		say("read %s: its clock is about %.6f s %s, as packets show "
		    "that another capture has, too: %s",
		    name, (double)(ns > 0 ? ns : -ns) / 1e9,
		    ns > 0 ? "ahead" : "behind", as_they_are(log));
	return ns != 0;
}

void
marks_read(struct marks *m, bool decap, bool log)
{
	struct tcpseg_list list = {.decap = decap};
	struct conns conns;
	uint32_t i;
	bool told = false;
	int f;

	for (f = 0; f < m->files; f++) {
		m->next[f] = list.n;
		tcpseg_list_read(&list, &m->in[f]);
		m->end[f] = list.n;
		unmix(&list, m->next[f], m->in[f].name, log);
		if (f < CLOCKS_MAX)
			told |= align(&list, m->next[f], m->in[f].name, log);
		less(&list.left, &m->in[f].left);
		capin_close(&m->in[f]);
	}
	/* each of the others may have one direction only */
	if (!told && m->files > 2)
		align(&list, m->end[0], m->in[1].name, log);
	if (m->clocks_only) {
		free(list.s);
		return;
	}
	m->unmarked = list.left;
	if (list.beyond > 0)
		say("%llu segments after the first %d have no marks",
		    (unsigned long long)list.beyond, TCPSEG_MAX);
	tcpseg_list_say(&list);
	tcpseg_list_sort(&list);
	m->mark = calloc((size_t)list.n + 1, sizeof(*m->mark));
	if (m->mark == NULL || conns_make(&conns, &list) != 0)
		die(EXIT_NO, "keep connections: %s", strerror(errno));
	for (i = 0; i < list.n; i++)
		m->mark[list.s[i].no] = conns.row[i].marks;
	conns_free(&conns);
	free(list.s);
}

uint32_t
marks_next(struct marks *m, int file)
{
	/* a file may have grown meanwhile, or be too long */
	if (m->next[file] == m->end[file])
		return 0;
	return m->mark[m->next[file]++];
}

void
marks_free(struct marks *m)
{
	free(m->in);
	free(m->next);
	free(m->end);
	free(m->mark);
}
