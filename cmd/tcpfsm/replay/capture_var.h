/*
 * capture_var.h - what capture.c and choice.c share.
 */
#ifndef TCPFSM_REPLAY_CAPTURE_VAR_H
#define TCPFSM_REPLAY_CAPTURE_VAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/leftout.h"
#include "capture/seglist.h"
#include "capture/steps.h"
#include "replay/capture.h"
#include "replay/dialog.h"
#include "replay/merge.h"
#include "wire/endpoint.h"

struct sorter;
struct turns;

#define NONE UINT32_MAX

struct stream {
	struct endpoint end[2]; /* by enum conv_who */
	uint64_t no;		/* first packet */
	uint32_t first, last;	/* pieces, or NONE */
	uint32_t pieces;
};

struct node {
	struct tcpseg seg;
	uint64_t no;
	size_t at;
	uint32_t next;
};

struct capture {
	enum conv_who me;
	size_t limit, used; /* bytes */
	int64_t want;
	struct stream *stream;
	uint32_t streams, nodes;
	size_t stream_room, node_room;
	struct node *node;
	uint8_t *store;
	size_t stored, store_room;
	struct sorter *sorter;
	size_t counted;		/* of its bytes */
	struct steps steps;	/* of its clock */
	uint32_t iface, ifaces; /* of the next record, of so many */
	struct merge held;	/* of several interfaces */
	bool decap;
	struct turns *turns; /* of UDP, or NULL */
	bool udp, seen_udp;  /* they are wanted; there is some */
	struct leftout left;
	bool all; /* each is built, not the first that will do */
	char why[CAPTURE_WHY];
	/* why the first cannot be played; empty: it can */
	char first[CAPTURE_WHY];
};

/* capture_no_memory - is the reason; -1 */
int capture_no_memory(struct capture *);

#endif
