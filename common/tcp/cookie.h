/*
 * cookie.h - the numbers of SYN cookies, for cookie.c and its test.
 */
#ifndef TCP_COOKIE_H
#define TCP_COOKIE_H

#include <stdint.h>

struct seg;
struct tcp;

enum {
	COOKIE_SLOTS = 2, /* of 64 s: one to two minutes */
	COOKIE_MSS = 16,  /* steps */
};

/* the hashes for one pair of endpoints, one SYN and one time */
struct cookie_secret {
	uint64_t slot;
	uint32_t all, low[COOKIE_SLOTS]; /* low: this slot's, the last one's */
};

/* tcp_cookie_secret - seg has the endpoints, irs is the SYN's number */
void tcp_cookie_secret(const struct tcp *, const struct seg *, uint32_t irs,
    uint64_t slot, struct cookie_secret *out);
/* tcp_cookie_make - the initial sequence number; mss: which step */
uint32_t tcp_cookie_make(const struct cookie_secret *, uint32_t mss);
/* tcp_cookie_read - which step of MSS it holds; -1: it is no cookie */
int tcp_cookie_read(const struct cookie_secret *, uint32_t cookie);

/* tcp_cookie_mss - the step for an MSS; and what the step stands for */
uint32_t tcp_cookie_mss(uint32_t mss);
uint16_t tcp_cookie_mss_of(uint32_t step);

#endif
