/*
 * bpfcode.h - a program of the classic BSD packet filter as it grows, with
 * labels that are put in after the jumps to them; for socket filters that are
 * made at run time. Linux only.
 */
#ifndef LINUX_BPFCODE_H
#define LINUX_BPFCODE_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/filter.h>

enum { BPFCODE_MAX = 4096, BPFCODE_LABELS = 4096 };

struct bpfcode {
	struct sock_filter *f; /* room for this many instructions: */
	unsigned room;
	unsigned n; /* there so far */
	bool full;  /* the program is larger, or has too many labels */
	unsigned accept, reject;	     /* labels of the two ends */
	const void *ctx;		     /* the maker's own */
	unsigned labels, at[BPFCODE_LABELS]; /* where a label stands */
	unsigned place[BPFCODE_MAX + 1];     /* of instructions at the end */
};

/* code_start - an empty program in f; the labels accept and reject are there */
void code_start(struct bpfcode *, struct sock_filter *f, unsigned room);

/* stmt - one instruction */
void stmt(struct bpfcode *, uint16_t code, uint32_t k);

/* label, here - a new one; it stands before the next instruction */
unsigned label(struct bpfcode *);
void here(struct bpfcode *, unsigned label);

/* go, go_if, go_unless - a jump of any length, when A and k pass the test */
void go(struct bpfcode *, unsigned label);
void go_if(struct bpfcode *, uint16_t test, uint32_t k, unsigned label);
void go_unless(struct bpfcode *, uint16_t test, uint32_t k, unsigned label);

/* load - A = the field of this size at an offset of the header at [x + 14] */
void load(struct bpfcode *, uint16_t size, uint32_t offset);

/* load_type - X = the bytes of the VLAN tags, A = the Ethernet type behind
   them, of a frame with this many tags or fewer */
void load_type(struct bpfcode *, unsigned tags);

/*
 * code_end - accept keeps keep bytes of a frame, reject none; labels become
 * distances, and near jumps short. The number of instructions; 0: there was no
 * room.
 */
unsigned code_end(struct bpfcode *, uint32_t keep);

#endif
