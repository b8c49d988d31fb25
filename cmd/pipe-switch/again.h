/*
 * again.h - commands that are started again when they have ended, after a
 * delay that grows while they do not last.
 */
#ifndef PIPE_SWITCH_AGAIN_H
#define PIPE_SWITCH_AGAIN_H

#include "run.h"

/* again_ended - nothing reads at this port any more */
void again_ended(struct run *, struct port *, uint64_t now);

/* again_next - start the commands that are due; returns in how many ns the next
   one is due, TIME_NEVER: none */
uint64_t again_next(struct run *, uint64_t now);

/* again_come - the socket of the starter is readable */
void again_come(struct run *, uint64_t now);

#endif
