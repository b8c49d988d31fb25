/*
 * work.h - what a connection needs only while it works: what is in
 * flight, what was found lost, what arrived out of order. tcp_var.h includes
 * it and when a connection has it.
 */
#ifndef TCP_WORK_H
#define TCP_WORK_H

#include <stdbool.h>
#include <stdint.h>

#include "tcp/rate.h"
#include "wire/tcp_hdr.h"

/* consecutive bytes last sent at one time */
struct sent {
	struct sent *prev, *next;   /* by sequence number */
	struct sent *older, *newer; /* by time of the last transmission */
	uint32_t seq, end;
	uint64_t time;
	/* of the connection, when this was sent: see rate.c */
	uint64_t delivered, delivered_time, first_sent;
	uint32_t lost_before, tx_in_flight;
	uint16_t tries;	   /* transmissions */
	bool sacked, lost; /* lost: waits for retransmission */
	bool app_limited;
	bool fin;    /* the last sequence number is our FIN */
	uint8_t why; /* enum lost_why */
};

enum lost_why {
	LOST_NOT,
	LOST_RACK,
	LOST_DUPACK,
	LOST_PARTIAL,
	LOST_RTO,
	LOST_WINDOW,
	LOST_MTU,
	LOST_SYN, /* it was on the SYN: RFC 7413 */
};

/* what is in flight, RFC 6675's scoreboard */
struct flight {
	struct sent *head, *tail;     /* by sequence number */
	struct sent *oldest, *newest; /* by time */
	uint32_t sacked, lost;	      /* bytes */
	uint32_t count;		      /* records */
};

/* what one acknowledgment showed, for congestion control and recovery */
struct ack_info {
	uint64_t now;
	uint32_t acked;	    /* bytes newly acknowledged cumulatively */
	uint32_t delivered; /* bytes newly known to have arrived */
	uint32_t lost;	    /* bytes newly found lost */
	uint32_t ce;	    /* packets newly found marked, RFC 9768 */
	uint64_t rtt;	    /* a sample, ns; 0: none */
	bool again;	    /* what was sent twice is acknowledged */
	uint32_t flight;    /* bytes in flight before this acknowledgment */
	bool dup;	    /* RFC 5681 2: a duplicate ACK */
	bool dsack;	    /* RFC 2883: it reports a duplicate, */
	struct sack_block dup_of; /* this one */
	bool have_ts;		  /* a timestamp came back, */
	uint32_t tsecr;		  /* as it was sent */
	struct rate rate;
};

/* RFC 8985 */
struct rack {
	uint64_t time; /* of the most recently sent segment delivered */
	uint64_t rtt;  /* of the last one entered */
	uint32_t end_seq;
	uint32_t fack;	      /* highest sequence number delivered */
	uint32_t dsack_round; /* RACK.dsack_round */
	bool have_dsack_round;
};

enum recovery {
	REC_OPEN,
	REC_FAST, /* fast recovery: RFC 6675, RFC 9937 */
	REC_LOSS, /* after a retransmission time-out */
};

/* RFC 5682 2.1: what the next acknowledgment decides */
enum frto {
	FRTO_OFF,
	FRTO_RESENT, /* the first segment was sent again */
	FRTO_NEW,    /* it was acknowledged, new data have been sent */
};

enum rexmt_kind {
	REXMT_NONE,
	REXMT_RTO,
	REXMT_TLP,
	REXMT_REORDER,
	REXMT_PERSIST,
	REXMT_WAIT, /* memory for a record was refused: try again */
};

struct range {
	struct range *next;
	uint32_t seq, end;
	uint32_t order; /* the most recent has the highest: RFC 2018 4 */
	uint8_t data[]; /* only when the application wants it */
};

struct tcp_cong;

/* how the first slow start grows, and why no faster */
enum hystart_phase {
	HYSTART_FAST,
	HYSTART_TRAIN, /* acknowledgments come without a pause */
	HYSTART_QUEUE, /* the round trip has grown: CSS of RFC 9406 */
};

/* RFC 9406: the round trips of two rounds of the first slow start, us */
struct hystart {
	uint32_t end;	    /* SND.NXT when this round began */
	uint32_t last, now; /* the least of the last round, of this one */
	uint32_t base;	    /* the phase began with; of TRAIN, before it */
	uint32_t known;	    /* path.c has it: more is grown into carefully */
	uint32_t began, acked_at; /* this round, and its train so far */
	uint8_t phase;		  /* enum hystart_phase */
	uint8_t samples, rounds;
	bool on, no_train;
};

struct work {
	const struct tcp_cong *cc;
	struct tcb *rank_prev, *rank_next;   /* see rtxq.c */
	uint8_t rank;			     /* 0: in no list */
	struct tcb *stuck_prev, *stuck_next; /* see tcp_flush() */
	struct flight fl;
	struct rack rack;

	/* how much of cwnd this round trip has used: tcp_window_used() */
	uint32_t use_end;  /* SND.NXT when that was measured */
	uint32_t use_most; /* bytes in flight */
	bool use_full;
	bool syn_came; /* the peer's SYN, again: our answer is not late */

	struct hystart hystart;

	/* recovery */
	uint8_t recovery; /* enum recovery */
	uint8_t frto;	  /* enum frto */
	uint8_t timeouts; /* in a row, with nothing acknowledged between */
	uint8_t probes;	  /* in recovery, with nothing delivered between */
	uint32_t dupacks;
	uint32_t prr_delivered, prr_out, prr_fs;
	uint32_t undo_ts;	/* our timestamp in the first retransmission */
	struct sack_block undo; /* from the first to the last sent again */
	uint32_t just_acked;	/* by an ACK whose marks are looked at */

	/* timers: ns, NEVER when off */
	uint64_t rexmt_at, delack_at;
	uint64_t trouble_since; /* the first unanswered transmission; 0: none */
	uint64_t mtu_reports;	/* a bucket of them, see icmp.c */
	uint16_t syn_mss;	/* the path's, by an ICMP error about our SYN */
	uint8_t rexmt_kind;
	bool pace_wait;	 /* the next burst waits for its time */
	bool cookie_due; /* with the SYN-ACK: RFC 7413 */

	/* receiving */
	uint8_t unacked_segs; /* received since our last ACK */
	uint8_t dupacks_owed;
	uint32_t last_ack_sent;
	uint32_t fin_seq;   /* of the peer's FIN, when fin_seen, */
	uint32_t fin_order; /* and when it came, as of a range */
	struct range *ooo;
	struct tcb *ooo_prev,
	    *ooo_next; /* others of the source that have some */
	uint32_t ooo_order, ooo_count;
	struct sack_block dsack; /* to be reported: start != end */
	uint64_t frame; /* last record of the input that touched this */
};

/* what each connection may have in another way than the configuration */
struct settings {
	uint64_t user_timeout, keepalive; /* ns */
	const struct tcp_cong *cong;
	uint32_t rcvbuf;
	uint8_t dscp;
};

enum { TCP_FACES = 4096 }; /* counters of hosts that have a face */

#endif
