/*
 * dhcp.c - DHCP messages, see dhcp.h.
 *
 * Options stand in up to three fields: at the end, and by option 52 in file
 * and sname. An option that comes several times is one, its pieces joined
 * (RFC 3396). Each field is walked to its end in a loop that always moves,
 * and all of them are judged before any is used.
 */
#include <string.h>

#include "base/bytes.h"
#include "wire/dhcp.h"
#include "wire/ether.h"
#include "wire/ip.h"

enum {
	HTYPE_ETHERNET = 1,
	HLEN_ETHERNET = 6,
	FLAG_BROADCAST = 0x8000,
	AT_CIADDR = 12,
	AT_YIADDR = 16,
	AT_CHADDR = 28,
	AT_SNAME = 44,
	SNAME_LEN = 64,
	AT_FILE = 108,
	FILE_LEN = 128,
	AT_MAGIC = 236,
	AT_OPTIONS = 240,
	LEAST = 300,
	NAME_MAX_LEN = 63, /* of our messages: one label */
	VALUE_MAX = 1024,
};

enum option {
	OPT_PAD = 0,
	OPT_MASK = 1,
	OPT_ROUTER = 3,
	OPT_DNS = 6,
	OPT_HOST = 12,
	OPT_DOMAIN = 15,
	OPT_MTU = 26,
	OPT_BROADCAST = 28,
	OPT_NTP = 42,
	OPT_REQUESTED = 50,
	OPT_LEASE = 51,
	OPT_OVERLOAD = 52,
	OPT_TYPE = 53,
	OPT_SERVER = 54,
	OPT_WANTED = 55,
	OPT_MESSAGE = 56,
	OPT_MAX_SIZE = 57,
	OPT_T1 = 58,
	OPT_T2 = 59,
	OPT_CLIENT = 61,
	OPT_END = 255,
};

static const uint8_t magic[4] = {99, 130, 83, 99};

struct field {
	const uint8_t *p;
	size_t n;
};

struct fields {
	struct field f[3];
	unsigned n;
};

/* one option's value, joined */
struct value {
	uint8_t b[VALUE_MAX];
	size_t n;
};

/* next - the option at *at: 1, 0 at the end, -1 when it leaves the field */
static int
next(const struct field *f, size_t *at, uint8_t *code, struct field *value)
{
	while (*at < f->n && f->p[*at] == OPT_PAD)
		++*at;
	if (*at == f->n || f->p[*at] == OPT_END)
		return 0;
	if (f->n - *at < 2 || f->n - *at - 2 < f->p[*at + 1])
		return -1;
	*code = f->p[*at];
	value->n = f->p[*at + 1];
	value->p = f->p + *at + 2;
	*at += 2 + value->n;
	return 1;
}

static bool
is_sound(const struct field *f)
{
	struct field v;
	size_t at = 0;
	uint8_t code;
	int r;

	while ((r = next(f, &at, &code, &v)) == 1)
		;
	return r == 0;
}

/* find - all pieces of an option, as far as there is room for them */
static void
find(const struct fields *all, enum option want, struct value *out)
{
	struct field v;
	uint8_t code;
	unsigned i;
	size_t at, n;

	out->n = 0;
	for (i = 0; i < all->n; i++) {
		at = 0;
		while (next(&all->f[i], &at, &code, &v) == 1) {
			if (code != want)
				continue;
			n = sizeof out->b - out->n;
			if (n > v.n)
				n = v.n;
			memcpy(out->b + out->n, v.p, n);
			out->n += n;
		}
	}
}

/* find_fields - RFC 2131 4.1: first options, then file, then sname */
static int
find_fields(const uint8_t *p, size_t len, struct fields *all)
{
	struct value v;

	all->f[0] = (struct field){p + AT_OPTIONS, len - AT_OPTIONS};
	all->n = 1;
	if (!is_sound(&all->f[0]))
		return -1;
	find(all, OPT_OVERLOAD, &v);
	if (v.n == 0)
		return 0;
	if (v.b[0] & 1)
		all->f[all->n++] = (struct field){p + AT_FILE, FILE_LEN};
	if (v.b[0] & 2)
		all->f[all->n++] = (struct field){p + AT_SNAME, SNAME_LEN};
	if (!is_sound(&all->f[all->n / 2]) || !is_sound(&all->f[all->n - 1]))
		return -1;
	return 0;
}

/*
 * get - the first size bytes of an option; false when it has not as many. An
 * option that comes twice is one of twice the length (RFC 3396): so the first
 * of them counts.
 */
static bool
get(const struct fields *all, enum option o, size_t size, struct value *v)
{
	find(all, o, v);
	return v->n >= size;
}

static void
get_addr(const struct fields *all, enum option o, struct ip_addr *out)
{
	struct value v;

	if (get(all, o, 4, &v))
		ip_from_v4(out, v.b);
}

/* get_addrs - those that are hosts' */
static void
get_addrs(const struct fields *all, enum option o, struct dhcp_addrs *out)
{
	struct value v;
	struct ip_addr a;
	size_t i;

	find(all, o, &v);
	for (i = 0; i + 4 <= v.n && out->n < DHCP_ADDRS; i += 4) {
		ip_from_v4(&a, v.b + i);
		if (ip_is_host(&a))
			out->a[out->n++] = a;
	}
}

static void
get_u32(const struct fields *all, enum option o, uint32_t *out)
{
	struct value v;

	if (get(all, o, 4, &v))
		*out = get_be32(v.b);
}

/* get_text - RFC 2132 2: a trailing NUL is no part of it */
static void
get_text(const struct fields *all, enum option o, char out[DHCP_TEXT])
{
	struct value v;
	size_t i;

	find(all, o, &v);
	while (v.n > 0 && v.b[v.n - 1] == 0)
		v.n--;
	for (i = 0; i < v.n && i < DHCP_TEXT - 1; i++)
		out[i] = v.b[i] < ' ' || v.b[i] >= 0x7f ? '?' : (char)v.b[i];
	out[i] = '\0';
}

void
dhcp_zero(struct dhcp *d)
{
	static const uint8_t none[4];

	memset(d, 0, sizeof *d);
	ip_from_v4(&d->ciaddr, none);
	d->yiaddr = d->requested = d->server = d->mask = d->bcast = d->ciaddr;
}

static enum dhcp_error
get_options(const struct fields *all, struct dhcp *d)
{
	struct value v;

	if (!get(all, OPT_TYPE, 1, &v))
		return DHCP_NO_TYPE;
	d->type = v.b[0];
	if (get(all, OPT_MTU, 2, &v))
		d->mtu = get_be16(v.b);
	get_addr(all, OPT_REQUESTED, &d->requested);
	get_addr(all, OPT_SERVER, &d->server);
	get_addr(all, OPT_MASK, &d->mask);
	get_addr(all, OPT_BROADCAST, &d->bcast);
	get_addrs(all, OPT_ROUTER, &d->router);
	get_addrs(all, OPT_DNS, &d->dns);
	get_addrs(all, OPT_NTP, &d->ntp);
	d->has_lease = get(all, OPT_LEASE, 4, &v);
	get_u32(all, OPT_LEASE, &d->lease);
	get_u32(all, OPT_T1, &d->t1);
	get_u32(all, OPT_T2, &d->t2);
	get_text(all, OPT_HOST, d->host);
	get_text(all, OPT_DOMAIN, d->domain);
	get_text(all, OPT_MESSAGE, d->message);
	return DHCP_OK;
}

const char *
dhcp_error_text(enum dhcp_error e)
{
	static const char *const text[] = {
	    [DHCP_OK] = "nothing is wrong",
	    [DHCP_SHORT] = "it is too short",
	    [DHCP_FOREIGN] = "it is not DHCP for Ethernet",
	    [DHCP_OPTION] = "an option exceeds its field",
	    [DHCP_NO_TYPE] = "it has no message type",
	};

	return text[e];
}

enum dhcp_error
dhcp_decode(const uint8_t *p, size_t len, struct dhcp *d)
{
	struct fields all;

	dhcp_zero(d);
	if (len < AT_OPTIONS)
		return DHCP_SHORT;
	if (memcmp(p + AT_MAGIC, magic, sizeof magic) != 0 ||
	    (p[0] != DHCP_BOOTREQUEST && p[0] != DHCP_BOOTREPLY) ||
	    p[1] != HTYPE_ETHERNET || p[2] != HLEN_ETHERNET)
		return DHCP_FOREIGN;
	d->op = p[0];
	d->xid = get_be32(p + 4);
	d->secs = get_be16(p + 8);
	d->broadcast = get_be16(p + 10) & FLAG_BROADCAST;
	ip_from_v4(&d->ciaddr, p + AT_CIADDR);
	ip_from_v4(&d->yiaddr, p + AT_YIADDR);
	memcpy(d->chaddr.b, p + AT_CHADDR, HLEN_ETHERNET);
	return find_fields(p, len, &all) == -1 ? DHCP_OPTION
					       : get_options(&all, d);
}

/* ---- what a client sends */

static uint8_t *
put(uint8_t *p, enum option o, const void *value, size_t n)
{
	*p++ = (uint8_t)o;
	*p++ = (uint8_t)n;
	memcpy(p, value, n);
	return p + n;
}

static uint8_t *
put_addr(uint8_t *p, enum option o, const struct ip_addr *a)
{
	return ip_is_unspecified(a) ? p : put(p, o, a->b + 12, 4);
}

static uint8_t *
put_text(uint8_t *p, enum option o, const char *s, size_t max)
{
	size_t n = strnlen(s, max);

	return n == 0 ? p : put(p, o, s, n);
}

/* RFC 2131 table 5: what is asked for, in DISCOVER and REQUEST alone */
static uint8_t *
put_wishes(uint8_t *p, const struct dhcp *d)
{
	static const uint8_t wanted[] = {OPT_MASK, OPT_ROUTER, OPT_DNS,
	    OPT_HOST, OPT_DOMAIN, OPT_MTU, OPT_BROADCAST, OPT_NTP, OPT_T1,
	    OPT_T2};
	static const uint8_t size[2] = {1500 >> 8, 1500 & 255};

	p = put(p, OPT_MAX_SIZE, size, sizeof size);
	p = put(p, OPT_WANTED, wanted, sizeof wanted);
	return put_text(p, OPT_HOST, d->host, NAME_MAX_LEN);
}

size_t
dhcp_encode(const struct dhcp *d, uint8_t *buf)
{
	uint8_t *p = buf + AT_OPTIONS, client[1 + HLEN_ETHERNET];

	memset(buf, 0, DHCP_ENCODED);
	buf[0] = DHCP_BOOTREQUEST;
	buf[1] = HTYPE_ETHERNET;
	buf[2] = HLEN_ETHERNET;
	put_be32(buf + 4, d->xid);
	put_be16(buf + 8, d->secs);
	put_be16(buf + 10, d->broadcast ? FLAG_BROADCAST : 0);
	memcpy(buf + AT_CIADDR, d->ciaddr.b + 12, 4);
	memcpy(buf + AT_CHADDR, d->chaddr.b, HLEN_ETHERNET);
	memcpy(buf + AT_MAGIC, magic, sizeof magic);

	p = put(p, OPT_TYPE, &d->type, 1);
	client[0] = HTYPE_ETHERNET;
	memcpy(client + 1, d->chaddr.b, HLEN_ETHERNET);
	p = put(p, OPT_CLIENT, client, sizeof client);
	p = put_addr(p, OPT_REQUESTED, &d->requested);
	p = put_addr(p, OPT_SERVER, &d->server);
	if (d->type == DHCP_DISCOVER || d->type == DHCP_REQUEST)
		p = put_wishes(p, d);
	else
		p = put_text(p, OPT_MESSAGE, d->message, NAME_MAX_LEN);
	*p++ = OPT_END;
	return p - buf < LEAST ? LEAST : (size_t)(p - buf);
}

int
dhcp_prefix(const struct ip_addr *mask)
{
	uint32_t m = get_be32(mask->b + 12);
	int bits = 0;

	for (; m & UINT32_C(1) << 31; m <<= 1)
		bits++;
	return m == 0 ? bits : -1;
}
