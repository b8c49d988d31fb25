/*
 * inject.c - what the peer, and a router, send to the engine.
 */
#include <stdlib.h>
#include <string.h>

#include "run.h"

bool
feed(struct run *r, const uint8_t *p, size_t n, bool flush)
{
	uint8_t *exact = malloc(n > 0 ? n : 1); /* for the address sanitizer */

	if (exact == NULL)
		abort();
	memcpy(exact, p, n);
	tcp_input(r->t, r->now, exact, n, r->now, ++r->frames);
	free(exact);
	return flush ? run_flush(r) : r->error[0] == '\0';
}

bool
run_inject(
    struct run *r, const struct when *w, const struct seg_text *s, bool flush)
{
	static uint8_t frame[MAX_FRAME];
	struct conn *c;
	struct flow *f;
	size_t n;

	if (!move_to(r, w))
		return false;
	f = flow_of(r->flows, s->lport, s->rport);
	c = tcp_lookup(r->t, &r->us, s->lport, &r->peer, s->rport);
	if ((s->flags & F_SYN) &&
	    (c == NULL || c->kind != CONN_TCB || c->state == TCPS_SYN_SENT))
		note_syn(f, s, r->v6, r->cfg.mtu);
	if (s->has_win)
		f->last_win = s->win;
	run_show(r, '<', r->now, s);
	n = seg_build(s, f, &r->ends, frame);
	return feed(r, frame, n, flush);
}

bool
run_icmp(struct run *r, const struct when *w, const char *text, bool flush)
{
	uint8_t p[1600];
	size_t n;

	if (!move_to(r, w))
		return false;
	n = icmp_build(text, &r->ends, r->flows, p);
	if (n == 0)
		return fail(r, "cannot read: icmp %s", text);
	return feed(r, p, n, flush);
}

bool
run_piece(struct run *r, const struct when *w, const char *text, bool flush)
{
	static uint8_t out[MAX_FRAME + 100];
	size_t n;

	if (!move_to(r, w))
		return false;
	n = piece_build(text, &r->ends, r->flows, out);
	if (n == 0)
		return fail(r, "cannot read: piece %s", text);
	return feed(r, out, n, flush);
}

bool
run_raw(struct run *r, const struct when *w, const char *hex)
{
	uint8_t frame[2048];
	char digits[3] = "";
	size_t n = 0;

	for (; *hex != '\0' && n < sizeof(frame); hex += strspn(hex, " ")) {
		if (hex[1] == '\0')
			return fail(r, "raw: half a byte");
		memcpy(digits, hex, 2);
		frame[n++] = (uint8_t)strtoul(digits, NULL, 16);
		hex += 2;
	}
	return move_to(r, w) && feed(r, frame, n, true);
}
