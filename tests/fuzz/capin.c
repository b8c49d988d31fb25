/*
 * capin.c - captures of every format and link type, in pieces of any size:
 * each packet is looked at with and without tunnels, and unwrapped.
 */
#include <string.h>

#include "capture/capin.h"
#include "capture/look.h"
#include "capture/seglist.h"
#include "fuzz.h"

static void
look(const struct stream_rec *r, bool decap)
{
	struct tcpseg s;
	struct look l;
	enum left why;

	if (look_at(r, decap, &l) == LEFT_NOTHING) {
		must(l.l3 >= 14 && l.l2 + 14 <= l.l3);
		must(l.l3 + l.ip.hlen <= r->caplen);
		must(l.ip.hlen <= l.ip.len);
	}
	why = tcpseg_decode(r, decap, &s);
	must(why < LEFT_KINDS && why != LEFT_LINK);
	if (why == LEFT_NOTHING) {
		must(s.there <= s.len);
		must(s.there == 0 || s.at + s.there <= r->caplen);
	}
}

/* comments - of the packet, before what stands around it is rewritten */
static void
comments(const struct capin *c)
{
	const uint8_t *text;
	size_t at = 0, len;

	while (pcapng_comment(&c->ng, &at, &text, &len)) {
		must(text >= c->in.buf && text + len <= c->in.buf + c->in.cap);
		touch(text, len);
	}
}

static void
take(struct stream_rec *r, const struct capin *c)
{
	struct look l;

	must(r->caplen <= STREAM_SNAPLEN + 14);
	must(r->data + 16 >= c->in.buf &&
	     r->data + r->caplen <= c->in.buf + c->in.cap);
	touch(r->data, r->caplen);
	comments(c);
	look(r, false);
	look(r, true);
	if (look_at(r, true, &l) == LEFT_NOTHING) {
		look_unwrap(r, &l);
		touch(r->data, r->caplen);
		must(look_at(r, false, &l) == LEFT_NOTHING && l.l3 == 14);
	}
}

static void
read_all(const uint8_t *p, size_t n, size_t piece)
{
	static struct capin c;
	struct stream_rec r;
	char text[LEFTOUT_TEXT];
	size_t got;
	int end = 0;

	memset(&c, 0, sizeof(c));
	if (capin_init(&c) != 0)
		exit(1);
	while (end == 0 && n > 0) {
		memmove(c.in.buf, c.in.buf + c.in.start, c.in.end - c.in.start);
		c.in.end -= c.in.start;
		c.in.start = 0;
		must(c.in.end < c.in.cap);
		got = piece < n ? piece : n;
		if (got > c.in.cap - c.in.end)
			got = c.in.cap - c.in.end;
		memcpy(c.in.buf + c.in.end, p, got);
		c.in.end += got;
		p += got;
		n -= got;
		while ((end = capin_next(&c, &r)) > 0)
			take(&r, &c);
	}
	if (end == 0)
		end = capin_end(&c);
	must(end == 0 || (c.error[0] != '\0' && c.status > 0));
	must(strlen(leftout_text(&c.left, text)) < LEFTOUT_TEXT);
	capin_close(&c);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	read_all(data, size, SIZE_MAX);
	read_all(data, size, 7);
	return 0;
}
