/*
 * app.h - what tcpfsm's loop asks of an application: a server of one file
 * (serve.h), of a recorded conversation (replay.h), by commands (command.h),
 * or a client (client.h).
 *
 * ctx is the application's own. A member may be NULL where its comment allows
 * that.
 */
#ifndef TCPFSM_APP_H
#define TCPFSM_APP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tcp/tcp.h"

struct event_log;
struct log_more;
struct pollfd;

/* how an application sends frames of its own */
typedef void app_emit(void *run, uint64_t now, const uint8_t *, size_t);

struct app {
	/* the log has begun: write what else comes first. May be NULL */
	void (*first_words)(void *ctx, uint64_t now);
	/* the engine is there, before the first packet; emit is to be called
	   with run. May be NULL */
	void (*start)(
	    void *ctx, struct tcp *, app_emit *, void *run, uint64_t now);
	/* a frame has come: true when it was the application's. May be NULL */
	bool (*frame)(void *ctx, const uint8_t *, size_t, uint64_t now);
	/* what the engine calls for a connection, with ctx; want_data is that
	   of the run */
	struct tcp_app tcp;
	/* something for the log: more may be filled in */
	void (*event)(void *ctx, const struct tcp_event *, struct log_more *);
	/* the last chance of a step to do something. May be NULL */
	void (*step)(void *ctx, uint64_t now);
	/* when step() is wanted at the latest. May be NULL */
	uint64_t (*deadline)(void *ctx);
	/* descriptors to wait for, at most watch_max: how many have been put at
	   p; then the result of poll() for them. May be NULL */
	size_t (*watch)(void *ctx, struct pollfd *p);
	void (*watched)(
	    void *ctx, const struct pollfd *, size_t n, uint64_t now);
	/* SIGHUP has come. May be NULL */
	void (*hangup)(void *ctx, uint64_t now);
	/* a signal ends the run: the last time to send something. May be
	   NULL */
	void (*stop)(void *ctx, uint64_t now);
	/* the application's job is done. May be NULL: it never is */
	bool (*done)(void *ctx, uint64_t now);
	/* after the loop; the exit status, after a message if it is not 0.
	   quiet: the reader is gone, which needs no message. May be NULL */
	int (*end)(void *ctx, bool quiet, uint64_t now);
	/* the summary line; false: the usual one. May be NULL */
	bool (*summary)(void *ctx, uint64_t now);
	/* more for the log's last line. May be NULL */
	void (*totals)(void *ctx, struct event_log *);
};

#endif
