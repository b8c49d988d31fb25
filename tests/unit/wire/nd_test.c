/*
 * nd_test.c - Neighbor Solicitations behind extension headers.
 */
#include <string.h>

#include "base/bytes.h"
#include "tap.h"
#include "wire/nd.h"
#include "wire/parse.h"

/* extended - a good solicitation with an extension header of 8 bytes */
static enum nd_error
extended(uint8_t proto, uint8_t option)
{
	struct nd nd = {.has_lla = true, .lla = {{2, 0, 0, 0, 0, 9}}}, got;
	uint8_t p[ND_LEN + 8];
	int n;

	parse_addr("2001:db8::9", &nd.src);
	parse_addr("2001:db8::5", &nd.target);
	nd_group(&nd.target, &nd.dst);
	n = nd_encode(&nd, p, ND_LEN);
	memmove(p + 48, p + 40, (size_t)n - 40);
	memset(p + 40, 0, 8);
	p[40] = p[6];
	p[6] = proto;
	p[42] = option;
	p[43] = option != 0 ? 4 : 0;
	put_be16(p + 4, (uint16_t)(n + 8 - 40));
	return nd_decode(p, (size_t)n + 8, &got);
}

int
main(void)
{
	check(extended(60, 1) == ND_OK, "padding in front is stepped over");
	check(extended(44, 0) == ND_HEADER,
	    "RFC 6980 5: none with a fragment header, even in one piece");
	check(extended(60, 30) == ND_OK,
	    "RFC 8200 4.2: an unknown option that says skip");
	check(extended(60, 0x9e) == ND_HEADER && extended(0, 0x5e) == ND_HEADER,
	    "RFC 8200 4.2: those that say discard");
	return done();
}
