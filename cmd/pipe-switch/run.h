/*
 * run.h - the switch at work: between the pipes of its ports.
 */
#ifndef PIPE_SWITCH_RUN_H
#define PIPE_SWITCH_RUN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/clock.h"
#include "pipe/pass.h"

#include "bridge.h"
#include "options.h"
#include "port.h"
#include "record.h"

enum run_state { RUN_ON, RUN_ENDING, RUN_OVER };

struct run {
	struct options o;
	struct port *port;
	struct bridge_port *vlan; /* of the bridge, one a port */
	struct bridge *bridge;
	struct record record[PCAPS_MAX];
	struct clock clock;
	enum run_state state;
	uint64_t give_up; /* on those that do not end */
	struct pass pass; /* frames of the port that is being read */
	unsigned from;	  /* the port that is being read */
	int starter;	  /* the process that restarts commands; -1: none */
	bool asked;	  /* and is at it */
	unsigned first;	  /* the port that is first this time */
	unsigned *active; /* the ports that are not idle, */
	unsigned actives; /* how many, */
	unsigned polled;  /* how many are in the poll set */
	int news;	  /* readable when there is news of the others; or -1 */
	uint8_t tagged[BRIDGE_LONGEST + 4];
	uint64_t now; /* in lockstep */
	int status;
};

/* run_init - all but the ports' commands; dies without memory */
void run_init(struct run *);

/* run_loop - until all ports, a signal, or the port of --until end it */
void run_loop(struct run *);

/* run_frame - one has come in at the port r->from */
void run_frame(struct run *, uint64_t now, const uint8_t *frame, size_t n);

/* run_ended - a port's input has ended; n: what read() returned, not above 0 */
void run_ended(struct run *, struct port *, ssize_t n);

/* lockstep_loop - the loop in virtual time */
void lockstep_loop(struct run *);

/* run_summary - a line a port; run_table - the addresses, on SIGUSR1 */
void run_summary(struct run *);
void run_table(struct run *);

#endif
