/*
 * divide_test.c - rawcap's filters of a flood: each frame that the program
 * takes is taken by one of the two, with as many bytes. Prints TAP.
 */
#include <stdlib.h>
#include <string.h>

#include "cmd/rawcap/rawcap.h"
#include "tap.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/tcp_hdr.h"

enum { FRAME = 256, PORT_OFFSET = 2, AH = 51 };

struct frame {
	uint8_t b[FRAME];
	uint32_t len;
};

static struct bpf rest, apart;

static void
byte(struct frame *f, unsigned b)
{
	f->b[f->len++] = (uint8_t)b;
}

static void
half(struct frame *f, unsigned b)
{
	byte(f, b >> 8);
	byte(f, b);
}

static void
zeros(struct frame *f, unsigned n)
{
	f->len += n;
}

/* ether - with so many tags, and what is in it */
static struct frame
ether(unsigned tags, unsigned type)
{
	struct frame f = {{0}, 12};

	while (tags-- > 0) {
		half(&f, ETHER_VLAN);
		half(&f, 5);
	}
	half(&f, type);
	return f;
}

/* v4 - a header with so many words of options, a fragment's offset */
static struct frame
v4(unsigned tags, unsigned options, unsigned offset, unsigned proto)
{
	struct frame f = ether(tags, ETHER_IP4);

	byte(&f, 0x45 + options);
	zeros(&f, 5);
	half(&f, offset / 8);
	byte(&f, 64);
	byte(&f, proto);
	zeros(&f, 10 + 4 * options);
	return f;
}

/* v6 - with a destination option of 8 bytes, or none */
static struct frame
v6(unsigned tags, bool option, unsigned proto)
{
	struct frame f = ether(tags, ETHER_IP6);

	byte(&f, 0x60);
	zeros(&f, 5);
	byte(&f, option ? 60 : proto);
	zeros(&f, 33);
	if (option) {
		byte(&f, proto);
		zeros(&f, 7);
	}
	return f;
}

/* ah - behind an authentication header (RFC 4302) of 24 bytes */
static struct frame
ah(struct frame f)
{
	byte(&f, PROTO_TCP);
	byte(&f, 4);
	zeros(&f, 22);
	return f;
}

static struct frame
tcp(struct frame f, unsigned flags)
{
	half(&f, 1000);
	half(&f, 80);
	zeros(&f, 9);
	byte(&f, flags);
	zeros(&f, 6);
	return f;
}

static bool
takes(const struct bpf *b, const struct frame *f)
{
	return bpf_run(b, f->b, f->len, f->len) != 0;
}

static void
is(struct frame f, bool in_rest, const char *what)
{
	check(takes(&rest, &f) == in_rest && takes(&apart, &f) == !in_rest,
	    "%s: %s", what, in_rest ? "with the connections" : "apart");
}

static void
test_kinds(void)
{
	const struct bpf each = {NULL, 0};
	unsigned t;

	check(bpf_divide(&each, &rest, &apart) == 0, "without a filter");
	for (t = 0; t <= ETHER_MAXTAGS; t++) {
		is(tcp(v4(t, 0, 0, PROTO_TCP), TH_SYN), false, "SYN, v4");
		is(tcp(v4(t, 0, 0, PROTO_TCP), TH_SYN | TH_ACK), true,
		    "SYN with ACK, v4");
		is(tcp(v4(t, 5, 0, PROTO_TCP), TH_SYN | TH_ECE | TH_CWR), false,
		    "SYN that asks for ECN, behind options, v4");
		is(tcp(v4(t, 5, 0, PROTO_TCP), TH_ACK), true,
		    "ACK behind options, v4");
		is(tcp(v4(t, 0, 0, PROTO_TCP), TH_RST), true, "RST, v4");
		is(tcp(v4(t, 0, 8, PROTO_TCP), TH_SYN), true,
		    "a later fragment of TCP, v4");
		is(v4(t, 0, 0, PROTO_UDP), false, "UDP, v4");
		is(v4(t, 0, 0, PROTO_ICMP), false, "ICMP");
		is(tcp(v6(t, false, PROTO_TCP), TH_SYN), false, "SYN, v6");
		is(tcp(v6(t, true, PROTO_TCP), TH_SYN), false,
		    "SYN behind an extension header, v6");
		is(tcp(v6(t, true, PROTO_TCP), TH_ACK), true,
		    "ACK behind an extension header, v6");
		is(tcp(ah(v4(t, 5, 0, AH)), TH_SYN), false, "SYN in AH, v4");
		is(tcp(ah(v4(t, 5, 0, AH)), TH_ACK), true, "ACK in AH, v4");
		is(tcp(ah(v6(t, true, AH)), TH_SYN), false, "SYN in AH, v6");
		is(tcp(ah(v6(t, true, AH)), TH_ACK), true, "ACK in AH, v6");
		is(v6(t, false, PROTO_ICMP6), false, "ICMPv6");
		is(ether(t, ETHER_ARP), false, "ARP");
		is(ether(t, 0x88cc), false, "LLDP");
	}
}

/* in_ah - -p finds the port behind AH */
static void
in_ah(struct frame f, const char *version)
{
	struct match m = {.port = {80}, .nport = 1};
	struct sock_filter room[BPF_MAX];
	struct bpf b = {room, 0};

	f = tcp(ah(f), TH_SYN);
	check(match_compile(&m, &b) == 0 && takes(&b, &f),
	    "-p: a port in AH, %s", version);
	m.port[0] = 81;
	check(match_compile(&m, &b) == 0 && !takes(&b, &f),
	    "-p: another port in AH, %s", version);
}

/* the program's own choice stays, and its count of bytes */
static void
test_program(void)
{
	struct sock_filter to80[] = {
	    BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 14 + 20 + PORT_OFFSET),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 80, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, 60),
	    BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct bpf b = {to80, 4};
	struct frame f = tcp(v4(0, 0, 0, PROTO_TCP), TH_ACK);

	check(bpf_divide(&b, &rest, &apart) == 0 && bpf_check(&rest) == NULL &&
		  bpf_check(&apart) == NULL,
	    "a program: both are programs");
	check(bpf_run(&rest, f.b, f.len, f.len) == 60 && !takes(&apart, &f),
	    "a program: an ACK that it takes, cut as it wants");
	f.b[14 + 20 + 3] = 81;
	check(!takes(&rest, &f) && !takes(&apart, &f),
	    "a program: what it refuses");
}

static void
test_impossible(void)
{
	struct sock_filter a[] = {BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),
	    BPF_STMT(BPF_RET | BPF_A, 0)};
	struct sock_filter two[] = {BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 60, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, 60), BPF_STMT(BPF_RET | BPF_K, 70)};
	struct bpf b = {calloc(BPF_MAX, sizeof(*b.f)), BPF_MAX};
	unsigned i;

	check(bpf_divide(&(struct bpf){a, 2}, &rest, &apart) != 0,
	    "one that returns A is not divided");
	check(bpf_divide(&(struct bpf){two, 4}, &rest, &apart) != 0,
	    "nor one that cuts in two ways");
	for (i = 0; b.f != NULL && i < BPF_MAX; i++)
		b.f[i] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 1);
	check(b.f != NULL && bpf_divide(&b, &rest, &apart) != 0,
	    "nor the longest");
	free(b.f);
}

int
main(void)
{
	rest.f = calloc(BPF_MAX, sizeof(*rest.f));
	apart.f = calloc(BPF_MAX, sizeof(*apart.f));
	if (rest.f == NULL || apart.f == NULL)
		return 1;
	test_kinds();
	in_ah(v4(0, 5, 0, AH), "v4");
	in_ah(v6(1, true, AH), "v6");
	test_program();
	test_impossible();
	free(rest.f);
	free(apart.f);
	return done();
}
