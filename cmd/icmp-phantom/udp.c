/*
 * udp.c - the answer to a datagram: an error from a closed port (RFC 1122
 * 3.2.2.1, RFC 4443 3.1), or the bytes of a service of phantom-hosts(5).
 */
#include "base/bytes.h"
#include "base/cksum.h"
#include "hosts/hosts.h"
#include "wire/udp.h"

#include "icmp.h"
#include "responder_var.h"

/* udp_sum_right - RFC 768; none at all is right in IPv4 alone (RFC 8200 8.1) */
static bool
udp_sum_right(const struct packet *k, uint32_t len)
{
	if (get_be16(k->payload + 6) == 0)
		return !k->ip.v6;
	return ip_cksum(&k->ip.src, &k->ip.dst, PROTO_UDP, k->payload, len) ==
	       0;
}

/* refuse_udp - the port is closed */
static void
refuse_udp(struct responder *r, const struct packet *k, uint32_t len)
{
	uint8_t icmp[ICMP_HLEN] = {ICMP_UNREACHABLE, ICMP_PORT};

	if (k->ip.v6) {
		icmp[0] = ICMP6_UNREACHABLE;
		icmp[1] = ICMP6_PORT;
	}
	if (!responder_refuse(r, k, icmp))
		return;
	r->totals.unreachable++;
	responder_tell(r, k, "port-unreachable", len - UDP_HLEN);
}

/* send_datagram - from a port of k's destination to the one it came from */
static void
send_datagram(struct responder *r, const struct packet *k, uint16_t sport,
    uint16_t dport, const uint8_t *data, size_t n)
{
	const struct hosts_manner *is = hosts_manner(r->cf.hosts, k->host);
	const struct face *f = responder_face(r, k);
	uint8_t head[UDP_HLEN];
	struct letter l = responder_letter(r, k, 0, head, data, n);

	l.udp = true;
	l.df = is->habits.udp_df;
	if (f != NULL && is->ttl == 0)
		l.ttl = k->ip.v6 ? f->hops : f->ttl;
	udp_header(&k->ip, sport, dport, data, n, head);
	if (data != k->payload + UDP_HLEN) /* an echo was noted as it came */
		responder_note(r, k, data, n);
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

	if (!responder_may_serve(r, k))
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
		   get_be16(k->payload) < UDP_LOW_PORTS) {
		responder_drop(r, k, DROP_SILENT);
		return;
	}
	/* a forged source must not get more than it cost */
	if (n > len - UDP_HLEN && !rule->amplify) {
		responder_drop(r, k, DROP_AMPLIFY);
		return;
	}
	if (!responder_may_serve(r, k))
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
