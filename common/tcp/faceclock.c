/*
 * faceclock.c - what the faces of hosts make of the time: timestamps of other
 * clocks than ours, and sequence numbers of old systems. See wire/face.h.
 *
 * The engine counts in milliseconds, and knows of no other clock: a timestamp
 * is translated when it goes out and when it comes back.
 */
#include <string.h>

#include "base/bytes.h"
#include "base/chance.h"
#include "tcp/face.h"
#include "tcp/tcp_inline.h"
#include "tcp/tcp_var.h"

uint32_t
tcp_face_ts(
    const struct tcp *t, const struct ip_addr *at, uint32_t off, uint64_t now)
{
	const struct face *f = tcp_face(t, at);

	if (f == NULL || f->tick == 0)
		return tcp_ts_now(now) + off;
	return f->tick == FACE_NO_CLOCK ? 0 : (uint32_t)(now / f->tick) + off;
}

bool
tcp_face_offset(const struct tcp *t, const struct ip_addr *at, uint32_t *off)
{
	const struct tcp_places *p = t->cfg.places;
	const struct face *f;
	uint64_t up, tick = NS_MS;

	if (p == NULL || p->uptime == NULL)
		return false;
	up = p->uptime(p->ctx, at);
	if (up == 0)
		return false;
	f = tcp_face(t, at);
	if (f != NULL && f->tick != 0)
		tick = f->tick;
	*off = (uint32_t)(up / tick) - (uint32_t)(t->began / tick);
	return true;
}

/* The tick's end is taken: what went out in the same tick as another segment
   does not count as older */
const struct seg *
tcp_face_echo(
    const struct tcb *tcb, uint64_t now, const struct seg *seg, struct seg *own)
{
	const struct face *f = tcp_face(tcb->tcp, &tcb->c.laddr);
	uint32_t ago = 0;

	if (f == NULL || f->tick == 0 || !tcb->ts_ok || !seg->h.opt.have_ts)
		return seg;
	*own = *seg;
	if (f->tick != FACE_NO_CLOCK)
		ago = (uint32_t)(now / f->tick) + tcb->ts_off -
		      seg->h.opt.tsecr;
	if (ago > 0)
		ago--;
	own->h.opt.tsecr = tcp_ts_now(now) + tcb->ts_off -
			   (uint32_t)(ago * f->tick / NS_MS);
	return own;
}

/* any - a number of this time; no state, as many ask */
static uint32_t
any(const struct tcp *t, uint64_t now)
{
	uint8_t b[8];

	put_be32(b, (uint32_t)(now >> 32));
	put_be32(b + 4, (uint32_t)now);
	return (uint32_t)(hash_keyed(t->isn_key, b, sizeof(b)) >> 32);
}

/* noise - below most */
static double
noise(const struct tcp *t, uint64_t now, double most)
{
	return most * (double)any(t, now) / 4294967296.0;
}

/* clock_of - of numbers that cannot be predicted */
static uint32_t
clock_of(const struct tcp *t, const struct face *f, uint64_t now, uint32_t own)
{
	if (f == NULL || f->isn_tick == 0)
		return own;
	return f->isn_tick == FACE_ISN_RANDOM ? any(t, now)
					      : (uint32_t)(now / f->isn_tick);
}

bool
tcp_face_isn(struct tcp *t, const struct conn *c, uint64_t now, uint32_t *isn)
{
	const struct face *f = tcp_face(t, &c->laddr);
	uint64_t first, since = now - t->began;
	uint32_t step;
	double at;

	if (f == NULL || f->isn == FACE_ISN_OWN) {
		*isn = clock_of(t, f, now, *isn);
		return true;
	}
	first = hash_keyed(t->isn_key, c->laddr.b, sizeof(c->laddr.b));
	step = f->isn_step > 0 ? f->isn_step : 1;
	at = 0;
	if (f->isn == FACE_ISN_STEP)
		at = ++t->face_isn[first % TCP_FACES];
	else if (f->isn == FACE_ISN_CLOCK)
		at = (f->isn_rate * (double)since / (double)NS_S +
			 noise(t, now, f->isn_noise)) /
		     step;
	*isn = (uint32_t)(first >> 32) + (uint32_t)(uint64_t)at * step;
	return false;
}
