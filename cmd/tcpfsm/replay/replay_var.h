/*
 * replay_var.h - what replay.c and read.c share.
 */
#ifndef TCPFSM_REPLAY_VAR_H
#define TCPFSM_REPLAY_VAR_H

#include <stdint.h>

#include "replay/dialog.h"
#include "replay/replay.h"
#include "replay/script.h"
#include "wire/endpoint.h"

struct datagrams;

enum { ANY_PORT = 65536 };

#define ITEM_NONE UINT32_MAX

/* a conversation that is played */
struct item {
	struct conv conv;
	struct play_config play;
	int64_t stream;
	uint64_t packet;       /* its first one */
	uint64_t begin, until; /* ns, its first packet and its last */
	struct endpoint ends[2];
	uint32_t next; /* of the same server's port, round */
};

struct replay {
	struct replay_config cfg;
	struct item *item;
	uint32_t items;
	uint32_t streams;      /* in the capture */
	uint32_t *turn;	       /* all: by the server's port, which is next */
	struct datagrams *udp; /* NULL: there are none */
	uint64_t played, same, differs; /* connections */
};

#endif
