/*
 * tcp_cong.h - what a congestion control is.
 *
 * It decides how many bytes may be in flight (cwnd) outside of recovery and
 * to what to come down to after a loss (ssthresh). It may keep its state in
 * tcb->cong[]. Recovery itself (what to send again, PRR) is not its business.
 * A new one is a file with these functions and a line in tcp_cong.c.
 */
#ifndef TCP_CONG_H
#define TCP_CONG_H

#include <stdint.h>

enum { CWND_MAX = 1 << 29 }; /* half of what sequence numbers can tell */

struct ack_info;
struct tcb;

struct cong {
	const char *name;
	void (*init)(struct tcb *, uint64_t now);
	/* new data acknowledged while nothing is lost; grow cwnd */
	void (*acked)(struct tcb *, const struct ack_info *);
	/* a loss was found, once per window: the new ssthresh, bytes */
	uint32_t (*ssthresh)(struct tcb *, uint64_t now);
};

extern const struct cong tcp_cubic;

/* tcp_cong_find - by name; NULL when there is none */
const struct cong *tcp_cong_find(const char *name);
/* tcp_initial_window - RFC 6928 2, bytes */
uint32_t tcp_initial_window(const struct tcb *);

#endif
