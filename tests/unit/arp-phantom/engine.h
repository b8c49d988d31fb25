/*
 * engine.h - frames by hand, and the engine of arp-phantom on a clock of its
 * own: for the tests beside.
 */
#ifndef ARP_PHANTOM_TEST_ENGINE_H
#define ARP_PHANTOM_TEST_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/chance.h"
#include "base/cksum.h"
#include "base/clock.h"
#include "tap.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/parse.h"
#include "words.h"

#include "cmd/arp-phantom/claim.h"
#include "wire/prefix.h"
#include "wire/arp.h"
#include "wire/nd.h"
#include "wire/neigh.h"

#define T0 (1000 * NS_PER_SEC)

static inline void
ok(bool good, const char *what)
{
	check(good, "%s", what);
}

#define OWNER "52:54:00:12:34:56"
#define ASKER "52:54:00:00:00:09"

/* ---- frames by hand ---- */

static uint8_t frame[700];

static inline size_t
arp_frame(const char *dst, unsigned op, const char *sha, const char *spa,
    const char *tpa)
{
	struct arp a = {.op = (uint16_t)op,
	    .sha = mac(sha),
	    .spa = ip(spa),
	    .tpa = ip(tpa)};

	memset(frame, 0, sizeof frame);
	memcpy(frame, mac(dst).b, 6);
	memcpy(frame + 6, a.sha.b, 6);
	put_be16(frame + 12, ETHER_ARP);
	arp_encode(&a, frame + 14, ARP_LEN);
	return 60;
}

static inline size_t
request(const char *sha, const char *spa, const char *tpa)
{
	return arp_frame("ff:ff:ff:ff:ff:ff", ARP_REQUEST, sha, spa, tpa);
}

static inline size_t
nd_frame(const char *src_mac, const struct nd *nd)
{
	struct mac dst;

	memset(frame, 0, sizeof frame);
	nd_group_mac(&nd->dst, &dst);
	memcpy(frame, dst.b, 6);
	memcpy(frame + 6, mac(src_mac).b, 6);
	put_be16(frame + 12, ETHER_IP6);
	return 14 + (size_t)nd_encode(nd, frame + 14, sizeof frame - 14);
}

static inline size_t
solicit(const char *src, const char *target)
{
	struct nd nd = {.src = ip(src),
	    .target = ip(target),
	    .has_lla = strcmp(src, "::") != 0,
	    .lla = mac(ASKER)};

	nd_group(&nd.target, &nd.dst);
	return nd_frame(ASKER, &nd);
}

static inline size_t
advertise(const char *owner, const char *target, bool override)
{
	struct nd nd = {.src = ip(target),
	    .target = ip(target),
	    .dst = ip("ff02::1"),
	    .has_lla = true,
	    .lla = mac(owner),
	    .advert = true,
	    .override = override};

	return nd_frame(owner, &nd);
}

/* the ICMPv6 checksum made right again after a change */
static inline void
resum(size_t len)
{
	struct ip_addr src, dst;
	size_t n = len - 54;

	memcpy(src.b, frame + 22, 16);
	memcpy(dst.b, frame + 38, 16);
	put_be16(frame + 56, 0);
	put_be16(frame + 56, cksum_fold(cksum_add(ip_pseudo_sum(&src, &dst,
						      PROTO_ICMP6, (uint32_t)n),
				 frame + 54, n)));
}

/* ---- the engine, with ears ---- */

static struct {
	struct claim *c;
	struct chance chance;
	unsigned sent, events;
	uint64_t at[16]; /* times of the first frames */
	uint8_t last[NEIGH_FRAME];
	size_t len;
	char name[16]; /* of the last event */
} e;

static inline void
on_send(void *ctx, uint64_t now, const uint8_t *p, size_t n)
{
	if (e.sent < 16)
		e.at[e.sent] = now;
	e.sent++;
	memcpy(e.last, p, n);
	e.len = n;
}

static inline void
on_event(void *ctx, uint64_t now, const struct claim_event *ev)
{
	e.events++;
	snprintf(e.name, sizeof e.name, "%s", ev->name);
}

static enum defend defend;	  /* of the next engine */
static const struct hosts *hosts; /* as well */

static inline void
engine(const char *want, const char *except, int option)
{
	static const struct claim_calls calls = {NULL, on_send, on_event};
	struct prefix p[2];
	struct claim_config cf = {.hosts = hosts,
	    .want = &p[0],
	    .nwant = 1,
	    .except = &p[1],
	    .nexcept = except != NULL,
	    .ask = option != 'n',
	    .unclaimed = option == 'u',
	    .defend = defend};

	claim_free(e.c);
	memset(&e, 0, sizeof e);
	parse_prefix(want, &p[0].addr, &p[0].len);
	if (except != NULL)
		parse_prefix(except, &p[1].addr, &p[1].len);
	chance_seed(&e.chance, 7);
	e.c = claim_new(&cf, &calls, &e.chance);
	claim_start(e.c, T0);
}

/* frames that this one brings out */
static inline unsigned
give(uint64_t now, size_t len)
{
	unsigned before = e.sent;

	claim_input(e.c, now, frame, len);
	return e.sent - before;
}

static inline void
run_until(uint64_t end)
{
	uint64_t at;

	while ((at = claim_deadline(e.c)) <= end)
		claim_timer(e.c, at);
}

static inline bool
over(enum claim_verdict want)
{
	struct ip_addr a;
	struct mac m, owner = mac(OWNER);

	return claim_verdict(e.c, &a, &m) == want && mac_equal(&m, &owner);
}

#endif
