/*
 * child.h - one connection of -e and its command: the bytes between them.
 */
#ifndef TCPFSM_COMMAND_CHILD_H
#define TCPFSM_COMMAND_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sink.h"
#include "wire/ip.h"

struct digests;
struct tcb;

#define NO_SLOT UINT32_MAX

enum job_state {
	JOB_QUEUED,  /* as many commands run as may */
	JOB_ASKED,   /* there is a message for the spawner, or it was sent */
	JOB_RUNNING, /* stdin and stdout are there */
	JOB_OVER,    /* the command has ended, its output may not */
};

struct job {
	struct job *next;	   /* of the queue, or of the dead */
	struct job *older, *newer; /* all of them */
	struct tcb *tcb;	   /* NULL: the connection has ended */
	enum job_state state;
	uint32_t slot;
	uint32_t which;	  /* of the commands */
	uint32_t source;  /* for its share: see pool.h */
	bool told;	  /* the spawner */
	bool hangup;	  /* the connection was cut: SIGHUP first */
	bool kill;	  /* its place is needed, and SIGHUP was no use */
	bool peer_closed; /* the command gets an end of file behind in */
	bool closed;	  /* our side is */
	bool going;	  /* it makes room for another source's */
	bool crashed;	  /* a reset behind the last byte, no FIN */
	unsigned waits;	  /* for the status, after the last byte, */
	uint64_t wait_at; /* until then; UINT64_MAX: not */
	uint64_t idle;	  /* ns without a byte that end it; 0: none do */
	uint64_t active;  /* when the last one went either way */
	uint64_t left;	  /* when the connection ended; 0: it has not, */
	uint64_t hung;	  /* and when SIGHUP was wanted; 0: it was not */
	bool have_status;
	int status; /* as of waitpid() */
	/* to the command */
	struct sink in;
	uint64_t unread; /* it has not taken these */
	/* from the command: len bytes from buf[start] are not acknowledged */
	int out; /* -1: it has been read to its end */
	uint8_t *buf;
	size_t start, len, cap;
	uint64_t base; /* stream offset of buf[start] */
	struct digests *digests;
	/* for the log, when tcb has gone */
	struct ip_addr laddr, raddr;
	uint16_t lport, rport;
};

/* job_new - for a connection; idle: as in struct job. NULL without memory */
struct job *job_new(struct tcb *, bool md5, uint64_t idle, uint64_t now);
/* job_free - close and free all; not with a connection */
void job_free(struct job *);

/* job_open - the command runs: what it reads and what it writes */
void job_open(struct job *, int in, int out);
/* job_hear - n bytes of the peer, for the command */
void job_hear(struct job *, const uint8_t *p, size_t n, uint64_t now);
/* job_feed - write on, what waits for the command; then its end of file */
void job_feed(struct job *);
/* job_take - read the command's output, and offer it */
void job_take(struct job *, uint64_t now);
/* job_wants - there is room for its output */
bool job_wants(const struct job *);
/* job_acked - the peer has all bytes before off */
void job_acked(struct job *, uint64_t off, uint64_t now);
/* job_timer - the connection's timer has expired */
void job_timer(struct job *, uint64_t now);
/* job_ended - the command has, with this status */
void job_ended(struct job *, int status, uint64_t now);

/* job_cut - the connection is: both of the command's ends close */
void job_cut(struct job *);

#endif
