/*
 * echo.h - ICMP Echo (RFC 792, RFC 4443 4) and the errors about it: made and
 * read. Pure: no system call, no clock.
 */
#ifndef ICMP_PING_ECHO_H
#define ICMP_PING_ECHO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/ip.h"

struct ip_hdr;

enum { ECHO_HLEN = 8, ECHO_TEXT = 96 };

/*
 * echo_encode - a request at p: ECHO_HLEN and n bytes of data, which are
 * there already; the checksum is for these addresses
 */
void echo_encode(
    uint8_t *p, size_t n, const struct ip_hdr *ip, uint16_t id, uint16_t seq);

enum echo_kind {
	ECHO_REPLY,
	ECHO_ERROR,   /* about an echo request */
	ECHO_OTHER,   /* any other ICMP, or an error about something else */
	ECHO_DAMAGED, /* too short, or a wrong checksum */
};

struct echo {
	uint16_t id, seq;    /* of the reply, or the request quoted */
	const uint8_t *data; /* of a reply */
	size_t n;
	uint8_t type, code;	 /* of an error */
	uint32_t word;		 /* its second one: MTU, pointer */
	struct ip_addr src, dst; /* of the packet quoted */
};

/*
 * echo_decode - the ICMP message of n bytes at p, which came behind this IP
 * header
 */
enum echo_kind echo_decode(
    const struct ip_hdr *, const uint8_t *p, size_t n, struct echo *out);

/* echo_error - what the error means, in ping's words, into ECHO_TEXT bytes */
const char *echo_error(bool v6, const struct echo *, char *buf);

#endif
