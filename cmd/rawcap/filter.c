/*
 * filter.c - the words -a, -p and -t as a packet filter program.
 *
 * One pass over the frame, X being what precedes the offsets 14 and up: the
 * bytes of VLAN tags at first, then also those of the IP header, so that a
 * header always stands at [x + 14]. M[0] says that an address has matched,
 * M[1] keeps the protocol.
 *
 * An ICMP error is about the packet that it quotes (RFC 792, RFC 4443 3):
 * that one is looked at with the same code. A later fragment has no ports
 * (RFC 791 3.2): it passes by its address and protocol alone.
 *
 * A packet that ends before a field that is asked for is dropped by the
 * filter machine itself.
 */
#include <string.h>

#include "base/bytes.h"
#include "linux/bpfcode.h"
#include "rawcap.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/tcp_hdr.h"

enum {
	L3 = ETHER_HLEN,
	V6_HEADERS = 6, /* extension headers that are followed */
	V6_HOPOPTS = 0,
	V6_ROUTING = 43,
	V6_FRAGMENT = 44,
	AUTH = 51, /* RFC 4302: of v4 as well */
	V6_DSTOPTS = 60,
	MEM_ADDR = 0,
	MEM_PROTO = 1,
};

static const struct match *
of(const struct bpfcode *c)
{
	return c->ctx;
}

enum end { SOURCE, DESTINATION }; /* of a packet, as its ports stand */

static void
advance(struct bpfcode *c, uint32_t n)
{
	stmt(c, BPF_MISC | BPF_TXA, 0);
	stmt(c, BPF_ALU | BPF_ADD | BPF_K, n);
	stmt(c, BPF_MISC | BPF_TAX, 0);
}

static bool
is_v4(const uint8_t *addr)
{
	struct ip_addr a;

	memcpy(a.b, addr, sizeof(a.b));
	return ip_is_v4(&a);
}

/* of word 0 to 3 of an address, the bits that its prefix counts */
static uint32_t
mask(const struct match *m, unsigned i, unsigned word)
{
	unsigned bits = m->len[i] > 32 * word ? m->len[i] - 32 * word : 0;

	return bits >= 32 ? UINT32_MAX : ~(UINT32_MAX >> bits);
}

/* to l when the four bytes at offset are an address of the list */
static void
match_v4(struct bpfcode *c, uint32_t offset, unsigned l)
{
	bool there = false; /* in A */
	unsigned i;
	uint32_t bits;

	for (i = 0; i < of(c)->naddr; i++) {
		if (!is_v4(of(c)->addr[i]))
			continue;
		bits = mask(of(c), i, 3);
		if (!there)
			load(c, BPF_W, offset);
		there = bits == UINT32_MAX;
		if (!there)
			stmt(c, BPF_ALU | BPF_AND | BPF_K, bits);
		go_if(c, BPF_JEQ, get_be32(of(c)->addr[i] + 12) & bits, l);
	}
}

static void
match_v6(struct bpfcode *c, uint32_t offset, unsigned l)
{
	unsigned i, j, next;
	uint32_t bits;

	for (i = 0; i < of(c)->naddr; i++) {
		if (is_v4(of(c)->addr[i]))
			continue;
		next = label(c);
		/* the last word first: it differs between hosts */
		for (j = 4; j-- > 0;) {
			bits = mask(of(c), i, j);
			if (bits == 0)
				continue;
			load(c, BPF_W, offset + 4 * j);
			if (bits != UINT32_MAX)
				stmt(c, BPF_ALU | BPF_AND | BPF_K, bits);
			go_unless(c, BPF_JEQ,
			    get_be32(of(c)->addr[i] + 4 * j) & bits, next);
		}
		go(c, l);
		here(c, next);
	}
}

/* remember whether source (unless it does not count) or destination is one of
 * ours, unless known */
static void
match_addr(struct bpfcode *c, bool v6)
{
	unsigned yes, done;

	if (of(c)->naddr == 0)
		return;
	yes = label(c);
	done = label(c);
	if (v6 && !of(c)->to)
		match_v6(c, 8, yes);
	else if (!of(c)->to)
		match_v4(c, 12, yes);
	if (v6)
		match_v6(c, 24, yes);
	else
		match_v4(c, 16, yes);
	go(c, done);
	here(c, yes);
	stmt(c, BPF_LD | BPF_IMM, 1);
	stmt(c, BPF_ST, MEM_ADDR);
	here(c, done);
}

static void
need_addr(struct bpfcode *c)
{
	if (of(c)->naddr == 0)
		return;
	stmt(c, BPF_LD | BPF_MEM, MEM_ADDR);
	go_if(c, BPF_JEQ, 0, c->reject);
}

/* at the end: a port at [x + L3] must be one of ours. A phantom's is the
 * destination's of what comes to it, the source's of what it has sent */
static void
match_port(struct bpfcode *c, enum end ours)
{
	unsigned i, end;

	for (end = SOURCE; end <= DESTINATION; end++) {
		if (end != ours && !of(c)->either)
			continue;
		load(c, BPF_H, 2 * end);
		for (i = 0; i < of(c)->nport; i++)
			go_if(c, BPF_JEQ, of(c)->port[i], c->accept);
	}
	go(c, c->reject);
}

/* X goes over a header that names the next one and counts units of 1 << shift
   bytes, this many more than it says; M[1] is the next protocol */
static void
pass_header(struct bpfcode *c, uint32_t more, uint32_t shift)
{
	load(c, BPF_B, 0);
	stmt(c, BPF_ST, MEM_PROTO);
	load(c, BPF_B, 1);
	stmt(c, BPF_ALU | BPF_ADD | BPF_K, more);
	stmt(c, BPF_ALU | BPF_LSH | BPF_K, shift);
	stmt(c, BPF_ALU | BPF_ADD | BPF_X, 0);
	stmt(c, BPF_MISC | BPF_TAX, 0);
}

/* X goes over the headers of v4; A and M[1] are the protocol */
static void
pass_v4(struct bpfcode *c, unsigned fragment)
{
	unsigned done = label(c);

	load(c, BPF_B, 9);
	stmt(c, BPF_ST, MEM_PROTO);
	load(c, BPF_H, 6);
	go_if(c, BPF_JSET, 0x1fff, fragment);
	load(c, BPF_B, 0);
	stmt(c, BPF_ALU | BPF_AND | BPF_K, 0x0f);
	stmt(c, BPF_ALU | BPF_LSH | BPF_K, 2);
	stmt(c, BPF_ALU | BPF_ADD | BPF_X, 0);
	stmt(c, BPF_MISC | BPF_TAX, 0);
	stmt(c, BPF_LD | BPF_MEM, MEM_PROTO);
	go_unless(c, BPF_JEQ, AUTH, done);
	pass_header(c, 2, 2);
	here(c, done);
	stmt(c, BPF_LD | BPF_MEM, MEM_PROTO);
}

/* one extension header of v6 (RFC 8200 4), if there is one */
static void
pass_extension(struct bpfcode *c, unsigned fragment, unsigned done)
{
	unsigned options = label(c), frag = label(c), next = label(c);
	unsigned auth = label(c);

	stmt(c, BPF_LD | BPF_MEM, MEM_PROTO);
	go_if(c, BPF_JEQ, V6_FRAGMENT, frag);
	go_if(c, BPF_JEQ, V6_HOPOPTS, options);
	go_if(c, BPF_JEQ, V6_ROUTING, options);
	go_if(c, BPF_JEQ, V6_DSTOPTS, options);
	go_if(c, BPF_JEQ, AUTH, auth);
	go(c, done);
	here(c, auth);
	pass_header(c, 2, 2);
	go(c, next);
	here(c, frag);
	load(c, BPF_B, 0);
	stmt(c, BPF_ST, MEM_PROTO);
	load(c, BPF_H, 2);
	go_if(c, BPF_JSET, 0xfff8, fragment);
	advance(c, 8);
	go(c, next);
	here(c, options);
	pass_header(c, 1, 3);
	here(c, next);
}

static void
pass_v6(struct bpfcode *c, unsigned fragment)
{
	unsigned done = label(c), i;

	load(c, BPF_B, 6);
	stmt(c, BPF_ST, MEM_PROTO);
	advance(c, 40);
	for (i = 0; i < V6_HEADERS; i++)
		pass_extension(c, fragment, done);
	here(c, done);
	stmt(c, BPF_LD | BPF_MEM, MEM_PROTO);
}

/* the packet that an error quotes, at [x + L3] */
static void
match_quoted(struct bpfcode *c, bool v6)
{
	unsigned ports = label(c);

	if (!of(c)->to)
		match_addr(c, v6);
	need_addr(c);
	if (of(c)->nport == 0) {
		go(c, c->accept);
		here(c, ports);
		return;
	}
	if (v6)
		pass_v6(c, c->accept);
	else
		pass_v4(c, c->accept);
	go_if(c, BPF_JEQ, PROTO_TCP, ports);
	go_unless(c, BPF_JEQ, PROTO_UDP, c->reject);
	here(c, ports);
	match_port(c, SOURCE);
}

static void
match_icmp4(struct bpfcode *c)
{
	unsigned error = label(c);

	load(c, BPF_B, 0);
	go_if(c, BPF_JEQ, 3, error);  /* unreachable */
	go_if(c, BPF_JEQ, 4, error);  /* source quench, of old */
	go_if(c, BPF_JEQ, 5, error);  /* redirect */
	go_if(c, BPF_JEQ, 11, error); /* time exceeded */
	go_if(c, BPF_JEQ, 12, error); /* parameter problem */
	go(c, c->reject);
	here(c, error);
	advance(c, 8);
	match_quoted(c, false);
}

/* errors have types under 128 (RFC 4443 2.1); ND names a target */
static void
match_icmp6(struct bpfcode *c)
{
	unsigned target = label(c), other = label(c);

	load(c, BPF_B, 0);
	go_if(c, BPF_JGE, 128, other);
	advance(c, 8);
	match_quoted(c, true);
	here(c, other);
	if (of(c)->nport == 0) {
		go_if(c, BPF_JEQ, 135, target);
		go_unless(c, BPF_JEQ, 136, c->reject);
		here(c, target);
		match_v6(c, 8, c->accept);
	}
	go(c, c->reject);
}

/* addresses and ports of a packet of the right type */
static void
match_rest(struct bpfcode *c, bool v6)
{
	unsigned ports = label(c), icmp = label(c);

	if (of(c)->nport == 0) {
		if (of(c)->naddr == 0)
			go(c, c->accept);
		stmt(c, BPF_LD | BPF_MEM, MEM_ADDR);
		go_if(c, BPF_JEQ, 1, c->accept);
	}
	stmt(c, BPF_LD | BPF_MEM, MEM_PROTO);
	go_if(c, BPF_JEQ, v6 ? PROTO_ICMP6 : PROTO_ICMP, icmp);
	need_addr(c);
	if (of(c)->nport == 0)
		go(c, c->reject);
	stmt(c, BPF_LD | BPF_MEM, MEM_PROTO);
	go_if(c, BPF_JEQ, PROTO_TCP, ports);
	go_unless(c, BPF_JEQ, PROTO_UDP, c->reject);
	here(c, ports);
	match_port(c, DESTINATION);
	here(c, icmp);
	if (v6)
		match_icmp6(c);
	else
		match_icmp4(c);
}

/* to l when the protocol in A is none that has a word */
static void
match_other(struct bpfcode *c, bool v6, unsigned l)
{
	go_if(c, BPF_JEQ, PROTO_TCP, c->reject);
	go_if(c, BPF_JEQ, PROTO_UDP, c->reject);
	go_if(c, BPF_JEQ, v6 ? PROTO_ICMP6 : PROTO_ICMP, c->reject);
	go(c, l);
}

/* the protocol is in A, its header at [x + L3]: types, then the rest */
static void
match_l4(struct bpfcode *c, bool v6)
{
	unsigned right = label(c), nd = label(c), types = of(c)->types;

	if (types & MATCH_TCP)
		go_if(c, BPF_JEQ, PROTO_TCP, right);
	if (types & MATCH_UDP)
		go_if(c, BPF_JEQ, PROTO_UDP, right);
	if (types & MATCH_ICMP)
		go_if(c, BPF_JEQ, v6 ? PROTO_ICMP6 : PROTO_ICMP, right);
	else if (v6 && (types & MATCH_ARP))
		go_if(c, BPF_JEQ, PROTO_ICMP6, nd);
	if (types & MATCH_OTHER)
		match_other(c, v6, right);
	if (types != 0)
		go(c, c->reject);
	here(c, nd);
	if (v6 && !(types & MATCH_ICMP) && (types & MATCH_ARP)) {
		load(c, BPF_B, 0); /* RFC 4861 4: 133 to 137 */
		stmt(c, BPF_ALU | BPF_SUB | BPF_K, 133);
		go_if(c, BPF_JGT, 137 - 133, c->reject);
	}
	here(c, right);
	if (of(c)->connected) {
		load(c, BPF_B, 13);
		stmt(c, BPF_ALU | BPF_AND | BPF_K, TH_SYN | TH_ACK);
		go_if(c, BPF_JEQ, TH_SYN, c->reject);
	}
	match_rest(c, v6);
}

/* a later fragment: the protocol is all that it shows, of the first header
   behind, which may be an extension or AH: let that pass */
static void
match_fragment(struct bpfcode *c, bool v6)
{
	unsigned types = of(c)->types;

	need_addr(c);
	if (types == 0)
		go(c, c->accept);
	stmt(c, BPF_LD | BPF_MEM, MEM_PROTO);
	if (types & MATCH_TCP)
		go_if(c, BPF_JEQ, PROTO_TCP, c->accept);
	if (types & MATCH_UDP)
		go_if(c, BPF_JEQ, PROTO_UDP, c->accept);
	if (types & MATCH_ICMP)
		go_if(c, BPF_JEQ, v6 ? PROTO_ICMP6 : PROTO_ICMP, c->accept);
	if (v6 && (types & ~(unsigned)MATCH_ARP) != 0)
		go_if(c, BPF_JEQ, V6_DSTOPTS, c->accept);
	if (types & ~(unsigned)MATCH_ARP)
		go_if(c, BPF_JEQ, AUTH, c->accept);
	if (types & MATCH_OTHER)
		match_other(c, v6, c->accept);
	go(c, c->reject);
}

static void
match_ip(struct bpfcode *c, bool v6)
{
	unsigned fragment = label(c);

	match_addr(c, v6);
	if (v6)
		pass_v6(c, fragment);
	else
		pass_v4(c, fragment);
	match_l4(c, v6);
	here(c, fragment);
	match_fragment(c, v6);
}

/* RFC 826: sender and target protocol address */
static void
match_arp(struct bpfcode *c)
{
	unsigned types = of(c)->types;

	if ((types != 0 && !(types & MATCH_ARP)) || of(c)->nport > 0) {
		go(c, c->reject);
		return;
	}
	if (of(c)->naddr == 0) {
		go(c, c->accept);
		return;
	}
	load(c, BPF_H, 2);
	go_unless(c, BPF_JEQ, ETHER_IP4, c->reject);
	match_v4(c, 14, c->accept);
	match_v4(c, 24, c->accept);
	go(c, c->reject);
}

/* A = the type behind the tags, X = the tags' bytes */
static void
match_ether(struct bpfcode *c)
{
	unsigned arp = label(c), ip4 = label(c), ip6 = label(c);

	stmt(c, BPF_LD | BPF_IMM, of(c)->naddr == 0);
	stmt(c, BPF_ST, MEM_ADDR);
	stmt(c, BPF_ST, MEM_PROTO);
	load_type(c, ETHER_MAXTAGS);
	go_if(c, BPF_JEQ, ETHER_IP4, ip4);
	go_if(c, BPF_JEQ, ETHER_IP6, ip6);
	go_if(c, BPF_JEQ, ETHER_ARP, arp);
	go(c, c->reject);
	here(c, arp);
	match_arp(c);
	here(c, ip4);
	match_ip(c, false);
	here(c, ip6);
	match_ip(c, true);
}

int
match_compile(const struct match *match, struct bpf *b)
{
	struct match m = *match;
	struct bpfcode c;

	/* address and port are those of one end */
	if (m.nport > 0 && !m.either)
		m.to = true;
	code_start(&c, b->f, BPF_MAX);
	c.ctx = &m;
	match_ether(&c);
	b->n = code_end(&c, BPF_KEEP);
	return b->n > 0 && bpf_check(b) == NULL ? 0 : -1;
}
