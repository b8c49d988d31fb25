/*
 * endpoint.h - one end of a connection: an address and a port.
 */
#ifndef WIRE_ENDPOINT_H
#define WIRE_ENDPOINT_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/ip.h"

struct endpoint {
	struct ip_addr addr;
	uint16_t port; /* host byte order */
};

enum { ENDPOINT_TEXT = 56 }; /* bytes of "[address]:port" with NUL */

bool endpoint_equal(const struct endpoint *, const struct endpoint *);
/* endpoint_text - "10.0.0.5:80", "[fd00::5]:80"; returns buf */
const char *endpoint_text(const struct endpoint *, char buf[ENDPOINT_TEXT]);

#endif
