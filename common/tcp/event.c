/*
 * event.c - what the engine reports: one function for each kind of event
 * that more than one file makes.
 */
#include <string.h>

#include "tcp/accecn.h"
#include "tcp/tcp_inline.h"
#include "tcp/tcp_var.h"

void
tcp_event_init(struct tcp_event *ev, enum tcp_event_type type, uint64_t time)
{
	memset(ev, 0, sizeof(*ev));
	ev->type = type;
	ev->time = time;
}

/* tcp_event_tcb - an event of a connection */
void
tcp_event_tcb(struct tcp_event *ev, enum tcp_event_type type, uint64_t time,
    struct tcb *tcb)
{
	tcp_event_init(ev, type, time);
	ev->laddr = &tcb->c.laddr;
	ev->raddr = &tcb->c.raddr;
	ev->lport = tcb->c.lport;
	ev->rport = tcb->c.rport;
	ev->tcb = tcb;
	ev->cwnd = tcb->cwnd;
	ev->ssthresh = tcb->ssthresh;
	ev->srtt = tcp_srtt(tcb);
	ev->flight = tcb->w != NULL ? tcp_in_flight(tcb) : 0;
}

/* tcp_event_seg - an event of a segment that has come */
static void
tcp_event_seg(
    struct tcp_event *ev, enum tcp_event_type type, const struct seg *seg)
{
	tcp_event_init(ev, type, seg->stamp);
	ev->frame = seg->no;
	ev->len = seg->len;
	ev->laddr = &seg->dst;
	ev->raddr = &seg->src;
	ev->lport = seg->h.dport;
	ev->rport = seg->h.sport;
}

/* tcp_report_probe - a scanner sends such segments; kind is a word for why */
void
tcp_report_probe(struct tcp *t, const struct seg *seg, const char *kind)
{
	struct tcp_event ev;

	tcp_event_seg(&ev, TCP_EV_PROBE, seg);
	ev.why = kind;
	t->host.event(t->host_ctx, &ev);
}

void
tcp_drop(struct tcp *t, const struct seg *seg, struct tcb *tcb, const char *why)
{
	static const struct ip_addr none;
	struct tcp_event ev;

	t->stats.dropped++;
	tcp_event_seg(&ev, TCP_EV_DROP, seg);
	if (ip_equal(&seg->dst, &none)) {
		ev.laddr = ev.raddr = NULL;
		ev.lport = ev.rport = 0;
	}
	ev.why = why;
	ev.tcb = tcb;
	t->host.event(t->host_ctx, &ev);
}

/*
 * tcp_report_out - the event of a segment that goes out, numbers relative to
 * iss and irs but in a SYN; tcb may be NULL
 */
void
tcp_report_out(struct tcp *t, const struct conn *c, uint64_t now,
    const struct tcp_hdr *h, uint32_t len, uint32_t iss, uint32_t irs,
    struct tcb *tcb)
{
	struct tcp_event ev;
	bool syn = h->flags & TH_SYN;

	if (!t->cfg.segments)
		return;
	tcp_event_init(&ev, TCP_EV_SEGMENT, now);
	if (tcb != NULL) {
		tcp_event_tcb(&ev, TCP_EV_SEGMENT, now, tcb);
		ev.rto = tcp_rto(tcb);
	}
	ev.out = true;
	ev.laddr = &c->laddr;
	ev.raddr = &c->raddr;
	ev.lport = c->lport;
	ev.rport = c->rport;
	ev.flags = h->flags;
	ev.seq = h->seq - (syn ? 0 : iss);
	ev.ack = h->ack - (syn ? 0 : irs);
	ev.len = len;
	ev.wnd = h->wnd;
	t->host.event(t->host_ctx, &ev);
}

/* tcp_report_again - len bytes from seq are retransmitted: count, and report
   why */
void
tcp_report_again(
    struct tcb *tcb, uint64_t now, uint32_t seq, uint32_t len, const char *why)
{
	struct tcp_event ev;

	tcb->retransmits++;
	tcb->tcp->stats.retransmits++;
	tcp_event_tcb(&ev, TCP_EV_RETRANSMIT, now, tcb);
	ev.frame = tcb->w->frame;
	ev.seq = seq - tcb->iss;
	ev.len = len;
	ev.why = why;
	ev.rto = tcp_rto(tcb);
	tcb->tcp->host.event(tcb->tcp->host_ctx, &ev);
}

void
tcp_report_close(struct tcb *tcb, enum tcp_close how, const char *why,
    uint64_t time, uint64_t frame)
{
	const struct accecn *a = tcp_accecn(tcb);
	struct tcp *t = tcb->tcp;
	struct tcp_event ev;

	tcp_event_tcb(&ev, TCP_EV_CLOSE, time, tcb);
	ev.frame = frame;
	ev.how = how;
	ev.why = why;
	ev.half = tcb->passive && tcb->una_off == 0 && tcb->snd_una == tcb->iss;
	ev.sent = tcb->una_off;
	ev.received = tcb->received;
	ev.retransmits = tcb->retransmits;
	ev.rto = tcp_rto_base(tcb);
	if (a != NULL) {
		ev.accurate = true;
		ev.ce_in = a->r_cep - CEP_INIT;
		ev.ce_out = a->s_cep - CEP_INIT;
	}
	t->host.event(t->host_ctx, &ev);
	t->stats.closed++;
}

/* tcp_report_timeout - a timer has expired, nothing was answered */
void
tcp_report_timeout(struct tcb *tcb, uint64_t now, const char *why)
{
	struct tcp_event ev;

	tcp_event_tcb(&ev, TCP_EV_TIMEOUT, now, tcb);
	ev.why = why;
	ev.rto = tcp_rto(tcb);
	tcb->tcp->host.event(tcb->tcp->host_ctx, &ev);
}
