/*
 * arp.c - arp-phantom's engine under any frames, at any time: what it sends
 * is a good ARP packet or Neighbor Discovery message, and it always comes to
 * rest.
 */
#include <string.h>

#include "base/bytes.h"
#include "base/chance.h"
#include "base/cksum.h"
#include "base/clock.h"
#include "cmd/arp-phantom/claim.h"
#include "wire/prefix.h"
#include "fuzz.h"
#include "wire/arp.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/nd.h"
#include "wire/neigh.h"
#include "wire/parse.h"

static unsigned sent;

static void
on_send(void *ctx, uint64_t now, const uint8_t *p, size_t n)
{
	struct neigh m;

	must(n >= 42 && n <= NEIGH_FRAME);
	must(neigh_decode(p, n, &m) == NEIGH_OK);
	must(m.asks || m.states);
	sent++;
}

static void
on_event(void *ctx, uint64_t now, const struct claim_event *ev)
{
	must(ev->name != NULL && ev->name[0] != '\0');
}

static struct claim *
begin(uint8_t how, struct chance *chance)
{
	static const struct claim_calls calls = {NULL, on_send, on_event};
	static const char *const want[] = {
	    "10.0.0.5", "10.0.0.0/24", "fd00::5", "fd00::/64"};
	struct prefix p[3];
	struct claim_config cf = {.want = p,
	    .nwant = how & 4 ? 2 : 1,
	    .except = p + 2,
	    .nexcept = how & 8 ? 1 : 0,
	    .ask = how & 16,
	    .unclaimed = how & 32};

	parse_prefix(want[how & 3], &p[0].addr, &p[0].len);
	parse_prefix(want[(how + 2) & 3], &p[1].addr, &p[1].len);
	parse_prefix("10.0.0.16/28", &p[2].addr, &p[2].len);
	chance_seed(chance, how);
	return claim_new(&cf, &calls, chance);
}

/* sums_right - or no ICMPv6 message would ever pass */
static void
sums_right(uint8_t *f, size_t n)
{
	struct ip_addr src, dst;

	if (n < 58 || get_be16(f + 12) != ETHER_IP6)
		return;
	memcpy(src.b, f + 22, 16);
	memcpy(dst.b, f + 38, 16);
	put_be16(f + 18, (uint16_t)(n - 54));
	put_be16(f + 56, 0);
	put_be16(f + 56, ip_cksum(&src, &dst, PROTO_ICMP6, f + 54, n - 54));
}

static size_t
frame(struct bytes_in *in, uint8_t *f)
{
	struct ip_addr a[2];
	struct nd nd = {0};
	struct arp arp = {0};
	uint8_t b = take8(in), c = take8(in);
	size_t n = 60;

	parse_addr(b & 1 ? "fd00::5" : "10.0.0.5", &a[0]);
	parse_addr(b & 1 ? "fd00::9" : "10.0.0.9", &a[1]);
	memset(f, 0xff, 6);
	memcpy(f + 6, "\x52\x54\0\0\0\x09", 6);
	memset(f + 12, 0, 116);
	if (b & 1) {
		nd = (struct nd){.src = a[!(c & 1)],
		    .dst = a[!(c & 2)],
		    .target = a[!(c & 4)],
		    .advert = c & 8,
		    .override = c & 16,
		    .has_lla = c & 32,
		    .lla = {{2, 0, 0, 0, 0, 9}}};
		put_be16(f + 12, ETHER_IP6);
		n = 14 + (size_t)nd_encode(&nd, f + 14, 100);
	} else {
		arp = (struct arp){.op = c & 8 ? ARP_REPLY : ARP_REQUEST,
		    .spa = a[c & 1],
		    .tpa = a[c >> 1 & 1]};
		memcpy(arp.sha.b, f + 6, 6);
		put_be16(f + 12, ETHER_ARP);
		arp_encode(&arp, f + 14, ARP_LEN);
	}
	for (c = b >> 5; c > 0; c--)
		f[take8(in) % n] = take8(in);
	if (b & 2)
		n = take8(in) % 128;
	if (!(b & 4))
		sums_right(f, n);
	return n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes_in in = {data, size};
	uint64_t now = 1000 * NS_PER_SEC, at;
	struct chance chance;
	struct claim *c = begin(take8(&in), &chance);
	uint8_t f[128], *copy, b;
	unsigned i;
	size_t n;

	if (c == NULL)
		return 0;
	claim_start(c, now);
	while (in.n > 0) {
		b = take8(&in);
		now += (uint64_t)(b >> 1) * (b & 1 ? NS_PER_MS : NS_PER_SEC) /
		       8;
		for (i = 0; (at = claim_deadline(c)) <= now; i++) {
			must(i < 100);
			claim_timer(c, now);
		}
		n = frame(&in, f);
		copy = malloc(n > 0 ? n : 1);
		memcpy(copy, f, n);
		sent = 0;
		(b & 2 ? claim_overhear : claim_input)(c, now, copy, n);
		must(sent <= 2);
		free(copy);
	}
	for (i = 0; (at = claim_deadline(c)) != TIME_NEVER; i++) {
		must(i < 1000 && at < now + 1000 * NS_PER_SEC);
		claim_timer(c, at);
	}
	claim_free(c);
	return 0;
}
