/*
 * divide.c - a filter program as two, for two sockets: what belongs to a TCP
 * connection, and what anybody can send without one.
 *
 * The program stays as it is, but where it accepts it jumps behind its end,
 * to a program that knows the one from the other. All fragments of TCP go
 * with the connections, so that no frame overtakes another of its flow: the
 * peer sends nothing behind its SYN before that is answered.
 */
#include <string.h>

#include "rawcap.h"

/* accepted - the one value that the program accepts with; 0: there are more */
static uint32_t
accepted(const struct bpf *b)
{
	uint32_t k = 0;
	unsigned i;

	if (b->f == NULL)
		return UINT32_MAX;
	for (i = 0; i < b->n; i++) {
		if (b->f[i].code == (BPF_RET | BPF_A))
			return 0;
		if (b->f[i].code != (BPF_RET | BPF_K) || b->f[i].k == 0)
			continue;
		if (k != 0 && b->f[i].k != k)
			return 0;
		k = b->f[i].k;
	}
	return k;
}

/* append - tail behind b; where one accepts the other goes on */
static int
append(struct bpf *to, const struct bpf *b, const struct bpf *tail)
{
	unsigned i, n = b->f != NULL ? b->n : 0;

	if (n + tail->n > BPF_MAX)
		return -1;
	for (i = 0; i < n; i++) {
		to->f[i] = b->f[i];
		if (b->f[i].code == (BPF_RET | BPF_K) && b->f[i].k != 0)
			to->f[i] = (struct sock_filter)BPF_STMT(
			    BPF_JMP | BPF_JA, n - i - 1);
	}
	memcpy(to->f + n, tail->f, tail->n * sizeof(*tail->f));
	to->n = n + tail->n;
	return 0;
}

/* answer - the tail accepts with yes and refuses with no */
static void
answer(struct bpf *b, unsigned tail, uint32_t yes, uint32_t no)
{
	for (; tail < b->n; tail++)
		if (b->f[tail].code == (BPF_RET | BPF_K))
			b->f[tail].k = b->f[tail].k != 0 ? yes : no;
}

int
bpf_divide(const struct bpf *b, struct bpf *rest, struct bpf *apart)
{
	const struct match connected = {.types = MATCH_TCP, .connected = true};
	uint32_t k = accepted(b);
	struct bpf tail = {apart->f, 0};
	unsigned n = b->f != NULL ? b->n : 0;

	if (k == 0 || match_compile(&connected, &tail) != 0 ||
	    append(rest, b, &tail) != 0)
		return -1;
	memcpy(apart->f, rest->f, rest->n * sizeof(*rest->f));
	apart->n = rest->n;
	answer(rest, n, k, 0);
	answer(apart, n, 0, k);
	return 0;
}
