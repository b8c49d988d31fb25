/*
 * pcapng.h - records out of a pcapng file, of any link type.
 */
#ifndef CAPTURE_PCAPNG_H
#define CAPTURE_PCAPNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct stream_in;
struct stream_rec;

enum { PCAPNG_IFS = 1024 };

struct pcapng_if {
	uint16_t link;
	uint8_t tsresol; /* as in the file */
	int64_t offset;	 /* seconds */
	uint32_t snaplen;
};

/* blocks that are passed over */
enum pcapng_kind {
	PCAPNG_NAMES,
	PCAPNG_STATS,
	PCAPNG_SECRETS,
	PCAPNG_OTHER,
	PCAPNG_KINDS
};

struct pcapng {
	bool swapped, section;
	uint64_t skip; /* bytes to come of a block that is of no use */
	uint64_t last; /* the last time */
	uint64_t count;
	uint32_t iface, link; /* of the packet given out last */
	uint32_t base;	      /* interfaces of the sections before this one */
	uint64_t passed[PCAPNG_KINDS];
	uint64_t named;	  /* interfaces with a name */
	uint64_t untimed; /* packets without a timestamp of their own */
	/* the options of the packet given out last; valid as long as it is */
	const uint8_t *opt;
	size_t nopt;
	unsigned nifs;
	struct pcapng_if ifs[PCAPNG_IFS];
	char error[160];
	int status;
};

/* pcapng_is - the four bytes begin a pcapng section */
bool pcapng_is(const uint8_t *p);

/*
 * pcapng_next, pcapng_end - as stream_in_next() and stream_in_end(), on the
 * bytes of the same buffer
 */
int pcapng_next(struct pcapng *, struct stream_in *, struct stream_rec *);
int pcapng_end(struct pcapng *, const struct stream_in *);

/*
 * pcapng_comment - a comment of the packet given out last: true, *text and
 * *len; false when there is no more. *at is 0 before the first
 */
bool pcapng_comment(
    const struct pcapng *, size_t *at, const uint8_t **text, size_t *len);

/*
 * pcapng_want - bytes of the buffer that are needed before pcapng_next() can
 * go on, but no byte of another packet; of a block that is passed over fewer
 */
uint64_t pcapng_want(const struct pcapng *, const struct stream_in *);

#endif
