/*
 * engine_icmp.c - what comes to the engine from below TCP: ICMP errors that
 * quote what is in flight or nearly, and fragments of segments.
 */
#include <string.h>

#include "base/bytes.h"
#include "base/cksum.h"
#include "engine_peer.h"

/* put_ether - to our phantom; the bytes */
static size_t
put_ether(uint8_t *f, const struct ip_addr *to, bool v6)
{
	struct mac mac;

	mac_of_phantom(to, &mac);
	memcpy(f, mac.b, 6);
	memcpy(f + 6, "\x52\x54\0\0\0\x01", 6);
	put_be16(f + 12, v6 ? ETHER_IP6 : ETHER_IP4);
	return 14;
}

static uint32_t
pick_mtu(void)
{
	static const uint16_t some[] = {
	    0, 68, 300, 552, 1006, 1280, 1400, 1499};
	uint8_t b = take8(&z.in);

	return b < 8 ? some[b] : take16(&z.in);
}

/* put_quote - a segment of ours to the peer, 28 or 60 bytes */
static size_t
put_quote(uint8_t *p, unsigned peer)
{
	struct tcb *tcb = peer_tcb(peer);
	struct ip_hdr ip = {.src = peer_address(peer, true),
	    .dst = peer_address(peer, false),
	    .proto = PROTO_TCP,
	    .ttl = 9,
	    .len = take16(&z.in)};
	size_t n = ip_encode(p, &ip);
	uint8_t b = take8(&z.in);
	uint32_t seq = 0;

	if (tcb != NULL)
		seq = b & 1 ? tcb->snd_nxt - (b >> 1) : tcb->snd_una + (b >> 4);
	put_be16(p + n, 80);
	put_be16(p + n + 2, peer_port(peer));
	put_be32(p + n + 4, seq);
	return n + 8;
}

size_t
peer_icmp(uint8_t *f)
{
	unsigned peer = take8(&z.in) % PEERS;
	bool v6 = peer & 1;
	struct ip_hdr ip = {.src = peer_address(peer, false),
	    .dst = peer_address(peer, true),
	    .proto = v6 ? PROTO_ICMP6 : PROTO_ICMP,
	    .ttl = 64};
	uint8_t *p = f + put_ether(f, &ip.dst, v6), *m = p + (v6 ? 40 : 20);
	uint8_t b = take8(&z.in);
	size_t n;

	memset(m, 0, 8);
	m[0] = v6 ? 1 + (b & 3) : b & 4 ? 3 : b;
	m[1] = b >> 4;
	if (v6)
		put_be32(m + 4, pick_mtu());
	else
		put_be16(m + 6, (uint16_t)pick_mtu());
	n = 8 + put_quote(m + 8, peer);
	if (b & 8)
		n -= take8(&z.in) % n;
	ip.len = (uint32_t)((size_t)(m - p) + n);
	ip_encode(p, &ip);
	if (n >= 4)
		put_be16(m + 2, ip_cksum(&ip.src, &ip.dst, ip.proto, m, n));
	return (size_t)(m - f) + n;
}

size_t
peer_piece(const uint8_t *f, size_t n, uint8_t *out)
{
	size_t l2 = get_be16(f + 12) == ETHER_VLAN ? 18 : 14, body, off, len;
	bool v6 = f[l2] >> 4 == 6;
	size_t hlen = v6 ? 40 : 20, more;
	uint8_t b = take8(&z.in), *ip = out + l2, *p = ip + hlen;

	body = n - l2 - hlen;
	off = (size_t)(b & 15) * 8;
	if (off > body)
		off = 0;
	len = ((size_t)(b >> 4) + 1) * 8;
	if (len > body - off || b >> 4 == 15)
		len = body - off;
	more = off + len < body;
	memcpy(out, f, l2 + hlen);
	if (v6) {
		memset(p, 0, 8);
		p[0] = PROTO_TCP;
		ip[6] = 44;
		put_be16(p + 2, (uint16_t)(off | more));
		p += 8;
		put_be16(ip + 4, (uint16_t)(8 + len));
	} else {
		put_be16(ip + 2, (uint16_t)(20 + len));
		put_be16(ip + 6, (uint16_t)(off / 8 | more << 13));
		put_be16(ip + 10, 0);
		put_be16(ip + 10, cksum_fold(cksum_add(0, ip, 20)));
	}
	memcpy(p, f + l2 + hlen + off, len);
	return (size_t)(p - out) + len;
}
