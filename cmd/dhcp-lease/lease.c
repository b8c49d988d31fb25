/*
 * lease.c - a client's rules, see lease.h.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/chance.h"
#include "base/clock.h"
#include "wire/ether.h"
#include "wire/ip.h"

#include "wire/dhcp.h"
#include "lease.h"

enum {
	FIRST = 4,
	DOUBLINGS = 4,
	RETRY_LEAST = 60,
	UNTOLD = 3600, /* of a server that gives no time: s */
	LEAST_MTU = 68,
};

uint64_t
lease_backoff(struct chance *chance, unsigned n)
{
	uint64_t s = FIRST << (n < DOUBLINGS ? n : DOUBLINGS);

	return (s - 1) * NS_PER_SEC + chance_below(chance, 2 * NS_PER_SEC + 1);
}

uint64_t
lease_retry(uint64_t now, uint64_t until)
{
	uint64_t half = until > now ? (until - now) / 2 : 0;

	return half < RETRY_LEAST * NS_PER_SEC ? RETRY_LEAST * NS_PER_SEC
					       : half;
}

bool
lease_is_answer(const struct dhcp *d, uint32_t xid, const struct mac *chaddr)
{
	return d->op == DHCP_BOOTREPLY && d->xid == xid &&
	       mac_equal(&d->chaddr, chaddr);
}

static const char *
address_fault(const struct dhcp *d)
{
	if (!ip_is_host(&d->yiaddr))
		return "no host can have the address";
	return ip_equal(&d->yiaddr, &d->server)
		   ? "the address is the server's own"
		   : NULL;
}

/* RFC 2131 table 3: the server identifier MUST be there */
const char *
lease_offer_fault(const struct dhcp *d)
{
	if (d->type != DHCP_OFFER)
		return "it is no offer";
	if (ip_is_unspecified(&d->server))
		return "the server identifier is missing";
	if (!ip_is_host(&d->server))
		return "the server identifier is not a host's address";
	return address_fault(d);
}

static bool
is_of(const struct dhcp *d, const struct ip_addr *server)
{
	return ip_is_unspecified(server) || ip_is_unspecified(&d->server) ||
	       ip_equal(&d->server, server);
}

const char *
lease_ack_fault(const struct dhcp *d, const struct ip_addr *addr,
    const struct ip_addr *server)
{
	if (d->type != DHCP_ACK)
		return "it is no ACK";
	if (!is_of(d, server))
		return "it is of another server";
	if (!ip_equal(&d->yiaddr, addr))
		return "it is for another address than was asked for";
	if (d->has_lease && d->lease == 0)
		return "the lease time is zero";
	return address_fault(d);
}

bool
lease_is_nak(const struct dhcp *d, const struct ip_addr *server)
{
	return d->type == DHCP_NAK && is_of(d, server);
}

/* RFC 2131 4.4.5: T1 is half, T2 seven eighths of the lease, and T1 is before
   T2, T2 before the end, whatever the server sends */
void
lease_seconds(const struct dhcp *ack, uint32_t *t1, uint32_t *t2)
{
	uint32_t all = ack->lease;

	*t1 = ack->t1;
	*t2 = ack->t2;
	if (all == UINT32_MAX) {
		*t1 = *t1 == 0 ? all : *t1;
		*t2 = *t2 == 0 ? all : *t2;
		return;
	}
	if (*t2 == 0 || *t2 >= all)
		*t2 = (uint32_t)((uint64_t)all * 7 / 8);
	if (*t1 == 0 || *t1 >= *t2)
		*t1 = *t2 < all / 2 ? *t2 / 2 : all / 2;
}

static uint64_t
after(uint64_t begin, uint32_t seconds)
{
	return seconds == UINT32_MAX ? TIME_NEVER
				     : begin + seconds * NS_PER_SEC;
}

void
lease_set(struct lease *l, const struct dhcp *ack, const struct mac *from,
    uint64_t sent)
{
	uint32_t t1, t2;

	l->ack = *ack;
	if (!ack->has_lease)
		l->ack.lease = UNTOLD;
	lease_seconds(&l->ack, &t1, &t2);
	l->from = *from;
	l->t1 = after(sent, t1);
	l->t2 = after(sent, t2);
	l->end = after(sent, l->ack.lease);
}

unsigned
lease_prefix(const struct dhcp *d)
{
	int bits = dhcp_prefix(&d->mask);

	return bits > 0 ? (unsigned)bits : 0;
}

uint16_t
lease_mtu(const struct dhcp *d)
{
	return d->mtu >= LEAST_MTU ? d->mtu : 0;
}
