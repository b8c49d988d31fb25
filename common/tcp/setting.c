/*
 * setting.c - what one connection has in another way than the others, and how
 * it stands.
 */
#include <string.h>

#include "tcp/cong.h"
#include "tcp/tcp_inline.h"
#include "tcp/tcp_var.h"

/* own - its settings; NULL: connections have none of their own */
static struct settings *
own(struct tcb *tcb)
{
	size_t at = tcb->tcp->own_at;

	return at == 0 ? NULL : (struct settings *)((char *)tcb + at);
}

bool
tcp_set_user_timeout(struct tcb *tcb, uint64_t ns)
{
	struct settings *s = own(tcb);

	if (s == NULL)
		return false;
	s->user_timeout = ns;
	return true;
}

bool
tcp_set_keepalive(struct tcb *tcb, uint64_t ns, uint64_t now)
{
	struct settings *s = own(tcb);

	if (s == NULL)
		return false;
	s->keepalive = ns;
	if (tcp_synchronized(tcb))
		tcp_keep_heard(tcb, now);
	tcp_touch(tcb);
	return true;
}

bool
tcp_set_dscp(struct tcb *tcb, uint8_t dscp)
{
	struct settings *s = own(tcb);

	if (s == NULL || dscp > 63)
		return false;
	s->dscp = dscp;
	return true;
}

bool
tcp_set_rcvbuf(struct tcb *tcb, uint32_t bytes)
{
	struct settings *s = own(tcb);
	uint32_t before = tcp_rcv_window(tcb);

	if (s == NULL)
		return false;
	s->rcvbuf = bytes;
	if (tcp_synchronized(tcb) && tcp_rcv_window(tcb) > before)
		tcb->ack_now = true;
	tcp_touch(tcb);
	return true;
}

/*
 * tcp_set_cong - tcb->cong[] is the congestion control's own only between
 * SYN-RECEIVED and FIN-WAIT-2; before, the one that is set here is begun with
 * when the connection is established
 */
bool
tcp_set_cong(struct tcb *tcb, const struct tcp_cong *cong, uint64_t now)
{
	struct settings *s = own(tcb);

	if (s == NULL || tcp_fin_sent(tcb) || !tcp_work_begin(tcb))
		return false;
	if (s->cong->done != NULL)
		s->cong->done(tcb);
	s->cong = tcb->w->cc = cong;
	tcb->no_model = false;
	if (tcp_synchronized(tcb)) {
		memset(tcb->cong, 0, sizeof(tcb->cong));
		cong->init(tcb, now);
	}
	tcp_touch(tcb);
	return true;
}

static uint32_t
unacked(const struct tcb *tcb)
{
	uint32_t n = tcb->snd_nxt - tcb->snd_una;

	/* SYN and FIN have a number, and no byte */
	if (n > 0 && (!tcp_synchronized(tcb) || tcp_fin_sent(tcb)))
		n--;
	return n;
}

void
tcp_status(const struct tcb *tcb, struct tcp_status *i)
{
	memset(i, 0, sizeof(*i));
	i->state = (enum tcp_state)tcb->c.state;
	i->cong = tcb->no_model ? &tcp_cubic : tcp_set(tcb)->cong;
	i->cwnd = tcb->cwnd;
	i->ssthresh = tcb->ssthresh;
	i->unacked = unacked(tcb);
	i->unsent = tcb->offer_end - tcb->una_off - i->unacked;
	i->in_flight = tcb->w != NULL ? tcp_in_flight(tcb) : 0;
	i->mss = tcp_eff_mss(tcb);
	i->snd_wnd = tcb->snd_wnd;
	i->rcv_wnd = tcb->rcv_adv - tcb->rcv_nxt;
	i->srtt = tcp_srtt(tcb);
	i->rto = tcp_rto(tcb);
	i->min_rtt = tcb->srtt != 0 ? tcp_min_rtt(tcb) : 0;
	i->acked = tcb->una_off;
	i->received = tcb->received;
	i->retransmits = tcb->retransmits;
}
