/*
 * sign.c - what shows that a host has an address, or is about to, beside ARP
 * and ND: DHCP, and plain packets.
 *
 * DHCP is believed at once: a server offers the address or gives it, a client
 * asks for it by name. A plain packet may have come through a router, and is
 * a reason to ask who has its source.
 */
#include <string.h>

#include "claim_var.h"
#include "wire/dhcp.h"
#include "wire/dhcp_watch.h"
#include "wire/ether.h"
#include "wire/ip.h"

/* signer - m: the host at this MAC, in the VLAN of the frame, has addr */
static void
signer(struct neigh *m, const struct ether_hdr *eth, const uint8_t *frame,
    const struct mac *mac, const struct ip_addr *addr)
{
	memset(m, 0, sizeof *m);
	m->states = m->firm = true;
	m->mac = *mac;
	m->src = eth->src;
	m->dst = eth->dst;
	m->sender = m->target = *addr;
	m->tags.len = (uint8_t)(eth->hlen - ETHER_HLEN);
	memcpy(m->tags.b, frame + 12, m->tags.len);
}

/*
 * leased - the owner will not announce it, nor look whether we do: a single
 * address is not defended either, unless that was asked for
 */
static void
leased(struct claim *c, uint64_t now, struct single *s, const struct neigh *m)
{
	const enum defend defend = c->plan.defend;

	if (defend == DEFEND_DEFAULT)
		c->plan.defend = DEFEND_NEVER;
	claim_contest(c, now, s, m);
	c->plan.defend = defend;
}

static void
take_dhcp(struct claim *c, uint64_t now, const struct dhcp *d,
    const struct ether_hdr *eth, const uint8_t *frame)
{
	struct ip_addr addr;
	struct mac client, ours;
	enum dhcp_use use = dhcp_watch_use(d, &addr, &client);
	struct single *s;
	struct neigh m;

	if (use == DHCP_NOTHING)
		return;
	ours = claim_mac(c, &addr);
	if (mac_equal(&client, &ours)) /* the lease is a phantom's */
		return;
	signer(&m, eth, frame, &client, &addr);
	s = single_find(c->single, c->nsingle, &addr);
	if (s != NULL && use == DHCP_USED)
		leased(c, now, s, &m);
	if (s != NULL || !range_holds(c, &addr))
		return;
	if (use == DHCP_USED)
		range_contest(c, now, &addr, &m);
	else if (range_unclaimed(c, &addr) && c->plan.defend < DEFEND_ONCE)
		range_wished(c, now, &addr, &m);
}

/* check - a host sends from a single address that is ours */
static void
check(struct claim *c, uint64_t now, struct single *s, const struct neigh *m)
{
	if (s->state != SINGLE_OURS || now - s->checked < SINGLE_CHECK)
		return;
	s->checked = now;
	claim_send_own(c, now, &s->addr, &m->tags, true);
}

static void
take_packet(struct claim *c, uint64_t now, const struct ether_hdr *eth,
    const uint8_t *frame, size_t len)
{
	size_t n = len - eth->hlen;
	struct ip_hdr ip;
	struct neigh m;
	struct mac ours;
	struct single *s;

	/* all of it need not be there */
	ip_decode_captured(frame + eth->hlen, n, UINT16_MAX, &ip);
	if (ip.v6 != (eth->type == ETHER_IP6) || !ip_is_host(&ip.src))
		return;
	ours = claim_mac(c, &ip.src);
	if (mac_equal(&eth->src, &ours) || mac_is_group(&eth->src))
		return;
	signer(&m, eth, frame, &eth->src, &ip.src);
	s = single_find(c->single, c->nsingle, &ip.src);
	if (s != NULL)
		check(c, now, s, &m);
	else if (range_holds(c, &ip.src))
		range_sign(c, now, &ip.src, &m);
}

void
sign_take(struct claim *c, uint64_t now, const uint8_t *frame, size_t len)
{
	struct ether_hdr eth;
	struct dhcp d;

	if (ether_decode(frame, len, &eth) == -1)
		return;
	if (dhcp_watch_frame(&c->dhcp, now, frame, len, &d))
		take_dhcp(c, now, &d, &eth, frame);
	else if (c->ready && (eth.type == ETHER_IP4 || eth.type == ETHER_IP6))
		take_packet(c, now, &eth, frame, len);
}
