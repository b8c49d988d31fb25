/*
 * errout.h - what commands write on stderr: messages of ours, "tool: command:
 * ...", a line each. So no line can be one of the event log, which may be on
 * the same stderr, and no command has our stderr, which may be a terminal.
 *
 * A client decides what a command writes: of all commands together 2 kB a
 * second are shown, after the first 40 kB; what is more is read, and counted.
 */
#ifndef COMMAND_ERROUT_H
#define COMMAND_ERROUT_H

#include <stddef.h>
#include <stdint.h>

struct pollfd;
struct timespec;

enum { ERROUT_LINE = 960 }; /* a longer line becomes several */

struct errout {
	int fd;	 /* we read from it what */
	int end; /* commands write to it */
	size_t n;
	char text[ERROUT_LINE + 1];
	uint64_t full;	 /* the bucket of what may be shown; when it is empty */
	uint64_t quiet;	 /* nothing is, until this time; 0: something is */
	uint64_t hidden; /* lines since */
};

/* errout_open - 0, or -1 and errno */
int errout_open(struct errout *);

/* errout_again - in the process that becomes a command: a descriptor to write
   to, with flags of its own (O_NONBLOCK), or without /proc that of all */
int errout_again(const struct errout *);

/* errout_watch - when errout_step() has something to do: a line has come, or
   stderr takes the one that waits */
void errout_watch(const struct errout *, struct pollfd *);

/* errout_wait - the time until errout_step() has to be called anyhow, in *t;
   NULL: there is none */
const struct timespec *errout_wait(const struct errout *, struct timespec *t);

/* errout_step - pass on what our stderr takes without waiting */
void errout_step(struct errout *);

/* errout_end - the commands have ended: all that is left */
void errout_end(struct errout *);

#endif
