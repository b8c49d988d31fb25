/*
 * print.c - a lease as shell assignments, see print.h.
 *
 * The server's values are always quoted: nothing of them can become a command.
 * Every variable is set, so that none is left over from before.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/clock.h"
#include "wire/ether.h"
#include "wire/ip.h"

#include "wire/dhcp.h"
#include "lease.h"
#include "print.h"

/* text - between single quotes, where only they are special */
static void
text(FILE *f, const char *key, const char *s)
{
	fprintf(f, "%s='", key);
	for (; *s != '\0'; s++)
		fputs(*s == '\'' ? "'\\''" : (const char[]){*s, '\0'}, f);
	fputs("'\n", f);
}

static void
addr(FILE *f, const char *key, const struct ip_addr *a)
{
	char buf[IP_TEXT];

	fprintf(f, "%s=%s\n", key, ip_is_unspecified(a) ? "" : ip_text(a, buf));
}

static void
addrs(FILE *f, const char *key, const struct dhcp_addrs *all)
{
	char buf[IP_TEXT];
	unsigned i;

	fprintf(f, "%s='", key);
	for (i = 0; i < all->n; i++)
		fprintf(f, "%s%s", i > 0 ? " " : "", ip_text(&all->a[i], buf));
	fputs("'\n", f);
}

static void
number(FILE *f, const char *key, uint64_t v, bool there)
{
	if (there)
		fprintf(f, "%s=%llu\n", key, (unsigned long long)v);
	else
		fprintf(f, "%s=\n", key);
}

void
print_lease(const struct lease *l, const struct mac *mac, FILE *f)
{
	const struct dhcp *d = &l->ack;
	char buf[MAC_TEXT];
	uint32_t t1, t2;

	lease_seconds(d, &t1, &t2);
	addr(f, "ADDR", &d->yiaddr);
	fprintf(f, "MAC=%s\n", mac_text(mac, buf));
	number(f, "PREFIX", lease_prefix(d), lease_prefix(d) > 0);
	addr(f, "BROADCAST", &d->bcast);
	addrs(f, "ROUTER", &d->router);
	addrs(f, "DNS", &d->dns);
	addrs(f, "NTP", &d->ntp);
	text(f, "DOMAIN", d->domain);
	text(f, "HOST", d->host);
	number(f, "MTU", lease_mtu(d), lease_mtu(d) > 0);
	addr(f, "SERVER", &d->server);
	number(f, "LEASE", d->lease, true);
	number(f, "RENEW", t1, true);
	number(f, "REBIND", t2, true);
	number(f, "EXPIRES", l->end / NS_PER_SEC, l->end != TIME_NEVER);
	fflush(f);
}
