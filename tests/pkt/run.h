/*
 * run.h - inside the runner: the state of one script, and what the commands
 * of an application and the checks need of it.
 */
#ifndef RUN_H
#define RUN_H

#include "pkt.h"
#include "tcp/tcp_var.h"
#include "wire/parse.h"

enum { MAX_EVENTS = 512, EVENT_TEXT = 256, MAX_REACTIONS = 8 };

struct run {
	struct tcp *t;
	struct tcp_config cfg;
	struct tcp_app app;
	struct ip_addr us, peer;
	bool v6, verbose, hold, waiting;
	uint32_t iss;
	size_t room;
	struct ends ends;
	struct flow flows[MAX_FLOWS + 1]; /* the last: what a new one is */
	struct captured queue[MAX_QUEUE]; /* emitted, not yet expected */
	size_t queued;
	uint64_t start, now, prev; /* prev: the script's last event */
	uint64_t frames;
	/* what the application has seen */
	unsigned opened, timers, closes;
	uint64_t received, acked, offered;
	uint32_t held;
	bool eof;
	const char *closed;
	struct {
		char event[16], command[100];
	} reaction[MAX_REACTIONS];
	int nreactions;
	char events[MAX_EVENTS][EVENT_TEXT];
	int nevents, seen;   /* seen: the next one that a check looks at */
	uint8_t last_ip[20]; /* of the frame emitted last */
	char error[1500];
};

struct tcb *find_tcb(const struct run *);
/* app_command - false and an error when there is no such command */
bool app_command(struct run *, struct tcb *, const char *command);
bool move_to(struct run *, const struct when *);
/* feed - a frame arrives now */
bool feed(struct run *, const uint8_t *p, size_t n, bool flush);
/* run_show - with -v */
void run_show(
    const struct run *, char dir, uint64_t at, const struct seg_text *);

#endif
