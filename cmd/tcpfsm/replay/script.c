/*
 * script.c - one side of a conversation, see script.h.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "log/event.h"
#include "replay/dialog.h"
#include "replay/script.h"
#include "tcp/tcp.h"

void
play_init(struct play *p, const struct play_config *cfg, struct tcb *tcb)
{
	memset(p, 0, sizeof(*p));
	p->cfg = cfg;
	p->me = &cfg->conv->side[cfg->me];
	p->you = &cfg->conv->side[!cfg->me];
	p->tcb = tcb;
}

/* ---- differences */

/* differ - log what has come in place of what; words or bytes */
static void
differ(struct play *p, uint64_t now, uint64_t off, uint64_t at, const char *got,
    const char *want)
{
	const struct ip_addr *laddr, *raddr;
	uint16_t lport, rport;

	if (p->differs++ == 0)
		p->first_differ = off;
	p->turn = TURN_DIFFERS;
	if (p->cfg->log == NULL)
		return;
	laddr = tcp_local(p->tcb, &lport);
	raddr = tcp_remote(p->tcb, &rport);
	event_begin(p->cfg->log, now, laddr, lport, raddr, rport, "differ");
	event_num(p->cfg->log, "offset", off);
	event_num(p->cfg->log, "recorded", at);
	event_text(p->cfg->log, "got", got);
	event_text(p->cfg->log, "want", want);
	event_end(p->cfg->log);
}

/* known - so many bytes of the peer's record from this place on; 0: a hole */
static uint64_t
known(const struct play *p, uint64_t at)
{
	const struct conv_hole *h = p->you->hole;
	uint32_t i;

	for (i = 0; i < p->you->holes && h[i].until <= at; i++)
		;
	if (i == p->you->holes)
		return p->you->len - at;
	return h[i].from > at ? h[i].from - at : 0;
}

/* wanted - what the record has at a place: a byte, or the end */
static const char *
wanted(const struct play *p, uint64_t at, char buf[8])
{
	if (at >= p->you->len)
		return conv_end_name(p->you);
	if (known(p, at) == 0)
		return "unknown";
	snprintf(buf, 8, "0x%02x", p->you->bytes[at]);
	return buf;
}

/* missed - something came, or nothing, in place of the next byte */
static void
missed(struct play *p, uint64_t now, const char *got)
{
	char want[8];

	differ(p, now, p->got, p->heard, got, wanted(p, p->heard, want));
}

/* ---- our words */

/* cue - what we send next: bytes, then FIN, then a reset; NULL: nothing */
static const struct conv_cue *
cue(const struct play *p)
{
	if (p->next < p->me->cues)
		return &p->me->cue[p->next];
	if (p->me->fin && !p->closed)
		return &p->me->fin_cue;
	if (p->me->reset && !p->reset)
		return &p->me->reset_cue;
	return NULL;
}

/* whole - all of the peer's record, its end included */
static uint64_t
whole(const struct play *p)
{
	return p->you->len + (p->you->fin || p->you->reset ? 1 : 0);
}

/*
 * owes_ack - before our reset: the step that ends now sends the ACK that the
 * record has before it, the next one the reset
 */
static bool
owes_ack(struct play *p, uint64_t now)
{
	if (p->reset_at == 0 && p->me->reset_told && tcp_ack_now(p->tcb))
		p->reset_at = now + 1;
	return now < p->reset_at;
}

/* waits - its time has not come: a pause, or bytes that are on their way */
static bool
waits(const struct play *p, const struct conv_cue *q, uint64_t now)
{
	if (q->need > p->heard)
		return true;
	if (q == &p->me->reset_cue && p->acked < p->me->reset_acked)
		return true;
	return p->cfg->pauses && now < p->ready + q->pause;
}

/* silent_at - when the peer has been waited for too long; or never */
static uint64_t
silent_at(const struct play *p)
{
	const struct conv_cue *q = cue(p);

	if (p->peer_closed || p->heard >= whole(p) ||
	    (q != NULL && q->need <= p->heard))
		return TIME_NEVER;
	return p->moved + p->cfg->conv->longest + p->cfg->silence;
}

/* set_timer - for the pause before our next words, or the peer's silence */
static void
set_timer(struct play *p, uint64_t now)
{
	const struct conv_cue *q = cue(p);
	uint64_t at = silent_at(p);

	if (p->cfg->pauses && q != NULL && q->need <= p->heard &&
	    now < p->ready + q->pause)
		at = p->ready + q->pause;
	if (now < p->reset_at)
		at = p->reset_at;
	tcp_app_timer(p->tcb, at);
}

/* close_open - a record that breaks off ends in order */
static void
close_open(struct play *p)
{
	if (p->closed || p->me->fin || p->me->reset || p->heard < whole(p))
		return;
	p->closed = true;
	tcp_shutdown(p->tcb);
}

/* say_next - what this cue was for; false: there is no connection any more */
static bool
say_next(struct play *p, const struct conv_cue *q, uint64_t now)
{
	p->ready = p->moved = now;
	if (q == &p->me->reset_cue) {
		p->reset = true;
		tcp_abort(p->tcb, now);
		return false;
	}
	if (q == &p->me->fin_cue) {
		p->closed = true;
		tcp_shutdown(p->tcb);
		return true;
	}
	p->next++;
	p->offered = q->end;
	tcp_offer(p->tcb, q->end);
	return true;
}

/* speak - send all whose cue has come */
static void
speak(struct play *p, uint64_t now)
{
	const struct conv_cue *q;

	while ((q = cue(p)) != NULL && !waits(p, q, now)) {
		if (q == &p->me->reset_cue && owes_ack(p, now))
			break;
		if (!say_next(p, q, now))
			return;
	}
	if (q == NULL)
		close_open(p);
	set_timer(p, now);
}

/* hear - the peer's record is at this place now */
static void
hear(struct play *p, uint64_t place, uint64_t now)
{
	const struct conv_cue *q = cue(p);

	/* from here on our pause counts */
	if (q != NULL && q->need > p->heard && q->need <= place)
		p->ready = now;
	p->heard = place;
}

void
play_opened(struct play *p, uint64_t now)
{
	tcp_nodelay(p->tcb, true); /* words come as they were recorded */
	p->ready = p->moved = now;
	speak(p, now);
}

void
play_acked(struct play *p, uint64_t off, uint64_t now)
{
	p->acked = off;
	p->moved = now;
	speak(p, now);
}

/* ---- the peer's */

/* turn_end - place in the peer's record where our next words come */
static uint64_t
turn_end(const struct play *p)
{
	const struct conv_cue *q = cue(p);

	if (q == NULL || q->need <= p->heard)
		return p->you->len;
	return q->need < p->you->len ? q->need : p->you->len;
}

/* unlike - the first of n bytes that is not as in the record; n: all are */
static size_t
unlike(const struct play *p, const uint8_t *b, size_t n)
{
	const uint8_t *want = p->you->bytes + p->heard;
	const struct conv_hole *h = p->you->hole;
	size_t i = 0, end;

	for (h += p->hole; i < n; i = end, h++) {
		end = n;
		if (h < p->you->hole + p->you->holes && h->from < p->heard + n)
			end = h->from > p->heard ? h->from - p->heard : 0;
		if (end > i && memcmp(b + i, want + i, end - i) != 0)
			break;
		if (end == n)
			return n;
		end = h->until < p->heard + n ? h->until - p->heard : n;
	}
	while (i < n && b[i] == want[i])
		i++;
	return i;
}

/* compare - n bytes that belong to this place of the record */
static void
compare(struct play *p, const uint8_t *b, size_t n, uint64_t now)
{
	char is[8], was[8];
	size_t i;

	while (
	    p->hole < p->you->holes && p->you->hole[p->hole].until <= p->heard)
		p->hole++;
	i = p->turn == TURN_SAME ? unlike(p, b, n) : n;
	if (i == n)
		return;
	snprintf(is, sizeof(is), "0x%02x", b[i]);
	differ(
	    p, now, p->got + i, p->heard + i, is, wanted(p, p->heard + i, was));
}

/* more - the peer sends more than the record; logged once */
static void
more(struct play *p, const uint8_t *b, uint64_t now)
{
	char is[8];

	if (p->past || p->turn != TURN_SAME)
		return;
	p->past = true;
	snprintf(is, sizeof(is), "0x%02x", *b);
	missed(p, now, is);
}

/* is_over - what comes belongs to a turn that differs and has ended */
static bool
is_over(struct play *p)
{
	const struct conv_cue *q = cue(p);

	if (p->turn != TURN_OVER)
		return false;
	if (p->acked < p->offered || (q != NULL && q->need <= p->heard))
		return true;
	p->turn = TURN_SAME;
	return false;
}

/* take - bytes that belong to the record's next ones; how many */
static size_t
take(struct play *p, const uint8_t *b, size_t n, uint64_t now)
{
	uint64_t end = turn_end(p);

	if (n > end - p->heard)
		n = (size_t)(end - p->heard);
	compare(p, b, n, now);
	hear(p, p->heard + n, now);
	if (p->heard == end && p->turn == TURN_DIFFERS)
		p->turn = TURN_OVER;
	return n;
}

void
play_received(struct play *p, const uint8_t *b, size_t n, uint64_t now)
{
	size_t k;

	while (n > 0) {
		k = n;
		if (!is_over(p) && p->heard < p->you->len)
			k = take(p, b, n, now);
		else if (p->turn != TURN_OVER)
			more(p, b, now);
		p->got += k;
		b += k;
		n -= k;
	}
	p->moved = now;
	speak(p, now);
}

/* nearly_all - but for the last number of a hole: perhaps that of its FIN */
static bool
nearly_all(const struct play *p)
{
	return p->heard + 1 == p->you->len && known(p, p->heard) == 0 &&
	       !p->you->fin;
}

void
play_peer_closed(struct play *p, uint64_t now)
{
	if (p->turn != TURN_DIFFERS &&
	    ((p->heard < p->you->len && !nearly_all(p)) ||
		(p->you->reset && !p->you->fin)))
		missed(p, now, "fin");
	p->peer_closed = true;
	/* it will send no more: nothing is left to wait for */
	hear(p, whole(p), now);
	p->moved = now;
	speak(p, now);
}

void
play_timer(struct play *p, uint64_t now)
{
	const struct conv_cue *q = cue(p);

	/* the peer is silent, and has not sent all of its turn */
	if (now >= silent_at(p)) {
		if (p->turn != TURN_DIFFERS)
			missed(p, now, "silence");
		hear(p, q != NULL ? q->need : whole(p), now);
		p->turn = TURN_OVER;
		p->moved = now;
	}
	speak(p, now);
}

bool
play_ended(struct play *p, enum tcp_close how, uint64_t now)
{
	bool mine = how == TCP_CLOSE_ABORT && p->reset;
	bool yours = how == TCP_CLOSE_RESET && p->you->reset;

	if (how == TCP_CLOSE_RESET && (p->heard < p->you->len || !yours))
		missed(p, now, "reset");
	return how == TCP_CLOSE_FIN || mine || yours;
}
