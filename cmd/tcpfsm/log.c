/*
 * log.c - one line an event, see log.h. The keys are an interface: they are
 * listed in tcpfsm-events(5), never renamed, only added to.
 */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "log.h"
#include "log/event.h"
#include "tcp/fsm.h"
#include "tcp/tcp.h"
#include "wire/tcp_hdr.h"

enum { SOURCE_TEXT = 256 };

static const char *const event_name[] = {
    [TCP_EV_STATE] = "state",
    [TCP_EV_RETRANSMIT] = "retransmit",
    [TCP_EV_TIMEOUT] = "timeout",
    [TCP_EV_DROP] = "drop",
    [TCP_EV_CLOSE] = "close",
    [TCP_EV_SEGMENT] = "segment",
    [TCP_EV_ICMP] = "icmp",
    [TCP_EV_PMTU] = "pmtu",
    [TCP_EV_QUIRK] = "quirk",
    [TCP_EV_ECN] = "ecn",
    [TCP_EV_PROBE] = "probe",
};

static const char *const how_name[] = {
    [TCP_CLOSE_FIN] = "fin",
    [TCP_CLOSE_RESET] = "reset",
    [TCP_CLOSE_TIMEOUT] = "timeout",
    [TCP_CLOSE_ABORT] = "abort",
};

/* flags_text - as tcpdump writes them, in its order */
static const char *
flags_text(uint16_t flags, char buf[10])
{
	static const struct {
		uint16_t flag;
		char c;
	} letter[] = {{TH_FIN, 'F'}, {TH_SYN, 'S'}, {TH_RST, 'R'},
	    {TH_PSH, 'P'}, {TH_ACK, '.'}, {TH_URG, 'U'}, {TH_ECE, 'E'},
	    {TH_CWR, 'W'}, {TH_AE, 'e'}};
	size_t i, n = 0;

	for (i = 0; i < sizeof(letter) / sizeof(letter[0]); i++) {
		if (flags & letter[i].flag)
			buf[n++] = letter[i].c;
	}
	if (n == 0)
		return "none";
	buf[n] = '\0';
	return buf;
}

/* sending - what holds our own data back, and for how long */
static void
sending(struct event_log *l, const struct tcp_event *ev)
{
	if (ev->tcb == NULL)
		return;
	event_num(l, "rto_ms", ev->rto / NS_PER_MS);
	if (ev->cwnd == 0)
		return;
	event_num(l, "cwnd", ev->cwnd);
	event_num(l, "flight", ev->flight);
	if (ev->ssthresh != UINT32_MAX)
		event_num(l, "ssthresh", ev->ssthresh);
	if (ev->srtt > 0)
		event_num(l, "rtt_us", ev->srtt / NS_PER_US);
}

static void
segment(struct event_log *l, const struct tcp_event *ev)
{
	char flags[10], seq[32];

	event_text(l, "dir", ev->out ? "out" : "in");
	event_text(l, "flags", flags_text(ev->flags, flags));
	if (ev->len > 0)
		snprintf(seq, sizeof(seq), "%u:%u", ev->seq, ev->seq + ev->len);
	else
		snprintf(seq, sizeof(seq), "%u", ev->seq);
	event_text(l, "seq", seq);
	if (ev->flags & TH_ACK)
		event_num(l, "ack", ev->ack);
	event_num(l, "win", ev->wnd);
	event_num(l, "len", ev->len);
	sending(l, ev);
}

static void
closing(struct event_log *l, const struct tcp_event *ev)
{
	event_text(l, "how", how_name[ev->how]);
	if (ev->why != NULL)
		event_text(l, "why", ev->why);
	if (ev->half)
		event_num(l, "opened", 0);
	event_num(l, "sent", ev->sent);
	event_num(l, "received", ev->received);
	event_num(l, "retransmits", ev->retransmits);
	event_num(l, "rtt_us", ev->srtt / NS_PER_US);
	if (ev->accurate) {
		event_num(l, "ce_in", ev->ce_in);
		event_num(l, "ce_out", ev->ce_out);
	}
}

static void
details(struct event_log *l, const struct tcp_event *ev)
{
	switch (ev->type) {
	case TCP_EV_STATE:
		event_text(
		    l, "old", tcp_state_name((enum tcp_state)ev->state_old));
		event_text(
		    l, "new", tcp_state_name((enum tcp_state)ev->state_new));
		break;
	case TCP_EV_RETRANSMIT:
		event_num(l, "seq", ev->seq);
		event_num(l, "len", ev->len);
		event_text(l, "why", ev->why);
		sending(l, ev);
		break;
	case TCP_EV_TIMEOUT:
		event_text(l, "why", ev->why);
		sending(l, ev);
		break;
	case TCP_EV_DROP:
		event_text(l, "why", ev->why);
		event_num(l, "len", ev->len);
		break;
	case TCP_EV_CLOSE:
		closing(l, ev);
		break;
	case TCP_EV_SEGMENT:
		segment(l, ev);
		break;
	case TCP_EV_ICMP:
		event_num(l, "type", ev->icmp_type);
		event_num(l, "code", ev->icmp_code);
		event_text(l, "why", ev->why);
		break;
	case TCP_EV_PMTU:
		event_num(l, "mtu", ev->mtu);
		event_text(l, "why", ev->why);
		break;
	case TCP_EV_ECN:
		event_text(l, "why", ev->why);
		break;
	case TCP_EV_PROBE: /* upcall.c counts them */
		break;
	case TCP_EV_QUIRK:
		event_text(l, "name", ev->why);
		event_text(l, "what", ev->what);
		event_num(l, "times", ev->times);
		break;
	}
}

void
log_status(struct event_log *l, int status)
{
	if (WIFEXITED(status))
		event_num(l, "status", (uint64_t)WEXITSTATUS(status));
	else
		event_num(l, "signal", (uint64_t)WTERMSIG(status));
}

/* session - of a net of hosts: when it began, and the line that served it */
static void
session(struct event_log *l, const struct log_more *more)
{
	char at[SOURCE_TEXT];

	event_time(l, "begin", more->begin);
	event_text(l, "service", more->service);
	if (more->said != NULL)
		event_text(l, "said", more->said);
	if (more->line == 0)
		return;
	snprintf(at, sizeof(at), "%s:%u", more->source, more->line);
	event_text(l, "line", at);
}

/* told - logged at this level; -q: how connections begin and end */
static bool
told(int level, const struct tcp_event *ev)
{
	if (level >= LOG_EVENTS)
		return true;
	return level >= LOG_CLOSES &&
	       (ev->type == TCP_EV_CLOSE ||
		   (ev->type == TCP_EV_STATE &&
		       ev->state_new == TCPS_ESTABLISHED));
}

/* half_open - of a connection whose peer may be a forged address */
static bool
half_open(const struct tcp_event *ev)
{
	switch (ev->type) {
	case TCP_EV_STATE:
		return ev->state_new == TCPS_SYN_RECEIVED ||
		       (ev->state_old == TCPS_SYN_RECEIVED &&
			   (ev->state_new == TCPS_LISTEN ||
			       ev->state_new == TCPS_CLOSED));
	case TCP_EV_RETRANSMIT:
	case TCP_EV_TIMEOUT:
		return strcmp(ev->why, "syn") == 0 ||
		       strcmp(ev->why, "syn-again") == 0;
	default:
		return false;
	}
}

/* may - within the limits of what strangers can cause at will? */
static bool
may(struct event_log *l, const struct tcp_event *ev)
{
	if (ev->type == TCP_EV_DROP)
		return event_may(l, ev->time, ev->raddr, ev->why);
	if (ev->type == TCP_EV_ICMP)
		return event_may(l, ev->time, ev->raddr, "icmp");
	return !half_open(ev) || event_may_half_open(l, ev->time, ev->raddr);
}

void
log_event(struct event_log *l, int level, const struct tcp_event *ev,
    const struct log_more *more)
{
	if (!told(level, ev) || !may(l, ev))
		return;
	if (ev->type == TCP_EV_STATE && ev->state_old == TCPS_SYN_RECEIVED &&
	    ev->state_new == TCPS_ESTABLISHED)
		event_established(l, ev->raddr);
	event_begin(l, ev->time, ev->laddr, ev->lport, ev->raddr, ev->rport,
	    event_name[ev->type]);
	details(l, ev);
	if (more->md5) {
		event_text(l, "sent_md5", more->sent_md5);
		event_text(l, "received_md5", more->received_md5);
	}
	if (more->have_status)
		log_status(l, more->status);
	if (more->command)
		event_num(l, "unread", more->unread);
	if (more->service != NULL)
		session(l, more);
	if (more->replay)
		event_num(l, "differs", more->differs);
	if (ev->frame > 0)
		event_num(l, "frame", ev->frame);
	event_end(l);
}

void
log_totals(struct event_log *log, const struct tcp_stats *s, uint64_t cut)
{
	event_num(log, "frames", s->frames);
	event_num(log, "foreign", s->foreign);
	event_num(log, "dropped", s->dropped);
	event_num(log, "cut", cut);
	event_num(log, "connections", s->opened);
	event_num(log, "sent", s->sent);
	event_num(log, "received", s->received);
	event_num(log, "retransmits", s->retransmits);
	event_num(log, "resets", s->resets_out);
	event_num(log, "resets_limited", s->resets_limited);
	event_num(log, "cookies", s->cookies);
}
