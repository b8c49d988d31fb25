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

/* packets that are out of order are so by less than this; no time is due
   earlier than this before the latest one */
#define STEPS_LATE_NS UINT64_C(1000000000)
/* what is captured on one processor may be stamped, and queued only when that
   has time again */
#define STEPS_NEAR_NS UINT64_C(10000000)

/* of one file */
struct steps {
	bool begun;
	uint64_t last;	/* timestamp of its latest packet */
	uint64_t shift; /* what is added: the clock was set back by it */
	uint64_t back;	/* packets a little before the one before them, */
	uint64_t near;	/* by less than STEPS_NEAR_NS */
	uint64_t set;	/* the clock was set back so many times, */
	uint64_t by;	/* in all by this, ns */
	/* of each interface, its latest time and that of its last packet; those
	   beyond share one */
	uint64_t latest[STEPS_IFS], before[STEPS_IFS];
	uint32_t ifaces; /* that the file has had so far */
	uint64_t due;	 /* the latest one */
	uint64_t floor;	 /* that of its single interface, before there were
			    others: what they captured comes behind */
};

/*
 * steps_time - the time (ns) of the file's next packet, which an interface, one
 * of those that the file has had so far, captured at ts. *due, unless it is
 * NULL: not before what this interface captured first. Each interface has an
 * order of its own: packets of two that are written in turns step back for
 * nobody. With one interface due never goes back.
 */
uint64_t steps_time(struct steps *, uint32_t iface, uint32_t ifaces,
    uint64_t ts, uint64_t *due);

/* steps_say - on stderr, unless there was none; name: the file, or "-", a
   stream, which nobody can sort: near ones are none there. Only for mains */
void steps_say(const struct steps *, const char *name);

#endif
