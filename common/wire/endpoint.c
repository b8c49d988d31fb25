/*
 * endpoint.c - see endpoint.h.
 */
#include <stdio.h>

#include "wire/endpoint.h"

bool
endpoint_equal(const struct endpoint *a, const struct endpoint *b)
{
	return a->port == b->port && ip_equal(&a->addr, &b->addr);
}

const char *
endpoint_text(const struct endpoint *e, char buf[ENDPOINT_TEXT])
{
	char text[IP_TEXT];

	snprintf(buf, ENDPOINT_TEXT, ip_is_v4(&e->addr) ? "%s:%u" : "[%s]:%u",
	    ip_text(&e->addr, text), e->port);
	return buf;
}
