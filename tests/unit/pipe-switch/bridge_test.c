/*
 * bridge_test - where frames go: learning, ageing, VLANs and tags, floods,
 * and how little one port can do to the others.
 */
#include <stdlib.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "bridge.h"
#include "tap.h"

enum { PORTS = 4, FRAME = 60 };

static struct bridge_port port[PORTS];
static struct {
	unsigned n, to[PORTS];
	uint8_t frame[PORTS][128];
	size_t len[PORTS];
	bool only; /* what was sent last */
} sent;

static void
on_send(void *ctx, unsigned to, uint64_t now, const uint8_t *p, size_t n,
    const uint8_t *q, size_t m, bool only)
{
	sent.only = only;
	sent.to[sent.n] = to;
	memcpy(sent.frame[sent.n], p, n);
	memcpy(sent.frame[sent.n] + n, q, m);
	sent.len[sent.n++] = n + m;
}

/* begin - all ports in VLAN 10, which the test may change before */
static struct bridge *
begin(struct bridge_config cf)
{
	unsigned i;

	cf.ports = PORTS;
	cf.port = port;
	cf.send = on_send;
	cf.age = 300 * NS_PER_SEC;
	if (cf.macs == 0)
		cf.macs = 64;
	for (i = 0; i < PORTS; i++) {
		port[i].in = 0;
		port[i].macs = 0;
		port[i].bucket = 0;
		memset(port[i].dropped, 0, sizeof(port[i].dropped));
		if (port[i].vid == 0)
			port[i].vid = 10;
	}
	return bridge_new(&cf);
}

static void
trunk(unsigned i, unsigned vid)
{
	port[i].trunk = true;
	port[i].has[vid / 8] |= (uint8_t)(1 << vid % 8);
}

static void
plain(void)
{
	memset(port, 0, sizeof(port));
}

/* input - a frame from host a to host b (255: to all), tag 0: none */
static int
input(struct bridge *b, uint64_t now, unsigned from, unsigned src, unsigned dst,
    unsigned tag)
{
	uint8_t f[FRAME + 4] = {0x02, [6] = 0x02};
	size_t n = FRAME;

	f[5] = (uint8_t)dst;
	f[11] = (uint8_t)src;
	if (dst == 255)
		memset(f, 0xff, 6);
	put_be16(f + 12, 0x0800);
	f[14] = 0x45;
	if (tag > 0) {
		put_be16(f + 12, 0x8100);
		put_be16(f + 14, (uint16_t)tag);
		put_be16(f + 16, 0x0800);
		f[18] = 0x45;
		n += 4;
	}
	sent.n = 0;
	return bridge_input(b, now, from, f, n);
}

static void
learning(void)
{
	struct bridge *b;

	plain();
	b = begin((struct bridge_config){0});
	input(b, 0, 0, 1, 2, 0);
	check(sent.n == 3 && sent.to[0] == 1 && !sent.only,
	    "unknown: to all others");
	input(b, 1, 2, 2, 1, 0);
	check(sent.n == 1 && sent.to[0] == 0 && sent.only,
	    "learned: to its port alone");
	input(b, 2, 0, 1, 2, 0);
	check(sent.n == 1 && sent.to[0] == 2, "and back");
	input(b, 3, 2, 9, 2, 0);
	check(sent.n == 0, "nothing goes back to where it came from");
	input(b, 4, 0, 1, 255, 0);
	check(sent.n == 3, "broadcast: to all");
	input(b, 5, 3, 2, 1, 0);
	input(b, 6, 0, 1, 2, 0);
	check(sent.n == 1 && sent.to[0] == 3 && port[3].moves == 1,
	    "a host that has moved is found, and counted");
	input(b, 6 + 301 * NS_PER_SEC, 0, 1, 2, 0);
	check(sent.n == 3, "forgotten when it was silent for 300 s");
	input(b, 6 + 301 * NS_PER_SEC, 3, 2, 1, 0);
	bridge_down(b, 3);
	input(b, 7 + 301 * NS_PER_SEC, 0, 1, 2, 0);
	check(sent.n == 2, "a port that is down: its hosts are forgotten");
	bridge_free(b);
}

static void
vlans(void)
{
	struct bridge *b;

	plain();
	port[1].vid = 20;
	trunk(2, 10);
	trunk(2, 20);
	trunk(2, 1);
	trunk(3, 20);
	b = begin((struct bridge_config){0});
	check(input(b, 0, 0, 1, 255, 0) == 10, "the port's VLAN");
	check(sent.n == 1 && sent.to[0] == 2 && sent.len[0] == FRAME + 4 &&
		  get_be16(sent.frame[0] + 12) == 0x8100 &&
		  get_be16(sent.frame[0] + 14) == 10 &&
		  sent.frame[0][18] == 0x45,
	    "to the trunk that has it, with a tag");
	input(b, 0, 2, 3, 255, 20 | 5 << 13);
	check(sent.n == 2 && sent.to[0] == 1 && sent.len[0] == FRAME &&
		  sent.frame[0][14] == 0x45,
	    "to an access port without one");
	check(sent.to[1] == 3 && get_be16(sent.frame[1] + 14) == (20 | 5 << 13),
	    "to another trunk as it was, priority too");
	check(
	    input(b, 0, 3, 3, 255, 10) == -1 && port[3].dropped[DROP_VLAN] == 1,
	    "a VLAN that a trunk has not is dropped");
	check(input(b, 0, 0, 3, 255, 20) == -1, "so is one on an access port");
	check(input(b, 0, 0, 3, 255, 10) == 10 &&
		  input(b, 0, 0, 3, 255, 5 << 13) == 10,
	    "its own tag, and one of priority alone, are taken");
	check(input(b, 0, 2, 3, 255, 0) == 1 && sent.n == 0,
	    "untagged on a trunk: VLAN 1");
	input(b, 1, 0, 1, 9, 0);
	input(b, 2, 1, 1, 9, 0);
	input(b, 3, 2, 7, 1, 10);
	check(sent.n == 1 && sent.to[0] == 0, "learned by VLAN: one in 10,");
	input(b, 3, 2, 7, 1, 20);
	check(sent.n == 1 && sent.to[0] == 1, "and the same address in 20");
	bridge_free(b);
}

/* double_tag - a host to all, with a tag and another one behind it */
static int
double_tag(struct bridge *b, unsigned from, unsigned outer, unsigned inner)
{
	uint8_t f[FRAME + 8] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02};

	put_be16(f + 12, 0x8100);
	put_be16(f + 14, (uint16_t)outer);
	put_be16(f + 16, 0x8100);
	put_be16(f + 18, (uint16_t)inner);
	put_be16(f + 20, 0x0800);
	sent.n = 0;
	return bridge_input(b, 0, from, f, sizeof(f));
}

static void
double_tags(void)
{
	struct bridge *b;
	unsigned outer;

	plain();
	port[0].vid = port[1].vid = 1;
	for (outer = 1; outer <= 3; outer++) {
		trunk(2, outer * 10);
		trunk(3, outer * 10);
	}
	trunk(2, 1);
	trunk(3, 1);
	b = begin((struct bridge_config){0});
	double_tag(b, 0, 1, 20);
	check(sent.n == 0, "an inner tag does not become the outer one");
	double_tag(b, 0, 0, 20);
	check(sent.n == 0, "nor behind one of priority alone,");
	double_tag(b, 2, 1, 20);
	check(sent.n == 0, "nor from a trunk");
	check(
	    port[1].dropped[DROP_VLAN] == 3 && port[3].dropped[DROP_VLAN] == 3,
	    "counted where it would have left");
	double_tag(b, 2, 10, 20);
	check(sent.n == 1 && sent.to[0] == 3 && sent.len[0] == FRAME + 8 &&
		  get_be16(sent.frame[0] + 14) == 10 &&
		  get_be16(sent.frame[0] + 18) == 20,
	    "with its own tag it goes on as it was");
	bridge_free(b);
}

static void
refused(void)
{
	uint8_t f[70000] = {0x02, [6] = 0x01};
	struct bridge *b;

	plain();
	b = begin((struct bridge_config){0});
	check(bridge_input(b, 0, 0, f, 13) == -1 &&
		  port[0].dropped[DROP_SHORT] == 1,
	    "short");
	check(bridge_input(b, 0, 0, f, sizeof(f)) == -1 &&
		  port[0].dropped[DROP_LONG] == 1,
	    "longer than IP can be");
	check(bridge_input(b, 0, 0, f, 60) == -1 &&
		  port[0].dropped[DROP_SOURCE] == 1,
	    "from a group");
	memcpy(f, "\x01\x80\xc2\0\0\0\x02", 7);
	check(bridge_input(b, 0, 0, f, 60) == -1 &&
		  port[0].dropped[DROP_RESERVED] == 1,
	    "spanning tree: for the link alone");
	put_be16(f + 12, 0x8100);
	check(bridge_input(b, 0, 0, f, 14) == -1, "ends within its tag");
	bridge_free(b);
}

static void
hubs(void)
{
	struct bridge *b;

	plain();
	b = begin((struct bridge_config){.hub = true});
	input(b, 0, 1, 2, 1, 0);
	input(b, 0, 0, 1, 2, 0);
	check(sent.n == 3, "a hub learns nothing");
	bridge_free(b);
	plain();
	b = begin((struct bridge_config){.hub = true, .isolate = true});
	input(b, 0, 1, 2, 1, 0);
	check(sent.n == 1 && sent.to[0] == 0, "isolated: to the first alone");
	input(b, 0, 0, 2, 1, 0);
	check(sent.n == 3, "the first: to all");
	bridge_free(b);
}

static void
storms(void)
{
	struct bridge *b;
	int i, n = 0;

	plain();
	b = begin((struct bridge_config){.storm = 100});
	for (i = 0; i < 1000; i++)
		n += input(b, 1000, 0, 1, 255, 0) >= 0;
	check(n == 100 && port[0].dropped[DROP_STORM] == 900,
	    "storm: 100 of 1000 at once go to all");
	check(input(b, 1000, 1, 2, 255, 0) == 10,
	    "another port has its own share");
	check(input(b, 1000, 0, 1, 2, 0) == 10 && sent.n == 1,
	    "known addresses go on");
	check(input(b, 1000 + NS_PER_SEC / 50, 0, 1, 255, 0) == 10,
	    "and some more later");
	bridge_free(b);
}

static void
count(void *ctx, const struct bridge_entry *e)
{
	++*(unsigned *)ctx;
}

static void
floods(void)
{
	uint8_t f[60] = {0x02, [6] = 0x02, [7] = 1};
	unsigned n = 0, i, found = 0;
	struct bridge *b;

	plain();
	b = begin((struct bridge_config){.macs = 64});
	for (i = 0; i < 8; i++)
		input(b, i, 1, 100 + i, 255, 0);
	for (i = 0; i < 100000; i++) {
		put_be32(f + 8, i);
		sent.n = 0;
		bridge_input(b, 100 + i, 0, f, sizeof(f));
	}
	bridge_table(b, 200000, &n, count);
	check(n <= 64, "100000 addresses: the table has %u of 64", n);
	for (i = 0; i < 8; i++) {
		input(b, 200000, 2, 3, 100 + i, 0);
		found += sent.n == 1 && sent.to[0] == 1;
	}
	check(found >= 6, "%u of another port's 8 are still there", found);
	bridge_free(b);
}

int
main(void)
{
	learning();
	vlans();
	double_tags();
	refused();
	hubs();
	storms();
	floods();
	return done();
}
