/*
 * bpfcode.c - see bpfcode.h.
 */
#include "linux/bpfcode.h"
#include "wire/ether.h"

static void
emit(struct bpfcode *c, uint16_t code, uint32_t k, uint8_t jt, uint8_t jf)
{
	if (c->n >= c->room) {
		c->full = true;
		return;
	}
	c->f[c->n++] = (struct sock_filter)BPF_JUMP(code, k, jt, jf);
}

void
code_start(struct bpfcode *c, struct sock_filter *f, unsigned room)
{
	c->f = f;
	c->room = room < BPFCODE_MAX ? room : BPFCODE_MAX;
	c->n = c->labels = 0;
	c->full = false;
	c->accept = label(c);
	c->reject = label(c);
}

void
stmt(struct bpfcode *c, uint16_t code, uint32_t k)
{
	emit(c, code, k, 0, 0);
}

unsigned
label(struct bpfcode *c)
{
	if (c->labels == BPFCODE_LABELS) {
		c->full = true;
		return 0;
	}
	return c->labels++;
}

void
here(struct bpfcode *c, unsigned l)
{
	c->at[l] = c->n;
}

/* its k is the label until code_end() */
void
go(struct bpfcode *c, unsigned l)
{
	stmt(c, BPF_JMP | BPF_JA, l);
}

/* short jumps reach 255 instructions only, hence over a long one */
void
go_if(struct bpfcode *c, uint16_t test, uint32_t k, unsigned l)
{
	emit(c, BPF_JMP | test | BPF_K, k, 0, 1);
	go(c, l);
}

void
go_unless(struct bpfcode *c, uint16_t test, uint32_t k, unsigned l)
{
	emit(c, BPF_JMP | test | BPF_K, k, 1, 0);
	go(c, l);
}

void
load(struct bpfcode *c, uint16_t size, uint32_t offset)
{
	stmt(c, BPF_LD | size | BPF_IND, ETHER_HLEN + offset);
}

void
load_type(struct bpfcode *c, unsigned tags)
{
	unsigned done = label(c), tag, i;

	stmt(c, BPF_LDX | BPF_IMM, 0);
	stmt(c, BPF_LD | BPF_H | BPF_ABS, 12);
	for (i = 0; i < tags; i++) {
		tag = label(c);
		go_if(c, BPF_JEQ, ETHER_VLAN, tag);
		go_unless(c, BPF_JEQ, ETHER_QINQ, done);
		here(c, tag);
		stmt(c, BPF_LDX | BPF_IMM, 4 * (i + 1));
		stmt(c, BPF_LD | BPF_H | BPF_ABS, 16 + 4 * i);
	}
	here(c, done);
}

/* is_near - f[i] jumps over a jump to l that it can do itself */
static bool
is_near(const struct bpfcode *c, unsigned i)
{
	const struct sock_filter *f = c->f + i;

	return i + 1 < c->n && BPF_CLASS(f->code) == BPF_JMP &&
	       f->jt + f->jf == 1 && f[1].code == (BPF_JMP | BPF_JA) &&
	       c->at[f[1].k] - i - 1 <= UINT8_MAX;
}

/* distance - from behind instruction i to a label */
static unsigned
distance(const struct bpfcode *c, unsigned i, unsigned l)
{
	return c->place[c->at[l]] - c->place[i] - 1;
}

/* fold - jumps over near jumps become one; labels become distances */
static void
fold(struct bpfcode *c)
{
	unsigned i, n = 0;
	struct sock_filter f;

	for (i = 0; i < c->n; i++) {
		c->place[i] = n;
		n += i == 0 || !is_near(c, i - 1);
	}
	c->place[c->n] = n;
	for (i = 0; i < c->n; i++) {
		f = c->f[i];
		if (c->place[i] == c->place[i + 1])
			continue;
		if (is_near(c, i)) {
			n = distance(c, i, c->f[i + 1].k);
			f.jf = (uint8_t)(f.jt == 0 ? 0 : n);
			f.jt = (uint8_t)(f.jt == 0 ? n : 0);
		} else if (f.code == (BPF_JMP | BPF_JA)) {
			f.k = distance(c, i, f.k);
		}
		c->f[c->place[i]] = f;
	}
	c->n = c->place[c->n];
}

unsigned
code_end(struct bpfcode *c, uint32_t keep)
{
	here(c, c->accept);
	stmt(c, BPF_RET | BPF_K, keep);
	here(c, c->reject);
	stmt(c, BPF_RET | BPF_K, 0);
	if (c->full)
		return 0;
	fold(c);
	return c->n;
}
