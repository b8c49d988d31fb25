/*
 * dhcp-lease - get an address from a DHCP server, for a host that does not
 * exist, and print it as shell assignments.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include "ask/query.h"
#include "base/die.h"
#include "base/syscalls.h"
#include "wire/ether.h"
#include "wire/ip.h"

#include "client.h"
#include "wire/dhcp.h"
#include "lease.h"
#include "options.h"
#include "print.h"

static void
say_why(const struct client *c, enum client_result r)
{
	char addr[IP_TEXT], mac[MAC_TEXT];

	switch (r) {
	case CLIENT_SILENCE:
		say("get a lease: %s", c->wrong[0] != '\0'
					   ? c->wrong
					   : "no answer from a DHCP server");
		break;
	case CLIENT_REFUSED:
		say("get a lease: refused by the server%s%s",
		    c->message[0] != '\0' ? ": " : "", c->message);
		break;
	case CLIENT_TAKEN:
		say("get a lease: %s is in use by %s, declined",
		    ip_text(&c->lease.ack.yiaddr, addr),
		    mac_text(&c->taken_by, mac));
		break;
	case CLIENT_OVER:
		say("get a lease: no answer before the end");
		break;
	case CLIENT_LEASE:
		break;
	}
}

static void
say_loss(const struct client *c, enum client_result r)
{
	char addr[IP_TEXT], mac[MAC_TEXT];
	const char *lost = ip_text(&c->lease.ack.yiaddr, addr);

	if (r == CLIENT_TAKEN)
		say("lose %s: it is in use by %s, declined", lost,
		    mac_text(&c->taken_by, mac));
	else
		say("lose %s: %s", lost,
		    r == CLIENT_REFUSED ? "the server refuses to renew"
					: "no server has renewed it");
}

/* say_left_out - values of the server's that cannot be */
static void
say_left_out(const struct dhcp *d)
{
	char mask[IP_TEXT];

	if (lease_prefix(d) == 0 && !ip_is_unspecified(&d->mask))
		say("PREFIX stays empty: %s is no mask",
		    ip_text(&d->mask, mask));
	if (lease_mtu(d) == 0 && d->mtu > 0)
		say("MTU stays empty: %u is less than 68", d->mtu);
}

SANDBOX_NEEDS_FOR(LIBC, ftruncate);

/* print - the lease; the file of -o has no other one */
static void
print(const struct client *c, const struct options *o)
{
	FILE *f = query_text(c->x);
	off_t end;

	if (o->ex.out != NULL)
		(void)fseek(f, 0, SEEK_SET);
	print_lease(&c->lease, query_mac(c->x), f);
	end = o->ex.out != NULL ? lseek(fileno(f), 0, SEEK_CUR) : -1;
	/* what is no file has no end */
	if (end >= 0 && ftruncate(fileno(f), end) != 0)
		return;
}

/* stay - until a signal, or until there is no lease any more */
static enum client_result
stay(struct client *c, const struct options *o, bool quiet)
{
	enum client_result r = CLIENT_LEASE;

	while (r == CLIENT_LEASE) {
		r = client_stay(c);
		if (r != CLIENT_LEASE && r != CLIENT_OVER) {
			if (!quiet)
				say_loss(c, r);
			r = client_obtain(c);
			if (!quiet && r == CLIENT_LEASE)
				say_left_out(&c->lease.ack);
		}
		if (r == CLIENT_LEASE)
			print(c, o);
	}
	return r;
}

int
main(int argc, char **argv)
{
	static struct options o;
	static struct client c;
	enum client_result r;
	bool quiet;

	die_start(argv);
	options_read(&o, argc, argv);
	quiet = o.ex.level < 0;
	c.host = o.host;
	c.wait = o.ex.wait;
	c.unasked = o.ex.unasked;
	c.verbose = o.ex.level > 0;
	if (o.has_addr)
		c.wish = o.addr;
	else
		ip_from_v4(&c.wish, (const uint8_t[4]){0});
	c.x = query_open(&o.ex);
	c.watch = o.keep && o.ex.live;
	if (c.watch)
		query_watch(c.x);
	query_start(c.x);
	r = client_obtain(&c);
	if (r == CLIENT_LEASE) {
		if (!quiet)
			say_left_out(&c.lease.ack);
		print(&c, &o);
		if (!o.keep)
			return query_close(c.x, EXIT_DONE);
		r = stay(&c, &o, quiet);
	}
	if (r == CLIENT_OVER && query_source(c.x) != NULL) {
		if (query_stopped(c.x))
			client_release(&c);
		return query_close(c.x, EXIT_DONE);
	}
	if (!quiet && !query_stopped(c.x) && !query_failed(c.x))
		say_why(&c, r);
	return query_close(c.x, EXIT_NO);
}
