/*
 * udp.c - what a datagram is answered: an error where nobody listens (RFC 1122
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

/* udp_sum_right - RFC 768; none at all is right in IPv4 alone (RFC 8200 8.1) */
static bool
udp_sum_right(const struct packet *k, uint32_t len)
{
	uint32_t sum = ip_pseudo_sum(&k->ip.src, &k->ip.dst, PROTO_UDP, len);

	if (get_be16(k->payload + 6) == 0)
		return !k->ip.v6;
	return cksum_fold(cksum_add(sum, k->payload, len)) == 0;
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

/* repeated - the packet as this face gives it back: n bytes, into copy */
static const uint8_t *
repeated(const struct face *f, const struct packet *k, size_t n, uint8_t *copy)
{
	memcpy(copy, k->p, n);
	if (n >= IP4_HLEN && f->repeat_no_sum)
		put_be16(copy + 10, 0);
	if (n >= IP4_HLEN && f->repeat_bad_sum)
		copy[10] ^= 0xff;
	if (n >= k->ip.hlen + UDP_HLEN && f->repeat_no_udp_sum)
		put_be16(copy + k->ip.hlen + 6, 0);
	return copy;
}

/* refuse_udp - nobody listens at this port */
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

/* serve_udp - by a service of the host: len bytes of UDP have come */
static void
serve_udp(struct responder *r, const struct packet *k,
    const struct hosts_rule *rule, uint32_t len)
{
	const uint8_t *data = k->payload + UDP_HLEN;
	size_t n = len - UDP_HLEN;
	uint8_t head[UDP_HLEN];
	struct letter l;

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
	if (!responder_may(r, &r->echo, k))
		return;
	l = responder_letter(r, k, 0, head, data, n);
	l.udp = true;
	if (responder_face(r, k) != NULL &&
	    hosts_manner(r->cf.hosts, k->host)->ttl == 0)
		l.ttl = responder_face(r, k)->ttl;
	udp_header(&k->ip, get_be16(k->payload + 2), get_be16(k->payload), data,
	    n, head);
	sender_send(&r->sender, k->now, &l);
	r->totals.datagrams++;
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
