/*
 * coalesce.c - consecutive segments of one flow leave as one super-frame:
 * the headers of the first, then the payloads of all, where they lie. The
 * kernel or the card cuts it again, at the size of the first payload, so
 * that the peer receives the segments that were made for it.
 *
 * Hence a run is only what cutting gives back: equal headers but for what
 * segmentation counts up, full segments but for the last, FIN and PSH on the
 * last. A checksum is verified before it is thrown away: segmentation would
 * make a good frame of a bad one.
 */
#include <string.h>

#include "base/bytes.h"
#include "rawinject.h"

enum { IP_MAX = 65535, IP4_DF = 0x4000 };

/* data with nothing that concerns a single segment */
static bool
can_join(const struct segment *s)
{
	const uint8_t never = TCP_SYN | TCP_RST | TCP_URG | TCP_CWR;

	return s->plain && s->payload > 0 && (s->flags & never) == 0 &&
	       (s->flags & TCP_ACK) != 0;
}

static bool
same_ip(const struct run *r, const struct segment *s)
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
same_tcp(const struct run *r, const struct segment *s)
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
continues(const struct run *r, const struct segment *s)
{
	const struct segment *f = &r->first;

	return r->count > 0 && !r->ended && r->count < RUN_MAX &&
	       s->v6 == f->v6 && s->l3 == f->l3 && s->l4 == f->l4 &&
	       s->hlen == f->hlen && s->payload <= f->payload &&
	       s->seq == f->seq + r->payload &&
	       (size_t)(f->hlen - f->l3) + r->payload + s->payload <= IP_MAX &&
	       memcmp(s->frame, f->frame, f->l3) == 0 && same_ip(r, s) &&
	       same_tcp(r, s);
}

static bool
ends_run(const struct run *r, const struct segment *s)
{
	return s->payload < r->first.payload ||
	       (s->flags & (TCP_PSH | TCP_FIN)) != 0;
}

/* become_super - of the first segment alone so far, if it may */
static bool
become_super(struct run *r, struct draft *d)
{
	/* most first segments stay alone: look only now */
	if (r->head == NULL && !r->alone) {
		if (segment_verify(&r->first))
			r->head = draft_super(d, &r->first);
		r->alone = r->head == NULL;
	}
	return r->head != NULL;
}

bool
run_add(struct run *r, struct draft *d, const struct segment *s)
{
	if (!can_join(s))
		return false;
	if (continues(r, s) && segment_verify(s) && become_super(r, d) &&
	    draft_extend(d, s->frame + s->hlen, s->payload)) {
		r->count++;
		r->payload += s->payload;
		r->flags = s->flags;
		r->ended = ends_run(r, s);
		return true;
	}
	run_close(r);
	draft_frame(d, s->frame, s->len);
	*r = (struct run){
	    .first = *s, .count = 1, .payload = s->payload, .flags = s->flags};
	r->ended = ends_run(r, s);
	return true;
}

void
super_head(uint8_t *head, const struct segment *s, uint32_t n, uint8_t flags,
    uint16_t size)
{
	struct pktsock_gso gso = {.tcp = s->l4,
	    .hlen = s->hlen,
	    .size = size,
	    .v6 = s->v6,
	    .cwr = (flags & TCP_CWR) != 0};
	struct segment made = *s;

	made.frame = head + PKTSOCK_VNET_HLEN;
	memcpy(made.frame, s->frame, s->hlen);
	segment_set_payload(&made, n, flags);
	pktsock_vnet(head, &gso);
}

void
run_close(struct run *r)
{
	if (r->count > 0 && r->head != NULL)
		super_head(r->head, &r->first, r->payload, r->flags,
		    (uint16_t)r->first.payload);
	r->count = 0;
}
