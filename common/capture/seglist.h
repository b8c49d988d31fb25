/*
 * seglist.h - a packet of a stream as a TCP segment, for programs that look
 * on: they need no checksum, and of a cut capture the headers are enough.
 */
#ifndef CAPTURE_SEGLIST_H
#define CAPTURE_SEGLIST_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/endpoint.h"
#include "wire/ip.h"
#include "wire/tcp_hdr.h"

struct stream_rec;

struct tcpseg {
	uint64_t time; /* ns since 1970 */
	uint32_t no;   /* in a list: order of arrival */
	struct endpoint src, dst;
	uint32_t seq, ack, len; /* len: bytes of data */
	uint32_t at;		/* where they begin in the record */
	uint32_t ip_id;		/* IPv4's identification; 0 for IPv6 */
	uint16_t wnd;		/* not scaled */
	uint16_t flags;
	uint8_t mac[12]; /* destination and source, of the frame */
	struct tcp_opts opt;
};

/*
 * tcpseg_decode - 0, or -1 when the record is no TCP segment, a fragment, or
 * has not the whole header
 */
int tcpseg_decode(const struct stream_rec *, struct tcpseg *);

/* the segments of several captures */
struct tcpseg_list {
	struct tcpseg *s;
	uint32_t n, room;
	uint64_t beyond; /* more than TCPSEG_MAX: left out */
	/* which are wanted: of this address, of this port; NULL and 0: all */
	const struct ip_addr *addr;
	uint16_t port;
};

enum { TCPSEG_MAX = 1000000 };

/*
 * tcpseg_list_read - all of a capture or packet stream; 0, or the exit
 * status, the reason said. tcpseg_list_sort - by time, as they came where
 * that is the same
 */
int tcpseg_list_read(struct tcpseg_list *, int fd, const char *name);
void tcpseg_list_sort(struct tcpseg_list *);

#endif
