/*
 * look.c - a frame, decoded as far as the network and the checks need it.
 */
#include <string.h>

#include "sim.h"

bool
look(const uint8_t *p, size_t n, struct view *v)
{
	struct ether_hdr e;

	memset(v, 0, sizeof(*v));
	if (ether_decode(p, n, &e) != 0 ||
	    ip_decode(p + e.hlen, n - e.hlen, &v->ip) != IP_OK ||
	    v->ip.len != n - e.hlen)
		return false;
	v->tcp_at = e.hlen + v->ip.hlen;
	if (v->ip.proto != PROTO_TCP || v->ip.frag)
		return true;
	if (tcp_hdr_decode(p + v->tcp_at, n - v->tcp_at, &v->h) != 0)
		return false;
	v->tcp = true;
	v->data_at = v->tcp_at + v->h.hlen;
	v->len = (uint32_t)(n - v->data_at);
	return true;
}
