/*
 * user.c - what an application may do with a connection: RFC 9293 3.9.1,
 * as far as a packet pipeline has use for it.
 */
#include <string.h>

#include "tcp/tcp_inline.h"
#include "tcp/tcp_var.h"

/* set_l2 - the Ethernet header of what goes to the peer, by way of gw */
static void
set_l2(const struct tcp *t, struct conn *c, const struct mac *gw)
{
	bool v4 = ip_is_v4(&c->laddr);
	struct mac own;

	if (t->cfg.mac != NULL)
		own = *t->cfg.mac;
	else
		mac_of_phantom(&c->laddr, &own);
	memcpy(c->l2, gw->b, 6);
	memcpy(c->l2 + 6, own.b, 6);
	c->l2[12] = v4 ? 0x08 : 0x86;
	c->l2[13] = v4 ? 0x00 : 0xdd;
	c->l2len = ETHER_HLEN;
}

struct tcb *
tcp_connect(struct tcp *t, uint64_t now, const struct ip_addr *laddr,
    uint16_t lport, const struct ip_addr *raddr, uint16_t rport,
    const struct mac *gw)
{
	struct tcb *tcb;

	/* RFC 9293 3.9.1.1 MUST-46 */
	if (!ip_is_host(raddr) || !ip_is_host(laddr) ||
	    ip_is_v4(raddr) != ip_is_v4(laddr) ||
	    tcp_lookup(t, laddr, lport, raddr, rport) != NULL)
		return NULL;
	tcb = tcp_tcb_new(t, now, laddr, lport, raddr, rport,
	    t->cfg.ask_accecn && !t->cfg.no_ecn);
	if (tcb == NULL)
		return NULL;
	if (!t->cfg.layer3)
		set_l2(t, &tcb->c, gw);
	tcb->mss = ip_is_v4(laddr) ? MSS_DEFAULT_V4 : MSS_DEFAULT_V6;
	tcb->sack_ok = !t->cfg.no_sack; /* offered */
	tcb->ts_ok = !t->cfg.no_timestamps;
	tcb->wscale_ok = !t->cfg.no_wscale;
	tcb->send_syn = true;
	tcp_set_state(tcb, TCPS_SYN_SENT, now, 0);
	tcp_touch(tcb);
	return tcb;
}

void
tcp_offer(struct tcb *tcb, uint64_t end)
{
	if (tcb->tcp->hooks != NULL)
		tcb->tcp->hooks->offer(tcb, end);
	else if (end > tcb->offer_end)
		tcb->offer_end = end;
	tcp_touch(tcb);
}

void
tcp_shutdown(struct tcb *tcb)
{
	if (tcb->tcp->hooks != NULL)
		tcb->tcp->hooks->shutdown(tcb);
	else
		tcb->fin_wanted = true;
	tcp_touch(tcb);
}

void
tcp_nodelay(struct tcb *tcb, bool on)
{
	tcb->nodelay = on;
	tcp_touch(tcb);
}

bool
tcp_ack_now(struct tcb *tcb)
{
	if (!tcp_synchronized(tcb) || tcb->w == NULL ||
	    tcb->w->last_ack_sent == tcb->rcv_nxt)
		return false;
	tcb->ack_now = true;
	tcp_touch(tcb);
	return true;
}

void
tcp_abort(struct tcb *tcb, uint64_t now)
{
	tcp_abort_why(tcb, now, "abort");
}

void
tcp_abort_why(struct tcb *tcb, uint64_t now, const char *why)
{
	if (tcp_synchronized(tcb) || tcb->c.state == TCPS_SYN_RECEIVED)
		tcp_send_reset_tcb(tcb, now);
	tcp_close(tcb, TCP_CLOSE_ABORT, why, now, NULL);
}

void
tcp_app_timer(struct tcb *tcb, uint64_t at)
{
	tcb->app_at = at;
	tcp_touch(tcb);
}

void
tcp_hold(struct tcb *tcb, uint32_t n)
{
	uint32_t before = tcp_rcv_window(tcb), after;

	tcb->rcv_held = n;
	after = tcp_rcv_window(tcb);
	/* report a window that opens: RFC 9293 3.8.6.2.2 */
	if (after > before && before < 2u * tcb->mss)
		tcb->ack_now = true;
	tcp_touch(tcb);
}

uintptr_t *
tcp_user(struct tcb *tcb)
{
	return &tcb->user;
}

const struct ip_addr *
tcp_local(const struct tcb *tcb, uint16_t *port)
{
	*port = tcb->c.lport;
	return &tcb->c.laddr;
}

const struct ip_addr *
tcp_remote(const struct tcb *tcb, uint16_t *port)
{
	*port = tcb->c.rport;
	return &tcb->c.raddr;
}

void
tcp_macs(const struct tcb *tcb, struct mac *local, struct mac *remote)
{
	memcpy(remote->b, tcb->c.l2, 6);
	memcpy(local->b, tcb->c.l2 + 6, 6);
}
