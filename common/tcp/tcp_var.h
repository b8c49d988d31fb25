/*
 * tcp_var.h - the engine's private structures: the connection (TCB), TIME-WAIT,
 * and the engine itself; work.h has what is in flight.
 *
 * Theory of operation
 *
 *   A frame goes tcp_input() (frame.c: is it for us, is it whole) ->
 *   tcp_segment() (input.c: RFC 9293 3.10.7, step by step) -> the connection
 *   is touched, that is, put on the ready list. When the batch is in,
 *   tcp_flush() lets every touched connection send once, first those whose
 *   data has waited for room in the output: tcp_output() is the only place
 *   that decides to send, emit.c makes the segments of it. A connection begins
 *   in listen.c and open.c, or in cookie.c when too many are half open, and
 *   ends as a compact record in tw.c; user.c has the application's calls.
 *   tcp_set_state() (fsm.c) is the only one that changes a state, tcp_arm()
 *   (timer.c) the only one that decides when to wake; what a timer does then
 *   is in expire.c. engine.c makes, flushes and frees the whole. No file calls
 *   one that calls it, on whatever way: each can be read after those below.
 *   Misbehaviour on command (quirk/) is behind the hooks of struct tcp_hooks.
 *
 *   At rest a connection is a struct tcb of five cache lines. What only data
 *   in flight, a loss, a hole or a timer of these need is in its struct work
 *   (work.c): both entries, a segment and tcp_output(), see to it that there
 *   is one, and when all is sent and acknowledged it goes back. So below
 *   tcp_segment() and tcp_output() tcb->w is never NULL, while the table, the
 *   timers and the application's calls have to look. Where memory for it is
 *   refused, the segment is dropped as if lost, and tcp_output() tries again
 *   later. What a path has taught stays in the TCB: cwnd, ssthresh, the round
 *   trip, CUBIC's curve; BBR's model, which is as large as a TCB, stays beside
 *   it (tcb->pace). All of these come from pools (pool.c), none from malloc()
 *   for a segment.
 *
 *   What was sent and is not acknowledged is kept in records of consecutive
 *   bytes that were last sent at one time (rtxq.c), not as data: the
 *   application can give the bytes again. A burst is one record; SACK and
 *   retransmission split it. On these records work the scoreboard of RFC 6675,
 *   loss detection (rack.c: RACK-TLP of RFC 8985; three duplicate ACKs and
 *   NewReno of RFC 6582 where the peer has no SACK), and the estimate of what
 *   is in the network. What to do about a loss is decided in recover.c, and
 *   taken back in undo.c where it was none; how much may be in flight by a
 *   congestion control behind the interface of cong.h (CUBIC, or one of
 *   cong/), and how fast by its pacing rate (rate.c).
 *
 *   Below TCP: fragments are put together first (common/ipfrag.h); ICMP errors
 *   come in by icmp.c. What they, or long silence, show about the path's MTU
 *   lowers mss (mtu.c); a segment that was too long is lost, but that is no
 *   congestion.
 *
 *   Sequence numbers are 32 bits and compared by tcp_seq.h; offsets into a
 *   stream are 64 bits (una_off belongs to snd_una).
 */
#ifndef TCP_TCP_VAR_H
#define TCP_TCP_VAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/chance.h"
#include "tcp/rate.h"
#include "tcp/fsm.h"
#include "tcp/hooks.h"
#include "tcp/pool.h"
#include "tcp/share.h"
#include "tcp/tcp.h"
#include "tcp/wheel.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/ipfrag.h"
#include "wire/tcp_hdr.h"

enum {
	MSS_DEFAULT_V4 = 536, /* RFC 9293 3.7.1 MUST-15 */
	MSS_DEFAULT_V6 = 1220,
	MSS_MIN = 48, /* a peer that asks for less wastes only its own time */
	BURST_BYTES = 60000, /* one record, one super-frame */
	DUP_THRESH = 3,
	ECN_ECT0 = 2, /* in the IP header, RFC 3168 5 */
	ECN_CE = 3,
	OOO_RANGES = 64,       /* holes that one connection may have */
	PAWS_AGE = 24 * 86400, /* s, RFC 7323 5.5 */
	FRAME_HEAD = ETHER_MAXHLEN + 40 + TCP_MAXHLEN,
	TCP_RANKS = 20,	  /* powers of two */
	RECORD_HEAD = 16, /* what the stream adds to a frame */
};

#define SYN_RTO	      (1 * UINT64_C(1000000000)) /* RFC 6298 2.1 */
#define SYN_RTO_AFTER (3 * UINT64_C(1000000000)) /* RFC 6298 5.7 */
#define MAX_RTO	      (60 * UINT64_C(1000000000))
#define SYN_TIMEOUT   (300 * UINT64_C(1000000000)) /* RFC 9293 3.8.3 MUST-23 */
#define SYN_ACK_LIMIT (60 * UINT64_C(1000000000))  /* the sixth ends it at 63 */
#define DELACK	      (40 * UINT64_C(1000000))	   /* below 500 ms: MUST-40 */
#define NEVER	      UINT64_MAX
#define NS_S	      UINT64_C(1000000000)
#define NS_MS	      UINT64_C(1000000)

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

/* the endpoints, and the place in the table; kind is what it is part of */
enum conn_kind { CONN_TCB, CONN_TIME_WAIT };

struct conn {
	struct conn *next; /* same bucket */
	struct ip_addr laddr, raddr;
	uint16_t lport, rport;
	uint16_t ip_id; /* of the next IPv4 packet */
	uint8_t state;	/* enum tcp_state */
	uint8_t kind : 1;
	/* no DF: the path is narrower than we make segments */
	bool frag_ok : 1;
	bool accurate : 1;    /* in the mode of RFC 9768 */
	bool accecn_room : 1; /* has a struct accecn behind it */
	/* opened by a cookie, and the handshake is not over; no MSS came */
	bool fast_open : 1, no_mss : 1;
	uint8_t ttl, l2len;	   /* ttl 0: as ever */
	uint8_t l2[ETHER_MAXHLEN]; /* for frames to the peer */
};

#include "tcp/work.h"

/*
 * A connection. What it needs at rest is here; the rest is in its work, see
 * "theory of operation".
 */
struct tcb {
	struct conn c;
	struct tcp *tcp;
	struct work *w;		/* NULL at rest */
	struct tcb *ready_next; /* the ready list */
	uintptr_t user;
	struct wheel_node node;

	/* facts about the connection, */
	bool passive : 1; /* RFC 9293 3.5 MUST-11 */
	bool sack_ok : 1, ts_ok : 1, wscale_ok : 1, ecn_ok : 1;
	bool mss_proven : 1; /* the peer has acknowledged one that large */
	bool nodelay : 1;    /* Nagle is off */
	bool fin_wanted : 1, fin_seen : 1; /* ours, the peer's */
	bool half_open : 1;		   /* is in that list */
	bool syn_lost : 1;		   /* RFC 6298 5.7 */
	bool no_model : 1;	  /* no memory for one: CUBIC instead */
	bool ready : 1, dead : 1; /* on the ready list; has ended */
	bool stuck : 1;		  /* data waits for room, until touched */
	/* what is to be sent at the next output, */
	bool send_syn : 1, ack_now : 1, keep_probe : 1;
	bool probe : 1, tlp : 1;	 /* a zero-window probe, a loss probe */
	bool ecn_echo : 1, send_cwr : 1; /* RFC 3168 6.1.3, 6.1.2 */
	bool room_short : 1;   /* data waits for room in the output queue */
	bool cwnd_limited : 1; /* the last output wanted more */
	bool undo : 1;	       /* the last reduction may prove needless */
	bool reordering : 1;   /* RFC 8985: seen */
	bool tlp_out : 1, tlp_retrans : 1;
	/* and small numbers; the first fills the flags' last bits */
	uint32_t snd_wscale : 4;
	uint32_t rcv_wscale : 4;
	uint32_t backoff : 5;	  /* doublings, until there is a sample */
	uint32_t keep_probes : 4; /* sent, and nothing received since */
	uint32_t challenges : 4;  /* RFC 5961 7: in this slot of time */
	uint32_t challenge_slot : 5;
	uint32_t reo_mult : 5, reo_persist : 5; /* RFC 8985 6.2 step 4 */

	/* sending, RFC 9293 3.3.1 */
	uint32_t iss, snd_una, snd_nxt, snd_wnd, snd_wl1, snd_wl2, max_sndwnd;
	uint16_t mss;	    /* largest payload without options */
	uint16_t undo_rtx;  /* retransmissions, less their D-SACKs */
	uint64_t una_off;   /* stream offset of snd_una */
	uint64_t offer_end; /* stream offset that the application offers */

	/* receiving */
	uint32_t irs, rcv_nxt, rcv_adv, rcv_held;
	uint32_t ts_recent, ts_off;
	uint64_t received;     /* bytes */
	uint32_t ts_recent_at; /* s */
	uint32_t last_sent;    /* data, for restart after idle; ms */

	/* round trip, RFC 6298, in units of rtt.c */
	uint32_t srtt, rttvar, min_rtt;

	/* recovery and congestion control */
	uint32_t cwnd, ssthresh;
	uint32_t recover;     /* SND.NXT when recovery began */
	uint32_t ecn_recover; /* SND.NXT when cwnd last came down */
	uint32_t tlp_end;     /* SND.NXT when a loss probe was sent */
	uint32_t undo_cwnd, undo_ssthresh; /* before the last reduction */
	uint32_t paid_at; /* behind now, if it moves too little; ms */
	uint32_t retransmits;
	union {
		struct {
			struct tcb *prev, *next;
		} half;		  /* SYN-RECEIVED: half-open ones, by age */
		uint32_t cong[6]; /* then: the congestion control's own */
		uint64_t slow_at; /* FIN-WAIT-2: its limit; ns */
	};
	struct pace *pace; /* rate samples and pacing; NULL: none wanted */

	/* timers: ns, NEVER when off */
	uint64_t app_at, keep_at;
};

/* what TIME-WAIT needs to answer, RFC 9293 3.6.1, RFC 1337, RFC 6191 */
struct time_wait {
	struct conn c;
	struct time_wait *prev, *next; /* by expiry */
	uint64_t expires;
	uint32_t answered_at; /* ms; what was no FIN of the peer */
	uint32_t snd_nxt, rcv_nxt, ts_recent, ts_off;
	uint32_t iss, irs; /* for the log */
	uint16_t wnd;
	bool ts_ok : 1;
	bool syn_answered : 1; /* by the last of these answers */
	uint8_t ace : 3;       /* RFC 9768 3.2.2 */
};

struct tcp {
	struct tcp_config cfg;
	const struct allocator *from;
	struct settings set; /* of all connections, but where */
	size_t own_at;	     /* they have their own: bytes behind the TCB's
				begin; 0: they have not */
	uint64_t ports[65536 / 64]; /* a bit for each that is open */
	struct ip_addr addr;	    /* copies of what cfg points to */
	struct mac mac;
	uint16_t face_id[TCP_FACES], face_isn[TCP_FACES]; /* see face.c */
	uint64_t began;
	struct tcp_host host;
	struct tcp_app app;
	const struct tcp_hooks *hooks; /* NULL: none */
	void *host_ctx, *app_ctx;
	struct chance chance;
	uint64_t isn_key[2], hash_key[2], cookie_key[2];
	uint64_t cookie_slot; /* of the last SYN cookie, plus one; 0: none */
	uint64_t fastopen_key[2], fastopen_slot;
	uint32_t fastopen_pending, fastopen_resets[2];
	struct tcp_cookie *jar; /* a client's; NULL: no Fast Open */
	uint32_t jar_next;
	struct tcp_path *paths; /* NULL: none is remembered */

	struct conn **bucket; /* a table that grows by one at a time */
	uint32_t nbuckets, bucket_room;
	struct wheel wheel;
	struct tcb *ready, **ready_end; /* the ready list */
	struct tcb *stuck, *stuck_last; /* those whose data waits for room */
	uint32_t stuck_count;
	struct tcb *dead; /* to be freed when no caller looks any more */
	struct tcb *half_first, *half_last; /* half open, by age */
	uint32_t half_count;
	struct time_wait *tw_first, *tw_last, *tw_hand;
	struct wheel_node tw_node;
	struct pool tcbs, works, sents, time_waits;
	struct pool accecn_tcbs;     /* with room for a struct accecn, */
	size_t accecn_at;	     /* there */
	struct tcb *rank[TCP_RANKS]; /* connections with many records: rtxq.c */
	size_t reass_used, reass_had; /* in all; at most, reass_most */
	struct ipfrag *frag;
	uint64_t frag_key[2];
	bool unsummed;	/* see tcp_unsummed() */
	uint32_t super; /* MTU that frames may exceed, see tcp_super(), or 0 */
	size_t room;	/* bytes of frames that data may still use */
	size_t held;	/* bytes of segments that hooks keep back */
	bool again;	/* the data that goes out has gone out before */
	uint8_t *whole; /* a segment that the application copies */
	struct tcp_stats stats;
	struct tcp_share share[TCP_SOURCES], *reass_most; /* NULL: unknown */
	uint64_t resets[2];    /* buckets: for what is no SYN, and for SYNs, */
	uint64_t resets_flood; /* and for the first when it is empty */
};

/* ---- what the files offer each other, from the leaves up ---- */

/* event.c */
void tcp_event_init(struct tcp_event *, enum tcp_event_type, uint64_t time);
void tcp_event_tcb(
    struct tcp_event *, enum tcp_event_type, uint64_t time, struct tcb *);
void tcp_report_probe(struct tcp *, const struct seg *, const char *kind);
void tcp_drop(struct tcp *, const struct seg *, struct tcb *, const char *why);
void tcp_report_out(struct tcp *, const struct conn *, uint64_t now,
    const struct tcp_hdr *, uint32_t len, uint32_t iss, uint32_t irs,
    struct tcb *);
void tcp_report_again(
    struct tcb *, uint64_t now, uint32_t seq, uint32_t len, const char *why);
void tcp_report_timeout(struct tcb *, uint64_t now, const char *why);
void tcp_report_close(struct tcb *, enum tcp_close, const char *why,
    uint64_t time, uint64_t frame);

/* ready.c */
/* tcp_touch - it has something to send, or its timers have changed */
void tcp_touch(struct tcb *);
void tcp_stick(struct tcb *);
void tcp_unstick(struct tcb *);
struct tcb *tcp_next_ready(struct tcp *);
bool tcp_challenge(struct tcb *, uint64_t now);

/* icmp.c */
bool tcp_icmp_is_error(bool v6, uint8_t type);
/* seg: only addresses, stamp and number are filled in */
void tcp_icmp(
    struct tcp *, uint64_t now, struct seg *, const uint8_t *p, size_t n);

/* mtu.c */
/* false: that is no narrower than what is sent now */
bool tcp_mtu_lower(struct tcb *, uint32_t mtu, uint64_t time, uint64_t frame);
void tcp_mtu_syn(struct tcb *, uint32_t mtu, uint64_t now);
void tcp_mtu_black_hole(struct tcb *, uint64_t now);
void tcp_mtu_acked(struct tcb *, uint32_t acked);

/* keep.c */
/* tcp_keep_heard - from the peer: the interval begins anew */
void tcp_keep_heard(struct tcb *, uint64_t now);
/* true when the connection has been given up */
bool tcp_keep_expired(struct tcb *, uint64_t now);
void tcp_keep_probe(struct tcb *, uint64_t now);

/* what to do after a step of input.c; DONE: the segment is finished */
enum tcp_next { GO_ON, DONE };

/* input.c */
void tcp_segment(struct tcp *, uint64_t now, const struct seg *);

/* listen.c */
enum tcp_port tcp_port_at(
    const struct tcp *, const struct ip_addr *, uint16_t port);
void tcp_input_closed(
    struct tcp *, uint64_t now, const struct seg *, bool silent);
void tcp_input_listen(
    struct tcp *, uint64_t now, const struct seg *, uint32_t iss);

/* cookie.c */
void tcp_cookie_send(struct tcp *, uint64_t now, const struct seg *);
struct tcb *tcp_cookie_accept(struct tcp *, uint64_t now, const struct seg *);

/* open.c */
struct tcb *tcp_listen_accept(
    struct tcp *, uint64_t now, const struct seg *, uint32_t iss);
enum tcp_next tcp_syn_sent(struct tcb *, uint64_t now, const struct seg *);
void tcp_established(struct tcb *, uint64_t now, const struct seg *);

/* ack.c */
enum tcp_next tcp_check_ack(struct tcb *, uint64_t now, const struct seg *);

/* fsm.c */
void tcp_set_state(struct tcb *, enum tcp_state, uint64_t time, uint64_t frame);
bool tcp_synchronized(const struct tcb *);
bool tcp_may_receive(const struct tcb *);
bool tcp_may_send(const struct tcb *);
/* tcp_is_early - data may go out before the handshake is over: RFC 7413 */
bool tcp_is_early(const struct tcb *);
bool tcp_fin_sent(const struct tcb *);

/* table.c: the table of connections */
bool tcp_table_init(struct tcp *);
struct conn *tcp_lookup(struct tcp *, const struct ip_addr *laddr,
    uint16_t lport, const struct ip_addr *raddr, uint16_t rport);
void tcp_conn_insert(struct tcp *, struct conn *);
void tcp_conn_remove(struct tcp *, struct conn *);
uint32_t tcp_isn(struct tcp *, const struct conn *, uint64_t now);
uint32_t tcp_ts_offset(const struct tcp *, const struct conn *);

/* conn.c */
bool tcp_table_full(const struct tcp *);
struct tcb *tcp_tcb_new(struct tcp *, uint64_t now, const struct ip_addr *laddr,
    uint16_t lport, const struct ip_addr *raddr, uint16_t rport, bool accurate);
/* tcp_close - the connection ends here: close event, closed(), free */
void tcp_close(struct tcb *, enum tcp_close, const char *why, uint64_t now,
    const struct seg *);
void tcp_close_for(
    struct tcb *, const struct tcp_reason *, uint64_t now, const struct seg *);
void tcp_tcb_free(struct tcb *);
void tcp_conn_done(struct tcb *);
void tcp_conn_reap(struct tcb *);
void tcp_reap(struct tcp *);
void tcp_half_open(struct tcb *);
void tcp_half_done(struct tcb *);

/* evict.c: which connection is dropped when the table is full */
/* tcp_make_room - for one more of this source; false: all have kept up */
bool tcp_make_room(struct tcp *, uint64_t now, const struct ip_addr *from);
/* tcp_moved - so many bytes were acknowledged, or came in order */
void tcp_moved(struct tcb *, uint64_t now, uint32_t bytes);

/* work.c */
/* tcp_work_begin - tcb has its work; false when there is no room for it */
bool tcp_work_begin(struct tcb *);
/* tcp_work_end - give it back if tcb is at rest */
void tcp_work_end(struct tcb *);
void tcp_work_free(struct tcb *);

/* tw.c */
void tcp_time_wait(struct tcb *, uint64_t now, const struct seg *);
/* true: the segment opens a new connection, tw is gone; iss above *iss */
bool tcp_tw_input(struct tcp *, struct time_wait *, uint64_t now,
    const struct seg *, uint32_t *iss);
void tcp_tw_expire(struct tcp *, uint64_t now);

/* output.c */
void tcp_output(struct tcb *, uint64_t now);

/* emit.c */
void tcp_header(struct tcb *, uint64_t now, struct tcp_hdr *);
void tcp_send_segment(struct tcb *, uint64_t now, struct tcp_hdr *,
    const uint8_t *data, uint32_t len, uint8_t ecn);
/* the same, past the hooks */
void tcp_put_segment(struct tcb *, uint64_t now, struct tcp_hdr *,
    const uint8_t *data, uint32_t len, uint8_t ecn);
/* the shift with which the window field can express all of buf */
uint8_t tcp_our_wscale(const struct tcp *, uint32_t buf);
void tcp_syn_options(const struct tcp *, const struct conn *, uint32_t buf,
    uint32_t peer_mss, struct tcp_hdr *, bool ts, bool sack, bool wscale);
void tcp_send_ack(struct tcb *, uint64_t now);
const uint8_t *tcp_data(struct tcb *, uint64_t off, uint32_t len);
void tcp_send_syn(struct tcb *, uint64_t now);
void tcp_send_reset(struct tcp *, uint64_t now, const struct seg *);
void tcp_send_reset_tcb(struct tcb *, uint64_t now);
/* the one frame builder, also for what has no connection */
void tcp_emit(struct tcp *, struct conn *, uint64_t now, struct tcp_hdr *,
    const uint8_t *data, uint32_t len, uint16_t id, uint8_t ecn);

/* timer.c */
void tcp_arm(struct tcb *, uint64_t now, uint64_t at);
void tcp_slow_timer(struct tcb *, uint64_t at);
void tcp_rearm_rexmt(struct tcb *, uint64_t now);

/* rtt.c */
void tcp_rtt_sample(struct tcb *, uint64_t rtt);
uint64_t tcp_rto(const struct tcb *);
/* without the backoff, ns */
uint64_t tcp_rto_base(const struct tcb *);
/* ns; 0: no sample yet */
uint64_t tcp_srtt(const struct tcb *);
/* the least sample, ns; NEVER: none yet */
uint64_t tcp_rttvar(const struct tcb *);
uint64_t tcp_min_rtt(const struct tcb *);

/* reass.c */
bool tcp_reass_put(struct tcb *, uint32_t seq, const uint8_t *p, uint32_t n);
void tcp_reass_twice(struct tcb *, uint32_t start, uint32_t end);
void tcp_reass_pull(struct tcb *, uint64_t now);
void tcp_reass_free(struct tcb *);
bool tcp_fin_waits(const struct tcb *);
uint8_t tcp_reass_sack(const struct tcb *, struct sack_block *, uint8_t max);

/* join.c */
uint32_t tcp_join(struct tcb *, uint64_t left, uint32_t wnd, uint32_t n);

/* rtxq.c */
struct sent *tcp_sent_new(
    struct tcb *, uint32_t seq, uint32_t len, bool fin, uint64_t now);
bool tcp_sent_split(struct tcb *, struct sent *, uint32_t seq);
void tcp_sent_again(struct tcb *, struct sent *, uint64_t now);
void tcp_sent_lost(struct tcb *, struct sent *);
struct sent *tcp_sent_join(struct tcb *, struct sent *);
void tcp_sent_done(struct tcb *, struct sent *);
/* tcp_scarce - few records are left, and tcb holds its share */
bool tcp_scarce(const struct tcb *);
void tcp_sent_free_all(struct tcb *);

/* sack.c: the scoreboard */
void tcp_sack_acked(
    struct tcb *, uint32_t ack, const struct tcp_opts *, struct ack_info *);
struct sent *tcp_next_lost(const struct tcb *);

/* rack.c */
void tcp_rack_delivered(struct tcb *, const struct sent *,
    const struct tcp_opts *, struct ack_info *);
void tcp_rack_detect(struct tcb *, struct ack_info *);
void tcp_rack_dsack(struct tcb *, const struct sack_block *);
void tcp_rack_recovered(struct tcb *);
uint64_t tcp_tlp_at(const struct tcb *, uint64_t now);
void tcp_tlp_acked(struct tcb *, uint32_t ack, const struct tcp_opts *,
    const struct ack_info *);

/* ecn.c */
uint16_t tcp_ecn_syn(struct tcb *, struct tcp_opts *, bool again, uint64_t now);
void tcp_ecn_agree(struct tcb *, const struct seg *);
void tcp_ecn_data(struct tcb *, const struct seg *);
bool tcp_ecn_reduced(const struct tcb *, uint32_t ack);
void tcp_ecn_ack(struct tcb *, const struct seg *, uint64_t now);

/* undo.c */
void tcp_undo_begin(struct tcb *, bool rto);
void tcp_undo_resent(struct tcb *, const struct sent *, uint64_t now);
bool tcp_undo_ack(struct tcb *, const struct ack_info *);

/* recover.c */
void tcp_recover_ack(struct tcb *, struct ack_info *);
void tcp_recover_rto(struct tcb *, uint64_t now);
void tcp_recover_window(struct tcb *, uint64_t now);
void tcp_recover_mtu(struct tcb *, uint32_t payload);

#endif
