/*
 * reno.c - Reno: RFC 5681 3.1 with the byte counting of RFC 3465.
 */
#include "tcp/cong.h"
#include "tcp/tcp_inline.h"
#include "tcp/tcp_var.h"

static void
reno_init(struct tcb *tcb, uint64_t now)
{
	tcb->cong[0] = 0; /* bytes acknowledged since cwnd last grew */
}

static void
reno_acked(struct tcb *tcb, const struct ack_info *info)
{
	uint32_t mss = tcp_eff_mss(tcb), acked;

	if (!tcp_window_used(tcb) || tcb->cwnd > CWND_MAX)
		return;
	acked = tcp_slow_start(tcb, info);
	if (acked == 0)
		return;
	tcb->cong[0] += acked;
	if (tcb->cong[0] >= tcb->cwnd) {
		tcb->cong[0] -= tcb->cwnd;
		tcb->cwnd += mss;
	}
}

static uint32_t
reno_ssthresh(struct tcb *tcb, uint64_t now)
{
	uint32_t half = tcp_used_window(tcb) / 2;
	uint32_t least = 2 * tcp_eff_mss(tcb);

	return half > least ? half : least;
}

/* reno_marked - RFC 8511 3: less than for a loss, where the window had been
   measured already */
static uint32_t
reno_marked(struct tcb *tcb, uint64_t now)
{
	uint32_t least = 2 * tcp_eff_mss(tcb), n;

	if (tcb->cwnd <= tcb->ssthresh)
		return reno_ssthresh(tcb, now);
	n = (uint32_t)((uint64_t)tcp_used_window(tcb) * 4 / 5);
	return n > least ? n : least;
}

const struct tcp_cong tcp_reno = {
    .name = "reno",
    .init = reno_init,
    .acked = reno_acked,
    .ssthresh = reno_ssthresh,
    .marked = reno_marked,
};
