/*
 * gso.c - TCP segments in frames: taken apart, checked, and cut as
 * segmentation offload would (RFC 9293, RFC 791, RFC 8200); see gso.h.
 */
#include <string.h>

#include "base/bytes.h"
#include "base/cksum.h"
#include "wire/ether.h"
#include "wire/gso.h"
#include "wire/ip.h"

enum { TCP_HLEN = 20 };

static int
decode_v4(const uint8_t *ip, size_t len, struct segment *out)
{
	unsigned ihl;

	if (len < IP4_HLEN || ip[0] >> 4 != 4)
		return -1;
	ihl = (ip[0] & 0x0fu) * 4;
	/* the fragment bits; DF and the reserved bit are no matter here */
	if (ihl < IP4_HLEN || ihl > len || ip[9] != PROTO_TCP ||
	    (get_be16(ip + 6) & 0x3fff) != 0 || get_be16(ip + 2) != len)
		return -1;
	out->v6 = false;
	out->plain = ihl == IP4_HLEN;
	out->l4 = (uint16_t)(out->l3 + ihl);
	return 0;
}

static int
decode_v6(const uint8_t *ip, size_t len, struct segment *out)
{
	if (len < IP6_HLEN || ip[0] >> 4 != 6 || ip[6] != PROTO_TCP ||
	    get_be16(ip + 4) != len - IP6_HLEN)
		return -1;
	out->v6 = true;
	out->plain = true;
	out->l4 = (uint16_t)(out->l3 + IP6_HLEN);
	return 0;
}

int
segment_decode(uint8_t *frame, size_t len, struct segment *out)
{
	struct ether_hdr eh;
	const uint8_t *tcp;
	unsigned thl;
	int r = -1;

	if (ether_decode(frame, len, &eh) != 0)
		return -1;
	out->frame = frame;
	out->len = len;
	out->l3 = eh.hlen;
	if (eh.type == ETHER_IP4)
		r = decode_v4(frame + eh.hlen, len - eh.hlen, out);
	else if (eh.type == ETHER_IP6)
		r = decode_v6(frame + eh.hlen, len - eh.hlen, out);
	if (r != 0 || len - out->l4 < TCP_HLEN)
		return -1;
	tcp = frame + out->l4;
	thl = (unsigned)(tcp[12] >> 4) * 4;
	if (thl < TCP_HLEN || thl > len - out->l4)
		return -1;
	out->flags = tcp[13];
	out->hlen = (uint16_t)(out->l4 + thl);
	out->payload = (uint32_t)(len - out->hlen);
	out->seq = get_be32(tcp + 4);
	return 0;
}

/* of the addresses where they lie, the protocol and n bytes of TCP */
static uint32_t
pseudo_sum(const struct segment *s, const uint8_t *frame, uint32_t n)
{
	const uint8_t *ip = frame + s->l3;
	uint32_t sum;

	sum = s->v6 ? cksum_add(0, ip + 8, 32) : cksum_add(0, ip + 12, 8);
	return sum + PROTO_TCP + n;
}

static bool
verify_ip(const struct segment *s)
{
	return s->v6 || cksum_fold(cksum_add(
			    0, s->frame + s->l3, (size_t)(s->l4 - s->l3))) == 0;
}

bool
segment_unfilled(const struct segment *s)
{
	uint32_t n = (uint32_t)(s->len - s->l4);
	uint16_t sum = (uint16_t)~cksum_fold(pseudo_sum(s, s->frame, n));

	return verify_ip(s) && get_be16(s->frame + s->l4 + 16) == sum;
}

bool
segment_verify(const struct segment *s)
{
	uint32_t n = (uint32_t)(s->len - s->l4);

	return verify_ip(s) && cksum_fold(cksum_add(pseudo_sum(s, s->frame, n),
				   s->frame + s->l4, n)) == 0;
}

static void
set_ip_length(const struct segment *s, uint8_t *frame, uint32_t payload)
{
	uint32_t n = s->hlen - s->l3 + payload;
	uint8_t *ip = frame + s->l3;

	if (s->v6) {
		put_be16(ip + 4, (uint16_t)(n - IP6_HLEN));
		return;
	}
	put_be16(ip + 2, (uint16_t)n);
	put_be16(ip + 10, 0);
	put_be16(
	    ip + 10, cksum_fold(cksum_add(0, ip, (size_t)(s->l4 - s->l3))));
}

void
segment_set_payload(struct segment *s, uint32_t n, uint8_t flags)
{
	uint32_t tcp_len = s->hlen - s->l4 + n;
	uint8_t *tcp = s->frame + s->l4;

	set_ip_length(s, s->frame, n);
	tcp[13] = flags;
	put_be16(
	    tcp + 16, (uint16_t)~cksum_fold(pseudo_sum(s, s->frame, tcp_len)));
}

size_t
segment_cut(const struct segment *s, uint32_t offset, uint32_t n, uint16_t i,
    uint8_t *buf)
{
	uint8_t *ip = buf + s->l3, *tcp = buf + s->l4;
	uint32_t tcp_len = s->hlen - s->l4 + n;

	memcpy(buf, s->frame, s->hlen);
	memcpy(buf + s->hlen, s->frame + s->hlen + offset, n);
	if (!s->v6)
		put_be16(ip + 4, (uint16_t)(get_be16(ip + 4) + i));
	set_ip_length(s, buf, n);
	put_be32(tcp + 4, s->seq + offset);
	if (offset + n < s->payload)
		tcp[13] &= (uint8_t) ~(TCP_FIN | TCP_PSH);
	/* RFC 3168 6.1.2: once for the window's reduction; beside AE it is
	   part of a counter, RFC 9768 3.2.2 */
	if (i > 0 && (tcp[12] & 1) == 0)
		tcp[13] &= (uint8_t)~TCP_CWR;
	put_be16(tcp + 16, 0);
	put_be16(tcp + 16,
	    cksum_fold(cksum_add(pseudo_sum(s, buf, tcp_len), tcp, tcp_len)));
	return s->hlen + (size_t)n;
}
