/*
 * own.c - see own.h.
 */
#include <net/if.h>
#include <string.h>

#include "linux/host.h"

#include "options.h"
#include "own.h"

static void
on_address(void *ctx, const struct host_addr *h)
{
	static const char *const what[] = {
	    [HOST_OWN] = "this host's own address",
	    [HOST_BROADCAST] = "the network's broadcast address",
	    [HOST_GATEWAY] = "the default gateway's address",
	};
	struct options *o = ctx;

	/* own ones on any interface: Linux answers for all of them on each */
	if (h->kind != HOST_BROADCAST || strcmp(h->ifname, o->ifname) == 0)
		options_add(&o->except, &h->addr, 128, what[h->kind]);
}

int
own_find(struct own *w, struct options *o, bool again)
{
	w->excluded = o->except.n;
	w->ifindex = if_nametoindex(o->ifname);
	w->look = again && w->ifindex > 0 ? host_open() : -1;
	return host_addresses(o, on_address);
}

int
own_again(const struct own *w, struct options *o)
{
	if (w->look < 0)
		return 0;
	o->except.n = w->excluded;
	return host_again(w->look, o->ifname, w->ifindex, o, on_address);
}
