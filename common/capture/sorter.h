/*
 * sorter.h - which connection each segment of a capture belongs to, as they
 * come: by the one rule of conns_make(), so that all programs number
 * connections alike. Of a connection only the segments are kept that the rule
 * looks at.
 */
#ifndef CAPTURE_SORTER_H
#define CAPTURE_SORTER_H

#include <stddef.h>
#include <stdint.h>

struct sorter;
struct tcpseg;

#define SORTER_NONE UINT32_MAX

struct sorted {
	uint32_t no;	/* of the connection, from 0, by the first segment */
	uint32_t given; /* it began with the latest segment of this one, which
			   no longer has that; SORTER_NONE: it did not */
};

/* sorter_new - NULL without memory */
struct sorter *sorter_new(void);
void sorter_free(struct sorter *);

/* sorter_take - the next segment; 0, or -1 without memory */
int sorter_take(struct sorter *, const struct tcpseg *, struct sorted *);

/* sorter_bytes - of memory that it has taken, about */
size_t sorter_bytes(const struct sorter *);

#endif
