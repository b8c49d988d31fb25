/*
 * query_filter.c - what the kernel lets through to an exchange's socket
 * (classic BPF): ARP, Neighbor Discovery, and what is for the source. Other
 * traffic of the interface costs nothing. It judges no more than it must.
 * Linux only.
 */
#include <linux/filter.h>

#include "ask/query.h"
#include "ask/query_var.h"
#include "base/bytes.h"
#include "linux/bpfcode.h"
#include "linux/gate.h"
#include "linux/pktsock.h"
#include "pipe/stream.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/neigh.h"

enum {
	PROGRAM_MAX = 400,
	KEEP = 262144,
	AT_TYPE = 12,
	AT_PROTO4 = 14 + 9,
	AT_DST4 = 14 + 16,
	AT_NEXT6 = 14 + 6,
	AT_DST6 = 14 + 24,
	AT_ICMP6 = 14 + 40,
	NS = 135,
	NA = 136,
};

/* need - to l unless the field at this offset of the frame has this value */
static void
need(struct bpfcode *c, uint16_t size, uint32_t at, uint32_t is, unsigned l)
{
	stmt(c, BPF_LD | size | BPF_ABS, at);
	go_unless(c, BPF_JEQ, is, l);
}

/* for_us - packets of one protocol to this MAC, and to the source address */
static void
for_us(struct bpfcode *c, const struct query *x, const uint8_t mac[6], bool v6,
    uint8_t proto, bool any_address)
{
	unsigned i, other = label(c);

	if (!any_address && ip_is_v4(&x->src) == v6)
		return;
	need(c, BPF_W, 0, get_be32(mac), other);
	need(c, BPF_H, 4, get_be16(mac + 4), other);
	need(c, BPF_H, AT_TYPE, v6 ? ETHER_IP6 : ETHER_IP4, other);
	need(c, BPF_B, v6 ? AT_NEXT6 : AT_PROTO4, proto, other);
	if (!any_address && !v6)
		need(c, BPF_W, AT_DST4, get_be32(x->src.b + 12), other);
	for (i = 0; !any_address && v6 && i < 4; i++)
		need(c, BPF_W, AT_DST6 + 4 * i, get_be32(x->src.b + 4 * i),
		    other);
	go(c, c->accept);
	here(c, other);
}

static void
neighbours(struct bpfcode *c)
{
	unsigned other = label(c);

	stmt(c, BPF_LD | BPF_H | BPF_ABS, AT_TYPE);
	go_if(c, BPF_JEQ, ETHER_ARP, c->accept);
	go_unless(c, BPF_JEQ, ETHER_IP6, other);
	need(c, BPF_B, AT_NEXT6, PROTO_ICMP6, other);
	stmt(c, BPF_LD | BPF_B | BPF_ABS, AT_ICMP6);
	go_if(c, BPF_JEQ, NS, c->accept);
	go_if(c, BPF_JEQ, NA, c->accept);
	here(c, other);
}

void
query_filter(const struct query *x, struct sock_fprog *prog)
{
	static const uint8_t all[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
	static const uint8_t extension[] = {0, 43, 44, 51, 60};
	static struct sock_filter code[PROGRAM_MAX];
	static struct bpfcode c;
	bool any = x->o->no_source || !x->has_src || x->o->sources > 1;
	unsigned i;

	code_start(&c, code, PROGRAM_MAX);
	neighbours(&c);
	for_us(&c, x, x->mac.b, false, PROTO_ICMP, any);
	for_us(&c, x, x->mac.b, true, PROTO_ICMP6, any);
	for (i = 0; i < sizeof(extension); i++)
		for_us(&c, x, x->mac.b, true, extension[i], any);
	for (i = 0; i < 2; i++) {
		if (x->o->udp)
			for_us(&c, x, x->mac.b, i, PROTO_UDP, any);
		if (x->o->tcp)
			for_us(&c, x, x->mac.b, i, PROTO_TCP, any);
	}
	if (x->o->broadcast && x->o->udp)
		for_us(&c, x, all, false, PROTO_UDP, true);
	go(&c, c.reject);
	prog->len = (unsigned short)code_end(&c, KEEP);
	prog->filter = code;
}
