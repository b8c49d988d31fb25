/*
 * run.h - the engine in its pipeline: packet stream in, packet stream out,
 * events to the log, live or in the time of the packets.
 */
#ifndef TCPFSM_RUN_H
#define TCPFSM_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "log/event.h"
#include "log/probe.h"
#include "nothing.h"
#include "opt/opt.h"
#include "pipe/replies.h"
#include "pipe/stage.h"
#include "pipe/stream.h"
#include "tcp/tcp.h"

enum {
	RUN_QUEUE = 2 << 20,   /* bytes of output that may wait, */
	RUN_SPARE = 1 << 19,   /* of them kept for what is not data; */
	RUN_BURST = RUN_SPARE, /* of answers without a connection; */
	RUN_FLOOD = 1 << 14,   /* as many in a flood, see replies.h, */
	RUN_ASIDE = 1 << 18,   /* and that wait aside */
};

struct app;

struct run {
	/* given */
	struct tcp_config cfg;
	const struct app *app;
	void *app_ctx;
	bool have_ports; /* only these are open */
	uint64_t ports[OPT_PORTS];
	bool want_data;	  /* the application wants the bytes, not a count */
	size_t watch_max; /* of its descriptors */
	/* its part in stream_in_soon(), or NULL */
	void (*soon)(void *app_ctx, const uint8_t *frame, size_t len);
	int level;	  /* of the log */
	bool packet_time; /* -T */
	bool lend;	  /* --vmsplice */
	uint64_t spin;	  /* ns; see pipe/loop.h */
	bool offer; /* to a reader that holds a lock as a sign that it copies */
	bool uncut; /* where it cuts frames, they may be longer than the MTU */
	bool unsummed; /* frames may come as STREAM_UNSUMMED has it */
	int record_fd; /* -R, or -1 */
	const char *record_name;
	bool record_failed; /* the disk is full, or the like */
	const char *start;  /* arguments, for the log's first line, */
	bool tell_seed;	    /* and the seed: the run can be repeated */
	const char *rights;

	/* working */
	struct stage stage;
	struct clock clock;
	uint64_t begin_at; /* if nothing has come before */
	struct tcp *tcp;
	struct stream_in in;
	struct stream_out out, record;
	struct event_log log;
	struct probes probes;
	uint64_t now;	   /* of the step that runs */
	uint64_t uncut_at; /* bytes written when the reader was last asked */
	bool waiting;	   /* data waits for room in the output */
	bool speaking;	   /* what goes out is of a connection; else */
	struct replies replies;
	struct nothing nothing;
	uint64_t cut;	   /* records that were captured short */
	bool recorded;	   /* the input is a recording: fire no timer between */
	bool in_group;	   /* -T: records of one stamp have been taken in */
	bool group_data;   /* one of them was a packet */
	size_t group_room; /* the room by a recording */
	int status;
};

/* run_init - allocate; 0, or -1 without memory. After the fields given. */
int run_init(struct run *);

/* run_loop - until the input or a signal ends it; the exit status */
int run_loop(struct run *);

/* run_record - p of n bytes, as a packet of len; record.c */
void run_record(struct run *, const uint8_t *p, uint32_t n, uint32_t len);
void run_record_flush(struct run *);

/* run_uncut - before a step: how long may frames be? uncut.c */
void run_uncut(struct run *);

/* run_drain - stage_drain(), with a message when it fails */
int run_drain(struct run *);

/* report.c: the log's first line, and its last; run_summary - a callback, ctx a
   struct run */
void run_log_start(struct run *, uint64_t now);
void run_log_end(struct run *);
void run_summary(void *ctx);

/* upcall_host - where the engine's frames and events go; its context is the
   run */
extern const struct tcp_host upcall_host;

/* upcall_emit - a frame of the application's own goes out */
void upcall_emit(void *run, uint64_t now, const uint8_t *, size_t);

#endif
