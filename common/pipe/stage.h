/*
 * stage.h - the loop that every stage runs: read what is there, process
 * every complete record, write what was made, read again.
 *
 * One poll() waits for all. Signals are blocked except while it waits:
 * SIGINT and SIGTERM end the loop, SIGUSR1 asks for the summary line. Input
 * that is there is processed before timers fire. A reader of stdout that has
 * gone ends the loop quietly, also when no packet comes.
 */
#ifndef PIPE_STAGE_H
#define PIPE_STAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct clock;
struct event_log;
struct pollfd;
struct stream_in;
struct stream_out;

enum stage_end {
	STAGE_GOES_ON,	   /* none */
	STAGE_INPUT_END,   /* input() returned 0 */
	STAGE_SIGNAL,	   /* SIGINT or SIGTERM */
	STAGE_READER_GONE, /* of the output */
	STAGE_FAILED,	   /* input() returned -1, or a write failed (errno) */
};

/* callbacks get ctx first; the comments name those that may be NULL */
struct stage {
	const struct clock *clock;
	void *ctx;
	int in;			   /* descriptor to wait on, -1 for none */
	int out;		   /* descriptor that stream is written to */
	struct stream_out *stream; /* may be NULL: nothing is written */
	struct event_log *log;	   /* may be NULL; flushed after each round */
	bool may_block;		   /* write all before the next read (rawcap,
				   rawinject); else out, when a pipe, is made
				   non-blocking, and input goes on meanwhile,
				   after a millisecond of patience */
	/* in is readable: read once. 1 go on, 0 end of input, -1 failed */
	int (*input)(void *ctx, uint64_t now);
	/* may be NULL; the time to wake at, TIME_NEVER for none */
	uint64_t (*deadline)(void *ctx);
	/* may be NULL when deadline is; the deadline has come */
	void (*timer)(void *ctx, uint64_t now);
	/* may be NULL; a write has left less than half of the queue */
	void (*drained)(void *ctx, uint64_t now);
	/* may be NULL; up to watch_max more descriptors to wait for are put at
	   p, how many is returned. watched() is called when there is news of
	   any, after the input */
	size_t (*watch)(void *ctx, struct pollfd *p);
	void (*watched)(
	    void *ctx, const struct pollfd *p, size_t n, uint64_t now);
	size_t watch_max;
	/* may be NULL; a signal ends the loop: the last chance to put
	   something into stream */
	void (*stop)(void *ctx, uint64_t now);
	/* may be NULL; SIGHUP has come: see base/hangup.h */
	void (*hangup)(void *ctx, uint64_t now);
	unsigned hangups; /* the loop's own: of them, those that were told */
	/* may be NULL; the input, in packet time: see stage_lockstep() */
	const struct stream_in *from;
	uint64_t answered;  /* the loop's own: of from, the last time told, */
	size_t watched_now; /* of what is watched how many, */
	bool full;	    /* that the last write has filled the pipe, */
	bool patient;	    /* and input is not looked at for a moment */
	uint64_t lost;	    /* records that a file had no room for */
	uint64_t give_up;   /* on the reader, at this time; 0: no signal yet */
	bool finished; /* set by a callback: the loop ends as at the input's
			  end */
	/* SIGUSR1: print the summary line */
	void (*summary)(void *ctx);
};

/*
 * stage_lockstep - does a process keep one time for many stages, as
 * pipe-switch -T does? An empty record is then a step of time. A stage in
 * packet time sends an empty record of its own, with the time of the last one
 * that came, when it has processed all up to that and written the results.
 */
bool stage_lockstep(void);
#define STAGE_LOCKSTEP "TCPHANTOM_LOCKSTEP" /* in the environment */

/* stage_signals - block and catch the signals; before stage_run() */
void stage_signals(void);

/*
 * stage_stopped, stage_asked - has SIGINT or SIGTERM come; has SIGUSR1 come
 * since the last call? For loops of another kind than stage_run().
 */
bool stage_stopped(void);
bool stage_asked(void);

/* stage_run - until one of the ends; output that waits has been written */
enum stage_end stage_run(struct stage *);

/*
 * stage_drain - write all that waits in a stream, the stage's or another, to
 * fd, however long its reader takes, but a second at most after a signal; from
 * a callback of stage_run(), and behind it. 0, or -1 and errno: EPIPE when the
 * reader is gone, EINTR when waiting for it was in vain.
 */
int stage_drain(struct stage *, struct stream_out *, int fd);

/*
 * stage_batch - from now on this process, when woken, waits until the running
 * process has come to its end (sched(7), SCHED_BATCH), unless another policy
 * than the usual was chosen for it. A writer is then not interrupted by its
 * reader at every packet: with all stages on one CPU a batch stays one.
 */
void stage_batch(void);

/* stage_refuse_tty - die (exit 2) when fd 1 is a terminal */
void stage_refuse_tty(void);

/*
 * stage_pipes - for a stage that copies what it reads: large pipes, and the
 * writer of stdin may lend pages (stream_copies()). Before sandbox_enter().
 */
void stage_pipes(void);

/* stage_check - die when the end of the loop was a failure: of the input that
   in has read, or of a write to stdout, with this errno */
void stage_check(enum stage_end, const struct stream_in *in, int error);

#endif
