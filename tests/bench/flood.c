/*
 * flood.c - a packet stream of an attack:
 *
 *	flood syn|ack|rst|data COUNT ADDR MAC [N]
 *					such segments, without a connection,
 *					from random sources of 11.0.0.0/8 or
 *					fd0b::/32, N each millisecond, or 50
 *	flood KIND COUNT SEQ ACK END	segments of one open connection, of
 *					10.0.0.9 port 999 to a phantom 10.0.0.5
 *
 * SEQ and ACK are what the connection has come to, up to END is in flight to
 * us. KIND is one of: order, segments of one byte in order; holes, the same
 * but every second byte, in random order, and never the first; again,
 * acknowledgments that tell nothing new; sack, such with three random blocks.
 * The first of these is of 10 s, each is 1 us later. Port 80, true checksums.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/chance.h"
#include "base/cksum.h"
#include "pipe/stream.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/parse.h"
#include "wire/tcp_hdr.h"

enum { FRAME = 1514, HOLES = 10000, BLOCK = 1460, AT_ONCE = 50, DATA = 1000 };

#define MS UINT64_C(1000000)

static struct {
	const char *kind;
	uint32_t count, seq, ack, end;
	struct ip_addr from, to;
	uint32_t at_once;
	uint8_t flags; /* of strangers' segments; 0: one connection's */
	struct mac mac;
	struct chance chance;
	uint8_t f[FRAME];
} b;

static uint32_t
below(uint32_t n)
{
	return (uint32_t)chance_below(&b.chance, n);
}

/* put - h, with n bytes of data, as a frame; its length */
static uint32_t
put(const struct tcp_hdr *h, uint32_t n)
{
	struct ip_hdr ip = {.proto = PROTO_TCP, .ttl = 64};
	bool v4 = ip_is_v4(&b.to);
	uint32_t hlen = v4 ? 20 : 40, sum;
	uint8_t *tcp = b.f + ETHER_HLEN + hlen;

	memcpy(b.f, b.mac.b, 6);
	memcpy(b.f + 6, "\2\0\0\0\0\x09", 6);
	put_be16(b.f + 12, v4 ? ETHER_IP4 : ETHER_IP6);
	n += (uint32_t)tcp_hdr_encode(tcp, h);
	ip.src = b.from;
	ip.dst = b.to;
	ip.len = n + hlen;
	ip_encode(b.f + ETHER_HLEN, &ip);
	sum = ip_pseudo_sum(&ip.src, &ip.dst, PROTO_TCP, n);
	put_be16(tcp + 16, cksum_fold(cksum_add(sum, tcp, n)));
	return ETHER_HLEN + hlen + n;
}

static uint32_t
stranger(void)
{
	uint8_t from[16] = {0xfd, 0x0b}, v4[4] = {11};
	struct tcp_hdr h = {.dport = 80, .flags = b.flags, .wnd = 64240};

	put_be32(from + 4, below(UINT32_MAX));
	from[15] = 9;
	memcpy(b.from.b, from, sizeof(from));
	put_be16(v4 + 1, (uint16_t)below(65536));
	v4[3] = (uint8_t)(1 + below(250));
	if (ip_is_v4(&b.to))
		ip_from_v4(&b.from, v4);
	h.sport = (uint16_t)(1024 + below(60000));
	h.seq = below(UINT32_MAX);
	h.ack = b.flags & TH_ACK ? below(UINT32_MAX) : 0;
	if (b.flags & TH_SYN)
		h.opt = (struct tcp_opts){.have_mss = true,
		    .mss = 1460,
		    .sack_ok = true,
		    .have_wscale = true,
		    .wscale = 7};
	return put(&h, b.kind[0] == 'd' ? DATA : 0);
}

/* sack_block - a segment of what is in flight */
static struct sack_block
sack_block(void)
{
	uint32_t n = (b.end - b.ack) / BLOCK, at;

	at = b.ack + (n > 1 ? 1 + below(n - 1) : 0) * BLOCK;
	return (struct sack_block){.start = at, .end = at + BLOCK};
}

static uint32_t
segment(uint32_t i)
{
	struct tcp_hdr h = {.sport = 999,
	    .dport = 80,
	    .seq = b.seq,
	    .ack = b.ack,
	    .flags = TH_ACK,
	    .wnd = 65535};

	switch (b.kind[0]) {
	case 'o':
		h.seq += i;
		return put(&h, 1);
	case 'h':
		h.seq += 1 + 2 * below(HOLES);
		return put(&h, 1);
	case 's':
		for (h.opt.nsack = 0; h.opt.nsack < 3; h.opt.nsack++)
			h.opt.sack[h.opt.nsack] = sack_block();
		break;
	}
	return put(&h, 0);
}

/* number - of a command line that only bench writes */
static uint32_t
number(const char *s)
{
	return (uint32_t)strtoul(s, NULL, 10);
}

/* flags_of - by the kind; 0: a connection's */
static uint8_t
flags_of(const char *kind)
{
	return strcmp(kind, "syn") == 0	   ? TH_SYN
	       : strcmp(kind, "ack") == 0  ? TH_ACK
	       : strcmp(kind, "rst") == 0  ? TH_RST
	       : strcmp(kind, "data") == 0 ? TH_ACK | TH_PSH
					   : 0;
}

static int
arguments(int argc, char **argv)
{
	if (argc < 5)
		return -1;
	b.kind = argv[1];
	b.count = number(argv[2]);
	b.flags = flags_of(b.kind);
	b.at_once = b.flags != 0 && argc > 5 ? number(argv[5]) : 0;
	if (b.at_once == 0)
		b.at_once = AT_ONCE;
	if (b.flags != 0)
		return parse_addr(argv[3], &b.to) != 0
			   ? -1
			   : parse_mac(argv[4], &b.mac);
	if (argc < 6)
		return -1;
	b.seq = number(argv[3]);
	b.ack = number(argv[4]);
	b.end = number(argv[5]);
	parse_addr("10.0.0.9", &b.from);
	parse_addr("10.0.0.5", &b.to);
	mac_of_phantom(&b.to, &b.mac);
	return 0;
}

int
main(int argc, char **argv)
{
	uint64_t at = 10000 * MS;
	struct stream_out out;
	uint32_t i, n;

	if (arguments(argc, argv) != 0 || stream_out_init(&out, 1 << 20) != 0)
		return 2;
	chance_seed(&b.chance, 1);
	for (i = 0; i < b.count; i++) {
		n = b.flags != 0 ? stranger() : segment(i);
		if (stream_out_room(&out) < FRAME &&
		    stream_out_drain(&out, STDOUT_FILENO) != 0)
			return 1;
		stream_out_put(&out, at, b.f, n, NULL, 0);
		at += b.flags == 0 ? 1000 : (i + 1) % b.at_once == 0 ? MS : 0;
	}
	return stream_out_drain(&out, STDOUT_FILENO) != 0;
}
