/*
 * md5.h - the MD5 message digest, RFC 1321: to compare what was sent with
 * what arrived, as people do; not against an attacker.
 */
#ifndef TCPFSM_MD5_H
#define TCPFSM_MD5_H

#include <stddef.h>
#include <stdint.h>

enum { MD5_TEXT = 33 };

struct md5 {
	uint32_t s[4];
	uint64_t len; /* bytes taken so far */
	uint8_t block[64];
};

void md5_init(struct md5 *);
void md5_add(struct md5 *, const uint8_t *p, size_t n);
/* md5_text - the digest as 32 hexadecimal digits; m is used up */
const char *md5_text(struct md5 *, char buf[MD5_TEXT]);

#endif
