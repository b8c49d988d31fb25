/*
 * client_var.h - between the files of the client.
 */
#ifndef TCPFSM_CLIENT_CLIENT_VAR_H
#define TCPFSM_CLIENT_CLIENT_VAR_H

#include <stdbool.h>
#include <stdint.h>

#include "app.h"
#include "client/client.h"
#include "client/loadstats.h"
#include "client/ports.h"
#include "client/resolve.h"
#include "client/session.h"

struct client {
	struct client_config cfg;
	struct dial dial;
	struct tcp *tcp;
	app_emit *emit;
	void *run;
	struct hop hop;
	bool stopped; /* by a signal, or because there is no next hop, */
	bool told;    /* and a message has said which */
	struct talk *talk;
	struct tally tally;
	uint64_t linger_until;
	uint64_t first; /* ns, when the first connection could begin */
};

/* client_fill - begin as many connections as may be there now */
void client_fill(struct client *, uint64_t now);

#endif
