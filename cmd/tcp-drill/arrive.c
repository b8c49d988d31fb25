/*
 * arrive.c - what goes to the device and what comes from it, see play.h.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"

#include "play.h"

enum { RANDOM = 30000 }; /* $random is less: a number more is an id, too */

void
play_note(struct play *p, char dir, uint64_t at, const char *text)
{
	struct play_note *n;

	if (p->replayed)
		return;
	if (p->notes == PLAY_LOG) {
		p->lost_notes++;
		return;
	}
	n = &p->note[p->notes++];
	n->at = at;
	n->dir = dir;
	/* a long one is cut */
	snprintf(
	    n->text, sizeof(n->text), "%.*s", (int)sizeof(n->text) - 1, text);
}

bool
play_fail(struct play *p, const char *fmt, ...)
{
	va_list ap;

	if (p->verdict != PLAY_RUNNING)
		return false;
	p->verdict = PLAY_FAIL;
	if (p->replayed)
		return false; /* it is known already */
	va_start(ap, fmt);
	vsnprintf(p->why, sizeof(p->why), fmt, ap);
	va_end(ap);
	return false;
}

static const char *
seg_line(const struct seg_text *s, char *buf, size_t cap)
{
	seg_format(s, buf, cap);
	return buf;
}

const char *
play_line(const struct play *p, const struct captured *c, char *buf, size_t cap)
{
	struct seg_text shown;

	if (c->nicmp == 0) {
		/* with the words that the step asks for */
		shown = c->s;
		shown.ip.set = p->step.seg.ip.set;
		return seg_line(&shown, buf, cap);
	}
	icmp_format(c->icmp, c->nicmp, &p->ends,
	    flow_of((struct flow *)(uintptr_t)p->flows, OUR_PORT, PEER_PORT),
	    buf, cap);
	return buf;
}

bool
play_fits(const struct play *p, const struct step *s, const struct captured *c)
{
	if (s->icmp != (c->nicmp > 0))
		return false;
	if (!s->icmp)
		return seg_same(&s->seg, &c->s, SAME_LOOSE);
	return icmp_same(s->text, c->icmp, c->nicmp, &p->ends,
	    flow_of((struct flow *)(uintptr_t)p->flows, OUR_PORT, PEER_PORT));
}

void
play_take(struct play *p, unsigned i)
{
	p->queued--;
	memmove(p->queue + i, p->queue + i + 1,
	    (p->queued - i) * sizeof(p->queue[0]));
}

/* play_reset_flow - a new connection: ports, initial numbers, nothing known */
void
play_reset_flow(struct play *p, bool later)
{
	struct flow *t = &p->flows[MAX_FLOWS];

	memset(p->flows, 0, sizeof(p->flows));
	t->irs = (uint32_t)p->host->random(p->host->ctx);
	t->last_win = 65535;
	t->peer_mss = 65535;
	if (p->c->need == NEED_ECHO && !p->c->own_bytes)
		t->checks = CHECK_DATA;
	p->later = later;
	if (!later)
		vars_set(&p->vars, "random",
		    (int64_t)(p->host->random(p->host->ctx) % RANDOM));
	p->queued = 0;
	p->rcv = p->ack = p->snd = 0;
	p->nearly = 0;
	p->acked = 0;
	play_answered(p);
	p->synced = p->fin = p->gone = p->ts = p->answered = false;
	p->other = p->unit = 0;
	p->measures = false;
	p->awaited = p->host->client;
	if (p->host->client) {
		p->ends.lport = 0;
		p->host->connect(p->host->ctx, p->slot);
	} else {
		p->ends.rport = p->host->port(p->host->ctx, p->slot);
	}
}

void
play_isn(struct play *p, uint32_t isn)
{
	unsigned i;

	for (i = 0; i <= MAX_FLOWS; i++)
		p->flows[i].irs = isn;
}

/* ---- to the device ---- */

const struct opt_text *
play_option(const struct seg_text *s, int kind)
{
	unsigned i;

	for (i = 0; i < s->nopts; i++) {
		if (s->opt[i].kind == kind)
			return &s->opt[i];
	}
	return NULL;
}

static void
note_sent(
    struct play *p, const struct seg_text *sent, uint16_t win, uint64_t now)
{
	struct seg_text shown = *sent, *s = &shown;
	uint32_t end = s->seq + s->len + !!(s->flags & F_SYN) +
		       !!(s->flags & F_FIN);
	char text[MAX_TEXT];
	unsigned i;

	s->win = win;
	play_note(p, '<', now, seg_line(s, text, sizeof(text)));
	if (s->lport != OUR_PORT)
		p->other = s->lport;
	if (s->lport != OUR_PORT || s->rport != PEER_PORT)
		return;
	if (!s->badsum && !s->badipsum && !(s->flags & F_RST) &&
	    (int32_t)(end - p->snd) > 0 && s->seq - p->snd < 65536)
		p->snd = end;
	if (s->flags & F_ACK)
		play_acked(p, s->ack, now);
	if (s->flags & F_SYN) {
		p->syn_at = now;
		play_announce(p, s);
	}
	if ((s->flags & F_SYN) && p->host->client)
		p->ts = p->ts && play_option(s, K_TS) != NULL;
	for (i = 0; i < s->nopts; i++) {
		if (s->opt[i].kind == K_TS)
			p->tsval = s->opt[i].v[0];
	}
}

void
play_send(struct play *p, const struct seg_text *s, uint64_t now)
{
	static uint8_t frame[MAX_FRAME];
	struct flow *f = flow_of(p->flows, s->lport, s->rport);
	size_t n;

	if (s->has_win)
		f->last_win = s->win;
	vars_set(&p->vars, "sent", (int64_t)((now - p->start) / 1000000));
	note_sent(p, s, f->last_win, now);
	p->sent_at = now;
	n = seg_build(s, f, &p->ends, frame);
	play_out(p, frame, n);
}

/* ---- from the device ---- */

static uint32_t
end_of(const struct seg_text *s)
{
	return s->seq + s->len + !!(s->flags & F_SYN) + !!(s->flags & F_FIN);
}

/* marked - bytes of packets with CE that an AccECN option counts; -1: none */
static int64_t
marked(const struct seg_text *s)
{
	const struct opt_text *o = play_option(s, K_ACCECN0);

	if (o == NULL)
		o = play_option(s, K_ACCECN1);
	return o != NULL && o->n > 1 ? (int64_t)o->v[1] : -1;
}

void
play_learn(struct play *p, const struct captured *c)
{
	const struct seg_text *s = &c->s;
	const struct opt_text *mss = play_option(s, K_MSS),
			      *ts = play_option(s, K_TS),
			      *ws = play_option(s, K_WSCALE);
	struct vars *v = &p->vars;

	vars_set(v, "time", (int64_t)((c->at - p->start) / 1000000));
	if (c->nicmp > 0) {
		vars_set(v, "type", c->icmp[0]);
		vars_set(v, "code", c->icmp[1]);
		return;
	}
	vars_set(v, "seq", (int32_t)s->seq);
	vars_set(v, "end", (int32_t)end_of(s));
	vars_set(v, "len", s->len);
	vars_set(v, "ack", (int32_t)s->ack);
	vars_set(v, "flags", s->flags);
	vars_set(v, "ceb", marked(s));
	vars_set(v, "win", s->win);
	vars_set(v, "mss", mss != NULL ? (int64_t)mss->v[0] : -1);
	vars_set(v, "wscale", ws != NULL ? (int64_t)ws->v[0] : -1);
	vars_set(v, "sackok", play_option(s, K_SACK_OK) != NULL);
	vars_set(v, "ts", ts != NULL);
	if (ts != NULL) {
		vars_set(v, "tsval", (int32_t)ts->v[0]);
		vars_set(v, "tsecr", ts->v[1]);
	}
	vars_set(v, "ttl", c->s.ip.ttl);
	vars_set(v, "tos", s->tos);
	vars_set(v, "df", c->s.ip.df);
	vars_set(v, "ipid", c->s.ip.id);
	vars_set(v, "isn", flow_of(p->flows, s->lport, s->rport)->iss);
}

/* is_known - is all of it a repetition? Before note_arrived() */
static bool
is_known(const struct play *p, const struct seg_text *s)
{
	uint32_t end = end_of(s);

	if (!p->synced || (s->flags & F_RST))
		return false;
	if (end != s->seq)
		return (int32_t)(end - p->rcv) <= 0;
	return (s->flags & F_ACK) && (int32_t)(s->ack - p->ack) <= 0;
}

/* note_stream - these numbers have come, perhaps behind a gap */
static void
note_stream(struct play *p, uint32_t start, uint32_t end, bool fin)
{
	unsigned i;

	if ((int32_t)(end - p->rcv) <= 0)
		return;
	if ((int32_t)(start - p->rcv) > 0) {
		p->lost = true; /* or the order is another */
		if (fin || p->nearly == PLAY_EARLY)
			return; /* it will come again */
		p->early[p->nearly].start = start;
		p->early[p->nearly++].end = end;
		return;
	}
	p->rcv = end;
	p->fin = p->fin || fin;
	for (i = 0; i < p->nearly; i++) {
		if ((int32_t)(p->early[i].start - p->rcv) > 0)
			continue;
		start = p->early[i].start;
		end = p->early[i].end;
		p->early[i] = p->early[--p->nearly];
		note_stream(p, start, end, false);
		i = UINT32_MAX; /* from the first on */
	}
}

static void
note_arrived(struct play *p, const struct seg_text *s, uint64_t at)
{
	uint32_t end = end_of(s);

	if (s->lport != OUR_PORT || s->rport != PEER_PORT)
		return;
	if (s->flags & F_RST) {
		p->gone = true;
		return;
	}
	if ((s->flags & F_SYN) && !p->synced) {
		p->synced = true;
		p->rcv = s->seq;
		p->ts = play_option(s, K_TS) != NULL;
	}
	if (p->rtt == 0 && p->syn_at != 0 && at > p->syn_at &&
	    (s->flags & F_ACK) && s->ack == 1)
		p->rtt = at - p->syn_at;
	note_stream(p, s->seq, end, s->flags & F_FIN);
	if ((s->flags & F_ACK) && (int32_t)(s->ack - p->ack) > 0)
		p->ack = s->ack;
}

static void
arrived(struct play *p, const struct seg_text *s, uint64_t at)
{
	char text[MAX_TEXT];
	struct captured *c;

	play_note(p, '>', at, seg_line(s, text, sizeof(text)));
	if (p->queued == PLAY_QUEUE)
		play_take(p, 0); /* a flood: the oldest are forgotten */
	c = &p->queue[p->queued++];
	*c = (struct captured){.at = at, .s = *s, .known = is_known(p, s)};
	if (c->known && end_of(s) != s->seq)
		play_repeated(p, end_of(s), at);
	if (!p->synced)
		play_first(p, s, at);
	note_arrived(p, s, at);
	vars_set(&p->vars, "rcv", (int32_t)p->rcv);
}

void
play_frame(
    struct play *p, const uint8_t *frame, size_t n, uint16_t gso, uint64_t at)
{
	struct seg_text s, part;
	const char *why;
	uint32_t off;

	p->answered = true;
	why = seg_read(frame, n, &p->ends, p->flows, &s, NULL);
	if (why != NULL) {
		play_note(p, '>', at, why);
		play_fail(p, "a segment of the device is wrong: %s", why);
		return;
	}
	s.vlan = -1;
	if (gso == 0)
		gso = play_unit(p, &s, n, is_known(p, &s));
	if (gso == 0 || s.len <= gso)
		gso = s.len > 0 ? (uint16_t)(s.len > 65535 ? 65535 : s.len) : 1;
	for (off = 0; off == 0 || off < s.len; off += gso) {
		part = s;
		part.seq = s.seq + off;
		part.len = s.len - off < gso ? s.len - off : gso;
		if (off + part.len < s.len)
			part.flags &= ~(unsigned)(F_FIN | F_PSH);
		if (off > 0)
			part.flags &= ~(unsigned)F_CWR;
		arrived(p, &part, at);
	}
}

void
play_icmp(struct play *p, const uint8_t *icmp, size_t n, uint64_t at)
{
	char text[MAX_TEXT];
	struct captured *c;

	if (!icmp_is_of(icmp, n, &p->ends))
		return;
	p->answered = true;
	if (p->queued == PLAY_QUEUE)
		play_take(p, 0);
	c = &p->queue[p->queued++];
	*c = (struct captured){.at = at, .known = true};
	c->nicmp = (unsigned)(n < ICMP_KEPT ? n : ICMP_KEPT);
	memcpy(c->icmp, icmp, c->nicmp);
	play_note(p, '>', at, play_line(p, c, text, sizeof(text)));
}
