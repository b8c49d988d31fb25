/*
 * cong.c - the list of congestion controls, and Reno: RFC 5681 3.1 with
 * the byte counting of RFC 3465.
 */
#include <stddef.h>
#include <string.h>

#include "tcp/cong/cong.h"
#include "tcp/tcp_var.h"

uint32_t
tcp_initial_window(const struct tcb *tcb)
{
	uint32_t mss = tcp_eff_mss(tcb);
	uint32_t iw = 10 * mss < 14600 ? 10 * mss : 14600;

	return iw > 2 * mss ? iw : 2 * mss;
}

static void
reno_init(struct tcb *tcb, uint64_t now)
{
	tcb->cong[0] = 0; /* bytes acknowledged since cwnd last grew */
}

static void
reno_acked(struct tcb *tcb, const struct ack_info *info)
{
	uint32_t mss = tcp_eff_mss(tcb);

	/* a window that was not used proves nothing: RFC 7661 */
	if (!tcb->cwnd_limited || tcb->cwnd > CWND_MAX)
		return;
	if (tcb->cwnd < tcb->ssthresh) {
		tcb->cwnd += info->acked;
		return;
	}
	tcb->cong[0] += info->acked;
	if (tcb->cong[0] >= tcb->cwnd) {
		tcb->cong[0] -= tcb->cwnd;
		tcb->cwnd += mss;
	}
}

uint32_t
tcp_used_window(const struct tcb *tcb)
{
	uint32_t flight = tcb->snd_nxt - tcb->snd_una;

	return tcb->cwnd_limited || flight > tcb->cwnd ? tcb->cwnd : flight;
}

static uint32_t
reno_ssthresh(struct tcb *tcb, uint64_t now)
{
	uint32_t half = tcp_used_window(tcb) / 2;
	uint32_t least = 2 * tcp_eff_mss(tcb);

	return half > least ? half : least;
}

static const struct cong reno = {
    .name = "reno",
    .init = reno_init,
    .acked = reno_acked,
    .ssthresh = reno_ssthresh,
};

static const struct cong *const all[] = {&tcp_cubic, &reno, &tcp_bbr};

const struct cong *
tcp_cong_find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (strcmp(all[i]->name, name) == 0)
			return all[i];
	}
	return NULL;
}
