/*
 * idle.h - which ports a round looks at. Those of which nothing has come, and
 * for which there was nothing, for a while are idle: they are waited for all at
 * once, so that a round costs no more with many of them. Where the system
 * cannot do that, no port is ever idle.
 */
#ifndef PIPE_SWITCH_IDLE_H
#define PIPE_SWITCH_IDLE_H

#include "run.h"

/* idle_start - none is idle yet; dies without memory. Before the sandbox. */
void idle_start(struct run *);

/* idle_wake - there is something to do at this port, or for it */
void idle_wake(struct run *, unsigned port);

/* idle_news - r->news is readable: of some that were idle there is news */
void idle_news(struct run *);

/* idle_sweep - after each round: those for which this was one too many */
void idle_sweep(struct run *);

#endif
