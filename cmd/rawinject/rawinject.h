/*
 * rawinject.h - between the files of rawinject.
 */
#ifndef RAWINJECT_H
#define RAWINJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "capsock.h"
#include "segment.h"

/* batch.c: frames on their way to the kernel, where they lie */

enum { BATCH_MSGS = 128, BATCH_IOVS = 2048, BATCH_IOVS_EACH = 64 };

struct batch {
	struct capsock *cs;
	unsigned n, niov;
	struct mmsghdr msg[BATCH_MSGS];
	struct iovec iov[BATCH_IOVS];
	unsigned frames[BATCH_MSGS]; /* records in the message */
	bool super[BATCH_MSGS];
	/* records, but for supers */
	uint64_t sent, supers, lost, cut, bad, refused;
	int down; /* errno that ends all */
};

/*
 * batch_add - a frame, CAPSOCK_VNET_HLEN bytes before it being ours; gso
 * NULL for a plain one. It stays where it is until batch_flush().
 */
void batch_add(
    struct batch *, uint8_t *frame, size_t len, const struct capsock_gso *gso);
/* batch_extend - more bytes, of one more record, for the last frame */
void batch_extend(struct batch *, uint8_t *p, size_t n);
/* batch_super - the last message is a super-frame after all */
void batch_super(struct batch *, const struct capsock_gso *gso);
/* batch_room - so many pieces can be added without a flush */
unsigned batch_room(const struct batch *);
void batch_flush(struct batch *);

/* coalesce.c: segments of one flow into a super-frame */

struct run {
	struct segment first;
	unsigned count;	  /* segments, 0: there is no run */
	uint32_t payload; /* of all */
	bool verified;	  /* the first one is */
	bool ended;	  /* by a short segment, PSH or FIN */
	uint8_t flags;	  /* of the last */
};

/*
 * run_add - a segment that fits in one frame: true when it went into the
 * batch, as part of the run or the start of a new one
 */
bool run_add(struct run *, struct batch *, const struct segment *);
/* run_close - what was added becomes one super-frame; before batch_flush() */
void run_close(struct run *, struct batch *);

#endif
