/*
 * loss.c - has the path lost a packet of this run? Then a failure of the run
 * proves nothing about the device, and the case is run again (run.c).
 *
 * Three signs: a gap in what the device sends; a segment of the device that is
 * retransmitted long after it was acknowledged, so the ACK was lost; and a
 * replay. When nothing has come in time, all that was sent since the last
 * answer is sent once more. If that brings what was expected, it, or the
 * answer, was lost before. A device that is wrong each time is wrong in each
 * run, whatever these signs show. A SYN may be lost without harm: behind the
 * first connection of a case it is sent once more, and the case goes on.
 *
 * A run proves nothing either if its SYN met a connection of an earlier run
 * whose reset was lost: an ACK of other numbers answers it (RFC 9293 3.5.1).
 */
#include <string.h>

#include "base/bytes.h"
#include "base/clock.h"

#include "play.h"

enum { LENGTH = 4 };
#define AGAIN_MS 50 /* a needless retransmission comes sooner */

void
play_out(struct play *p, const uint8_t *frame, size_t n)
{
	p->host->send(p->host->ctx, frame, n);
	if (p->nagain + LENGTH + n > PLAY_AGAIN) {
		p->nagain = PLAY_AGAIN;
		return;
	}
	put_be32(p->again + p->nagain, (uint32_t)n);
	memcpy(p->again + p->nagain + LENGTH, frame, n);
	p->nagain += LENGTH + n;
}

void
play_answered(struct play *p)
{
	p->nagain = 0;
}

/* once_more - the step, with the time that an answer may take */
static void
once_more(struct play *p)
{
	p->replayed = true;
	p->step_at = p->prev = p->now;
	p->step.timed = false;
	if (p->step.time > NS_PER_SEC)
		p->step.time = NS_PER_SEC;
}

bool
play_replay(struct play *p)
{
	size_t at, n;

	/* after a first SYN without an answer the case begins again: run.c */
	p->syn_again = !p->answered && p->later;
	if ((!p->answered && !p->later) || p->replayed || p->nagain == 0 ||
	    p->nagain >= PLAY_AGAIN)
		return false;
	for (at = 0; at < p->nagain; at += LENGTH + n) {
		n = get_be32(p->again + at);
		p->host->send(p->host->ctx, p->again + at + LENGTH, n);
	}
	once_more(p);
	return true;
}

bool
play_found(struct play *p)
{
	if (!p->replayed)
		return false;
	if (p->syn_again) { /* as any TCP sends it again */
		p->syns_lost++;
		p->syn_again = p->replayed = false;
		return false;
	}
	p->lost = true;
	p->verdict = PLAY_FAIL;
	return true;
}

void
play_acked(struct play *p, uint32_t ack, uint64_t now)
{
	/* not what a case acknowledges that has not come */
	if ((int32_t)(ack - p->acked) <= 0 || (int32_t)(ack - p->rcv) > 0)
		return;
	p->acked = ack;
	p->acked_at = now;
}

void
play_repeated(struct play *p, uint32_t end, uint64_t at)
{
	if ((int32_t)(end - p->acked) <= 0 &&
	    at > p->acked_at + 2 * p->host->srtt + AGAIN_MS * NS_PER_MS)
		p->lost = true;
}

void
play_first(struct play *p, const struct seg_text *s, uint64_t at)
{
	struct seg_text reset;

	if (p->host->client || p->synced || p->syn_at == 0 ||
	    (s->flags & (F_SYN | F_RST | F_FIN)) || !(s->flags & F_ACK) ||
	    (s->ack - 1 <= 65535))
		return;
	p->stale = true;
	seg_init(&reset);
	reset.flags = F_RST;
	reset.seq = s->ack;
	play_send(p, &reset, at);
}
