/*
 * analysis.h - the connections of a capture, and what each segment means: its
 * marks, the states of RFC 9293 3.3.2 at both ends, and how it ended. One
 * analysis for all programs that draw or list captures.
 *
 * What can be known depends on where the capture was made.
 * At the sender of data every transmission is seen, in the order of sending;
 * what was lost, and what arrived, is concluded from the acknowledgments.
 * At the receiver what is seen has arrived; a transmission that was lost
 * before is seen only as a gap, or, at the end of what was sent, not at all.
 * In between both hold for their part of the way.
 * Where the segments allow two explanations the mark is MARK_UNSURE or
 * MARK_MAYBE.
 */
#ifndef CAPTURE_ANALYSIS_H
#define CAPTURE_ANALYSIS_H

#include <stdbool.h>
#include <stdint.h>

#include "capture/seglist.h"

/* LEFT: the client, which sent the SYN */
enum conn_side { LEFT, RIGHT };

enum end_state {
	ST_NONE, /* not known */
	ST_LISTEN,
	ST_SYN_SENT,
	ST_SYN_RECEIVED,
	ST_ESTABLISHED,
	ST_FIN_WAIT_1,
	ST_FIN_WAIT_2,
	ST_CLOSE_WAIT,
	ST_CLOSING,
	ST_LAST_ACK,
	ST_TIME_WAIT,
	ST_CLOSED,
};

/* what a segment is, beside data, an acknowledgment or flags */
enum row_mark {
	MARK_AGAIN = 1 << 0,	/* (part of it) was sent before */
	MARK_PART = 1 << 1,	/* the rest of it is new */
	MARK_NEEDLESS = 1 << 2, /* again, and all of it had arrived */
	MARK_LOST = 1 << 3,	/* never arrived, or behind what repeats it */
	MARK_PARTLY = 1 << 4,	/* a part of it never arrived */
	MARK_TWICE = 1 << 5,	/* the same packet is in the capture before */
	MARK_LATE = 1 << 6,	/* others overtook it */
	MARK_GAP = 1 << 7,	/* what comes before it was not captured */
	MARK_FILLS = 1 << 8,	/* a gap of the capture */
	MARK_KEEPALIVE = 1 << 9,
	MARK_ALIVE = 1 << 10,	  /* the answer to a keep-alive */
	MARK_PROBE = 1 << 11,	  /* of a closed window */
	MARK_ZERO = 1 << 12,	  /* advertises a window of 0 */
	MARK_UPDATE = 1 << 13,	  /* of the window, nothing else */
	MARK_DUPACK = 1 << 14,	  /* RFC 5681 2 */
	MARK_UNSEEN = 1 << 15,	  /* acknowledges what was not captured */
	MARK_UNSURE = 1 << 16,	  /* sent again, or late: one of both */
	MARK_REFUSED = 1 << 17,	  /* a SYN that was answered by a reset */
	MARK_NO_ANSWER = 1 << 18, /* a SYN: nothing shows that it arrived */
	MARK_MAYBE = 1 << 19,	  /* lost, needless or twice: perhaps */
	MARK_ORDER = 1 << 20,	  /* again: which one was sent first? */
	MARK_ELSEWHERE = 1 << 21, /* twice: on a link of another type */
	MARK_ANSWERS =
	    1 << 22,	      /* a reset: of a SYN-ACK that was not captured */
	MARK_OTHER = 1 << 23, /* again, but with other bytes of data */
	MARK_UNSCALED = 1 << 24, /* its window's scale was not captured */
	MARK_DOUBLED = 1 << 25,	 /* twice: the network has made two of it */
	MARK_BADSUM = 1 << 26,	/* its checksum is wrong, those of others of its
				  end are right */
	MARK_DROPPED = 1 << 27, /* and so its receiver drops it */
	MARK_VOID = 1 << 28, /* and its numbers and flags may be wrong, too */
	MARK_OUTSIDE = 1 << 29, /* of the window: no receiver takes it */
	MARK_UNSENT = 1 << 30,	/* nor what acknowledges what was not sent */
};

#define MARK_UNTAKEN (MARK_OUTSIDE | MARK_UNSENT)
#define MARK_MUTE    (MARK_UNTAKEN | MARK_VOID) /* says nothing */

enum {
	WHY_MAX = 24,
	CONN_STANDS = 8,
};

/* a segment, and what it means */
struct row {
	struct tcpseg *seg; /* its numbers are relative to the first one */
	uint32_t wnd;	    /* bytes, but for MARK_UNSCALED */
	uint32_t marks;	    /* enum row_mark, or-ed */
	uint32_t lost;	    /* this many of its sequence numbers */
	uint32_t needless;
	uint8_t from;	   /* enum conn_side */
	uint8_t state[2];  /* enum end_state of both ends, afterwards */
	bool seems[2];	   /* the state is not sure */
	bool answered;	   /* a SYN, by what its sender refuses: it came, */
	bool amiss;	   /* to an earlier connection */
	char why[WHY_MAX]; /* the log's word; empty here */
};

/* one end of a connection, and what it has sent */
struct conn_end {
	struct endpoint at;
	bool stray;	  /* it is of another connection */
	bool from_syn;	  /* its first number is that of a SYN */
	bool answers_syn; /* it sent a SYN-ACK */
	bool unscaled;	  /* the scale of its windows was not captured, */
	bool scale_cut;	  /* or was cut off its SYN */
	bool syn_told;	  /* a SYN of it was not cut there */
	bool have_isn, have_wscale, have_nxt, have_una, have_edge, have_fin;
	bool have_ack, sack_ok;
	bool syn_seen, bare_syn;       /* it sent one; one without an ACK */
	bool acks;		       /* it has acknowledged the other's */
	bool seen, fin_seen, rst_seen; /* it has sent something; these */
	bool summed;		       /* a right checksum */
	bool crossed;		       /* and its SYN-ACK after that */
	bool
	    ids_count; /* IPv4's identification goes up from packet to packet */
	bool stands_still; /* its timestamps do not go on */
	uint64_t tick;	   /* ns of one of them, at most; 0: not known */
	bool shift_known;
	uint64_t shift; /* its packets have copies so much later; 0: none */
	uint8_t wscale;
	uint32_t isn;
	bool have_first;     /* the SYN-ACK before it has another number, */
	uint32_t first_isn;  /* which may be the one that is taken */
	uint32_t renumbered; /* the row that shows it; 0: the first */
	uint64_t syn_at, syn_gap; /* its latest SYN, the one before that */
	uint32_t syn_data;	  /* bytes that its SYNs had, at most */
	bool syn_old;		  /* its stamps are not the latest */
	uint64_t sent; /* numbers, from isn, that were sent or acknowledged */
	uint32_t nxt;  /* relative: the next to be sent */
	uint32_t una;  /* relative: the first that the other wants */
	uint32_t fin;  /* relative: number of its FIN */
	uint32_t edge; /* relative: where the window ends that it advertises */
	uint32_t ack, wnd; /* its latest */
	uint32_t probed;   /* behind the byte of its latest window probe, */
	uint32_t probe;	   /* which is this row */
	uint32_t dups;	   /* duplicate ACKs in a row */
	uint32_t stand
	    [CONN_STANDS]; /* rows of ACKs, each with a number of its own, */
	uint32_t stands;   /* this many, round */
	uint32_t top;	   /* the row that has sent the most */
	uint32_t before;   /* the row of its latest packet */
	uint32_t rows;	   /* without those captured twice */
	struct sack_block block[TCP_MAXSACK]; /* the other's latest */
	enum end_state state;
	/* the sum */
	uint64_t bytes; /* of data, each that was captured once */
	uint32_t again, lost, twice;
	uint32_t unsure;    /* again, or late: of those in again */
	uint32_t perhaps;   /* lost, or not: not knowable from here */
	uint32_t copies;    /* twice, or not: of those in twice */
	uint32_t elsewhere; /* twice, on a link of another type */
	uint32_t doubled;   /* copies that the network has made */
	uint64_t half; /* ns until the other acknowledges, at least; 0: none */
	uint64_t answered;     /* the same, without what a FIN acknowledges */
	uint32_t answers;      /* that show it */
	uint64_t longest;      /* time to an answer to what went once */
	uint64_t asked_at;     /* the other's latest acknowledgment; ns */
	uint64_t shortest;     /* time to an answer, also of what went again */
	struct ranges *ranges; /* only during the analysis */
};

/* how it ended */
enum ending {
	END_OPEN, /* not within the capture */
	END_FIN,  /* both sent FIN */
	END_HALF, /* one did */
	END_RESET,
	END_REFUSED,   /* its SYN was answered by a reset */
	END_NO_ANSWER, /* its SYN was not answered */
};

struct conn {
	uint32_t no; /* from 0, by the first segment */
	struct conn_end end[2];
	struct row **row;
	uint32_t rows, room;
	uint32_t taken;	 /* rows that it has had; sorter.h keeps some only */
	bool refused[2]; /* the end whose SYN was */
	bool over;	 /* a FIN or a reset has come */
	enum ending ending;
	bool seems;		    /* it may have ended otherwise */
	const struct row *reset;    /* that ended it; NULL: none did */
	enum conn_side closer;	    /* it sent the first FIN, or the reset */
	uint64_t first_at, last_at; /* ns since 1970 */
	char how[WHY_MAX];	    /* the log's word for its end; empty here */
};

struct conns {
	struct row *row; /* one for each segment */
	struct conn *conn;
	uint32_t n;
	size_t room;
	struct flow_table *flows;
	const struct conn *given; /* the latest segment began a connection with
				     the last one of this; NULL: it did not */
};

/*
 * conns_make - connections of all segments, in the list's order, analysed.
 * The list's numbers become relative. 0, or -1 without memory.
 */
int conns_make(struct conns *, const struct tcpseg_list *);
void conns_free(struct conns *);

/*
 * conn_from_server - the sender of a connection's first segment is its server:
 * by its SYN-ACK, or, of one that began before the capture, by the lower port
 */
bool conn_from_server(const struct tcpseg *);

/* conn_find - of these two ends at this time; *which: src's side. Or NULL */
struct conn *conn_find(struct conns *, const struct endpoint *src,
    const struct endpoint *dst, uint64_t time, enum conn_side *which);
/* conn_row_at - the first row that is not earlier (ns since 1970) */
uint32_t conn_row_at(const struct conn *, uint64_t time);
/* conn_rtt - the round trip, ns: the least time there and back; 0: not seen */
uint64_t conn_rtt(const struct conn *);

const char *state_name(enum end_state);

/* row_space - sequence numbers that it takes */
static inline uint32_t
row_space(const struct row *r)
{
	return r->seg->len + !!(r->seg->flags & TH_SYN) +
	       !!(r->seg->flags & TH_FIN);
}

#endif
