/*
 * quirk.h - misbehaviour on command (tcpfsm-quirks(7)): what each quirk is
 * made of.
 *
 *   The engine itself stays honest and knows no quirk. Where cfg.hooks is
 *   &tcp_quirks it calls the functions of hook.c: a segment comes in
 *   (input.c), one is about to go out (emit.c), the application offers data
 *   or closes (user.c), and for the time of the next wake and the wake itself
 *   (timer.c; expire.c and, before a connection sends, engine.c). These go
 *   through the quirks of the configuration in their order and call
 *   those functions of each that are not NULL: a few lines in recv.c
 *   or send.c for each. What a connection's quirks remember lies
 *   right behind its TCB.
 */
#ifndef TCP_QUIRK_QUIRK_H
#define TCP_QUIRK_QUIRK_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/tcp_hdr.h"

struct bend;
struct seg;
struct tcb;
struct tcp_hdr;
struct tcp_hooks;
struct tcp_quirk;

/* what "@when" counts for a quirk */
enum quirk_counts { COUNTS_NOTHING, COUNTS_RECEIVED, COUNTS_SENT, COUNTS_BOTH };

enum quirk_arg { ARG_NONE, ARG_NUMBER, ARG_TIME };

/* what the application has to send: bytes before upto, then the FIN if fin */
struct speech {
	uint64_t upto;
	bool fin;
};

struct quirk_kind {
	const char *name;
	const char *finds; /* the class of bug */
	enum quirk_counts counts;
	int when; /* enum tcp_when, by default; with at */
	uint64_t at;
	enum quirk_arg arg;
	uint64_t value, min, max; /* of the argument; value is the default */
	/* a segment is about to go out, has come in */
	void (*out)(struct bend *);
	void (*in)(struct bend *);
	/* its time has come, whether a segment moves or not; once */
	void (*act)(struct bend *);
	/* the time that it has set has come */
	void (*wake)(struct bend *);
	/* what the application sends is cut down */
	void (*speak)(struct bend *, struct speech *);
};

/* hook.c: for the configuration */
extern const struct tcp_hooks tcp_quirks;

extern const struct quirk_kind *const quirk_kinds[];
extern const unsigned quirk_nkinds;

/* recv.c, send.c */
extern const struct quirk_kind quirk_ack_delay, quirk_ack_unsent,
    quirk_dsack_lie, quirk_dup_ack, quirk_ecn_bleach, quirk_ecn_echo,
    quirk_fast_open_lost, quirk_fin_lost, quirk_half_close, quirk_ignore_window,
    quirk_never_ack, quirk_never_fin, quirk_no_timestamps, quirk_old_timestamps,
    quirk_overlap_data, quirk_persist_tarpit, quirk_reorder_own, quirk_rst,
    quirk_sack_lie, quirk_slow_drip, quirk_stall_handshake, quirk_stretch_ack,
    quirk_syn_ack_twice, quirk_tiny_mss, quirk_urgent, quirk_window_shrink,
    quirk_zero_window;

/* by default it acts from the first segment with data on */
#define FIRST_DATA(counted)                                                    \
	.counts = (counted), .when = TCP_WHEN_SEGMENT, .at = 1
/* its argument: what it is when not given, and its bounds */
#define NUMBER(usual, least, most)                                             \
	.arg = ARG_NUMBER, .value = (usual), .min = (least), .max = (most)
#define DURATION(usual, least, most)                                           \
	.arg = ARG_TIME, .value = (usual), .min = (least), .max = (most)
#define SECONDS(n) ((n)*NS_S)

/* what a connection remembers of one quirk; all of it begins as 0 */
struct quirk_slot {
	uint64_t at;	  /* when to wake; 0: never */
	uint64_t n;	  /* each quirk's own, as */
	uint32_t seq;	  /* is this, */
	uint8_t phase;	  /* and this */
	bool acted;	  /* act() was called */
	const char *what; /* for the log, when somebody knows the time */
	uint64_t told_at; /* of the last line in the log, */
	const char *told; /* its word, */
	uint32_t untold;  /* and how often it has acted since */
};

struct quirk_conn {
	bool begun;
	uint64_t begin;		    /* of the connection */
	uint64_t sent;		    /* bytes of data, each counted once */
	uint32_t segs_in, segs_out; /* with data */
	uint32_t nxt;		    /* behind all that has gone out */
	uint32_t ack_told;	    /* by the last segment */
	uint64_t offered;	    /* by the application, */
	bool shut;		    /* which has closed */
	struct held *held;	    /* segments that wait, in order */
	uint32_t nheld;
	uint32_t which; /* of the configuration's quirks: a bit each */
	struct quirk_slot slot[];
};

/* one call of a quirk's function */
struct bend {
	struct tcb *tcb;
	struct quirk_conn *q;
	struct quirk_slot *s;
	const struct tcp_quirk *conf;
	const struct quirk_kind *kind;
	uint64_t now;
	/* of out(); dropped: it does not go out, held: not yet, else it goes
	   out so many times */
	struct tcp_hdr *h;
	const uint8_t *data;
	uint32_t len;
	uint8_t ecn;
	bool dropped, held;
	uint64_t times;
	/* of in(); NULL: it has not come */
	struct seg *seg;
};

/* ---- bend.c: what they use */

/* of out(): it only acknowledges what has come */
bool quirk_is_pure_ack(const struct bend *);
/* of out(): data, sent for the first time */
bool quirk_is_new_data(const struct bend *);
/* quirk_ack_now - an acknowledgment goes out at the next output */
void quirk_ack_now(struct bend *);

/* quirk_active - what "@when" waits for has come */
bool quirk_active(const struct bend *);
/* quirk_tell - it acts: a line in the log, but not for each time; at now 0 a
   little later */
void quirk_tell(struct bend *, const char *what);
/* quirk_hold - the segment waits until at, or until wait others with data are
   out; false: no room, it goes out now */
bool quirk_hold(struct bend *, uint64_t at, uint32_t wait);
/* quirk_said - stream offset behind the data that were sent */
uint64_t quirk_said(const struct tcb *);
/* quirk_speak - tell the engine again what the application may send */
void quirk_speak(struct tcb *, uint64_t now);

/* ---- bend.c: what hook.c uses */

/* a segment that waits */
struct held {
	struct held *next;
	uint64_t at;   /* goes out at this time, */
	uint32_t wait; /* or when so many with data have overtaken it; 0: no */
	struct tcp_hdr h;
	uint32_t len;
	uint8_t ecn;
	uint8_t data[];
};

/* quirk_conn - what tcb's quirks remember */
struct quirk_conn *quirk_conn(struct tcb *);
struct bend bend_begin(struct tcb *, uint64_t now);
/* bend_next - for each quirk; i counts from 0 */
bool bend_next(struct bend *, unsigned *i);

/* ---- text.c: "name@when:arg" */

enum quirk_error {
	QUIRK_OK,
	QUIRK_NAME,    /* there is no such quirk */
	QUIRK_WHEN,    /* not one of the forms */
	QUIRK_NO_WHEN, /* it takes none */
	QUIRK_ARG,     /* not a number, time, or out of range */
	QUIRK_NO_ARG,  /* it takes none */
};

enum quirk_error quirk_parse(const char *, struct tcp_quirk *);

/* quirk_wrong - what is wrong with a quirk, as words to follow it; NULL when
   nothing is */
const char *quirk_wrong(const char *);
/* quirk_error_text - the same, of what quirk_parse() has found */
const char *quirk_error_text(enum quirk_error);

#endif
