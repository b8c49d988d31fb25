/*
 * tcp_var.h - the engine's private structures: the connection (TCB), what is
 * in flight, TIME-WAIT, and the engine itself.
 *
 * Theory of operation
 *
 *   A frame goes tcp_input() (tcp_frame.c: is it for us, is it whole) ->
 *   tcp_segment() (tcp_input.c: RFC 9293 3.10.7, step by step) -> the
 *   connection is touched, that is, put on the ready list. When the batch is
 *   in, tcp_flush() lets every touched connection speak once: tcp_output()
 *   is the only place that decides to send, tcp_emit.c makes the segments of
 *   it. A connection begins in tcp_open.c, or in tcp_cookie.c when too many
 *   are half open, and ends as a compact record in tcp_tw.c; what an
 *   application may do with it is in tcp_user.c. tcp_set_state()
 *   (tcp_fsm.c) is the only one that changes a state, tcp_arm()
 *   (tcp_timer.c) the only one that decides when to wake.
 *
 *   What was sent and is not acknowledged is kept in records of consecutive
 *   bytes that were last sent at one time (tcp_sent.c), not as data: the
 *   application can give the bytes again. A burst is one record; SACK and
 *   retransmission split it. On these records work the scoreboard of RFC
 *   6675, loss detection (tcp_rack.c: RACK-TLP of RFC 8985; three duplicate
 *   ACKs and NewReno of RFC 6582 where the peer has no SACK), and the
 *   estimate of what is in the network. What to do about a loss is decided
 *   in tcp_recover.c, and taken back in tcp_undo.c where it was none; how
 *   much may be in flight by a congestion control behind the interface of
 *   tcp_cong.h, and how fast by its pacing rate (tcp_rate.c).
 *
 *   Below TCP: fragments are put together first (common/ipfrag.h); ICMP errors
 *   come in by tcp_icmp.c. What they or long silence tell of the path's MTU
 *   lowers mss (tcp_mtu.c); what was too long is lost, but no congestion.
 *
 *   Sequence numbers are 32 bits and compared by tcp_seq.h; offsets into a
 *   stream are 64 bits (una_off belongs to snd_una).
 */
#ifndef TCP_VAR_H
#define TCP_VAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "chance.h"
#include "ether.h"
#include "ip.h"
#include "ipfrag.h"
#include "tcp.h"
#include "tcp_fsm.h"
#include "tcp_hdr.h"
#include "tcp_rate.h"
#include "wheel.h"

enum {
	MSS_DEFAULT_V4 = 536, /* RFC 9293 3.7.1 MUST-15 */
	MSS_DEFAULT_V6 = 1220,
	MSS_MIN = 48, /* a peer that asks for less wastes only its own time */
	BURST_BYTES = 60000, /* one record, one super-frame */
	DUP_THRESH = 3,
	ECN_ECT0 = 2, /* in the IP header, RFC 3168 5 */
	ECN_CE = 3,
	OOO_RANGES = 64, /* holes that one connection may have */
	FRAME_HEAD = ETHER_MAXHLEN + 40 + TCP_MAXHLEN,
	RECORD_HEAD = 16, /* what the stream adds to a frame */
};

#define SYN_RTO	      (1 * UINT64_C(1000000000)) /* RFC 6298 2.1 */
#define SYN_RTO_AFTER (3 * UINT64_C(1000000000)) /* RFC 6298 5.7 */
#define MAX_RTO	      (60 * UINT64_C(1000000000))
#define SYN_TIMEOUT   (300 * UINT64_C(1000000000)) /* RFC 9293 3.8.3 MUST-23 */
#define DELACK	      (40 * UINT64_C(1000000))	   /* below 500 ms: MUST-40 */
#define PAWS_AGE      (24 * 86400 * UINT64_C(1000000000)) /* RFC 7323 5.5 */
#define NEVER	      UINT64_MAX
#define NS_S	      UINT64_C(1000000000)

/* a received segment, decoded */
struct seg {
	struct ip_addr src, dst;
	struct tcp_hdr h;
	const uint8_t *data;
	uint32_t len;	   /* bytes of data */
	const uint8_t *l2; /* Ethernet header as it came */
	uint8_t l2len;
	uint8_t tos;
	bool v6;
	uint64_t stamp, no; /* for the log */
};

/* the endpoints, and the place in the table; kind tells what it is part of */
enum conn_kind { CONN_TCB, CONN_TIME_WAIT };

struct conn {
	struct conn *next; /* same bucket */
	struct ip_addr laddr, raddr;
	uint16_t lport, rport;
	uint8_t kind;
	bool frag_ok; /* no DF: the path is narrower than we make segments */
	uint8_t l2len;
	uint8_t l2[ETHER_MAXHLEN]; /* for frames to the peer */
};

/* consecutive bytes last sent at one time */
struct sent {
	struct sent *prev, *next;   /* by sequence number */
	struct sent *older, *newer; /* by time of the last transmission */
	uint32_t seq, end;
	uint64_t time;
	/* of the connection, when this was sent: see tcp_rate.c */
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
	LOST_MTU
};

/* what is in flight, RFC 6675's scoreboard */
struct flight {
	struct sent *head, *tail;     /* by sequence number */
	struct sent *oldest, *newest; /* by time */
	uint32_t sacked, lost;	      /* bytes */
	uint32_t count;		      /* records */
};

/* what one acknowledgment told, for congestion control and recovery */
struct ack_info {
	uint64_t now;
	uint32_t acked;	    /* bytes newly acknowledged cumulatively */
	uint32_t delivered; /* bytes newly known to have arrived */
	uint32_t lost;	    /* bytes newly found lost */
	uint64_t rtt;	    /* a sample, ns; 0: none */
	bool again;	    /* what was sent twice is acknowledged */
	uint32_t flight;    /* bytes in flight before this acknowledgment */
	bool dup;	    /* RFC 5681 2: a duplicate ACK */
	bool dsack;	    /* RFC 2883: told of a duplicate */
	bool have_ts;	    /* a timestamp came back, */
	uint32_t tsecr;	    /* as it was sent */
	struct rate rate;
};

/* RFC 8985 */
struct rack {
	uint64_t time; /* of the most recently sent segment delivered */
	uint64_t rtt;  /* of that segment */
	uint64_t min_rtt;
	uint32_t end_seq;
	uint32_t fack;	      /* highest sequence number delivered */
	uint32_t tlp_end;     /* SND.NXT when a loss probe was sent */
	uint32_t dsack_round; /* RACK.dsack_round */
	uint8_t reo_mult, reo_persist;
	bool reordering, tlp_out, tlp_retrans, have_dsack_round;
};

enum recovery {
	REC_OPEN,
	REC_FAST, /* fast recovery: RFC 6675, RFC 6937 */
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

struct cong;

struct tcb {
	struct conn c;
	struct tcp *tcp;
	struct tcb *ready_next, **ready_link;
	struct tcb *half_prev, *half_next; /* half-open ones, by age */
	uint8_t state;			   /* enum tcp_state */

	/* facts about the connection */
	bool passive; /* RFC 9293 3.5 MUST-11 */
	bool sack_ok, ts_ok, wscale_ok, ecn_ok;
	uint8_t snd_wscale, rcv_wscale;
	uint16_t mss;	 /* largest payload without options */
	bool mss_proven; /* the peer has acknowledged a segment that large */

	/* what is to be said at the next output */
	bool ready, dead, send_syn, ack_now, fin_wanted;
	bool keep_probe;
	bool nodelay;		 /* Nagle is off */
	bool probe, tlp;	 /* a zero-window probe, a loss probe */
	bool ecn_echo, send_cwr; /* RFC 3168 6.1.3, 6.1.2 */
	bool stuck;		 /* is where ready_link is not kept */
	bool room_short;	 /* data waits for room in the output queue */
	uint8_t dupacks_owed;
	uint8_t unacked_segs; /* received since our last ACK */

	/* sending, RFC 9293 3.3.1 */
	uint32_t iss, snd_una, snd_nxt, snd_wnd, snd_wl1, snd_wl2, max_sndwnd;
	uint64_t una_off;   /* stream offset of snd_una */
	uint64_t offer_end; /* stream offset that the application offers */
	uint16_t ip_id;

	/* receiving */
	uint32_t irs, rcv_nxt, rcv_adv, last_ack_sent, rcv_held;
	uint32_t fin_seq; /* of the peer's FIN, when fin_seen */
	bool fin_seen;
	struct range *ooo;
	uint32_t ooo_order, ooo_count;
	struct sack_block dsack; /* to be told: start != end */
	uint64_t received;	 /* bytes */
	uint32_t ts_recent, ts_off;
	uint64_t ts_recent_at;

	/* round trip, RFC 6298; ns */
	uint64_t srtt, rttvar, rto;
	uint8_t backoff;  /* doublings, until there is a sample */
	uint8_t timeouts; /* in a row, with nothing acknowledged between */

	/* recovery and congestion control */
	struct flight fl;
	struct rack rack;
	uint8_t recovery; /* enum recovery */
	uint32_t recover; /* SND.NXT when recovery began */
	uint32_t dupacks;
	uint32_t ecn_recover; /* SND.NXT at the last reaction to ECE */
	uint32_t cwnd, ssthresh;
	uint32_t prr_delivered, prr_out, prr_fs;
	/* what it was before the last reduction, tcp_undo.c */
	bool undo;	   /* it may still turn out to have been needless */
	uint8_t frto;	   /* enum frto */
	uint16_t undo_rtx; /* retransmissions since, less their D-SACKs */
	uint32_t undo_cwnd, undo_ssthresh;
	uint32_t undo_ts; /* our timestamp in the first of them */
	bool cwnd_limited;
	const struct cong *cc;
	uint64_t cong[6]; /* the congestion control's own */
	void *cong_mem;	  /* and what has no room there */

	/* rate samples and pacing, see tcp_rate.c */
	uint64_t delivered, delivered_time, first_sent;
	uint64_t app_limited; /* delivered when the network is full again */
	uint32_t lost_bytes;  /* ever */
	uint32_t pace_left;   /* in this output */
	uint64_t pacing_rate; /* bytes a second; 0: not paced */
	uint64_t pace_at;     /* the next burst */
	bool pace_wait;	      /* there is one */

	/* timers: ns, NEVER when off */
	struct wheel_node node;
	uint64_t rexmt_at, delack_at, app_at, slow_at, keep_at;
	uint8_t keep_probes; /* sent, and nothing heard since */
	uint8_t rexmt_kind;
	uint64_t trouble_since; /* the first unanswered transmission; 0: none */
	uint64_t last_sent;	/* data, for restart after idle */
	uint64_t last_heard;	/* any segment from the peer */

	uint64_t challenge_at; /* RFC 5961 7: window of the limit */
	uint8_t challenges;
	uint32_t retransmits;
	uint64_t frame; /* last record of the input that touched this */
	uintptr_t user;
};

/* what TIME-WAIT needs to answer, RFC 9293 3.6.1, RFC 1337, RFC 6191 */
struct time_wait {
	struct conn c;
	struct time_wait *prev, *next; /* by expiry */
	uint64_t expires, answered_at;
	uint32_t snd_nxt, rcv_nxt, ts_recent, ts_off;
	uint32_t iss, irs; /* for the log */
	uint16_t wnd;
	bool ts_ok;
};

struct tcp {
	struct tcp_config cfg;
	struct ip_addr addr; /* copies of what cfg points to */
	struct mac mac;
	const struct tcp_ops *ops;
	void *ctx;
	struct chance chance;
	uint64_t isn_key[2], hash_key[2], cookie_key[2];
	uint64_t cookie_slot; /* when the last SYN cookie was sent; 0: never */
	const struct cong *cong;

	struct conn **bucket;
	uint32_t nbuckets; /* a power of two */
	struct wheel wheel;
	struct tcb *ready, **ready_end; /* the ready list */
	struct tcb *dead; /* to be freed when no caller looks any more */
	struct tcb *half_first, *half_last; /* half open, by age */
	uint32_t half_count;
	struct time_wait *tw_first, *tw_last;
	struct wheel_node tw_node;
	struct sent *sent_free;
	struct sent_chunk *sent_chunks;
	uint32_t sent_total, sent_max;
	size_t reass_used;
	struct ipfrag *frag;
	uint64_t frag_key[2];
	size_t room; /* bytes of frames that data may still use */
	struct tcp_stats stats;
};

/* tcp_frame.c */
void tcp_event_init(struct tcp_event *, enum tcp_event_type, uint64_t time);
void tcp_event_tcb(
    struct tcp_event *, enum tcp_event_type, uint64_t time, struct tcb *);

/* tcp_icmp.c */
bool tcp_icmp_is_error(bool v6, uint8_t type);
/* seg: only addresses, stamp and number are filled in */
void tcp_icmp(
    struct tcp *, uint64_t now, struct seg *, const uint8_t *p, size_t n);

/* tcp_mtu.c */
/* false: that is no narrower than what is sent now */
bool tcp_mtu_lower(
    struct tcb *, uint32_t mtu, const char *why, uint64_t time, uint64_t frame);
void tcp_mtu_black_hole(struct tcb *, uint64_t now);
void tcp_mtu_acked(struct tcb *, uint32_t acked);

/* tcp_keep.c */
void tcp_keep_start(struct tcb *, uint64_t now);
/* true when the connection has been given up */
bool tcp_keep_expired(struct tcb *, uint64_t now);
void tcp_keep_probe(struct tcb *, uint64_t now);

/* what to do after a step of tcp_input.c */
enum tcp_next {
	GO_ON,
	DONE, /* this segment is finished */
};

/* tcp_input.c */
void tcp_segment(struct tcp *, uint64_t now, const struct seg *);
void tcp_drop(struct tcp *, const struct seg *, struct tcb *, const char *why);
void tcp_learn_l2(struct conn *, const struct seg *);
/* sequence numbers that a segment takes: data, SYN and FIN */
uint32_t tcp_seg_space(const struct seg *);

/* tcp_cookie.c */
void tcp_cookie_send(struct tcp *, uint64_t now, const struct seg *);
struct tcb *tcp_cookie_accept(struct tcp *, uint64_t now, const struct seg *);

/* tcp_open.c */
struct tcb *tcp_listen_accept(
    struct tcp *, uint64_t now, const struct seg *, uint32_t iss);
void tcp_listen(struct tcp *, uint64_t now, const struct seg *, uint32_t iss);
enum tcp_next tcp_syn_sent(struct tcb *, uint64_t now, const struct seg *);

/* tcp_ack.c */
enum tcp_next tcp_check_ack(struct tcb *, uint64_t now, const struct seg *);

/* tcp_fsm.c */
void tcp_set_state(struct tcb *, enum tcp_state, uint64_t time, uint64_t frame);
bool tcp_synchronized(const struct tcb *);
bool tcp_may_receive(const struct tcb *);
bool tcp_may_send(const struct tcb *);
bool tcp_fin_sent(const struct tcb *);

/* tcp_subr.c: the table and the life of connections */
struct conn *tcp_lookup(struct tcp *, const struct ip_addr *laddr,
    uint16_t lport, const struct ip_addr *raddr, uint16_t rport);
void tcp_conn_insert(struct tcp *, struct conn *);
void tcp_conn_remove(struct tcp *, struct conn *);
struct tcb *tcp_tcb_new(struct tcp *, uint64_t now, const struct ip_addr *laddr,
    uint16_t lport, const struct ip_addr *raddr, uint16_t rport);
/* tcp_close - the connection ends here: close event, closed(), free */
void tcp_close(struct tcb *, enum tcp_close, const char *why, uint64_t now,
    const struct seg *);
void tcp_tcb_free(struct tcb *);
void tcp_touch(struct tcb *);
void tcp_reap(struct tcp *);
void tcp_established(struct tcb *, uint64_t now, const struct seg *);
void tcp_half_open(struct tcb *);
void tcp_half_done(struct tcb *);
uint32_t tcp_isn(const struct tcp *, const struct conn *, uint64_t now);
uint32_t tcp_ts_offset(const struct tcp *, const struct conn *);
void tcp_report_close(struct tcb *, enum tcp_close, const char *why,
    uint64_t time, uint64_t frame);

/* tcp_tw.c */
void tcp_time_wait(struct tcb *, uint64_t now, const struct seg *);
/* true: the segment opens a new connection, tw is gone; iss above *iss */
bool tcp_tw_input(struct tcp *, struct time_wait *, uint64_t now,
    const struct seg *, uint32_t *iss);
void tcp_tw_expire(struct tcp *, uint64_t now);
bool tcp_tw_drop_oldest(struct tcp *);

/* tcp_output.c */
void tcp_output(struct tcb *, uint64_t now);

/* tcp_emit.c */
void tcp_header(struct tcb *, uint64_t now, struct tcp_hdr *);
void tcp_report_again(
    struct tcb *, uint64_t now, uint32_t seq, uint32_t len, const char *why);
void tcp_report_out(struct tcp *, const struct conn *, uint64_t now,
    const struct tcp_hdr *, uint32_t len, uint32_t iss, uint32_t irs);
void tcp_send_segment(struct tcb *, uint64_t now, struct tcp_hdr *,
    const uint8_t *data, uint32_t len, uint8_t ecn);
uint8_t tcp_our_wscale(const struct tcp *);
void tcp_syn_options(const struct tcp *, const struct conn *, struct tcp_hdr *,
    bool ts, bool sack, bool wscale);
void tcp_send_ack(struct tcb *, uint64_t now);
void tcp_send_syn(struct tcb *, uint64_t now);
void tcp_send_reset(struct tcp *, uint64_t now, const struct seg *);
void tcp_send_reset_tcb(struct tcb *, uint64_t now);
/* the one frame builder, also for what has no connection */
void tcp_emit(struct tcp *, struct conn *, uint64_t now, struct tcp_hdr *,
    const uint8_t *data, uint32_t len, uint16_t id, uint8_t ecn);
uint32_t tcp_ts_now(uint64_t now);
uint32_t tcp_eff_mss(const struct tcb *);
uint32_t tcp_rcv_window(const struct tcb *);
bool tcp_challenge(struct tcb *, uint64_t now);

/* tcp_timer.c */
void tcp_arm(struct tcb *, uint64_t now);
void tcp_set_rexmt(struct tcb *, enum rexmt_kind, uint64_t at);
void tcp_slow_timer(struct tcb *, uint64_t at);
void tcp_rearm_rexmt(struct tcb *, uint64_t now);

/* tcp_rtt.c */
void tcp_rtt_sample(struct tcb *, uint64_t rtt);
uint64_t tcp_rto(const struct tcb *);

/* tcp_reass.c */
bool tcp_reass_put(struct tcb *, uint32_t seq, const uint8_t *p, uint32_t n);
void tcp_reass_pull(struct tcb *, uint64_t now);
void tcp_reass_free(struct tcb *);
uint8_t tcp_reass_sack(const struct tcb *, struct sack_block *, uint8_t max);

/* tcp_sent.c */
struct sent *tcp_sent_new(
    struct tcb *, uint32_t seq, uint32_t len, bool fin, uint64_t now);
bool tcp_sent_split(struct tcb *, struct sent *, uint32_t seq);
void tcp_sent_again(struct tcb *, struct sent *, uint64_t now);
void tcp_sent_lost(struct tcb *, struct sent *);
void tcp_sent_done(struct tcb *, struct sent *);
void tcp_sent_free_all(struct tcb *);
void tcp_sent_pool_free(struct tcp *);
uint32_t tcp_in_flight(const struct tcb *);

/* tcp_sack.c: the scoreboard */
void tcp_sack_acked(
    struct tcb *, uint32_t ack, const struct tcp_opts *, struct ack_info *);
struct sent *tcp_next_lost(const struct tcb *);

/* tcp_rack.c */
void tcp_rack_delivered(struct tcb *, const struct sent *,
    const struct tcp_opts *, struct ack_info *);
void tcp_rack_detect(struct tcb *, struct ack_info *);
void tcp_rack_dsack(struct tcb *, bool dsack);
void tcp_rack_recovered(struct tcb *);
uint64_t tcp_tlp_at(const struct tcb *, uint64_t now);
void tcp_tlp_acked(struct tcb *, uint32_t ack, const struct tcp_opts *,
    const struct ack_info *);

/* tcp_ecn.c */
uint8_t tcp_ecn_syn(struct tcb *, bool again);
void tcp_ecn_agree(struct tcb *, const struct seg *);
void tcp_ecn_data(struct tcb *, const struct seg *);
void tcp_ecn_ack(struct tcb *, const struct seg *, uint64_t now);

/* tcp_undo.c */
void tcp_undo_begin(struct tcb *, bool rto);
void tcp_undo_resent(struct tcb *, uint64_t now);
void tcp_undo_ack(struct tcb *, const struct ack_info *);

/* tcp_recover.c */
void tcp_recover_ack(struct tcb *, struct ack_info *);
void tcp_recover_rto(struct tcb *, uint64_t now);
void tcp_recover_enter(struct tcb *, uint64_t now);
void tcp_recover_window(struct tcb *);
void tcp_recover_mtu(struct tcb *, uint32_t payload);

#endif
