/*
 * source.h - a file to send: mapped, or copied.
 */
#ifndef TCPFSM_SOURCE_H
#define TCPFSM_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tcb;

struct source {
	const uint8_t *bytes;
	size_t len;
	bool mapped;
};

/* a smaller file is copied: it may be written anew in its place */
#define SOURCE_MAP ((size_t)256 << 20)

/* source_open - read the file, or map it. 0, or -1 and errno */
int source_open(struct source *, const char *path);

/* source_take - the same of what is open; it is mapped if it is a regular file
   of so many bytes */
int source_take(struct source *, int fd, size_t map_from);

/*
 * A mapped file that becomes shorter has zeros from there to the end, which
 * nobody may be sent. source_there - are these bytes of it still those of the
 * file? source_gone - the same without a look: is any of them known to be gone?
 * source_any_gone - of any file, so far?
 */
bool source_there(const struct source *, const uint8_t *, size_t n);
bool source_gone(const uint8_t *, size_t n);
bool source_any_gone(void);

/* source_reset - a connection that needs what is gone; the first, after a
   message */
void source_reset(struct tcb *, uint64_t now);
void source_close(struct source *);

#endif
