/*
 * filter.c - the socket filter (classic BPF): ARP, ICMPv6 types 135 and 136,
 * DHCP; of other IP packets the headers, of broadcasts all, of the rest one in
 * many, so that bulk traffic costs this program nothing. It judges no more
 * than it must; nd.c does. One of many other frames that this host sends is
 * let through as a sample. Linux only.
 */
#include <linux/filter.h>
#include <linux/if_packet.h>

#include "filter.h"
#include "linux/bpfcode.h"
#include "linux/gate.h"
#include "wire/ether.h"
#include "wire/ip.h"

enum {
	TAGS_MAX = 2,
	NS = 135,
	NA = 136,
	AT_NEXT = 6, /* behind the tags, in the IPv6 header */
	AT_ICMP = 40,
	AT_IHL = 0, /* in the IPv4 header */
	NO_OPTIONS = 0x45,
	AT_FRAG = 6,
	FRAGMENT = 0x3fff,
	AT_PROTO = 9,
	AT_SPORT = 20,
	AT_DPORT = 22,
	DHCP_SERVER = 67,
	KEEP = 262144,
	SIGN = 14 + 8 + 40, /* up to the addresses of a packet */
	SIGN_IN = 64,	    /* powers of two: one in this many */
	ONE_IN = 4096,
	PROGRAM_MAX = 128,
};

/* load_about - A = what the kernel knows about the frame */
static void
load_about(struct bpfcode *c, uint32_t what)
{
	stmt(c, BPF_LD | BPF_W | BPF_ABS, (uint32_t)SKF_AD_OFF + what);
}

/* ip6 - Neighbor Discovery is accepted, the rest goes to plain */
static void
ip6(struct bpfcode *c, unsigned plain)
{
	load(c, BPF_B, AT_NEXT);
	go_unless(c, BPF_JEQ, PROTO_ICMP6, plain);
	load(c, BPF_B, AT_ICMP);
	go_if(c, BPF_JEQ, NS, c->accept);
	go_if(c, BPF_JEQ, NA, c->accept);
	go(c, plain);
}

/* ip4 - DHCP from or to a server is accepted, the rest goes to plain */
static void
ip4(struct bpfcode *c, unsigned plain)
{
	load(c, BPF_B, AT_IHL);
	go_unless(c, BPF_JEQ, NO_OPTIONS, plain);
	load(c, BPF_B, AT_PROTO);
	go_unless(c, BPF_JEQ, PROTO_UDP, plain);
	load(c, BPF_H, AT_FRAG);
	go_if(c, BPF_JSET, FRAGMENT, plain);
	load(c, BPF_H, AT_SPORT);
	go_if(c, BPF_JEQ, DHCP_SERVER, c->accept);
	load(c, BPF_H, AT_DPORT);
	go_if(c, BPF_JEQ, DHCP_SERVER, c->accept);
	go(c, plain);
}

/* sample - what this host sends: the head of one frame in many */
static void
sample(struct bpfcode *c)
{
	load_about(c, SKF_AD_RANDOM);
	go_if(c, BPF_JSET, ONE_IN - 1, c->reject);
	stmt(c, BPF_RET | BPF_K, GATE_SAMPLE);
}

/* plain_ip - the head of a broadcast, or of one frame in some */
static void
plain_ip(struct bpfcode *c, unsigned sent)
{
	unsigned sign = label(c);

	load_about(c, SKF_AD_PKTTYPE);
	go_if(c, BPF_JEQ, PACKET_OUTGOING, sent);
	go_if(c, BPF_JEQ, PACKET_BROADCAST, sign);
	load_about(c, SKF_AD_RANDOM);
	go_if(c, BPF_JSET, SIGN_IN - 1, c->reject);
	here(c, sign);
	stmt(c, BPF_RET | BPF_K, SIGN);
}

const struct sock_fprog *
filter_neigh(void)
{
	static struct sock_filter code[PROGRAM_MAX];
	static struct sock_fprog prog = {.filter = code};
	static struct bpfcode c;
	unsigned v4, v6, plain, sent;

	code_start(&c, code, PROGRAM_MAX);
	v4 = label(&c);
	v6 = label(&c);
	plain = label(&c);
	sent = label(&c);
	load_type(&c, TAGS_MAX);
	go_if(&c, BPF_JEQ, ETHER_ARP, c.accept);
	go_if(&c, BPF_JEQ, ETHER_IP6, v6);
	go_if(&c, BPF_JEQ, ETHER_IP4, v4);
	load_about(&c, SKF_AD_PKTTYPE);
	go_if(&c, BPF_JEQ, PACKET_OUTGOING, sent);
	go(&c, c.reject);
	here(&c, v6);
	ip6(&c, plain);
	here(&c, v4);
	ip4(&c, plain);
	here(&c, plain);
	plain_ip(&c, sent);
	here(&c, sent);
	sample(&c);
	prog.len = (unsigned short)code_end(&c, KEEP);
	return &prog;
}
