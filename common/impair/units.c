/*
 * units.c - percentages, times and rates in the units of tc(8), strictly and
 * in whole numbers.
 */
#include <string.h>
#include <strings.h>

#include "impair/impair.h"
#include "wire/parse.h"

enum { NUMBER_TEXT = 32 };

/*
 * decimal - digits, perhaps a point and up to nine more: in 1e-9 units.
 * Returns where they end, NULL when there are none or too many.
 */
static const char *
decimal(const char *s, uint64_t max, uint64_t *out)
{
	uint64_t v = 0, place = UINT64_C(100000000);
	const char *start = s;

	for (; *s >= '0' && *s <= '9'; s++) {
		v = v * 10 + (uint64_t)(*s - '0');
		if (v > max)
			return NULL;
	}
	if (s == start)
		return NULL;
	v *= UINT64_C(1000000000);
	if (*s == '.') {
		for (s++; *s >= '0' && *s <= '9'; s++, place /= 10)
			v += (uint64_t)(*s - '0') * place;
	}
	*out = v;
	return s;
}

int
percent_text(const char *s, uint64_t *p)
{
	const uint64_t all = UINT64_C(100000000000);
	uint64_t v;

	s = decimal(s, 100, &v);
	if (s == NULL || v > all || (*s != '\0' && strcmp(s, "%") != 0))
		return -1;
	/* v * 2^32 / all, both parts of it below 2^64 */
	*p = (v / 1000 << 32) / (all / 1000);
	if (*p == 0 && v > 0)
		*p = 1;
	return 0;
}

int
time_text(const char *s, uint64_t *ns)
{
	static const char *const unit[][2] = {{"s", "s"}, {"sec", "s"},
	    {"secs", "s"}, {"ms", "ms"}, {"msec", "ms"}, {"msecs", "ms"},
	    {"us", "us"}, {"usec", "us"}, {"usecs", "us"}, {"ns", "ns"},
	    {"nsec", "ns"}, {"nsecs", "ns"}};
	size_t n = strspn(s, "0123456789."), i;
	char text[NUMBER_TEXT];

	if (strcmp(s, "0") == 0) {
		*ns = 0;
		return 0;
	}
	if (n + 3 > sizeof(text))
		return -1;
	for (i = 0; i < sizeof(unit) / sizeof(unit[0]); i++) {
		if (strcmp(s + n, unit[i][0]) == 0) {
			memcpy(text, s, n);
			memcpy(text + n, unit[i][1], strlen(unit[i][1]) + 1);
			return parse_time(text, ns);
		}
	}
	return -1;
}

int
rate_text(const char *s, uint64_t *out)
{
	static const struct {
		const char *name;
		uint64_t bits;
	} unit[] = {{"", 1}, {"bit", 1}, {"kbit", 1000}, {"mbit", 1000000},
	    {"gbit", 1000000000}, {"tbit", UINT64_C(1000000000000)}, {"bps", 8},
	    {"kbps", 8000}, {"mbps", 8000000}, {"gbps", UINT64_C(8000000000)},
	    {"kibit", 1 << 10}, {"mibit", 1 << 20}, {"gibit", 1 << 30},
	    {"kibps", 8 << 10}, {"mibps", 8 << 20},
	    {"gibps", UINT64_C(8) << 30}};
	uint64_t v, whole;
	size_t i;

	s = decimal(s, UINT32_MAX, &v);
	if (s == NULL)
		return -1;
	whole = v / UINT64_C(1000000000);
	v %= UINT64_C(1000000000);
	for (i = 0; i < sizeof(unit) / sizeof(unit[0]); i++) {
		if (strcasecmp(s, unit[i].name) != 0)
			continue;
		if (whole > UINT64_C(1000000000000000) / unit[i].bits)
			return -1;
		*out = whole * unit[i].bits;
		if (unit[i].bits > 1000000000)
			*out += v * (unit[i].bits / 1000000000);
		else
			*out += v * unit[i].bits / 1000000000;
		return *out > 0 ? 0 : -1;
	}
	return -1;
}
