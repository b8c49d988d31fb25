/*
 * iface.c - see iface.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/die.h"
#include "hosts/hosts.h"
#include "wire/ether.h"

#include "iface.h"
#include "link.h"
#include "options.h"
#include "signals.h"

enum {
	MTU = 1500, /* what the programs take by default */
	LEAST = 1280,
	MOST = 65535,
	LOOK_MS = 100,
	/* IEEE 802.1D 8.10.2: at most 30 s each of listening and learning */
	LOOKS = 60 * 1000 / LOOK_MS,
};

/* set_mtu - one that no program takes is left alone */
static void
set_mtu(struct options *o, const struct link *l)
{
	static char n[12], word[] = "--mtu";

	if (l->mtu == MTU || l->mtu < LEAST || l->mtu > MOST ||
	    options_passes(o, word))
		return;
	snprintf(n, sizeof(n), "%u", l->mtu);
	options_pass(o, word, n, TO_TCP | TO_ICMP | TO_IMPAIR);
}

/* all_have - the hosts of the file that are on the link have this MAC; those of
   a prefix have different ones */
static bool
all_have(const struct hosts *h, const struct mac *mac)
{
	const struct hosts_entry *e;
	struct mac m;
	size_t i, n;

	e = hosts_entries(h, &n);
	for (i = 0; i < n; i++) {
		if (hosts_net(h, &e[i].at.addr) != NULL)
			continue;
		m = hosts_mac(h, &e[i], &e[i].at.addr);
		if (e[i].at.len < 128 || memcmp(&m, mac, sizeof(m)) != 0)
			return false;
	}
	return true;
}

/* own_mac - only the interface's own MAC works; a message says so unless -m or
   the file gives it */
static void
own_mac(const struct options *o, const struct link *l, const char *why)
{
	char mac[MAC_TEXT];

	mac_text(&l->mac, mac);
	if (o->hosts != NULL) {
		if (!all_have(o->net, &l->mac))
			say("%s %s: give each host a line of its own in %s, "
			    "with mac %s",
			    o->iface, why, o->hosts, mac);
	} else if (o->mac == NULL || strcasecmp(o->mac, mac) != 0)
		say("%s %s: give -m %s", o->iface, why, mac);
}

static void
say_limits(const struct options *o, const struct link *l)
{
	if (strcmp(l->kind, "macvlan") == 0 && !l->passthru)
		own_mac(o, l,
		    "is a macvlan, which takes frames for its own MAC only");
	else if (strcmp(l->kind, "ipvlan") == 0)
		say("%s is an ipvlan, which takes packets for its own "
		    "addresses only: use a macvlan, with its MAC by -m",
		    o->iface);
	else if (l->wireless)
		own_mac(o, l,
		    "is Wi-Fi: an access point takes and delivers frames of "
		    "this host's own MAC only");
}

static void
wait_for_port(const struct options *o, struct link *l)
{
	const struct timespec t = {0, LOOK_MS * (long)NS_PER_MS};
	int i;

	if (!l->waiting)
		return;
	if (o->loud >= 0) {
		printf("waiting until the bridge forwards what %s sends "
		       "(spanning tree, forward delay)\n",
		    o->iface);
		fflush(stdout);
	}
	for (i = 0; i < LOOKS && l->waiting; i++) {
		if (signals_stop())
			exit(EXIT_DONE);
		nanosleep(&t, NULL);
		if (link_read(o->iface, l) != 0)
			return;
	}
}

void
iface_look(struct options *o)
{
	struct link l;

	if (link_read(o->iface, &l) != 0)
		return;
	set_mtu(o, &l);
	if (o->print)
		return;
	say_limits(o, &l);
	wait_for_port(o, &l);
}
