/*
 * output.c - what a connection sends. tcp_output() decides once, for
 * everything that a batch of input or a timer has changed: what is lost
 * again, then what is new, else an acknowledgment. The only place that
 * decides to send.
 */
#include "tcp/accecn.h"
#include "tcp/cong.h"
#include "tcp/tcp_inline.h"
#include "tcp/tcp_var.h"
#include "wire/tcp_seq.h"

/* data_at - the bytes that belong to a sequence number */
static const uint8_t *
data_at(struct tcb *tcb, uint32_t seq, uint32_t len)
{
	if (len == 0)
		return NULL;
	return tcp_data(tcb, tcb->una_off + (seq - tcb->snd_una), len);
}

/* fit_options - acknowledgments of gaps, and counters, take from the room of
   n bytes of data */
static void
fit_options(const struct tcb *tcb, struct tcp_opts *o, uint32_t n)
{
	uint32_t mss = tcp_eff_mss(tcb);

	if (o->acc.have)
		n += (2u + 3 * o->acc.n + 3) / 4 * 4;
	while (o->nsack > 0 && n + 4 + 8u * o->nsack > mss)
		o->nsack--;
	if (n > mss)
		o->acc.have = false;
}

/*
 * send_data - n bytes from seq, and the FIN if fin. Only what is sent for
 * the first time may be marked by routers: RFC 3168 6.1.5, 6.1.6
 */
static void
send_data(struct tcb *tcb, uint64_t now, uint32_t seq, uint32_t n, bool fin,
    bool push, bool anew)
{
	bool ect = anew && n > 0 && (tcb->ecn_ok || tcp_accecn_ect(tcb));
	struct tcp_hdr h;

	tcp_header(tcb, now, &h);
	h.seq = seq;
	if (push)
		h.flags |= TH_PSH;
	if (fin)
		h.flags |= TH_FIN;
	if (ect && tcb->send_cwr) {
		h.flags |= TH_CWR;
		tcb->send_cwr = false;
	}
	if (!anew)
		tcp_accecn_resend(tcb, &h, now);
	else if (n > 0)
		tcp_accecn_data(tcb, &h);
	fit_options(tcb, &h.opt, n);
	tcp_pace_spend(tcb, now, n);
	tcb->last_sent = tcp_ts_now(now);
	tcb->tcp->again = !anew;
	if (tcb->w->trouble_since == 0)
		tcb->w->trouble_since = now;
	tcp_send_segment(
	    tcb, now, &h, data_at(tcb, seq, n), n, ect ? ECN_ECT0 : 0);
}

static bool
room_for(struct tcb *tcb, uint32_t n)
{
	if (tcb->tcp->room >= n + FRAME_HEAD + RECORD_HEAD)
		return true;
	tcb->room_short = true;
	return false;
}

/* unsent - bytes offered and not yet sent */
static uint64_t
unsent(const struct tcb *tcb)
{
	if (!tcp_may_send(tcb))
		return 0;
	return tcb->offer_end - (tcb->una_off + (tcb->snd_nxt - tcb->snd_una));
}

static uint32_t
window_left(const struct tcb *tcb)
{
	uint32_t right = tcb->snd_una + tcb->snd_wnd;

	return seq_gt(right, tcb->snd_nxt) ? right - tcb->snd_nxt : 0;
}

/* ---- again ---- */

static void
resend(struct tcb *tcb, uint64_t now, struct sent *s, const char *why)
{
	uint32_t n = s->end - s->seq - (s->fin ? 1 : 0);

	tcp_report_again(tcb, now, s->seq, n, why);
	tcp_sent_again(tcb, s, now);
	tcp_undo_resent(tcb, s, now);
	send_data(tcb, now, s->seq, n, s->fin,
	    n > 0 &&
		tcb->una_off + (s->seq - tcb->snd_una) + n == tcb->offer_end,
	    false);
	tcb->w->prr_out += n;
}

/* cut_to - s is no longer than one segment; false when it cannot be cut */
static bool
cut_to(struct tcb *tcb, struct sent *s, uint32_t mss)
{
	uint32_t n = s->end - s->seq - (s->fin ? 1 : 0);

	return n <= mss || tcp_sent_split(tcb, s, s->seq + mss);
}

static const char *
why_lost(const struct sent *s)
{
	static const char *const word[] = {
	    [LOST_NOT] = "-",
	    [LOST_RACK] = "rack",
	    [LOST_DUPACK] = "dupack",
	    [LOST_PARTIAL] = "partial-ack",
	    [LOST_RTO] = "rto",
	    [LOST_WINDOW] = "window",
	    [LOST_MTU] = "mtu",
	    [LOST_SYN] = "syn-data",
	};

	return word[s->why];
}

/*
 * fill_up - the octet of a window probe takes what waits behind it along:
 * alone it would keep the rest back until its ACK, by Nagle
 */
static void
fill_up(struct tcb *tcb, struct sent *s, uint32_t mss)
{
	uint32_t n = s->end - s->seq, more;
	uint64_t left = unsent(tcb);

	if (s->why != LOST_WINDOW || s != tcb->w->fl.tail || s->fin || n >= mss)
		return;
	more = window_left(tcb) < mss - n ? window_left(tcb) : mss - n;
	if (more > left)
		more = (uint32_t)left;
	s->end += more;
	tcb->w->fl.lost += more;
	tcb->snd_nxt += more;
}

/*
 * resend_part - there is no memory to make two records of s: its first segment
 * goes out, one in a round trip, and the record stays what it is. Else all
 * connections that share the pool might wait for each other.
 */
static bool
resend_part(struct tcb *tcb, uint64_t now, struct sent *s, uint32_t mss)
{
	uint64_t gap = tcb->w->timeouts > 0 ? tcp_rto_base(tcb)
					    : tcp_srtt(tcb) / 2;

	if (tcp_in_flight(tcb) > 0 ||
	    NS_MS * (tcp_ts_now(now) - tcb->last_sent) < gap)
		return false;
	if (s->tries < UINT16_MAX)
		s->tries++; /* its ACK is no RTT sample */
	tcp_report_again(tcb, now, s->seq, mss, why_lost(s));
	tcp_undo_resent(tcb, s, now);
	send_data(tcb, now, s->seq, mss, false, false, false);
	tcb->w->prr_out += mss;
	return true;
}

/* resend_lost - what is lost, as far as cwnd allows; true if any was sent */
static bool
resend_lost(struct tcb *tcb, uint64_t now)
{
	uint32_t mss = tcp_eff_mss(tcb), flight;
	struct sent *s;
	bool any = false, first = false;

	while ((s = tcp_next_lost(tcb)) != NULL) {
		flight = tcp_in_flight(tcb);
		tcb->cwnd_limited = flight > 0 && flight + mss > tcb->cwnd;
		if (tcb->cwnd_limited)
			break;
		/* SHLD-16: within the window */
		if (seq_geq(s->seq, tcb->snd_una + tcb->snd_wnd))
			break;
		if (!tcp_pace(tcb, mss) || !room_for(tcb, mss))
			break;
		if (!cut_to(tcb, s, mss)) {
			any |= resend_part(tcb, now, s, mss);
			break;
		}
		fill_up(tcb, s, mss);
		/* after a time-out what a router reports, or a forger, does
		   not put off the next: RFC 6298 5.1 */
		first |= s == tcb->w->fl.head &&
			 (s->why != LOST_MTU || tcb->w->timeouts == 0);
		resend(tcb, now, s, why_lost(s));
		any = true;
	}
	if (first || (any && tcb->w->rexmt_kind != REXMT_RTO))
		tcp_rearm_rexmt(tcb, now);
	return any;
}

/* ---- new ---- */

/*
 * next_size - how much of what is left the next segment takes: 0 when it is
 * better to wait, by Nagle (RFC 9293 3.7.4) or the silly window (3.8.6.2.1). A
 * loss probe does not wait: RFC 8985 7.3 wants new data, however little.
 */
static uint32_t
next_size(const struct tcb *tcb, uint64_t left, uint32_t wnd, bool tlp)
{
	uint32_t mss = tcp_eff_mss(tcb), n;

	n = left < mss ? (uint32_t)left : mss;
	if (n <= wnd) {
		if (n == mss || tcb->fin_wanted || tcb->nodelay || tlp ||
		    tcb->snd_una == tcb->snd_nxt)
			return n;
		return 0;
	}
	return wnd > 0 && wnd >= tcb->max_sndwnd / 2 ? wnd : 0;
}

/* beside_option - as much of n bytes as leaves room for the counters that are
   due, RFC 9768 3.2.3.3 */
static uint32_t
beside_option(const struct tcb *tcb, uint32_t n)
{
	uint32_t most = tcp_eff_mss(tcb) - tcp_accecn_room(tcb);

	return n < most ? n : most;
}

static void
fin_is_sent(struct tcb *tcb, uint64_t now)
{
	tcp_set_state(tcb,
	    tcb->c.state == TCPS_ESTABLISHED ? TCPS_FIN_WAIT_1 : TCPS_LAST_ACK,
	    now, tcb->w->frame);
}

/* send_one - the next n new bytes, and the FIN behind the last of them */
static bool
send_one(struct tcb *tcb, uint64_t now, uint32_t n, bool fin)
{
	uint32_t seq = tcb->snd_nxt;
	bool last = unsent(tcb) == n;

	if (tcp_sent_new(tcb, seq, n + (fin ? 1 : 0), fin, now) == NULL) {
		/* no memory for the record: less is sent, for a while */
		if (tcb->snd_una == tcb->snd_nxt)
			tcp_set_rexmt(tcb, REXMT_WAIT, now + DELACK);
		return false;
	}
	tcb->snd_nxt += n + (fin ? 1 : 0);
	send_data(tcb, now, seq, n, fin, last && n > 0, tcb->snd_wnd > 0);
	tcb->w->prr_out += n;
	if (fin)
		fin_is_sent(tcb, now);
	return true;
}

/* restart_after_idle - a window of long ago proves nothing: RFC 5681 4.1 */
static void
restart_after_idle(struct tcb *tcb, uint64_t now)
{
	uint32_t iw = tcp_initial_window(tcb);

	if (tcb->pace == NULL && tcb->snd_una == tcb->snd_nxt &&
	    tcb->cwnd > iw &&
	    NS_MS * (tcp_ts_now(now) - tcb->last_sent) > tcp_rto(tcb))
		tcb->cwnd = iw;
}

/* send_new - what cwnd and window allow; true if anything was sent */
static bool
send_new(struct tcb *tcb, uint64_t now, bool tlp)
{
	uint32_t n, one, flight, burst = 0;
	uint64_t left;
	bool fin, any = false;

	restart_after_idle(tcb, now);
	while (tcp_may_send(tcb)) {
		left = unsent(tcb);
		if (left == 0 && !tcb->fin_wanted)
			break;
		n = next_size(tcb, left, window_left(tcb), tlp);
		if (left > 0 && n == 0)
			break;
		n = beside_option(tcb, n);
		fin = tcb->fin_wanted && n == left && window_left(tcb) > n &&
		      !tcp_is_early(tcb);
		if (n == 0 && !fin)
			break;
		flight = tcp_in_flight(tcb);
		tcb->cwnd_limited = flight > 0 && flight + n > tcb->cwnd;
		if (!tlp && (tcb->cwnd_limited || !tcp_pace(tcb, n)))
			break;
		if (!room_for(tcb, n))
			break;
		one = n;
		if (tcb->tcp->super != 0 && !tlp && !fin)
			n = tcp_join(tcb, left, window_left(tcb), one);
		if (!send_one(tcb, now, n, fin))
			break;
		any = true;
		burst += n;
		if (tlp)
			break;
		if (burst >= BURST_BYTES ||
		    (n > one && burst + n > BURST_BYTES)) {
			tcp_touch(tcb); /* the others are next, then again */
			break;
		}
	}
	if (any && tcb->w->rexmt_kind != REXMT_RTO)
		tcp_rearm_rexmt(tcb, now);
	return any;
}

/*
 * send_first - in recovery the first segment keeps all others back: nothing
 * was sent after it whose arrival would show RACK that it was lost
 */
static void
send_first(struct tcb *tcb, uint64_t now)
{
	struct sent *s = tcb->w->fl.head;

	while (s != NULL && (s->sacked || s->lost))
		s = s->next;
	if (s == NULL || !cut_to(tcb, s, tcp_eff_mss(tcb)))
		return;
	tcb->w->probes = tcb->tlp_out ? tcb->w->probes + 1 : 1;
	resend(tcb, now, s, "tlp");
	tcb->tlp_out = tcb->tlp_retrans = true;
	tcb->tlp_end = s->end;
	tcp_rearm_rexmt(tcb, now);
}

/* send_tlp - RFC 8985 7.3: new data if there is any, else the last again */
static void
send_tlp(struct tcb *tcb, uint64_t now)
{
	uint32_t mss = tcp_eff_mss(tcb);
	struct sent *s = tcb->w->fl.tail;
	bool anew;

	tcb->tlp = false;
	if (tcb->w->recovery != REC_OPEN) {
		send_first(tcb, now);
		return;
	}
	if (s == NULL)
		return;
	anew = send_new(tcb, now, true);
	if (!anew) {
		if (s->sacked || s->lost ||
		    (s->end - s->seq > mss &&
			!tcp_sent_split(tcb, s, s->end - mss)))
			return;
		resend(tcb, now, tcb->w->fl.tail, "tlp");
	}
	tcb->tlp_out = true;
	tcb->tlp_retrans = !anew;
	tcb->tlp_end = tcb->snd_nxt;
	tcp_set_rexmt(tcb, REXMT_RTO, now + tcp_rto(tcb));
}

/*
 * send_probe - RFC 9293 3.8.6.1: one octet beyond a closed window, or what a
 * silly window takes
 */
static bool
send_probe(struct tcb *tcb, uint64_t now)
{
	uint32_t n = tcb->snd_wnd > 0 ? tcb->snd_wnd : 1;
	struct sent *s = tcb->w->fl.head;
	uint64_t left = unsent(tcb);

	tcb->probe = false;
	if (s != NULL) {
		if (s->tries < UINT16_MAX)
			s->tries++; /* its ACK is no RTT sample */
		if (!s->fin || s->end - s->seq > 1)
			send_data(tcb, now, s->seq, 1, false, false, false);
		else
			send_data(tcb, now, s->seq, 0, true, false, false);
		return true;
	}
	if (left == 0 && !(tcb->fin_wanted && tcp_may_send(tcb)))
		return false;
	if (n > left)
		n = (uint32_t)left;
	if (n > tcp_eff_mss(tcb))
		n = tcp_eff_mss(tcb);
	return send_one(tcb, now, n, n == 0);
}

/* blocked_by_window - data waits, nothing is in flight, no timer runs */
static bool
blocked_by_window(const struct tcb *tcb)
{
	return tcb->snd_una == tcb->snd_nxt && tcp_may_send(tcb) &&
	       (unsent(tcb) > 0 || tcb->fin_wanted) && !tcb->room_short &&
	       !tcb->w->pace_wait && !tcb->ready &&
	       tcb->w->rexmt_kind == REXMT_NONE;
}

void
tcp_output(struct tcb *tcb, uint64_t now)
{
	bool spoke = false;

	if (!tcp_work_begin(tcb)) {
		/* it sends nothing now, and tries again before long */
		tcp_arm(tcb, now, now + DELACK);
		return;
	}
	if (tcb->send_syn)
		tcp_send_syn(tcb, now);
	if (tcp_is_early(tcb)) {
		tcp_pace_begin(tcb, now);
		if (!send_new(tcb, now, false) && tcb->ack_now)
			tcp_send_ack(tcb, now);
	} else if (tcp_synchronized(tcb)) {
		tcp_pace_begin(tcb, now);
		if (tcp_accecn_owes_ack(tcb))
			tcp_send_ack(tcb, now);
		if (tcb->tlp)
			send_tlp(tcb, now);
		if (tcb->probe)
			spoke = send_probe(tcb, now);
		/* F-RTO wants to see what new data lead to, if there are any:
		   RFC 5682 2.1 step 2b */
		if (unsent(tcb) == 0 || window_left(tcb) == 0)
			tcb->w->frto = FRTO_OFF;
		if (tcb->w->frto != FRTO_NEW)
			spoke |= resend_lost(tcb, now);
		if (tcb->w->frto == FRTO_NEW || tcb->w->fl.lost == 0 ||
		    tcb->w->recovery != REC_LOSS)
			spoke |= send_new(tcb, now, false);
		if (spoke || tcb->cwnd_limited)
			tcp_note_use(tcb);
		if (!spoke && tcb->keep_probe) {
			tcp_keep_probe(tcb, now);
			spoke = true;
		}
		tcb->keep_probe = false;
		if (!spoke && tcb->ack_now)
			tcp_send_ack(tcb, now);
		if (blocked_by_window(tcb))
			tcp_set_rexmt(tcb, REXMT_PERSIST, now + tcp_rto(tcb));
		if (tcb->w->pace_wait && tcb->pace->at <= now)
			tcp_touch(tcb);
		/* 4.1.2.4 of the draft that rate.c follows */
		if (tcb->pace != NULL && unsent(tcb) == 0 &&
		    tcb->w->fl.lost == 0 && tcp_in_flight(tcb) < tcb->cwnd)
			tcp_rate_limited(tcb);
	} else if (tcb->ack_now && tcb->c.state == TCPS_SYN_RECEIVED) {
		tcp_send_ack(tcb, now);
	}
	tcp_arm(tcb, now, NEVER);
	tcp_work_end(tcb);
}
