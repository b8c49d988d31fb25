/*
 * net_var.h - between net.c, reload.c and tell.c: the net as it is now.
 */
#ifndef TCPFSM_NET_NET_VAR_H
#define TCPFSM_NET_NET_VAR_H

#include "hosts/hosts.h"
#include "net/gen.h"
#include "net/limit.h"
#include "net/net.h"
#include "net/said.h"
#include "net/session.h"

struct log_more;
struct tcb;

struct net {
	struct net_config cf;
	struct command *command;
	struct gen *gen;  /* by which connections begin now, */
	struct gen *next; /* and will when all programs are ready; or NULL */
	struct helds helds;
	struct sessions sessions;
	char said_name[SAID_NAME];
	struct hosts_soon soon;
	struct limits *limits;
};

/* reload_take - there is news of the file that is read again */
void reload_take(struct net *, uint64_t now);

/* net_tell - of a connection's session, for the line of its end */
void net_tell(struct net *, struct tcb *, struct log_more *);

/* net_leave - one connection of this reading less */
void net_leave(struct net *, struct gen *);

#endif
