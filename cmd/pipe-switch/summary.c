/*
 * summary.c - what people see of a switch: a line a port, a line an address.
 */
#include <stdio.h>
#include <string.h>

#include "base/die.h"
#include "wire/ether.h"

#include "run.h"

/* bad_text - ", 3 short, 2 vlan" into buf; returns buf */
static const char *
bad_text(
    const struct bridge_port *v, const struct port *p, char *buf, size_t size)
{
	size_t n = 0;
	int i;

	buf[0] = '\0';
	for (i = 0; i < BRIDGE_DROPS; i++)
		if (v->dropped[i] > 0 && n < size)
			n += (size_t)snprintf(buf + n, size - n, ", %llu %s",
			    (unsigned long long)v->dropped[i],
			    bridge_drop_name((enum bridge_drop)i));
	if (p->cut > 0 && n < size)
		n += (size_t)snprintf(buf + n, size - n, ", %llu cut",
		    (unsigned long long)p->cut);
	if (p->restarts > 0 && n < size)
		n += (size_t)snprintf(buf + n, size - n, ", %llu restarts",
		    (unsigned long long)p->restarts);
	if (v->moves > 0 && n < size)
		snprintf(buf + n, size - n, ", %llu moved",
		    (unsigned long long)v->moves);
	return buf;
}

void
run_summary(struct run *r)
{
	char bad[160], vlan[16];
	unsigned i;

	for (i = 0; i < r->o.ports; i++) {
		const struct bridge_port *v = &r->vlan[i];
		const struct port *p = &r->port[i];

		snprintf(vlan, sizeof(vlan), "VLAN %u", v->vid);
		say("port %s, %s: %llu frames in, %llu out, %llu dropped%s",
		    p->words->name, v->trunk ? "trunk" : vlan,
		    (unsigned long long)v->in, (unsigned long long)p->out.count,
		    (unsigned long long)p->out.dropped,
		    bad_text(v, p, bad, sizeof(bad)));
	}
	for (i = 0; i < r->o.pcaps; i++)
		if (r->record[i].out.dropped > 0)
			say("%s: %llu frames recorded, %llu dropped: its "
			    "reader was too slow",
			    r->record[i].file,
			    (unsigned long long)r->record[i].out.count,
			    (unsigned long long)r->record[i].out.dropped);
}

static void
say_entry(void *ctx, const struct bridge_entry *e)
{
	struct run *r = ctx;
	char mac[MAC_TEXT];

	say("%s VLAN %u port %s, %llu s ago", mac_text(&e->mac, mac), e->vid,
	    r->port[e->port].words->name,
	    (unsigned long long)((clock_now(&r->clock) - e->seen) /
				 NS_PER_SEC));
}

void
run_table(struct run *r)
{
	bridge_table(r->bridge, clock_now(&r->clock), r, say_entry);
	run_summary(r);
}
