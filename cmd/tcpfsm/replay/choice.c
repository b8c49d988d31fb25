/*
 * choice.c - which conversation of a capture is played, and why one cannot be;
 * see capture.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/seglist.h"
#include "replay/capture.h"
#include "replay/capture_var.h"
#include "replay/dialog.h"
#include "replay/pieces.h"

static int
build(const struct capture *c, const struct stream *s, struct conv *out)
{
	struct tcpseg_list l = {.n = 0};
	struct conv_piece *p = calloc((size_t)s->pieces + 1, sizeof(*p));
	uint32_t i, n;
	int r = -1;

	memset(out, 0, sizeof(*out));
	l.s = calloc((size_t)s->pieces + 1, sizeof(*l.s));
	i = p != NULL && l.s != NULL ? s->first : NONE;
	for (; i != NONE; i = c->node[i].next) {
		p[l.n] = (struct conv_piece){
		    .no = c->node[i].no, .at = c->node[i].at};
		l.s[l.n++] = c->node[i].seg;
	}
	if (p != NULL && l.s != NULL &&
	    pieces_make(&l, &s->end[CONV_CLIENT], p, &n) == 0)
		r = conv_build(out, p, n, c->store, c->me);
	free(l.s);
	free(p);
	return r;
}

/* other_side - what to try, if the other side of it can be played */
static const char *
other_side(struct capture *c, int64_t i)
{
	struct conv conv;
	bool can;

	c->me = !c->me;
	can = build(c, &c->stream[i], &conv) == 0 && conv.why[0] == '\0';
	conv_free(&conv);
	c->me = !c->me;
	if (!can)
		return "";
	return c->me == CONV_SERVER
		   ? "; -c plays the client's side"
		   : "; without -c the server's side is played";
}

/* why_not - of the conversation that was looked at */
static int64_t
why_not(struct capture *c, int64_t i, struct conv *out)
{
	char a[ENDPOINT_TEXT], b[ENDPOINT_TEXT], fragments[80] = "";

	if (c->left.n[LEFT_FRAGMENT] > 0)
		snprintf(fragments, sizeof(fragments),
		    "; %llu IP fragments were left out, which may have it",
		    (unsigned long long)c->left.n[LEFT_FRAGMENT]);
	snprintf(c->why, sizeof(c->why), "%sstream %lld, %s to %s: %s%s%s",
	    c->want == CAPTURE_ANY && c->streams > 1 && !c->all
		? "no connection is whole: "
		: "",
	    (long long)i, endpoint_text(&c->stream[i].end[CONV_CLIENT], a),
	    endpoint_text(&c->stream[i].end[CONV_SERVER], b), out->why,
	    fragments, other_side(c, i));
	conv_free(out);
	return -1;
}

static int64_t
the_one(struct capture *c, int64_t i, struct conv *out)
{
	if (build(c, &c->stream[i], out) != 0) {
		conv_free(out);
		return capture_no_memory(c);
	}
	return out->why[0] == '\0' ? i : why_not(c, i, out);
}

int
capture_build(struct capture *c, int64_t i, struct conv *out)
{
	c->all = true;
	if (build(c, &c->stream[i], out) != 0) {
		conv_free(out);
		return capture_no_memory(c);
	}
	if (out->why[0] == '\0')
		return 0;
	why_not(c, i, out);
	return 1;
}

void
capture_span(
    const struct capture *c, int64_t i, uint64_t *first, uint64_t *last)
{
	const struct stream *s = &c->stream[i];

	*first = *last = 0;
	if (s->first == NONE)
		return;
	*first = c->node[s->first].seg.time;
	*last = c->node[s->last].seg.time;
}

void
capture_nothing(struct capture *c)
{
	const char *udp = "";

	if (c->seen_udp && c->me == CONV_CLIENT)
		udp = "; the server's side plays its UDP";
	else if (c->seen_udp)
		udp = c->udp
			  ? ", nor a UDP request that can be played: capture "
			    "whole packets, from the request on"
			  : "; --all plays its UDP";
	snprintf(c->why, sizeof(c->why), "no TCP connection is in it%s", udp);
}

/* how good a conversation is, the worst first; a TORSO lacks its
   beginning */
enum rank {
	NOT,
	EMPTY,
	ENDED,
	TORSO_LACKING,
	TORSO_OPEN,
	TORSO,
	LACKING,
	OPEN,
	WHOLE
};

static enum rank
rank(const struct capture *c, const struct conv *v)
{
	const struct conv_side *s = v->side;

	if (v->why[0] != '\0')
		return NOT;
	if (s[0].len + s[1].len == 0)
		return conv_ended(v) || s[0].fin || s[1].fin ? ENDED : EMPTY;
	if (s[!c->me].holes > 0)
		return v->torso ? TORSO_LACKING : LACKING;
	if (!conv_ended(v))
		return v->torso ? TORSO_OPEN : OPEN;
	return v->torso ? TORSO : WHOLE;
}

/* note_first - why the first that cannot be played cannot */
static void
note_first(struct capture *c, int64_t i, struct conv *out)
{
	c->all = true; /* it is not the only one */
	why_not(c, i, out);
	c->all = false;
	snprintf(c->first, sizeof(c->first), "%s", c->why);
}

const char *
capture_first(const struct capture *c)
{
	return c->first;
}

int64_t
capture_choose(struct capture *c, struct conv *out)
{
	enum rank is, best = NOT;
	int64_t i, chosen = 0;

	if (c->want >= c->streams && c->want != CAPTURE_ANY) {
		snprintf(c->why, sizeof(c->why),
		    "there is no stream %lld: it has %lu", (long long)c->want,
		    (unsigned long)c->streams);
		return -1;
	}
	if (c->streams == 0) {
		capture_nothing(c);
		return -1;
	}
	if (c->want != CAPTURE_ANY)
		return the_one(c, c->want, out);
	for (i = 0; i < c->streams; i++) {
		if (build(c, &c->stream[i], out) != 0) {
			conv_free(out);
			return capture_no_memory(c);
		}
		is = rank(c, out);
		if (is == WHOLE)
			return i;
		if (is == NOT && c->first[0] == '\0')
			note_first(c, i, out);
		if (is > best) {
			chosen = i;
			best = is;
		}
		conv_free(out);
	}
	return the_one(c, chosen, out);
}
