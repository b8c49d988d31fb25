/*
 * rate.h - delivery rate samples and pacing, see rate.c.
 */
#ifndef TCP_RATE_H
#define TCP_RATE_H

#include <stdbool.h>
#include <stdint.h>

struct ack_info;
struct sent;
struct tcb;

/* the sample of one acknowledgment; any: something has arrived */
struct rate {
	uint64_t bw;	   /* bytes a second; 0: no sample */
	uint64_t interval; /* ns */
	uint64_t rtt;	   /* ns; 0: no sample */
	uint64_t delivered, prior_delivered;
	uint32_t tx_in_flight; /* when the record was sent, with it */
	uint32_t lost;	       /* since then */
	uint32_t last;	       /* the end of that record */
	bool any, app_limited;
};

/* what samples and pacing need of a connection */
struct pace {
	uint64_t delivered; /* bytes, ever */
	uint64_t delivered_time, first_sent;
	uint64_t app_limited; /* delivered when the network is full again */
	uint64_t pacing_rate; /* bytes a second; 0: not paced */
	uint64_t at;	      /* the next burst */
	uint32_t left;	      /* in this output, bytes */
	uint32_t lost_bytes;  /* ever */
};

void tcp_rate_sent(struct tcb *, struct sent *, uint32_t flight, uint64_t now);
void tcp_rate_delivered(struct tcb *, const struct sent *, struct ack_info *);
void tcp_rate_done(struct tcb *, struct ack_info *);
void tcp_rate_limited(struct tcb *);

uint32_t tcp_quantum(const struct tcb *);
void tcp_pace_begin(struct tcb *, uint64_t now);
bool tcp_pace(struct tcb *, uint32_t n);
void tcp_pace_forgive(struct tcb *, uint64_t now);
void tcp_pace_spend(struct tcb *, uint64_t now, uint32_t n);

#endif
