/*
 * ipwords.c - the words of a segment about its IP header and its frame:
 *
 *	ttl N		time to live, or hop limit; of an expected one N..M
 *	id N		identification; df, nodf: don't fragment; IPv4 only
 *	ipopt [0xHEX]	IP options, by default an unknown one; IPv6: those of a
 *			Destination Options header
 *	smac MAC, dmac MAC	source and destination in the Ethernet header
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "script/seg.h"

/* hex - digits in pairs, up to cap bytes; -1: not in pairs, or too many */
static int
hex(const char **t, uint8_t *p, int cap)
{
	char digits[3] = "";
	int n = 0;

	for (; isxdigit((unsigned char)**t); *t += 2) {
		if (!isxdigit((unsigned char)(*t)[1]) || n == cap)
			return -1;
		memcpy(digits, *t, 2);
		p[n++] = (uint8_t)strtoul(digits, NULL, 16);
	}
	return n;
}

/* numbers - "N" or "N..M", up to max */
static int
numbers(const char **t, unsigned long max, unsigned long v[2])
{
	char *end;
	int i;

	for (i = 0; i < 2; i++) {
		v[i] = strtoul(*t, &end, 0);
		if (end == *t || v[i] > max)
			return -1;
		*t = end;
		if (i == 0 && strncmp(*t, "..", 2) != 0) {
			v[1] = v[0];
			return 1;
		}
		*t += 2 * (i == 0);
	}
	return v[0] <= v[1] ? 1 : -1;
}

static int
mac(const char **t, uint8_t p[6])
{
	int i;

	*t += strspn(*t, " \t");
	for (i = 0; i < 6; i++) {
		if ((i > 0 && *(*t)++ != ':') ||
		    !isxdigit((unsigned char)**t) ||
		    !isxdigit((unsigned char)(*t)[1]))
			return -1;
		p[i] = (uint8_t)strtoul(*t, NULL, 16);
		*t += 2;
	}
	return 1;
}

static int
options(const char **t, struct ip_words *ip)
{
	int n = 4;

	*t += strspn(*t, " \t");
	memcpy(ip->options, "\x1e\x02\0\0", 4); /* an unknown kind */
	if (strncmp(*t, "0x", 2) == 0) {
		*t += 2;
		n = hex(t, ip->options, WORD_OPTIONS);
	}
	ip->noptions = n > 0 ? (unsigned)n : 0;
	return n > 0 ? 1 : -1;
}

int
ip_word(const char **t, struct ip_words *ip)
{
	unsigned long v[2] = {0};
	int result;

	if (take_word(t, "ttl")) {
		result = numbers(t, 255, v);
		ip->ttl = (uint8_t)v[0];
		ip->ttl_hi = (uint8_t)v[1];
		ip->set |= WORD_TTL;
	} else if (take_word(t, "id")) {
		result = numbers(t, 65535, v);
		ip->id = (uint16_t)v[0];
		ip->id_hi = (uint16_t)v[1];
		ip->set |= WORD_ID;
	} else if (take_word(t, "df") || take_word(t, "nodf")) {
		result = 1;
		ip->df = (*t)[-3] != 'o';
		ip->set |= WORD_DF;
	} else if (take_word(t, "smac")) {
		result = mac(t, ip->smac);
		ip->set |= WORD_SMAC;
	} else if (take_word(t, "dmac")) {
		result = mac(t, ip->dmac);
		ip->set |= WORD_DMAC;
	} else if (take_word(t, "ipopt")) {
		result = options(t, ip);
	} else {
		result = 0;
	}
	return result;
}

static size_t
add_mac(char *buf, size_t cap, const char *name, const uint8_t m[6])
{
	return (size_t)snprintf(buf, cap, " %s %02x:%02x:%02x:%02x:%02x:%02x",
	    name, m[0], m[1], m[2], m[3], m[4], m[5]);
}

void
ip_format(const struct ip_words *ip, char *buf, size_t cap)
{
	size_t n = 0;

	if (cap > 0)
		buf[0] = '\0';
	if (cap < 110) /* all of them */
		return;
	if (ip->set & WORD_TTL)
		n += (size_t)snprintf(buf + n, cap - n, " ttl %u", ip->ttl);
	if (ip->set & WORD_ID)
		n += (size_t)snprintf(buf + n, cap - n, " id %u", ip->id);
	if (ip->set & WORD_DF)
		n += (size_t)snprintf(
		    buf + n, cap - n, ip->df ? " df" : " nodf");
	if (ip->set & WORD_SMAC)
		n += add_mac(buf + n, cap - n, "smac", ip->smac);
	if (ip->set & WORD_DMAC)
		n += add_mac(buf + n, cap - n, "dmac", ip->dmac);
	if (ip->noptions > 0)
		snprintf(buf + n, cap - n, " ipopt");
}

bool
ip_is_pattern(const struct ip_words *ip)
{
	return ip->ttl != ip->ttl_hi || ip->id != ip->id_hi;
}

bool
ip_same(const struct ip_words *want, const struct ip_words *got)
{
	unsigned set = want->set;

	return (!(set & WORD_TTL) ||
		   (want->ttl <= got->ttl && got->ttl <= want->ttl_hi)) &&
	       (!(set & WORD_ID) ||
		   (want->id <= got->id && got->id <= want->id_hi)) &&
	       (!(set & WORD_DF) || want->df == got->df) &&
	       (!(set & WORD_SMAC) || memcmp(want->smac, got->smac, 6) == 0) &&
	       (!(set & WORD_DMAC) || memcmp(want->dmac, got->dmac, 6) == 0);
}

size_t
ip_options_size(const struct ip_words *ip, bool v6)
{
	if (ip->noptions == 0)
		return 0;
	return v6 ? (2 + ip->noptions + 7) / 8 * 8 : (ip->noptions + 3) / 4 * 4;
}

void
ip_put_options(const struct ip_words *ip, bool v6, uint8_t next, uint8_t *p)
{
	size_t n = ip_options_size(ip, v6);

	memset(p, 0, n); /* padding of either family */
	if (v6) {
		p[0] = next;
		p[1] = (uint8_t)(n / 8 - 1);
		p += 2;
	}
	memcpy(p, ip->options, ip->noptions);
}
