/*
 * tcp_cubic.c - CUBIC, RFC 9438: after a loss the window grows along a cubic
 * function of time that is flat where the loss was, and never more slowly
 * than Reno's. In integers: bytes and milliseconds.
 */
#include "tcp_cong.h"
#include "tcp_var.h"

/* what tcb->cong[] holds */
enum {
	W_MAX,	/* the window before the last loss, bytes */
	EPOCH,	/* when this growth began, ns; 0: not yet */
	K,	/* ms from there to W_MAX */
	W_EST,	/* what Reno would have by now, bytes */
	REST,	/* of the division that makes cwnd grow */
	UPDATE, /* the last time that cwnd was free to grow, ns */
};

#define NS_MS UINT64_C(1000000)

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
	uint64_t *c = tcb->cong, diff;

	c[EPOCH] = now;
	c[W_EST] = tcb->cwnd;
	c[REST] = 0;
	c[K] = 0;
	if (c[W_MAX] > tcb->cwnd) {
		/* segments / 0.4 in s^3 are segments * 5/2 * 10^9 in ms^3 */
		diff = c[W_MAX] - tcb->cwnd;
		c[K] = cube_root(diff * UINT64_C(2500000000) / mss);
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
	uint64_t *c = tcb->cong, step = (uint64_t)acked * mss / tcb->cwnd;

	c[W_EST] += c[W_EST] < c[W_MAX] ? step * 9 / 17 : step;
}

static void
cubic_acked(struct tcb *tcb, const struct ack_info *info)
{
	uint32_t mss = tcp_eff_mss(tcb);
	uint64_t *c = tcb->cong, t;
	int64_t target, limit;

	if (!tcb->cwnd_limited || tcb->cwnd > CWND_MAX) {
		/* 4.2: time in which the window was not used does not count */
		if (c[EPOCH] != 0)
			c[EPOCH] += info->now - c[UPDATE];
		c[UPDATE] = info->now;
		return;
	}
	c[UPDATE] = info->now;
	if (tcb->cwnd < tcb->ssthresh) {
		tcb->cwnd += info->acked;
		return;
	}
	if (c[EPOCH] == 0)
		begin(tcb, info->now, mss);
	t = (info->now - c[EPOCH]) / NS_MS;
	reno_estimate(tcb, info->acked, mss);
	if (w_cubic(tcb, t, mss) < (int64_t)c[W_EST]) {
		if (c[W_EST] > tcb->cwnd)
			tcb->cwnd = (uint32_t)c[W_EST];
		return;
	}
	target = w_cubic(tcb, t + tcb->srtt / NS_MS, mss);
	limit = (int64_t)tcb->cwnd + tcb->cwnd / 2;
	if (target > limit)
		target = limit;
	if (target <= (int64_t)tcb->cwnd)
		return;
	c[REST] += (uint64_t)(target - tcb->cwnd) * info->acked;
	tcb->cwnd += (uint32_t)(c[REST] / tcb->cwnd);
	c[REST] %= tcb->cwnd;
}

/* cubic_ssthresh - 4.6 and fast convergence, 4.7: beta is 0.7 */
static uint32_t
cubic_ssthresh(struct tcb *tcb, uint64_t now)
{
	uint32_t least = 2 * tcp_eff_mss(tcb), flight, new;
	uint64_t *c = tcb->cong;

	flight = tcb->snd_nxt - tcb->snd_una;
	if (flight > tcb->cwnd)
		flight = tcb->cwnd;
	c[W_MAX] = flight < c[W_MAX] ? (uint64_t)flight * 17 / 20 : flight;
	c[EPOCH] = 0;
	new = (uint32_t)((uint64_t)flight * 7 / 10);
	return new > least ? new : least;
}

const struct cong tcp_cubic = {
    .name = "cubic",
    .init = cubic_init,
    .acked = cubic_acked,
    .ssthresh = cubic_ssthresh,
};
