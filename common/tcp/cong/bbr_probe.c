/*
 * bbr_probe.c - BBR's state machine: Startup, Drain, the cycle of ProbeBW
 * and ProbeRTT. Draft-ietf-ccwg-bbr-06, 5.3.
 */
#include "tcp/cong/bbr.h"
#include "tcp/cong.h"
#include "tcp/tcp_inline.h"
#include "tcp/tcp_var.h"

enum {
	STARTUP_LOST_RANGES = 6, /* BBRStartupFullLossCnt */
	FULL_BW_ROUNDS = 3,
	DRAIN_ROUNDS = 3,
	RENO_ROUNDS = 63, /* 5.3.3.8.2: coexistence with Reno and CUBIC */
};

#define PROBE_RTT_DURATION (NS_S / 5)

/* ---- Startup and Drain, 5.3.1, 5.3.2 ---- */

void
bbr_enter_startup(struct bbr *b)
{
	b->state = BBR_STARTUP;
}

static void
reset_full_bw(struct bbr *b, uint64_t bw)
{
	b->full_bw = bw;
	b->full_bw_count = 0;
	b->full_bw_now = false;
}

/*
 * check_full_bw - CheckFullBWReached(), 5.3.1.2. The draft compares the sample
 * that begins a round; where losses tear holes into what is delivered, that
 * one may be low by chance: it is the best of the round here. And a peer that
 * still opens its window wider may have been what kept the rate down.
 */
static void
check_full_bw(struct tcb *tcb, const struct rate *r)
{
	struct bbr *b = bbr_of(tcb);
	bool opened = tcb->max_sndwnd > b->full_wnd;
	uint64_t bw;

	if (r->bw > b->round_bw)
		b->round_bw = r->bw;
	if (!b->round_start)
		return;
	bw = b->round_bw;
	b->round_bw = 0;
	if (b->full_bw_now || r->app_limited)
		return;
	b->full_wnd = tcb->max_sndwnd;
	if (bw >= bbr_percent(b->full_bw, 125)) {
		reset_full_bw(b, bw);
		return;
	}
	if (opened && b->state == BBR_STARTUP)
		return;
	b->full_bw_count++;
	b->full_bw_now = b->full_bw_count >= FULL_BW_ROUNDS;
	if (b->full_bw_now)
		b->full_bw_reached = true;
}

/*
 * check_startup_loss - CheckStartupHighLoss(), 5.3.1.3, at the end of a loss
 * round. Losses while the rate still grows come from something else than a
 * full pipe: see bbr.c.
 */
static void
check_startup_loss(struct tcb *tcb, const struct ack_info *info)
{
	struct bbr *b = bbr_of(tcb);
	uint32_t lost = tcb->pace->lost_bytes - b->round_lost;
	uint64_t got = tcb->pace->delivered - b->round_delivered, bdp;

	if (b->full_bw_reached || !b->in_recovery || !b->loss_round_start ||
	    b->round_count == b->recovery_round || b->full_bw_count == 0)
		return;
	if (tcb->sack_ok && (b->loss_ranges < STARTUP_LOST_RANGES ||
				lost <= bbr_loss_limit(tcb, lost + got)))
		return;
	b->full_bw_reached = true;
	bdp = bbr_bdp(tcb, bbr_max_bw(b), 100);
	b->inflight_longterm = bdp > b->inflight_latest ? bdp
							: b->inflight_latest;
}

void
bbr_check_startup(struct tcb *tcb, const struct ack_info *info)
{
	struct bbr *b = bbr_of(tcb);

	check_full_bw(tcb, &info->rate);
	if (b->state != BBR_STARTUP)
		return;
	check_startup_loss(tcb, info);
	if (b->full_bw_reached) {
		b->state = BBR_DRAIN;
		b->drain_start_round = b->round_count;
	}
}

/* ---- ProbeBW, 5.3.3 ---- */

/* pick_probe_wait - chance mixes flows that share a path: 5.3.3.8.2 */
static void
pick_probe_wait(struct tcb *tcb)
{
	struct bbr *b = bbr_of(tcb);

	b->rounds_since_probe_up = (uint32_t)chance_below(&tcb->tcp->chance, 2);
	b->bw_probe_wait = 2 * NS_S + chance_below(&tcb->tcp->chance, NS_S);
}

static void
start_down(struct tcb *tcb, uint64_t now)
{
	struct bbr *b = bbr_of(tcb);

	bbr_reset_congestion(b);
	b->probe_up_acked_per_inc = BBR_INFINITE;
	pick_probe_wait(tcb);
	b->cycle_stamp = now;
	b->ack_phase = ACKS_STOPPING;
	bbr_start_round(tcb);
	b->state = BBR_DOWN;
}

static void
start_refill(struct tcb *tcb)
{
	struct bbr *b = bbr_of(tcb);

	bbr_reset_shortterm(b);
	b->bw_probe_up_rounds = 0;
	b->bw_probe_up_acked = 0;
	b->prev_probe_precautionary = false;
	b->ack_phase = ACKS_REFILLING;
	bbr_start_round(tcb);
	b->state = BBR_REFILL;
}

/* raise_slope - RaiseInflightLongtermSlope() */
static void
raise_slope(struct tcb *tcb)
{
	struct bbr *b = bbr_of(tcb);
	uint32_t mss = tcp_eff_mss(tcb), n;

	n = tcb->cwnd >> b->bw_probe_up_rounds;
	if (b->bw_probe_up_rounds < 30)
		b->bw_probe_up_rounds++;
	b->probe_up_acked_per_inc = n > mss ? n : mss;
}

static void
start_up(struct tcb *tcb, const struct ack_info *info)
{
	struct bbr *b = bbr_of(tcb);

	b->is_bw_probe_sample = true;
	b->ack_phase = ACKS_STARTING;
	bbr_start_round(tcb);
	reset_full_bw(b, info->rate.bw);
	b->state = BBR_UP;
	raise_slope(tcb);
}

/* probe_upward - ProbeInflightLongtermUpward() */
static void
probe_upward(struct tcb *tcb, const struct ack_info *info)
{
	struct bbr *b = bbr_of(tcb);
	uint64_t delta;

	if (!tcb->cwnd_limited || tcb->cwnd < b->inflight_longterm)
		return;
	b->bw_probe_up_acked += info->delivered;
	if (b->bw_probe_up_acked >= b->probe_up_acked_per_inc) {
		delta = b->bw_probe_up_acked / b->probe_up_acked_per_inc;
		b->bw_probe_up_acked -= delta * b->probe_up_acked_per_inc;
		b->inflight_longterm += delta * tcp_eff_mss(tcb);
	}
	if (b->round_start)
		raise_slope(tcb);
}

/* adapt_longterm - AdaptLongTermModel(); true: the state has changed */
static bool
adapt_longterm(struct tcb *tcb, const struct ack_info *info)
{
	const struct rate *r = &info->rate;
	struct bbr *b = bbr_of(tcb);

	if (b->ack_phase == ACKS_STARTING && b->round_start)
		b->ack_phase = ACKS_FEEDBACK;
	if (b->ack_phase == ACKS_STOPPING && b->round_start) {
		b->is_bw_probe_sample = false;
		b->ack_phase = ACKS_INIT;
		if (bbr_in_probe_bw(b) && !r->app_limited)
			bbr_advance_max_bw(b);
		if (bbr_in_probe_bw(b) && b->prev_probe_precautionary &&
		    !b->prev_probe_too_high) {
			start_refill(tcb);
			return true;
		}
	}
	if (!r->any || b->inflight_longterm == BBR_INFINITE ||
	    bbr_too_high(tcb, r->lost, r->tx_in_flight))
		return false;
	if (r->tx_in_flight > b->inflight_longterm)
		b->inflight_longterm = r->tx_in_flight;
	if (b->state == BBR_UP)
		probe_upward(tcb, info);
	return false;
}

/* time_to_probe - IsTimeToProbeBW() */
static bool
time_to_probe(const struct tcb *tcb, uint64_t now)
{
	const struct bbr *b = bbr_of(tcb);
	uint64_t rounds = bbr_target(tcb) / tcp_eff_mss(tcb);

	if (rounds > RENO_ROUNDS)
		rounds = RENO_ROUNDS;
	return now > b->cycle_stamp + b->bw_probe_wait ||
	       b->rounds_since_probe_up >= rounds;
}

static bool
time_to_cruise(const struct tcb *tcb)
{
	const struct bbr *b = bbr_of(tcb);
	uint32_t flight = tcp_in_flight(tcb);

	return flight <= bbr_with_headroom(tcb) &&
	       flight <= bbr_inflight(tcb, bbr_max_bw(b), 100);
}

/* time_to_go_down - IsTimeToGoDown(), 5.3.3.7 */
static bool
time_to_go_down(struct tcb *tcb, const struct ack_info *info)
{
	struct bbr *b = bbr_of(tcb);

	if (b->prev_probe_too_high &&
	    tcp_in_flight(tcb) >= b->inflight_longterm) {
		b->prev_probe_precautionary = true;
		return true;
	}
	if (tcb->cwnd_limited && tcb->cwnd >= b->inflight_longterm) {
		reset_full_bw(b, info->rate.bw);
		return false;
	}
	return b->full_bw_now;
}

/* bbr_cycle - UpdateProbeBWCyclePhase(), 5.3.3.9 */
void
bbr_cycle(struct tcb *tcb, const struct ack_info *info)
{
	struct bbr *b = bbr_of(tcb);

	if (!b->full_bw_reached)
		return;
	if (b->too_high) {
		/* found when a loss was noticed, HandleInflightTooHigh() */
		b->too_high = false;
		if (b->state == BBR_UP) {
			start_down(tcb, info->now);
			return;
		}
	}
	if (adapt_longterm(tcb, info))
		return;
	switch ((enum bbr_state)b->state) {
	case BBR_STARTUP:
	case BBR_DRAIN:
	case BBR_PROBE_RTT:
		break;
	case BBR_DOWN:
	case BBR_CRUISE:
		if (time_to_probe(tcb, info->now))
			start_refill(tcb);
		else if (b->state == BBR_DOWN && time_to_cruise(tcb))
			b->state = BBR_CRUISE;
		break;
	case BBR_REFILL:
		if (b->round_start)
			start_up(tcb, info);
		break;
	case BBR_UP:
		if (time_to_go_down(tcb, info)) {
			b->prev_probe_too_high = false;
			start_down(tcb, info->now);
		}
		break;
	}
}

/* bbr_check_drain - CheckDrainDone(), 5.3.2 */
void
bbr_check_drain(struct tcb *tcb, const struct ack_info *info)
{
	struct bbr *b = bbr_of(tcb);

	if (b->state == BBR_DRAIN &&
	    (tcp_in_flight(tcb) <= bbr_inflight(tcb, b->bw, 100) ||
		b->round_count > b->drain_start_round + DRAIN_ROUNDS))
		start_down(tcb, info->now);
}

/* ---- ProbeRTT, 5.3.4 ---- */

/* bbr_check_probe_rtt_done - CheckProbeRTTDone() and ExitProbeRTT() */
void
bbr_check_probe_rtt_done(struct tcb *tcb, uint64_t now)
{
	struct bbr *b = bbr_of(tcb);

	if (b->probe_rtt_done_stamp == 0 || now <= b->probe_rtt_done_stamp)
		return;
	b->probe_rtt_min_stamp = now;
	bbr_restore_cwnd(tcb);
	bbr_reset_shortterm(b);
	if (b->full_bw_reached) {
		start_down(tcb, now);
		b->state = BBR_CRUISE; /* no queue is left to drain */
	} else {
		bbr_enter_startup(b);
	}
}

static void
handle_probe_rtt(struct tcb *tcb, uint64_t now)
{
	struct bbr *b = bbr_of(tcb);

	tcp_rate_limited(tcb); /* slow samples are of our own making */
	if (b->probe_rtt_done_stamp == 0) {
		if (tcp_in_flight(tcb) > bbr_probe_rtt_cwnd(tcb))
			return;
		b->probe_rtt_done_stamp = now + PROBE_RTT_DURATION;
		b->probe_rtt_round_done = false;
		bbr_start_round(tcb);
		return;
	}
	if (b->round_start)
		b->probe_rtt_round_done = true;
	if (b->probe_rtt_round_done)
		bbr_check_probe_rtt_done(tcb, now);
}

/* bbr_check_probe_rtt - CheckProbeRTT() */
void
bbr_check_probe_rtt(struct tcb *tcb, const struct ack_info *info)
{
	struct bbr *b = bbr_of(tcb);

	if (b->state != BBR_PROBE_RTT && b->probe_rtt_expired &&
	    !b->idle_restart) {
		bbr_save_cwnd(tcb);
		b->state = BBR_PROBE_RTT;
		b->probe_rtt_done_stamp = 0;
		b->ack_phase = ACKS_STOPPING;
		bbr_start_round(tcb);
	}
	if (b->state == BBR_PROBE_RTT)
		handle_probe_rtt(tcb, info->now);
	if (info->rate.any)
		b->idle_restart = false;
}
