/*
 * chain.c - the names that an answer is about, see chain.h.
 */
#include "chain.h"
#include "dname.h"
#include "message.h"
#include "record.h"

bool
chain_has(const struct chain *c, const struct name *name)
{
	unsigned i = 0;

	while (i < c->n && !name_equal(&c->name[i], name))
		i++;
	return i < c->n;
}

/* alias_of - the name that a CNAME of the answer gives; false: there is none */
static bool
alias_of(const struct name *name, const uint8_t *msg, size_t len,
    const struct dns_header *h, struct name *out)
{
	struct dns_question q;
	struct dns_record r;
	size_t off = DNS_HLEN;
	unsigned i;

	if (h->qdcount > 0)
		dns_question_decode(msg, len, &off, &q);
	for (i = 0; i < h->count[DNS_ANSWER]; i++) {
		if (dns_record_decode(msg, len, &off, &r) == -1)
			return false;
		if (r.type != DNS_T_CNAME || r.class != DNS_IN ||
		    !name_equal(&r.name, name))
			continue;
		return name_decode(msg, len, &r.rdata, out) == 0;
	}
	return false;
}

void
chain_make(struct chain *c, const uint8_t *msg, size_t len,
    const struct dns_header *h, const struct dns_question *q)
{
	struct name next = q->name;

	c->n = 0;
	while (c->n < CHAIN_NAMES && !chain_has(c, &next)) {
		c->name[c->n++] = next;
		if (!alias_of(&c->name[c->n - 1], msg, len, h, &next))
			return;
	}
}
