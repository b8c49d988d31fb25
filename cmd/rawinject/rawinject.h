/*
 * rawinject.h - between the files of rawinject.
 *
 * Two processes send frames. The one that holds the socket reads the packet
 * stream and looks into no frame (run.c, batch.c, gso_apply.c). Where looking
 * pays, it has what it has read planned by the other (planner.c, gso_plan.c,
 * coalesce.c), which holds nothing. What lies between them is struct ask,
 * which only the first can write, and struct plan, which the second writes.
 */
#ifndef RAWINJECT_RAWINJECT_H
#define RAWINJECT_RAWINJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "linux/pktsock.h"
#include "pipe/stage.h"
#include "pipe/stream.h"
#include "wire/gso_run.h"

enum {
	/* a pipe of 1 MiB, and slack: each plan costs a turn of the other */
	ASK_BYTES = 1152 * 1024,
	PLAN_MSGS = 4096,
	PLAN_PIECES = 8192,
	PLAN_PIECES_EACH = GSO_RUN_MAX + 1, /* headers, payloads */
	PLAN_MADE = 256 * 1024,
};

/* records that are to be planned */
struct ask {
	uint8_t buf[ASK_BYTES]; /* that of all reading */
	struct stream_in in;	/* from the first to the last, all whole */
	bool vnet;		/* super-frames can be sent */
	bool vouched;		/* a checksum that is not filled in is right */
};

struct plan_msg {
	uint16_t pieces;
	uint16_t super; /* the first piece begins with a virtio header */
};

struct plan_piece {
	uint32_t at; /* in buf; behind its end: in made */
	uint32_t len;
};

/* what is to be sent for them, or for the next of them */
struct plan {
	uint32_t more; /* another plan is needed */
	uint32_t n;    /* messages, each with its own number of pieces */
	uint32_t bad, refused;
	struct plan_msg msg[PLAN_MSGS];
	struct plan_piece piece[PLAN_PIECES];
	uint8_t made[PLAN_MADE]; /* headers and frames made for it */
};

/* batch.c: frames on their way to the kernel, where they lie */

enum { BATCH_MSGS = 128, BATCH_IOVS = 2048 };

struct batch {
	struct pktsock *cs;
	unsigned n, niov;
	struct mmsghdr msg[BATCH_MSGS];
	struct iovec iov[BATCH_IOVS];
	unsigned frames[BATCH_MSGS]; /* records in the message */
	bool super[BATCH_MSGS];
	/* records, but for supers */
	uint64_t sent, supers, lost, cut, bad, refused;
	const char *ifname;
	bool away;    /* the interface is down, and a message said so */
	bool smaller; /* so is its MTU */
	int down;     /* errno that ends all */
};

/*
 * batch_begin - one more message, of this many records, for batch_piece() to
 * fill: with a frame, or a super-frame and its virtio header before it. The
 * pieces, PLAN_PIECES_EACH at most, stay where they are until batch_flush().
 */
void batch_begin(struct batch *, bool super, unsigned frames);
void batch_piece(struct batch *, uint8_t *p, size_t n);
void batch_flush(struct batch *);

/* planner.c: the process that looks into frames */

struct planner {
	struct ask *ask;
	struct plan *plan;
	pid_t pid;
	int to, from; /* a byte: there is an ask, there is a plan */
	/* what it was asked about, where it cannot be written: bytes of
	   ask->buf, and the messages that may still be made of them */
	size_t start, end, left;
};

/*
 * planner_start - before there is a socket, and anything else that it should
 * not know. single: no super-frames. 0, or -1 and errno.
 */
int planner_start(struct planner *, uint32_t mtu, bool single);
/* planner_end - unless it is stopped, and ends with us */
void planner_end(struct planner *);

/* gso_apply.c: carry out a plan, and no more than a plan may contain */

/*
 * follow - 1 when another plan is to come, 0 when all is done that was asked
 * about, -1 when the plan is wrong
 */
int follow(struct batch *, struct planner *);

/* gso_plan.c: a plan as it is made */

struct draft {
	const struct ask *ask;
	struct plan *plan;
	uint32_t pieces, made; /* used of the plan's */
	void (*full)(void);    /* the plan is carried out; a new one begins */
};

/* draft_begin - an empty plan */
void draft_begin(struct draft *);
/* draft_frame - a message of one frame, which lies in ask->buf */
void draft_frame(struct draft *, const uint8_t *frame, size_t len);
/*
 * draft_super - the last frame becomes a super-frame: returns where its
 * headers, behind a virtio header, are to be written; NULL: there is no room
 * for them and one more payload
 */
uint8_t *draft_super(struct draft *, const struct segment *);
/* draft_extend - more payload for it; false: there is no room */
bool draft_extend(struct draft *, const uint8_t *p, size_t n);
/* draft_make - the same as draft_frame(), of n bytes to be written */
uint8_t *draft_make(struct draft *, size_t n);

/* coalesce.c: segments of one flow into a super-frame */

struct run {
	struct gso_run of;
	uint8_t *head; /* of the super-frame, once it is one */
};

/*
 * run_add - a segment that fits in one frame: true when it went into the
 * plan, as part of the run or the start of a new one
 */
bool run_add(struct run *, struct draft *, const struct segment *);
/* run_close - what was added becomes one super-frame */
void run_close(struct run *);

/* pace.c: the gaps between the stamps */

/*
 * pace_start - what a process of its own reads from stdin comes from stdin
 * when its time has come, byte for byte. Its pid, or -1 and errno.
 */
pid_t pace_start(void);
/* pace_end - after the last byte: NULL, or why there were no more of them */
const char *pace_end(pid_t);

struct rawinject {
	struct stream_in in;
	struct pktsock cs;
	struct batch batch;
	struct planner planner;
	pid_t pace; /* with -T */
	bool live;  /* there is an interface */
	bool single, verbose, locked;
	bool joins;	   /* what is large is planned */
	size_t vouched;	   /* bytes for which a writer may still vouch */
	uint32_t frame;	   /* longer ones are planned in any case */
	bool asked;	   /* the planner; */
	bool gone;	   /* it has ended, */
	bool wrong;	   /* or gone wrong */
	bool eof, damaged; /* of the stream */
	int error;	   /* of a read */
};

/* pass.c: there is no interface: what would be sent goes on in the pipe */
enum stage_end pass(struct rawinject *);

/*
 * run.c: from opening the socket to closing it; FAILED: cs.error is the
 * reason, or rights are left (not locked), or errno
 */
enum stage_end run(struct rawinject *);

/* rawinject.c: the summary line, of a struct rawinject */
void rawinject_summary(void *);

#endif
