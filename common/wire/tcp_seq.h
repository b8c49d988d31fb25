/*
 * tcp_seq.h - sequence numbers, RFC 9293 3.4: compared modulo 2^32, and only
 * here.
 */
#ifndef WIRE_TCP_SEQ_H
#define WIRE_TCP_SEQ_H

#include <stdbool.h>
#include <stdint.h>

static inline bool
seq_lt(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

static inline bool
seq_leq(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) <= 0;
}

static inline bool
seq_gt(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) > 0;
}

static inline bool
seq_geq(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) >= 0;
}

static inline uint32_t
seq_max(uint32_t a, uint32_t b)
{
	return seq_gt(a, b) ? a : b;
}

static inline uint32_t
seq_min(uint32_t a, uint32_t b)
{
	return seq_lt(a, b) ? a : b;
}

/* seq_in - a <= x < b */
static inline bool
seq_in(uint32_t x, uint32_t a, uint32_t b)
{
	return x - a < b - a;
}

#endif
