/*
 * model.h - two stages, the queues between them and a kernel that is none: the
 * code of common/pipe as it is, and every order in which what it does, what
 * its neighbours do, a signal and the time can come.
 */
#ifndef MODEL_H
#define MODEL_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <ucontext.h>

#include "pipe/stage.h"
#include "pipe/stream.h"

enum {
	STAGES = 2,
	QUEUES = 3, /* source, first stage, second stage, sink */
	PACKET = 4, /* bytes of one */
	RECORD = STREAM_REC_HLEN + PACKET,
	SLOT = 256, /* bytes that a queue can be given */
	STACK = 1 << 16,
	HEAP = 1 << 19,
	ARRIVED = 1024, /* bytes that the sink keeps */
	STEPS = 2000,	/* of one run: more is no end */
	PART = 7,	/* bytes of a short read or write */
};

/* what can come next */
enum act {
	RUN_A, /* its system call is done, it goes on to the next one */
	RUN_B,
	SHORT_A, /* the same, the call has read or written PART bytes */
	SHORT_B,
	PUT,	  /* the source writes a record, */
	PUT_PART, /* or the beginning of it, or the rest of it */
	END,	  /* and ends, also within a record, */
	SILENT,	  /* or neither writes nor ends any more */
	TAKE,	  /* the sink reads all, */
	TAKE_PART,
	STALL,	/* nothing any more, */
	GONE,	/* or closes */
	STOP_A, /* SIGTERM */
	STOP_B,
	ASK_A, /* SIGUSR1 */
	ASK_B,
	TIME, /* passes, until the next one is due who waits for it */
	ACTS
};
extern const char *const act_name[ACTS];

enum call { CALL_NONE, CALL_READ, CALL_WRITE, CALL_WAIT, CALL_POLL };

struct queue {
	uint8_t byte[SLOT];
	size_t n, cap;
	bool writer, reader; /* has one */
};

/* a stage, and what the kernel knows of it */
struct proc {
	struct stage st;
	struct stream_in in;
	struct stream_out out;
	int from, to; /* queues */
	bool blocks;  /* waits for its reader before it reads on */
	bool over;
	bool error;   /* it has refused its input */
	bool gave_up; /* some of its output was not written */
	enum stage_end end;
	uint64_t end_at;
	bool to_ask;
	int asked;
	uint64_t swallowed; /* records: those of a ring go round once */
	bool held;	    /* O_NONBLOCK, of its output */
	sigset_t pending;   /* signals */
	void (*handler)(int);
	int stop, stopped; /* its flags of loop.c */
	/* the system call that it is about to do */
	enum call call;
	void *p;
	size_t size;
	uint64_t until;	  /* of a wait */
	bool cut;	  /* it is a short one */
	uint64_t stop_at; /* when the signal came, 0: none */
	uint64_t reads;	  /* since then */
	bool at_end;	  /* its last read() has returned 0 */
	/* of no state, from here on */
	size_t heap;
	uint64_t rounds; /* waits, of which every 16th lets signals in */
	ucontext_t context;
	void *sp;
};

enum kind {
	LINE, /* source, first stage, second stage, sink */
	RING, /* the second writes to the first; some packets go round */
	BUSY, /* the source always has a record; one order of all else */
};

/* what of the model differs */
struct plan {
	const char *name;
	bool blocks[STAGES];
	int packets;
	int parts, signals, asks, stalls, gones; /* at most so many */
	size_t cap, room; /* of a queue, and of what waits before it */
	size_t disk; /* the second writes to a file, there is so much room */
	enum kind kind;
};

struct model {
	const struct plan *plan;
	struct queue q[QUEUES];
	uint64_t now;
	int put, ended, silent; /* the source's */
	size_t part;		/* bytes of its next record that are put */
	bool torn;		/* it has ended within one */
	bool gone, stalled;	/* the sink */
	int parts, signals, asks, stalls;
	uint8_t arrived[ARRIVED];
	size_t n_arrived;
	int steps;
	char wrong[200];
};

extern struct model m;
extern struct proc proc[STAGES];

/* ---- kernel.c */

/* kernel_reset - there are no processes */
void kernel_reset(void);
/* kernel_start - process i runs up to its first system call */
void kernel_start(int i, void (*body)(void));
/* kernel_can - its call would not wait */
bool kernel_can(const struct proc *);
/* kernel_run - the call, and up to the next one */
void kernel_run(int i, bool cut);
void kernel_signal(struct proc *, int sig);
struct proc *kernel_current(void);
void queue_drop(struct queue *, size_t n);
uint64_t kernel_hash(uint64_t hash);

/* ---- loop.c: common/pipe's, and its flags */

void flags_set(int stop, int summary);
void flags_get(int *stop, int *summary);

/* ---- app.c: what a stage does with its records */

void app_body(void);

/* ---- env.c: source, sink, signals, time */

int env_acts(enum act *); /* what can come next, how many */
void env_do(enum act);
void env_begin(const struct plan *);

/* ---- verdict.c */

void verdict(void);
void wrong(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
