/*
 * record.c - the types of DNS records and their data as text, see record.h.
 *
 * What a type's data consists of is a row of a table, a letter a field; one
 * walk both judges the data and writes it.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/bytes.h"
#include "wire/ip.h"
#include "wire/parse.h"

#include "dname.h"
#include "message.h"
#include "record.h"

static const struct {
	uint16_t type;
	const char *name;
	/* 4 and 6 address; n name; s string; S strings to the end; b, h and w
	   numbers of 8, 16 and 32 bits; v the rest as a string, with no length
	   before it; x the rest in hex. NULL: may be asked for, has no data */
	const char *fields;
} types[] = {
    {1, "A", "4"},
    {2, "NS", "n"},
    {5, "CNAME", "n"},
    {6, "SOA", "nnwwwww"},
    {12, "PTR", "n"},
    {13, "HINFO", "ss"},
    {15, "MX", "hn"},
    {16, "TXT", "S"},
    {17, "RP", "nn"},
    {18, "AFSDB", "hn"},
    {28, "AAAA", "6"},
    {33, "SRV", "hhhn"},
    {35, "NAPTR", "hhsssn"},
    {39, "DNAME", "n"},
    {43, "DS", "hbbx"},
    {44, "SSHFP", "bbx"},
    {52, "TLSA", "bbbx"},
    {99, "SPF", "S"},
    {255, "ANY", NULL},
    {256, "URI", "hhv"},
};

enum { NTYPES = sizeof types / sizeof types[0] };

static const char *
fields_of(uint16_t type)
{
	size_t i;

	for (i = 0; i < NTYPES; i++)
		if (types[i].type == type)
			return types[i].fields;
	return NULL;
}

const char *
text_of_type(uint16_t type, char *buf)
{
	size_t i;

	snprintf(buf, TYPE_TEXT, type == DNS_T_OPT ? "OPT" : "TYPE%u", type);
	for (i = 0; i < NTYPES; i++)
		if (types[i].type == type)
			snprintf(buf, TYPE_TEXT, "%s", types[i].name);
	return buf;
}

const char *
text_of_class(uint16_t class, char *buf)
{
	snprintf(buf, TYPE_TEXT, class == DNS_IN ? "IN" : "CLASS%u", class);
	return buf;
}

/* RFC 6895 3.1: 128 to 255 are for questions; of them only ANY is one that
   a single message answers */
static bool
can_be_asked(uint64_t type)
{
	return type != 0 && type != DNS_T_OPT &&
	       (type < 128 || type >= DNS_T_ANY);
}

int
type_parse(const char *s, uint16_t *out)
{
	uint64_t v;
	size_t i;

	for (i = 0; i < NTYPES; i++) {
		if (strcasecmp(s, types[i].name) == 0) {
			*out = types[i].type;
			return 0;
		}
	}
	if (strncasecmp(s, "TYPE", 4) != 0 ||
	    parse_num(s + 4, 0, UINT16_MAX, &v) == -1 || !can_be_asked(v))
		return -1;
	*out = (uint16_t)v;
	return 0;
}

/* add - 0, or -1 when the buffer is full */
static int __attribute__((format(printf, 2, 3)))
add(struct text *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (t == NULL)
		return 0;
	va_start(ap, fmt);
	n = vsnprintf(t->buf + t->n, t->cap - t->n, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= t->cap - t->n)
		return -1;
	t->n += (size_t)n;
	return 0;
}

static int
add_string(struct text *t, const uint8_t *p, size_t n)
{
	int r = add(t, "\"");

	for (; n > 0 && r == 0; p++, n--) {
		if (*p < ' ' || *p >= 0x7f)
			r = add(t, "\\%03u", *p);
		else
			r = add(t, *p == '"' || *p == '\\' ? "\\%c" : "%c", *p);
	}
	return r == 0 ? add(t, "\"") : -1;
}

static int
add_hex(struct text *t, const uint8_t *p, size_t n)
{
	for (; n > 0; p++, n--)
		if (add(t, "%02X", *p) == -1)
			return -1;
	return 0;
}

/* the data being read: message up to end, the data from at */
struct data {
	const uint8_t *msg;
	size_t at, end;
};

static int
walk_name(struct data *d, struct text *t)
{
	char buf[NAME_TEXT];
	struct name name;

	/* its own part lies within the data; pointers lead before it */
	if (name_decode(d->msg, d->end, &d->at, &name) == -1)
		return -1;
	return t == NULL ? 0 : add(t, "%s", name_text(&name, buf));
}

static int
walk_number(struct data *d, size_t size, struct text *t)
{
	const uint8_t *p = d->msg + d->at;

	if (d->end - d->at < size)
		return -1;
	d->at += size;
	return add(t, "%lu",
	    (unsigned long)(size == 4	? get_be32(p)
			    : size == 2 ? get_be16(p)
					: *p));
}

static int
walk_address(struct data *d, size_t size, struct text *t)
{
	const uint8_t *p = d->msg + d->at;
	char buf[IP_TEXT];
	struct ip_addr a;

	if (d->end - d->at < size)
		return -1;
	d->at += size;
	if (size == 4)
		ip_from_v4(&a, p);
	else
		memcpy(a.b, p, size);
	/* as AAAA, a v4-mapped address is written as one */
	return size == 16 && ip_is_v4(&a)
		   ? add(t, "::ffff:%s", ip_text(&a, buf))
		   : add(t, "%s", ip_text(&a, buf));
}

static int
walk_string(struct data *d, struct text *t)
{
	size_t n;

	if (d->at == d->end || (n = d->msg[d->at]) >= d->end - d->at)
		return -1;
	d->at += 1 + n;
	return add_string(t, d->msg + d->at - n, n);
}

/* walk_strings - at least one (RFC 1035 3.3.14) */
static int
walk_strings(struct data *d, struct text *t)
{
	do {
		if (walk_string(d, t) == -1 ||
		    (d->at < d->end && add(t, " ") == -1))
			return -1;
	} while (d->at < d->end);
	return 0;
}

/* walk_rest - as hex, or as one string */
static int
walk_rest(struct data *d, bool hex, struct text *t)
{
	const uint8_t *p = d->msg + d->at;
	size_t n = d->end - d->at;

	d->at = d->end;
	return hex ? add_hex(t, p, n) : add_string(t, p, n);
}

static int
walk(struct data *d, char field, struct text *t)
{
	switch (field) {
	case '4':
		return walk_address(d, 4, t);
	case '6':
		return walk_address(d, 16, t);
	case 'n':
		return walk_name(d, t);
	case 's':
		return walk_string(d, t);
	case 'S':
		return walk_strings(d, t);
	case 'b':
		return walk_number(d, 1, t);
	case 'h':
		return walk_number(d, 2, t);
	case 'w':
		return walk_number(d, 4, t);
	default:
		return walk_rest(d, field == 'x', t);
	}
}

/* unknown - RFC 3597 5 */
static int
unknown(const uint8_t *p, size_t n, struct text *t)
{
	if (add(t, n > 0 ? "\\# %zu " : "\\# %zu", n) == -1)
		return -1;
	return add_hex(t, p, n);
}

int
record_text(
    const uint8_t *msg, size_t len, const struct dns_record *r, struct text *t)
{
	struct data d = {msg, r->rdata, r->rdata + r->rdlen};
	const char *f = r->class == DNS_IN ? fields_of(r->type) : NULL;

	if (d.end > len)
		return -1;
	if (f == NULL)
		return unknown(msg + r->rdata, r->rdlen, t);
	for (; *f != '\0'; f++)
		if (walk(&d, *f, t) == -1 ||
		    (f[1] != '\0' && add(t, " ") == -1))
			return -1;
	return d.at == d.end ? 0 : -1;
}
