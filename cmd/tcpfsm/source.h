/*
 * source.h - a file to send: mapped, not copied.
 */
#ifndef TCPFSM_SOURCE_H
#define TCPFSM_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct source {
	const uint8_t *bytes;
	size_t len;
	bool mapped;
};

/* the message when the file loses what has been mapped; exit status 1 */
#define SOURCE_SHORTER "read file of -f: it has become shorter"

/*
 * source_open - map the file (or read it, when it is no regular one). 0, or
 * -1 and errno.
 */
int source_open(struct source *, const char *path);

/* source_take - the same of what is open; not may_map: it is read */
int source_take(struct source *, int fd, bool may_map);
void source_close(struct source *);

#endif
