/*
 * dhcp_watch.c - DHCP as an onlooker reads it, see dhcp_watch.h.
 *
 * On a switch the answers of a server may be unicast and not be seen; the
 * client's DISCOVER and REQUEST are broadcast, and its REQUEST names the
 * server.
 */
#include "base/bytes.h"
#include "base/clock.h"
#include "wire/dhcp.h"
#include "wire/dhcp_watch.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/udp.h"

/* three seconds of a ping check, and the server's time to begin */
#define CHECK_TIME (5 * NS_PER_SEC)

static bool
knows(const struct dhcp_watch *w, const struct ip_addr *host)
{
	unsigned i = 0;

	while (i < w->n && !ip_equal(&w->server[i], host))
		i++;
	return i < w->n;
}

static void
learn(struct dhcp_watch *w, const struct ip_addr *server)
{
	if (!ip_is_host(server) || knows(w, server))
		return;
	w->server[w->next] = *server;
	w->next = (w->next + 1) % DHCP_SERVERS;
	if (w->n < DHCP_SERVERS)
		w->n++;
}

/* read_frame - a whole UDP datagram over IPv4 with a DHCP message */
static bool
read_frame(const uint8_t *frame, size_t len, struct dhcp *d)
{
	struct ether_hdr eth;
	struct ip_hdr ip;
	struct udp u;

	if (ether_decode(frame, len, &eth) == -1 || eth.type != ETHER_IP4)
		return false;
	frame += eth.hlen;
	if (ip_decode(frame, len - eth.hlen, &ip) != IP_OK || ip.v6 ||
	    ip.frag || ip.proto != PROTO_UDP || ip.len - ip.hlen < UDP_HLEN)
		return false;
	frame += ip.hlen;
	if (get_be16(frame) != DHCP_SERVER_PORT &&
	    get_be16(frame + 2) != DHCP_SERVER_PORT)
		return false;
	return udp_decode(&ip, frame, ip.len - ip.hlen, &u) == 0 &&
	       dhcp_decode(u.data, u.n, d) == DHCP_OK;
}

bool
dhcp_watch_frame(struct dhcp_watch *w, uint64_t now, const uint8_t *frame,
    size_t len, struct dhcp *d)
{
	if (!read_frame(frame, len, d))
		return false;
	learn(w, &d->server);
	if (d->op == DHCP_BOOTREQUEST && d->type == DHCP_DISCOVER)
		w->until = now + CHECK_TIME;
	return true;
}

enum dhcp_use
dhcp_watch_use(const struct dhcp *d, struct ip_addr *addr, struct mac *client)
{
	bool reply = d->op == DHCP_BOOTREPLY;

	*client = d->chaddr;
	*addr = d->yiaddr;
	if (reply && (d->type == DHCP_OFFER || d->type == DHCP_ACK))
		return ip_is_host(addr) ? DHCP_USED : DHCP_NOTHING;
	if (reply || (d->type != DHCP_DISCOVER && d->type != DHCP_REQUEST &&
			 d->type != DHCP_INFORM))
		return DHCP_NOTHING;
	*addr = ip_is_unspecified(&d->requested) ? d->ciaddr : d->requested;
	if (!ip_is_host(addr))
		return DHCP_NOTHING;
	return d->type == DHCP_DISCOVER ? DHCP_WISHED : DHCP_USED;
}

bool
dhcp_watch_checks(
    const struct dhcp_watch *w, uint64_t now, const struct ip_addr *host)
{
	return ip_is_v4(host) && now < w->until &&
	       (w->n == 0 || knows(w, host));
}
