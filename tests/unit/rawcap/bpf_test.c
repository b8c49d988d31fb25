/*
 * bpf_test.c - rawcap's filter machine on frames with VLAN tags: one of VLAN
 * 0 is as if it were not there (IEEE 802.1Q 6.9); and programs with jumps near
 * and far, as linux/bpfcode.h makes them. Prints TAP.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "cmd/rawcap/rawcap.h"
#include "linux/bpfcode.h"
#include "tap.h"
#include "wire/ether.h"

enum { FRAME = 64 };

/* tcpdump -ddd 'ip and udp port 67', without what it says about IPv6 */
static const char program[] = "10\n40 0 0 12\n21 0 7 2048\n48 0 0 23\n21 0 5 17"
			      "\n177 0 0 14\n72 0 0 14\n21 1 0 67\n72 0 0 16\n"
			      "6 0 0 262144\n6 0 0 0\n";

/* frame - UDP from port 67, behind a tag unless tci is -1 */
static uint32_t
frame(uint8_t *f, int tci)
{
	uint32_t at = 12;

	memset(f, 0, FRAME);
	if (tci >= 0) {
		put_be16(f + at, ETHER_VLAN);
		put_be16(f + at + 2, (uint16_t)tci);
		at += 4;
	}
	put_be16(f + at, ETHER_IP4);
	f[at + 2] = 0x45;
	f[at + 2 + 9] = 17;
	put_be16(f + at + 2 + 20, 67);
	return at + 2 + 28;
}

static uint32_t
run(const struct bpf *b, int tci, uint32_t cut)
{
	uint8_t f[FRAME];
	uint32_t n = frame(f, tci) - cut;
	uint8_t *copy = malloc(n);
	uint32_t keep;

	memcpy(copy, f, n); /* nothing behind it is read */
	keep = bpf_run(b, copy, n, n);
	free(copy);
	return keep;
}

/* ways - by the first byte of a frame to one of 256 returns, the first ones
   of which are far; by the second byte over some of them */
static unsigned
ways(struct bpfcode *c, struct sock_filter *f, unsigned room)
{
	unsigned i, to[256], odd;

	code_start(c, f, room);
	odd = label(c);
	stmt(c, BPF_LD | BPF_B | BPF_ABS, 1);
	go_unless(c, BPF_JEQ, 0, odd);
	stmt(c, BPF_LD | BPF_B | BPF_ABS, 0);
	for (i = 0; i < 256; i++) {
		to[i] = label(c);
		go_if(c, BPF_JEQ, i, to[i]);
	}
	go(c, c->accept);
	here(c, odd);
	go_if(c, BPF_JEQ, 1, c->accept);
	go_unless(c, BPF_JGE, 3, c->reject);
	for (i = 256; i-- > 0;) {
		here(c, to[i]);
		stmt(c, BPF_RET | BPF_K, 1000 + i);
	}
	return code_end(c, 7);
}

static void
check_ways(struct bpf *b)
{
	static struct bpfcode c;
	uint8_t f[16] = {0};
	unsigned i, wrong = 0;

	b->n = ways(&c, b->f, BPF_MAX);
	check(b->n > 0 && bpf_check(b) == NULL, "a program of labels");
	check(b->n < 2 * 256 + 256 + 8, "near jumps take one instruction");
	for (i = 0; i < 256; i++) {
		f[0] = (uint8_t)i;
		wrong += bpf_run(b, f, sizeof(f), sizeof(f)) != 1000 + i;
	}
	check(wrong == 0, "each jump lands where its label stands");
	f[1] = 1;
	check(bpf_run(b, f, sizeof(f), sizeof(f)) == 7, "one is to the end");
	f[1] = 2;
	check(bpf_run(b, f, sizeof(f), sizeof(f)) == 0, "one is refused");
	f[1] = 3;
	check(bpf_run(b, f, sizeof(f), sizeof(f)) == 1255, "or goes on");
	check(ways(&c, b->f, 100) == 0, "a program without room is none");
}

int
main(void)
{
	static struct sock_filter code[BPF_MAX];
	static struct bpf b = {.f = code};

	check(bpf_parse(&b, program, sizeof program - 1) == NULL, "a program");
	check(run(&b, -1, 0) > 0, "takes a frame without tag");
	check(run(&b, 0, 0) > 0 && run(&b, 0xe000, 0) > 0,
	    "and with a priority tag");
	check(run(&b, 5, 0) == 0, "not one of another VLAN");
	check(run(&b, 0, 8) == 0 && run(&b, -1, 8) == 0,
	    "nor one that ends before the ports");
	check_ways(&b);
	return done();
}
