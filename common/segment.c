/*
 * segment.c - see segment.h.
 */
#include <stdio.h>
#include <string.h>

#include "ether.h"
#include "segment.h"
#include "stream.h"

/* a cut capture has the headers all the same: zeroes stand for the rest */
static const uint8_t *
whole(const struct stream_rec *rec)
{
	static uint8_t buf[STREAM_SNAPLEN];

	if (rec->caplen >= rec->len || rec->len > sizeof(buf))
		return rec->data;
	memcpy(buf, rec->data, rec->caplen);
	memset(buf + rec->caplen, 0, rec->len - rec->caplen);
	return buf;
}

int
segment_decode(const struct stream_rec *rec, struct segment *out)
{
	const uint8_t *frame = whole(rec);
	size_t len = frame == rec->data ? rec->caplen : rec->len;
	struct ether_hdr eth;
	struct ip_hdr ip;
	struct tcp_hdr h;

	if (ether_decode(frame, len, &eth) != 0 ||
	    (eth.type != ETHER_IP4 && eth.type != ETHER_IP6) ||
	    ip_decode(frame + eth.hlen, len - eth.hlen, &ip) != IP_OK ||
	    ip.frag || ip.proto != PROTO_TCP ||
	    tcp_hdr_decode(frame + eth.hlen + ip.hlen, ip.len - ip.hlen, &h) !=
		0 ||
	    (size_t)eth.hlen + ip.hlen + h.hlen > rec->caplen)
		return -1;
	out->time = rec->ts;
	out->len = ip.len - ip.hlen - h.hlen;
	out->src.addr = ip.src;
	out->src.port = h.sport;
	out->dst.addr = ip.dst;
	out->dst.port = h.dport;
	out->seq = h.seq;
	out->ack = h.ack;
	out->wnd = h.wnd;
	out->flags = h.flags;
	out->opt = h.opt;
	return 0;
}

bool
endpoint_equal(const struct endpoint *a, const struct endpoint *b)
{
	return a->port == b->port && ip_equal(&a->addr, &b->addr);
}

const char *
endpoint_text(const struct endpoint *e, char buf[ENDPOINT_TEXT])
{
	char text[IP_TEXT];

	snprintf(buf, ENDPOINT_TEXT, ip_is_v4(&e->addr) ? "%s:%u" : "[%s]:%u",
	    ip_text(&e->addr, text), e->port);
	return buf;
}
