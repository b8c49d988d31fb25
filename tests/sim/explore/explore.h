/*
 * explore.h - every schedule of a small conversation: two engines on a cable
 * on which at most so many things go wrong.
 */
#ifndef EXPLORE_H
#define EXPLORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../sim.h"

enum {
	SLOTS = 96,	   /* frames on the cable */
	SLOT_BYTES = 1216, /* of one, with its struct packet */
	FAULTS_MOST = 3,
	BITS = 128, /* words of the bytes that have arrived */
};

/* what may go wrong at a decision */
enum fault {
	FAULT_NONE, /* a frame arrives, a timer fires */
	FAULT_DROP,
	FAULT_TWICE,
	FAULT_BEHIND_1, /* overtaken by the next one */
	FAULT_BEHIND_2,
	FAULT_BEHIND_ALL,
	FAULT_LATE,	 /* a timer fires late, */
	FAULT_VERY_LATE, /* or even later */
	FAULT_CUT,	 /* no frame arrives any more */
	/* in hostile cases */
	FAULT_DAMAGE, /* a bit is wrong */
	FAULT_MARK,   /* a router marks it: RFC 3168 */
	FAULT_MARKS,  /* from now on it marks all */
	FAULT_NARROW, /* from now on long ones do not pass: RFC 1191 */
	FAULT_PIECES, /* it comes as three, out of order, that overlap */
	FAULT_FORGED, /* frames of an attacker come first: forge.c */
	FAULT_KNOWN = FAULT_FORGED + 12, /* an attacker knows the numbers */
	FAULTS = FAULT_KNOWN + KNOWNS,
};
extern const char *const fault_name[FAULTS];

/* ---- arena.c: an engine's memory, which can be put back as it was */

struct arena;
struct image; /* a copy */

struct arena *arena_new(void);
/* arena_empty - nothing is allocated */
void arena_empty(struct arena *);
/* arena_part - of the large block these bytes are copied; sizes of 8 */
void arena_part(struct arena *, size_t at, size_t size);
const struct allocator *arena_allocator(struct arena *);
struct image *image_new(void);
void image_save(struct image *, const struct arena *);
void image_restore(const struct image *, struct arena *);
/* arena_hash - of all that a copy holds */
uint64_t arena_hash(const struct arena *, uint64_t hash);
/* arena_spilled - something lies where no copy looks */
bool arena_spilled(const struct arena *);
uint64_t hash_bytes(const void *p, size_t n, uint64_t hash);

/* ---- cases.c: the conversations */

uint64_t cases(void);
/* case_plan - number n, from 0; text says what it is */
/* hostile: there is an attacker; eager: timers are called early */
void case_plan(struct sim *, uint64_t n, bool *hostile, bool *eager, char *text,
    size_t size);

/* ---- world.c: one conversation, and what goes wrong in it */

struct world {
	struct sim s;
	uint64_t arrived[2][BITS];
	uint32_t used; /* slots, a high mark */
	uint32_t decision, steps;
	bool hostile, eager;	   /* eager: timers are called early */
	bool timer;		   /* the decision is about one */
	bool cut;		   /* nothing arrives any more */
	bool plain;		   /* nothing has gone wrong, but for marks */
	bool in_time;		   /* nor has anything, but for the order */
	bool all_marked;	   /* routers mark what they can */
	uint32_t mtu;		   /* bytes of packet that pass; 0: all */
	uint32_t marks[2], ect[2]; /* what each end has been delivered */
	bool echoes[2];		   /* it has a mark to tell of */
	uint32_t sent[2];	   /* the highest number */
	bool timed[2];		   /* had measured a round trip */
	bool fresh[2];		   /* has sent data for the first time */
	uint32_t una[2], cwnd[2];  /* as they were after the last step, */
	uint32_t flight[2];	   /* with what was in flight, */
	uint32_t cwnd_open[2];	   /* and before the last loss */
	uint32_t edge[2];	   /* the window that it has shown */
	uint64_t long_at[2];	   /* when it sent what was too long, */
	uint32_t too_long[2];	   /* and at how many times */
	uint64_t flood_at[2];	   /* many SYNs came to it, and it answered */
	int flood_acks[2];	   /* without those for what else came then */
	int who;		   /* whose timer */
	uint64_t slot[SLOTS][SLOT_BYTES / 8];
};

extern struct world world;
extern struct arena *arena[2];

/* world_begin - of a case; what goes wrong is counted from here */
void world_begin(uint64_t n, char *text, size_t size);
/* world_next - goes on to the next decision; false: all is over */
bool world_next(void);
/* world_packet - a frame on the cable, not yet on its way; NULL: no room */
struct packet *world_packet(int to, const uint8_t *p, size_t n);
/* world_has - this can happen at the present decision */
bool world_has(enum fault);
void world_do(enum fault);
/* world_end - judges what has happened: s.wrong */
void world_end(void);
uint64_t world_hash(void);

/* a copy of the world */
struct scene;
struct scene *scene_new(void);
void scene_save(struct scene *);
void scene_restore(const struct scene *);

/* ---- hostile.c */

/* hostile_can - this can happen to the frame that is next; hostile_do - it
   does: FAULT_DAMAGE and what follows */
bool hostile_can(enum fault);
void hostile_do(enum fault);
/* hostile_mark - what a router that marks all does to a frame */
void hostile_mark(struct packet *);
/* hostile_narrow - true: a frame of who's was too long for the path */
bool hostile_narrow(int who, const uint8_t *p, const struct view *);

/* ---- law.c: what must hold where the whole network is known */

/* law_sent, law_arrived - a frame of the conversation that counts, by or for an
   end; law_step - after each step */
void law_sent(struct world *, int who, const struct view *);
void law_arrived(struct world *, int who, const struct packet *);
void law_step(struct world *);
/* law_too_long - who has sent what does not pass */
void law_too_long(struct world *, int who);
/* law_last - the side of the call that counts, NULL: it is not open */
struct side *law_last(struct world *, int who);

/* ---- search.c */

struct fault_at {
	uint32_t decision;
	enum fault fault;
};

struct search {
	uint64_t schedules, states, pruned, most; /* most: then stop */
	double seconds;				  /* as well */
	struct fault_at path[FAULTS_MOST];
	int depth;
	bool failed;
	char text[220], why[300];
};

void search_init(void);
/* search_case - all schedules of case n with at most so many faults */
void search_case(struct search *, uint64_t n, int faults);

#endif
