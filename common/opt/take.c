/*
 * take.c - the ways to take an option's value, see opt.h.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "opt/opt.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/parse.h"

static void *
field(void *base, const struct opt *o)
{
	return (char *)base + o->at;
}

/* port_end - a port at the begin of *s, which moves behind it; 0: none */
static unsigned
port_end(const char **s)
{
	unsigned v = 0;

	while (**s >= '0' && **s <= '9' && v <= UINT16_MAX)
		v = v * 10 + (unsigned)(*(*s)++ - '0');
	return v <= UINT16_MAX ? v : 0;
}

const char *
opt_ports(void *base, const struct opt *o, const char *arg)
{
	static const char wrong[] = "not ports from 1 to 65535, as 80 or "
				    "22,8000-8100";
	uint64_t *ports = field(base, o);
	unsigned first, last;

	do {
		first = last = port_end(&arg);
		if (*arg == '-') {
			arg++;
			last = port_end(&arg);
		}
		if (first == 0 || last < first || (*arg != ',' && *arg != '\0'))
			return wrong;
		for (; first <= last; first++)
			ports[first / 64] |= UINT64_C(1) << first % 64;
	} while (*arg++ == ',');
	return NULL;
}

const char *
opt_flag(void *base, const struct opt *o, const char *arg)
{
	*(bool *)field(base, o) = true;
	return NULL;
}

const char *
opt_clear(void *base, const struct opt *o, const char *arg)
{
	*(bool *)field(base, o) = false;
	return NULL;
}

const char *
opt_more(void *base, const struct opt *o, const char *arg)
{
	++*(int *)field(base, o);
	return NULL;
}

const char *
opt_less(void *base, const struct opt *o, const char *arg)
{
	--*(int *)field(base, o);
	return NULL;
}

const char *
opt_text(void *base, const struct opt *o, const char *arg)
{
	*(const char **)field(base, o) = arg;
	return NULL;
}

static uint64_t
most(const struct opt *o)
{
	if (o->max != 0)
		return o->max;
	return o->size < 8 ? (UINT64_C(1) << 8 * o->size) - 1 : UINT64_MAX;
}

const char *
opt_num(void *base, const struct opt *o, const char *arg)
{
	static char why[80];
	void *p = field(base, o);
	uint64_t n;

	if (parse_num(arg, o->min, most(o), &n) != 0) {
		snprintf(why, sizeof(why), "not a number from %llu to %llu",
		    (unsigned long long)o->min, (unsigned long long)most(o));
		return why;
	}
	if (o->size == 1)
		*(uint8_t *)p = (uint8_t)n;
	else if (o->size == 2)
		*(uint16_t *)p = (uint16_t)n;
	else if (o->size == 4)
		*(uint32_t *)p = (uint32_t)n;
	else
		*(uint64_t *)p = n;
	return NULL;
}

const char *
opt_time(void *base, const struct opt *o, const char *arg)
{
	static char why[80];
	uint64_t ns;

	if (parse_time(arg, &ns) != 0)
		return "not a time: give seconds, or a number with s, ms or us";
	if (ns < o->min && o->min == 1 && o->max == 0)
		return "not a time of more than 0 s";
	if (ns < o->min && o->max == 0) {
		snprintf(why, sizeof(why), "not a time of at least %g s",
		    (double)o->min / (double)NS_PER_SEC);
		return why;
	}
	if (ns < o->min || (o->max != 0 && ns > o->max)) {
		snprintf(why, sizeof(why), "not a time from %g to %g s",
		    (double)o->min / (double)NS_PER_SEC,
		    (double)o->max / (double)NS_PER_SEC);
		return why;
	}
	*(uint64_t *)field(base, o) = ns;
	return NULL;
}

const char *
opt_host(void *base, const struct opt *o, const char *arg)
{
	struct ip_addr a;

	if (parse_addr(arg, &a) != 0 || !ip_is_host(&a))
		return "not an address that a host can have";
	*(struct ip_addr *)field(base, o) = a;
	return NULL;
}

const char *
opt_mac(void *base, const struct opt *o, const char *arg)
{
	static const struct mac zero;
	struct mac m;

	if (parse_mac(arg, &m) != 0 || mac_is_group(&m) || mac_equal(&m, &zero))
		return "not a unicast MAC address";
	*(struct mac *)field(base, o) = m;
	return NULL;
}

const char *
opt_word(void *base, const struct opt *o, const char *arg)
{
	static char why[128];
	const char *w = o->words;
	size_t n = strlen(arg), len;
	unsigned i;

	for (i = 0; *w != '\0'; i++, w += len + strspn(w + len, " ")) {
		len = strcspn(w, " ");
		if (len == n && memcmp(w, arg, n) == 0) {
			*(unsigned *)field(base, o) = i;
			return NULL;
		}
	}
	snprintf(why, sizeof(why), "not one of: %s", o->words);
	return why;
}
