/*
 * client.c - many clients as frames, see client.h.
 */
#include <string.h>

#include "base/bytes.h"
#include "client.h"
#include "tests/frame.h"
#include "wire/ether.h"
#include "wire/tcp_hdr.h"

enum { PORTS = 50000, FIRST_PORT = 1024 }; /* of one address */

size_t
client_frame(uint8_t *f, uint32_t i, uint8_t flags, uint32_t seq, uint32_t ack)
{
	static const uint8_t us[4] = {10, 0, 0, 5};
	struct tcp_hdr h = {.sport = (uint16_t)(FIRST_PORT + i % PORTS),
	    .dport = 80,
	    .seq = seq,
	    .ack = ack,
	    .flags = flags,
	    .wnd = CLIENT_WINDOW};
	uint8_t peer[4] = {10, 1};

	put_be16(peer + 2, (uint16_t)(i / PORTS));
	h.opt.have_mss = h.opt.sack_ok = flags & TH_SYN;
	h.opt.mss = 1460;
	h.opt.have_ts = true;
	h.opt.tsval = 1;
	return frame_tcp4(f, peer, us, &h, 0);
}

uint32_t
client_at(const uint8_t *addr4, uint16_t port)
{
	return (uint32_t)get_be16(addr4 + 2) * PORTS + port - FIRST_PORT;
}

uint32_t
client_of(const uint8_t *frame)
{
	return client_at(
	    frame + ETHER_HLEN + 16, get_be16(frame + ETHER_HLEN + 20 + 2));
}

/* stride - far, and without a divisor that n has */
static uint32_t
stride(uint32_t n)
{
	uint32_t far, x, y, rest;

	for (far = n / 13 * 8 + 1;; far++) {
		for (x = far, y = n; y != 0; x = y, y = rest)
			rest = x % y;
		if (x == 1)
			return far;
	}
}

uint32_t
client_turn(uint32_t i, uint32_t clients)
{
	static uint32_t of, far;

	if (of != clients) {
		of = clients;
		far = stride(clients);
	}
	return (uint32_t)(((uint64_t)i + far) % clients);
}
