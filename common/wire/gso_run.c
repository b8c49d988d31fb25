/*
 * gso_run.c - see gso_run.h.
 *
 * A run is only what cutting gives back: equal headers but for what
 * segmentation counts up, full segments but for the last, FIN and PSH on the
 * last. A checksum is verified before it is thrown away: segmentation would
 * make a good frame of a bad one.
 */
#include <string.h>

#include "base/bytes.h"
#include "wire/gso_run.h"

enum { IP_MAX = 65535, IP4_DF = 0x4000 };

bool
gso_run_may(const struct segment *s)
{
	const uint8_t never = TCP_SYN | TCP_RST | TCP_URG | TCP_CWR;

	return s->plain && s->payload > 0 && (s->flags & never) == 0 &&
	       (s->flags & TCP_ACK) != 0;
}

static bool
same_ip(const struct gso_run *r, const struct segment *s)
{
	const uint8_t *a = r->first.frame + r->first.l3;
	const uint8_t *b = s->frame + s->l3;

	if (s->v6) /* class, flow label; hop limit; addresses */
		return memcmp(a, b, 4) == 0 && memcmp(a + 6, b + 6, 34) == 0;
	if (memcmp(a, b, 2) != 0 || memcmp(a + 6, b + 6, 4) != 0 ||
	    memcmp(a + 12, b + 12, 8) != 0)
		return false;
	/* RFC 6864 4: with DF the identification means nothing */
	return (get_be16(b + 6) & IP4_DF) != 0 ||
	       get_be16(b + 4) == (uint16_t)(get_be16(a + 4) + r->count);
}

/* all but sequence number, PSH, FIN and checksum */
static bool
same_tcp(const struct gso_run *r, const struct segment *s)
{
	const uint8_t *a = r->first.frame + r->first.l4;
	const uint8_t *b = s->frame + s->l4;
	const uint8_t last = TCP_PSH | TCP_FIN;

	return memcmp(a, b, 4) == 0 && memcmp(a + 8, b + 8, 5) == 0 &&
	       ((a[13] ^ b[13]) & ~last) == 0 &&
	       memcmp(a + 14, b + 14, 2) == 0 &&
	       memcmp(a + 18, b + 18, (size_t)(s->hlen - s->l4 - 18)) == 0;
}

static bool
continues(const struct gso_run *r, const struct segment *s)
{
	const struct segment *f = &r->first;

	return r->count > 0 && !r->ended && r->count < GSO_RUN_MAX &&
	       s->v6 == f->v6 && s->l3 == f->l3 && s->l4 == f->l4 &&
	       s->hlen == f->hlen && s->payload <= f->payload &&
	       s->seq == f->seq + r->payload &&
	       (size_t)(f->hlen - f->l3) + r->payload + s->payload <= IP_MAX &&
	       memcmp(s->frame, f->frame, f->l3) == 0 && same_ip(r, s) &&
	       same_tcp(r, s);
}

static bool
ends_run(const struct gso_run *r, const struct segment *s)
{
	return s->payload < r->first.payload ||
	       (s->flags & (TCP_PSH | TCP_FIN)) != 0;
}

void
gso_run_begin(struct gso_run *r, const struct segment *s)
{
	*r = (struct gso_run){
	    .first = *s, .count = 1, .payload = s->payload, .flags = s->flags};
	r->ended = ends_run(r, s);
}

bool
gso_run_fits(struct gso_run *r, const struct segment *s)
{
	if (!continues(r, s) || !segment_verify(s))
		return false;
	/* most first segments stay alone: look only now */
	if (!r->verified && !segment_verify(&r->first)) {
		r->ended = true;
		return false;
	}
	r->verified = true;
	return true;
}

void
gso_run_more(struct gso_run *r, const struct segment *s)
{
	r->count++;
	r->payload += s->payload;
	r->flags = s->flags;
	r->ended = ends_run(r, s);
}
