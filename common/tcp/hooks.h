/*
 * hooks.h - what may change the behaviour of connections from outside
 * (quirk/quirk.h): the engine calls these where there are any, and knows
 * nothing of them.
 */
#ifndef TCP_HOOKS_H
#define TCP_HOOKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct seg;
struct tcb;
struct tcp_config;
struct tcp_hdr;

struct tcp_hooks {
	/* bytes that a connection has behind its TCB; all 0 at first */
	size_t (*size)(const struct tcp_config *);
	/* the segment as it is to be taken, it may be *bent; NULL: it has not
	   come */
	const struct seg *(*in)(
	    struct tcb *, uint64_t now, const struct seg *, struct seg *bent);
	/* in place of tcp_put_segment() */
	void (*out)(struct tcb *, uint64_t now, struct tcp_hdr *,
	    const uint8_t *data, uint32_t len, uint8_t ecn);
	/* when to wake at the latest; then do so: true when that ended it */
	uint64_t (*wake_at)(struct tcb *, uint64_t now);
	bool (*wake)(struct tcb *, uint64_t now);
	/* what the application does */
	void (*offer)(struct tcb *, uint64_t end);
	void (*shutdown)(struct tcb *);
	/* the connection is gone */
	void (*free)(struct tcb *);
};

#endif
