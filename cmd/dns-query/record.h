/*
 * record.h - the types of DNS records, and their data as master-file text
 * (RFC 1035 5.1): no byte of an answer reaches a terminal but as printable
 * ASCII. Types that are not known are written by RFC 3597.
 */
#ifndef DNS_QUERY_RECORD_H
#define DNS_QUERY_RECORD_H

#include <stddef.h>
#include <stdint.h>

enum {
	DNS_T_A = 1,
	DNS_T_CNAME = 5,
	DNS_T_PTR = 12,
	DNS_T_AAAA = 28,
	DNS_T_OPT = 41,
	DNS_T_ANY = 255,
};

enum {
	TYPE_TEXT = 16, /* bytes of "TYPE65535" and its like, with NUL */
	RECORD_TEXT = 4 * 65536, /* of the longest data, with NUL */
};

struct dns_record;

/* text that grows in a buffer of the caller's */
struct text {
	char *buf;
	size_t cap, n;
};

/* text_of_type - "A", "TYPE65280"; into TYPE_TEXT bytes; returns buf */
const char *text_of_type(uint16_t type, char *buf);
const char *text_of_class(uint16_t class, char *buf);

/*
 * type_parse - "MX", "mx", "TYPE15"; 0, or -1: no type, or one that is not
 * asked for in this way (OPT, zone transfers and the like)
 */
int type_parse(const char *s, uint16_t *out);

/*
 * record_text - the data of a record that dns_record_decode() has read,
 * NUL-terminated in out->buf. 0, or -1 when it is not what its type demands
 * (or the buffer is shorter than RECORD_TEXT, and full). out NULL: only
 * judge.
 */
int record_text(const uint8_t *msg, size_t len, const struct dns_record *,
    struct text *out);

#endif
