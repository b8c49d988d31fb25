/*
 * nd.c - Neighbor Solicitation and Advertisement (RFC 4861), read under the
 * validity rules of its section 7.1, and written. Options other than the
 * link-layer address are skipped, as 4.3 and 4.4 ask.
 */
#include <string.h>

#include "base/bytes.h"
#include "base/cksum.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/nd.h"

enum {
	TYPE_NS = 135,
	TYPE_NA = 136,
	FLAG_R = 0x80,
	FLAG_S = 0x40,
	FLAG_O = 0x20,
	OPT_SLLA = 1,
	OPT_TLLA = 2,
	AT_NEXT = 6,
	HOPLIMIT = 255,
	FIXED = 24, /* type to target */
};

void
nd_group(const struct ip_addr *addr, struct ip_addr *out)
{
	static const uint8_t head[13] = {0xff, 0x02, [11] = 1, [12] = 0xff};

	memcpy(out->b, head, sizeof head);
	memcpy(out->b + 13, addr->b + 13, 3);
}

void
nd_group_mac(const struct ip_addr *addr, struct mac *out)
{
	out->b[0] = out->b[1] = 0x33;
	memcpy(out->b + 2, addr->b + 12, 4);
}

/* RFC 4861 4.6: every option has a length, in units of eight bytes, not 0 */
static int
read_options(const uint8_t *p, size_t len, struct nd *out)
{
	uint8_t want = out->advert ? OPT_TLLA : OPT_SLLA;

	while (len > 0) {
		size_t n;

		if (len < 2 || p[1] == 0)
			return -1;
		n = p[1] * (size_t)8;
		if (n > len)
			return -1;
		if (p[0] == want && n == 8 && !out->has_lla) {
			out->has_lla = true;
			memcpy(out->lla.b, p + 2, 6);
		}
		p += n;
		len -= n;
	}
	return 0;
}

/* what depends on more than one field */
static enum nd_error
check_pair(const struct nd *nd)
{
	struct ip_addr group;

	if (nd->advert)
		return ip_is_multicast(&nd->dst) && nd->solicited ? ND_FLAG
								  : ND_OK;
	if (ip_is_unspecified(&nd->src)) {
		/* the group is the target's own where it is honest */
		nd_group(&nd->target, &group);
		if (!ip_equal(&nd->dst, &group) || nd->has_lla)
			return ND_DAD;
	}
	return ND_OK;
}

/* is_other - cut short, as captures are, and yet known to be no ND message */
static bool
is_other(const uint8_t *p, size_t len)
{
	if (len < IP6_HLEN || p[0] >> 4 != 6)
		return false;
	if (p[AT_NEXT] != PROTO_ICMP6)
		return true;
	return len > IP6_HLEN && p[IP6_HLEN] != TYPE_NS &&
	       p[IP6_HLEN] != TYPE_NA;
}

enum nd_error
nd_decode(const uint8_t *p, size_t len, struct nd *out)
{
	struct ip_hdr ip;
	enum ip_error e = ip_decode(p, len, &ip);
	size_t n;

	if (e == IP_SHORT)
		return is_other(p, len) ? ND_OTHER : ND_SHORT;
	if (e != IP_OK)
		return ND_HEADER;
	if (!ip.v6 || ip.proto != PROTO_ICMP6)
		return ND_OTHER;
	if (ip.frag && ip.frag_off != 0)
		return ND_OTHER;
	p += ip.hlen;
	n = ip.len - ip.hlen;
	if (n < 1)
		return ND_SHORT;
	if (p[0] != TYPE_NS && p[0] != TYPE_NA)
		return ND_OTHER;
	if (ip.frag_at != 0) /* RFC 6980 5: also one in a single fragment */
		return ND_HEADER;
	if (n < FIXED)
		return ND_SHORT;
	if (ip.ttl != HOPLIMIT)
		return ND_HOPLIMIT;
	if (ip_cksum(&ip.src, &ip.dst, PROTO_ICMP6, p, n) != 0)
		return ND_CKSUM;
	if (p[1] != 0)
		return ND_CODE;
	memset(out, 0, sizeof *out);
	out->src = ip.src;
	out->dst = ip.dst;
	memcpy(out->target.b, p + 8, 16);
	out->advert = p[0] == TYPE_NA;
	if (out->advert) {
		out->router = (p[4] & FLAG_R) != 0;
		out->solicited = (p[4] & FLAG_S) != 0;
		out->override = (p[4] & FLAG_O) != 0;
	}
	if (ip_is_multicast(&out->target) || ip_is_v4(&out->target))
		return ND_TARGET;
	if (read_options(p + FIXED, n - FIXED, out) == -1)
		return ND_OPTION;
	return check_pair(out);
}

int
nd_encode(const struct nd *nd, uint8_t *p, size_t cap)
{
	uint32_t n = FIXED + (nd->has_lla ? 8 : 0);
	struct ip_hdr ip = {
	    .src = nd->src,
	    .dst = nd->dst,
	    .proto = PROTO_ICMP6,
	    .ttl = HOPLIMIT,
	    .v6 = true,
	    .len = IP6_HLEN + n,
	};
	uint8_t *m = p + IP6_HLEN;

	if (cap < IP6_HLEN + n)
		return -1;
	ip_encode(p, &ip);
	memset(m, 0, n);
	m[0] = nd->advert ? TYPE_NA : TYPE_NS;
	if (nd->advert)
		m[4] = (uint8_t)((nd->router ? FLAG_R : 0) |
				 (nd->solicited ? FLAG_S : 0) |
				 (nd->override ? FLAG_O : 0));
	memcpy(m + 8, nd->target.b, 16);
	if (nd->has_lla) {
		m[FIXED] = nd->advert ? OPT_TLLA : OPT_SLLA;
		m[FIXED + 1] = 1;
		memcpy(m + FIXED + 2, nd->lla.b, 6);
	}
	put_be16(m + 2, ip_cksum(&ip.src, &ip.dst, PROTO_ICMP6, m, n));
	return (int)(IP6_HLEN + n);
}
