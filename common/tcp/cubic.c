/*
 * cubic.c - CUBIC, RFC 9438: after a loss the window grows along a cubic
 * function of time that is flat where the loss was, and never more slowly
 * than Reno's. In integers: bytes and milliseconds.
 */
#include "tcp/cong.h"
#include "tcp/tcp_inline.h"
#include "tcp/tcp_var.h"

/* what tcb->cong[] holds */
enum {
	W_MAX,	/* the window before the last loss, bytes */
	EPOCH,	/* when this growth began, ms; 0: not yet */
	K,	/* ms from there to W_MAX */
	W_EST,	/* what Reno would have by now, bytes */
	REST,	/* of the division that makes cwnd grow */
	UPDATE, /* the last time that cwnd was free to grow, ms */
};

/* cube_root - the integer part */
static uint64_t
cube_root(uint64_t x)
{
	uint64_t y = 0, b;
	int s;

	for (s = 63; s >= 0; s -= 3) {
		y *= 2;
		b = 3 * y * (y + 1) + 1;
		if (x >> s >= b) {
			x -= b << s;
			y++;
		}
	}
	return y;
}

static void
cubic_init(struct tcb *tcb, uint64_t now)
{
	int i;

	for (i = 0; i < 6; i++)
		tcb->cong[i] = 0;
}

/* begin - an epoch of growth, 4.2: K = cbrt((W_max - cwnd) / C), C = 0.4 */
static void
begin(struct tcb *tcb, uint64_t now, uint32_t mss)
{
	uint32_t *c = tcb->cong;
	uint64_t diff;

	c[EPOCH] = tcp_ts_now(now);
	c[W_EST] = tcb->cwnd;
	c[REST] = 0;
	c[K] = 0;
	if (c[W_MAX] > tcb->cwnd) {
		/* segments / 0.4 in s^3 are segments * 5/2 * 10^9 in ms^3 */
		diff = c[W_MAX] - tcb->cwnd;
		c[K] = (uint32_t)cube_root(diff * UINT64_C(2500000000) / mss);
	} else {
		c[W_MAX] = tcb->cwnd;
	}
}

/* w_cubic - 4.2, figure 1: C * (t - K)^3 + W_max, t in ms, bytes */
static int64_t
w_cubic(const struct tcb *tcb, uint64_t t, uint32_t mss)
{
	int64_t d = (int64_t)t - (int64_t)tcb->cong[K];

	if (d > 100000)
		d = 100000;
	if (d < -100000)
		d = -100000;
	d = d * d * d / 1000000 * (int64_t)mss * 2 / 5000;
	return (int64_t)tcb->cong[W_MAX] + d;
}

/* reno_estimate - 4.3: alpha is 9/17 until it has passed W_max, then 1 */
static void
reno_estimate(struct tcb *tcb, uint32_t acked, uint32_t mss)
{
	uint64_t step = (uint64_t)acked * mss / tcb->cwnd;
	uint32_t *c = tcb->cong;

	c[W_EST] += (uint32_t)(c[W_EST] < c[W_MAX] ? step * 9 / 17 : step);
}

static void
cubic_acked(struct tcb *tcb, const struct ack_info *info)
{
	uint32_t *c = tcb->cong, mss = tcp_eff_mss(tcb), t, acked;
	int64_t target, limit;
	uint64_t rest;

	if (!tcp_window_used(tcb) || tcb->cwnd > CWND_MAX) {
		/* 4.2: time in which the window was not used does not count */
		if (c[EPOCH] != 0)
			c[EPOCH] += tcp_ts_now(info->now) - c[UPDATE];
		c[UPDATE] = tcp_ts_now(info->now);
		return;
	}
	c[UPDATE] = tcp_ts_now(info->now);
	acked = tcp_slow_start(tcb, info);
	if (acked == 0)
		return;
	if (c[EPOCH] == 0)
		begin(tcb, info->now, mss);
	t = tcp_ts_now(info->now) - c[EPOCH];
	reno_estimate(tcb, acked, mss);
	if (w_cubic(tcb, t, mss) < (int64_t)c[W_EST]) {
		if (c[W_EST] > tcb->cwnd)
			tcb->cwnd = (uint32_t)c[W_EST];
		return;
	}
	target = w_cubic(tcb, t + tcp_srtt(tcb) / NS_MS, mss);
	limit = (int64_t)tcb->cwnd + tcb->cwnd / 2;
	if (target > limit)
		target = limit;
	if (target <= (int64_t)tcb->cwnd)
		return;
	rest = c[REST] + (uint64_t)(target - tcb->cwnd) * acked;
	tcb->cwnd += (uint32_t)(rest / tcb->cwnd);
	c[REST] = (uint32_t)(rest % tcb->cwnd);
}

/*
 * cubic_ssthresh - 4.6 and fast convergence, 4.7: beta is 0.7, in segments (4),
 * to the nearest. Of a fraction nothing is sent: where losses keep the window
 * at a few segments, it would come down by nearly a half.
 */
static uint32_t
cubic_ssthresh(struct tcb *tcb, uint64_t now)
{
	uint32_t *c = tcb->cong, mss = tcp_eff_mss(tcb), least = 2 * mss, new;
	uint32_t flight = tcp_used_window(tcb);

	c[W_MAX] = flight < c[W_MAX] ? (uint32_t)((uint64_t)flight * 17 / 20)
				     : flight;
	c[EPOCH] = 0;
	new = (uint32_t)((uint64_t)flight * 7 / 10) + mss / 2;
	new -= new % mss;
	return new > least ? new : least;
}

const struct tcp_cong tcp_cubic = {
    .name = "cubic",
    .init = cubic_init,
    .acked = cubic_acked,
    .ssthresh = cubic_ssthresh,
};
