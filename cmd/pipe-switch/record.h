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
	int port;  /* the port; -1: frames that came in at any port */
	int fd;	   /* -1: it has failed */
	bool live; /* a pipe: its reader is never waited for */
	bool failed;
	struct stream_out out;
};

/* record_open - or die; patient: also the reader of a pipe is waited for */
void record_open(struct record *, const char *file, int port, bool patient);

/* record_put - a frame in two pieces */
void record_put(struct record *, uint64_t now, const uint8_t *p, size_t n,
    const uint8_t *q, size_t m);

/*
 * record_flush - to the file; a failed write gives a message and ends the
 * recording. To a pipe as much as it takes: record_waits() - there is more,
 * for a later time.
 */
void record_flush(struct record *);
bool record_waits(const struct record *);

#endif
