/*
 * quiet.h - what the engine calls (tcp.h), for tests that want nothing of it.
 * Needs tcp.h.
 */
#ifndef QUIET_H
#define QUIET_H

#include "tcp/tcp.h"

static inline void
quiet_event(void *ctx, const struct tcp_event *ev)
{
}

static inline void
quiet_received(
    void *ctx, struct tcb *tcb, const uint8_t *p, size_t n, uint64_t now)
{
}

/* quiet_data - zeros */
static inline const uint8_t *
quiet_data(void *ctx, struct tcb *tcb, uint64_t off, uint32_t len)
{
	static const uint8_t block[65536];

	return block;
}

static inline void
quiet_tcb(void *ctx, struct tcb *tcb, uint64_t now)
{
}

static inline void
quiet_acked(void *ctx, struct tcb *tcb, uint64_t off, uint64_t now)
{
}

static inline void
quiet_closed(
    void *ctx, struct tcb *tcb, const struct tcp_reason *why, uint64_t now)
{
}

#endif
