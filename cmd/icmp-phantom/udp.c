/*
 * udp.c - the answer to a datagram: an error from a closed port (RFC 1122
 * 3.2.2.1, RFC 4443 3.1), or the bytes of a service of phantom-hosts(5).
 */
#include <string.h>

#include "base/bytes.h"
#include "base/cksum.h"
#include "hosts/hosts.h"
#include "wire/udp.h"

#include "icmp.h"
#include "responder_var.h"

/* an echo to another echo, or to a name server, would go on for ever */
enum { LOW_PORTS = 1024 };

/* serves - the service answers datagrams */
static bool
serves(enum service s)
{
	return s == SERVICE_ECHO || s == SERVICE_FILE || s == SERVICE_COMMAND;
}

/*
 * may_serve - what comes from the port of a service may itself be an answer, of
 * another phantom: a single forged datagram would have both answer each other
 * as fast as they can. So there are few answers to such.
 */
static bool
may_serve(struct responder *r, const struct packet *k)
{
	uint16_t from = get_be16(k->payload);
	bool server =
	    from < LOW_PORTS ||
	    serves(hosts_rule(r->cf.hosts, k->host, PROTO_UDP, from)->service);

	return responder_may(r, server ? &r->back : &r->echo, k);
}

/* udp_sum_right - RFC 768; none at all is right in IPv4 alone (RFC 8200 8.1) */
static bool
udp_sum_right(const struct packet *k, uint32_t len)
{
	if (get_be16(k->payload + 6) == 0)
		return !k->ip.v6;
	return ip_cksum(&k->ip.src, &k->ip.dst, PROTO_UDP, k->payload, len) ==
	       0;
}

/* quote_of - how much of the packet this face repeats, but no more than most */
static size_t
quote_of(const struct face *f, size_t most)
{
	size_t n = f->refuse_len > IP4_HLEN + ICMP_HLEN + UDP_HLEN
		       ? f->refuse_len - (size_t)(IP4_HLEN + ICMP_HLEN)
		       : (size_t)(IP4_HLEN + UDP_HLEN);

	return n < most ? n : most;
}

static void
swap16(uint8_t *p)
{
	put_be16(p, (uint16_t)(p[0] | p[1] << 8));
}

/* repeated - the packet as this face gives it back: n bytes, into copy */
static const uint8_t *
repeated(const struct face *f, const struct packet *k, size_t n, uint8_t *copy)
{
	memcpy(copy, k->p, n);
	if (f->repeat_len_low)
		swap16(copy + 2);
	put_be16(copy + 2, (uint16_t)(get_be16(copy + 2) + f->repeat_more));
	if (f->repeat_id_low)
		swap16(copy + 4);
	if (f->repeat_no_id)
		put_be16(copy + 4, 0);
	if (n >= IP4_HLEN && f->repeat_no_sum)
		put_be16(copy + 10, 0);
	if (n >= IP4_HLEN && f->repeat_bad_sum)
		copy[10] ^= 0xff;
	if (n >= k->ip.hlen + UDP_HLEN && f->repeat_no_udp_sum)
		put_be16(copy + k->ip.hlen + 6, 0);
	return copy;
}

/* refuse_udp - the port is closed */
static void
refuse_udp(struct responder *r, const struct packet *k, uint32_t len)
{
	uint8_t icmp[ICMP_HLEN] = {ICMP_UNREACHABLE, ICMP_PORT};
	const struct face *f = responder_face(r, k);
	size_t quote = ICMP_QUOTED - 20 - ICMP_HLEN;
	const uint8_t *at = k->p;
	uint8_t copy[ICMP_QUOTED];

	if (f != NULL && !f->refuses) {
		responder_drop(r, k, DROP_SILENT);
		return;
	}
	if (!responder_may(r, &r->error, k))
		return;
	if (k->ip.v6) {
		icmp[0] = ICMP6_UNREACHABLE;
		icmp[1] = ICMP6_PORT;
		quote = responder_quoted6(k);
	}
	if (f != NULL && !k->ip.v6) {
		put_be32(icmp + 4, f->refuse_unused);
		quote = quote_of(f, quote);
	}
	if (quote > k->ip.len)
		quote = k->ip.len;
	if (f != NULL && !k->ip.v6)
		at = repeated(f, k, quote, copy);
	responder_answer(r, k, icmp, 0, f != NULL && f->refuse_df, at,
	    quote); /* RFC 1122 3.2.2: TOS 0 */
	r->totals.unreachable++;
	responder_tell(r, k, "port-unreachable", len - 8);
}

/* send_datagram - from a port of k's destination to the one it came from */
static void
send_datagram(struct responder *r, const struct packet *k, uint16_t sport,
    uint16_t dport, const uint8_t *data, size_t n)
{
	const struct face *f = responder_face(r, k);
	uint8_t head[UDP_HLEN];
	struct letter l = responder_letter(r, k, 0, head, data, n);

	l.udp = true;
	if (f != NULL && hosts_manner(r->cf.hosts, k->host)->ttl == 0)
		l.ttl = k->ip.v6 ? f->hops : f->ttl;
	udp_header(&k->ip, sport, dport, data, n, head);
	sender_send(&r->sender, k->now, &l);
	r->totals.datagrams++;
}

/* ask_command - n bytes for a command: its answer comes later */
static void
ask_command(struct responder *r, const struct packet *k,
    const struct hosts_rule *rule, size_t n)
{
	const struct responder_ask a = {.now = k->now,
	    .frame = k->frame,
	    .l2len = k->eth.hlen,
	    .local = k->ip.dst,
	    .remote = k->ip.src,
	    .lport = get_be16(k->payload + 2),
	    .rport = get_be16(k->payload),
	    .which = rule->text,
	    .amplify = rule->amplify,
	    .data = k->payload + UDP_HLEN,
	    .n = n};

	if (!may_serve(r, k))
		return;
	if (r->call.command == NULL || !r->call.command(r->call.ctx, &a))
		responder_drop(r, k, DROP_BUSY);
}

/* packet_of - as far as an answer wants it; false: the host has gone */
static bool
packet_of(const struct responder *r, struct packet *k, uint64_t now,
    const struct responder_ask *a, uint8_t ports[UDP_HLEN])
{
	*k = (struct packet){.now = now, .stamp = now, .frame = a->frame};
	k->eth.hlen = (uint32_t)a->l2len;
	k->ip.src = a->remote;
	k->ip.dst = a->local;
	k->ip.v6 = !ip_is_v4(&a->local);
	k->ip.proto = PROTO_UDP;
	k->ip.len = UDP_HLEN; /* its ends are known */
	k->host = hosts_find(r->cf.hosts, &a->local);
	put_be16(ports, a->rport);
	put_be16(ports + 2, a->lport);
	k->payload = ports;
	return k->host != NULL;
}

void
responder_reply(struct responder *r, uint64_t now,
    const struct responder_ask *a, const uint8_t *data, size_t n)
{
	uint8_t ports[UDP_HLEN];
	struct packet k;

	if (n > UDP_MAX || !packet_of(r, &k, now, a, ports))
		return;
	r->again = true; /* it was asked for, and counted then */
	send_datagram(r, &k, a->lport, a->rport, data, n);
	responder_tell(r, &k, "udp", (uint32_t)n);
}

void
responder_excess(
    struct responder *r, uint64_t now, const struct responder_ask *a)
{
	uint8_t ports[UDP_HLEN];
	struct packet k;

	if (packet_of(r, &k, now, a, ports))
		responder_drop(r, &k, DROP_AMPLIFY);
}

/* serve_udp - by a service of the host: len bytes of UDP have come */
static void
serve_udp(struct responder *r, const struct packet *k,
    const struct hosts_rule *rule, uint32_t len)
{
	const uint8_t *data = k->payload + UDP_HLEN;
	size_t n = len - UDP_HLEN;

	if (rule->service == SERVICE_COMMAND) {
		ask_command(r, k, rule, n);
		return;
	}
	if (rule->service == SERVICE_FILE) {
		data = r->cf.file[rule->text].bytes;
		n = r->cf.file[rule->text].len;
	} else if (rule->service != SERVICE_ECHO ||
		   get_be16(k->payload) < LOW_PORTS) {
		responder_drop(r, k, DROP_SILENT);
		return;
	}
	/* a forged source must not get more than it cost */
	if (n > len - UDP_HLEN && !rule->amplify) {
		responder_drop(r, k, DROP_AMPLIFY);
		return;
	}
	if (!may_serve(r, k))
		return;
	send_datagram(
	    r, k, get_be16(k->payload + 2), get_be16(k->payload), data, n);
	responder_tell(r, k, "udp", (uint32_t)n);
}

void
responder_udp(struct responder *r, const struct packet *k)
{
	const struct hosts_rule *rule;
	uint32_t len;
	uint16_t port;

	if (k->n < 8 || (len = get_be16(k->payload + 4)) < 8 || len > k->n) {
		responder_drop(r, k, DROP_UDP);
		return;
	}
	if (!udp_sum_right(k, len)) {
		responder_drop(r, k, DROP_CKSUM);
		return;
	}
	port = get_be16(k->payload + 2);
	if (k->host != NULL) {
		rule = hosts_rule(r->cf.hosts, k->host, PROTO_UDP, port);
		responder_probe(r, k, "udp");
		if (rule->service != SERVICE_CLOSED) {
			serve_udp(r, k, rule, len);
			return;
		}
	} else if (r->cf.open[port / 64] >> port % 64 & 1) {
		r->totals.foreign++;
		return;
	} else {
		responder_probe(r, k, "udp");
	}
	refuse_udp(r, k, len);
}
