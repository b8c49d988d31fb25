/*
 * ranges.h - what one end has sent: ranges of sequence numbers in their
 * order, each with its first and its latest transmission. For analysis.c.
 */
#ifndef CAPTURE_RANGES_H
#define CAPTURE_RANGES_H

#include <stdbool.h>
#include <stdint.h>

#define NO_ROW UINT32_MAX

enum { GONE_MAX = 4 };

struct range {
	uint32_t seq, end;
	uint32_t first, last;	 /* rows of the connection */
	uint32_t gone[GONE_MAX]; /* rows that count as lost, in their order */
	uint32_t gones;
	uint32_t came;	/* the row that counts as the first to arrive */
	uint32_t spare; /* sent behind that: this many may be told as D-SACK */
	uint32_t times; /* transmissions that were captured */
	bool covered;	/* it has arrived: an ACK or a SACK shows it */
	bool shown;	/* missing, when it was sent again */
	bool early;	/* the first one seen was not the first one sent */
};

struct ranges {
	struct range *r; /* those in use: head to n - 1 */
	uint32_t head, n, room;
	uint32_t below; /* what ends here or before may be forgotten */
	bool forgets;	/* something is */
};

enum {
	RANGES_MAX = 4096, /* of one end; the lowest are forgotten */
	RANGES_KEPT = 256, /* that have arrived, for what comes late */
};

/* ranges_at - the first one that ends behind seq; n: none does */
uint32_t ranges_at(const struct ranges *, uint32_t seq);

/*
 * ranges_insert - one that is not covered before the at-th, which it does not
 * overlap. 0, or -1 without memory.
 */
int ranges_insert(
    struct ranges *, uint32_t at, uint32_t seq, uint32_t end, uint32_t row);

/* ranges_is_old - what begins at seq may be forgotten */
bool ranges_is_old(const struct ranges *, uint32_t seq);

/* ranges_split - the at-th at seq, which lies within it. 0, or -1 */
int ranges_split(struct ranges *, uint32_t at, uint32_t seq);

/* ranges_trim - forget what has arrived long ago; una: the other end wants that
   next */
void ranges_trim(struct ranges *, uint32_t una);

#endif
