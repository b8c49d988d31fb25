/*
 * gso_run.h - consecutive segments of one flow that may leave as one
 * super-frame: the headers of the first, then the payloads of all. The kernel
 * or the card cuts it again, at the size of the first payload, so that the peer
 * receives the segments that were made for it.
 */
#ifndef WIRE_GSO_RUN_H
#define WIRE_GSO_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/gso.h"

enum { GSO_RUN_MAX = 64 }; /* segments of a run */

struct gso_run {
	struct segment first;
	unsigned count;	  /* segments, 0: there is no run */
	uint32_t payload; /* of all */
	bool verified; /* the first, which is looked at when a second comes */
	bool ended;    /* by a short segment, PSH or FIN; or alone */
	uint8_t flags; /* of the last */
};

/* gso_run_may - a run may begin with it: data, and nothing that concerns a
   single segment */
bool gso_run_may(const struct segment *);

/* gso_run_begin - with this one, a run of one */
void gso_run_begin(struct gso_run *, const struct segment *);

/*
 * gso_run_fits - it is the next of the run, and the checksums of both, which
 * will be thrown away, are right
 */
bool gso_run_fits(struct gso_run *, const struct segment *);

/* gso_run_more - it is part of the run now */
void gso_run_more(struct gso_run *, const struct segment *);

#endif
