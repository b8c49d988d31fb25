/*
 * tcp_hdr.c - the TCP header's decoder over any bytes; and what it has read
 * is the same after it was written and read again.
 */
#include <string.h>

#include "fuzz.h"
#include "wire/tcp_hdr.h"

static void
must_equal(const struct tcp_hdr *a, const struct tcp_hdr *b)
{
	int i;

	must(a->sport == b->sport && a->dport == b->dport);
	must(a->seq == b->seq && a->ack == b->ack && a->wnd == b->wnd);
	must(a->urp == b->urp && a->flags == b->flags);
	must(a->opt.have_mss == b->opt.have_mss);
	must(!a->opt.have_mss || a->opt.mss == b->opt.mss);
	must(a->opt.have_wscale == b->opt.have_wscale);
	must(!a->opt.have_wscale || a->opt.wscale == b->opt.wscale);
	must(a->opt.sack_ok == b->opt.sack_ok);
	must(a->opt.have_ts == b->opt.have_ts);
	must(!a->opt.have_ts ||
	     (a->opt.tsval == b->opt.tsval && a->opt.tsecr == b->opt.tsecr));
	must(b->opt.nsack <= a->opt.nsack); /* where there was room */
	for (i = 0; i < b->opt.nsack; i++)
		must(a->opt.sack[i].start == b->opt.sack[i].start &&
		     a->opt.sack[i].end == b->opt.sack[i].end);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size > 0 ? size : 1), out[TCP_MAXHLEN];
	struct tcp_hdr h, again;
	size_t n;

	memcpy(copy, data, size);
	if (tcp_hdr_decode(copy, size, &h) == 0) {
		must(h.hlen >= TCP_HLEN && h.hlen <= TCP_MAXHLEN);
		must(h.hlen <= size && h.opt.nsack <= TCP_MAXSACK);
		n = tcp_hdr_encode(out, &h);
		must(n >= TCP_HLEN && n <= TCP_MAXHLEN && n % 4 == 0);
		must(tcp_hdr_decode(out, n, &again) == 0);
		must(again.hlen == n && !again.opt.bad);
		must_equal(&h, &again);
	}
	free(copy);
	return 0;
}
