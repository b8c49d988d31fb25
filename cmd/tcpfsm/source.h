/*
 * source.h - a file that is said: mapped, not copied.
 */
#ifndef SOURCE_H
#define SOURCE_H

#include <stddef.h>
#include <stdint.h>

struct source {
	const uint8_t *bytes;
	size_t len;
};

/*
 * source_open - map the file (or read it, when it is no regular one). 0, or
 * -1 and errno.
 */
int source_open(struct source *, const char *path);

#endif
