/*
 * log.h - the engine's events as lines of the event log, tcpfsm-events(5).
 */
#ifndef TCPFSM_LOG_H
#define TCPFSM_LOG_H

#include <stdbool.h>
#include <stdint.h>

struct event_log;
struct tcp_event;
struct tcp_stats;

/* how much is logged: -q lowers it, -v raises it */
enum {
	LOG_NOTHING = -2,
	LOG_CLOSES = -1,
	LOG_EVENTS = 0,
	LOG_SEGMENTS = 1,
};

/* what the application adds to a CLOSE */
struct log_more {
	bool md5; /* digests of what was sent and received are there */
	char sent_md5[33], received_md5[33];
	bool command, have_status; /* -e */
	int status;		   /* of the command, as of waitpid() */
	uint64_t unread;	   /* bytes that it has not taken */
	const char *service;	   /* --hosts: of the line, */
	const char *source;	   /* which is of this file, */
	uint32_t line;		   /* there; 0: no line names it */
	const char *said;	   /* --said: the file; NULL: none */
	uint64_t begin;		   /* when it was established */
	bool replay;		   /* -r */
	uint32_t differs;	   /* turns of the peer's */
};

void log_event(struct event_log *, int level, const struct tcp_event *,
    const struct log_more *);

/* log_totals - the engine's, and the packets that were captured short */
void log_totals(struct event_log *, const struct tcp_stats *, uint64_t cut);

/* log_status - how a command has ended, as of waitpid() */
void log_status(struct event_log *, int status);

#endif
