/*
 * serve.h - the application of a server: every connection is told the bytes
 * of one file.
 */
#ifndef SERVE_H
#define SERVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tcb;

struct md5;

struct serve {
	const uint8_t *bytes;
	size_t len;
	uint64_t silence; /* ns to wait for the client to speak first */
	int out;	  /* where what clients say goes, -1: nowhere */
	bool md5;	  /* keep digests of both directions */
	int out_errno;	  /* why writing there has failed; 0: it has not */
};

/*
 * serve_open - map the file (or read it, when it is no regular one). 0, or
 * -1 and errno.
 */
int serve_open(struct serve *, const char *path);

/* the engine's callbacks, see struct tcp_ops; s is a struct serve */
void serve_opened(struct serve *, struct tcb *, uint64_t now);
void serve_received(struct serve *, struct tcb *, const uint8_t *p, size_t n);
void serve_speak(struct serve *, struct tcb *);
void serve_acked(struct serve *, struct tcb *, uint64_t off);
void serve_closed(struct serve *, struct tcb *);

/*
 * serve_digests - those of what the client has acknowledged and of what it
 * has sent; false when none are kept. They are used up.
 */
bool serve_digests(const struct serve *, struct tcb *, struct md5 **sent,
    struct md5 **received);

#endif
