/*
 * echo.c - the answers to ping: echo and timestamp replies.
 */
#include <string.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "hosts/hosts.h"
#include "wire/ip.h"

#include "icmp.h"
#include "responder_var.h"

enum { DAY_MS = 86400000 };

/* pings - does this host answer at all? */
static bool
pings(struct responder *r, const struct packet *k)
{
	if (k->host == NULL || hosts_manner(r->cf.hosts, k->host)->ping)
		return true;
	responder_drop(r, k, DROP_SILENT);
	return false;
}

/* answer_code - of an echo reply; false: none is sent */
static bool
answer_code(const struct responder *r, const struct packet *k, uint8_t *code)
{
	const struct face *f = responder_face(r, k);
	struct hosts_habits is;

	if (k->ip.v6) {
		is = hosts_habits_of(r->cf.hosts, &k->ip.dst);
		if (*code != 0 && is.echo_code_0)
			return false;
		if (is.echo_no_code)
			*code = 0;
	} else if (*code != 0 && f != NULL && f->echo_plain) {
		return false;
	} else if (f != NULL && !f->echo_code) {
		*code = 0;
	}
	return true;
}

/* answer_tos - the service that was asked for, and marks, as Linux has it */
static uint8_t
answer_tos(const struct responder *r, const struct packet *k)
{
	if (k->ip.v6 && hosts_habits_of(r->cf.hosts, &k->ip.dst).icmp6_plain)
		return 0;
	return k->ip.tos;
}

/* responder_echo - the same number, the same data (RFC 1122 3.2.2.6) */
void
responder_echo(struct responder *r, const struct packet *k)
{
	const struct face *f = responder_face(r, k);
	uint8_t icmp[ICMP_HLEN];
	size_t dlen = k->n - ICMP_HLEN;
	bool df = false;

	if (responder_withholds(r, k)) {
		responder_drop(r, k, DROP_DHCP);
		return;
	}
	responder_probe(r, k, "ping");
	memcpy(icmp, k->payload, ICMP_HLEN);
	if (!pings(r, k) || !answer_code(r, k, &icmp[1]))
		return;
	if (!responder_may(r, &r->echo, k))
		return;
	icmp[0] = k->ip.v6 ? ICMP6_ECHO_REPLY : ICMP_ECHO_REPLY;
	if (f != NULL)
		df = f->echo_df == FACE_DF_ALWAYS ||
		     (f->echo_df == FACE_DF_AS_ASKED && k->ip.df);
	responder_answer(
	    r, k, icmp, answer_tos(r, k), df, k->payload + ICMP_HLEN, dlen);
	r->totals.echoes++;
	responder_tell(r, k, "echo", (uint32_t)dlen);
}

/* responder_timestamp - milliseconds since midnight, UT (RFC 1122 3.2.2.8) */
void
responder_timestamp(struct responder *r, const struct packet *k)
{
	struct hosts_habits is = hosts_habits_of(r->cf.hosts, &k->ip.dst);
	uint64_t now = k->now / NS_PER_MS + DAY_MS;
	uint8_t m[ICMP_TIMESTAMP_LEN];
	uint32_t ms;

	responder_probe(r, k, "timestamp");
	if (!pings(r, k) || is.no_stamp)
		return;
	if (r->cf.hosts != NULL) /* clocks that all agree are one */
		now += (uint64_t)hosts_clock(r->cf.hosts, &k->ip.dst);
	ms = (uint32_t)(now % DAY_MS);
	memcpy(m, k->payload, sizeof m);
	put_be32(m + 12, ms);
	if (is.stamp_low_first)
		ms = get_le32(m + 12);
	if (!responder_may(r, &r->echo, k))
		return;
	m[0] = ICMP_TIMESTAMP_REPLY;
	m[1] = 0;
	put_be32(m + 12, ms);
	put_be32(m + 16, ms);
	responder_answer(r, k, m, answer_tos(r, k), false, m + ICMP_HLEN,
	    sizeof m - ICMP_HLEN);
	r->totals.timestamps++;
	responder_tell(r, k, "timestamp", sizeof m - ICMP_HLEN);
}
