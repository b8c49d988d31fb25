/*
 * ppoll.h - wait for descriptors and signals at once, to the nanosecond.
 */
#ifndef PIPE_PPOLL_H
#define PIPE_PPOLL_H

#include <signal.h>
#include <stddef.h>

struct pollfd;

/*
 * await - ppoll(): timeout NULL is for ever, mask holds while it waits. Where
 * there is no ppoll(), it is pselect(): descriptors below FD_SETSIZE, and
 * no failure is reported for a descriptor without events.
 */
int ppoll_wait(struct pollfd *, size_t n, const struct timespec *timeout,
    const sigset_t *mask);

#endif
