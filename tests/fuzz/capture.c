/*
 * capture.c - rawcap's filters: the text of one, and any program that passes
 * the check run over any frame.
 */
#include <string.h>

#include "cmd/rawcap/rawcap.h"
#include "fuzz.h"

static void
run(const struct bpf *b, const uint8_t *p, size_t n)
{
	uint8_t *copy = malloc(n > 0 ? n : 1);

	memcpy(copy, p, n);
	bpf_run(b, copy, (uint32_t)n, (uint32_t)n + 100);
	free(copy);
}

/* program - the bytes are instructions, then a frame */
static void
program(struct bytes_in *in, struct bpf *b)
{
	unsigned i, n = take8(in) % 32;

	for (i = 0; i < n; i++) {
		b->f[i].code = take8(in);
		b->f[i].jt = take8(in);
		b->f[i].jf = take8(in);
		b->f[i].k = take8(in);
		if (b->f[i].k & 128)
			b->f[i].k = take32(in);
	}
	b->n = n;
	if (bpf_check(b) == NULL)
		run(b, in->p, in->n);
}

/* compiled - what -a, -p and -t ask for is always a good program */
static void
compiled(struct bytes_in *in, struct bpf *b)
{
	static struct match m;
	unsigned i, k;

	memset(&m, 0, sizeof(m));
	k = take8(in);
	m.types = k & 15;
	m.to = k >> 7;
	m.naddr = take8(in) & 7;
	m.nport = take8(in) & 7;
	for (i = 0; i < m.naddr; i++) {
		k = take8(in);
		if (k & 1)
			m.addr[i][10] = m.addr[i][11] = 0xff;
		/* of v4 at least those of ::ffff */
		m.len[i] = k & 2 ? 128 : k & 1 ? 96 + (k >> 3) : k >> 1;
		for (k = 12; k < 16; k++)
			m.addr[i][k] = take8(in);
	}
	for (i = 0; i < m.nport; i++)
		m.port[i] = take16(in);
	if (match_compile(&m, b) != 0)
		return;
	must(bpf_check(b) == NULL);
	run(b, in->p, in->n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sock_filter f[BPF_MAX];
	struct bytes_in in = {data, size};
	struct bpf b = {.f = f};
	size_t text;

	switch (take8(&in) % 3) {
	case 0:
		text = in.n;
		if (bpf_parse(&b, (const char *)in.p, text) == NULL)
			run(&b, in.p, in.n);
		break;
	case 1:
		program(&in, &b);
		break;
	default:
		compiled(&in, &b);
		break;
	}
	return 0;
}
