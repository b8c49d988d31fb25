/*
 * pcapng.c - packets out of a pcapng file (draft-ietf-opsawg-pcapng).
 *
 * Enhanced, Simple and the obsolete Packet Blocks are packets; section headers
 * and interface descriptions define how to read them; every other block is
 * skipped, however long.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "capture/pcapng.h"
#include "pipe/stream.h"

enum {
	BLOCK_SECTION = 0x0a0d0d0a,
	BLOCK_IF = 1,
	BLOCK_PACKET = 2, /* obsolete; the layout of an enhanced one, but for
			     a 16-bit interface */
	BLOCK_SIMPLE = 3,
	BLOCK_NAMES = 4,
	BLOCK_STATS = 5,
	BLOCK_ENHANCED = 6,
	BLOCK_SECRETS = 10,
	ORDER = 0x1a2b3c4d,
	BLOCK_MIN = 12,
	OPT_COMMENT = 1,
	OPT_IF_NAME = 2,
	OPT_TSRESOL = 9,
	OPT_TSOFFSET = 14,
	USEFUL_MAX = STREAM_SNAPLEN + 65536, /* a block with its options */
	PACKET_HLEN = 28,
	SIMPLE_HLEN = 12,
	IF_HLEN = 16,
	DEFAULT_TSRESOL = 6,
};

static int fail(struct pcapng *, int status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static int
fail(struct pcapng *ng, int status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(ng->error, sizeof(ng->error), fmt, ap);
	va_end(ap);
	ng->status = status;
	return -1;
}

static int
damaged(struct pcapng *ng, const char *why)
{
	return fail(ng, 1, "read packet %llu: %s: the file is damaged",
	    (unsigned long long)ng->count + 1, why);
}

static uint16_t
get16(const struct pcapng *ng, const uint8_t *p)
{
	return ng->swapped ? get_be16(p) : get_le16(p);
}

static uint32_t
get32(const struct pcapng *ng, const uint8_t *p)
{
	return ng->swapped ? get_be32(p) : get_le32(p);
}

bool
pcapng_is(const uint8_t *p)
{
	return get_be32(p) == BLOCK_SECTION; /* the same from both ends */
}

/* "swapped" means big-endian: the fields are read as bytes, on any host */
static int
take_section(struct pcapng *ng, const uint8_t *p)
{
	if (get_le32(p + 8) == ORDER)
		ng->swapped = false;
	else if (get_be32(p + 8) == ORDER)
		ng->swapped = true;
	else
		return damaged(ng, "a section without byte order");
	ng->section = true;
	ng->base += ng->nifs;
	ng->nifs = 0;
	return 0;
}

/* option - at p, before end: its code and length; 0: the last one is passed */
static uint16_t
option(const struct pcapng *ng, const uint8_t *p, const uint8_t *end,
    uint16_t *len)
{
	if (end - p < 4)
		return 0;
	*len = get16(ng, p + 2);
	return *len <= end - p - 4 ? get16(ng, p) : 0;
}

/* behind - the option at p, or the end */
static const uint8_t *
behind(const uint8_t *p, const uint8_t *end, uint16_t len)
{
	size_t n = 4 + ((size_t)len + 3) / 4 * 4;

	return n < (size_t)(end - p) ? p + n : end;
}

/* the options of an interface that change how packets are read */
static void
take_options(
    struct pcapng *ng, struct pcapng_if *out, const uint8_t *p, size_t n)
{
	const uint8_t *end = p + n;
	uint64_t hi, lo;
	uint16_t code, len;

	for (; (code = option(ng, p, end, &len)) != 0;
	     p = behind(p, end, len)) {
		ng->named += code == OPT_IF_NAME;
		if (code == OPT_TSRESOL && len == 1)
			out->tsresol = p[4];
		if (code == OPT_TSOFFSET && len == 8) {
			hi = get32(ng, p + (ng->swapped ? 4 : 8));
			lo = get32(ng, p + (ng->swapped ? 8 : 4));
			out->offset = (int64_t)(hi << 32 | lo);
		}
	}
}

bool
pcapng_comment(
    const struct pcapng *ng, size_t *at, const uint8_t **text, size_t *len)
{
	const uint8_t *p, *end;
	uint16_t code, n;

	if (ng->nopt == 0)
		return false;
	p = ng->opt + *at;
	end = ng->opt + ng->nopt;
	while (*at < ng->nopt && (code = option(ng, p, end, &n)) != 0) {
		*text = p + 4;
		*len = n;
		p = behind(p, end, n);
		*at = (size_t)(p - ng->opt);
		if (code == OPT_COMMENT)
			return true;
	}
	return false;
}

static int
take_if(struct pcapng *ng, const uint8_t *p, size_t n)
{
	struct pcapng_if *i;

	if (n < IF_HLEN + 4)
		return damaged(ng, "a short interface description");
	if (ng->nifs == PCAPNG_IFS)
		return fail(
		    ng, 1, "read interface %u: too many interfaces", ng->nifs);
	i = &ng->ifs[ng->nifs++];
	i->link = get16(ng, p + 8);
	i->tsresol = DEFAULT_TSRESOL;
	i->offset = 0;
	i->snaplen = get32(ng, p + 12);
	take_options(ng, i, p + IF_HLEN, n - IF_HLEN - 4);
	return 0;
}

/* ticks of 2^-n or 10^-n seconds as nanoseconds; what overflows wraps */
static uint64_t
to_ns(uint8_t resol, uint64_t t)
{
	unsigned n = resol & 0x7f;
	uint64_t frac;

	if (resol & 0x80) {
		if (n == 0)
			return t * NS_PER_SEC;
		if (n >= 64)
			return 0;
		frac = t & ((UINT64_C(1) << n) - 1);
		t >>= n;
		if (n > 34) { /* a nanosecond is more than 2^-30 */
			frac >>= n - 34;
			n = 34;
		}
		return t * NS_PER_SEC + (frac * NS_PER_SEC >> n);
	}
	for (; n < 9; n++)
		t *= 10;
	for (; n > 9 && t > 0; n--)
		t /= 10;
	return t;
}

static int
take_packet(struct pcapng *ng, uint8_t *p, size_t n, struct stream_rec *rec)
{
	bool old = get32(ng, p) == BLOCK_PACKET;
	const struct pcapng_if *i;
	uint32_t id;

	if (n < PACKET_HLEN + 4)
		return damaged(ng, "a short packet block");
	id = old ? get16(ng, p + 8) : get32(ng, p + 8);
	if (id >= ng->nifs)
		return damaged(ng, "a packet of an interface that is not "
				   "described");
	i = &ng->ifs[id];
	rec->caplen = get32(ng, p + 20);
	rec->len = get32(ng, p + 24);
	if (rec->caplen > n - PACKET_HLEN - 4 || rec->caplen > STREAM_SNAPLEN)
		return damaged(ng, "a packet longer than its block");
	rec->ts = to_ns(i->tsresol,
		      (uint64_t)get32(ng, p + 12) << 32 | get32(ng, p + 16)) +
		  (uint64_t)i->offset * NS_PER_SEC;
	rec->data = p + PACKET_HLEN;
	ng->opt = rec->data + rec->caplen + (-rec->caplen & 3);
	ng->nopt = ng->opt < p + n - 4 ? (size_t)(p + n - 4 - ng->opt) : 0;
	ng->last = rec->ts;
	ng->iface = ng->base + id;
	ng->link = i->link;
	return 1;
}

/* a simple block has no stamp: that of the packet before it */
static int
take_simple(struct pcapng *ng, uint8_t *p, size_t n, struct stream_rec *rec)
{
	if (n < SIMPLE_HLEN + 4)
		return damaged(ng, "a short packet block");
	if (ng->nifs == 0)
		return damaged(ng, "a packet of an interface that is not "
				   "described");
	rec->len = rec->caplen = get32(ng, p + 8);
	if (ng->ifs[0].snaplen != 0 && rec->caplen > ng->ifs[0].snaplen)
		rec->caplen = ng->ifs[0].snaplen;
	if (rec->caplen > n - SIMPLE_HLEN - 4 || rec->caplen > STREAM_SNAPLEN)
		return damaged(ng, "a packet longer than its block");
	rec->ts = ng->last;
	ng->untimed++;
	rec->data = p + SIMPLE_HLEN;
	ng->nopt = 0;
	ng->iface = ng->base;
	ng->link = ng->ifs[0].link;
	return 1;
}

/* a whole block of n bytes: 1 and *rec, 0 no packet, -1 damaged */
static int
take_block(struct pcapng *ng, uint8_t *p, size_t n, struct stream_rec *rec)
{
	int r;

	if (get32(ng, p + n - 4) != n)
		return damaged(ng, "a block with two different lengths");
	switch (get32(ng, p)) {
	case BLOCK_IF:
		return take_if(ng, p, n);
	case BLOCK_SIMPLE:
		r = take_simple(ng, p, n, rec);
		break;
	case BLOCK_PACKET:
	case BLOCK_ENHANCED:
		r = take_packet(ng, p, n, rec);
		break;
	default: /* a number from outside */
		return 0;
	}
	if (r > 0)
		ng->count++;
	return r;
}

static bool
is_useful(uint32_t type)
{
	return type == BLOCK_IF || type == BLOCK_SIMPLE ||
	       type == BLOCK_PACKET || type == BLOCK_ENHANCED;
}

static enum pcapng_kind
kind_of(uint32_t type)
{
	switch (type) {
	case BLOCK_NAMES:
		return PCAPNG_NAMES;
	case BLOCK_STATS:
		return PCAPNG_STATS;
	case BLOCK_SECRETS:
		return PCAPNG_SECRETS;
	default: /* a number from outside */
		return PCAPNG_OTHER;
	}
}

/* drop bytes of a block that is of no use; false when more are to come */
static bool
pass_over(struct pcapng *ng, struct stream_in *in)
{
	uint64_t n = in->end - in->start;

	if (n > ng->skip)
		n = ng->skip;
	in->start += (size_t)n;
	ng->skip -= n;
	return ng->skip == 0;
}

int
pcapng_next(struct pcapng *ng, struct stream_in *in, struct stream_rec *rec)
{
	uint32_t n;
	uint8_t *p;
	int r;

	while (pass_over(ng, in) && in->end - in->start >= BLOCK_MIN) {
		p = in->buf + in->start;
		if (pcapng_is(p) && take_section(ng, p) < 0)
			return -1;
		n = get32(ng, p + 4);
		if (n < BLOCK_MIN || n % 4 != 0)
			return damaged(ng, "a block of impossible length");
		if (!is_useful(get32(ng, p))) {
			if (!pcapng_is(p))
				ng->passed[kind_of(get32(ng, p))]++;
			ng->skip = n;
			continue;
		}
		if (n > USEFUL_MAX)
			return damaged(ng, "a block of impossible length");
		if (in->end - in->start < n)
			return 0;
		in->start += n;
		r = take_block(ng, p, n, rec);
		if (r != 0)
			return r;
	}
	return 0;
}

uint64_t
pcapng_want(const struct pcapng *ng, const struct stream_in *in)
{
	size_t have = in->end - in->start;
	uint32_t n;

	if (ng->skip > 0)
		return ng->skip;
	/* a section's order stands behind its length: it is passed over */
	if (have < BLOCK_MIN || pcapng_is(in->buf + in->start))
		return BLOCK_MIN;
	n = get32(ng, in->buf + in->start + 4);
	return n < BLOCK_MIN || n > USEFUL_MAX ? BLOCK_MIN : n;
}

int
pcapng_end(struct pcapng *ng, const struct stream_in *in)
{
	if (ng->skip == 0 && in->start == in->end)
		return 0;
	return fail(ng, 1, "read packet %llu: the file ends inside a block",
	    (unsigned long long)ng->count + 1);
}
