/*
 * compiler.c - see compiler.h.
 */
#include "rawcap.h"
#include "wire/ether.h"

#include "compiler.h"

static void
emit(struct compiler *c, uint16_t code, uint32_t k, uint8_t jt, uint8_t jf)
{
	if (c->b->n >= BPF_MAX) {
		c->full = true;
		return;
	}
	c->b->f[c->b->n++] = (struct sock_filter)BPF_JUMP(code, k, jt, jf);
}

void
stmt(struct compiler *c, uint16_t code, uint32_t k)
{
	emit(c, code, k, 0, 0);
}

unsigned
label(struct compiler *c)
{
	if (c->labels == LABELS_MAX) {
		c->full = true;
		return 0;
	}
	return c->labels++;
}

void
here(struct compiler *c, unsigned l)
{
	c->at[l] = c->b->n;
}

/* its k is the label until resolve() */
void
go(struct compiler *c, unsigned l)
{
	stmt(c, BPF_JMP | BPF_JA, l);
}

/* short jumps reach 255 instructions only, hence over a long one */
void
go_if(struct compiler *c, uint16_t test, uint32_t k, unsigned l)
{
	emit(c, BPF_JMP | test | BPF_K, k, 0, 1);
	go(c, l);
}

void
go_unless(struct compiler *c, uint16_t test, uint32_t k, unsigned l)
{
	emit(c, BPF_JMP | test | BPF_K, k, 1, 0);
	go(c, l);
}

void
load(struct compiler *c, uint16_t size, uint32_t offset)
{
	stmt(c, BPF_LD | size | BPF_IND, ETHER_HLEN + offset);
}

void
resolve(struct compiler *c)
{
	struct sock_filter *f = c->b->f;
	unsigned i;

	for (i = 0; i < c->b->n; i++)
		if (f[i].code == (BPF_JMP | BPF_JA))
			f[i].k = c->at[f[i].k] - i - 1;
}
