/*
 * neigh.c - ARP and Neighbor Discovery as one. Both ask "who has target?",
 * both state "I have this address"; the callers need not know which of the two
 * it was.
 */
#include <string.h>

#include "base/bytes.h"
#include "wire/arp.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/nd.h"
#include "wire/neigh.h"

static const struct mac mac_broadcast = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
static const struct mac mac_zero;
static const struct ip_addr all_nodes = {{0xff, 0x02, [15] = 1}};

static bool
mac_is_station(const struct mac *m)
{
	return !mac_is_group(m) && !mac_equal(m, &mac_zero);
}

static enum neigh_error
from_arp(const struct arp *arp, struct neigh *out)
{
	static const uint8_t none[4];
	struct ip_addr zero;

	ip_from_v4(&zero, none);
	out->mac = arp->sha;
	out->sender = arp->spa;
	out->target = arp->tpa;
	out->asks = arp->op == ARP_REQUEST;
	out->states = out->firm = !ip_equal(&arp->spa, &zero);
	out->probe = out->asks && !out->states;
	out->reply = !out->asks;
	if (!mac_is_station(&arp->sha))
		return NEIGH_SENDER;
	return out->states && !ip_is_host(&arp->spa) ? NEIGH_SENDER : NEIGH_OK;
}

/* odd_sender - of an IPv4 address that no host has */
static uint16_t
odd_sender(const struct ip_addr *a)
{
	static const uint8_t all[4] = {255, 255, 255, 255};
	struct ip_addr broadcast;

	ip_from_v4(&broadcast, all);
	if (ip_is_loopback(a))
		return ODD_LOOPBACK;
	return ip_equal(a, &broadcast) ? ODD_BROADCAST : 0;
}

/* odd_head - of an ARP packet's first fields */
static uint16_t
odd_head(const uint8_t *p)
{
	enum { HRD = 1, HRD_802 = 6, IPX = 0x8137, HLN = 6, PLN = 4 };
	uint16_t hrd = get_be16(p), pro = get_be16(p + 2), odd = 0;

	if (hrd != HRD)
		odd |= hrd == HRD_802 ? ODD_HRD_802 : ODD_HRD;
	if (pro != ETHER_IP4)
		odd |= pro == IPX ? ODD_PRO_IPX : ODD_PRO;
	if (p[4] != HLN)
		odd |= ODD_HLN;
	if (p[5] != PLN)
		odd |= ODD_PLN;
	return odd;
}

/*
 * from_any_arp - what is not for IPv4 on Ethernet is read as if it were, as
 * the systems do that answer it: the fields have their usual places
 */
static enum neigh_error
from_any_arp(const uint8_t *p, struct neigh *out)
{
	static const uint8_t usual[6] = {0, 1, 8, 0, 6, 4};
	uint16_t odd = odd_head(p), sender = 0;
	uint8_t plain[ARP_LEN];
	enum neigh_error e;
	struct arp arp;

	memcpy(out->len, p + 4, sizeof(out->len));
	memcpy(plain, p, sizeof(plain));
	memcpy(plain, usual, sizeof(usual));
	if (arp_decode(plain, sizeof(plain), &arp) == -1)
		return NEIGH_FORMAT;
	e = from_arp(&arp, out);
	if (e != NEIGH_OK)
		sender = odd_sender(&out->sender);
	else if (out->probe)
		sender = ODD_ZERO;
	if (out->asks && mac_is_station(&out->mac) &&
	    (e == NEIGH_OK || sender != 0))
		out->odd = odd | sender;
	return odd != 0 ? NEIGH_FORMAT : e;
}

static enum neigh_error
from_nd(const struct nd *nd, const struct ether_hdr *eth, struct neigh *out)
{
	bool lla = nd->has_lla && mac_is_station(&nd->lla);

	out->mac = lla ? nd->lla : eth->src;
	out->target = nd->target;
	out->to = nd->dst;
	out->asks = !nd->advert;
	out->probe = out->asks && ip_is_unspecified(&nd->src);
	out->states = !out->probe;
	out->firm = nd->advert && nd->override;
	out->reply = nd->advert && nd->solicited;
	out->sender = nd->advert ? nd->target : nd->src;
	if (!mac_is_station(&out->mac))
		return NEIGH_SENDER;
	if (ip_is_v4(&nd->src) || (out->states && !ip_is_host(&out->sender)))
		return NEIGH_SENDER;
	return NEIGH_OK;
}

static enum neigh_error
nd_failed(enum nd_error e)
{
	switch (e) {
	case ND_OK:
		return NEIGH_OK;
	case ND_OTHER:
		return NEIGH_OTHER;
	case ND_SHORT:
		return NEIGH_SHORT;
	case ND_HEADER:
		return NEIGH_FORMAT;
	case ND_HOPLIMIT:
		return NEIGH_HOPLIMIT;
	case ND_CKSUM:
		return NEIGH_CKSUM;
	case ND_CODE:
		return NEIGH_CODE;
	case ND_TARGET:
		return NEIGH_TARGET;
	case ND_OPTION:
		return NEIGH_OPTION;
	case ND_DAD:
		return NEIGH_DAD;
	case ND_FLAG:
		return NEIGH_FLAG;
	}
	return NEIGH_FORMAT;
}

const char *
neigh_error_name(enum neigh_error e)
{
	static const char *const name[NEIGH_ERRORS] = {
	    [NEIGH_OK] = "ok",
	    [NEIGH_OTHER] = "other",
	    [NEIGH_SHORT] = "short",
	    [NEIGH_FORMAT] = "format",
	    [NEIGH_SENDER] = "sender",
	    [NEIGH_HOPLIMIT] = "hoplimit",
	    [NEIGH_CKSUM] = "checksum",
	    [NEIGH_CODE] = "code",
	    [NEIGH_TARGET] = "target",
	    [NEIGH_OPTION] = "option",
	    [NEIGH_DAD] = "dad",
	    [NEIGH_FLAG] = "flag",
	};

	return name[e];
}

enum neigh_error
neigh_decode(const uint8_t *frame, size_t len, struct neigh *out)
{
	struct ether_hdr eth;
	struct nd nd;
	enum nd_error e;

	memset(out, 0, sizeof *out);
	if (ether_decode(frame, len, &eth) == -1)
		return NEIGH_OTHER;
	out->dst = eth.dst;
	out->src = eth.src;
	out->tags.len = (uint8_t)(eth.hlen - ETHER_HLEN);
	memcpy(out->tags.b, frame + 12, out->tags.len);
	frame += eth.hlen;
	len -= eth.hlen;
	if (eth.type == ETHER_ARP) {
		if (len < ARP_LEN)
			return NEIGH_SHORT;
		return from_any_arp(frame, out);
	}
	if (eth.type != ETHER_IP6)
		return NEIGH_OTHER;
	e = nd_decode(frame, len, &nd);
	return e == ND_OK ? from_nd(&nd, &eth, out) : nd_failed(e);
}

bool
neigh_reaches(const struct neigh *m, const struct mac *mac)
{
	struct ip_addr group;
	struct mac g;

	if (!ip_is_v4(&m->target)) {
		nd_group(&m->target, &group);
		if (!ip_equal(&m->to, &m->target) &&
		    !ip_equal(&m->to, &group) && !ip_equal(&m->to, &all_nodes))
			return false;
	}
	if (mac_equal(&m->dst, mac) || mac_equal(&m->dst, &mac_broadcast))
		return true;
	if (ip_is_v4(&m->target))
		return false;
	nd_group_mac(&m->to, &g);
	return ip_is_multicast(&m->to) && mac_equal(&m->dst, &g);
}

/* the Ethernet header; returns its length */
static size_t
put_ether(uint8_t *buf, const struct mac *dst, const struct mac *src,
    const struct vlan_tags *tags, uint16_t type)
{
	size_t n = tags == NULL ? 0 : tags->len;

	memcpy(buf, dst->b, 6);
	memcpy(buf + 6, src->b, 6);
	if (n > 0)
		memcpy(buf + 12, tags->b, n);
	put_be16(buf + 12 + n, type);
	return ETHER_HLEN + n;
}

static size_t
put_arp(uint8_t *buf, const struct mac *dst, const struct vlan_tags *tags,
    const struct arp *arp)
{
	size_t n = put_ether(buf, dst, &arp->sha, tags, ETHER_ARP);

	return n + (size_t)arp_encode(arp, buf + n, NEIGH_FRAME - n);
}

static size_t
put_nd(uint8_t *buf, const struct mac *dst, const struct mac *src,
    const struct vlan_tags *tags, const struct nd *nd)
{
	size_t n = put_ether(buf, dst, src, tags, ETHER_IP6);

	return n + (size_t)nd_encode(nd, buf + n, NEIGH_FRAME - n);
}

size_t
neigh_answer(
    const struct neigh *m, const struct mac *mac, unsigned how, uint8_t *buf)
{
	/* RFC 826: fields swapped, sent to the asker alone */
	struct arp arp = {
	    .op = ARP_REPLY,
	    .sha = *mac,
	    .spa = m->target,
	    .tha = m->mac,
	    .tpa = m->sender,
	};
	/* RFC 4861 7.2.4: an asker without address is answered to all; one that
	   asks by unicast knows the MAC, and gets to know no other */
	bool to_all = ip_is_multicast(&m->to) || (how & ANSWER_FULL);
	struct nd nd = {
	    .advert = true,
	    .src = m->target,
	    .target = m->target,
	    .dst = m->probe ? all_nodes : m->sender,
	    .router = how & ANSWER_ROUTER,
	    .solicited = !m->probe,
	    .override = to_all,
	    .has_lla = to_all,
	    .lla = *mac,
	};
	struct mac dst = m->mac;
	size_t n;

	if (ip_is_v4(&m->target)) {
		n = put_arp(buf, &dst, &m->tags, &arp);
		/* what answers wrong lengths uses the request's own frame */
		if (m->odd & (ODD_HLN | ODD_PLN))
			memcpy(buf + n - ARP_LEN + 4, m->len, sizeof(m->len));
		return n;
	}
	if (m->probe)
		nd_group_mac(&all_nodes, &dst);
	return put_nd(buf, &dst, mac, &m->tags, &nd);
}

size_t
neigh_probe(const struct ip_addr *addr, const struct mac *mac,
    const struct vlan_tags *tags, uint8_t *buf)
{
	static const uint8_t none[4];
	/* RFC 5227 2.1.1: sender IP 0, target hardware address 0 */
	struct arp arp = {.op = ARP_REQUEST, .sha = *mac, .tpa = *addr};
	/* RFC 4862 5.4.2: from :: to the group, no link-layer address */
	struct nd nd = {.target = *addr};
	struct mac dst;

	if (ip_is_v4(addr)) {
		ip_from_v4(&arp.spa, none);
		return put_arp(buf, &mac_broadcast, tags, &arp);
	}
	nd_group(addr, &nd.dst);
	nd_group_mac(&nd.dst, &dst);
	return put_nd(buf, &dst, mac, tags, &nd);
}

size_t
neigh_request(const struct ip_addr *addr, const struct ip_addr *from,
    const struct mac *mac, const struct vlan_tags *tags, uint8_t *buf)
{
	struct arp arp = {
	    .op = ARP_REQUEST, .sha = *mac, .spa = *from, .tpa = *addr};
	/* RFC 4861 7.2.2: to the group, with the source's address */
	struct nd nd = {
	    .src = *from, .target = *addr, .has_lla = true, .lla = *mac};
	struct mac dst;

	if (ip_is_v4(addr))
		return put_arp(buf, &mac_broadcast, tags, &arp);
	nd_group(addr, &nd.dst);
	nd_group_mac(&nd.dst, &dst);
	return put_nd(buf, &dst, mac, tags, &nd);
}

size_t
neigh_announce(const struct ip_addr *addr, const struct mac *mac,
    const struct vlan_tags *tags, uint8_t *buf)
{
	/* RFC 5227 2.3: as the probe, with the sender's address in place */
	struct arp arp = {
	    .op = ARP_REQUEST,
	    .sha = *mac,
	    .spa = *addr,
	    .tpa = *addr,
	};
	/* RFC 4861 7.2.6: unsolicited, to all nodes */
	struct nd nd = {
	    .advert = true,
	    .src = *addr,
	    .target = *addr,
	    .dst = all_nodes,
	    .override = true,
	    .has_lla = true,
	    .lla = *mac,
	};
	struct mac dst;

	if (ip_is_v4(addr))
		return put_arp(buf, &mac_broadcast, tags, &arp);
	nd_group_mac(&all_nodes, &dst);
	return put_nd(buf, &dst, mac, tags, &nd);
}
