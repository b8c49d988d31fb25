/*
 * joined.c - segments that a card or the kernel has joined, in a stream.
 *
 * An interface reports the size of each that they stand for; a stream does not.
 * That they are there is seen by frames longer than the link's MTU, for which
 * a service that sends is asked before the first case. From then on a segment
 * longer than the connection's MSS is taken for several, since a joined one
 * has no other size. So whether a device honours the MSS is not known over such
 * a stream; a remark before the results says so. Where the device has met a
 * smaller path MTU, the size is that of a segment that it retransmits.
 */
#include <string.h>

#include "wire/ether.h"

#include "run.h"

enum {
	TAG = 4,	/* a VLAN's */
	MSS_LEAST = 48, /* that systems accept: RFC 9293 MUST-67 has no bound */
	TCP_HLEN = 20,
};

/* headers - bytes in front of the data, without Ethernet's */
static unsigned
headers(const struct play *p)
{
	return (p->ends.v6 ? 40 : 20) + TCP_HLEN;
}

/* options - bytes of TCP options in a frame of n bytes */
static unsigned
options(const struct play *p, const struct seg_text *s, size_t n)
{
	size_t rest = s->len + headers(p) + ETHER_HLEN;

	return n > rest && n - rest <= 40 ? (unsigned)(n - rest) : 0;
}

void
play_announce(struct play *p, const struct seg_text *syn)
{
	const struct opt_text *mss = play_option(syn, K_MSS);
	unsigned most = p->host->mtu - headers(p);

	p->unit = mss != NULL ? mss->v[0] : p->ends.v6 ? 1220 : 536;
	if (p->unit < MSS_LEAST)
		p->unit = MSS_LEAST;
	if (p->unit > most)
		p->unit = most;
}

uint16_t
play_unit(struct play *p, const struct seg_text *s, size_t n, bool again)
{
	unsigned size = s->len + options(p, s, n);

	if (p->unit == 0 || !p->host->joined)
		return 0;
	if (size > p->unit)
		return (uint16_t)(p->unit - (size - s->len));
	if (p->measures && again && size >= MSS_LEAST) {
		p->unit = size;
		p->measures = false;
	}
	return 0;
}

void
joined_look(struct run *r, const struct query_packet *p)
{
	if (r->d->o.live || r->host.joined ||
	    p->len <= ETHER_HLEN + TAG + r->host.mtu)
		return;
	r->host.joined = true;
	report_note(r->d, "segments are joined in the stream (offloads): those "
			  "longer than the MSS are taken apart, and whether "
			  "the device honours it is not seen");
}
