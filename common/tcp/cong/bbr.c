/*
 * bbr.c - BBR, draft-ietf-ccwg-bbr-06: a model of the path, its bandwidth
 * and its round trip, decides how fast to send and how much to have in flight;
 * a loss by itself means little. Here are the callbacks, and what the model
 * leads to (5.6): pacing rate and cwnd. bbr_model.c keeps the model,
 * bbr_probe.c the states, rate.c takes the samples.
 *
 * One departure from the draft, which takes a loss rate above 2 % for
 * congestion wherever it comes from, and so starves where 5 % or 10 % are
 * lost by chance. What is lost by chance does not depend on what is sent.
 * So the loss rate of rounds that do not press the path is kept as its base:
 * rounds of DOWN and CRUISE, and of Startup while the rate grows, without a
 * queue (a round trip of no more than 5/4 of the least and 5 ms). Without a
 * queue a loss rate means congestion above 2 % and twice the base, not
 * counting more than 20 % of base nor what chance may add to it; with a queue
 * above 2 %; and one segment alone is no rate. By the same measure the
 * short-term bounds come down, which the draft lowers after any loss. In
 * Startup losses end the growth only when the rate has stopped growing, and
 * that is judged by the best sample of a round, not the first. A probe sends
 * so much more that as much more arrives as the draft means to.
 *
 * Losses found to be none are not undone (5.5.11), the next probe is.
 */
#include "base/allocator.h"
#include "tcp/cong/bbr.h"
#include "tcp/cong.h"
#include "tcp/tcp_var.h"
#include "wire/tcp_seq.h"

enum {
	STARTUP_GAIN = 277,
	PACED_PERCENT = 99, /* 100 - PacingMarginPercent */
	BETA = 70,
};

/* ---- the control parameters, 5.6 ---- */

static void
set_pacing(struct tcb *tcb, uint32_t gain)
{
	const struct bbr *b = bbr_of(tcb);
	uint64_t rate;

	rate = bbr_percent(bbr_percent(b->bw, gain), PACED_PERCENT);
	/* a probe is to find out whether more arrives, not whether more can
	   be lost: 25 % more sent are 6 % less with 25 % lost */
	if (b->state == BBR_UP)
		rate = bbr_to_arrive(b, rate);
	if (rate > BBR_RATE_MAX)
		rate = BBR_RATE_MAX;
	if (rate > 0 && (b->full_bw_reached || rate > tcb->pace->pacing_rate))
		tcb->pace->pacing_rate = rate;
}

/* bound_cwnd - BoundCwndForProbeRTT(), BoundCwndForModel() */
static void
bound_cwnd(struct tcb *tcb)
{
	const struct bbr *b = bbr_of(tcb);
	uint64_t cap = BBR_INFINITE;

	if (b->state == BBR_PROBE_RTT || b->state == BBR_CRUISE)
		cap = bbr_with_headroom(tcb);
	else if (bbr_in_probe_bw(b))
		cap = b->inflight_longterm;
	if (cap > b->inflight_shortterm)
		cap = b->inflight_shortterm;
	if (b->state == BBR_PROBE_RTT && cap > bbr_probe_rtt_cwnd(tcb))
		cap = bbr_probe_rtt_cwnd(tcb);
	if (cap < bbr_min_pipe(tcb))
		cap = bbr_min_pipe(tcb);
	if (tcb->cwnd > cap)
		tcb->cwnd = (uint32_t)cap;
}

/* set_cwnd - SetCwnd(), 5.6.4.6 */
static void
set_cwnd(struct tcb *tcb, const struct ack_info *info)
{
	struct bbr *b = bbr_of(tcb);
	uint64_t cwnd = (uint64_t)tcb->cwnd + info->delivered, extra;
	uint64_t max;

	extra = b->extra_acked[0] > b->extra_acked[1] ? b->extra_acked[0]
						      : b->extra_acked[1];
	max = bbr_quantize(tcb, bbr_bdp(tcb, b->bw, bbr_cwnd_gain(b)) + extra);
	if (b->full_bw_reached)
		cwnd = cwnd < max ? cwnd : max;
	else if (tcb->cwnd >= max &&
		 tcb->pace->delivered >= tcp_initial_window(tcb))
		cwnd = tcb->cwnd;
	/* after a time-out it grows from one segment: 5.6.4.4 */
	if (cwnd < bbr_min_pipe(tcb) && tcb->w->recovery != REC_LOSS)
		cwnd = bbr_min_pipe(tcb);
	tcb->cwnd = cwnd < CWND_MAX ? (uint32_t)cwnd : CWND_MAX;
	bound_cwnd(tcb);
}

/* ---- loss, 5.5.10, 5.6.4.4 ---- */

/* at_loss - InflightAtLoss(): what was in flight when it became too much */
static uint64_t
at_loss(const struct tcb *tcb, const struct sent *s, uint32_t lost)
{
	uint64_t size = s->end - s->seq, prev, limit;

	prev = s->tx_in_flight > size ? s->tx_in_flight - size : 0;
	limit = bbr_loss_limit(tcb, prev);
	lost = lost > size ? lost - (uint32_t)size : 0;
	return prev + (limit > lost ? limit - lost : 0);
}

/* bbr_lost - HandleLostPacket(), for a record */
static void
bbr_lost(struct tcb *tcb, const struct sent *s)
{
	struct bbr *b = bbr_of(tcb);
	uint32_t lost = tcb->pace->lost_bytes - s->lost_before;
	uint64_t floor, n;

	if (!b->is_loss_in_round)
		b->loss_round_delivered = tcb->pace->delivered;
	bbr_save_cwnd(tcb);
	b->is_loss_in_round = true;
	if (s->seq != b->lost_end && b->loss_ranges < UINT8_MAX)
		b->loss_ranges++;
	b->lost_end = s->end;
	if (!b->is_bw_probe_sample || !bbr_too_high(tcb, lost, s->tx_in_flight))
		return;
	b->is_bw_probe_sample = false; /* once per probe */
	b->prev_probe_too_high = b->too_high = true;
	if (s->app_limited)
		return;
	n = at_loss(tcb, s, lost);
	floor = bbr_percent(bbr_target(tcb), BETA);
	b->inflight_longterm = n > floor ? n : floor;
}

static void
watch_recovery(struct tcb *tcb)
{
	struct bbr *b = bbr_of(tcb);
	bool now = tcb->w->recovery != REC_OPEN;

	if (now && !b->in_recovery)
		b->recovery_round = b->round_count;
	if (!now && b->in_recovery)
		bbr_restore_cwnd(tcb);
	b->in_recovery = now;
}

/* ---- callbacks ---- */

/* bbr_ack - UpdateOnACK(), 5.2.3 */
static void
bbr_ack(struct tcb *tcb, const struct ack_info *info)
{
	struct bbr *b = bbr_of(tcb);
	uint64_t bw;

	watch_recovery(tcb);
	bbr_latest_signals(tcb, info);
	bbr_max_bw_sample(tcb, info);
	bbr_aggregation(tcb, info);
	bbr_check_startup(tcb, info);
	bbr_check_drain(tcb, info);
	bbr_cycle(tcb, info);
	bbr_min_rtt(tcb, info);
	bbr_check_probe_rtt(tcb, info);
	bbr_end_loss_round(tcb, info);
	bw = bbr_max_bw(b);
	b->bw = bw < b->bw_shortterm ? bw : b->bw_shortterm;
	set_pacing(tcb, bbr_pacing_gain(b));
	set_cwnd(tcb, info);
}

/* bbr_restart - HandleRestartFromIdle(), 5.4.1 */
static void
bbr_restart(struct tcb *tcb, uint64_t now)
{
	struct bbr *b = bbr_of(tcb);

	b->idle_restart = true;
	b->extra_acked_start = now;
	if (bbr_in_probe_bw(b))
		set_pacing(tcb, 100);
	else if (b->state == BBR_PROBE_RTT)
		bbr_check_probe_rtt_done(tcb, now);
}

/*
 * bbr_ssthresh - a router's mark (RFC 3168), which the draft does not mention:
 * as a round with too much loss; and as there, cwnd keeps its least
 */
static uint32_t
bbr_ssthresh(struct tcb *tcb, uint64_t now)
{
	uint64_t n, least = bbr_min_pipe(tcb);
	struct bbr *b = bbr_of(tcb);

	bbr_slow_down(tcb);
	n = b->inflight_shortterm > least ? b->inflight_shortterm : least;
	return (uint32_t)(n < CWND_MAX ? n : CWND_MAX);
}

static void
bbr_done(struct tcb *tcb)
{
	allocator_put(tcb->tcp->from, bbr_of(tcb));
	tcb->pace = NULL;
}

/* bbr_init - OnInit(), 5.2.1; without memory the connection has another */
static void
bbr_init(struct tcb *tcb, uint64_t now)
{
	struct bbr *b = allocator_zero(tcb->tcp->from, sizeof(*b));
	uint64_t rtt = tcb->srtt != 0 ? tcp_srtt(tcb) : NS_S / 1000;

	if (b == NULL) {
		tcb->no_model = true;
		tcb->w->cc = &tcp_cubic;
		tcb->w->cc->init(tcb, now);
		return;
	}
	tcb->pace = &b->pace;
	b->min_rtt = b->probe_rtt_min_delay = tcp_min_rtt(tcb);
	b->min_rtt_stamp = b->probe_rtt_min_stamp = now;
	b->extra_acked_start = now;
	b->inflight_longterm = BBR_INFINITE;
	b->probe_up_acked_per_inc = BBR_INFINITE;
	b->round_rtt = BBR_INFINITE;
	b->round_delivered = tcb->pace->delivered;
	b->round_lost = tcb->pace->lost_bytes;
	bbr_reset_shortterm(b);
	bbr_enter_startup(b);
	tcb->pace->pacing_rate = bbr_percent(
	    tcp_initial_window(tcb) * NS_S / rtt, STARTUP_GAIN);
}

const struct tcp_cong tcp_bbr = {
    .name = "bbr",
    .init = bbr_init,
    .ssthresh = bbr_ssthresh,
    .ack = bbr_ack,
    .lost = bbr_lost,
    .restart = bbr_restart,
    .done = bbr_done,
};
