/*
 * ether.c - Ethernet headers and MAC addresses, see ether.h.
 */
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "wire/ether.h"
#include "wire/ip.h"

int
ether_decode(const uint8_t *frame, size_t len, struct ether_hdr *out)
{
	size_t off = ETHER_HLEN;
	uint16_t type;

	if (len < off)
		return -1;
	memcpy(out->dst.b, frame, 6);
	memcpy(out->src.b, frame + 6, 6);
	type = get_be16(frame + 12);
	while (type == ETHER_VLAN || type == ETHER_QINQ) {
		if (off + 4 > ETHER_MAXHLEN || off + 4 > len)
			return -1;
		type = get_be16(frame + off + 2);
		off += 4;
	}
	out->type = type;
	out->hlen = (uint8_t)off;
	return 0;
}

bool
ether_is_priority(const uint8_t *frame, size_t len)
{
	return len >= ETHER_HLEN + 4 && get_be16(frame + 12) == ETHER_VLAN &&
	       (get_be16(frame + 14) & 0xfff) == 0;
}

bool
mac_equal(const struct mac *a, const struct mac *b)
{
	return memcmp(a->b, b->b, sizeof(a->b)) == 0;
}

bool
mac_is_group(const struct mac *m)
{
	return m->b[0] & 1;
}

bool
mac_is_zero(const struct mac *m)
{
	static const struct mac zero;

	return mac_equal(m, &zero);
}

const char *
mac_text(const struct mac *m, char *buf)
{
	static const char digit[] = "0123456789abcdef";
	char *to = buf;
	size_t i;

	for (i = 0; i < sizeof(m->b); i++) {
		*to++ = digit[m->b[i] >> 4];
		*to++ = digit[m->b[i] & 0xf];
		*to++ = ':';
	}
	to[-1] = '\0';
	return buf;
}

void
mac_of_phantom(const struct ip_addr *a, struct mac *out)
{
	out->b[0] = 0x02; /* locally administered, unicast */
	out->b[1] = 0x50;
	memcpy(out->b + 2, a->b + 12, 4);
}
