/*
 * serve.h - the application of a server: every connection is told the bytes
 * of one file.
 */
#ifndef SERVE_H
#define SERVE_H

#include <stdbool.h>
#include <stdint.h>

struct serve {
	struct source file;
	struct sums sums;
	uint64_t silence; /* ns to wait for the client to speak first */
	int out;	  /* where what clients say goes, -1: nowhere */
	bool md5;	  /* keep digests of both directions */
	int out_errno;	  /* why writing there has failed; 0: it has not */
};

/* its calls; ctx is a struct serve */
extern const struct app serve_app;

#endif
