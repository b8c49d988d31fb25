/*
 * dns.c - the decoder of DNS answers over any bytes: what it takes can be
 * written as text, all of it printable, and names survive being text.
 */
#include <string.h>

#include "base/bytes.h"
#include "cmd/dns-query/dname.h"
#include "cmd/dns-query/message.h"
#include "cmd/dns-query/record.h"
#include "fuzz.h"

static char shown[RECORD_TEXT];

static void
check_text(const char *s)
{
	for (; *s != '\0'; s++)
		must(*s >= ' ' && *s < 0x7f);
}

/* name - as text and back it is the same */
static void
check_name(const struct name *n)
{
	char text[NAME_TEXT];
	struct name again;

	must(n->len >= 1 && n->b[n->len - 1] == 0);
	must(strlen(name_text(n, text)) < NAME_TEXT);
	check_text(text);
	must(name_parse(text, &again) == 0);
	must(again.len == n->len && name_equal(&again, n));
	must(memcmp(again.b, n->b, n->len) == 0);
}

static void
check_records(const uint8_t *msg, size_t len, const struct dns_header *h)
{
	struct text t;
	struct dns_question q;
	struct dns_record r;
	size_t off = DNS_HLEN, before;
	int s, i;

	if (h->qdcount > 0)
		must(dns_question_decode(msg, len, &off, &q) == 0);
	for (s = 0; s < 3; s++) {
		for (i = 0; i < h->count[s]; i++) {
			before = off;
			must(dns_record_decode(msg, len, &off, &r) == 0);
			must(off > before && off <= len);
			check_name(&r.name);
			if (r.type == DNS_T_OPT)
				continue;
			t = (struct text){shown, sizeof shown, 0};
			must(record_text(msg, len, &r, &t) == 0);
			must(strlen(shown) == t.n);
			check_text(shown);
		}
	}
}

/* a word of the command line */
static void
words(const uint8_t *data, size_t size)
{
	char *s = malloc(size + 1);
	struct name n;
	uint16_t type;

	memcpy(s, data, size);
	s[size] = '\0';
	if (name_parse(s, &n) == 0)
		check_name(&n);
	if (type_parse(s, &type) == 0)
		must(type != DNS_T_OPT && type != 0);
	free(s);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dns_question q = {.type = DNS_T_A, .class = DNS_IN};
	struct dns_header h;
	struct dns_edns e;
	uint8_t *msg = malloc(size > 0 ? size : 1);
	enum dns_match m;

	name_parse("a.b", &q.name);
	words(data, size);
	memcpy(msg, data, size);
	/* or nothing would ever be an answer; a bit of the last byte decides */
	if (size >= DNS_HLEN + 9 && (data[size - 1] & 1) == 0) {
		memcpy(msg, "\1\2\x80", 3);
		put_be16(msg + 4, 1);
		memcpy(msg + DNS_HLEN, "\1a\1b\0\0\1\0\1", 9);
	}
	m = dns_check(msg, size, &q, 0x0102, &h, &e);
	if (m == DNS_ANSWERED)
		check_records(msg, size, &h);
	else if (m == DNS_CUT)
		must(h.tc);
	free(msg);
	return 0;
}
