/*
 * exchange_var.h - an exchange's inside, for exchange*.c alone. Needs
 * capsock.h, chance.h, clock.h, ether.h, gate.h, ip.h, neigh.h, stream.h
 * and exchange.h.
 */
#ifndef EXCHANGE_VAR_H
#define EXCHANGE_VAR_H

struct ipfrag;
struct sock_fprog;

enum exchange_end {
	END_NONE,
	END_SIGNAL,
	END_INPUT,  /* of the stream */
	END_READER, /* of stdout is gone: quietly */
	END_FAILED, /* error says why */
	END_LOST,   /* another station uses the source address */
};

struct exchange {
	const struct exchange_options *o;
	struct chance chance;
	struct clock clock;
	struct gate gate;
	struct stream_in in;
	struct stream_out out;
	bool eof;
	int out_flags; /* of stdout before it was made non-blocking; or -1 */
	uint64_t now;  /* -T: by the stamps */
	struct stream_rec rec;
	bool pending;	/* rec is read, and its time has not come */
	unsigned burst; /* frames since the last poll() */
	unsigned late;	/* frames taken though the deadline was over */

	bool has_src, own, asking; /* asking: whether src is in use */
	struct ip_addr src;
	struct mac mac;
	bool has_hop;	    /* the default gateway is the next hop */
	struct ip_addr hop; /* of what is not on the link */
	uint32_t mtu;
	struct mac other;    /* who else has src */
	uint64_t answer_at;  /* the bucket of answers */
	struct ipfrag *frag; /* taken in at the first fragment */

	enum exchange_end end;
	int status;
	char error[200];
	struct exchange_counts counts;
	FILE *text;
	int text_fd;
	uint8_t frame[CAPSOCK_MAXFRAME]; /* received */
	uint8_t whole[CAPSOCK_MAXFRAME]; /* put together */
	uint8_t made[CAPSOCK_MAXFRAME];	 /* to be sent */
};

/* exchange_fail - end it with this status and words; returns OVER */
enum exchange_result exchange_fail(struct exchange *, enum exchange_end,
    int status, const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/*
 * exchange_frame - the next frame of the wire, whoever it is for: valid until
 * the next call
 */
enum exchange_result exchange_frame(struct exchange *, uint64_t deadline,
    const uint8_t **frame, size_t *len, uint64_t *ts);

/* exchange_flush - write out what waits in the stream, all of it */
void exchange_flush(struct exchange *);

/* exchange_filter - what the kernel shall let through: mac and src are known */
void exchange_filter(const struct exchange *, struct sock_fprog *);

/*
 * exchange_neigh - a frame of ARP or ND: answered when it asks for the
 * source. True when it was one; then m is what it says, or m->mac is zero
 * when that is nothing to go by.
 */
bool exchange_neigh(
    struct exchange *, const uint8_t *frame, size_t len, struct neigh *m);

/* exchange_take - is the frame a packet for us? Fills in the rest of p. */
bool exchange_take(struct exchange *, struct exchange_packet *p);

/* exchange_check - ask whether the source is in use; OVER when it is */
enum exchange_result exchange_check(struct exchange *);

#endif
