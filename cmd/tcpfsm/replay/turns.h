/*
 * turns.h - the UDP of a capture as turns: a request, and the answers that
 * came before the next one of the same two ends.
 *
 * Pure: records in; for a request the turn that answers it out.
 */
#ifndef TCPFSM_REPLAY_TURNS_H
#define TCPFSM_REPLAY_TURNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct stream_rec;
struct turns;

enum {
	TURNS_LONGEST = 1472, /* bytes of a datagram that is played */
	TURN_ID = 2,	      /* first bytes that may be a number of its own */
};

struct turn_answer {
	uint64_t after; /* ns, since the request */
	size_t at;	/* of its bytes, for turns_bytes() */
	uint32_t len;
	uint32_t next;	   /* of the turn, or TURN_LAST */
	uint16_t from, to; /* ports */
	uint8_t ttl;
	bool to_group; /* to the group, or all, that was asked */
};

#define TURN_LAST UINT32_MAX

struct turn {
	uint64_t no;   /* of the request in the capture, from 1 */
	uint64_t time; /* ns */
	size_t at;
	uint32_t len;
	uint32_t first, last; /* answers, or TURN_LAST */
	uint32_t answers;
	uint32_t alike; /* the next one with a request like this, round */
	uint32_t next;	/* the next one of the port with an answer, round */
	uint16_t port;	/* the server's */
	bool has_id;	/* its answers begin with the request's TURN_ID */
	bool to_host;	/* not to a group or all */
	bool lacks;	/* an answer that was captured short */
};

/* turns_new - seed: no client knows it; results do not depend on it */
struct turns *turns_new(uint64_t seed);
void turns_free(struct turns *);

/*
 * turns_take - a record, the no-th of the capture, and bytes that may be kept:
 * the bytes that were, 0: it is no UDP; -1: no memory
 */
long turns_take(
    struct turns *, const struct stream_rec *, bool decap, uint64_t no);

/* turns_end - all are in. 0, or -1: no memory */
int turns_end(struct turns *);

/*
 * turns_find - what answers these bytes to this port: the next turn with the
 * same request, or, none being the same, the next one of the port; *same. NULL:
 * none has an answer
 */
const struct turn *turns_find(
    struct turns *, uint16_t port, const uint8_t *, size_t n, bool *same);

const struct turn_answer *turns_answer(const struct turns *, uint32_t);
const uint8_t *turns_bytes(const struct turns *, size_t at);

/* turns_count - requests that have an answer; turns_silent - that have none */
uint32_t turns_count(const struct turns *);
uint32_t turns_silent(const struct turns *);
/* turns_long - datagrams that are too long to be played; turns_cut - answers
   that were captured short */
uint64_t turns_long(const struct turns *);
uint64_t turns_cut(const struct turns *);
/* turns_has_port - it received a request: there is an answer, or silence;
   group: one that went to a group, or to all */
bool turns_has_port(const struct turns *, uint16_t port, bool group);

#endif
