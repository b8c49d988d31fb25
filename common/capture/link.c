/*
 * link.c - see link.h. The headers are those of the list of link types that
 * libpcap keeps (www.tcpdump.org/linktypes.html), RFC 1661 and 1662 for PPP.
 */
#include <string.h>

#include "base/bytes.h"
#include "capture/link.h"
#include "pipe/stream.h"
#include "wire/ether.h"
#include "wire/ip.h"

enum {
	TYPE_MPLS = 0x8847,
	TYPE_PPPOE = 0x8864,
	PPP_IP4 = 0x0021,
	PPP_IP6 = 0x0057,
	PPP_MPLS = 0x0281,
	PPP_MPLS_MULTICAST = 0x0283,
	SLL_HLEN = 16,
	SLL2_HLEN = 20,
};

/* what is known of a packet when its link header has been read */
struct packet {
	uint32_t hlen;	    /* bytes to take away */
	uint16_t type;	    /* EtherType of the rest; 0: none */
	const uint8_t *mac; /* of the sender, or NULL */
};

/* link_header - write the 14 bytes at p, for the packet of this type behind
   it, of which len bytes are there */
static void
link_header(uint8_t *p, uint16_t type, uint32_t len)
{
	const uint8_t *ip = p + ETHER_HLEN;

	memset(p, 0, ETHER_HLEN - 2);
	p[0] = p[6] = 0x02;
	p[1] = p[7] = 0x50;
	put_be16(p + 12, type);
	if (type == ETHER_IP4 && len >= 20) {
		memcpy(p + 2, ip + 16, 4);
		memcpy(p + 8, ip + 12, 4);
	} else if (type == ETHER_IP6 && len >= 40) {
		memcpy(p + 2, ip + 36, 4);
		memcpy(p + 8, ip + 20, 4);
	}
}

/* by_version - the EtherType of a packet that is IP, by its first four bits */
static uint16_t
by_version(const uint8_t *p)
{
	return p[0] >> 4 == 4 ? ETHER_IP4 : p[0] >> 4 == 6 ? ETHER_IP6 : 0;
}

/*
 * link_ppp_type - the EtherType of what a PPP protocol number carries, 0 when
 * that is neither IP nor MPLS
 */
static uint16_t
link_ppp_type(uint16_t protocol)
{
	switch (protocol) {
	case PPP_IP4:
		return ETHER_IP4;
	case PPP_IP6:
		return ETHER_IP6;
	case PPP_MPLS:
		return TYPE_MPLS;
	case PPP_MPLS_MULTICAST:
		return TYPE_MPLS + 1;
	default: /* a number from outside */
		return 0;
	}
}

uint32_t
link_ppp(const uint8_t *p, uint32_t len, uint16_t *type)
{
	uint32_t at = 0;

	/* address and control may have been left out: RFC 1661 6.6 */
	if (len >= 2 && p[0] == 0xff && p[1] == 0x03)
		at = 2;
	/* so may the first byte of the protocol, 0: RFC 1661 6.5 */
	if (len > at && p[at] & 1) {
		*type = link_ppp_type(p[at]);
		return at + 1;
	}
	if (len < at + 2)
		return 0;
	*type = link_ppp_type(get_be16(p + at));
	return at + 2;
}

/* an address family, of any of the systems that write it */
static bool
is_family(uint32_t family)
{
	return family == 2 || family == 10 || family == 24 || family == 26 ||
	       family == 28 || family == 30;
}

/* each reads the header of its kind: LEFT_NOTHING, or why not */

static enum left
read_null(const struct stream_rec *r, struct packet *p)
{
	if (r->caplen < 5)
		return LEFT_CUT;
	/* LOOP is big-endian, NULL has the byte order of the capturing
	   machine */
	if (!is_family(get_be32(r->data)) && !is_family(get_le32(r->data)))
		return LEFT_NOT_IP;
	p->hlen = 4;
	p->type = by_version(r->data + 4);
	return LEFT_NOTHING;
}

static enum left
read_raw(const struct stream_rec *r, struct packet *p)
{
	p->type = by_version(r->data);
	return p->type != 0 ? LEFT_NOTHING : LEFT_IP;
}

static enum left
read_sll(const struct stream_rec *r, struct packet *p)
{
	if (r->caplen < SLL_HLEN)
		return LEFT_CUT;
	p->hlen = SLL_HLEN;
	p->type = get_be16(r->data + 14);
	if (get_be16(r->data + 4) == 6)
		p->mac = r->data + 6;
	return LEFT_NOTHING;
}

static enum left
read_sll2(const struct stream_rec *r, struct packet *p)
{
	if (r->caplen < SLL2_HLEN)
		return LEFT_CUT;
	p->hlen = SLL2_HLEN;
	p->type = get_be16(r->data);
	if (r->data[11] == 6)
		p->mac = r->data + 12;
	return LEFT_NOTHING;
}

static enum left
read_hdlc(const struct stream_rec *r, struct packet *p)
{
	if (r->caplen < 4)
		return LEFT_CUT;
	p->hlen = 4;
	p->type = get_be16(r->data + 2);
	return LEFT_NOTHING;
}

/* is_cisco - Cisco's framing under the number of PPP: RFC 1547 4.3.1 */
static bool
is_cisco(const struct stream_rec *r)
{
	return r->caplen > 1 && (r->data[0] == 0x0f || r->data[0] == 0x8f) &&
	       r->data[1] == 0;
}

static enum left
read_ppp(const struct stream_rec *r, struct packet *p)
{
	if (is_cisco(r))
		return read_hdlc(r, p);
	p->hlen = link_ppp(r->data, r->caplen, &p->type);
	if (p->hlen == 0)
		return LEFT_CUT;
	return p->type != 0 ? LEFT_NOTHING : LEFT_PPP;
}

/* a byte of direction, in the place of the address or before it */
static enum left
read_ppp_dir(const struct stream_rec *r, struct packet *p)
{
	uint32_t skip = r->caplen > 1 && r->data[1] == 0x03 ? 2 : 1;

	if (r->caplen <= skip)
		return LEFT_CUT;
	p->hlen = link_ppp(r->data + skip, r->caplen - skip, &p->type);
	if (p->hlen == 0)
		return LEFT_CUT;
	p->hlen += skip;
	return p->type != 0 ? LEFT_NOTHING : LEFT_PPP;
}

static enum left
read_header(uint32_t type, const struct stream_rec *r, struct packet *p)
{
	switch (type) {
	case LINK_NULL:
	case LINK_LOOP:
		return read_null(r, p);
	case LINK_RAW:
	case LINK_RAW_OLD:
	case LINK_RAW_OPENBSD:
	case LINK_IPV4:
	case LINK_IPV6:
		return read_raw(r, p);
	case LINK_LINUX_SLL:
		return read_sll(r, p);
	case LINK_LINUX_SLL2:
		return read_sll2(r, p);
	case LINK_C_HDLC:
		return read_hdlc(r, p);
	case LINK_PPP_HDLC:
	case LINK_PPP:
		return read_ppp(r, p);
	case LINK_PPP_ETHER:
		p->type = TYPE_PPPOE;
		return LEFT_NOTHING;
	case LINK_PPP_PPPD:
	case LINK_PPP_WITH_DIR:
		return read_ppp_dir(r, p);
	default: /* a number from outside */
		return LEFT_LINK;
	}
}

enum left
link_to_ether(uint32_t type, struct stream_rec *r)
{
	struct packet p = {.hlen = 0};
	uint8_t mac[6];
	enum left why;

	/* of nothing there is nothing to read */
	if (type == LINK_ETHERNET || r->caplen == 0)
		return LEFT_NOTHING;
	why = read_header(type, r, &p);
	if (why != LEFT_NOTHING)
		return why;
	/* it lies where the new header will */
	if (p.mac != NULL)
		memcpy(mac, p.mac, sizeof(mac));
	r->caplen -= p.hlen;
	r->len -= p.hlen;
	r->data += (int32_t)p.hlen - ETHER_HLEN;
	link_header(r->data, p.type, r->caplen);
	if (p.mac != NULL)
		memcpy(r->data + 6, mac, sizeof(mac));
	r->caplen += ETHER_HLEN;
	r->len += ETHER_HLEN;
	return LEFT_NOTHING;
}
