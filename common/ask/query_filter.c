/*
 * query_filter.c - what the kernel lets through to an exchange's socket
 * (classic BPF): ARP, Neighbor Discovery, and what is for the source. Other
 * traffic of the interface costs nothing. It judges no more than it must.
 * Linux only.
 *
 * The program is a row of conjunctions. Each is a list of loads and
 * comparisons and ends in "accept"; where one fails, the next list begins.
 */
#include <linux/filter.h>

#include "ask/query.h"
#include "ask/query_var.h"
#include "base/bytes.h"
#include "base/chance.h"
#include "base/clock.h"
#include "linux/gate.h"
#include "linux/pktsock.h"
#include "pipe/stream.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/neigh.h"

enum {
	PROGRAM_MAX = 400,
	TERMS_MAX = 10,
	ALL = 262144,
	AT_TYPE = 12,
	AT_PROTO4 = 14 + 9,
	AT_DST4 = 14 + 16,
	AT_NEXT6 = 14 + 6,
	AT_DST6 = 14 + 24,
	AT_ICMP6 = 14 + 40,
	NS = 135,
	NA = 136,
};

struct term {
	uint16_t size; /* BPF_B, BPF_H, BPF_W */
	uint32_t at, is;
};

struct list {
	struct term t[TERMS_MAX];
	unsigned n;
};

static struct sock_filter code[PROGRAM_MAX];
static unsigned short used;

static void and (struct list * l, uint16_t size, uint32_t at, uint32_t is)
{
	l->t[l->n++] = (struct term){size, at, is};
}

/* accept - the frames for which all of the list is true */
static void
accept_if(const struct list *l)
{
	unsigned i;

	if (used + 2 * l->n + 2 > PROGRAM_MAX)
		return;
	for (i = 0; i < l->n; i++) {
		code[used++] = (struct sock_filter)BPF_STMT(
		    BPF_LD | l->t[i].size | BPF_ABS, l->t[i].at);
		code[used++] = (struct sock_filter)BPF_JUMP(
		    BPF_JMP | BPF_JEQ | BPF_K, l->t[i].is, 0,
		    (uint8_t)(2 * (l->n - i - 1) + 1));
	}
	code[used++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, ALL);
}

static void
and_mac(struct list *l, const uint8_t mac[6])
{
	and(l, BPF_W, 0, get_be32(mac));
	and(l, BPF_H, 4, get_be16(mac + 4));
}

/* for_us - packets of one protocol to this MAC, and to the source address */
static void
for_us(const struct query *x, const uint8_t mac[6], bool v6, uint8_t proto,
    bool any_address)
{
	struct list l = {.n = 0};
	unsigned i;

	if (!any_address && ip_is_v4(&x->src) == v6)
		return;
	and_mac(&l, mac);
	and(&l, BPF_H, AT_TYPE, v6 ? ETHER_IP6 : ETHER_IP4);
	and(&l, BPF_B, v6 ? AT_NEXT6 : AT_PROTO4, proto);
	if (!any_address && !v6)
		and(&l, BPF_W, AT_DST4, get_be32(x->src.b + 12));
	for (i = 0; !any_address && v6 && i < 4; i++)
		and(&l, BPF_W, AT_DST6 + 4 * i, get_be32(x->src.b + 4 * i));
	accept_if(&l);
}

static void
neighbours(void)
{
	struct list arp = {.n = 0};
	unsigned type;

	and(&arp, BPF_H, AT_TYPE, ETHER_ARP);
	accept_if(&arp);
	for (type = NS; type <= NA; type++) {
		struct list nd = {.n = 0};

		and(&nd, BPF_H, AT_TYPE, ETHER_IP6);
		and(&nd, BPF_B, AT_NEXT6, PROTO_ICMP6);
		and(&nd, BPF_B, AT_ICMP6, type);
		accept_if(&nd);
	}
}

void
query_filter(const struct query *x, struct sock_fprog *prog)
{
	static const uint8_t all[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
	static const uint8_t extension[] = {0, 43, 44, 51, 60};
	bool any = x->o->no_source || !x->has_src || x->o->sources > 1;
	unsigned i;

	used = 0;
	neighbours();
	for_us(x, x->mac.b, false, PROTO_ICMP, any);
	for_us(x, x->mac.b, true, PROTO_ICMP6, any);
	for (i = 0; i < sizeof(extension); i++)
		for_us(x, x->mac.b, true, extension[i], any);
	for (i = 0; i < 2; i++) {
		if (x->o->udp)
			for_us(x, x->mac.b, i, PROTO_UDP, any);
		if (x->o->tcp)
			for_us(x, x->mac.b, i, PROTO_TCP, any);
	}
	if (x->o->broadcast && x->o->udp)
		for_us(x, all, false, PROTO_UDP, true);
	code[used++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 0);
	prog->len = used;
	prog->filter = code;
}
