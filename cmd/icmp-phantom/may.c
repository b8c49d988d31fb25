/*
 * may.c - may this packet be answered? As many as the limits say.
 *
 * A datagram may be the answer of another phantom or server: a single forged
 * one would have both answer each other as fast as they can. Such answers come
 * from the port of a service, or bring again what this flow has had already: an
 * echo returns our own answer, a file is always the same. Two commands may
 * answer each other with ever new bytes, so one port gets no more answers for
 * long than a client waits for.
 */
#include <string.h>

#include "base/bucket.h"
#include "base/bytes.h"
#include "base/chance.h"
#include "base/clock.h"
#include "hosts/hosts.h"
#include "wire/udp.h"

#include "responder_var.h"

enum {
	PORT_RATE = 100, /* answers a second to one port of one source, */
	PORT_BURST = 1000,
	SAME_BURST = 100, /* and, once a second more, to the same datagrams */
};

bool
responder_may(struct responder *r, struct limit *l, const struct packet *k)
{
	bool may = limit_take(l, k->now, &k->ip.src, r->key);

	r->again = l->again;
	if (!may)
		responder_drop(r, k, DROP_RATE);
	return may;
}

bool
responder_again(const struct responder *r)
{
	return r->again;
}

/* flow_of - its hash: of the source and its port, and of n bytes more */
static uint64_t
flow_of(const struct responder *r, const struct packet *k, const uint8_t *more,
    size_t n)
{
	uint8_t flow[16 + 2 + 16 + 2 + 8];

	memcpy(flow, k->ip.src.b, 16);
	memcpy(flow + 16, k->payload, 2);
	if (n > 0)
		memcpy(flow + 18, more, n);
	return hash_keyed(r->key, flow, 18 + n);
}

bool
responder_note(
    struct responder *r, const struct packet *k, const uint8_t *data, size_t n)
{
	uint64_t sum = hash_keyed(r->key, data, n);
	uint8_t more[16 + 2 + sizeof(sum)];

	memcpy(more, k->ip.dst.b, 16);
	memcpy(more + 16, k->payload + 2, 2);
	memcpy(more + 18, &sum, sizeof(sum));
	return recall(&r->said, k->now, flow_of(r, k, more, sizeof(more)));
}

/* is_server - the port that it comes from is one of a service */
static bool
is_server(const struct responder *r, const struct packet *k)
{
	uint16_t from = get_be16(k->payload);
	enum service s =
	    hosts_rule(r->cf.hosts, k->host, PROTO_UDP, from)->service;

	return from < UDP_LOW_PORTS || s == SERVICE_ECHO || s == SERVICE_FILE ||
	       s == SERVICE_COMMAND;
}

bool
responder_may_serve(struct responder *r, const struct packet *k)
{
	size_t n = get_be16(k->payload + 4) - UDP_HLEN;
	uint64_t *full = r->port[flow_of(r, k, NULL, 0) % RESPONDER_PORTS];
	bool same = responder_note(r, k, k->payload + UDP_HLEN, n);
	bool few =
	    is_server(r, k) ||
	    (same && !bucket_take(&full[0], k->now, NS_PER_SEC, SAME_BURST)) ||
	    !bucket_take(&full[1], k->now, NS_PER_SEC / PORT_RATE, PORT_BURST);

	return responder_may(r, few ? &r->back : &r->echo, k);
}
