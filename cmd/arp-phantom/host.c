/*
 * host.c - which addresses this host and its routers have, as they are when
 * the program starts. Linux only: /proc/net/route, /proc/net/ipv6_route
 * (proc(5)).
 */
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "ip.h"

#include "host.h"

enum { RTF_GW = 2, LINE = 512 };

typedef void found_fn(void *ctx, const struct ip_addr *, const char *what);

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

static int
own(const char *ifname, void *ctx, found_fn *found)
{
	struct ifaddrs *all, *i;
	struct ip_addr a;

	if (getifaddrs(&all) == -1)
		return -1;
	for (i = all; i != NULL; i = i->ifa_next) {
		/* on any interface: Linux answers for all of them on each */
		if (from_sockaddr(i->ifa_addr, &a) == 0)
			found(ctx, &a, "this host's own address");
		if ((i->ifa_flags & IFF_BROADCAST) != 0 &&
		    strcmp(i->ifa_name, ifname) == 0 &&
		    from_sockaddr(i->ifa_broadaddr, &a) == 0 && ip_is_v4(&a))
			found(ctx, &a, "the network's broadcast address");
	}
	freeifaddrs(all);
	return 0;
}

/* a kernel without IPv4 or IPv6 has no such file, hence no gateway either */
static void
gateways4(void *ctx, found_fn *found)
{
	FILE *f = fopen("/proc/net/route", "re");
	char line[LINE];
	unsigned dst, gw, flags, mask;
	struct ip_addr a;
	uint8_t v4[4];

	if (f == NULL)
		return;
	while (fgets(line, sizeof line, f) != NULL) {
		/* the words are the address's bytes, as this host reads them */
		if (sscanf(line, "%*s %x %x %x %*s %*s %*s %x", &dst, &gw,
			&flags, &mask) != 4)
			continue;
		if (dst != 0 || mask != 0 || (flags & RTF_GW) == 0)
			continue;
		memcpy(v4, &gw, sizeof v4);
		ip_from_v4(&a, v4);
		found(ctx, &a, "the default gateway's address");
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
	char line[LINE], dst[33], gw[33];
	unsigned len, flags;
	struct ip_addr a;

	if (f == NULL)
		return;
	while (fgets(line, sizeof line, f) != NULL) {
		if (sscanf(line, "%32s %x %*s %*s %32s %*s %*s %*s %x", dst,
			&len, gw, &flags) != 4)
			continue;
		if (len != 0 || (flags & RTF_GW) == 0 || strlen(gw) != 32 ||
		    from_hex(gw, &a) == -1)
			continue;
		found(ctx, &a, "the default gateway's address");
	}
	fclose(f);
}

int
host_addresses(const char *ifname, void *ctx, found_fn *found)
{
	if (own(ifname, ctx, found) == -1)
		return -1;
	gateways4(ctx, found);
	gateways6(ctx, found);
	return 0;
}
