/*
 * dname.h - domain names (RFC 1035 3.1, 4.1.4, 5.1): in a message, as text.
 */
#ifndef DNS_QUERY_DNAME_H
#define DNS_QUERY_DNAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	NAME_MAX_LEN = 255, /* bytes of wire form, the root's zero included */
	LABEL_MAX_LEN = 63,
	NAME_TEXT = 1024, /* bytes of the longest text, with NUL */
};

struct ip_addr;

/* the wire form, uncompressed, up to the root's zero */
struct name {
	uint8_t b[NAME_MAX_LEN];
	uint8_t len;
};

/*
 * name_parse - from text, absolute with or without the last dot; "\." and
 * "\123" are bytes (RFC 1035 5.1). 0, or -1: an empty label, one longer than
 * 63 bytes, more than 255 in all, a bad escape.
 */
int name_parse(const char *text, struct name *out);

/* name_reverse - the name of the address's PTR record (RFC 1035, RFC 3596) */
void name_reverse(const struct ip_addr *, struct name *out);

/*
 * name_decode - the name at offset *off of the message, pointers followed;
 * *off is then behind it. 0, or -1 when it leaves the message, is too long,
 * or points anywhere but backwards.
 */
int name_decode(const uint8_t *msg, size_t len, size_t *off, struct name *out);

/* name_text - with the last dot, escaped; into NAME_TEXT bytes; returns buf */
const char *name_text(const struct name *, char *buf);

/* name_equal - without regard to case (RFC 4343) */
bool name_equal(const struct name *, const struct name *);

#endif
