/*
 * prove.h - readers and writers of headers, over all that they can be given
 * within bounds that readers.c and writers.c name.
 */
#ifndef PROVE_H
#define PROVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/chance.h"

enum {
	HEADER_MOST = 320, /* bytes of one */
	FREE_MOST = 6,	   /* of them that take all values at once */
	DATA_MOST = 65536 + 64,
};

extern struct chance drawn;
extern bool all;	/* not only what a few seconds allow */
extern char doing[200]; /* for the message */

/* memory before and behind which nothing can be read or written */
uint8_t *fence_end(size_t n); /* n bytes: the next one is forbidden */
uint8_t *fence_start(void);   /* DATA_MOST bytes: the one before is */

void must_be(bool, const char *what, int line);
#define MUST(x) must_be(x, #x, __LINE__)

void draw(void *, size_t n);

/* ---- readers.c, writers.c: how many headers were tried */

struct reader {
	void (*read)(uint8_t *p, size_t len);
	void (*make)(uint8_t *p, size_t len); /* a good one, of this length */
	size_t least, most;
	size_t from, step; /* of the bytes that are free together */
	const uint8_t *value;
	size_t values;
};

struct proof {
	const char *name;
	uint64_t (*run)(void); /* of a writer; NULL: try_all() with */
	struct reader reader;
};
extern const struct proof readers[], writers[]; /* to one without a name */

/* ---- try.c */

extern uint64_t tries; /* of the present one */
uint64_t try_all(const struct reader *);

/* same_tcp - what was read is what was written, TCP's */
struct tcp_hdr;
void same_tcp(const struct tcp_hdr *, const struct tcp_hdr *);

#endif
