/*
 * echo.c - ICMP Echo and the errors about it, see echo.h.
 */
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/cksum.h"
#include "wire/icmp_quote.h"
#include "wire/ip.h"

#include "echo.h"

enum {
	V4_REPLY = 0,
	V4_REQUEST = 8,
	V6_REQUEST = 128,
	V6_REPLY = 129,
};

/* the errors, RFC 792 and RFC 4443 3 */
enum {
	V4_UNREACHABLE = 3,
	V4_TIME = 11,
	V4_PARAMETER = 12,
	V4_TOO_BIG = 4, /* the code */
	V6_UNREACHABLE = 1,
	V6_TOO_BIG = 2,
	V6_TIME = 3,
	V6_PARAMETER = 4,
};

static uint16_t
checksum(const struct ip_hdr *ip, const uint8_t *p, size_t n)
{
	return ip_cksum(&ip->src, &ip->dst,
	    ip_is_v4(&ip->src) ? PROTO_ICMP : PROTO_ICMP6, p, n);
}

void
echo_encode(
    uint8_t *p, size_t n, const struct ip_hdr *ip, uint16_t id, uint16_t seq)
{
	p[0] = ip_is_v4(&ip->src) ? V4_REQUEST : V6_REQUEST;
	p[1] = 0;
	put_be16(p + 2, 0);
	put_be16(p + 4, id);
	put_be16(p + 6, seq);
	put_be16(p + 2, checksum(ip, p, ECHO_HLEN + n));
}

static bool
is_error(bool v6, uint8_t type)
{
	if (v6)
		return type >= V6_UNREACHABLE && type <= V6_PARAMETER;
	return type == V4_UNREACHABLE || type == V4_TIME ||
	       type == V4_PARAMETER;
}

/* quoted - is it an echo request, as far as it is quoted? */
static bool
quoted(bool v6, const uint8_t *p, size_t n, struct echo *out)
{
	struct icmp_quote q;

	if (icmp_quote_decode(v6, p, n, &q) != 0)
		return false;
	out->src = q.src;
	out->dst = q.dst;
	if (q.proto != (v6 ? PROTO_ICMP6 : PROTO_ICMP) || q.n < ECHO_HLEN ||
	    q.data[0] != (v6 ? V6_REQUEST : V4_REQUEST))
		return false;
	out->id = get_be16(q.data + 4);
	out->seq = get_be16(q.data + 6);
	return true;
}

enum echo_kind
echo_decode(
    const struct ip_hdr *ip, const uint8_t *p, size_t n, struct echo *out)
{
	memset(out, 0, sizeof(*out));
	if (n < ECHO_HLEN || checksum(ip, p, n) != 0)
		return ECHO_DAMAGED;
	out->type = p[0];
	out->code = p[1];
	if (p[0] == (ip->v6 ? V6_REPLY : V4_REPLY)) {
		out->id = get_be16(p + 4);
		out->seq = get_be16(p + 6);
		out->data = p + ECHO_HLEN;
		out->n = n - ECHO_HLEN;
		return p[1] == 0 ? ECHO_REPLY : ECHO_DAMAGED;
	}
	if (!is_error(ip->v6, p[0]))
		return ECHO_OTHER;
	out->word = get_be32(p + 4);
	if (!quoted(ip->v6, p + ECHO_HLEN, n - ECHO_HLEN, out))
		return ECHO_OTHER;
	return ECHO_ERROR;
}

static const char *
error_v4(const struct echo *e, char *buf)
{
	static const char *const unreachable[] = {
	    "Destination Net Unreachable",
	    "Destination Host Unreachable",
	    "Destination Protocol Unreachable",
	    "Destination Port Unreachable",
	    "Frag needed and DF set",
	    "Source Route Failed",
	    "Destination Net Unknown",
	    "Destination Host Unknown",
	    "Source Host Isolated",
	    "Destination Net Prohibited",
	    "Destination Host Prohibited",
	    "Destination Net Unreachable for Type of Service",
	    "Destination Host Unreachable for Type of Service",
	    "Packet filtered",
	    "Precedence Violation",
	    "Precedence Cutoff",
	};

	if (e->type == V4_TIME)
		return e->code == 0 ? "Time to live exceeded"
				    : "Frag reassembly time exceeded";
	if (e->type == V4_PARAMETER)
		snprintf(buf, ECHO_TEXT, "Parameter problem: pointer = %u",
		    e->word >> 24);
	else if (e->code == V4_TOO_BIG)
		snprintf(buf, ECHO_TEXT, "%s (mtu = %u)",
		    unreachable[V4_TOO_BIG], e->word & 0xffff);
	else if (e->code < sizeof(unreachable) / sizeof(unreachable[0]))
		return unreachable[e->code];
	else
		snprintf(
		    buf, ECHO_TEXT, "Dest Unreachable, Bad Code: %u", e->code);
	return buf;
}

static const char *
error_v6(const struct echo *e, char *buf)
{
	static const char *const unreachable[] = {
	    "No route",
	    "Administratively prohibited",
	    "Beyond scope of source address",
	    "Address unreachable",
	    "Port unreachable",
	    "Source address failed ingress/egress policy",
	    "Reject route to destination",
	};

	if (e->type == V6_TOO_BIG)
		snprintf(buf, ECHO_TEXT, "Packet too big: mtu=%u", e->word);
	else if (e->type == V6_TIME)
		return e->code == 0 ? "Time exceeded: Hop limit"
				    : "Time exceeded: Defragmentation failure";
	else if (e->type == V6_PARAMETER)
		snprintf(buf, ECHO_TEXT, "Parameter problem: at %u", e->word);
	else if (e->code < sizeof(unreachable) / sizeof(unreachable[0]))
		snprintf(buf, ECHO_TEXT, "Destination unreachable: %s",
		    unreachable[e->code]);
	else
		snprintf(buf, ECHO_TEXT,
		    "Destination unreachable: Unknown code %u", e->code);
	return buf;
}

const char *
echo_error(bool v6, const struct echo *e, char *buf)
{
	return v6 ? error_v6(e, buf) : error_v4(e, buf);
}
