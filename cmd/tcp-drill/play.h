/*
 * play.h - one case against the device: its steps one after the other, what
 * the device sends in between, and the verdict. No I/O of its own.
 */
#ifndef DRILL_PLAY_H
#define DRILL_PLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "script/seg.h"

#include "cases.h"
#include "step.h"

enum {
	PLAY_QUEUE = 64, /* segments that no step has looked at */
	PLAY_LOG = 400,
	PLAY_DEEP = 20,
	PLAY_EARLY = 48,
	PLAY_PORTS = 16, /* of a connection and its siblings */
	PLAY_WHY = 1500,
	PLAY_AGAIN = 24000,  /* bytes of ours since the last answer */
	PLAY_STEPS = 100000, /* in a row, without a wait */
};

enum verdict { PLAY_RUNNING, PLAY_PASS, PLAY_FAIL, PLAY_SKIP };

struct captured {
	uint64_t at;
	struct seg_text s;
	unsigned nicmp; /* not 0: it is an ICMP message, not s */
	uint8_t icmp[ICMP_KEPT];
	bool known;  /* nothing in it is new: a retransmission, an update */
	bool passed; /* a step has looked at it, for another */
};

/* a line of the ladder */
struct play_note {
	uint64_t at;
	char dir; /* '<' to the device, '>' from it */
	char text[140];
};

struct block {
	unsigned line; /* that opened it */
	enum step_kind kind;
	int64_t turn;
};

/* what a case is played with */
struct play_host {
	/* send - a whole frame; port - the next block of PLAY_PORTS */
	void (*send)(void *ctx, const uint8_t *frame, size_t n);
	uint16_t (*port)(void *ctx, void *slot);
	/* connect - where the device is the client: make it connect */
	void (*connect)(void *ctx, void *slot);
	uint64_t (*random)(void *ctx);
	void *ctx;
	const uint8_t *request;
	size_t nrequest;
	uint64_t rtt, srtt; /* the least measured, and smoothed; ns */
	uint64_t slack;
	uint64_t patience; /* for a device to connect */
	uint32_t mtu;
	bool client; /* the device connects to us */
	bool joined; /* what comes has joined segments: joined.c */
};

struct play {
	const struct cases *cases;
	const struct drill_case *c;
	const struct play_host *host;
	void *slot; /* the host's */
	struct ends ends;
	struct flow flows[MAX_FLOWS + 1];
	struct vars vars;
	enum verdict verdict;
	char why[PLAY_WHY];
	/* where it is */
	unsigned pc;
	struct block block[PLAY_DEEP];
	unsigned depth;
	struct step step; /* the one at pc, once it is read */
	bool have_step;
	uint64_t step_at;     /* since when it is waited for */
	bool awaited;	      /* no step before the device has connected */
	uint16_t other;	      /* another port of the device that was asked */
	int64_t seen;	      /* of at least N */
	struct captured last; /* that was not what the step expects */
	uint64_t start, prev, deadline;
	/* what came */
	struct captured queue[PLAY_QUEUE];
	unsigned queued;
	uint32_t rcv, ack, snd; /* in order so far; of ours; sent by us */
	struct {
		uint32_t start, end;
	} early[PLAY_EARLY]; /* behind a gap */
	unsigned nearly;
	uint16_t unit; /* most of what the device sends at once, with its
			   options; 0: not known */
	bool measures; /* ... may be less now: of what it sends again */
	bool synced, fin, gone; /* SYN-ACK, FIN, RST have come */
	bool answered;		/* something has */
	uint64_t syn_at;	/* when our SYN went */
	uint64_t sent_at;	/* and what was sent last */
	uint64_t rtt;		/* measured; 0: not */
	uint32_t tsval;		/* ours, sent last */
	bool ts;
	struct play_note note[PLAY_LOG];
	unsigned notes, lost_notes;
	/* loss.c: has the path lost a packet of this run? */
	bool lost;
	bool stale;	    /* an older connection of these ports answered */
	bool replayed;	    /* the step has failed; ours have gone once more */
	bool later;	    /* a connection behind the first of the case */
	bool syn_again;	    /* what has gone once more is its SYN */
	unsigned syns_lost; /* of such */
	uint64_t now;	    /* of play_on() */
	uint32_t acked;	    /* by us, what had come */
	uint64_t acked_at;  /* since when */
	uint8_t again[PLAY_AGAIN]; /* frames, each behind its length */
	size_t nagain;		   /* more than there is room for: no replay */
};

void play_start(struct play *, const struct cases *, const struct drill_case *,
    const struct play_host *, uint64_t now);
/* play_frame - one of the device, for this case, n bytes; gso: see query.h */
void play_frame(
    struct play *, const uint8_t *frame, size_t n, uint16_t gso, uint64_t at);
/* play_icmp - a message of the device, perhaps about this case */
void play_icmp(struct play *, const uint8_t *icmp, size_t n, uint64_t at);
/* play_connected - the device has connected from this port */
void play_connected(struct play *, uint16_t port, uint64_t at);
/* play_on - as far as possible now; deadline is the time of the next call */
void play_on(struct play *, uint64_t now);
/* play_end - the device may forget the connection: a reset, where it has one */
void play_end(struct play *, uint64_t now);

/*
 * loss.c: a run that fails because the path has lost a packet proves nothing
 * about the device. play_out - a frame, now; play_answered - what was sent
 * before needs no repetition; play_replay - nothing has come: send all of ours
 * once more, and wait again (true); play_found - and that was answered: the
 * run is void.
 */
void play_out(struct play *, const uint8_t *frame, size_t n);
void play_answered(struct play *);
bool play_replay(struct play *);
bool play_found(struct play *);
/* play_acked, play_repeated - ours has gone; the device's has come once more */
void play_acked(struct play *, uint32_t ack, uint64_t now);
void play_repeated(struct play *, uint32_t end, uint64_t at);
/* play_first - the first answer, which is perhaps an older connection's */
void play_first(struct play *, const struct seg_text *, uint64_t at);

/*
 * joined.c: play_announce - our SYN has gone; play_unit - data of each segment
 * that this one stands for, in a frame of n bytes, or 0; again: the device has
 * sent them before
 */
void play_announce(struct play *, const struct seg_text *syn);
uint16_t play_unit(
    struct play *, const struct seg_text *, size_t n, bool again);

/* arrive.c: what comes */
/* play_option - of this kind, or NULL */
const struct opt_text *play_option(const struct seg_text *, int kind);
const char *play_line(
    const struct play *, const struct captured *, char *buf, size_t cap);
/* play_fits - is this what the step expects? */
bool play_fits(
    const struct play *, const struct step *, const struct captured *);
void play_note(struct play *, char dir, uint64_t at, const char *text);
bool play_fail(struct play *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* play_take - the ith of the queue is dealt with */
void play_take(struct play *, unsigned i);
/* play_learn - variables from a segment that was expected */
void play_learn(struct play *, const struct captured *);
/* play_reset_flow - a connection, later than the first of the case */
void play_reset_flow(struct play *, bool later);
/* play_isn - our initial number, from here on */
void play_isn(struct play *, uint32_t isn);
/* play_send - a segment, now */
void play_send(struct play *, const struct seg_text *, uint64_t now);

#endif
