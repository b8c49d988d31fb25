/*
 * spawn.h - the process that starts commands, so that the one that reads
 * packets need not be able to.
 *
 * It is forked before the sandbox. The two talk over a socket, a message a
 * packet; the command's stdin and stdout come as descriptors with
 * SPAWN_STARTED. Commands get no other descriptor than 0, 1 and 2. With UDP
 * both are the same socket, in the message two descriptors of it, and a process
 * is between it and the command, see relay.h.
 */
#ifndef COMMAND_SPAWN_H
#define COMMAND_SPAWN_H

#include <stdint.h>

#include "wire/ether.h"
#include "wire/ip.h"

enum spawn_verb {
	/* to the spawner */
	SPAWN_RUN,
	SPAWN_HANGUP, /* the connection is cut: SIGHUP */
	SPAWN_KILL,   /* SIGKILL */
	SPAWN_QUIT,   /* wait for all to end, but not for long */
	/* from it */
	SPAWN_STARTED, /* with two descriptors, non-blocking */
	SPAWN_FAILED,  /* value: errno */
	SPAWN_HUNG,    /* SIGHUP has been sent */
	SPAWN_ENDED,   /* value: as of waitpid() */
};

#define SPAWN_ALL UINT32_MAX /* STARTED: the spawner itself */

struct spawn_msg {
	enum spawn_verb verb;
	uint32_t id; /* chosen by the caller; below max */
	int value;
	uint32_t which; /* RUN: of the commands */
	/* RUN: for the command's environment */
	struct ip_addr laddr, raddr;
	uint16_t lport, rport;
	struct mac lmac, rmac;
	uint8_t proto; /* RUN: PROTO_TCP: bytes in two pipes, or PROTO_UDP:
			  one socket, a message a datagram */
};

struct spawn_config {
	const char *const *command; /* n shell commands */
	uint32_t n, max;	    /* at most max run at once */
	int more;	  /* further commands come here, each a message, from a
			     process that reads no packets; -1: none do */
	const char *user; /* that they run as; NULL: ours, or nobody for root */
	const char *guard; /* a folder that they may not write in, see
			      linux/guard.h; NULL: none */
};

/* spawn_begin - fork the spawner of these. Its socket, non-blocking; or it
   dies */
int spawn_begin(const struct spawn_config *);

/* spawn_tell - 0, or -1 and errno: EAGAIN, try again later */
int spawn_tell(int sock, const struct spawn_msg *);

/*
 * spawn_hear - the next message: 1, 0 when there is none, -1 when the
 * spawner is gone. fd: of STARTED, what the command reads and what it writes.
 */
int spawn_hear(int sock, struct spawn_msg *, int fd[2]);

#endif
