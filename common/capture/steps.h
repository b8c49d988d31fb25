/*
 * steps.h - timestamps of a capture that step back.
 *
 * Some captures are a little out of order: such a timestamp stays, and the
 * packet keeps its place. Where the clock was set back while the capture ran,
 * the time goes on as if it had not been: nothing else shows how long it took,
 * and no picture may have an hour in which nothing was captured.
 */
#ifndef CAPTURE_STEPS_H
#define CAPTURE_STEPS_H

#include <stdbool.h>
#include <stdint.h>

enum { STEPS_IFS = 64 };

/* of one file */
struct steps {
	bool begun;
	uint64_t last;	/* timestamp of its latest packet */
	uint64_t shift; /* what is added: the clock was set back by it */
	uint64_t back;	/* packets a little before the one before them */
	uint64_t set;	/* the clock was set back so many times, */
	uint64_t by;	/* in all by this, ns */
	/* of each interface, its latest time and that of its last packet; those
	   beyond share one */
	uint64_t latest[STEPS_IFS], before[STEPS_IFS];
};

/*
 * steps_time - the time (ns) of the file's next packet, which an interface
 * captured at ts. *due, unless it is NULL: not before what this interface
 * captured first. Each interface has an order of its own: packets of two that
 * are written in turns step back for nobody.
 */
uint64_t steps_time(struct steps *, uint32_t iface, uint64_t ts, uint64_t *due);

/* steps_say - on stderr, unless there was none; name: the file. Only for
   mains */
void steps_say(const struct steps *, const char *name);

#endif
