/*
 * source.h - a file to send: mapped, or copied.
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

/*
 * source_open - map the file (or read it, when it is no regular one). 0, or
 * -1 and errno.
 */
int source_open(struct source *, const char *path);

/*
 * source_take - the same of what is open, of --hosts; it is mapped only if it
 * has so many bytes: one that is written anew in its place may become shorter,
 * and a page of a mapped file that is gone ends the program with 1
 */
int source_take(struct source *, int fd, size_t map_from);
void source_close(struct source *);

#endif
