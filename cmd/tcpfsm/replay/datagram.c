/*
 * datagram.c - see datagram.h.
 */
#include "base/bytes.h"
#include "capture/look.h"
#include "pipe/stream.h"
#include "replay/datagram.h"
#include "wire/udp.h"

bool
datagram_read(const struct stream_rec *rec, bool decap, struct datagram *d)
{
	struct look l;
	const uint8_t *p;
	uint32_t at, there, len;

	if (look_at(rec, decap, &l) != LEFT_NOTHING ||
	    l.ip.proto != PROTO_UDP || l.ip.frag)
		return false;
	at = l.l3 + l.ip.hlen;
	there = rec->caplen - at;
	p = rec->data + at;
	if (there < UDP_HLEN)
		return false;
	len = get_be16(p + 4);
	d->cut = len > there;
	if (len < UDP_HLEN || (d->cut && rec->caplen == rec->len))
		return false;
	d->src.addr = l.ip.src;
	d->dst.addr = l.ip.dst;
	d->src.port = get_be16(p);
	d->dst.port = get_be16(p + 2);
	d->bytes = p + UDP_HLEN;
	d->len = (d->cut ? there : len) - UDP_HLEN;
	d->id = l.ip.v6 ? 0 : l.ip.id;
	d->ttl = l.ip.ttl;
	d->time = rec->ts;
	d->to_host = !(rec->data[l.l2] & 1) &&
		     (ip_is_host(&l.ip.dst) || ip_is_loopback(&l.ip.dst));
	return true;
}
