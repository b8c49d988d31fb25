/*
 * compiler.h - a packet filter program as it grows, with labels that are put
 * in after the jumps to them.
 */
#ifndef RAWCAP_COMPILER_H
#define RAWCAP_COMPILER_H

#include <stdbool.h>
#include <stdint.h>

enum { LABELS_MAX = 4096 };

struct bpf;
struct match;

struct compiler {
	const struct match *m;
	struct bpf *b;
	unsigned at[LABELS_MAX]; /* where a label stands */
	unsigned labels;
	bool full;
	unsigned accept, reject;
};

/* stmt - one instruction */
void stmt(struct compiler *, uint16_t code, uint32_t k);

/* label, here - a new one; it stands before the next instruction */
unsigned label(struct compiler *);
void here(struct compiler *, unsigned label);

/* go, go_if, go_unless - a jump of any length, when A and k pass the test */
void go(struct compiler *, unsigned label);
void go_if(struct compiler *, uint16_t test, uint32_t k, unsigned label);
void go_unless(struct compiler *, uint16_t test, uint32_t k, unsigned label);

/* load - A = the field of this size at an offset of the header at [x + 14] */
void load(struct compiler *, uint16_t size, uint32_t offset);

/* resolve - labels become distances */
void resolve(struct compiler *);

#endif
