/*
 * impair.h - what happens to packets on a bad line.
 *
 * Words become a config (words.c). For each frame impair_decide() returns what
 * happens to it: a fate. It knows no clock and no descriptor: time and
 * chance come in as arguments. What a fate delays waits in a queue.
 */
#ifndef IMPAIR_IMPAIR_H
#define IMPAIR_IMPAIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/chance.h"
#include "wire/ip.h"

enum {
	MAX_AIMS = 64,
	MAX_COPIES = 8, /* of one packet */
	MAX_FLIPS = 4,	/* bits of one copy */
	WORDS_ERROR = 200,
};

/* a probability: 0 never, 2^32 always */
#define ALWAYS (UINT64_C(1) << 32)

/* stamps of a packet stream end in 2106 */
#define LAST_STAMP (UINT64_C(4294967295) * 1000000000)

/* flow.c: its connection, its kind, and its ordinal */

enum kind {
	KIND_ANY,
	KIND_ARP,
	KIND_ICMP,
	KIND_UDP,
	KIND_TCP,
	KIND_SYN,
	KIND_SYNACK,
	KIND_ACK,
	KIND_DATA,
	KIND_FIN,
	KIND_RST,
	KINDS
};

extern const char *const kind_name[KINDS];

/* kind_read - the kind of this name, or -1; n is the length of the name */
int kind_read(const char *name, size_t n);

/* what a frame shows of itself */
struct packet {
	struct ip_addr src, dst; /* or MACs, where there is no address */
	uint16_t sport, dport;	 /* or the Ethernet type, or 0 */
	bool ends;		 /* src and dst are addresses */
	uint16_t kinds;		 /* a bit for each that it is of */
	enum kind main;		 /* the one that names it in a schedule */
	enum kind group;	 /* ARP, ICMP, UDP, TCP or ANY (the others):
				    connections of each are counted apart */
	uint32_t seq;		 /* of TCP */
	size_t cksum;		 /* offset of the checksum, 0: none is known */
};

/* packet_read - any bytes are some packet; decap: the one in a tunnel counts */
void packet_read(
    const uint8_t *frame, size_t len, bool decap, struct packet *out);

struct flow {
	struct ip_addr addr[2]; /* the lower end first */
	uint16_t port[2];
	uint8_t group;
	uint8_t first; /* the end that sent the first packet */
	uint32_t conn; /* number in its group, from 1 */
	bool have_iss[2];
	uint32_t iss[2]; /* sequence numbers of the SYNs */
	uint64_t cut;	 /* lost until then */
	uint32_t count[2][KINDS];
	uint32_t next, newer, older; /* in the table: indices */
};

struct flows;

/* flows_new - a table for max; NULL without memory */
struct flows *flows_new(uint32_t max, const uint64_t key[2]);
void flows_free(struct flows *);

/*
 * flows_count - the flow of a packet, the packet counted in. *way is 0 when
 * it goes the way of the flow's first packet, else 1. When the table is full
 * the flow that was silent for the longest time is forgotten.
 */
struct flow *flows_count(struct flows *, const struct packet *, int *way);

/* words.c: the user's words */

enum loss_model { LOSS_NONE, LOSS_RANDOM, LOSS_GEMODEL, LOSS_STATE };
enum distribution { DIST_UNIFORM, DIST_NORMAL, DIST_PARETO, DIST_PARETONORMAL };

struct selector {
	enum kind kind;
	uint32_t first, last;	/* ordinals in the connection */
	uint32_t conn;		/* its number, 0: any */
	bool from, to;		/* an end is given: */
	struct ip_addr addr[2]; /* all zero: any */
	uint16_t port[2];	/* 0: any */
};

enum act { ACT_DROP, ACT_DUP, ACT_DELAY, ACT_CORRUPT, ACT_CUT };
enum how { FLIP_RANDOM, FLIP_CKSUM, FLIP_BIT };

struct aim {
	enum act act;
	struct selector sel;
	uint64_t p;    /* probability */
	uint64_t time; /* ns: of the delay; of the cut, 0: for ever */
	enum how how;
	uint32_t bit;
};

/* a random event: probability and correlation with the one before */
struct odds {
	uint64_t p, corr;
};

struct impair_config {
	uint64_t seed;
	bool have_seed;
	enum loss_model model;
	struct odds loss;
	uint64_t ge[4];	   /* p, r, 1-h, 1-k */
	uint64_t state[5]; /* p13, p31, p32, p23, p14 */
	struct odds dup, corrupt, reorder;
	uint32_t gap; /* 0: no reordering */
	uint64_t delay, jitter, delay_corr;
	enum distribution dist;
	uint64_t rate; /* bit/s, 0: any */
	int32_t overhead, cell, cell_overhead;
	uint32_t limit; /* packets in the queue */
	bool decap; /* what is in a tunnel decides the connection of a packet */
	struct aim aim[MAX_AIMS];
	unsigned naims;
	bool outage; /* everything is cut */
	uint64_t outage_after, outage_time;
	const char *save, *play;
};

void impair_defaults(struct impair_config *);

/*
 * words_parse - words[0] to words[n - 1] into what impair_defaults() has
 * set. 0, or -1 and error. File names point into words.
 */
int words_parse(struct impair_config *, const char *const *words, size_t n,
    char error[WORDS_ERROR]);
/* words_parse_net - the same of a net line, phantom-hosts(5), which names no
   file; with an error *at is the word that it is about */
int words_parse_net(struct impair_config *, const char *const *words, size_t n,
    char error[WORDS_ERROR], size_t *at);

/* words.c and match.c: the words that are being read */

struct words {
	const char *const *word;
	size_t n, at;
	struct impair_config *c;
	char *error;
	bool have_dist, have_gap;
	bool net; /* of a net line, which has neither save nor play, but mtu */
};

/* words_wrong - what is; returns -1 */
int words_wrong(struct words *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* words_peek - the next one, "" at the end */
const char *words_peek(const struct words *);
bool words_number_next(const struct words *);
/* words_take - the one that follows what; NULL and the error */
const char *words_take(struct words *, const char *what, const char *wanted);
/* the same, read: 0, or -1 and the error */
int words_take_time(struct words *, const char *what, uint64_t *ns);
int words_take_num(
    struct words *, const char *what, uint64_t min, uint64_t max, uint64_t *);

/* word_aim - behind the action: 0, or -1 and the error */
int word_aim(struct words *, enum act, const char *what);
int word_cut(struct words *);

/* units.c: numbers with units. 0, or -1 when the text is none. */

/* percent_text - "10%", "0.5%" or "10", as a probability */
int percent_text(const char *, uint64_t *p);
/* time_text - "20ms": ns. Without a unit there is only "0". */
int time_text(const char *, uint64_t *ns);
/* rate_text - "10mbit", "1.5mbps" (bytes), "800": bit/s, at least 1 */
int rate_text(const char *, uint64_t *bits);

/* dist.c: quantiles of the distributions, the same on any machine */

enum { DIST_SIZE = 4096, DIST_SCALE = 8192 };

struct dist_tables {
	int16_t normal[DIST_SIZE], pareto[DIST_SIZE]; /* sigma: DIST_SCALE */
};

void dist_init(struct dist_tables *);

/* decide.c: what happens to a packet */

enum why { WHY_NOT, WHY_LOSS, WHY_AIMED, WHY_CUT, WHY_LIMIT, WHY_PLAYED };

extern const char *const why_name[];

struct copy {
	uint64_t delay; /* ns */
	unsigned nflips;
	uint32_t flip[MAX_FLIPS]; /* bits; 0 is the first of the frame */
};

struct fate {
	unsigned n; /* copies that go on, 0: none does */
	struct copy copy[MAX_COPIES];
	unsigned made;	  /* copies, beside the packet */
	unsigned dropped; /* copies, or the packet, */
	unsigned no_room; /* or because the queue was full */
	enum why why;	  /* of what was dropped last */
	bool reordered;	  /* one was sent before those that wait */
	bool known;	  /* packet, flow and way are filled in */
	struct packet packet;
	struct flow *flow;
	int way;
};

/* a packet that comes */
struct arrival {
	uint64_t now;
	const uint8_t *frame;
	size_t len;
	uint32_t room; /* packets that the queue can still take; counted down */
};

/* came + duplicated = passed + dropped + no_room + those that wait */
struct impair_stats {
	uint64_t came, passed, dropped, no_room;
	uint64_t duplicated, delayed, corrupted, reordered;
};

struct impair;
struct schedule;

/*
 * impair_new - NULL without memory. watch: fill in fate.packet even where no
 * decision needs it. The config and the schedule (NULL: none is played) stay
 * the caller's, and must stay.
 */
struct impair *impair_new(const struct impair_config *, struct schedule *,
    uint32_t max_flows, bool watch);
void impair_free(struct impair *);

/* impair_changed - the config has other words from now on: "cut after" begins
   with the next packet */
void impair_changed(struct impair *);

/* impair_decide - the fate of a packet */
void impair_decide(struct impair *, struct arrival *, struct fate *out);

/* impair_stats - passed, and no_room of the output, are the caller's */
struct impair_stats *impair_stats(struct impair *);

/* netem.c: chance */

/* a series of draws, each perhaps the one before */
struct draw {
	uint32_t last;
	bool any;
};

struct netem {
	const struct impair_config *c;
	struct chance chance;
	struct dist_tables dist;
	struct draw loss, dup, corrupt, reorder, delay;
	unsigned state;	  /* of the loss model */
	uint32_t counter; /* packets since one was reordered */
	uint64_t last;	  /* when the latest packet leaves */
};

void netem_init(struct netem *, const struct impair_config *);

/*
 * netem_pass - one copy on its way, added to the fate or dropped there; c is
 * what has been done to it already; again: it may be duplicated
 */
void netem_pass(
    struct netem *, struct arrival *, struct copy c, bool again, struct fate *);

/* netem_chance - something of this probability happens */
bool netem_chance(struct netem *, uint64_t p);
/* netem_any_bit - of a frame of len bytes, at least one */
uint32_t netem_any_bit(struct netem *, size_t len);

/* copy_flip - one more bit, up to MAX_FLIPS */
void copy_flip(struct copy *, uint32_t bit);
/* time_later - t + d, up to LAST_STAMP */
uint64_t time_later(uint64_t t, uint64_t d);

/* schedule.c: fates as lines of text, and back */

enum { SCHEDULE_LINE = 2048 };

/* fate_changed - something was done to the packet */
bool fate_changed(const struct fate *);

/*
 * schedule_line - a line, its newline included, for a fate that is known;
 * frame is the number in the input. Returns its length.
 */
size_t schedule_line(
    char buf[SCHEDULE_LINE], const struct fate *, uint64_t frame);

/*
 * schedule_read - n bytes of text, changed on the way. NULL and error: what
 * is wrong, and in which line.
 */
struct schedule *schedule_read(char *text, size_t n, char error[WORDS_ERROR]);
void schedule_free(struct schedule *);

/*
 * schedule_find - a line for this packet, whose fate is known: true, and n
 * and copy[] are filled in
 */
bool schedule_find(struct schedule *, struct fate *);
/* schedule_count - lines in all, and those that have met their packet */
void schedule_count(const struct schedule *, size_t *lines, size_t *met);

/* queue.c: what waits for its time */

struct waiting {
	uint64_t due, order; /* order: of equal times */
	uint64_t stamp;	     /* to be written, or whatever the caller wants */
	uint32_t len;
	uint8_t *frame;
};

struct queue {
	struct waiting *heap;
	uint32_t n, cap;
	uint64_t bytes, max_bytes, order;
};

/* queue_room - packets of len bytes that it can still take, up to limit */
uint32_t queue_room(const struct queue *, uint32_t limit, size_t len);
/* queue_push - a copy of the frame is kept, changed by c (NULL: not); false
   without memory */
bool queue_push(struct queue *, uint64_t due, uint64_t stamp,
    const uint8_t *frame, size_t len, const struct copy *c);
/* queue_next - when the first is due, UINT64_MAX: there is none */
uint64_t queue_next(const struct queue *);
/* queue_pop - take the first out; the caller frees its frame */
bool queue_pop(struct queue *, struct waiting *out);
/* queue_take - likewise that which is at heap[i] */
void queue_take(struct queue *, uint32_t i, struct waiting *out);
void queue_free(struct queue *);

/* flip_bits - of a frame, those of a copy */
void flip_bits(uint8_t *frame, size_t len, const struct copy *);

#endif
