/*
 * capin.h - packets out of a capture as people have it, each as an Ethernet
 * frame.
 *
 * pcap in either byte order, with microseconds or nanoseconds, also the
 * modified format of old patches; pcapng in either byte order, with several
 * sections and interfaces; both also compressed. Packets of other link types
 * are turned into Ethernet (link.h); what cannot be is counted. Memory is a
 * buffer of fixed size.
 */
#ifndef CAPTURE_CAPIN_H
#define CAPTURE_CAPIN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "capture/leftout.h"
#include "capture/pcapng.h"
#include "pipe/stream.h"

struct capin {
	const char *name; /* for messages */
	int fd;
	uint64_t count; /* packets so far, those left out too: the number of
			   the last one */
	uint32_t iface; /* of the last packet, from 0, through the file */
	uint32_t link;	/* and its link type (link.h) */
	struct leftout left;
	char error[256]; /* why the reading ended early; empty: it did not */
	int status;	 /* exit status that goes with it: 1 or 2 */
	bool strict;	 /* only Ethernet and pcap, as live stages take it */
	/* its own */
	struct stream_in in;
	struct pcapng ng;
	bool known, is_ng; /* the format is; it is pcapng */
	pid_t pid;	   /* the process that unpacks it; 0: none */
	const char *program;
};

/*
 * capin_open - the file of this name, or stdin for "-"; a compressed one is
 * unpacked by its program, which is started here. Only main programs call
 * this, before the sandbox: it prints what is wrong and exits.
 */
void capin_open(struct capin *, const char *name);

/* capin_ifaces - how many interfaces the file has had so far, at least 1 */
uint32_t capin_ifaces(const struct capin *);

/* capin_init - the buffer, when capin_open() is not called; 0 or -1 */
int capin_init(struct capin *);
void capin_close(struct capin *);

/*
 * capin_packet - the next packet, for programs that may wait: 1 and *rec, 0 at
 * the end, -1 when the file ends early (error, status). rec->data is valid
 * until the next call. A record with caplen 0 is a recorded run's mark.
 */
int capin_packet(struct capin *, struct stream_rec *);

/*
 * the same in parts, for loops of another kind: as their namesakes in stream.h.
 * The LINK_HEADROOM bytes before rec->data may be written over.
 */
ssize_t capin_read(struct capin *);
ssize_t capin_read_exact(struct capin *);
int capin_next(struct capin *, struct stream_rec *);
int capin_end(struct capin *);

#endif
