/*
 * dns-query - ask a DNS server from a phantom's address, and print what it
 * answers.
 *
 * main() and the order of the asking: UDP with EDNS0; without it where the
 * server refuses it or does not answer (RFC 6891 7); TCP where the answer is
 * truncated (RFC 7766 5).
 */
#include <stdint.h>
#include <stdio.h>

#include "ask/query.h"
#include "base/die.h"
#include "wire/ether.h"
#include "wire/ip.h"

#include "ask.h"
#include "chain.h"
#include "dname.h"
#include "message.h"
#include "options.h"
#include "print.h"
#include "record.h"

/* refuses_edns - or may refuse it: servers and middleboxes show it in many ways
   (RFC 6891 7) */
static bool
refuses_edns(const struct ask *a)
{
	return a->edns > 0 &&
	       (a->h.rcode == DNS_FORMERR || a->h.rcode == DNS_NOTIMP ||
		   a->h.rcode == DNS_SERVFAIL || a->h.rcode == DNS_BADVERS);
}

static enum ask_result
ask_all(struct ask *a, bool tcp)
{
	enum ask_result r = tcp ? ask_tcp(a) : ask_udp(a);

	if (r == ASK_ANSWERED && refuses_edns(a)) {
		a->edns = 0;
		r = tcp ? ask_tcp(a) : ask_udp(a);
	}
	return r == ASK_CUT ? ask_all(a, true) : r;
}

/* has_data - is there a record of the type and name that was asked for? */
static bool
has_data(const struct ask *a)
{
	struct dns_question q;
	struct dns_record r;
	struct chain chain;
	size_t off = DNS_HLEN;
	unsigned i;

	chain_make(&chain, a->msg, a->len, &a->h, a->question);

	if (a->h.qdcount > 0)
		dns_question_decode(a->msg, a->len, &off, &q);
	for (i = 0; i < a->h.count[DNS_ANSWER]; i++) {
		if (dns_record_decode(a->msg, a->len, &off, &r) == -1)
			return false;
		if (chain_has(&chain, &r.name) &&
		    (r.type == a->question->type ||
			a->question->type == DNS_T_ANY))
			return true;
	}
	return false;
}

/* why - no data has come; NULL when some has */
static const char *
why(const struct ask *a, enum ask_result r, char *buf)
{
	switch (r) {
	case ASK_ANSWERED:
		if (a->h.rcode != DNS_NOERROR)
			return print_status(a->h.rcode, buf);
		return has_data(a) ? NULL : "no record of this type";
	case ASK_SILENCE:
		return "no answer";
	case ASK_MALFORMED:
		return "a malformed answer";
	case ASK_UNREACHABLE:
		return "unreachable";
	case ASK_CLOSED:
		return "the connection was closed without an answer";
	case ASK_CUT:
	case ASK_OVER:
		break;
	}
	return "no answer before the end";
}

static int
report(const struct options *o, const struct ask *a, enum ask_result r)
{
	FILE *f = query_text(a->x);
	char buf[TYPE_TEXT], type[TYPE_TEXT], at[IP_TEXT];
	const char *no = why(a, r, buf);

	if (r == ASK_ANSWERED)
		(o->ex.level > 0 ? print_long : print_short)(a, f);
	if (no == NULL)
		return EXIT_DONE;
	if (o->ex.level >= 0)
		say("ask %s for %s %s: %s%s", ip_text(&a->server, at), o->name,
		    text_of_type(o->question.type, type), no,
		    r == ASK_CLOSED && !o->ex.has_src
			? " (this host may have reset it: give -s)"
			: "");
	return EXIT_NO;
}

int
main(int argc, char **argv)
{
	static uint8_t msg[DNS_MAX];
	static struct options o;
	static struct ask a;
	enum query_result hop;
	enum ask_result r = ASK_OVER;
	char at[IP_TEXT];

	die_start(argv);
	options_read(&o, argc, argv);
	a = (struct ask){.question = &o.question,
	    .server = o.server,
	    .port = o.port,
	    .recurse = !o.norecurse,
	    .edns = o.noedns ? 0 : DNS_EDNS_SIZE,
	    .tries = o.tries,
	    .wait = o.ex.wait,
	    .msg = msg};
	a.x = query_open(&o.ex);
	query_start(a.x);
	hop = query_next_hop(
	    a.x, &a.server, query_after(a.x, o.ex.wait), &a.to);
	if (hop == QUERY_TIMEOUT) {
		if (o.ex.level >= 0)
			say("ask %s: no answer to ARP or ND from the next hop",
			    ip_text(&a.server, at));
		return query_close(a.x, EXIT_NO);
	}
	if (hop == QUERY_PACKET)
		r = ask_all(&a, o.tcp);
	if (r == ASK_OVER && (query_stopped(a.x) || query_failed(a.x)))
		return query_close(a.x, EXIT_NO);
	return query_close(a.x, report(&o, &a, r));
}
