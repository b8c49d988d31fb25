/*
 * source.h - a file to send: mapped, not copied.
 */
#ifndef TCPFSM_SOURCE_H
#define TCPFSM_SOURCE_H

#include <stddef.h>
#include <stdint.h>

struct source {
	const uint8_t *bytes;
	size_t len;
};

/* what is said when the file loses what has been mapped; exit status 1 */
#define SOURCE_SHORTER "read file of -f: it has become shorter"

/*
 * source_open - map the file (or read it, when it is no regular one). 0, or
 * -1 and errno.
 */
int source_open(struct source *, const char *path);

#endif
