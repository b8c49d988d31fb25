/*
 * session.h - what the application of --hosts keeps with each connection that
 * is open: by which reading of the file it began, and the line that it is
 * served by.
 */
#ifndef TCPFSM_NET_SESSION_H
#define TCPFSM_NET_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gen;
struct hosts_rule;
struct said;
struct tcb;

struct session {
	struct tcb *tcb; /* NULL: a free place */
	struct gen *gen;
	const struct hosts_rule *rule;
	uint64_t begin;	   /* ns */
	struct said *said; /* NULL: nothing, or it is not kept */
	bool refused;	   /* it has not been counted */
};

struct sessions {
	struct session *place;
	size_t places, n;
};

/* session_add - a new one, of this connection; NULL without memory. Sessions
   change their places when one is added or removed */
struct session *session_add(struct sessions *, struct tcb *);
/* session_find - NULL: there is none */
struct session *session_find(const struct sessions *, const struct tcb *);
void session_remove(struct sessions *, struct session *);
/* session_next - the next one from *i on, which goes behind it; NULL */
struct session *session_next(const struct sessions *, size_t *i);

#endif
