/*
 * query_var.h - an exchange's inside, for exchange*.c alone. Needs
 * pktsock.h, chance.h, clock.h, ether.h, gate.h, ip.h, neigh.h, stream.h
 * and query.h.
 */
#ifndef ASK_QUERY_VAR_H
#define ASK_QUERY_VAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "ask/query.h"
#include "base/chance.h"
#include "base/clock.h"
#include "linux/carrier.h"
#include "linux/gate.h"
#include "linux/pktsock.h"
#include "pipe/stream.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/neigh.h"

struct ipfrag;
struct sock_fprog;

enum query_end {
	END_NONE,
	END_SIGNAL,
	END_INPUT,  /* of the stream */
	END_READER, /* of stdout is gone: quietly */
	END_FAILED, /* error is the reason */
	END_LOST,   /* another station uses the source address */
};

struct query {
	const struct query_options *o;
	struct chance chance;
	struct clock clock;
	struct gate gate;
	struct stream_in in;
	struct stream_out out;
	bool eof;
	int out_flags; /* of stdout before it was made non-blocking; or -1 */
	uint64_t now;  /* -T: by the stamps */
	struct stream_rec rec;
	bool closing;	   /* nothing is read any more */
	bool pending;	   /* rec is read, and its time has not come */
	bool started;	   /* the first time is known */
	uint64_t answered; /* in lockstep: the last time */
	unsigned burst;	   /* frames since the last poll() */
	unsigned late;	   /* frames taken though the deadline was over */

	bool has_src, own, asking; /* asking: whether src is in use */
	struct ip_addr src;
	uint64_t src_end; /* it is ours until then */
	struct mac mac;
	bool has_hop;	    /* the default gateway is the next hop */
	struct ip_addr hop; /* of what is not on the link */
	uint32_t mtu;
	struct mac other;    /* the other host that has src, or of its prefix */
	struct ip_addr lost; /* this one */
	bool defends, taken; /* src is defended; another host took it */
	uint64_t defended;   /* last then; 0: never */
	uint64_t answer_at;  /* the bucket of answers */
	bool watches;	     /* by query_watch() */
	struct carrier carrier;
	struct ipfrag *frag; /* taken in at the first fragment */

	enum query_end end;
	int status;
	char error[200];
	struct query_counts counts;
	FILE *text;
	int text_fd;
	uint8_t frame[PKTSOCK_MAXFRAME]; /* received */
	uint8_t whole[PKTSOCK_MAXFRAME]; /* put together */
	uint8_t made[PKTSOCK_MAXFRAME];	 /* to be sent */
};

/* query_fail - end it with this status and words; returns OVER */
enum query_result query_fail(struct query *, enum query_end, int status,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/*
 * query_frame - the next frame of the wire, for any host: valid until the next
 * call
 */
enum query_result query_frame(struct query *, uint64_t deadline,
    const uint8_t **frame, size_t *len, uint64_t *ts);

/* query_flush - write out what waits in the stream, all of it */
void query_flush(struct query *);

/* query_filter - what the kernel lets through: mac and src are known */
void query_filter(const struct query *, struct sock_fprog *);

/*
 * query_neigh - a frame of ARP or ND: answered when it asks for the source.
 * True when it was one; then m is its content, or m->mac is zero when that is
 * not to be trusted.
 */
bool query_neigh(
    struct query *, const uint8_t *frame, size_t len, struct neigh *m);

/* query_take - is the frame a packet for us? Fills in the rest of p. */
bool query_take(struct query *, struct query_packet *p);

/* query_check - ask whether the source is in use; OVER when it is */
enum query_result query_check(struct query *);

/* query_written - the last of the text: status, or EXIT_NO and why */
int query_written(const struct query *, int status);

#endif
