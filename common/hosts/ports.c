/*
 * ports.c - lines of tcp and udp in phantom-hosts(5): what is behind a port.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hosts/files.h"
#include "hosts/reader.h"
#include "wire/ip.h"
#include "wire/parse.h"
#include "wire/udp.h"

enum {
	PROXY = 128, /* bytes of its command */
	MOST_LIMIT = 60000,
};

/* reader_manner - that of the last host, which it has alone from now on */
struct manner *
reader_manner(struct reader *r)
{
	struct hosts *h = r->h;
	uint32_t *at = r->any_host ? &h->entry[h->n - 1].manner : &r->standard;
	struct manner *m;
	uint32_t i, from = *at;

	if (r->own)
		return &h->manner[from];
	if (!hosts_grow((void **)&h->manner, &h->manner_cap, h->nmanner,
		sizeof(*h->manner))) {
		reader_no_memory(r);
		return NULL;
	}
	m = &h->manner[h->nmanner];
	*m = h->manner[from];
	m->first = (uint32_t)h->nrule;
	for (i = 0; i < m->nrule; i++) {
		if (!hosts_grow((void **)&h->rule, &h->rule_cap, h->nrule,
			sizeof(*h->rule))) {
			reader_no_memory(r);
			return NULL;
		}
		h->rule[h->nrule++] = h->rule[h->manner[from].first + i];
	}
	*at = (uint32_t)h->nmanner++;
	r->own = true;
	return m;
}

static bool
add_rule(struct reader *r, const struct hosts_rule *rule)
{
	struct hosts *h = r->h;
	struct manner *m = reader_manner(r);

	if (m == NULL)
		return false;
	if (!hosts_grow(
		(void **)&h->rule, &h->rule_cap, h->nrule, sizeof(*h->rule)))
		return reader_no_memory(r);
	h->rule[h->nrule++] = *rule;
	m->nrule++;
	return true;
}

static const char *
kind_of(const struct hosts *h, const struct texts *t)
{
	if (t == &h->quirks)
		return "quirks";
	if (t == &h->commands)
		return "commands";
	return t == &h->names ? "systems" : "files";
}

/* reader_keep - a text of these, once: its number in *no */
bool
reader_keep(struct reader *r, struct texts *t, uint32_t most, const char *text,
    uint32_t *no)
{
	for (*no = 0; *no < t->n; (*no)++)
		if (strcmp(t->text[*no], text) == 0)
			return true;
	if (t->n == most)
		return reader_wrong(
		    r, "more than %u different %s", most, kind_of(r->h, t));
	t->text[t->n] = strdup(text);
	if (t->text[t->n] == NULL)
		return reader_no_memory(r);
	t->n++;
	return true;
}

/* keep_path - relative to the folder of the file that names it */
static bool
keep_path(struct reader *r, const char *path, uint8_t proto, uint32_t *no)
{
	const char *wrong = NULL;
	char full[PATH_MAX];
	int n;

	n = snprintf(full, sizeof(full), "%.*s%s",
	    path[0] == '/' ? 0 : (int)r->dir_len, r->dir != NULL ? r->dir : "",
	    path);
	if (n < 0 || (size_t)n >= sizeof(full))
		return reader_wrong(r, "the name is too long");
	if (r->dir != NULL)
		wrong = file_wrong(
		    full, proto == PROTO_UDP ? UDP_MAX : UINT64_MAX);
	if (wrong != NULL)
		return reader_wrong(r, "file %s: %s", full, wrong);
	return reader_keep(r, &r->h->files, HOSTS_TEXTS, full, no);
}

/* ports - "80" or "8000-8100" */
static bool
ports(struct reader *r, struct hosts_rule *rule)
{
	const char *w = reader_next(r), *dash = strchr(w, '-');
	char first[8];
	uint64_t a, b;

	snprintf(first, sizeof(first), "%.*s",
	    dash != NULL ? (int)(dash - w) : (int)sizeof(first) - 1, w);
	if (parse_num(first, 1, READER_ANY_PORT, &a) != 0 ||
	    parse_num(dash != NULL ? dash + 1 : w, a, READER_ANY_PORT, &b) != 0)
		return reader_wrong(r,
		    "%s: not ports from 1 to 65535, as 80 or 8000-8100%s", w,
		    strchr(w, ',') != NULL ? "; each has a line" : "");
	rule->first = (uint16_t)a;
	rule->last = (uint16_t)b;
	r->at++;
	return true;
}

/* text_of - the word behind "file", "command" or "quirk" */
static const char *
text_of(struct reader *r, const char *what)
{
	const char *w = reader_next(r);

	if (w == NULL || *w == '\0') {
		reader_wrong(r, "%s: the word behind it is missing", what);
		return NULL;
	}
	return w;
}

static bool
add_quirk(struct reader *r, struct hosts_rule *rule, const char *name)
{
	uint32_t no;

	if (!reader_keep(r, &r->h->quirks, HOSTS_QUIRKS, name, &no))
		return false;
	if (r->use->again && no >= r->use->before->nquirks)
		return reader_wrong(r,
		    "quirk %s: no line had it when this began: start it again",
		    name);
	rule->quirks |= (uint16_t)(1u << no);
	return true;
}

static bool
take_quirk(struct reader *r, struct hosts_rule *rule)
{
	const char *w = text_of(r, "quirk"), *bad = NULL;

	if (w != NULL && r->use->quirk != NULL)
		bad = r->use->quirk(w);
	if (bad != NULL)
		return reader_wrong(r, "quirk %s: %s", w, bad);
	if (w == NULL || !add_quirk(r, rule, w))
		return false;
	r->at++;
	return true;
}

/* take_limit - "20/source" */
static bool
take_limit(struct reader *r, struct hosts_rule *rule)
{
	static const char *const of[LIMIT_KINDS] = {
	    [LIMIT_SOURCE] = "/source",
	    [LIMIT_PORT] = "/port",
	    [LIMIT_HOST] = "/host",
	};
	const char *w = reader_next(r),
		   *slash = w != NULL ? strchr(w, '/') : NULL;
	char number[12];
	uint64_t n;
	int i;

	snprintf(number, sizeof(number), "%.*s",
	    slash != NULL ? (int)(slash - w) : 0, w != NULL ? w : "");
	for (i = 0; slash != NULL && i < LIMIT_KINDS; i++)
		if (strcmp(slash, of[i]) == 0)
			break;
	if (slash == NULL || i == LIMIT_KINDS ||
	    parse_num(number, 1, MOST_LIMIT, &n) != 0)
		return reader_wrong(r,
		    "limit: not a number up to %d and /source, /port or "
		    "/host, as 20/source",
		    MOST_LIMIT);
	rule->limit[i] = (uint32_t)n;
	r->at++;
	return true;
}

/* take_proxy - a real server behind it, as a command of our own */
static bool
take_proxy(struct reader *r, struct hosts_rule *rule)
{
	const char *w = text_of(r, "proxy");
	char text[PROXY], addr[IP_TEXT], port[24] = "$TCPLOCALPORT";
	struct ip_addr a;
	uint16_t p;

	if (w == NULL)
		return false;
	if (parse_endpoint(w, &a, &p, 1) != 0)
		return reader_wrong(r, "proxy %s: not ADDR or ADDR:PORT", w);
	ip_text(&a, addr);
	if (p != 0)
		snprintf(port, sizeof(port), "%u", p);
	snprintf(text, sizeof(text),
	    ip_is_v4(&a) ? "exec tcp-relay - %s:%s"
			 : "exec tcp-relay - '['%s']':%s",
	    addr, port);
	rule->service = SERVICE_COMMAND;
	r->at++;
	return reader_keep(r, &r->h->commands, HOSTS_TEXTS, text, &rule->text);
}

/* take_command - the text is sh's; what it names should be there */
static bool
take_command(struct reader *r, struct hosts_rule *rule)
{
	const char *w = text_of(r, "command"), *bad = NULL;

	rule->service = SERVICE_COMMAND;
	if (w != NULL && r->use->command != NULL)
		bad = r->use->command(w);
	if (bad != NULL)
		return reader_wrong(r, "command: %s", bad);
	if (w == NULL ||
	    !reader_keep(r, &r->h->commands, HOSTS_TEXTS, w, &rule->text))
		return false;
	r->at++;
	return true;
}

/* take_service - the word for what is behind a port; false: none that fits */
static bool
take_service(struct reader *r, struct hosts_rule *rule, bool *found)
{
	static const struct {
		const char *word;
		enum service service;
		uint8_t proto; /* of this only; 0: of both */
	} plain[] = {
	    {"closed", SERVICE_CLOSED, 0},
	    {"silent", SERVICE_SILENT, 0},
	    {"open", SERVICE_OPEN, 0},
	    {"echo", SERVICE_ECHO, PROTO_UDP},
	};
	const char *w;
	size_t i;

	*found = true;
	for (i = 0; i < sizeof(plain) / sizeof(*plain); i++)
		if ((plain[i].proto == 0 || plain[i].proto == rule->proto) &&
		    reader_is(r, plain[i].word)) {
			rule->service = plain[i].service;
			return true;
		}
	if (reader_is(r, "file")) {
		rule->service = SERVICE_FILE;
		w = text_of(r, "file");
		if (w == NULL || !keep_path(r, w, rule->proto, &rule->text))
			return false;
		r->at++;
		return true;
	}
	if (reader_is(r, "command"))
		return take_command(r, rule);
	if (rule->proto == PROTO_TCP && reader_is(r, "proxy"))
		return take_proxy(r, rule);
	*found = false;
	return true;
}

/* is_more - a word that goes with the service before it */
static bool
is_more(const struct reader *r)
{
	const char *w = reader_next(r);

	return w != NULL &&
	       (strcmp(w, "limit") == 0 || strcmp(w, "quirk") == 0 ||
		   strcmp(w, "tarpit") == 0 || strcmp(w, "amplify") == 0);
}

/* take_word - one more of a line of ports; *served: a service was named */
static bool
take_word(struct reader *r, struct hosts_rule *rule, bool *served)
{
	bool tcp = rule->proto == PROTO_TCP, found;

	if (is_more(r) && tcp == (strcmp(reader_next(r), "amplify") == 0))
		return reader_wrong(r, "%s: it is for %s", reader_next(r),
		    tcp ? "UDP" : "TCP; for UDP there is amplify");
	if (tcp && reader_is(r, "limit"))
		return take_limit(r, rule);
	if (tcp && reader_is(r, "quirk"))
		return take_quirk(r, rule);
	if (tcp && reader_is(r, "tarpit"))
		return add_quirk(r, rule, "persist-tarpit");
	if (!tcp && reader_is(r, "amplify")) {
		rule->amplify = true;
		return true;
	}
	if (*served)
		return reader_wrong(r, "%s: not %s%s", reader_next(r),
		    tcp ? "limit, quirk or tarpit"
			: "amplify, the only word behind a service of UDP",
		    rule->service == SERVICE_COMMAND
			? "; a command with blanks stands in quotes"
			: "");
	if (!take_service(r, rule, &found))
		return false;
	*served = true;
	return found ||
	       reader_wrong(r,
		   tcp ? "%s: not closed, silent, open, file, command, "
			 "proxy, limit, quirk or tarpit"
		       : "%s: not closed, silent, open, echo, file, "
			 "command or amplify",
		   reader_next(r));
}

/* goes_together - the words of a line with its service */
static bool
goes_together(struct reader *r, const struct hosts_rule *rule)
{
	bool open = rule->service != SERVICE_CLOSED &&
		    rule->service != SERVICE_SILENT,
	     more = rule->quirks != 0;
	unsigned i;

	for (i = 0; i < LIMIT_KINDS; i++)
		more |= rule->limit[i] != 0;
	if (more && !open)
		return reader_wrong(
		    r, "limit, quirk and tarpit are of a port that is open");
	if (rule->amplify && rule->service != SERVICE_FILE &&
	    rule->service != SERVICE_COMMAND)
		return reader_wrong(r, "amplify is of a file or a command");
	return true;
}

/* take_ports - "tcp 22 command ... limit ...", "udp 53 echo": a rule. Quirks
   and limits alone are of a port that is open. */
static bool
take_ports(struct reader *r, uint8_t proto)
{
	struct hosts_rule rule = {.proto = proto,
	    .service = SERVICE_OPEN,
	    .line = r->no,
	    .source = r->source};
	bool served = false;

	if (!ports(r, &rule))
		return false;
	if (reader_next(r) == NULL)
		return reader_wrong(r, "what is behind the port is missing, as "
				       "open or file resp.txt");
	while (reader_next(r) != NULL)
		if (!take_word(r, &rule, &served))
			return false;
	return goes_together(r, &rule) && add_rule(r, &rule);
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* take_other - "tcp closed": all other ports of the host */
static bool
take_other(struct reader *r, uint8_t proto)
{
	struct hosts_rule rule = {.proto = proto,
	    .last = READER_ANY_PORT,
	    .line = r->no,
	    .source = r->source};
	struct manner *m;
	bool found, served = true;

	if (!take_service(r, &rule, &found))
		return false;
	while (found && is_more(r))
		if (!take_word(r, &rule, &served))
			return false;
	if (!found && reader_next(r) != NULL && is_digit(*reader_next(r)))
		return reader_wrong(r,
		    "%s: ports have a line of their own below the host, as "
		    "tcp 80 open",
		    reader_next(r));
	if (!found && is_more(r))
		return reader_wrong(r, "%s: it stands behind %s",
		    reader_next(r),
		    proto == PROTO_TCP ? "a service, as in tcp open tarpit"
				       : "a file or a command");
	if (!found)
		return reader_wrong(r,
		    "%s: neither ports, as 80 or 8000-8100, nor closed, silent "
		    "or open",
		    reader_next(r) != NULL ? reader_next(r) : "nothing");
	if (!goes_together(r, &rule))
		return false;
	m = reader_manner(r);
	if (m == NULL)
		return false;
	m->other[proto == PROTO_UDP] = rule;
	return true;
}

/* reader_ports - behind "tcp" or "udp"; alone: in a line of its own */
bool
reader_ports(struct reader *r, uint8_t proto, bool alone)
{
	const char *w = reader_next(r);

	if (alone && w != NULL && is_digit(w[0]))
		return take_ports(r, proto);
	return take_other(r, proto);
}

bool
reader_port_line(struct reader *r, uint8_t proto)
{
	const char *w;

	if (!reader_ports(r, proto, true))
		return false;
	w = reader_next(r);
	if (w != NULL && is_digit(*w))
		return reader_wrong(r,
		    "%s: ports stand before the service, as in tcp 80 open", w);
	return w == NULL || reader_wrong(r, "%s: what is it?", w);
}
