/*
 * whose.h - which connection of its ends a segment belongs to; only for
 * conns.c.
 */
#ifndef CAPTURE_WHOSE_H
#define CAPTURE_WHOSE_H

#include "capture/analysis.h"

enum {
	OVERTAKEN = 1 << 20, /* bytes before a segment that comes late */
	BEYOND = 1 << 30,    /* more than any window, RFC 7323 2.3 */
};

/* whose - of the connections of these ends that are known; NULL: a new one */
struct conn *whose(const struct conns *, const struct tcpseg *);

/* is_late_syn - what that end has sent behind it overtook this SYN */
bool is_late_syn(const struct conn_end *, const struct tcpseg *);

#endif
