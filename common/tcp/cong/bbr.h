/*
 * bbr.h - the state of BBR, and what its parts call each other for. The
 * names are the draft's, without "BBR."; rates are bytes a second, volumes
 * bytes, times ns, gains percent.
 */
#ifndef TCP_CONG_BBR_H
#define TCP_CONG_BBR_H

#include <stdbool.h>
#include <stdint.h>

#include "tcp/rate.h"

struct ack_info;
struct tcb;

enum bbr_state {
	BBR_STARTUP,
	BBR_DRAIN,
	BBR_DOWN, /* ProbeBW_DOWN, and the three that follow */
	BBR_CRUISE,
	BBR_REFILL,
	BBR_UP,
	BBR_PROBE_RTT,
};

enum bbr_acks {
	ACKS_INIT,
	ACKS_REFILLING,
	ACKS_STARTING,
	ACKS_FEEDBACK,
	ACKS_STOPPING
};

#define BBR_INFINITE UINT64_MAX

struct bbr {
	struct pace pace;
	uint64_t max_bw[2]; /* of the last ProbeBW cycle and of this one */
	uint64_t bw;
	uint64_t bw_latest, bw_shortterm;
	uint64_t min_rtt, min_rtt_stamp;
	uint64_t probe_rtt_min_delay, probe_rtt_min_stamp;
	uint64_t probe_rtt_done_stamp; /* 0: not yet there */
	uint64_t inflight_latest, inflight_shortterm, inflight_longterm;
	uint64_t next_round_delivered, loss_round_delivered;
	uint64_t full_bw, round_bw; /* the best sample of this round */
	uint64_t cycle_stamp, bw_probe_wait;
	uint64_t extra_acked_start, extra_acked_delivered;
	uint64_t extra_acked[2]; /* of earlier rounds, and of these */
	uint64_t bw_probe_up_acked, probe_up_acked_per_inc;
	uint64_t round_rtt;	       /* the least in this loss round */
	uint64_t round_delivered;      /* when this loss round began */
	uint64_t base_sent, base_lost; /* see bbr_loss_limit() */
	uint32_t round_lost;
	uint32_t full_wnd; /* the peer's largest window, at that check */
	uint32_t round_count, drain_start_round, rounds_since_probe_up;
	uint32_t prior_cwnd;
	uint32_t lost_end;	 /* of the last range that was lost */
	uint32_t recovery_round; /* round_count when recovery began */
	uint8_t state, ack_phase;
	uint8_t full_bw_count, bw_probe_up_rounds;
	uint8_t extra_acked_rounds;
	uint8_t loss_ranges; /* in this loss round */
	bool round_start, loss_round_start;
	bool full_bw_now, full_bw_reached;
	bool is_loss_in_round, is_bw_probe_sample, too_high;
	bool prev_probe_too_high, prev_probe_precautionary;
	bool idle_restart, probe_rtt_expired, probe_rtt_round_done;
	bool in_recovery;
	bool queue; /* the last round's RTT shows one */
};

/* as much as the arithmetic takes: 64 GB/s */
#define BBR_RATE_MAX (UINT64_C(1) << 36)

/* bbr_model.c: what the path can do, 5.5 */
struct bbr *bbr_of(const struct tcb *);
uint64_t bbr_percent(uint64_t x, uint32_t percent);
uint64_t bbr_max_bw(const struct bbr *);
void bbr_advance_max_bw(struct bbr *);
void bbr_start_round(struct tcb *);
void bbr_latest_signals(struct tcb *, const struct ack_info *);
void bbr_max_bw_sample(struct tcb *, const struct ack_info *);
void bbr_end_loss_round(struct tcb *, const struct ack_info *);
void bbr_slow_down(struct tcb *);
void bbr_aggregation(struct tcb *, const struct ack_info *);
void bbr_min_rtt(struct tcb *, const struct ack_info *);
void bbr_reset_congestion(struct bbr *);
void bbr_reset_shortterm(struct bbr *);
uint64_t bbr_to_arrive(const struct bbr *, uint64_t rate);
/* bbr_loss_limit - this much of n bytes may be lost */
uint64_t bbr_loss_limit(const struct tcb *, uint64_t n);
bool bbr_too_high(const struct tcb *, uint32_t lost, uint32_t tx_in_flight);

/* its volumes and gains: 5.6 */
bool bbr_in_probe_bw(const struct bbr *);
uint32_t bbr_pacing_gain(const struct bbr *);
uint32_t bbr_cwnd_gain(const struct bbr *);
uint64_t bbr_bdp(const struct tcb *, uint64_t bw, uint32_t gain);
uint64_t bbr_quantize(const struct tcb *, uint64_t cap);
/* bbr_inflight - 5.6.4.2: gain times the BDP, and what offload needs */
uint64_t bbr_inflight(const struct tcb *, uint64_t bw, uint32_t gain);
uint64_t bbr_min_pipe(const struct tcb *);
uint64_t bbr_with_headroom(const struct tcb *);
uint64_t bbr_target(const struct tcb *);
uint64_t bbr_probe_rtt_cwnd(const struct tcb *);
void bbr_save_cwnd(struct tcb *);
void bbr_restore_cwnd(struct tcb *);

/* bbr_probe.c: the state machine, 5.3 */
void bbr_enter_startup(struct bbr *);
void bbr_check_startup(struct tcb *, const struct ack_info *);
void bbr_check_drain(struct tcb *, const struct ack_info *);
void bbr_cycle(struct tcb *, const struct ack_info *);
void bbr_check_probe_rtt(struct tcb *, const struct ack_info *);
void bbr_check_probe_rtt_done(struct tcb *, uint64_t now);

#endif
