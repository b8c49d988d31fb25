/*
 * sink.h - bytes on their way to a descriptor that may be slow: what it does
 * not take at once is kept, and the receive window shrinks by as much.
 */
#ifndef TCPFSM_SINK_H
#define TCPFSM_SINK_H

#include <stddef.h>
#include <stdint.h>

enum {
	SINK_NONE = -1,	 /* what is put in is discarded */
	SINK_LATER = -2, /* it is kept, until there is a descriptor */
};

struct sink {
	int fd; /* or one of these */
	uint8_t *buf;
	size_t start, end, cap;
	uint64_t taken; /* bytes that the descriptor has taken */
};

/* sink_init - fd may be non-blocking */
void sink_init(struct sink *, int fd);

/* sink_put - write n bytes, keep the rest. 0, or -1 and errno. */
int sink_put(struct sink *, const uint8_t *, size_t n);

/* sink_flush - write what waits, as far as it goes. 0, or -1 and errno. */
int sink_flush(struct sink *);

/* sink_waits - how many bytes */
size_t sink_waits(const struct sink *);

/* sink_close - what waits is lost. 0, or -1 and errno of close() */
int sink_close(struct sink *);

#endif
