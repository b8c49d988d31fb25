/*
 * datagram.h - a UDP datagram of a capture.
 */
#ifndef TCPFSM_REPLAY_DATAGRAM_H
#define TCPFSM_REPLAY_DATAGRAM_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/endpoint.h"

struct stream_rec;

struct datagram {
	struct endpoint src, dst;
	uint64_t time, no;
	const uint8_t *bytes;
	uint32_t len, id;
	uint8_t ttl;
	bool to_host; /* not to a group, nor to all */
	bool cut;     /* it was captured short */
};

/*
 * datagram_read - false: it is none, or a fragment, or damaged. Its end may be
 * missing, and its checksum does not count. d->no stays.
 */
bool datagram_read(const struct stream_rec *, bool decap, struct datagram *);

#endif
