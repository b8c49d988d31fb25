/*
 * path.h - the routers between a link and hosts that are not there, as the net
 * lines of phantom-hosts(5) have them: frames and the time in, frames out.
 *
 * Pure: no system call, no clock; random numbers come from a seed. Memory is
 * taken by path_new(), and for packets that wait up to a bound.
 */
#ifndef NET_PHANTOM_PATH_H
#define NET_PHANTOM_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hosts;
struct path; /* opaque */

/* where a frame goes to */
enum path_side {
	PATH_WIRE,    /* the link, where the first router is */
	PATH_PROGRAM, /* the one that is the hosts */
};

struct path_config {
	const struct hosts *hosts;
	uint64_t seed;
	uint64_t error_rate; /* ICMP errors a second to one source */
	uint32_t mtu;	     /* of the link */
	uint8_t ttl;	     /* of errors */
	/* errors about TCP, about all else: another process may see to one */
	bool tcp, other;
	void *ctx;
	void (*send)(void *ctx, enum path_side to, uint64_t now,
	    const uint8_t *frame, size_t len);
};

struct path_stats {
	uint64_t frames, forwarded, fragmented, errors;
	uint64_t limited; /* errors that were too many */
	uint64_t foreign; /* for no router of ours, or damaged */
	uint64_t expired; /* too many hops */
	uint64_t too_big; /* may not be fragmented */
	uint64_t no_host; /* the file has no such host */
	uint64_t lost;	  /* by the words of a net */
	uint64_t no_room; /* where packets wait */
};

/* path_new - the config is copied; NULL without memory */
struct path *path_new(const struct path_config *);
void path_free(struct path *);

/* path_input - a frame that goes to this side; it is changed */
void path_input(
    struct path *, uint64_t now, enum path_side to, uint8_t *frame, size_t len);

/* path_deadline - when path_timer() is to be called; UINT64_MAX: never */
uint64_t path_deadline(const struct path *);
void path_timer(struct path *, uint64_t now);

const struct path_stats *path_stats(const struct path *);
/* path_add - to a sum */
void path_add(struct path_stats *, const struct path_stats *);

#endif
