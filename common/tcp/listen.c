/*
 * listen.c - a segment without a connection, RFC 9293 3.10.7.1 (CLOSED) and
 * 3.10.7.2 (LISTEN).
 */
#include "base/part.h"
#include "tcp/face.h"
#include "tcp/fastopen.h"
#include "tcp/tcp_var.h"

void
tcp_listen(struct tcp *t, uint16_t port)
{
	t->ports[port / 64] |= UINT64_C(1) << port % 64;
}

void
tcp_unlisten(struct tcp *t, uint16_t port)
{
	t->ports[port / 64] &= ~(UINT64_C(1) << port % 64);
}

/* tcp_port_at - are connections to this port of the address wanted? */
enum tcp_port
tcp_port_at(const struct tcp *t, const struct ip_addr *addr, uint16_t port)
{
	const struct tcp_places *p = t->cfg.places;

	if (p != NULL)
		return p->port(p->ctx, addr, port);
	return t->ports[port / 64] >> port % 64 & 1 ? TCP_PORT_OPEN
						    : TCP_PORT_CLOSED;
}

/* probe_kind - by the names of nmap(1)'s scans */
static const char *
probe_kind(uint16_t flags)
{
	flags &= TH_FIN | TH_SYN | TH_PSH | TH_ACK | TH_URG;
	switch (flags) {
	case TH_SYN:
		return "syn";
	case TH_FIN:
		return "fin";
	case 0:
		return "null";
	case TH_FIN | TH_PSH | TH_URG:
		return "xmas";
	}
	return (flags & (TH_ACK | TH_SYN)) == TH_ACK ? "ack" : "odd";
}

/* tcp_input_closed - 3.10.7.1, also for a port that is not open; silent: it is
   as if a firewall stood before it */
void
tcp_input_closed(
    struct tcp *t, uint64_t now, const struct seg *seg, bool silent)
{
	if (seg->h.flags & TH_RST) {
		tcp_drop(t, seg, NULL, "no-connection");
		return;
	}
	tcp_report_probe(t, seg, probe_kind(seg->h.flags));
	if (!silent && tcp_face_lone(t, now, seg, false))
		return;
	if (silent)
		tcp_drop(t, seg, NULL, "silent");
	else
		tcp_send_reset(t, now, seg);
}

/* backlog_full - for one more half-open connection of this source */
static bool
backlog_full(const struct tcp *t, const struct ip_addr *from)
{
	return !part_has_room(t->share[tcp_source(t, from)].half_open,
	    t->half_count, t->cfg.backlog, 1);
}

/* tcp_input_listen - 3.10.7.2; iss 0: choose one */
void
tcp_input_listen(
    struct tcp *t, uint64_t now, const struct seg *seg, uint32_t iss)
{
	struct tcb *tcb;

	if (seg->h.flags & TH_RST) {
		tcp_drop(t, seg, NULL, "no-connection");
		return;
	}
	if (seg->h.flags & TH_ACK || !(seg->h.flags & TH_SYN) ||
	    seg->h.flags & TH_FIN)
		tcp_report_probe(t, seg, probe_kind(seg->h.flags));
	if ((seg->h.flags & (TH_SYN | TH_ACK | TH_FIN)) != TH_SYN &&
	    tcp_face_lone(t, now, seg, true))
		return;
	if (seg->h.flags & TH_ACK) {
		tcp_send_reset(t, now, seg);
		return;
	}
	if (!(seg->h.flags & TH_SYN)) {
		tcp_drop(t, seg, NULL, "no-syn");
		return;
	}
	if (seg->h.flags & TH_FIN) {
		tcp_drop(t, seg, NULL, "syn-fin");
		return;
	}
	/* do not evict for a SYN that may be spoofed */
	if (backlog_full(t, &seg->src) || tcp_table_full(t)) {
		tcp_cookie_send(t, now, seg);
		return;
	}
	tcb = tcp_listen_accept(t, now, seg, iss);
	if (tcb == NULL)
		return;
	tcb->send_syn = true;
	if (!tcp_fastopen_listen(tcb, now, seg))
		tcp_half_open(tcb);
	if (!tcb->dead)
		tcp_touch(tcb);
}
