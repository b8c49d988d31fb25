/*
 * refuse.c - the error about a packet that nobody here wants: to a closed port
 * of UDP, or of a protocol that a host does not have (RFC 1122 3.2.2.1, RFC
 * 8200 4, RFC 4443 3.4).
 */
#include <string.h>

#include "base/bytes.h"
#include "hosts/hosts.h"
#include "wire/ip.h"
#include "wire/udp.h"

#include "icmp.h"
#include "responder_var.h"

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
	if (k->ip.proto == PROTO_UDP && n >= k->ip.hlen + UDP_HLEN &&
	    f->repeat_no_udp_sum)
		put_be16(copy + k->ip.hlen + 6, 0);
	return copy;
}

/* tos_of - an error about k: as the system of its host has it */
static uint8_t
tos_of(const struct responder *r, const struct packet *k)
{
	return !k->ip.v6 && hosts_habits_of(r->cf.hosts, &k->ip.dst).control
		   ? ip_error_tos(k->ip.tos)
		   : 0;
}

bool
responder_refuse(struct responder *r, const struct packet *k, uint8_t icmp[])
{
	const struct face *f = responder_face(r, k);
	size_t quote = ICMP_QUOTED - IP4_HLEN - ICMP_HLEN;
	const uint8_t *at = k->p;
	uint8_t copy[ICMP_QUOTED];

	if (f != NULL && !f->refuses) {
		responder_drop(r, k, DROP_SILENT);
		return false;
	}
	if (!responder_may(r, &r->error, k))
		return false;
	if (k->ip.v6)
		quote = responder_quoted6(k);
	if (f != NULL && !k->ip.v6) {
		put_be32(icmp + 4, f->refuse_unused);
		if (face_quote(f) < quote)
			quote = face_quote(f);
	}
	if (quote > k->ip.len)
		quote = k->ip.len;
	if (f != NULL && !k->ip.v6)
		at = repeated(f, k, quote, copy);
	responder_answer(
	    r, k, icmp, tos_of(r, k), f != NULL && f->refuse_df, at, quote);
	return true;
}

void
responder_unknown(struct responder *r, const struct packet *k)
{
	uint8_t icmp[ICMP_HLEN] = {ICMP_UNREACHABLE, ICMP_PROTOCOL};

	responder_probe(r, k, "protocol");
	if (k->ip.v6 && hosts_habits_of(r->cf.hosts, &k->ip.dst).no_problem) {
		responder_drop(r, k, DROP_SILENT);
		return;
	}
	if (k->ip.v6) {
		icmp[0] = ICMP6_PARAMETER;
		icmp[1] = ICMP6_UNKNOWN;
		put_be32(icmp + 4, k->ip.proto_at);
	}
	if (!responder_refuse(r, k, icmp))
		return;
	if (k->ip.v6)
		r->totals.problems++;
	else
		r->totals.unreachable++;
	responder_tell(r, k,
	    k->ip.v6 ? "parameter-problem" : "protocol-unreachable",
	    (uint32_t)k->n);
}
