/*
 * loop.h - what every stage does all the time: wait for what there is to read
 * and for room to write, let signals in, do a round. stage.h is built on it,
 * and what may have no more than it (rawcap and rawinject, with a raw socket in
 * hand).
 * Needs stage.h.
 */
#ifndef PIPE_LOOP_H
#define PIPE_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipe/stage.h"

struct pollfd;

/* the first places in what is waited for: input and output, or fd -1 */
enum { LOOP_IN, LOOP_OUT, LOOP_COUNT };

struct loop {
	void *ctx;
	/* before each wait: fills p in, how many, and in how many ns to wake
	   (TIME_NEVER, as at first: when something is there) */
	size_t (*prepare)(void *ctx, struct pollfd *p, uint64_t *timeout);
	/* after it, if neither a signal nor the reader's end ends the loop;
	   ready: p reports something */
	enum stage_end (*round)(void *ctx, const struct pollfd *p, bool ready);
	/* SIGUSR1 */
	void (*ask)(void *ctx);
	void *ask_ctx;
};

/* loop_run - until an end; p has room for all that prepare() may fill in */
enum stage_end loop_run(const struct loop *, struct pollfd *p);

/*
 * loop_wait - one poll(), with the signals let in: -1 (EINTR after one), or
 * how many are ready within timeout ns (TIME_NEVER). It takes no signal while
 * a descriptor is ready, and one of a busy pipeline always is: now and then
 * loop_wait(NULL, 0, 0) takes those that have come.
 */
int loop_wait(struct pollfd *p, size_t n, uint64_t timeout);

/*
 * loop_spin - before each wait of loop_run() that sleeps, poll for this many ns
 * without sleep, and let others run in between: it takes longer to be woken
 * than to see that something has come. With SANDBOX_SPIN.
 */
void loop_spin(uint64_t ns);

#endif
