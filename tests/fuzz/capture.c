/*
 * capture.c - rawcap's readers: pcapng files in pieces of any size, the text
 * of a filter, and any program that passes the check run over any frame.
 */
#include <string.h>

#include "cmd/rawcap/rawcap.h"
#include "fuzz.h"

static void
pcapng(const uint8_t *p, size_t n, size_t piece)
{
	static struct pcapng ng;
	struct stream_in s;
	struct stream_rec r;
	size_t got;
	int end = 0;

	memset(&ng, 0, sizeof(ng));
	if (stream_in_init(&s) != 0)
		exit(1);
	while (end == 0 && n > 0) {
		memmove(s.buf, s.buf + s.start, s.end - s.start);
		s.end -= s.start;
		s.start = 0;
		must(s.end < STREAM_IN_CAP);
		got = piece < n ? piece : n;
		if (got > STREAM_IN_CAP - s.end)
			got = STREAM_IN_CAP - s.end;
		memcpy(s.buf + s.end, p, got);
		s.end += got;
		p += got;
		n -= got;
		while ((end = pcapng_next(&ng, &s, &r)) > 0) {
			must(r.caplen <= STREAM_SNAPLEN);
			must(r.data >= s.buf &&
			     r.data + r.caplen <= s.buf + STREAM_IN_CAP);
			touch(r.data, r.caplen);
		}
	}
	if (end == 0)
		end = pcapng_end(&ng, &s);
	must(end == 0 || (ng.error[0] != '\0' && ng.status > 0));
	stream_in_free(&s);
}

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

	switch (take8(&in) & 3) {
	case 0:
		pcapng(in.p, in.n, SIZE_MAX);
		pcapng(in.p, in.n, 7);
		break;
	case 1:
		text = in.n;
		if (bpf_parse(&b, (const char *)in.p, text) == NULL)
			run(&b, in.p, in.n);
		break;
	case 2:
		program(&in, &b);
		break;
	default:
		compiled(&in, &b);
		break;
	}
	return 0;
}
