/*
 * bridge.c - see bridge.h. A frame comes in, its VLAN is that of its tag or
 * of the port; its source is learned; it goes to the port of its destination,
 * or to all of the VLAN. On access ports frames have no tag, on trunks all but
 * those of the native VLAN do. A frame that leaves without its tag has no other
 * one behind it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bucket.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "wire/ether.h"

#include "bridge.h"
#include "macs.h"

enum { ADDRS = 12, TAG = 4 };

struct bridge {
	struct bridge_config cf;
	struct macs *macs;
};

/* a frame on its way */
struct transit {
	uint64_t now;
	unsigned from, vid;
	const uint8_t *frame, *rest; /* rest: behind addresses and our tag */
	size_t n;		     /* bytes of rest */
	uint16_t priority;	     /* the tag's other bits */
};

struct bridge *
bridge_new(const struct bridge_config *cf)
{
	struct bridge *b = calloc(1, sizeof(*b));
	unsigned i;

	if (b == NULL)
		return NULL;
	b->cf = *cf;
	b->macs = macs_new(cf->macs, cf->ports, cf->age, cf->key);
	if (b->macs == NULL) {
		free(b);
		return NULL;
	}
	for (i = 0; i < cf->ports; i++)
		cf->port[i].up = true;
	return b;
}

void
bridge_free(struct bridge *b)
{
	macs_free(b->macs);
	free(b);
}

const char *
bridge_drop_name(enum bridge_drop d)
{
	static const char *const name[BRIDGE_DROPS] = {
	    [DROP_SHORT] = "short",
	    [DROP_LONG] = "long",
	    [DROP_SOURCE] = "source",
	    [DROP_VLAN] = "vlan",
	    [DROP_RESERVED] = "reserved",
	    [DROP_STORM] = "storm",
	};

	return name[d];
}

static int
drop(struct bridge_port *p, enum bridge_drop why)
{
	p->dropped[why]++;
	return -1;
}

/* carries - does the port have this VLAN? */
static bool
carries(const struct bridge_port *p, unsigned vid)
{
	return p->trunk ? vlan_in(p->has, vid) : p->vid == vid;
}

/*
 * classify - the frame's VLAN, and what is behind its tag; -1: the port does
 * not have it. A tag with VLAN 0 is none but for its priority (802.1Q 6.9).
 */
static int
classify(const struct bridge_port *p, const uint8_t *frame, size_t len,
    struct transit *t)
{
	unsigned vid = 0;

	t->frame = frame;
	t->rest = frame + ADDRS;
	t->n = len - ADDRS;
	t->priority = 0;
	if (get_be16(t->rest) == ETHER_VLAN && t->n >= TAG + 2) {
		vid = get_be16(t->rest + 2) & (VLANS - 1);
		t->priority = get_be16(t->rest + 2) & (uint16_t) ~(VLANS - 1);
		t->rest += TAG;
		t->n -= TAG;
	}
	if (vid == 0)
		vid = p->trunk ? VLAN_NATIVE : p->vid;
	t->vid = vid;
	return carries(p, vid) ? 0 : -1;
}

/* has_tag - one more: without ours the next switch would take it for the VLAN
   of that one */
static bool
has_tag(const struct transit *t)
{
	return t->n >= TAG && get_be16(t->rest) == ETHER_VLAN;
}

/* send_to - with the tag that the port wants */
static void
send_to(struct bridge *b, const struct transit *t, unsigned to, bool only)
{
	struct bridge_port *p = &b->cf.port[to];
	uint8_t head[ADDRS + TAG];

	if (!p->trunk || t->vid == VLAN_NATIVE) {
		if (has_tag(t)) {
			drop(p, DROP_VLAN);
			return;
		}
		b->cf.send(b->cf.ctx, to, t->now, t->frame, ADDRS, t->rest,
		    t->n, only);
		return;
	}
	memcpy(head, t->frame, ADDRS);
	put_be16(head + ADDRS, ETHER_VLAN);
	put_be16(head + ADDRS + 2, (uint16_t)(t->vid | t->priority));
	b->cf.send(
	    b->cf.ctx, to, t->now, head, sizeof(head), t->rest, t->n, only);
}

/* may_go - does a frame of this VLAN go from one port to the other? */
static bool
may_go(const struct bridge *b, const struct transit *t, unsigned to)
{
	const struct bridge_port *p = &b->cf.port[to];

	return to != t->from && p->up && carries(p, t->vid) &&
	       (!b->cf.isolate || to == 0 || t->from == 0);
}

static void
flood(struct bridge *b, const struct transit *t)
{
	unsigned i;

	for (i = 0; i < b->cf.ports; i++)
		if (may_go(b, t, i))
			send_to(b, t, i, false);
}

/* is_calm - one more from this port may go to all (storm control) */
static bool
is_calm(struct bridge *b, struct bridge_port *p, uint64_t now)
{
	return b->cf.storm == 0 || bucket_take(&p->bucket, now,
				       NS_PER_SEC / b->cf.storm, b->cf.storm);
}

/* is_reserved - for what ends at the next switch (802.1D 7.12.6) */
static bool
is_reserved(const uint8_t *mac)
{
	static const uint8_t group[5] = {0x01, 0x80, 0xc2, 0x00, 0x00};

	return memcmp(mac, group, sizeof(group)) == 0 && mac[5] < 0x10;
}

static int
relay(struct bridge *b, const struct transit *t)
{
	struct bridge_port *p = &b->cf.port[t->from];
	struct mac dst;
	int to = -1;

	memcpy(dst.b, t->frame, sizeof(dst.b));
	if (is_reserved(dst.b))
		return drop(p, DROP_RESERVED);
	if (!mac_is_group(&dst))
		to = macs_find(b->macs, t->now, &dst, t->vid);
	if (to >= 0) {
		if (may_go(b, t, (unsigned)to))
			send_to(b, t, (unsigned)to, true);
		return (int)t->vid;
	}
	if (!is_calm(b, p, t->now))
		return drop(p, DROP_STORM);
	flood(b, t);
	return (int)t->vid;
}

int
bridge_input(struct bridge *b, uint64_t now, unsigned port,
    const uint8_t *frame, size_t len)
{
	struct bridge_port *p = &b->cf.port[port];
	struct transit t = {.now = now, .from = port};
	struct mac src;

	p->in++;
	p->bytes += len;
	if (len < ETHER_HLEN)
		return drop(p, DROP_SHORT);
	if (len > BRIDGE_LONGEST)
		return drop(p, DROP_LONG);
	memcpy(src.b, frame + 6, sizeof(src.b));
	if (mac_is_group(&src))
		return drop(p, DROP_SOURCE);
	if (classify(p, frame, len, &t) != 0)
		return drop(p, DROP_VLAN);
	if (b->cf.hub) {
		flood(b, &t);
		return (int)t.vid;
	}
	if (macs_learn(b->macs, now, &src, t.vid, port, b->cf.port))
		p->moves++;
	return relay(b, &t);
}

void
bridge_down(struct bridge *b, unsigned port)
{
	b->cf.port[port].up = false;
	macs_forget(b->macs, port, b->cf.port);
}

void
bridge_up(struct bridge *b, unsigned port)
{
	b->cf.port[port].up = true;
}

void
bridge_table(const struct bridge *b, uint64_t now, void *ctx,
    void (*each)(void *ctx, const struct bridge_entry *))
{
	macs_each(b->macs, now, ctx, each);
}
