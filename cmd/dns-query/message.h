/*
 * message.h - DNS messages (RFC 1035 4, RFC 6891): a query is written, an
 * answer is read, record by record. Pure: bytes in, values out.
 */
#ifndef DNS_QUERY_MESSAGE_H
#define DNS_QUERY_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dname.h"

enum {
	DNS_HLEN = 12,
	DNS_MAX = 65535, /* bytes of a message, over TCP */
	DNS_QUERY_MAX = DNS_HLEN + 255 + 4 + 11,
	DNS_PORT = 53,
	DNS_IN = 1, /* class */
	DNS_EDNS_SIZE = 1232,
};

enum dns_rcode {
	DNS_NOERROR = 0,
	DNS_FORMERR = 1,
	DNS_SERVFAIL = 2,
	DNS_NXDOMAIN = 3,
	DNS_NOTIMP = 4,
	DNS_REFUSED = 5,
	DNS_BADVERS = 16,
};

enum dns_section { DNS_ANSWER, DNS_AUTHORITY, DNS_ADDITIONAL };

struct dns_header {
	uint16_t id;
	uint8_t opcode;
	uint16_t rcode; /* with EDNS's upper bits, once dns_check() was there */
	bool qr, aa, tc, rd, ra, ad, cd;
	uint16_t qdcount, count[3]; /* by enum dns_section */
};

struct dns_question {
	struct name name;
	uint16_t type, class;
};

struct dns_record {
	struct name name;
	uint16_t type, class;
	uint32_t ttl;	/* seconds */
	size_t rdata;	/* offset in the message */
	uint16_t rdlen; /* all in it */
};

/* the content of an OPT record */
struct dns_edns {
	bool there;
	bool dnssec; /* DO */
	uint8_t version;
	uint16_t size; /* UDP payload that the sender takes */
};

/* dns_query - a question as a message into DNS_QUERY_MAX bytes; the length.
   size 0: without EDNS */
size_t dns_query(const struct dns_question *, uint16_t id, bool rd,
    uint16_t size, uint8_t *buf);

/* decoders: 0, or -1 when the message ends before its parts do; *off moves */
int dns_question_decode(
    const uint8_t *msg, size_t len, size_t *off, struct dns_question *);
int dns_record_decode(
    const uint8_t *msg, size_t len, size_t *off, struct dns_record *);

/* what a message is to the asker (RFC 5452 9.1) */
enum dns_match {
	DNS_OTHER,     /* no answer to this question */
	DNS_CUT,       /* the answer, truncated: ask again over TCP */
	DNS_MALFORMED, /* the answer, but not readable to its end */
	DNS_ANSWERED,
};

/*
 * dns_check - is it the answer to q with this id? Not OTHER: *h is filled;
 * ANSWERED: *e too, every record of a known type is well-formed, and what
 * follows the last one is no part of the message.
 */
enum dns_match dns_check(const uint8_t *msg, size_t len,
    const struct dns_question *q, uint16_t id, struct dns_header *h,
    struct dns_edns *e);

#endif
