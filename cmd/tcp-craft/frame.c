/*
 * frame.c - from the fields to the bytes on the wire: RFC 9293 3.1, RFC 791
 * 3.1, RFC 8200 3, IEEE 802.1Q.
 */
#include <string.h>

#include "base/bytes.h"
#include "base/cksum.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/tcp_hdr.h"

#include "craft.h"

static size_t
put_ether(const struct craft *c, uint8_t *p)
{
	size_t n = 12;
	unsigned i;

	memcpy(p, c->dst.b, 6);
	memcpy(p + 6, c->src.b, 6);
	for (i = 0; i < c->nvlan; i++, n += 4) {
		put_be16(p + n, i + 1 < c->nvlan ? ETHER_QINQ : ETHER_VLAN);
		put_be16(p + n + 2, c->vlan[i]);
	}
	put_be16(p + n, ip_is_v4(&c->ip.src) ? ETHER_IP4 : ETHER_IP6);
	return n + 2;
}

/* padded - options take whole words; what is missing is zeros (EOL) */
static size_t
padded(const struct craft_bytes *opt)
{
	return (opt->n + 3) & ~(size_t)3;
}

size_t
craft_len(const struct craft *c)
{
	size_t n = TCP_HLEN + padded(&c->opt) + c->data.n;

	return ip_is_v4(&c->ip.src) ? 20 + padded(&c->ipopt) + n : n;
}

static void
fix_v4(const struct craft *c, uint8_t *p, size_t hlen)
{
	if (c->iphlen != CRAFT_AS_IS)
		p[0] = (uint8_t)((p[0] & 0xf0) | c->iphlen / 4);
	if (c->iplen != CRAFT_AS_IS)
		put_be16(p + 2, (uint16_t)c->iplen);
	if (c->proto != CRAFT_AS_IS)
		p[9] = (uint8_t)c->proto;
	put_be16(p + 10, 0);
	put_be16(p + 10, cksum_fold(cksum_add(0, p, hlen)));
	/* the sums 0 and ffff are the same number: one bit never is */
	if (c->bad_ipsum)
		p[11] ^= 1;
	if (c->ipsum != CRAFT_AS_IS)
		put_be16(p + 10, (uint16_t)c->ipsum);
}

static void
fix_v6(const struct craft *c, uint8_t *p)
{
	put_be32(p, get_be32(p) | c->flow);
	if (c->iplen != CRAFT_AS_IS)
		put_be16(p + 4, (uint16_t)c->iplen);
	if (c->proto != CRAFT_AS_IS)
		p[6] = (uint8_t)c->proto;
}

/* put_ip - the header before len bytes of TCP */
static size_t
put_ip(const struct craft *c, uint8_t *p, size_t len)
{
	struct ip_hdr h = c->ip;
	bool v4 = ip_is_v4(&h.src);
	size_t n, more = padded(&c->ipopt);

	h.proto = PROTO_TCP;
	h.len = (uint32_t)((v4 ? 20 + more : 40) + len);
	n = ip_encode(p, &h);
	if (c->version != CRAFT_AS_IS)
		p[0] = (uint8_t)((p[0] & 15) | c->version << 4);
	if (!v4) {
		fix_v6(c, p);
		return n;
	}
	memset(p + n, 0, more);
	memcpy(p + n, c->ipopt.b, c->ipopt.n);
	p[0] = (uint8_t)(p[0] + more / 4);
	fix_v4(c, p, n + more);
	return n + more;
}

/* put_tcp - the segment; its sum covers whatever is in it */
static size_t
put_tcp(const struct craft *c, uint8_t *p)
{
	size_t n = tcp_hdr_encode(p, &c->tcp), more = padded(&c->opt);
	size_t hlen = c->hlen != CRAFT_AS_IS ? c->hlen : n + more;

	memset(p + n, 0, more);
	memcpy(p + n, c->opt.b, c->opt.n);
	p[12] = (uint8_t)(hlen / 4 << 4 | c->reserved | (p[12] & 15));
	n += more;
	memcpy(p + n, c->data.b, c->data.n);
	n += c->data.n;
	put_be16(p + 16, ip_cksum(&c->ip.src, &c->ip.dst, PROTO_TCP, p, n));
	if (c->bad_sum)
		p[17] ^= 1;
	if (c->sum != CRAFT_AS_IS)
		put_be16(p + 16, (uint16_t)c->sum);
	return n;
}

size_t
craft_frame(const struct craft *c, uint8_t *p)
{
	size_t n = put_ether(c, p), ip_len, len;

	ip_len = ip_is_v4(&c->ip.src) ? 20 + padded(&c->ipopt) : 40;
	len = put_tcp(c, p + n + ip_len);
	put_ip(c, p + n, len);
	n += ip_len + len;
	if (c->cut != CRAFT_AS_IS && c->cut < n)
		n = c->cut;
	return n;
}
