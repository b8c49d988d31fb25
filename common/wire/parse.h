/*
 * parse.h - the words of a command line, strictly.
 *
 * Every function returns 0, or -1 when the text is anything but what it
 * should be from the first byte to the last.
 */
#ifndef WIRE_PARSE_H
#define WIRE_PARSE_H

#include <stdint.h>

struct ip_addr;
struct mac;

/* parse_num - a decimal number from min to max */
int parse_num(const char *s, uint64_t min, uint64_t max, uint64_t *out);

/*
 * parse_time - a time span in seconds ("0.2", "3"), or with a unit
 * ("200ms", "50us", "2s"), as nanoseconds; at most ten years
 */
int parse_time(const char *s, uint64_t *ns);
/* parse_stamp - the same since 1970; until the year 2540 */
int parse_stamp(const char *s, uint64_t *ns);

/* parse_mac - "02:50:0a:00:00:05" */
int parse_mac(const char *s, struct mac *out);

/* parse_addr - "10.0.0.5" or "2001:db8::5" */
int parse_addr(const char *s, struct ip_addr *out);

/*
 * parse_prefix - "ADDR" or "ADDR/LEN"; *len counts bits of the 128 of an
 * ip_addr (a v4 /24 is 120)
 */
int parse_prefix(const char *s, struct ip_addr *out, unsigned *len);

/*
 * parse_endpoint - "ADDR:PORT" or "[ADDR]:PORT"; with port_optional also
 * "ADDR" and "[ADDR]" (port 0)
 */
int parse_endpoint(
    const char *s, struct ip_addr *addr, uint16_t *port, int port_optional);

#endif
