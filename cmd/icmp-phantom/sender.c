/*
 * sender.c - from a message to frames, see sender.h.
 *
 * IPv4 messages of ICMP leave without DF: a router on the path fragments them
 * where it must. IPv6 routers do not fragment; they report the MTU, which is
 * kept for ten minutes (RFC 8201) in a table of fixed size, where a newer entry
 * replaces an older one.
 */
#include <stdbool.h>
#include <string.h>

#include "base/bytes.h"
#include "base/chance.h"
#include "base/cksum.h"
#include "base/clock.h"
#include "wire/ether.h"
#include "wire/ip.h"

#include "icmp.h"
#include "sender.h"

#define PATH_LIFE (600 * NS_PER_SEC) /* RFC 8201 4 */

enum {
	V4_HLEN = 20,
	V6_HLEN = 40,
	V6_FRAG_HLEN = 8,
	V6_LABEL = 0xfffff,
	V6_FRAGMENT = 44, /* the header's number */
	V6_LEAST_MTU = 1280,
	V4_DF = 0x4000,
	V4_MORE = 0x2000,
};

void
sender_init(struct sender *s, struct chance *chance)
{
	s->key[0] = chance_u64(chance);
	s->key[1] = chance_u64(chance);
	ident_init(&s->ident, chance);
}

/* path_of - of that phantom: it does not know what another has learned */
static struct path *
path_of(struct sender *s, const struct ip_addr *src, const struct ip_addr *dst)
{
	const struct ip_addr ends[] = {*src, *dst};

	return &s->path[hash_keyed(s->key, ends[0].b, sizeof(ends)) %
			SENDER_PATHS];
}

/* mtu_of - of the path from src to dst, IPv6: never less than any link has */
static uint32_t
mtu_of(struct sender *s, uint64_t now, const struct ip_addr *src,
    const struct ip_addr *dst)
{
	const struct path *p = path_of(s, src, dst);

	if (p->mtu != 0 && now < p->until && ip_equal(&p->src, src) &&
	    ip_equal(&p->dst, dst))
		return p->mtu;
	return s->mtu < V6_LEAST_MTU ? V6_LEAST_MTU : s->mtu;
}

int
sender_shrink(struct sender *s, uint64_t now, const struct ip_addr *src,
    const struct ip_addr *dst, uint32_t mtu)
{
	struct path *p = path_of(s, src, dst);

	if (mtu < V6_LEAST_MTU || mtu >= mtu_of(s, now, src, dst))
		return -1;
	p->src = *src;
	p->dst = *dst;
	p->mtu = mtu;
	p->until = now + PATH_LIFE;
	return 0;
}

/* put_ether - the other way round, with the tags; returns the length */
static size_t
put_ether(uint8_t *to, const struct letter *l)
{
	memcpy(to, l->frame + 6, 6);
	memcpy(to + 6, l->frame, 6);
	memcpy(to + 12, l->frame + 12, l->l2len - 12);
	return l->l2len;
}

/* a piece of the message: off to off + n of its bytes */
struct piece {
	uint32_t id;
	size_t off, n;
	bool more;
	bool v6_frag; /* with a fragment header */
};

/* label - of the flow, as a Linux has it (RFC 6437): by both ends, and the
   ports, or the type of the message and the code of an error */
static uint32_t
label(const struct sender *s, const struct letter *l)
{
	uint8_t b[32 + 4] = {0};

	if (l->no_label || (!l->udp && l->no_icmp_label))
		return 0;
	memcpy(b, l->dst->b, 16);
	memcpy(b + 16, l->src->b, 16);
	memcpy(b + 32, l->head, l->udp ? 4 : l->head[0] < ICMP6_INFO ? 2 : 1);
	return (uint32_t)hash_keyed(s->key, b, sizeof(b)) & V6_LABEL;
}

static uint8_t
proto_of(const struct letter *l)
{
	if (l->udp)
		return PROTO_UDP;
	return ip_is_v4(l->src) ? PROTO_ICMP : PROTO_ICMP6;
}

/* put_ip - returns the length */
static size_t
put_ip(const struct sender *s, uint8_t *to, const struct letter *l,
    const struct piece *p)
{
	struct ip_hdr h = {.src = *l->src,
	    .dst = *l->dst,
	    .ttl = l->ttl != 0 ? l->ttl : s->ttl,
	    .tos = l->tos,
	    .id = p->id};
	size_t flags = p->off / 8 | (p->more ? (size_t)V4_MORE : 0);
	uint8_t proto = proto_of(l);

	if (ip_is_v4(l->src)) {
		h.proto = proto;
		h.len = (uint32_t)(V4_HLEN + p->n);
		ip_encode(to, &h);
		if (l->df && flags == 0)
			flags = V4_DF;
		put_be16(to + 6, (uint16_t)flags);
		put_be16(to + 10, 0);
		put_be16(to + 10, cksum_fold(cksum_add(0, to, V4_HLEN)));
		return V4_HLEN;
	}
	h.proto = p->v6_frag ? (uint8_t)V6_FRAGMENT : proto;
	h.label = label(s, l);
	h.len = (uint32_t)(V6_HLEN + (p->v6_frag ? V6_FRAG_HLEN : 0) + p->n);
	ip_encode(to, &h);
	if (!p->v6_frag)
		return V6_HLEN;
	to += V6_HLEN;
	to[0] = proto;
	to[1] = 0;
	put_be16(to + 2, (uint16_t)(p->off | p->more));
	put_be32(to + 4, p->id);
	return V6_HLEN + V6_FRAG_HLEN;
}

static void
send_piece(struct sender *s, uint64_t now, const struct letter *l,
    const struct piece *p)
{
	uint8_t head[ETHER_MAXHLEN + V6_HLEN + V6_FRAG_HLEN + ICMP_HLEN];
	size_t n = put_ether(head, l), skip = 0;

	n += put_ip(s, head + n, l, p);
	if (p->off == 0) {
		memcpy(head + n, l->head, ICMP_HLEN);
		n += ICMP_HLEN;
		skip = ICMP_HLEN;
	}
	s->send(s->ctx, now, head, n, l->data + p->off + skip - ICMP_HLEN,
	    p->n - skip);
}

void
sender_send(struct sender *s, uint64_t now, const struct letter *l)
{
	bool v4 = ip_is_v4(l->src);
	size_t room = v4 ? s->mtu - V4_HLEN
			 : mtu_of(s, now, l->src, l->dst) - V6_HLEN;
	size_t all = ICMP_HLEN + l->dlen;
	struct piece p = {.n = all};

	if (v4 || all > room)
		p.id = ident_next(&s->ident, now, l->id, l->first_id, l->src,
		    l->dst, proto_of(l));
	if (l->id == FACE_ID_ZERO && all <= room)
		p.id = 0;
	if (all > room) {
		p.v6_frag = !v4;
		p.more = true;
		p.n = (room - (v4 ? 0 : V6_FRAG_HLEN)) / 8 * 8;
	}
	while (p.more && p.off + p.n < all) {
		send_piece(s, now, l, &p);
		p.off += p.n;
	}
	p.n = all - p.off;
	p.more = false;
	send_piece(s, now, l, &p);
}
