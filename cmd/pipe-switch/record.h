/*
 * record.h - frames on their way, kept in pcap files.
 */
#ifndef PIPE_SWITCH_RECORD_H
#define PIPE_SWITCH_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipe/stream.h"

struct record {
	const char *file;
	int port; /* whose; -1: all that came in anywhere */
	int fd;	  /* -1: it has failed */
	bool failed;
	struct stream_out out;
};

/* record_open - or die */
void record_open(struct record *, const char *file, int port);

/* record_put - a frame in two pieces */
void record_put(struct record *, uint64_t now, const uint8_t *p, size_t n,
    const uint8_t *q, size_t m);

/* record_flush - to the file; what that refuses ends it, and is said */
void record_flush(struct record *);

#endif
