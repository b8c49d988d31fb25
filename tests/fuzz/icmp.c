/*
 * icmp.c - icmp-phantom's engine under any frames, at any time: every frame
 * that it sends is a whole ICMP message or a piece of one, no longer than the
 * MTU, to the MAC that asked; no more bytes come out than there is reason
 * for.
 */
#include <string.h>

#include "base/bytes.h"
#include "base/chance.h"
#include "base/cksum.h"
#include "base/clock.h"
#include "cmd/icmp-phantom/icmp.h"
#include "cmd/icmp-phantom/responder.h"
#include "fuzz.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/parse.h"

enum { FRAME = 4096, MTU = 1500 };

static const uint8_t *asked; /* the frame that is being answered */
static size_t bytes;

static void
on_send(void *ctx, uint64_t now, const uint8_t *head, size_t hlen,
    const uint8_t *data, size_t dlen)
{
	uint8_t f[FRAME];
	struct ether_hdr e;
	struct ip_hdr h;
	size_t n;

	must(hlen + dlen <= ETHER_MAXHLEN + MTU);
	memcpy(f, head, hlen);
	memcpy(f + hlen, data, dlen);
	must(ether_decode(f, hlen + dlen, &e) == 0);
	must(memcmp(f, asked + 6, 6) == 0 && memcmp(f + 6, asked, 6) == 0);
	must(ip_decode(f + e.hlen, hlen + dlen - e.hlen, &h) == IP_OK);
	must(h.len == hlen + dlen - e.hlen && h.ttl == 64);
	must(ip_is_host(&h.src) && ip_is_host(&h.dst));
	must(h.proto == (h.v6 ? PROTO_ICMP6 : PROTO_ICMP));
	bytes += h.len;
	if (h.frag)
		return;
	n = h.len - h.hlen;
	must(n >= ICMP_HLEN);
	must(ip_cksum(&h.src, &h.dst, h.proto, f + e.hlen + h.hlen, n) == 0);
}

static void
on_event(void *ctx, const struct responder_event *ev)
{
	must(ev->name != NULL && ev->name[0] != '\0');
	must(strcmp(ev->name, "drop") != 0 || ev->why != NULL);
	must(strcmp(ev->name, "answer") != 0 || ev->kind != NULL);
}

static struct responder *
begin(uint8_t how, struct chance *chance)
{
	static const struct responder_calls calls = {
	    NULL, on_send, on_event, NULL};
	static struct ip_addr addr;
	static struct mac mac;
	struct responder_config cf = {.mtu = how & 1 ? 576 : MTU,
	    .ttl = 64,
	    .echo_rate = how & 2 ? 3 : 1000,
	    .error_rate = how & 4 ? 0 : 1000,
	    .open = {how & 8 ? UINT64_C(1) << 53 : 0},
	    .frag_bytes = how & 16 ? 0 : 300000};

	parse_addr(how & 32 ? "fd00::5" : "10.0.0.5", &addr);
	parse_mac("02:50:0a:00:00:05", &mac);
	if (how & 64)
		cf.addr = &addr;
	if (how & 128)
		cf.mac = &mac;
	chance_seed(chance, how);
	return responder_new(&cf, &calls, chance);
}

/* a fragment of either kind: its place and identification from the input */
static size_t
cut(struct bytes_in *in, uint8_t *ip, struct ip_hdr *h, size_t n)
{
	uint16_t at = (uint16_t)(take8(in) * 8 | (take8(in) & 1));

	h->id = take8(in) & 3;
	if (ip_is_v4(&h->src)) {
		ip_encode(ip, h);
		put_be16(ip + 6, (uint16_t)(at / 8 | (at & 1) << 13));
		return n;
	}
	memmove(ip + 48, ip + 40, n - 40);
	ip[40] = h->proto;
	ip[41] = 0;
	put_be16(ip + 42, at);
	put_be32(ip + 44, h->id);
	h->proto = 44;
	h->len += 8;
	ip_encode(ip, h);
	return n + 8;
}

/* sums_right - or next to no message would ever pass */
static void
sums_right(uint8_t *m, size_t n, const struct ip_hdr *h)
{
	size_t at = h->proto == PROTO_UDP ? 6 : 2;

	if (n < at + 2)
		return;
	put_be16(m + at, 0);
	put_be16(m + at, ip_cksum(&h->src, &h->dst, h->proto, m, n));
}

/* frame - kind, changes, and the message; returns the length */
static size_t
frame(struct bytes_in *in, uint8_t *f)
{
	uint8_t b = take8(in), c = take8(in), i;
	size_t hlen = b & 1 ? 40 : 20, n = take16(in) % 2000, k;
	struct ip_hdr h = {.proto = b & 2   ? PROTO_UDP
				    : b & 1 ? PROTO_ICMP6
					    : PROTO_ICMP,
	    .ttl = 9,
	    .tos = c,
	    .len = (uint32_t)(hlen + n)};
	uint8_t *m = f + 14 + hlen;
	struct mac to;

	parse_addr(b & 1 ? "fd00::5" : "10.0.0.5", &h.dst);
	parse_addr(b & 1 ? "fd00::9" : "10.0.0.9", &h.src);
	mac_of_phantom(&h.dst, &to);
	memcpy(f, to.b, 6);
	memcpy(f + 6, "\x52\x54\0\0\0\x09", 6);
	put_be16(f + 12, b & 1 ? ETHER_IP6 : ETHER_IP4);
	memset(m, c, n);
	for (k = 0; k < 16 && k < n; k++)
		m[k] = take8(in);
	if (b & 2 && n >= 8)
		put_be16(m + 4, (uint16_t)(n - (c & 3)));
	if (!(b & 4))
		sums_right(m, n, &h);
	n += hlen;
	ip_encode(f + 14, &h);
	if (b & 8)
		n = cut(in, f + 14, &h, n);
	for (i = b >> 5; i > 0; i--)
		f[take16(in) % (14 + n)] = take8(in);
	if (!(b & 1))
		put_be16(f + 24, 0);
	if (!(b & 1) && (f[14] & 15) * 4u <= n)
		put_be16(f + 24,
		    cksum_fold(cksum_add(0, f + 14, (f[14] & 15) * 4u)));
	return 14 + (b & 16 && n > 0 ? take16(in) % n : n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes_in in = {data, size};
	uint64_t now = 1000 * NS_PER_SEC;
	struct chance chance;
	struct responder *r = begin(take8(&in), &chance);
	uint64_t frames = 0;
	uint8_t f[FRAME], *copy;
	size_t n;

	if (r == NULL)
		return 0;
	while (in.n > 0) {
		now += take8(&in) * NS_PER_SEC / 16;
		n = frame(&in, f);
		copy = malloc(n > 0 ? n : 1);
		memcpy(copy, f, n);
		asked = copy;
		bytes = 0;
		responder_input(r, now, copy, n, now, ++frames);
		must(bytes <= 70000);
		free(copy);
	}
	responder_free(r);
	return 0;
}
