/*
 * tunnel.c - tunnels in IP, see look.h: GRE (RFC 2784, 2890; PPTP's, RFC 2637;
 * ERSPAN), VXLAN (RFC 7348), Geneve (RFC 8926), GTP-U (3GPP TS 29.281), and IP
 * in IP (RFC 2003, 4213, 2473).
 */
#include "base/bytes.h"
#include "capture/look.h"
#include "pipe/stream.h"
#include "wire/ether.h"

enum {
	IN_IP4 = 4, /* protocol numbers */
	IN_IP6 = 41,
	IN_GRE = 47,
	GRE_CKSUM = 0x8000,
	GRE_ROUTING = 0x4000,
	GRE_KEY = 0x2000,
	GRE_SEQ = 0x1000,
	GRE_ACK = 0x0080,
	GRE_ERSPAN = 0x88be, /* a frame, behind 8 bytes when numbered */
	GRE_ERSPAN3 = 0x22eb,
	UDP_HLEN = 8,
	PORT_VXLAN = 4789,
	PORT_VXLAN_OLD = 8472,
	PORT_GENEVE = 6081,
	PORT_GTPU = 2152,
	GTPU_DATA = 0xff,
	GTPU_EXTENSIONS = 8, /* in one header; more is an attack */
};

/* what a tunnel's header is read from */
struct part {
	const uint8_t *p;
	uint32_t n; /* bytes that are there */
};

/* gre_length - of the header, by its flags; 0: not one that is known */
static uint32_t
gre_length(uint16_t flags)
{
	uint32_t n = 4;

	if ((flags & 7) > 1 || (flags & GRE_ROUTING))
		return 0;
	n += flags & GRE_CKSUM ? 4 : 0;
	n += flags & GRE_KEY ? 4 : 0;
	n += flags & GRE_SEQ ? 4 : 0;
	n += (flags & 7) == 1 && (flags & GRE_ACK) ? 4 : 0;
	return n;
}

static enum left
gre(const struct part *x, uint32_t *n, uint16_t *type)
{
	uint16_t flags;

	if (x->n < 4)
		return LEFT_CUT;
	flags = get_be16(x->p);
	*n = gre_length(flags);
	*type = get_be16(x->p + 2);
	if (*n == 0) {
		*type = UINT16_MAX; /* it is a tunnel, of which no more is known
				     */
		return LEFT_GRE;
	}
	if (*type == GRE_ERSPAN) {
		*n += flags & GRE_SEQ ? 8 : 0;
		*type = TUNNEL_ETHER;
	} else if (*type == GRE_ERSPAN3) {
		*n += 12;
		/* the last bit of its header: a part of 8 bytes follows */
		if (x->n >= *n && x->p[*n - 1] & 1)
			*n += 8;
		*type = TUNNEL_ETHER;
	}
	return LEFT_GRE;
}

static enum left
vxlan(const struct part *x, uint32_t *n, uint16_t *type)
{
	if (x->n < 8)
		return LEFT_CUT;
	if (!(x->p[0] & 0x08))
		return LEFT_NOTHING;
	*n = 8;
	*type = TUNNEL_ETHER;
	return LEFT_VXLAN;
}

static enum left
geneve(const struct part *x, uint32_t *n, uint16_t *type)
{
	if (x->n < 8)
		return LEFT_CUT;
	if (x->p[0] >> 6 != 0)
		return LEFT_NOTHING;
	*n = 8 + (x->p[0] & 0x3fu) * 4;
	*type = get_be16(x->p + 2);
	return LEFT_GENEVE;
}

/* gtpu_extensions - move *n behind them; false when they are damaged */
static bool
gtpu_extensions(const struct part *x, uint32_t *n)
{
	uint8_t next = x->p[11];
	int i;

	for (i = 0; i < GTPU_EXTENSIONS && next != 0; i++) {
		if (*n >= x->n || x->p[*n] == 0)
			return false;
		*n += x->p[*n] * 4u;
		if (*n > x->n)
			return false;
		next = x->p[*n - 1];
	}
	return next == 0;
}

static enum left
gtpu(const struct part *x, uint32_t *n, uint16_t *type)
{
	if (x->n < 13)
		return LEFT_CUT;
	/* version 1, GTP and not GTP', user data */
	if (x->p[0] >> 4 != 3 || x->p[1] != GTPU_DATA)
		return LEFT_NOTHING;
	*n = x->p[0] & 7 ? 12 : 8;
	if (x->p[0] & 4 && !gtpu_extensions(x, n))
		return LEFT_CUT;
	if (*n >= x->n)
		return LEFT_CUT;
	if (x->p[*n] >> 4 != 4 && x->p[*n] >> 4 != 6)
		return LEFT_NOTHING;
	*type = x->p[*n] >> 4 == 4 ? ETHER_IP4 : ETHER_IP6;
	return LEFT_GTPU;
}

static enum left
udp(struct part *x, uint32_t *n, uint16_t *type)
{
	enum left kind = LEFT_NOTHING;
	uint16_t from, to;

	if (x->n < UDP_HLEN)
		return LEFT_NOTHING;
	from = get_be16(x->p);
	to = get_be16(x->p + 2);
	x->p += UDP_HLEN;
	x->n -= UDP_HLEN;
	if (to == PORT_VXLAN || to == PORT_VXLAN_OLD)
		kind = vxlan(x, n, type);
	else if (to == PORT_GENEVE)
		kind = geneve(x, n, type);
	else if (to == PORT_GTPU || from == PORT_GTPU)
		kind = gtpu(x, n, type);
	*n += UDP_HLEN;
	return kind;
}

/* ip_in_ip - its name by the two versions */
static enum left
ip_in_ip(const struct look *l, uint16_t *type)
{
	*type = l->ip.proto == IN_IP4 ? ETHER_IP4 : ETHER_IP6;
	if (l->ip.v6)
		return l->ip.proto == IN_IP4 ? LEFT_4IN6 : LEFT_IPIP;
	return l->ip.proto == IN_IP6 ? LEFT_6IN4 : LEFT_IPIP;
}

enum left
tunnel_in(const struct stream_rec *r, const struct look *l, uint32_t *at,
    uint16_t *type)
{
	uint32_t begin = l->l3 + l->ip.hlen, n = 0;
	struct part x = {r->data + begin, r->caplen - begin};
	enum left kind = LEFT_NOTHING;

	if (l->ip.frag)
		return LEFT_NOTHING;
	if (x.n > l->ip.len - l->ip.hlen)
		x.n = l->ip.len - l->ip.hlen;
	if (l->ip.proto == IN_IP4 || l->ip.proto == IN_IP6)
		kind = ip_in_ip(l, type);
	else if (l->ip.proto == IN_GRE)
		kind = gre(&x, &n, type);
	else if (l->ip.proto == PROTO_UDP)
		kind = udp(&x, &n, type);
	if (kind == LEFT_NOTHING || kind == LEFT_CUT)
		return kind;
	if (n > r->caplen - begin)
		return LEFT_CUT;
	*at = begin + n;
	return kind;
}
