/*
 * frames.c - a packet stream to feed to a stage: frames SIZE COUNT. Data
 * segments of one connection, in order, each a frame of SIZE bytes, with
 * true checksums; those of more than an MTU as an offload would leave them.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "pipe/stream.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/tcp_hdr.h"

enum { HEADS = ETHER_HLEN + 20 + 20, LARGEST = ETHER_HLEN + 65535 };

static void
make(uint8_t *f, uint32_t size, uint32_t i)
{
	struct tcp_hdr h = {.sport = 80, .dport = 999, .ack = 1};
	struct ip_hdr ip = {.proto = PROTO_TCP, .ttl = 64, .df = true};
	static const uint8_t from[4] = {10, 0, 9, 1}, to[4] = {10, 0, 9, 2};
	uint8_t *tcp = f + ETHER_HLEN + 20;
	uint32_t n = size - ETHER_HLEN - 20;

	memcpy(f, "\2\0\0\0\x09\2\2\0\0\0\x09\1\x08\0", ETHER_HLEN);
	ip_from_v4(&ip.src, from);
	ip_from_v4(&ip.dst, to);
	ip.len = size - ETHER_HLEN;
	ip_encode(f + ETHER_HLEN, &ip);
	h.seq = i * (size - HEADS);
	h.flags = TH_ACK;
	h.wnd = 1000;
	tcp_hdr_encode(tcp, &h);
	put_be16(tcp + 16, ip_cksum(&ip.src, &ip.dst, PROTO_TCP, tcp, n));
}

int
main(int argc, char **argv)
{
	static uint8_t f[LARGEST];
	struct stream_out out;
	uint32_t i, size, count;

	if (argc != 3 || stream_out_init(&out, 1 << 20) != 0)
		return 2;
	size = (uint32_t)atol(argv[1]);
	count = (uint32_t)atol(argv[2]);
	if (size <= HEADS || size > LARGEST)
		return 2;
	for (i = 0; i < count; i++) {
		make(f, size, i);
		if (stream_out_room(&out) < size &&
		    stream_out_drain(&out, STDOUT_FILENO) != 0)
			return 1;
		stream_out_put(&out, i * UINT64_C(1000), f, size, NULL, 0);
	}
	return stream_out_drain(&out, STDOUT_FILENO) != 0;
}
