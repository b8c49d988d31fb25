/*
 * host.c - addresses of this host and its routers, see host.h. Linux only:
 * getifaddrs(3), /proc/net/route, /proc/net/ipv6_route (proc(5)).
 */
#include <errno.h>
#include <ifaddrs.h>
#include <netpacket/packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "linux/host.h"
#include "wire/ether.h"
#include "wire/ip.h"

enum { RTF_GW = 2, LINE = 512 };

typedef void found_fn(void *ctx, const struct host_addr *);

static int
from_sockaddr(const struct sockaddr *sa, struct ip_addr *out)
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	if (sa == NULL)
		return -1;
	if (sa->sa_family == AF_INET) {
		memcpy(&in, sa, sizeof in);
		ip_from_v4(out, (const uint8_t *)&in.sin_addr);
		return 0;
	}
	if (sa->sa_family != AF_INET6)
		return -1;
	memcpy(&in6, sa, sizeof in6);
	memcpy(out->b, &in6.sin6_addr, sizeof out->b);
	return 0;
}

/* bits of an address's mask; a v4 one counts from the 96th of 128 */
static unsigned
mask_len(const struct sockaddr *sa)
{
	struct ip_addr m;
	unsigned n;

	if (from_sockaddr(sa, &m) == -1)
		return 128;
	n = ip_is_v4(&m) ? 96 : 0;
	while (n < 128 && (m.b[n / 8] >> (7 - n % 8) & 1))
		n++;
	return n;
}

static int
own(void *ctx, found_fn *found)
{
	struct ifaddrs *all, *i;
	struct host_addr h;

	if (getifaddrs(&all) == -1)
		return -1;
	for (i = all; i != NULL; i = i->ifa_next) {
		h.ifname = i->ifa_name;
		h.kind = HOST_OWN;
		if (from_sockaddr(i->ifa_addr, &h.addr) == -1)
			continue;
		h.len = mask_len(i->ifa_netmask);
		found(ctx, &h);
		h.kind = HOST_BROADCAST;
		if ((i->ifa_flags & IFF_BROADCAST) != 0 &&
		    from_sockaddr(i->ifa_broadaddr, &h.addr) == 0 &&
		    ip_is_v4(&h.addr))
			found(ctx, &h);
	}
	freeifaddrs(all);
	return 0;
}

/* a kernel without IPv4 or IPv6 has no such file, hence no gateway either */
static void
gateways4(void *ctx, found_fn *found)
{
	FILE *f = fopen("/proc/net/route", "re");
	char line[LINE], ifname[IFNAMSIZ];
	unsigned dst, gw, flags, mask;
	struct host_addr h = {.kind = HOST_GATEWAY, .ifname = ifname};
	uint8_t v4[4];

	if (f == NULL)
		return;
	while (fgets(line, sizeof line, f) != NULL) {
		/* the words are the address's bytes, as this host reads them */
		if (sscanf(line, "%15s %x %x %x %*s %*s %*s %x", ifname, &dst,
			&gw, &flags, &mask) != 5)
			continue;
		if (dst != 0 || mask != 0 || (flags & RTF_GW) == 0)
			continue;
		memcpy(v4, &gw, sizeof v4);
		ip_from_v4(&h.addr, v4);
		found(ctx, &h);
	}
	fclose(f);
}

static int
from_hex(const char *s, struct ip_addr *out)
{
	unsigned v;

	for (size_t i = 0; i < sizeof out->b; i++) {
		if (sscanf(s + 2 * i, "%2x", &v) != 1)
			return -1;
		out->b[i] = (uint8_t)v;
	}
	return 0;
}

static void
gateways6(void *ctx, found_fn *found)
{
	FILE *f = fopen("/proc/net/ipv6_route", "re");
	char line[LINE], dst[33], gw[33], ifname[IFNAMSIZ];
	unsigned len, flags;
	struct host_addr h = {.kind = HOST_GATEWAY, .ifname = ifname};

	if (f == NULL)
		return;
	while (fgets(line, sizeof line, f) != NULL) {
		if (sscanf(line, "%32s %x %*s %*s %32s %*s %*s %*s %x %15s",
			dst, &len, gw, &flags, ifname) != 5)
			continue;
		if (len != 0 || (flags & RTF_GW) == 0 || strlen(gw) != 32 ||
		    from_hex(gw, &h.addr) == -1)
			continue;
		found(ctx, &h);
	}
	fclose(f);
}

int
host_addresses(void *ctx, found_fn *found)
{
	if (own(ctx, found) == -1)
		return -1;
	gateways4(ctx, found);
	gateways6(ctx, found);
	return 0;
}

/* ---- the way to another ---- */

struct look {
	const char *ifname;
	const struct ip_addr *src, *dst;
	struct host_way *way;
	int best; /* rank of the source so far */
};

/* how well an own address serves as source for dst; 0: not at all */
static int
rank(const struct look *l, const struct host_addr *h)
{
	if (l->dst == NULL || ip_is_v4(l->dst) != ip_is_v4(&h->addr))
		return 0;
	if (ip_equal(l->dst, &h->addr) || ip_match(l->dst, &h->addr, h->len))
		return 3;
	/* multicast of v6 has a scope as well: ff02 is the link's */
	if (ip_is_local6(&h->addr) !=
	    (ip_is_local6(l->dst) ||
		(ip_is_multicast(l->dst) && (l->dst->b[1] & 15) == 2)))
		return 1;
	return 2;
}

static void
look_at(void *ctx, const struct host_addr *h)
{
	struct look *l = ctx;
	struct host_way *w = l->way;
	bool here = strcmp(h->ifname, l->ifname) == 0;
	int r;

	/* the kernel answers ARP for an address on all interfaces, NS not */
	if (h->kind == HOST_OWN && l->src != NULL &&
	    ip_equal(l->src, &h->addr) && (here || ip_is_v4(l->src)))
		w->own = true;
	if (!here || h->kind == HOST_BROADCAST)
		return;
	if (h->kind == HOST_GATEWAY) {
		if (!w->has_hop && l->dst != NULL &&
		    ip_is_v4(l->dst) == ip_is_v4(&h->addr)) {
			w->has_hop = true;
			w->hop = h->addr;
		}
		return;
	}
	r = rank(l, h);
	w->has_net = w->has_net || (r > 0 && !ip_is_local6(&h->addr));
	w->on_link = w->on_link || r == 3;
	if (l->src == NULL && r > l->best) {
		l->best = r;
		w->own = w->has_src = true;
		w->src = h->addr;
	}
}

/* the MAC stands in the list of addresses, as one of AF_PACKET */
static int
find_mac(const char *ifname, struct mac *out)
{
	struct ifaddrs *all, *i;
	struct sockaddr_ll ll;
	int r = -1;

	if (getifaddrs(&all) == -1)
		return -1;
	errno = ENODEV;
	for (i = all; i != NULL; i = i->ifa_next) {
		if (i->ifa_addr == NULL ||
		    i->ifa_addr->sa_family != AF_PACKET ||
		    strcmp(i->ifa_name, ifname) != 0)
			continue;
		memcpy(&ll, i->ifa_addr, sizeof ll);
		memcpy(out->b, ll.sll_addr, sizeof out->b);
		r = 0;
	}
	freeifaddrs(all);
	return r;
}

int
host_way(struct host_way *way, const char *ifname, const struct ip_addr *src,
    const struct ip_addr *dst)
{
	struct look l = {.ifname = ifname, .src = src, .dst = dst, .way = way};

	memset(way, 0, sizeof *way);
	if (src != NULL) {
		way->has_src = true;
		way->src = *src;
	}
	if (find_mac(ifname, &way->mac) == -1)
		return -1;
	return host_addresses(&l, look_at);
}
