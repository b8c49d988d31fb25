/*
 * chain.h - which records of an answer are about the name that was asked for:
 * its own, and those of the names that CNAMEs lead to from there (RFC 1034
 * 3.6.2).
 */
#ifndef DNS_QUERY_CHAIN_H
#define DNS_QUERY_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dname.h"
#include "message.h"

enum { CHAIN_NAMES = 16 };

struct chain {
	struct name name[CHAIN_NAMES];
	unsigned n;
};

/*
 * chain_make - for q, from the answer section of a message that dns_check()
 * has accepted; the CNAMEs may stand in any order
 */
void chain_make(struct chain *, const uint8_t *msg, size_t len,
    const struct dns_header *, const struct dns_question *q);

bool chain_has(const struct chain *, const struct name *);

#endif
