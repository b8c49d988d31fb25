/*
 * sim.h - one run of the simulation: two ends with an engine each, the
 * network between them, and the calls (connections) that they make.
 */
#ifndef SIM_H
#define SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/chance.h"
#include "base/clock.h"
#include "tcp/tcp.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/tcp_hdr.h"

enum {
	CLIENT = 0,
	SERVER = 1,
	CALLS = 4,
	MAX_TOTAL = 1 << 18, /* bytes one way */
	STREAM = MAX_TOTAL + CALLS * 2 * 97,
	CLIENT_PORT = 40000,
	SERVER_PORT = 80,
	HOLES = 4, /* times without a network */
};

#define START (UINT64_C(1763640000) * NS_PER_SEC)

/* a frame, decoded as far as the network and the checks need it */
struct view {
	struct ip_hdr ip;
	struct tcp_hdr h;
	bool tcp;     /* h is filled in */
	uint32_t len; /* bytes of data */
	size_t tcp_at, data_at;
};

struct packet {
	struct packet *prev, *next; /* by time of arrival */
	uint64_t at;
	int to;
	bool damaged, forged;
	uint32_t tx;	      /* its number in the truth */
	int hold;	      /* explore: so many overtake it yet */
	bool done;	      /* explore: nothing more happens to it */
	struct packet *whole; /* this is a part of that frame */
	size_t len;
	uint8_t bytes[];
};

/* one way of the network; of 1000 frames so many ... */
struct path {
	unsigned loss, dup, reorder, late, damage, mark, split;
	uint64_t delay, jitter, lateness;
	uint64_t rate, queue; /* bytes a second, ns; rate 0: no bottleneck */
	uint64_t busy;	      /* until then the bottleneck is */
	uint32_t mtu, mtu_later;
	uint64_t mtu_at;
	bool mtu_silent; /* no ICMP error is sent */
};

enum close_rule { CLOSE_AT_ONCE, CLOSE_AFTER_EOF, CLOSE_LATER };

/* what frames tell of one end of a connection, see wire.c */
struct wire {
	uint32_t iss, irs;
	int wscale;	  /* in its last SYN; -1: none */
	unsigned shift;	  /* of its windows, since it was opened */
	uint32_t max_seq; /* sent: the end of it */
	uint32_t edge;	  /* it was told that it may send up to here */
	uint32_t acked;	  /* it was told that this has arrived, */
	uint32_t sure;	  /* and that this has, in a way that it must accept; */
	uint32_t least;	  /* since that it may send up to this, at least */
	uint32_t shown;	  /* it told the other that it may send so */
	uint32_t expected; /* the number that came next, so far */
	bool up;	   /* what follows is checked: the handshake is over */
	bool have_edge, have_shown;
	bool reset;	      /* a reset has come */
	uint64_t heard_at;    /* any frame */
	uint64_t progress_at; /* its data was acknowledged */
	uint64_t ack_due;     /* by then it must have acknowledged */
	uint64_t frames_in;
	/* one number sent again and again, and nothing heard */
	uint32_t again_seq;
	uint64_t again_at, again_gap, again_heard, again_count;
	uint64_t acks_out, acks_earned, marks;
	uint32_t ack_sent; /* the last number that it acknowledged, */
	uint32_t largest;  /* and the most data that a segment brought */
	bool acks;	   /* it has acknowledged */
};

struct call;
struct end;

/* one end of a call: what its application means to do, and has done */
struct side {
	struct call *call;
	struct end *end;
	uint32_t total, chunk, read_size;
	uint64_t write_gap, read_gap, close_after, abort_after;
	uint32_t stall_at; /* bytes: then it reads nothing for a time */
	uint64_t stall;
	enum close_rule rule;
	bool nodelay, early;
	/* so far */
	struct tcb *tcb;
	bool connected, opened, eof, shut, closed, aborted, died, refused;
	enum tcp_close how;
	const char *why;
	uint64_t opened_at, closed_at;
	uint32_t offered, acked, got, held;
	uint64_t read_at, write_at, close_at, abort_at;
	struct wire w;
	uint64_t *arrived; /* a bit for each byte that was delivered to it */
};

struct call {
	int no;
	uint16_t port;	       /* the client's */
	uint64_t at, other_at; /* when it connects; the server too: NEVER */
	unsigned tries;	       /* to connect */
	int after;	       /* begins when that call is over; -1 */
	bool started, crossed; /* both call */
	bool haunted;	       /* one end was opened again, by its cookie */
	unsigned strip;	       /* options that do not pass: STRIP_... */
	unsigned bend;	       /* of ECN, by a middlebox: BEND_... */
	uint16_t mss;	       /* at most, by the middle of the network; 0 */
	struct side side[2];
};

/* what middleboxes do to ECN, RFC 9768 3.2.2.3 to 3.2.3.2 */
enum {
	BEND_SYN = 1,	  /* flags of SYNs are cleared */
	BEND_AE = 2,	  /* a bit that was reserved is cleared */
	BEND_BLEACH = 4,  /* the IP-ECN field is cleared */
	BEND_ECT = 8,	  /* or set */
	BEND_OPTION = 16, /* options go */
	BEND_ACE = 32,	  /* the field is cleared but in SYNs */
};

enum { STRIP_SACK = 1, STRIP_TS = 2, STRIP_WSCALE = 4, STRIP_MSS = 8 };

struct end {
	struct sim *sim;
	struct tcp *t;
	struct tcp_config cfg;
	int who;
	struct ip_addr addr;
	struct mac mac;
	size_t room;
	uint32_t records;
	bool waits, touched;
	uint64_t drained_at; /* when the output queue has room again */
	uint64_t late_until; /* its timers fire no earlier */
	uint64_t frame;
};

struct sim {
	uint64_t seed, now, frames, lost;
	struct chance c;
	struct end end[2];
	struct path path[2]; /* to the client, to the server */
	struct call call[CALLS];
	int calls;
	struct packet *first, *last;
	uint64_t bad_until; /* then the network is a good one */
	struct {
		uint64_t from, to;
		unsigned ways; /* bits: to the client, to the server */
	} hole[HOLES];
	int holes;
	uint64_t attack_at; /* the next forged frame */
	bool attacked;	    /* some may come, or did */
	uint64_t death_at, rebirth_at;
	int victim;
	unsigned refuse; /* memory, of 1000 */
	bool harsh, v6, hard_error;
	uint16_t frag_id;
	bool plain;  /* what an analysis cannot see does not happen */
	bool late;   /* timers may be late: times between them tell nothing */
	uint32_t tx; /* the segment that is being sent */
	/* how it looks from outside */
	char wrong[300];
	bool log;
	int pcap; /* descriptor, -1 */
};

#define NEVER UINT64_MAX

/* way.c */
/* way_put - behind those that arrive at the same time */
void way_put(struct sim *, struct packet *, uint64_t at);
void way_take(struct sim *, struct packet *);
void wrong(struct sim *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* draw.c */
bool chance_of(struct sim *, unsigned of_1000);
/* between - from lo to hi, both included */
uint64_t between(struct sim *, uint64_t lo, uint64_t hi);

/* plan.c */
void plan(struct sim *, uint64_t seed);
/* plan_plain - nothing that a capture cannot show */
void plan_plain(struct sim *);

/* look.c */
bool look(const uint8_t *p, size_t n, struct view *);

/* net.c */
/* net_send - a frame of an end's, which may be written to */
void net_send(
    struct sim *, int from, uint8_t *p, size_t n, const struct view *);
struct packet *net_due(struct sim *);
void net_release(struct packet *);
void net_clear(struct sim *);
/* forge.c */
void attack(struct sim *);
/* attack_knowing - by one who knows all numbers; ts: the last timestamp. None
   of these may change anything */
enum known {
	KNOWN_UNSENT,
	KNOWN_OLD,
	KNOWN_OUTSIDE,
	KNOWN_BEFORE,
	KNOWN_FLOOD,
	KNOWN_RESET,
	KNOWNS
};
enum { FLOOD = 40 };
void attack_knowing(struct sim *, struct side *, enum known, uint32_t ts);
void too_big(
    struct sim *, int to, const uint8_t *p, const struct view *, uint32_t mtu);
/* one frame from outside, now */
void net_inject(
    struct sim *, int to, const uint8_t *p, size_t n, const char *what);

/* app.c */
extern const struct tcp_host app_host;
extern const struct tcp_app app_calls;
void app_init(void);
const uint8_t *app_stream(const struct side *);
void app_connect(struct sim *, struct call *, int who);
struct side *side_of(const struct end *, uint16_t lport, uint16_t rport);

/* wire.c */
uint32_t seq_expected(const struct side *);
void wire_opened(struct side *, uint64_t now);
void wire_sent(struct sim *, struct end *, const struct view *);
enum arrival { WHOLE, PIECE, FORGED }; /* PIECE: may not be all there yet */
void wire_arrived(
    struct sim *, struct end *, const struct view *, enum arrival);
void wire_stirred(struct sim *, struct end *);
/* wire_shift - of the windows that d shows, RFC 7323 2.2 */
unsigned wire_shift(const struct side *);
/* wire_has - all of this has arrived at d */
bool wire_has(const struct side *, uint32_t seq, uint32_t end);
/* wire_check - nothing is overdue */
void wire_check(struct sim *, const struct side *);

/* step.c */
/* step_begin - an end has an engine from now on */
void step_begin(struct sim *, struct end *);
/* step_calls - what is to begin by now begins */
void step_calls(struct sim *);
void step_deliver(struct sim *, const struct packet *);
/* step_ends - timers that are due, then what the ends have to send */
void step_ends(struct sim *);
void step_flush(struct end *);
/* step_next - when something happens; NEVER */
uint64_t step_next(const struct sim *);

/* verdict.c */
bool verdict_over(const struct sim *);
/*
 * verdict_abandon - nothing will happen any more. That is right only for one
 * that has sent all and waits for a peer that is gone: its user ends it, and
 * the result is true.
 */
bool verdict_abandon(struct sim *);
/* verdict - how the connections have ended */
void verdict(struct sim *);
/*
 * verdict_rest - a timer may wake once more for what is gone already; then
 * there is none
 */
void verdict_rest(struct sim *, struct tcp *);

/* run.c */
/* run - plain: for story.c */
bool run(struct sim *, uint64_t seed, bool log, int pcap, bool plain);

/* log.c */
void log_frame(const struct sim *, int from, const struct view *,
    const uint8_t *p, size_t n, const char *fate);
void log_event(const struct end *, const struct tcp_event *);
void log_pcap_open(int fd);
void log_pcap(const struct sim *, const uint8_t *p, size_t n);
const char *side_name(int who);

#endif
