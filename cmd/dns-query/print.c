/*
 * print.c - an answer as lines, see print.h. Each was judged by dns_check():
 * what is read again here is well-formed.
 */
#include <stdint.h>
#include <stdio.h>

#include "ask/query.h"
#include "base/clock.h"
#include "wire/ether.h"
#include "wire/ip.h"

#include "ask.h"
#include "chain.h"
#include "dname.h"
#include "message.h"
#include "print.h"
#include "record.h"

/* dig's columns */
enum { AT_TTL = 24, AT_CLASS = 32, AT_TYPE = 40, AT_DATA = 48, TAB = 8 };

static char data[RECORD_TEXT];

const char *
print_status(uint16_t rcode, char *buf)
{
	/* RFC 6895 2.3 */
	static const char *const names[] = {"NOERROR", "FORMERR", "SERVFAIL",
	    "NXDOMAIN", "NOTIMP", "REFUSED", "YXDOMAIN", "YXRRSET", "NXRRSET",
	    "NOTAUTH", "NOTZONE", [DNS_BADVERS] = "BADVERS"};

	if (rcode < sizeof names / sizeof names[0] && names[rcode] != NULL)
		snprintf(buf, TYPE_TEXT, "%s", names[rcode]);
	else
		snprintf(buf, TYPE_TEXT, "RCODE%u", rcode);
	return buf;
}

static const char *
text_of_data(const struct ask *a, const struct dns_record *r)
{
	struct text t = {data, sizeof data, 0};

	return record_text(a->msg, a->len, r, &t) == 0 ? data : "";
}

/* behind_question - where the records begin */
static size_t
behind_question(const struct ask *a)
{
	struct dns_question q;
	size_t off = DNS_HLEN;

	if (a->h.qdcount > 0)
		dns_question_decode(a->msg, a->len, &off, &q);
	return off;
}

void
print_short(const struct ask *a, FILE *f)
{
	size_t off = behind_question(a);
	struct dns_record r;
	struct chain chain;
	unsigned i;

	chain_make(&chain, a->msg, a->len, &a->h, a->question);
	for (i = 0; i < a->h.count[DNS_ANSWER]; i++) {
		if (dns_record_decode(a->msg, a->len, &off, &r) == -1)
			return;
		if (chain_has(&chain, &r.name))
			fprintf(f, "%s\n", text_of_data(a, &r));
	}
}

/* pad - from a column to the next of dig's, at least one further */
static int
pad(int column, int to, FILE *f)
{
	if (to <= column)
		to = column + 1;
	for (; column / TAB < to / TAB; column = (column / TAB + 1) * TAB)
		putc('\t', f);
	for (; column < to; column++)
		putc(' ', f);
	return to;
}

static void
print_record(const struct ask *a, const struct dns_record *r, FILE *f)
{
	char name[NAME_TEXT], class[TYPE_TEXT], type[TYPE_TEXT];
	int at = fprintf(f, "%s", name_text(&r->name, name));

	at = pad(at, AT_TTL, f);
	at += fprintf(f, "%lu", (unsigned long)r->ttl);
	at = pad(at, AT_CLASS, f);
	at += fprintf(f, "%s", text_of_class(r->class, class));
	at = pad(at, AT_TYPE, f);
	at += fprintf(f, "%s", text_of_type(r->type, type));
	pad(at, AT_DATA, f);
	fprintf(f, "%s\n", text_of_data(a, r));
}

static void
print_header(const struct ask *a, FILE *f)
{
	const struct dns_header *h = &a->h;
	char status[TYPE_TEXT];

	fprintf(f,
	    ";; ->>HEADER<<- opcode: QUERY, status: %s, id: %u\n"
	    ";; flags:%s%s%s%s%s%s%s; QUERY: %u, ANSWER: %u, AUTHORITY: %u, "
	    "ADDITIONAL: %u\n",
	    print_status(h->rcode, status), h->id, h->qr ? " qr" : "",
	    h->aa ? " aa" : "", h->tc ? " tc" : "", h->rd ? " rd" : "",
	    h->ra ? " ra" : "", h->ad ? " ad" : "", h->cd ? " cd" : "",
	    h->qdcount, h->count[DNS_ANSWER], h->count[DNS_AUTHORITY],
	    h->count[DNS_ADDITIONAL]);
	if (h->rd && !h->ra)
		fprintf(
		    f, ";; WARNING: recursion requested but not available\n");
	if (a->e.there)
		fprintf(f,
		    "\n;; OPT PSEUDOSECTION:\n; EDNS: version: %u, flags:%s; "
		    "udp: %u\n",
		    a->e.version, a->e.dnssec ? " do" : "", a->e.size);
}

static void
print_question(const struct ask *a, FILE *f)
{
	const struct dns_question *q = a->question;
	char name[NAME_TEXT], class[TYPE_TEXT], type[TYPE_TEXT];
	int at;

	fprintf(f, "%s;; QUESTION SECTION:\n", a->e.there ? "" : "\n");
	putc(';', f);
	at = fprintf(f, "%s", name_text(&q->name, name));
	at = pad(at, AT_CLASS, f);
	at += fprintf(f, "%s", text_of_class(q->class, class));
	pad(at, AT_TYPE, f);
	fprintf(f, "%s\n", text_of_type(q->type, type));
}

static void
print_section(const struct ask *a, enum dns_section s, size_t *off, FILE *f)
{
	static const char *const title[] = {
	    "ANSWER", "AUTHORITY", "ADDITIONAL"};
	struct dns_record r;
	bool any = false;
	unsigned i;

	for (i = 0; i < a->h.count[s]; i++) {
		if (dns_record_decode(a->msg, a->len, off, &r) == -1)
			return;
		if (r.type == DNS_T_OPT)
			continue;
		if (!any)
			fprintf(f, "\n;; %s SECTION:\n", title[s]);
		any = true;
		print_record(a, &r, f);
	}
}

void
print_long(const struct ask *a, FILE *f)
{
	size_t off = behind_question(a);
	char server[IP_TEXT];

	print_header(a, f);
	print_question(a, f);
	print_section(a, DNS_ANSWER, &off, f);
	print_section(a, DNS_AUTHORITY, &off, f);
	print_section(a, DNS_ADDITIONAL, &off, f);
	fprintf(f,
	    "\n;; Query time: %llu msec\n;; SERVER: %s#%u (%s)\n"
	    ";; MSG SIZE  rcvd: %zu\n\n",
	    (unsigned long long)(a->took / NS_PER_MS),
	    ip_text(&a->server, server), a->port, a->tcp ? "TCP" : "UDP",
	    a->len);
}
