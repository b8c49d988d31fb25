/*
 * quiet.h - what tests of the engine (tcp.h) have in common that want little
 * of it.
 */
#ifndef QUIET_H
#define QUIET_H

#include "tcp/tcp.h"

/* quiet_data - the application's: zeros */
static inline const uint8_t *
quiet_data(void *ctx, struct tcb *tcb, uint64_t off, uint32_t len)
{
	static const uint8_t block[65536];

	return block;
}

/* quiet_step - the timers that are due, and what is to be sent */
static inline void
quiet_step(struct tcp *t, uint64_t now)
{
	if (tcp_deadline(t) <= now)
		tcp_timers(t, now);
	tcp_flush(t, now, SIZE_MAX);
}

#endif
