/*
 * echo.c - icmp-ping's reader of ICMP over any bytes: what it takes lies
 * inside the message, and every error has words. The first byte chooses the
 * family, and whether the checksum is put right first.
 */
#include <string.h>

#include "base/bytes.h"
#include "base/cksum.h"
#include "cmd/icmp-ping/echo.h"
#include "fuzz.h"
#include "wire/ip.h"

static void
put_right(const struct ip_hdr *h, uint8_t *p, size_t n)
{
	if (n < ECHO_HLEN)
		return;
	put_be16(p + 2, 0);
	put_be16(p + 2,
	    ip_cksum(&h->src, &h->dst, h->v6 ? PROTO_ICMP6 : PROTO_ICMP, p, n));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t v4[4] = {10, 0, 0, 9};
	struct ip_hdr h = {.v6 = size > 0 && (data[0] & 1)};
	char text[ECHO_TEXT];
	struct echo e;
	uint8_t *p;
	size_t n;

	if (size == 0)
		return 0;
	h.src.b[0] = h.dst.b[0] = 0xfd;
	if (!h.v6) {
		ip_from_v4(&h.src, v4);
		ip_from_v4(&h.dst, v4);
	}
	n = size - 1;
	p = malloc(n > 0 ? n : 1);
	memcpy(p, data + 1, n);
	if (!(data[0] & 2))
		put_right(&h, p, n);
	switch (echo_decode(&h, p, n, &e)) {
	case ECHO_REPLY:
		must(e.data == p + ECHO_HLEN && e.n == n - ECHO_HLEN);
		must(e.id == get_be16(p + 4) && e.seq == get_be16(p + 6));
		break;
	case ECHO_ERROR:
		must(n >= 2 * ECHO_HLEN + 20);
		must(strlen(echo_error(h.v6, &e, text)) > 0);
		must(ip_is_v4(&e.dst) == !h.v6 || h.v6);
		break;
	case ECHO_DAMAGED:
	case ECHO_OTHER:
		break;
	}
	free(p);
	return 0;
}
