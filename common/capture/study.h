/*
 * study.h - a row while its marks are found; only for marks.c, packets.c,
 * twice.c, alike.c, pieces.c, sent.c, acked.c, doubled.c, damaged.c and
 * taken.c.
 */
#ifndef CAPTURE_STUDY_H
#define CAPTURE_STUDY_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "capture/analysis.h"
#include "wire/tcp_seq.h"

/* what takes sequence numbers */
struct piece {
	uint32_t seq, row;
	uint8_t from;
};

struct study {
	struct conn *c;
	struct row *r;
	uint32_t i;		   /* its place in the connection */
	struct conn_end *me, *you; /* its sender, its receiver */
	uint32_t *alike; /* for each row one like it; see find_alike() */
	bool pairs_known[2], pairs[2]; /* see has_pairs() */
	bool merged_known, merged;     /* see is_merged() */
	struct piece *piece;	       /* by sender and number, once sorted */
	uint32_t pieces;
	bool sorted;
	uint64_t looked; /* at pieces; bounded like work */
	uint64_t work;	 /* ranges looked at; bounded, whatever comes */
	bool tired;	 /* the bound was met: nothing is sure from here on */
};

enum {
	WORK_MAX = 128, /* ranges to look at for each row, in the mean */
	WORK_FREE = 1 << 18,
	JUMP_MAX = 1 << 28, /* from what was captured to what was sent */
};

#define RTO_NS	 UINT64_C(200000000) /* what no time-out is below */
#define SHIFT_NS UINT64_C(1000000)   /* by which copies may be late */
/* SYNs so far apart may be of two connections, if no more were captured */
#define SYN_AGAIN_NS UINT64_C(16000000000)

/* busy - n ranges more; the connection has used up its share of the work */
static inline bool
busy(struct study *k, uint64_t n)
{
	k->work += n;
	if (k->work <= WORK_FREE + (uint64_t)k->i * WORK_MAX)
		return false;
	k->tired = true;
	return true;
}

static inline bool
is_pure_ack(const struct row *r)
{
	return r->seg->len == 0 &&
	       !(r->seg->flags & (TH_SYN | TH_FIN | TH_RST));
}

static inline uint64_t
since(const struct row *then, const struct row *now)
{
	return now->seg->time > then->seg->time
		   ? now->seg->time - then->seg->time
		   : 0;
}

/* same_place - of the network: the MAC addresses are the same */
static inline bool
same_place(const struct row *a, const struct row *b)
{
	return memcmp(a->seg->mac, b->seg->mac, sizeof(a->seg->mac)) == 0;
}

/* have_stamps - both have a timestamp that holds: of what was damaged none
   does */
static inline bool
have_stamps(const struct row *a, const struct row *b)
{
	return a->seg->opt.have_ts && b->seg->opt.have_ts &&
	       !((a->marks | b->marks) & MARK_DROPPED);
}

/* is_older - by its timestamp, a was sent before b */
static inline bool
is_older(const struct row *a, const struct row *b)
{
	return have_stamps(a, b) &&
	       seq_lt(a->seg->opt.tsval, b->seg->opt.tsval);
}

/* is_shifted - apart is about as long as that */
static inline bool
is_shifted(uint64_t shift, uint64_t apart)
{
	uint64_t off = apart > shift ? apart - shift : shift - apart;

	return off < SHIFT_NS + shift / 8;
}

/* is_other_syn - its number is not that of the connection's */
static inline bool
is_other_syn(const struct row *r)
{
	return (r->seg->flags & TH_SYN) && r->seg->seq != 0;
}

/* is_stray - of an earlier connection of the same ends */
static inline bool
is_stray(const struct conn_end *me, const struct row *r)
{
	return me->from_syn && r->seg->seq > UINT32_MAX - JUMP_MAX;
}

/* taken.c */
/* find_untaken - what no receiver takes is marked; before all other marks */
void find_untaken(struct conn *);

/* packets.c */
/* count_ids - do the identifications of both ends count up? */
void count_ids(struct conn *);
/* count_ticks - how fast do the clocks of their timestamps go? */
void count_ticks(struct conn *);
/* has_ids - the identifications of a and b, which e has sent, show their
   order */
bool has_ids(
    const struct conn_end *e, const struct row *a, const struct row *b);
/* order - e has sent a before b: -1; after it: 1; not known: 0 */
int order(const struct conn_end *e, const struct row *a, const struct row *b);
/*
 * gap_order - what fills a gap below range at was sent before all that lies
 * above: -1; after some of it: 1; not known: 0
 */
int gap_order(const struct study *, uint32_t at);
/* is_gap_late - what fills a gap below range at was only overtaken; *sure */
bool is_gap_late(const struct study *, uint32_t at, bool *sure);

/* twice.c */
/* is_twice - this packet is among the rows before */
bool is_twice(struct study *);

/* alike.c */
/* find_alike - for each row the latest before it that its end has sent and
   that differs in nothing but identification and time, or NO_ROW; to be freed;
   NULL without memory */
uint32_t *find_alike(const struct conn *);
/* has_other_data - a and b begin with the same number and other bytes, as far
   as they were captured: all of them, if as many were, else the first ones */
bool has_other_data(const struct row *a, const struct row *b);
/* same_stamp - of segments that are alike: they have one, the same, also where
   the checksum shows that of what was cut */
bool same_stamp(const struct tcpseg *, const struct tcpseg *);
/* same_header - they differ in numbers, lengths and flags at most; of options
   that were cut nothing may show it */
bool same_header(const struct tcpseg *, const struct tcpseg *);
/* is_vague - they have the same header as far as it was captured: neither
   checksum nor identification tells of the rest */
bool is_vague(const struct tcpseg *, const struct tcpseg *);
/* has_pairs - the capture has all that this end has sent twice, or most */
bool has_pairs(struct study *, int who);
/* is_merged - of the few packets of the connection nearly all come twice: there
   may be two captures in one */
bool is_merged(struct study *k);
/* find_shift - that end's packets have copies so much later; 0: they have
   none */
uint64_t find_shift(const struct study *, int who);

/* pieces.c */
/* piece_before - the latest row before that has this number of the row's data,
   but is not as long or begins elsewhere, and nothing else tells it from a
   packet made of the same data; or NULL */
struct row *piece_before(struct study *, uint32_t seq);
/* piece_fits - then is a segment of the super-frame that the row is, but not
   its first one, and the identifications show both to be one packet */
bool piece_fits(const struct study *, const struct row *then);
/* piece_is_due - that number was captured less often at the row's place of the
   network than at that of then */
bool piece_is_due(struct study *, const struct row *then, uint32_t seq);

/* sent.c */
/* study_sent - it takes sequence numbers; 0, or -1 without memory */
int study_sent(struct study *);
/* study_twice - it is marked and counted so */
void study_twice(struct study *);

/* damaged.c: checksums that are wrong */
/* find_damaged - which are wrong, dropped, void; 0, or -1 without memory */
int find_damaged(struct conn *);
/* is_void - row k->r does nothing: no number of it holds */
bool is_void(struct study *);
/* is_hurt - it was captured before, at a place where it was not damaged */
bool is_hurt(struct study *);
/* judge_damaged - it was lost */
void judge_damaged(struct row *);

/* doubled.c: the network has made two of one packet */
/* made_two - row k->r tells by D-SACK that this came twice, and the capture
   has it twice; the copy is marked */
bool made_two(struct study *, const struct sack_block *);
/* judge_copies - doubt, where most packets have no copy */
void judge_copies(struct study *);

/* acked.c: what it acknowledges; 0, or -1 without memory */
int study_acked(struct study *);
/* study_refused - a reset that answers a SYN: that has arrived */
void study_refused(struct study *);

#endif
