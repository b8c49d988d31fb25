/*
 * truth.h - what really happened in a run: every segment, when it was sent,
 * when it arrived, and where it was seen on its way; the states of both ends.
 * It is what an analysis of captures at these places is compared with.
 */
#ifndef TRUTH_H
#define TRUTH_H

#include <stdbool.h>
#include <stdint.h>

#include "capture/seglist.h"
#include "sim.h"

/* where captures are made: at either end, and in between */
enum point { AT_CLIENT, AT_SERVER, IN_BETWEEN, POINTS };

#define NO_TX UINT32_MAX

/* a segment that was sent */
struct tx {
	struct tcpseg seg; /* its time is that of sending */
	uint64_t arrived;  /* the first copy; NEVER */
	uint8_t from;
	int call;
	uint32_t iss;	       /* of the connection that it belongs to */
	bool again;	       /* some of it had been sent before */
	uint64_t seen[POINTS]; /* the first copy; NEVER */
};

/* a packet that passes a point */
struct sight {
	uint32_t tx;
	uint64_t at;
	uint32_t no; /* in the order in which they are noted */
	bool copy;   /* of one that passed before */
};

struct change {
	uint64_t at;
	int state; /* enum tcp_state */
	int call;
	uint8_t who;
};

struct truth {
	struct tx *tx;
	struct sight *sight[POINTS];
	struct change *change;
	uint32_t txs, sights[POINTS], changes;
	uint32_t tx_room, sight_room[POINTS], change_room;
	uint32_t max_seq[CALLS][2]; /* the end of what was sent */
	uint32_t iss[CALLS][2];
	bool began[CALLS][2], bare_syn[CALLS][2];
	uint64_t coin; /* chance of its own: the run is not changed */
	bool on;
};

extern struct truth truth;

void truth_begin(uint64_t seed);
void truth_free(void);
/* truth_sent - by this end, now; its number */
uint32_t truth_sent(
    struct sim *, int from, const uint8_t *frame, const struct view *);
/* truth_passes - a copy that will arrive at arrival (NEVER: it is lost) */
void truth_passes(struct sim *, uint32_t tx, uint64_t arrival);
void truth_arrived(struct sim *, int to, uint32_t tx);
void truth_state(struct end *, const struct tcp_event *);
/* truth_capture - what was seen there, by time: so many, in list (sights) */
void truth_capture(enum point, struct tcpseg_list *list);
void truth_list_free(struct tcpseg_list *);
/* truth_write - captures and the truth as files PREFIX.client.pcap, ... */
int truth_write(const char *prefix);

/* story.c */
/* what the analysis was right and wrong about */
struct score {
	uint64_t rows, again, lost, surely, needless, twice, late, states, ends;
	uint64_t unsure, unknowable, wrong;
	uint64_t drawn, seems; /* states, and those with a question mark */
	uint64_t misdrawn; /* ends whose states were others, or in disorder */
	char first[300];   /* what was wrong first */
};
/* states.c */
struct conn;
void states_check(const struct sim *, struct score *, const struct conn *,
    const struct tcpseg_list *, enum point);
void story_check(const struct sim *, struct score *, bool log);
/* untaken.c */
void untaken_check(const struct sim *, struct score *, bool log);
/* reuse.c */
void reuse_check(const struct sim *, struct score *);
/* merged.c */
void merged_check(const struct sim *, struct score *);

#endif
