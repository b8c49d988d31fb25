/*
 * query.c - an exchange hears any frames: what it hands out is for its
 * source and inside the frame, what it says are answers for its source
 * alone. The first byte chooses the options, then come frames, each behind
 * its length; their checksums are put right.
 */
#include <string.h>

#include "ask/query.h"
#include "ask/query_var.h"
#include "base/bytes.h"
#include "base/chance.h"
#include "base/cksum.h"
#include "base/clock.h"
#include "fuzz.h"
#include "linux/gate.h"
#include "linux/pktsock.h"
#include "pipe/stream.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/ipfrag.h"
#include "wire/neigh.h"
#include "wire/parse.h"

static struct query x;
static struct query_options o;

static void
begin(uint8_t how)
{
	stream_out_free(&x.out);
	if (x.frag != NULL)
		ipfrag_free(x.frag);
	memset(&x, 0, sizeof(x));
	memset(&o, 0, sizeof(o));
	o.stamps = true;
	o.udp = how & 2;
	o.tcp = how & 4;
	o.broadcast = o.no_source = how & 8;
	x.o = &o;
	x.has_src = !(how & 16);
	x.asking = how & 32;
	parse_addr(how & 1 ? "fd00::3" : "10.0.0.3", &x.src);
	/* one MAC for both: the seeds need not know the rule */
	parse_mac("02:50:0a:00:00:03", &x.mac);
	chance_seed(&x.chance, how);
	must(stream_out_init(&x.out, 65536) == 0);
	x.out.start = x.out.end = 0;
}

/* put_right - the checksums that a frame by chance would never have */
static void
put_right(uint8_t *p, size_t n)
{
	struct ether_hdr e;
	struct ip_hdr h;

	if (ether_decode(p, n, &e) != 0)
		return;
	p += e.hlen;
	n -= e.hlen;
	if (e.type == ETHER_IP4 && n >= 20 && (p[0] & 15u) * 4 >= 20 &&
	    (p[0] & 15u) * 4 <= n) {
		put_be16(p + 10, 0);
		put_be16(p + 10, cksum_fold(cksum_add(0, p, (p[0] & 15u) * 4)));
	}
	if (ip_decode(p, n, &h) != IP_OK || !h.v6 || h.frag ||
	    h.proto != PROTO_ICMP6 || h.len - h.hlen < 4)
		return;
	p += h.hlen;
	n = h.len - h.hlen;
	put_be16(p + 2, 0);
	put_be16(p + 2, ip_cksum(&h.src, &h.dst, PROTO_ICMP6, p, n));
}

/* check_said - all that was sent: answers, from us and for us */
static void
check_said(void)
{
	uint8_t *p = x.out.buf + x.out.start;
	struct neigh m;
	uint32_t len;

	must(!x.asking || x.out.start == x.out.end);
	while (p < x.out.buf + x.out.end) {
		memcpy(&len, p + 8, sizeof(len));
		p += STREAM_REC_HLEN;
		must(neigh_decode(p, len, &m) == NEIGH_OK);
		must(x.has_src && !m.asks && ip_equal(&m.sender, &x.src));
		must(mac_equal(&m.mac, &x.mac) && mac_equal(&m.src, &x.mac));
		p += len;
	}
	must(p == x.out.buf + x.out.end);
	x.out.start = x.out.end = 0;
}

static void
check_taken(const struct query_packet *p)
{
	must(p->frame + ETHER_HLEN + p->ip.hlen == p->data);
	must(p->data + p->n <= p->frame + p->len);
	must(mac_equal((const struct mac *)p->frame, &x.mac) || o.broadcast);
	must(!x.has_src || ip_equal(&p->ip.dst, &x.src) || o.broadcast);
	must(ip_is_host(&p->ip.src) && !mac_is_group(&p->from));
	must(!p->ip.frag);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes_in in = {data, size};
	struct query_packet pkt;
	struct neigh m;
	uint8_t *copy;

	begin(take8(&in));
	while (in.n > 0 && x.end == END_NONE) {
		size_t n = take8(&in);

		if (n > in.n)
			n = in.n;
		copy = malloc(n > 0 ? n : 1);
		memcpy(copy, in.p, n);
		put_right(copy, n);
		in.p += n;
		in.n -= n;
		memset(&pkt, 0, sizeof(pkt));
		pkt.frame = copy;
		pkt.len = n;
		x.now += NS_PER_MS;
		if (!query_neigh(&x, copy, n, &m) && query_take(&x, &pkt))
			check_taken(&pkt);
		check_said();
		free(copy);
	}
	return 0;
}
