/*
 * readers.c - each reader: a good header, the numbers that the code compares
 * bytes with, and what must hold of all that it takes. See try.c.
 */
#include <string.h>

#include "base/bytes.h"
#include "base/cksum.h"
#include "prove.h"
#include "wire/arp.h"
#include "wire/dhcp.h"
#include "wire/ether.h"
#include "wire/gso.h"
#include "wire/icmp_quote.h"
#include "wire/ip.h"
#include "wire/nd.h"
#include "wire/tcp_hdr.h"
#include "wire/udp.h"

/* ---- Ethernet */

static void
read_ether(uint8_t *p, size_t len)
{
	struct ether_hdr h;

	ether_is_priority(p, len);
	if (ether_decode(p, len, &h) != 0)
		return;
	MUST(h.hlen <= len);
	MUST(h.hlen == 14 || h.hlen == 18 || h.hlen == 22);
	MUST(memcmp(h.dst.b, p, 6) == 0 && memcmp(h.src.b, p + 6, 6) == 0);
	MUST(h.type == get_be16(p + h.hlen - 2));
}

static void
make_ether(uint8_t *p, size_t len)
{
	draw(p, len);
	put_be16(p + 12, ETHER_VLAN);
	if (len >= 18)
		put_be16(p + 16, ETHER_QINQ);
}

static const uint8_t ether_values[] = {
    0, 1, 6, 8, 0x81, 0x88, 0x86, 0xa8, 0xdd, 255};

/* ---- ARP */

static void
read_arp(uint8_t *p, size_t len)
{
	uint8_t again[ARP_LEN];
	struct arp a;

	if (arp_decode(p, len, &a) != 0)
		return;
	MUST(len >= ARP_LEN);
	MUST(arp_encode(&a, again, ARP_LEN) == ARP_LEN);
	MUST(memcmp(again, p, ARP_LEN) == 0);
}

static void
make_arp(uint8_t *p, size_t len)
{
	static const uint8_t head[8] = {0, 1, 8, 0, 6, 4, 0, 1};

	draw(p, len);
	memcpy(p, head, len < 8 ? len : 8);
}

static const uint8_t arp_values[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 255};

/* ---- IP */

static void
read_ip(uint8_t *p, size_t len)
{
	struct ip_hdr h, cut;
	enum ip_error e;

	/* the checksum is made right: else no more is looked at */
	if (len >= 20 && p[0] >> 4 == 4 && (p[0] & 15u) * 4 <= len &&
	    (p[0] & 15) >= 5) {
		put_be16(p + 10, 0);
		put_be16(p + 10, cksum_fold(cksum_add(0, p, (p[0] & 15u) * 4)));
	}
	e = ip_decode(p, len, &h);
	if (e == IP_OK) {
		MUST(h.len <= len && h.hlen <= h.len);
		MUST(h.hlen >= (h.v6 ? IP6_HLEN : IP4_HLEN));
		MUST(!h.frag || h.frag_at <= h.hlen);
		MUST(h.problem == IP_OK);
	}
	e = ip_decode_captured(p, len, len + 1000, &cut);
	if (e == IP_OK)
		MUST(cut.hlen <= len && cut.hlen <= cut.len);
}

static void
make_ip4(uint8_t *p, size_t len)
{
	draw(p, len);
	p[0] = (uint8_t)(0x40 | (len > 60 ? 60 : len) / 4);
	put_be16(p + 2, (uint16_t)len);
}

static void
make_ip6(uint8_t *p, size_t len)
{
	draw(p, len);
	p[0] = 0x60;
	put_be16(p + 4, (uint16_t)(len - 40));
	p[6] = 0;
	if (len >= 48) {
		p[40] = 60;
		p[41] = 0;
	}
	if (len >= 56)
		p[49] = 0;
}

static const uint8_t ip4_values[] = {
    0, 20, 24, 60, 0x40, 0x44, 0x45, 0x46, 0x4f, 0x60, 255};
static const uint8_t ip6_values[] = {
    0, 1, 2, 6, 8, 43, 44, 51, 58, 60, 0x60, 0xc2, 255};

/* ---- TCP */

static void
read_tcp(uint8_t *p, size_t len)
{
	uint8_t out[TCP_MAXHLEN];
	struct tcp_hdr h, again;
	size_t n;

	if (tcp_hdr_decode(p, len, &h) != 0)
		return;
	MUST(h.hlen <= len && h.hlen >= TCP_HLEN && h.hlen % 4 == 0);
	MUST(h.opt.nsack <= TCP_MAXSACK);
	MUST(h.opt.cookie_len <= TCP_MAXCOOKIE && h.opt.acc.n <= 3);
	n = tcp_hdr_encode(out, &h);
	MUST(n >= TCP_HLEN && n <= TCP_MAXHLEN && n % 4 == 0);
	MUST(tcp_hdr_decode(out, n, &again) == 0);
	MUST(again.hlen == n && !again.opt.bad);
	same_tcp(&h, &again);
}

static void
make_tcp(uint8_t *p, size_t len)
{
	draw(p, len);
	p[12] = (uint8_t)(len / 4 << 4);
	memset(p + 20, 1, len - 20);
}

static const uint8_t tcp_values[] = {
    0, 1, 2, 3, 4, 5, 6, 8, 10, 18, 34, 172, 174, 255};

/* ---- UDP */

static void
read_udp(uint8_t *p, size_t len)
{
	struct ip_hdr ip = {.proto = PROTO_UDP};
	struct udp u;

	draw(&ip.src, sizeof(ip.src));
	ip.v6 = tries % 2;
	if (len >= 8 && get_be16(p + 4) >= 8 && get_be16(p + 4) <= len &&
	    tries % 4 < 3) {
		put_be16(p + 6, 0);
		put_be16(p + 6,
		    ip_cksum(&ip.src, &ip.dst, PROTO_UDP, p, get_be16(p + 4)));
	}
	if (udp_decode(&ip, p, len, &u) != 0)
		return;
	MUST(u.data == p + UDP_HLEN && u.n <= len - UDP_HLEN);
}

static void
make_udp(uint8_t *p, size_t len)
{
	draw(p, len);
	put_be16(p + 4, (uint16_t)len);
}

static const uint8_t udp_values[] = {0, 1, 7, 8, 9, 24, 25, 255};

/* ---- what an ICMP error quotes */

static void
read_quote(uint8_t *p, size_t len)
{
	struct icmp_quote q;
	int v6;

	for (v6 = 0; v6 < 2; v6++) {
		if (icmp_quote_decode(v6, p, len, &q) != 0)
			continue;
		MUST(q.data >= p + (v6 ? IP6_HLEN : IP4_HLEN));
		MUST(q.n <= len && q.data + q.n == p + len);
	}
}

static void
make_quote(uint8_t *p, size_t len)
{
	if (len % 2) {
		make_ip4(p, len);
		p[6] = p[7] = 0; /* no fragment */
	}
	if (len % 2 == 0 && len >= 40) {
		make_ip6(p, len);
		p[6] = 44;
	}
}

/* ---- neighbour discovery */

static void
read_nd(uint8_t *p, size_t len)
{
	struct ip_hdr ip;
	struct nd nd;
	uint32_t n;

	/* its checksum is made right */
	if (ip_decode(p, len, &ip) == IP_OK && ip.v6 && ip.len >= ip.hlen + 4) {
		n = ip.len - ip.hlen;
		put_be16(p + ip.hlen + 2, 0);
		put_be16(p + ip.hlen + 2,
		    ip_cksum(&ip.src, &ip.dst, PROTO_ICMP6, p + ip.hlen, n));
	}
	if (nd_decode(p, len, &nd) == ND_OK)
		MUST(!ip_is_multicast(&nd.target));
}

static void
make_nd(uint8_t *p, size_t len)
{
	draw(p, len);
	memset(p, 0, 8);
	p[0] = 0x60;
	put_be16(p + 4, (uint16_t)(len - 40));
	p[6] = PROTO_ICMP6;
	p[7] = 255;
	p[24] = 0x20;
	p[40] = (uint8_t)(135 + len % 2);
	p[41] = 0;
	p[48] = 0x20;
}

static const uint8_t nd_values[] = {0, 1, 2, 3, 4, 8, 135, 136, 255};

/* ---- a TCP segment in a frame */

static void
read_segment(uint8_t *p, size_t len)
{
	uint8_t piece[HEADER_MOST];
	struct segment s;
	size_t n;

	if (segment_decode(p, len, &s) != 0)
		return;
	MUST(s.hlen + s.payload == len);
	MUST(s.l3 < s.l4 && s.l4 < s.hlen);
	segment_verify(&s);
	n = s.payload / 2;
	MUST(segment_cut(&s, 0, (uint32_t)n, 0, piece) == s.hlen + n);
	MUST(memcmp(piece + s.hlen, p + s.hlen, n) == 0);
}

static void
make_segment(uint8_t *p, size_t len)
{
	draw(p, len);
	put_be16(p + 12, ETHER_IP4);
	p[14] = 0x45;
	put_be16(p + 16, (uint16_t)(len - 14));
	put_be16(p + 20, 0x4000);
	p[23] = PROTO_TCP;
	p[46] = 0x50;
}

/* ---- DHCP */

static void
read_dhcp(uint8_t *p, size_t len)
{
	struct dhcp d;

	if (dhcp_decode(p, len, &d) != DHCP_OK)
		return;
	MUST(memchr(d.host, 0, sizeof(d.host)) != NULL);
	MUST(memchr(d.domain, 0, sizeof(d.domain)) != NULL);
	MUST(memchr(d.message, 0, sizeof(d.message)) != NULL);
	MUST(d.router.n <= DHCP_ADDRS && d.dns.n <= DHCP_ADDRS);
	MUST(d.ntp.n <= DHCP_ADDRS);
}

static void
make_dhcp(uint8_t *p, size_t len)
{
	static const uint8_t head[4] = {2, 1, 6, 0};
	static const uint8_t options[] = {99, 130, 83, 99, 53, 1, 5, 52, 1, 3};

	memcpy(p, head, sizeof(head));
	draw(p + 4, 4);
	memcpy(p + 236, options, sizeof(options));
	if (len > 262)
		memset(p + 246, 0, len - 246);
}

static const uint8_t dhcp_values[] = {0, 1, 2, 3, 4, 5, 12, 51, 52, 53, 255};

#define VALUES(v) v, sizeof(v)

const struct proof readers[] = {
    {"read-ether", .reader = {read_ether, make_ether, 14, 26, 12, 1,
		       VALUES(ether_values)}},
    {"read-arp",
	.reader = {read_arp, make_arp, 0, 30, 0, 1, VALUES(arp_values)}},
    {"read-ip4",
	.reader = {read_ip, make_ip4, 20, 64, 0, 2, VALUES(ip4_values)}},
    {"read-ip6",
	.reader = {read_ip, make_ip6, 40, 72, 40, 2, VALUES(ip6_values)}},
    {"read-tcp",
	.reader = {read_tcp, make_tcp, 20, 60, 20, 3, VALUES(tcp_values)}},
    {"read-udp",
	.reader = {read_udp, make_udp, 8, 26, 2, 1, VALUES(udp_values)}},
    {"read-icmp-quote",
	.reader = {read_quote, make_quote, 20, 64, 0, 2, VALUES(ip4_values)}},
    {"read-nd", .reader = {read_nd, make_nd, 64, 96, 64, 2, VALUES(nd_values)}},
    {"read-segment", .reader = {read_segment, make_segment, 54, 74, 12, 2,
			 VALUES(ip4_values)}},
    {"read-dhcp", .reader = {read_dhcp, make_dhcp, 250, 258, 240, 1,
		      VALUES(dhcp_values)}},
    {.name = NULL},
};
