/*
 * bbr_model.c - BBR's model of the path: rounds, bandwidth, round trip,
 * aggregation, the response to losses, and the volumes that follow from it.
 * Draft-ietf-ccwg-bbr-06, 5.5, 5.6.1, 5.6.4.2.
 */
#include "tcp/cong/bbr.h"
#include "tcp/cong.h"
#include "tcp/tcp_inline.h"
#include "tcp/tcp_var.h"

enum {
	LOSS_PERCENT = 2,	/* LossThresh */
	BASE_PERCENT = 20,	/* more than that is never the path's nature */
	BASE_SEGMENTS = 512,	/* over which the base is averaged */
	BETA_PERCENT = 70,	/* Beta */
	EXTRA_ACKED_ROUNDS = 5, /* of each half of its filter */
	HEADROOM_PERCENT = 15,
	MIN_PIPE = 4, /* segments */
};

/* as much as the arithmetic takes: 2 minutes */
#define TIME_MAX	   (UINT64_C(1) << 37)
#define MIN_RTT_FILTER	   (10 * NS_S)
#define PROBE_RTT_INTERVAL (5 * NS_S)
/* a queue of less is what hosts jitter: RFC 8289 4.4 takes it for harmless */
#define QUEUE_SLACK (NS_S / 200)

static const struct {
	uint16_t pacing, cwnd; /* percent, 5.6.1 */
} gains[] = {
    [BBR_STARTUP] = {277, 200},
    [BBR_DRAIN] = {50, 200},
    [BBR_DOWN] = {90, 200},
    [BBR_CRUISE] = {100, 200},
    [BBR_REFILL] = {100, 200},
    [BBR_UP] = {125, 225},
    [BBR_PROBE_RTT] = {100, 50},
};

struct bbr *
bbr_of(const struct tcb *tcb)
{
	return (struct bbr *)tcb->pace; /* its first member */
}

uint64_t
bbr_percent(uint64_t x, uint32_t percent)
{
	return x / 100 * percent + x % 100 * percent / 100;
}

/* bbr_volume - what a rate brings in a time */
static uint64_t
bbr_volume(uint64_t rate, uint64_t ns)
{
	if (rate > BBR_RATE_MAX)
		rate = BBR_RATE_MAX;
	if (ns > TIME_MAX)
		ns = TIME_MAX;
	return rate * (ns / 1000) / 1000000 + rate * (ns % 1000) / NS_S;
}

static uint64_t
larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* ---- bandwidth and rounds ---- */

/* bbr_max_bw - 5.5.3: the most in the last two cycles */
uint64_t
bbr_max_bw(const struct bbr *b)
{
	return larger(b->max_bw[0], b->max_bw[1]);
}

void
bbr_advance_max_bw(struct bbr *b)
{
	if (b->max_bw[1] == 0)
		return; /* a cycle without a sample makes nothing forgotten */
	b->max_bw[0] = b->max_bw[1];
	b->max_bw[1] = 0;
}

void
bbr_start_round(struct tcb *tcb)
{
	bbr_of(tcb)->next_round_delivered = tcb->pace->delivered;
}

/* bbr_max_bw_sample - UpdateMaxBw(), 5.5.1, 5.5.5 */
void
bbr_max_bw_sample(struct tcb *tcb, const struct ack_info *info)
{
	const struct rate *r = &info->rate;
	struct bbr *b = bbr_of(tcb);

	b->round_start = r->any &&
			 r->prior_delivered >= b->next_round_delivered;
	if (b->round_start) {
		bbr_start_round(tcb);
		b->round_count++;
		b->rounds_since_probe_up++;
	}
	if (r->bw > 0 && (r->bw >= bbr_max_bw(b) || !r->app_limited))
		b->max_bw[1] = larger(b->max_bw[1], r->bw);
}

/* ---- the response to losses ---- */

/* root - the integer part */
static uint64_t
root(uint64_t x)
{
	uint64_t r = 0, bit;

	for (bit = UINT64_C(1) << 31; bit != 0; bit >>= 1) {
		if ((r | bit) * (r | bit) <= x)
			r |= bit;
	}
	return r;
}

/* base_of - what the path loses of n by its nature */
static uint64_t
base_of(const struct bbr *b, uint64_t n)
{
	uint64_t base = b->base_sent > 0 ? n * b->base_lost / b->base_sent : 0;
	uint64_t most = bbr_percent(n, BASE_PERCENT);

	return base < most ? base : most;
}

/* bbr_to_arrive - how fast to send for this rate to come through */
uint64_t
bbr_to_arrive(const struct bbr *b, uint64_t rate)
{
	uint64_t lost = base_of(b, 1000);

	return rate + rate / (1000 - lost) * lost;
}

/*
 * bbr_loss_limit - the departure from the draft, see bbr.c: without a
 * queue, twice what the path loses when it is not pressed is its nature; one
 * segment is no rate, and neither is what chance adds where there are few:
 * three times its standard deviation
 */
uint64_t
bbr_loss_limit(const struct tcb *tcb, uint64_t n)
{
	const struct bbr *b = bbr_of(tcb);
	uint64_t limit = bbr_percent(n, LOSS_PERCENT);
	uint64_t base = b->queue ? 0 : base_of(b, n);

	if (base > 0)
		limit += 2 * base + 3 * root(base * tcp_eff_mss(tcb));
	return larger(limit, tcp_eff_mss(tcb));
}

/* bbr_too_high - IsInflightTooHigh(), 5.5.10.2 */
bool
bbr_too_high(const struct tcb *tcb, uint32_t lost, uint32_t tx_in_flight)
{
	if (!tcb->sack_ok)
		return lost > 0;
	return lost > bbr_loss_limit(tcb, tx_in_flight);
}

/*
 * learn_base - a round that did not press the path shows what it loses by
 * itself: not while probing, or, in Startup, while the rate still grows
 */
static void
learn_base(struct tcb *tcb, uint64_t lost, uint64_t got)
{
	struct bbr *b = bbr_of(tcb);
	uint64_t most = (uint64_t)BASE_SEGMENTS * tcp_eff_mss(tcb);

	if (b->queue || b->state == BBR_REFILL || b->state == BBR_UP ||
	    (b->state == BBR_STARTUP && b->full_bw_count > 0))
		return;
	b->base_lost += lost;
	b->base_sent += lost + got;
	while (b->base_sent > most) {
		b->base_lost /= 2;
		b->base_sent /= 2;
	}
}

void
bbr_reset_congestion(struct bbr *b)
{
	b->is_loss_in_round = false;
	b->bw_latest = b->inflight_latest = 0;
}

void
bbr_reset_shortterm(struct bbr *b)
{
	b->bw_shortterm = b->inflight_shortterm = BBR_INFINITE;
}

/*
 * bbr_slow_down - InitLowerBounds() and LossLowerBounds(), 5.5.10.3. A mark on
 * the SYN comes before there is a rate, and then none is lowered: 70 % of no
 * rate would be a bound of nothing until the next probe.
 */
void
bbr_slow_down(struct tcb *tcb)
{
	struct bbr *b = bbr_of(tcb);

	if (b->bw_shortterm == BBR_INFINITE && bbr_max_bw(b) > 0)
		b->bw_shortterm = bbr_max_bw(b);
	if (b->inflight_shortterm == BBR_INFINITE)
		b->inflight_shortterm = tcb->cwnd;
	if (b->bw_shortterm != BBR_INFINITE)
		b->bw_shortterm = larger(
		    b->bw_latest, bbr_percent(b->bw_shortterm, BETA_PERCENT));
	b->inflight_shortterm = larger(b->inflight_latest,
	    bbr_percent(b->inflight_shortterm, BETA_PERCENT));
}

static bool
bbr_probes_bw(const struct bbr *b)
{
	return b->state == BBR_STARTUP || b->state == BBR_REFILL ||
	       b->state == BBR_UP;
}

/* judge_round - once a round: was there a queue, was much lost? */
static void
judge_round(struct tcb *tcb)
{
	struct bbr *b = bbr_of(tcb);
	uint64_t lost = tcb->pace->lost_bytes - b->round_lost;
	uint64_t got = tcb->pace->delivered - b->round_delivered;

	b->queue = b->round_rtt != BBR_INFINITE && b->min_rtt != NEVER &&
		   b->round_rtt > b->min_rtt + b->min_rtt / 4 + QUEUE_SLACK;
	if (b->is_loss_in_round && !bbr_probes_bw(b) &&
	    lost > bbr_loss_limit(tcb, lost + got))
		bbr_slow_down(tcb);
	learn_base(tcb, lost, got);
	b->is_loss_in_round = false;
	b->loss_ranges = 0;
	b->round_lost = tcb->pace->lost_bytes;
	b->round_delivered = tcb->pace->delivered;
	b->round_rtt = BBR_INFINITE;
}

/* bbr_latest_signals - UpdateLatestDeliverySignals() */
void
bbr_latest_signals(struct tcb *tcb, const struct ack_info *info)
{
	const struct rate *r = &info->rate;
	struct bbr *b = bbr_of(tcb);

	b->loss_round_start = false;
	if (!r->any)
		return;
	b->bw_latest = larger(b->bw_latest, r->bw);
	b->inflight_latest = larger(b->inflight_latest, r->delivered);
	if (r->rtt > 0 && r->rtt < b->round_rtt)
		b->round_rtt = r->rtt;
	if (r->prior_delivered >= b->loss_round_delivered) {
		b->loss_round_delivered = tcb->pace->delivered;
		b->loss_round_start = true;
	}
}

/*
 * bbr_end_loss_round - AdaptLowerBoundsFromCongestion(), which the draft has
 * before the states change, and AdvanceLatestDeliverySignals()
 */
void
bbr_end_loss_round(struct tcb *tcb, const struct ack_info *info)
{
	struct bbr *b = bbr_of(tcb);

	if (!b->loss_round_start)
		return;
	judge_round(tcb);
	b->bw_latest = info->rate.bw;
	b->inflight_latest = info->rate.delivered;
}

/* ---- aggregation ---- */

/* remember_extra - the most of 5 to 10 rounds, of 1 in Startup */
static void
remember_extra(struct bbr *b, uint64_t extra)
{
	int rounds = b->full_bw_reached ? EXTRA_ACKED_ROUNDS : 1;

	if (b->round_start && ++b->extra_acked_rounds >= rounds) {
		b->extra_acked_rounds = 0;
		b->extra_acked[0] = b->full_bw_reached ? b->extra_acked[1] : 0;
		b->extra_acked[1] = 0;
	}
	b->extra_acked[1] = larger(b->extra_acked[1], extra);
}

/* bbr_aggregation - UpdateACKAggregation(), 5.5.9 */
void
bbr_aggregation(struct tcb *tcb, const struct ack_info *info)
{
	struct bbr *b = bbr_of(tcb);
	uint64_t expected, extra;

	expected = bbr_volume(b->bw, info->now - b->extra_acked_start);
	if (b->extra_acked_delivered <= expected) {
		b->extra_acked_delivered = 0;
		b->extra_acked_start = info->now;
		expected = 0;
	}
	b->extra_acked_delivered += info->delivered;
	extra = b->extra_acked_delivered - expected;
	if (extra > tcb->cwnd)
		extra = tcb->cwnd;
	remember_extra(b, extra);
}

/* ---- round trip ---- */

/* bbr_min_rtt - UpdateMinRTT(), 5.3.4.3 */
void
bbr_min_rtt(struct tcb *tcb, const struct ack_info *info)
{
	struct bbr *b = bbr_of(tcb);
	uint64_t rtt = info->rate.rtt;

	b->probe_rtt_expired = info->now >
			       b->probe_rtt_min_stamp + PROBE_RTT_INTERVAL;
	if (rtt > 0 && (rtt < b->probe_rtt_min_delay || b->probe_rtt_expired)) {
		b->probe_rtt_min_delay = rtt;
		b->probe_rtt_min_stamp = info->now;
	}
	if (b->probe_rtt_min_delay < b->min_rtt ||
	    info->now > b->min_rtt_stamp + MIN_RTT_FILTER) {
		b->min_rtt = b->probe_rtt_min_delay;
		b->min_rtt_stamp = b->probe_rtt_min_stamp;
	}
}

/* ---- gains and volumes: 5.6.1, 5.6.4.2 ---- */

uint32_t
bbr_pacing_gain(const struct bbr *b)
{
	return gains[b->state].pacing;
}

uint32_t
bbr_cwnd_gain(const struct bbr *b)
{
	return gains[b->state].cwnd;
}

bool
bbr_in_probe_bw(const struct bbr *b)
{
	return b->state >= BBR_DOWN && b->state <= BBR_UP;
}

uint64_t
bbr_min_pipe(const struct tcb *tcb)
{
	return (uint64_t)MIN_PIPE * tcp_eff_mss(tcb);
}

uint64_t
bbr_bdp(const struct tcb *tcb, uint64_t bw, uint32_t gain)
{
	const struct bbr *b = bbr_of(tcb);

	if (b->min_rtt == NEVER || bw == 0)
		return tcp_initial_window(tcb);
	return bbr_percent(bbr_volume(bw, b->min_rtt), gain);
}

/* bbr_quantize - QuantizationBudget(), with the offload budget of 5.5.8.1 */
uint64_t
bbr_quantize(const struct tcb *tcb, uint64_t cap)
{
	uint64_t budget = 3 * (uint64_t)tcp_quantum(tcb);

	if (cap < budget)
		cap = budget;
	if (cap < bbr_min_pipe(tcb))
		cap = bbr_min_pipe(tcb);
	if (bbr_of(tcb)->state == BBR_UP)
		cap += 2 * tcp_eff_mss(tcb);
	return cap;
}

uint64_t
bbr_inflight(const struct tcb *tcb, uint64_t bw, uint32_t gain)
{
	return bbr_quantize(tcb, bbr_bdp(tcb, bw, gain));
}

/* bbr_with_headroom - InflightWithHeadroom(), 5.3.3.9 */
uint64_t
bbr_with_headroom(const struct tcb *tcb)
{
	const struct bbr *b = bbr_of(tcb);
	uint64_t room, least = bbr_min_pipe(tcb), n = b->inflight_longterm;

	if (n == BBR_INFINITE)
		return n;
	room = bbr_percent(n, HEADROOM_PERCENT);
	if (room < tcp_eff_mss(tcb))
		room = tcp_eff_mss(tcb);
	return n > least + room ? n - room : least;
}

/* bbr_target - TargetInflight() */
uint64_t
bbr_target(const struct tcb *tcb)
{
	uint64_t bdp = bbr_bdp(tcb, bbr_of(tcb)->bw, 100);

	return bdp < tcb->cwnd ? bdp : tcb->cwnd;
}

uint64_t
bbr_probe_rtt_cwnd(const struct tcb *tcb)
{
	const struct bbr *b = bbr_of(tcb);
	uint64_t n, least = bbr_min_pipe(tcb);

	n = bbr_bdp(tcb, b->bw, bbr_cwnd_gain(b));
	return n > least ? n : least;
}

/* ---- cwnd across recovery and ProbeRTT, 5.6.4.4 ---- */

void
bbr_save_cwnd(struct tcb *tcb)
{
	struct bbr *b = bbr_of(tcb);

	if ((tcb->w->recovery == REC_OPEN && b->state != BBR_PROBE_RTT) ||
	    b->prior_cwnd < tcb->cwnd)
		b->prior_cwnd = tcb->cwnd;
}

void
bbr_restore_cwnd(struct tcb *tcb)
{
	if (tcb->cwnd < bbr_of(tcb)->prior_cwnd)
		tcb->cwnd = bbr_of(tcb)->prior_cwnd;
}
