/*
 * go.h - between play.c and blocks.c: how a step tells its caller to go on.
 */
#ifndef DRILL_GO_H
#define DRILL_GO_H

#include <stdint.h>

#include "play.h"

enum go {
	WAIT, /* until the deadline, or something comes */
	ON,   /* to the step at pc */
	OVER, /* there is a verdict */
};

/* go_slack - how much later than span something may come */
uint64_t go_slack(const struct play *, uint64_t span);
enum go go_next(struct play *);
enum go go_until(struct play *, uint64_t at);
/* go_late - nothing of it in time: a failure, unless a packet was lost */
enum go go_late(struct play *, const struct captured *got);
/* go_matched - the ith of the queue is what was expected */
enum go go_matched(struct play *, unsigned i);

void go_push(struct play *, unsigned line, enum step_kind);
enum go go_loop(struct play *);
enum go go_branch(struct play *);
enum go go_either(struct play *, uint64_t now);
enum go go_close_block(struct play *);

#endif
