/*
 * spawn.h - lines of programs are started, and none of them outlives us.
 */
#ifndef PHANTOM_SPAWN_H
#define PHANTOM_SPAWN_H

#include <stdbool.h>
#include <sys/types.h>

struct line;
struct prog;

/*
 * The keeper is a process that does nothing but wait for our end. It leads
 * the process group of all programs, so a terminal's Ctrl-C comes to us alone;
 * and when we have gone without a word it ends that group.
 */
struct keeper {
	pid_t pid;
	int word;  /* we write that all is well; closed when we are gone */
	int alive; /* closed when all programs are gone */
	const char *file; /* removed at the end; NULL: none */
};

/* keeper_start - 0, or -1 and errno */
int keeper_start(struct keeper *);

/* keeper_dismiss - everything has ended: it goes */
void keeper_dismiss(struct keeper *);

/*
 * line_start - fork and exec each program, and read its stderr; file is the
 * descriptor for stdout of the last one, or -1. 0, or -1 and errno; then what
 * has been started runs.
 */
int line_start(struct line *, const struct keeper *, int file);

/* line_over - has every program of it ended, and is its stderr read to the
   end? */
bool line_over(const struct line *);

/* prog_failed - it has ended by itself, and badly */
bool prog_failed(const struct prog *);

/*
 * prog_is_cause - p has failed, and is rather the cause than the program
 * blamed so far (NULL: none). A usage error (status 2) ends a neighbour, too
 * (status 1), and that may be seen first
 */
bool prog_is_cause(const struct prog *p, const struct prog *first);

#endif
