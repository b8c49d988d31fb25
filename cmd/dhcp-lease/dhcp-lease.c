/*
 * dhcp-lease - get an address from a DHCP server, for a host that does not
 * exist, and print it as shell assignments.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "ask/query.h"
#include "base/die.h"
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

/* stay - until a signal, or until there is no lease any more */
static enum client_result
stay(struct client *c, bool quiet)
{
	enum client_result r = CLIENT_LEASE;

	while (r == CLIENT_LEASE) {
		r = client_stay(c);
		if (r != CLIENT_LEASE && r != CLIENT_OVER) {
			if (!quiet)
				say_loss(c, r);
			r = client_obtain(c);
		}
		if (r == CLIENT_LEASE)
			print_lease(
			    &c->lease, query_mac(c->x), query_text(c->x));
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
	query_start(c.x);
	r = client_obtain(&c);
	if (r == CLIENT_LEASE) {
		print_lease(&c.lease, query_mac(c.x), query_text(c.x));
		if (!o.keep)
			return query_close(c.x, EXIT_DONE);
		r = stay(&c, quiet);
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
