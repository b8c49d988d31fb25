/*
 * flow.c - the connection of a packet, its kind, and its ordinal within the
 * connection; see impair.h.
 *
 * A connection is what goes between two ends: of TCP and UDP those with
 * ports, of ICMP and ARP (with ND) addresses, of all else, fragments
 * included, addresses or MACs. A SYN with another sequence number begins a
 * new one.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "capture/look.h"
#include "impair/impair.h"
#include "wire/ether.h"

const char *const kind_name[KINDS] = {
    [KIND_ANY] = "any",
    [KIND_ARP] = "arp",
    [KIND_ICMP] = "icmp",
    [KIND_UDP] = "udp",
    [KIND_TCP] = "tcp",
    [KIND_SYN] = "syn",
    [KIND_SYNACK] = "synack",
    [KIND_ACK] = "ack",
    [KIND_DATA] = "data",
    [KIND_FIN] = "fin",
    [KIND_RST] = "rst",
};

int
kind_read(const char *name, size_t n)
{
	int k;

	for (k = 0; k < KINDS; k++) {
		if (strlen(kind_name[k]) == n &&
		    memcmp(kind_name[k], name, n) == 0)
			return k;
	}
	return -1;
}

/* ---- what a frame shows of itself */

enum {
	FIN = 0x01,
	SYN = 0x02,
	RST = 0x04,
	ACK = 0x10,
	ND_FIRST = 133, /* router solicitation */
	ND_LAST = 137,	/* redirect */
};

static void
is_of(struct packet *p, enum kind k)
{
	p->kinds |= (uint16_t)(1u << k);
	p->main = k;
}

/* the kind that comes last names the packet */
static void
read_tcp(const uint8_t *tcp, size_t len, struct packet *p)
{
	size_t hlen = (size_t)(tcp[12] >> 4) * 4;
	uint8_t flags = tcp[13];

	p->seq = get_be32(tcp + 4);
	is_of(p, KIND_TCP);
	if (len > hlen && hlen >= 20)
		is_of(p, KIND_DATA);
	else if ((flags & (FIN | SYN | RST | ACK)) == ACK)
		is_of(p, KIND_ACK);
	if (flags & FIN)
		is_of(p, KIND_FIN);
	if (flags & SYN)
		is_of(p, flags & ACK ? KIND_SYNACK : KIND_SYN);
	if (flags & RST)
		is_of(p, KIND_RST);
}

/* the checksum's place in the header behind IP's, 0: none or not there */
static size_t
cksum_place(const struct ip_hdr *h, size_t len)
{
	size_t at = 0;

	if (h->proto == PROTO_TCP)
		at = 16;
	else if (h->proto == PROTO_UDP)
		at = 6;
	else if (h->proto == PROTO_ICMP || h->proto == PROTO_ICMP6)
		at = 2;
	return at + 2 <= len ? at : 0;
}

static void
read_ip(const uint8_t *frame, size_t at, size_t len, struct packet *p)
{
	const uint8_t *l4;
	struct ip_hdr h;
	size_t n;

	/* a checksum that offload has left out does not change its
	   connection */
	if (ip_decode_captured(frame + at, len - at, len - at, &h) != IP_OK)
		return;
	p->src = h.src;
	p->dst = h.dst;
	p->sport = p->dport = 0;
	p->ends = true;
	if (h.frag)
		return;
	l4 = frame + at + h.hlen;
	n = h.len - h.hlen;
	if (n > len - at - h.hlen)
		n = len - at - h.hlen;
	p->cksum = cksum_place(&h, n);
	if (p->cksum == 0)
		return;
	p->cksum += at + h.hlen;
	if (h.proto == PROTO_ICMP || h.proto == PROTO_ICMP6) {
		p->group = KIND_ICMP;
		is_of(p, KIND_ICMP);
		if (h.proto == PROTO_ICMP6 && l4[0] >= ND_FIRST &&
		    l4[0] <= ND_LAST) {
			p->group = KIND_ARP;
			is_of(p, KIND_ARP);
		}
		return;
	}
	if (h.proto == PROTO_TCP && n < 20)
		return;
	p->sport = get_be16(l4);
	p->dport = get_be16(l4 + 2);
	p->group = h.proto == PROTO_TCP ? KIND_TCP : KIND_UDP;
	if (h.proto == PROTO_TCP)
		read_tcp(l4, n, p);
	else
		is_of(p, KIND_UDP);
}

/* read_inner - IP behind tags, MPLS, PPPoE, in a tunnel, if it is that */
static bool
read_inner(const uint8_t *frame, size_t len, bool decap, struct packet *p)
{
	struct look l;

	if (look_in(frame, len, decap, &l) != LEFT_NOTHING)
		return false;
	read_ip(frame, l.l3, len, p);
	return true;
}

static void
read_arp(const uint8_t *arp, size_t len, struct packet *p)
{
	p->group = KIND_ARP;
	is_of(p, KIND_ARP);
	if (len < 28 || get_be16(arp) != 1 || get_be16(arp + 2) != ETHER_IP4 ||
	    arp[4] != 6 || arp[5] != 4)
		return;
	ip_from_v4(&p->src, arp + 14);
	ip_from_v4(&p->dst, arp + 24);
	p->sport = p->dport = 0;
	p->ends = true;
}

void
packet_read(const uint8_t *frame, size_t len, bool decap, struct packet *p)
{
	struct ether_hdr e;

	memset(p, 0, sizeof(*p));
	p->kinds = 1u << KIND_ANY;
	if (decap && read_inner(frame, len, true, p))
		return;
	if (ether_decode(frame, len, &e) != 0) {
		read_inner(frame, len, false, p);
		return;
	}
	memcpy(p->src.b + 10, e.src.b, sizeof(e.src.b));
	memcpy(p->dst.b + 10, e.dst.b, sizeof(e.dst.b));
	p->sport = p->dport = e.type;
	if (e.type == ETHER_IP4 || e.type == ETHER_IP6)
		read_ip(frame, e.hlen, len, p);
	else if (e.type == ETHER_ARP)
		read_arp(frame + e.hlen, len - e.hlen, p);
	else
		read_inner(frame, len, false, p);
}

/* ---- the table */

#define NONE UINT32_MAX

struct flows {
	struct flow *flow; /* those in use come first */
	uint32_t *bucket;
	uint32_t n, max, mask;
	uint32_t newest, oldest;
	uint32_t conns[KINDS]; /* begun, in each group */
	uint64_t key[2];
};

struct flows *
flows_new(uint32_t max, const uint64_t key[2])
{
	struct flows *t = calloc(1, sizeof(*t));
	uint32_t buckets = 1;

	if (t == NULL)
		return NULL;
	while (buckets < max)
		buckets *= 2;
	t->max = max;
	t->mask = buckets - 1;
	t->newest = t->oldest = NONE;
	memcpy(t->key, key, sizeof(t->key));
	t->flow = calloc(max, sizeof(*t->flow));
	t->bucket = malloc(buckets * sizeof(*t->bucket));
	if (t->flow == NULL || t->bucket == NULL) {
		flows_free(t);
		return NULL;
	}
	memset(t->bucket, 0xff, buckets * sizeof(*t->bucket));
	return t;
}

void
flows_free(struct flows *t)
{
	if (t == NULL)
		return;
	free(t->flow);
	free(t->bucket);
	free(t);
}

/* ends - of the packet, the lower first; returns which one has sent it */
static int
ends(const struct packet *p, struct flow *f)
{
	int c = memcmp(&p->src, &p->dst, sizeof(p->src));
	int from = c > 0 || (c == 0 && p->sport > p->dport);

	f->addr[from] = p->src;
	f->addr[!from] = p->dst;
	f->port[from] = p->sport;
	f->port[!from] = p->dport;
	f->group = (uint8_t)p->group;
	return from;
}

static uint32_t
bucket_of(const struct flows *t, const struct flow *f)
{
	uint8_t b[sizeof(f->addr) + 5];

	memcpy(b, f->addr, sizeof(f->addr));
	put_be16(b + sizeof(f->addr), f->port[0]);
	put_be16(b + sizeof(f->addr) + 2, f->port[1]);
	b[sizeof(f->addr) + 4] = f->group;
	return (uint32_t)hash_keyed(t->key, b, sizeof(b)) & t->mask;
}

static bool
same_ends(const struct flow *a, const struct flow *b)
{
	return memcmp(a->addr, b->addr, sizeof(a->addr)) == 0 &&
	       a->port[0] == b->port[0] && a->port[1] == b->port[1] &&
	       a->group == b->group;
}

static void
unlink_age(struct flows *t, const struct flow *f)
{
	if (f->newer != NONE)
		t->flow[f->newer].older = f->older;
	else
		t->newest = f->older;
	if (f->older != NONE)
		t->flow[f->older].newer = f->newer;
	else
		t->oldest = f->newer;
}

static void
link_newest(struct flows *t, struct flow *f)
{
	uint32_t i = (uint32_t)(f - t->flow);

	f->newer = NONE;
	f->older = t->newest;
	if (t->newest != NONE)
		t->flow[t->newest].newer = i;
	else
		t->oldest = i;
	t->newest = i;
}

/* forget - the oldest; returns its place */
static uint32_t
forget(struct flows *t)
{
	uint32_t i = t->oldest, *link = &t->bucket[bucket_of(t, &t->flow[i])];

	while (*link != i)
		link = &t->flow[*link].next;
	*link = t->flow[i].next;
	unlink_age(t, &t->flow[i]);
	return i;
}

/* begin - a flow becomes a new connection */
static void
begin(struct flows *t, struct flow *f, int from)
{
	f->first = (uint8_t)from;
	f->conn = ++t->conns[f->group];
	f->cut = 0;
	f->have_iss[0] = f->have_iss[1] = false;
	memset(f->count, 0, sizeof(f->count));
}

static struct flow *
find(struct flows *t, const struct packet *p, int *from)
{
	uint32_t i, *bucket;
	struct flow key;

	*from = ends(p, &key);
	bucket = &t->bucket[bucket_of(t, &key)];
	for (i = *bucket; i != NONE; i = t->flow[i].next) {
		if (same_ends(&t->flow[i], &key)) {
			unlink_age(t, &t->flow[i]);
			link_newest(t, &t->flow[i]);
			return &t->flow[i];
		}
	}
	i = t->n < t->max ? t->n++ : forget(t);
	memcpy(t->flow[i].addr, key.addr, sizeof(key.addr));
	memcpy(t->flow[i].port, key.port, sizeof(key.port));
	t->flow[i].group = key.group;
	t->flow[i].next = *bucket;
	*bucket = i;
	link_newest(t, &t->flow[i]);
	begin(t, &t->flow[i], *from);
	return &t->flow[i];
}

struct flow *
flows_count(struct flows *t, const struct packet *p, int *way)
{
	int from, k;
	struct flow *f = find(t, p, &from);

	if (p->kinds & (1u << KIND_SYN | 1u << KIND_SYNACK)) {
		if (f->have_iss[from] && f->iss[from] != p->seq)
			begin(t, f, from);
		f->have_iss[from] = true;
		f->iss[from] = p->seq;
	}
	*way = from != f->first;
	for (k = 0; k < KINDS; k++)
		f->count[*way][k] += p->kinds >> k & 1;
	return f;
}
