/*
 * serve.h - the application of a server: every connection is sent the bytes
 * of one file.
 */
#ifndef TCPFSM_SERVE_SERVE_H
#define TCPFSM_SERVE_SERVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "source.h"
#include "tcp/cksum_cache.h"

struct serve {
	struct source file;
	struct sums sums;
	uint64_t silence; /* ns to wait for the client to send first */
	int out;	  /* where the clients' data goes, -1: nowhere */
	bool md5;	  /* keep digests of both directions */
	int out_errno;	  /* why writing there has failed; 0: it has not */
};

/*
 * serve_keep - write a client's data to where it is kept; serve_kept - at the
 * end: the exit status, after a message if it is not 0
 */
void serve_keep(struct serve *, const uint8_t *, size_t);
int serve_kept(const struct serve *);

/* its calls; ctx is a struct serve */
extern const struct app serve_app;

#endif
