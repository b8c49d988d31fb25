/*
 * run.h - impair in its pipeline: packet stream in, packet stream out, live
 * or in the time of the packets.
 */
#ifndef IMPAIR_RUN_H
#define IMPAIR_RUN_H

#include "base/clock.h"
#include "capture/capin.h"
#include "capture/steps.h"
#include "impair/impair.h"
#include "log/event.h"
#include "pipe/stage.h"
#include "pipe/stream.h"
#include "wire/gso.h"
#include "wordfile.h"

enum {
	RUN_QUEUE = 2 << 20, /* bytes of output that may wait */
	SAVE_CAP = 64 * 1024,
};

struct run {
	/* given */
	struct impair_config cfg;
	struct wordfile words;
	struct schedule *schedule; /* played, or NULL */
	uint32_t max_flows, mtu;
	bool packet_time; /* -T */
	bool quiet, verbose, logged;
	int save_fd;	   /* or -1 */
	const char *start; /* arguments, for the log's first line */
	const char *rights;

	/* working */
	struct clock clock;
	struct stage st;
	struct impair *im;
	struct queue queue; /* max_bytes is given */
	struct capin in;
	struct steps steps; /* with -T: of its clock */
	struct stream_out out;
	struct event_log log;
	uint64_t now;	       /* in packet time */
	uint64_t cut;	       /* records that hold less than the packet had */
	uint64_t split, uncut; /* frames longer than the MTU that were split,
				  and that passed whole */
	int ready;	       /* a descriptor that always polls readable */
	bool ended;	       /* the input has, the queue not yet */
	char save[SAVE_CAP];
	size_t save_len;
	uint8_t piece[65536 + 128]; /* of a super-frame */
	int status;
};

/* run_init - allocate; 0, or -1 and errno. After the fields given. */
int run_init(struct run *);

/* run_loop - until the input or a signal ends it; the exit status */
int run_loop(struct run *);

#endif
