/*
 * message.c - DNS messages, see message.h.
 */
#include <string.h>

#include "base/bytes.h"

#include "dname.h"
#include "message.h"
#include "record.h"

enum {
	QR = 0x8000,
	AA = 0x0400,
	TC = 0x0200,
	RD = 0x0100,
	RA = 0x0080,
	AD = 0x0020,
	CD = 0x0010,
	EDNS_DO = 0x8000,
};

size_t
dns_query(const struct dns_question *q, uint16_t id, bool rd, uint16_t size,
    uint8_t *buf)
{
	uint8_t *p = buf;

	memset(p, 0, DNS_HLEN);
	put_be16(p, id);
	put_be16(p + 2, rd ? RD : 0);
	put_be16(p + 4, 1);
	put_be16(p + 10, size > 0);
	p += DNS_HLEN;
	memcpy(p, q->name.b, q->name.len);
	p += q->name.len;
	put_be16(p, q->type);
	put_be16(p + 2, q->class);
	p += 4;
	if (size > 0) { /* RFC 6891 6.1.2: root, OPT, size, no flags, no data */
		memset(p, 0, 11);
		put_be16(p + 1, DNS_T_OPT);
		put_be16(p + 3, size);
		p += 11;
	}
	return (size_t)(p - buf);
}

static int
dns_header_decode(const uint8_t *msg, size_t len, struct dns_header *h)
{
	uint16_t flags;
	int i;

	if (len < DNS_HLEN)
		return -1;
	flags = get_be16(msg + 2);
	h->id = get_be16(msg);
	h->qr = flags & QR;
	h->opcode = flags >> 11 & 15;
	h->aa = flags & AA;
	h->tc = flags & TC;
	h->rd = flags & RD;
	h->ra = flags & RA;
	h->ad = flags & AD;
	h->cd = flags & CD;
	h->rcode = flags & 15;
	h->qdcount = get_be16(msg + 4);
	for (i = 0; i < 3; i++)
		h->count[i] = get_be16(msg + 6 + 2 * i);
	return 0;
}

int
dns_question_decode(
    const uint8_t *msg, size_t len, size_t *off, struct dns_question *q)
{
	if (name_decode(msg, len, off, &q->name) == -1 || len - *off < 4)
		return -1;
	q->type = get_be16(msg + *off);
	q->class = get_be16(msg + *off + 2);
	*off += 4;
	return 0;
}

int
dns_record_decode(
    const uint8_t *msg, size_t len, size_t *off, struct dns_record *r)
{
	const uint8_t *p;

	if (name_decode(msg, len, off, &r->name) == -1 || len - *off < 10)
		return -1;
	p = msg + *off;
	r->type = get_be16(p);
	r->class = get_be16(p + 2);
	r->ttl = get_be32(p + 4);
	/* RFC 2181 8: 31 bits; with the uppermost set it is 0 */
	if (r->type != DNS_T_OPT && r->ttl > INT32_MAX)
		r->ttl = 0;
	r->rdlen = get_be16(p + 8);
	*off += 10;
	if (len - *off < r->rdlen)
		return -1;
	r->rdata = *off;
	*off += r->rdlen;
	return 0;
}

/* take_opt - RFC 6891 6.1.1: one, in the additional section */
static int
take_opt(const struct dns_record *r, int section, struct dns_header *h,
    struct dns_edns *e)
{
	if (section != DNS_ADDITIONAL || e->there || r->name.len != 1)
		return -1;
	e->there = true;
	e->size = r->class;
	e->version = (uint8_t)(r->ttl >> 16);
	e->dnssec = r->ttl & EDNS_DO;
	h->rcode = (uint16_t)(h->rcode | (r->ttl >> 24) << 4);
	return 0;
}

static int
check_records(const uint8_t *msg, size_t len, size_t off, struct dns_header *h,
    struct dns_edns *e)
{
	struct dns_record r;
	int section, i;

	for (section = 0; section < 3; section++) {
		for (i = 0; i < h->count[section]; i++) {
			if (dns_record_decode(msg, len, &off, &r) == -1)
				return -1;
			if (r.type == DNS_T_OPT
				? take_opt(&r, section, h, e) == -1
				: record_text(msg, len, &r, NULL) == -1)
				return -1;
		}
	}
	return 0;
}

enum dns_match
dns_check(const uint8_t *msg, size_t len, const struct dns_question *q,
    uint16_t id, struct dns_header *h, struct dns_edns *e)
{
	struct dns_question got;
	size_t off = DNS_HLEN;

	memset(e, 0, sizeof *e);
	if (dns_header_decode(msg, len, h) == -1 || !h->qr || h->opcode != 0 ||
	    h->id != id)
		return DNS_OTHER;
	if (h->qdcount == 0) {
		/* a server that does not understand need not repeat it */
		if (h->rcode != DNS_FORMERR && h->rcode != DNS_NOTIMP)
			return DNS_OTHER;
	} else if (h->qdcount != 1 ||
		   dns_question_decode(msg, len, &off, &got) == -1 ||
		   !name_equal(&got.name, &q->name) || got.type != q->type ||
		   got.class != q->class) {
		return DNS_OTHER;
	}
	if (h->tc)
		return DNS_CUT;
	return check_records(msg, len, off, h, e) == -1 ? DNS_MALFORMED
							: DNS_ANSWERED;
}
