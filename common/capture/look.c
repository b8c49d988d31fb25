/*
 * look.c - see look.h. Tags are IEEE 802.1Q and 802.1ad and what vendors used
 * before; MPLS is RFC 3032 and 4385, PPPoE RFC 2516, LLC and SNAP RFC 1042.
 */
#include <string.h>

#include "base/bytes.h"
#include "capture/link.h"
#include "capture/look.h"
#include "pipe/stream.h"
#include "wire/ether.h"

enum {
	TYPE_MPLS = 0x8847,
	TYPE_MPLS_MULTICAST = 0x8848,
	AUTH = 51,
	TYPE_PPPOE_DISCOVERY = 0x8863,
	TYPE_PPPOE = 0x8864,
	TYPE_QINQ_OLD = 0x9100, /* tags as some switches write them */
	TYPE_QINQ_OLDER = 0x9200,
	TYPE_MIN = 0x0600, /* below: a length, LLC follows */
	STEPS = 32,	   /* headers in one frame; more is an attack */
};

/* what has been passed of a frame */
struct walk {
	const uint8_t *p;
	uint32_t caplen, len;
	uint32_t at;
	uint16_t type; /* EtherType of what is there */
};

static bool
has(const struct walk *w, uint32_t n)
{
	return w->caplen - w->at >= n;
}

static uint16_t
type_at(const struct walk *w, uint32_t offset)
{
	return get_be16(w->p + w->at + offset);
}

/* each step takes one header: LEFT_NOTHING, or why the frame is left out */

static enum left
step_tag(struct walk *w)
{
	if (!has(w, 4))
		return LEFT_CUT;
	w->type = type_at(w, 2);
	w->at += 4;
	return LEFT_NOTHING;
}

static bool
is_known(uint16_t type)
{
	return type == ETHER_IP4 || type == ETHER_IP6 || type == ETHER_ARP ||
	       type == ETHER_VLAN || type == ETHER_QINQ || type == TYPE_PPPOE;
}

/* a frame in MPLS, with the control word before it or without */
static enum left
step_pseudowire(struct walk *w)
{
	uint32_t skip;

	for (skip = 0; skip <= 4; skip += 4) {
		if (!has(w, skip + ETHER_HLEN))
			return LEFT_CUT;
		if (is_known(type_at(w, skip + 12))) {
			w->at += skip;
			w->type = TUNNEL_ETHER;
			return LEFT_NOTHING;
		}
	}
	return LEFT_MPLS;
}

static enum left
step_mpls(struct walk *w)
{
	bool bottom;

	do {
		if (!has(w, 5))
			return LEFT_CUT;
		bottom = w->p[w->at + 2] & 1;
		w->at += 4;
	} while (!bottom);
	if (w->p[w->at] >> 4 == 4)
		w->type = ETHER_IP4;
	else if (w->p[w->at] >> 4 == 6)
		w->type = ETHER_IP6;
	else
		return step_pseudowire(w);
	return LEFT_NOTHING;
}

static enum left
step_ppp(struct walk *w)
{
	uint32_t n = link_ppp(w->p + w->at, w->caplen - w->at, &w->type);

	w->at += n;
	return n == 0 ? LEFT_CUT : w->type == 0 ? LEFT_PPP : LEFT_NOTHING;
}

static enum left
step_pppoe(struct walk *w)
{
	if (!has(w, 6))
		return LEFT_CUT;
	if (w->p[w->at] != 0x11 || w->p[w->at + 1] != 0)
		return LEFT_PPPOE;
	w->at += 6;
	return step_ppp(w);
}

static enum left
step_llc(struct walk *w)
{
	static const uint8_t snap[6] = {0xaa, 0xaa, 3, 0, 0, 0};

	if (!has(w, 8) || memcmp(w->p + w->at, snap, sizeof(snap)) != 0)
		return LEFT_NOT_IP;
	w->type = type_at(w, 6);
	w->at += 8;
	return w->type < TYPE_MIN ? LEFT_NOT_IP : LEFT_NOTHING;
}

static enum left
step_ether(struct walk *w, struct look *out)
{
	if (!has(w, ETHER_HLEN))
		return LEFT_CUT;
	out->l2 = w->at;
	w->type = type_at(w, 12);
	w->at += ETHER_HLEN;
	return LEFT_NOTHING;
}

static enum left
step(struct walk *w, struct look *out)
{
	switch (w->type) {
	case ETHER_VLAN:
	case ETHER_QINQ:
	case TYPE_QINQ_OLD:
	case TYPE_QINQ_OLDER:
		return step_tag(w);
	case TYPE_MPLS:
	case TYPE_MPLS_MULTICAST:
		return step_mpls(w);
	case TYPE_PPPOE:
		return step_pppoe(w);
	case TYPE_PPPOE_DISCOVERY:
		return LEFT_PPPOE;
	case TUNNEL_PPP:
		return step_ppp(w);
	case TUNNEL_ETHER:
		return step_ether(w, out);
	case ETHER_ARP:
		return LEFT_ARP;
	default: /* a number from outside */
		return w->type < TYPE_MIN ? step_llc(w) : LEFT_NOT_IP;
	}
}

/*
 * pass_auth - the authentication header (RFC 4302) behind that of IPv4: it
 * hides nothing. In IPv6 it is an extension header like the others.
 */
static enum left
pass_auth(const struct walk *w, struct ip_hdr *ip)
{
	const uint8_t *x = w->p + w->at + ip->hlen;
	uint32_t there = w->caplen - w->at - ip->hlen, n;

	if (ip->v6 || ip->proto != AUTH || ip->frag_off != 0)
		return LEFT_NOTHING;
	if (there < 2)
		return LEFT_CUT;
	n = (x[1] + 2u) * 4;
	if (n > ip->len - ip->hlen)
		return LEFT_IP;
	if (n > there)
		return LEFT_CUT;
	ip->proto = x[0];
	ip->hlen += n;
	return LEFT_NOTHING;
}

/* take_ip - the header that w is at */
static enum left
take_ip(const struct walk *w, struct look *out)
{
	uint32_t len = w->len > w->at ? w->len - w->at : 0;

	out->l3 = w->at;
	switch (ip_decode_captured(
	    w->p + w->at, w->caplen - w->at, len, &out->ip)) {
	case IP_OK:
		return pass_auth(w, &out->ip);
	case IP_SHORT:
		return LEFT_CUT;
	case IP_VERSION:
	case IP_HEADER:
	case IP_CKSUM:
	case IP_EXTENSION:
	case IP_OPTION:
		break;
	}
	return LEFT_IP;
}

enum left
look_at(const struct stream_rec *r, bool decap, struct look *out)
{
	struct walk w = {.p = r->data,
	    .caplen = r->caplen,
	    .len = r->len,
	    .type = TUNNEL_ETHER};
	enum left why = LEFT_NOTHING, tunnel;
	int i;

	out->tunnel = LEFT_NOTHING;
	if (r->caplen == 0)
		return LEFT_EMPTY;
	for (i = 0; i < STEPS && why == LEFT_NOTHING; i++) {
		if (w.type != ETHER_IP4 && w.type != ETHER_IP6) {
			why = step(&w, out);
			continue;
		}
		why = take_ip(&w, out);
		if (why != LEFT_NOTHING || !decap)
			return why;
		tunnel = tunnel_in(r, out, &w.at, &w.type);
		if (tunnel == LEFT_NOTHING)
			return LEFT_NOTHING;
		if (tunnel == LEFT_CUT)
			return LEFT_CUT;
		out->tunnel = tunnel;
	}
	if (why == LEFT_NOT_IP && out->tunnel != LEFT_NOTHING)
		return out->tunnel;
	return why == LEFT_NOTHING ? LEFT_NOT_IP : why;
}

enum left
look_in(const uint8_t *frame, size_t len, bool decap, struct look *out)
{
	struct stream_rec r = {.caplen = (uint32_t)len, .len = (uint32_t)len};

	memcpy(&r.data, &frame, sizeof(frame)); /* it is only read */
	return look_at(&r, decap, out);
}

enum left
look_name(const struct stream_rec *r, const struct look *l)
{
	uint16_t type;
	uint32_t at;
	enum left tunnel;

	if (l->ip.frag)
		return LEFT_FRAGMENT;
	tunnel = tunnel_in(r, l, &at, &type);
	if (tunnel != LEFT_NOTHING && tunnel != LEFT_CUT)
		return tunnel;
	switch (l->ip.proto) {
	case PROTO_UDP:
		return LEFT_UDP;
	case PROTO_ICMP:
	case PROTO_ICMP6:
		return LEFT_ICMP;
	default: /* a number from outside */
		return LEFT_PROTO;
	}
}

void
look_unwrap(struct stream_rec *r, const struct look *l)
{
	uint8_t mac[12];
	uint32_t shift = l->l3 - ETHER_HLEN;

	memcpy(mac, r->data + l->l2, sizeof(mac));
	r->data += shift;
	r->caplen -= shift;
	r->len = r->len > shift ? r->len - shift : r->caplen;
	memcpy(r->data, mac, sizeof(mac));
	put_be16(r->data + 12, l->ip.v6 ? ETHER_IP6 : ETHER_IP4);
}
