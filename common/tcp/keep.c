/*
 * keep.c - keep-alives, RFC 9293 3.8.4, off unless asked for. After the
 * interval without a segment from the peer, and with nothing outstanding, a
 * segment without data and one below SND.NXT asks for an ACK; again every 75
 * seconds (or each interval, if that is shorter). Nine unanswered ones in a
 * row end the connection: one that is lost does not (MUST-29).
 */
#include "tcp/tcp_inline.h"
#include "tcp/tcp_var.h"

enum { PROBES = 9 };

#define GAP UINT64_C(75000000000)

void
tcp_keep_heard(struct tcb *tcb, uint64_t now)
{
	uint64_t each = tcp_set(tcb)->keepalive;

	tcb->keep_at = each > 0 ? now + each : NEVER;
	tcb->keep_probes = 0;
}

/* is_idle - nothing outstanding, nor a zero-window probe to come: MUST-26 */
static bool
is_idle(const struct tcb *tcb)
{
	return tcp_synchronized(tcb) && tcb->snd_una == tcb->snd_nxt &&
	       (tcb->w == NULL || tcb->w->rexmt_kind == REXMT_NONE);
}

bool
tcp_keep_expired(struct tcb *tcb, uint64_t now)
{
	uint64_t each = tcp_set(tcb)->keepalive;

	if (!is_idle(tcb)) {
		tcp_keep_heard(tcb, now);
		return false;
	}
	if (tcb->keep_probes > 0)
		tcp_report_timeout(tcb, now, "keepalive");
	if (tcb->keep_probes == PROBES) {
		tcp_close(tcb, TCP_CLOSE_TIMEOUT, "keepalive", now, NULL);
		return true;
	}
	tcb->keep_probes++;
	tcb->keep_probe = true;
	tcb->keep_at = now + (each < GAP ? each : GAP);
	return false;
}

/* tcp_keep_probe - SEQ = SND.NXT - 1 and no data: SHLD-12 */
void
tcp_keep_probe(struct tcb *tcb, uint64_t now)
{
	struct tcp_hdr h;

	tcp_header(tcb, now, &h);
	h.seq = tcb->snd_nxt - 1;
	tcp_send_segment(tcb, now, &h, NULL, 0, 0);
}
