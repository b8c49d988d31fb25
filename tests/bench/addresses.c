/*
 * addresses.c - a packet stream to feed to a stage that has many addresses:
 * addresses KIND COUNT ADDRESSES. Frames of a kind, arp (a request), ping or
 * syn, to addresses drawn from so many, 10.16.0.1 on, at their phantoms' MACs;
 * from a thousand hosts, one each 25 us, so that no limit of a source is met.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/chance.h"
#include "pipe/stream.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/tcp_hdr.h"

enum {
	FROM = 10 << 24 | 1, /* 10.0.0.1 */
	TO = 10 << 24 | 16 << 16 | 1,
	SOURCES = 1000,
	SPACE = 25000, /* ns */
	PING = 64,
	LARGEST = 128,
};

static void
ether(uint8_t *f, uint32_t from, uint32_t to, uint16_t type)
{
	memcpy(f, "\x02\x50", 2);
	put_be32(f + 2, to);
	memcpy(f + 6, "\x02\x00", 2);
	put_be32(f + 8, from);
	put_be16(f + 12, type);
}

static size_t
arp(uint8_t *f, uint32_t from, uint32_t to)
{
	uint8_t *p = f + ETHER_HLEN;

	ether(f, from, to, ETHER_ARP);
	memset(f, 0xff, 6);
	memcpy(p, "\0\1\x08\0\6\4\0\1", 8);
	memcpy(p + 8, f + 6, 6);
	put_be32(p + 14, from);
	memset(p + 18, 0, 6);
	put_be32(p + 24, to);
	return ETHER_HLEN + 28;
}

/* packet - n bytes of IPv4 around what f has already */
static size_t
packet(uint8_t *f, uint32_t from, uint32_t to, struct ip_hdr *ip, size_t n)
{
	uint8_t b[4];

	ether(f, from, to, ETHER_IP4);
	put_be32(b, from);
	ip_from_v4(&ip->src, b);
	put_be32(b, to);
	ip_from_v4(&ip->dst, b);
	ip->ttl = 64;
	ip->len = IP4_HLEN + n;
	ip_encode(f + ETHER_HLEN, ip);
	return ETHER_HLEN + IP4_HLEN + n;
}

static size_t
ping(uint8_t *f, uint32_t from, uint32_t to)
{
	struct ip_hdr ip = {.proto = PROTO_ICMP};
	uint8_t *p = f + ETHER_HLEN + IP4_HLEN;

	memset(p, 0, PING);
	p[0] = 8;
	put_be16(p + 2, (uint16_t) ~(8 << 8));
	return packet(f, from, to, &ip, PING);
}

static size_t
syn(uint8_t *f, uint32_t from, uint32_t to, uint32_t i)
{
	struct tcp_hdr h = {
	    .dport = 80, .seq = i, .flags = TH_SYN, .wnd = 65535};
	struct ip_hdr ip = {.proto = PROTO_TCP};
	uint8_t *p = f + ETHER_HLEN + IP4_HLEN;
	size_t n;

	h.sport = (uint16_t)(1024 + i / SOURCES % 60000);
	tcp_hdr_encode(p, &h);
	n = packet(f, from, to, &ip, 20);
	put_be16(p + 16, ip_cksum(&ip.src, &ip.dst, PROTO_TCP, p, 20));
	return n;
}

static size_t
make(char kind, uint8_t *f, uint32_t from, uint32_t to, uint32_t i)
{
	switch (kind) {
	case 'a':
		return arp(f, from, to);
	case 'p':
		return ping(f, from, to);
	case 's':
		return syn(f, from, to, i);
	}
	exit(2);
}

int
main(int argc, char **argv)
{
	uint8_t f[LARGEST];
	struct stream_out out;
	struct chance chance;
	uint32_t i, count, n;
	size_t len;

	if (argc != 4 || stream_out_init(&out, 1 << 20) != 0)
		return 2;
	count = (uint32_t)atol(argv[2]);
	n = (uint32_t)atol(argv[3]);
	chance_seed(&chance, 1);
	for (i = 0; i < count && n > 0; i++) {
		len = make(argv[1][0], f, FROM + i % SOURCES,
		    TO + (uint32_t)chance_below(&chance, n), i);
		if (stream_out_room(&out) < LARGEST + 16 &&
		    stream_out_drain(&out, STDOUT_FILENO) != 0)
			return 1;
		stream_out_put(
		    &out, (uint64_t)i * SPACE + 1000000000, f, len, NULL, 0);
	}
	return stream_out_drain(&out, STDOUT_FILENO) != 0;
}
