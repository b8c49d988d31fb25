/*
 * child.h - a command whose standard input and output are pipes of ours.
 */
#ifndef PIPE_CHILD_H
#define PIPE_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

struct child {
	pid_t pid;  /* 0: is not there, or has ended */
	int in;	    /* what it writes; -1: closed, or the group's */
	int out;    /* what it reads, non-blocking; -1: closed */
	int status; /* of waitpid(), once pid is 0 again */
};

/* all children are in a process group of their own, with a process that waits
   for our end and then kills what is left of it */
struct child_group {
	pid_t pid;
	int word; /* closed when we are gone */
	int out;  /* what they write to; 0: a pipe each */
};

/* child_group_start - 0, or -1 and errno */
int child_group_start(struct child_group *);

/*
 * child_start - run argv, found by PATH or beside this program; no other child
 * inherits its pipes. 0, or -1 and errno. Before the sandbox. It should end
 * when its pipes are closed.
 */
int child_start(struct child *, const struct child_group *, char *const *argv,
    const char *argv0);

/* child_shell - the same for a line of sh */
int child_shell(struct child *, const struct child_group *, const char *command,
    const char *argv0);

/* child_over - has it ended? Does not wait. */
bool child_over(struct child *);

/* child_exit - its exit status as a shell has it: 128 and the signal */
int child_exit(const struct child *);

#endif
