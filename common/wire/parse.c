/*
 * parse.c - the words of a command line, see parse.h.
 */
#include <arpa/inet.h>
#include <string.h>

#include "base/clock.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/parse.h"

/* digits - read decimal digits at *s up to max; -1 when none or too many */
static int
digits(const char **s, uint64_t max, uint64_t *out)
{
	const char *p = *s;
	uint64_t v = 0;

	for (; *p >= '0' && *p <= '9'; p++) {
		unsigned d = (unsigned)(*p - '0');

		if (v > (max - d) / 10)
			return -1;
		v = v * 10 + d;
	}
	if (p == *s)
		return -1;
	*s = p;
	*out = v;
	return 0;
}

int
parse_num(const char *s, uint64_t min, uint64_t max, uint64_t *out)
{
	uint64_t v;

	if (digits(&s, max, &v) != 0 || *s != '\0' || v < min)
		return -1;
	*out = v;
	return 0;
}

/* seconds - at most this many, as parse_time() has them */
static int
seconds(const char *s, uint64_t most, uint64_t *ns)
{
	static const struct {
		const char *name;
		uint64_t ns;
	} units[] = {{"", NS_PER_SEC}, {"s", NS_PER_SEC}, {"ms", NS_PER_MS},
	    {"us", NS_PER_US}, {"ns", 1}};
	uint64_t whole, place, frac = 0; /* frac in 1e-9 units */
	size_t i;

	if (digits(&s, most, &whole) != 0)
		return -1;
	if (*s == '.') {
		place = UINT64_C(100000000);
		for (s++; *s >= '0' && *s <= '9'; s++, place /= 10)
			frac += (uint64_t)(*s - '0') * place;
	}
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(s, units[i].name) == 0) {
			*ns = whole * units[i].ns +
			      frac * units[i].ns / NS_PER_SEC;
			return 0;
		}
	}
	return -1;
}

int
parse_time(const char *s, uint64_t *ns)
{
	return seconds(s, UINT64_C(315360000), ns);
}

int
parse_stamp(const char *s, uint64_t *ns)
{
	return seconds(s, UINT64_C(18000000000), ns);
}

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int
parse_mac(const char *s, struct mac *out)
{
	int i, hi, lo;

	for (i = 0; i < 6; i++, s += 3) {
		hi = hex(s[0]);
		lo = hi < 0 ? -1 : hex(s[1]);
		if (lo < 0 || s[2] != (i < 5 ? ':' : '\0'))
			return -1;
		out->b[i] = (uint8_t)(hi << 4 | lo);
	}
	return 0;
}

int
parse_addr(const char *s, struct ip_addr *out)
{
	uint8_t v4[4];

	if (inet_pton(AF_INET, s, v4) == 1) {
		ip_from_v4(out, v4);
		return 0;
	}
	/* a v4-mapped address must be written as v4 */
	if (inet_pton(AF_INET6, s, out->b) == 1 && !ip_is_v4(out))
		return 0;
	return -1;
}

/* copy_part - s[0..n-1] as a string, -1 when it is too long */
static int
copy_part(char *buf, size_t cap, const char *s, size_t n)
{
	if (n >= cap)
		return -1;
	memcpy(buf, s, n);
	buf[n] = '\0';
	return 0;
}

int
parse_prefix(const char *s, struct ip_addr *out, unsigned *len)
{
	const char *slash = strchr(s, '/');
	char addr[IP_TEXT];
	uint64_t n;
	unsigned bits;

	if (slash == NULL) {
		*len = 128;
		return parse_addr(s, out);
	}
	if (copy_part(addr, sizeof(addr), s, (size_t)(slash - s)) != 0 ||
	    parse_addr(addr, out) != 0)
		return -1;
	bits = ip_is_v4(out) ? 32 : 128;
	if (parse_num(slash + 1, 0, bits, &n) != 0)
		return -1;
	*len = 128 - bits + (unsigned)n;
	return 0;
}

int
parse_endpoint(
    const char *s, struct ip_addr *addr, uint16_t *port, int port_optional)
{
	const char *end, *rest;
	char text[IP_TEXT];
	uint64_t n;

	*port = 0;
	if (*s == '[') {
		end = strchr(++s, ']');
		if (end == NULL)
			return -1;
		rest = end + 1;
	} else {
		end = strchr(s, ':');
		/* more than one colon: a bare v6 address */
		if (end == NULL || strchr(end + 1, ':') != NULL)
			end = s + strlen(s);
		rest = end;
	}
	if (copy_part(text, sizeof(text), s, (size_t)(end - s)) != 0 ||
	    parse_addr(text, addr) != 0)
		return -1;
	if (*rest == '\0')
		return port_optional ? 0 : -1;
	if (*rest != ':' || parse_num(rest + 1, 1, 65535, &n) != 0)
		return -1;
	*port = (uint16_t)n;
	return 0;
}
