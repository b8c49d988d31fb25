/*
 * read.c - the file of phantom-hosts(5): from lines of words to the table.
 *
 * A host begins with the behaviour of the default line, or of the host that it
 * copies, and shares it until a line of its own differs: many hosts that are
 * alike cost an entry each, no more.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/chance.h"
#include "base/clock.h"
#include "hosts/reader.h"
#include "wire/ip.h"
#include "wire/parse.h"

enum {
	DEPTH = 8, /* of files that include files */
};

/* ---- settings of a host */

static bool
take_mac(struct reader *r)
{
	struct hosts *h = r->h;
	struct hosts_entry *e = r->any_host ? &h->entry[h->n - 1] : NULL;
	const char *w = reader_next(r);
	char text[32];

	if (e == NULL)
		return reader_wrong(r, "mac: of a host only");
	e->vendor = w != NULL && strlen(w) == strlen("00:1b:21");
	snprintf(text, sizeof(text), "%s%s", w != NULL ? w : "",
	    e->vendor ? ":00:00:00" : "");
	if (parse_mac(text, &e->mac) != 0 || mac_is_group(&e->mac))
		return reader_wrong(r, "mac: not a unicast MAC, as "
				       "02:50:0a:00:00:05, or the first half");
	if (!e->vendor && e->at.len != 128)
		return reader_wrong(r,
		    "mac: a whole one is of a single host only: give the "
		    "first half, as 00:1b:21");
	e->has_mac = h->own_macs = true;
	r->at++;
	return true;
}

static bool
take_ttl(struct reader *r)
{
	const char *w = reader_next(r);
	struct manner *m;
	uint64_t n;

	if (w == NULL || parse_num(w, 1, 255, &n) != 0)
		return reader_wrong(r, "ttl: not a number from 1 to 255");
	m = reader_manner(r);
	if (m == NULL)
		return false;
	m->is.ttl = (uint8_t)n;
	r->at++;
	return true;
}

/* new_face - of a name that is new; *no is its number */
static bool
new_face(struct reader *r, const char *name)
{
	const char *db = r->use->os_db != NULL ? r->use->os_db : HOSTS_OS_DB;
	struct hosts *h = r->h;
	int found;

	if (!hosts_grow((void **)&h->face, &h->face_cap, h->names.n - 1,
		sizeof(*h->face)))
		return reader_no_memory(r);
	if (!r->use->faces)
		return true;
	found = hosts_face(&h->face[h->names.n - 1], name, db, r->use->from);
	if (found < 0)
		return reader_wrong(r,
		    "os %s: not linux, windows-10, freebsd, macos, printer or "
		    "cisco-ios; open %s: %s",
		    name, db, strerror(errno));
	return found > 0 ||
	       reader_wrong(r,
		   "os %s: neither linux, windows-10, freebsd, macos, printer, "
		   "cisco-ios nor in %s",
		   name, db);
}

/* take_os - the system that it looks like */
static bool
take_os(struct reader *r)
{
	const char *w = reader_next(r);
	uint32_t no, n = r->h->names.n;
	struct manner *m;

	if (w == NULL || *w == '\0')
		return reader_wrong(r, "os: the name is missing");
	if (!reader_keep(r, &r->h->names, HOSTS_TEXTS, w, &no) ||
	    (no == n && !new_face(r, w)))
		return false;
	m = reader_manner(r);
	if (m == NULL)
		return false;
	m->face = no + 1;
	hosts_habits(w, &m->is.habits);
	r->at++;
	return true;
}

/* span - "40d", "12h", "90m", and that unit, or as parse_time() has it; 0 or
   -1 */
static int
span(const char *w, uint64_t *ns, uint64_t *unit)
{
	static const struct {
		char unit;
		uint64_t seconds;
	} known[] = {{'d', 86400}, {'h', 3600}, {'m', 60}};
	size_t len = strlen(w), i;
	char number[12];
	uint64_t n;

	snprintf(number, sizeof(number), "%.*s", len > 0 ? (int)len - 1 : 0, w);
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (len > 0 && w[len - 1] == known[i].unit &&
		    parse_num(number, 1, 1000000, &n) == 0) {
			*unit = known[i].seconds * NS_PER_SEC;
			*ns = n * *unit;
			return 0;
		}
	return parse_time(w, ns);
}

/* take_uptime - as its timestamps show it */
static bool
take_uptime(struct reader *r)
{
	const char *w = reader_next(r);
	struct manner *m;
	uint64_t ns = 0, unit = 0;

	if (w == NULL || span(w, &ns, &unit) != 0 || ns == 0)
		return reader_wrong(r, "uptime: not a time, as 40d or 12h");
	m = reader_manner(r);
	if (m == NULL)
		return false;
	m->is.uptime = ns;
	m->is.uptime_unit = unit;
	r->at++;
	return true;
}

static bool
set_ping(struct reader *r, bool on)
{
	struct manner *m = reader_manner(r);

	if (m != NULL)
		m->is.ping = on;
	return m != NULL;
}

static bool
set_ask(struct reader *r, enum hosts_ask ask)
{
	struct manner *m = reader_manner(r);

	if (m != NULL)
		m->is.ask = ask;
	return m != NULL;
}

/* copies - the manner of a host that stands before */
static bool
take_copies(struct reader *r)
{
	struct hosts *h = r->h;
	const char *w = reader_next(r);
	struct prefix p;
	size_t i;

	if (w == NULL || parse_prefix(w, &p.addr, &p.len) != 0)
		return reader_wrong(r, "copies: not an address or prefix");
	for (i = 0; i + 1 < h->n; i++)
		if (h->entry[i].at.len == p.len &&
		    ip_equal(&h->entry[i].at.addr, &p.addr))
			break;
	if (!r->any_host || r->own || i + 1 >= h->n)
		return reader_wrong(r,
		    r->own ? "copies: it comes first, before what "
			     "is different"
			   : "copies: no host %s stands before",
		    w);
	h->entry[h->n - 1].manner = h->entry[i].manner;
	r->at++;
	return true;
}

static bool
take_settings(struct reader *r)
{
	bool ok = true;

	while (ok && reader_next(r) != NULL) {
		if (reader_is(r, "mac"))
			ok = take_mac(r);
		else if (reader_is(r, "ttl"))
			ok = take_ttl(r);
		else if (reader_is(r, "os"))
			ok = take_os(r);
		else if (reader_is(r, "uptime"))
			ok = take_uptime(r);
		else if (reader_is(r, "ping"))
			ok = set_ping(r, true);
		else if (reader_is(r, "no-ping"))
			ok = set_ping(r, false);
		else if (reader_is(r, "unused-only"))
			ok = set_ask(r, HOSTS_ASK_FIRST);
		else if (reader_is(r, "at-once"))
			ok = set_ask(r, HOSTS_ASK_NOT);
		else if (reader_is(r, "copies"))
			ok = take_copies(r);
		else if (reader_is(r, "tcp"))
			ok = reader_ports(r, PROTO_TCP, false);
		else if (reader_is(r, "udp"))
			ok = reader_ports(r, PROTO_UDP, false);
		else
			return reader_wrong(r,
			    "%s: not at-once, copies, mac, os, ping, no-ping, "
			    "tcp, ttl, udp, unused-only or uptime",
			    reader_next(r));
	}
	return ok;
}

/* ---- lines */

static bool
take_host(struct reader *r)
{
	struct hosts *h = r->h;
	const char *w = reader_next(r);
	struct hosts_entry e = {.manner = r->standard};
	bool one;

	if (w == NULL || parse_prefix(w, &e.at.addr, &e.at.len) != 0)
		return reader_wrong(r, "host: not an address or prefix");
	one = e.at.len == 128;
	if (ip_is_multicast(&e.at.addr) || ip_is_loopback(&e.at.addr) ||
	    (one && !ip_is_host(&e.at.addr)))
		return reader_wrong(
		    r, "host %s: no host can have that address", w);
	if (h->n == HOSTS_MAX)
		return reader_wrong(r, "more than %d hosts", HOSTS_MAX);
	switch (hosts_add(h, &e)) {
	case HOSTS_ADDED:
		break;
	case HOSTS_TWICE:
		return reader_wrong(r, "host %s stands there twice", w);
	case HOSTS_NO_MEMORY:
		return reader_no_memory(r);
	}
	r->any_host = true;
	r->own = false;
	r->at++;
	return take_settings(r);
}

static bool read_file(struct reader *r, const char *path, bool included);

static bool
take_include(struct reader *r)
{
	char path[PATH_MAX];
	const char *w = reader_next(r);
	int n;

	if (w == NULL || r->line.n > 2)
		return reader_wrong(r, "include: not one file");
	if (r->dir == NULL || r->depth == DEPTH)
		return reader_wrong(
		    r, r->dir == NULL ? "include: not from here"
				      : "include: files within files within "
					"files, too deep");
	n = snprintf(path, sizeof(path), "%.*s%s",
	    w[0] == '/' ? 0 : (int)r->dir_len, r->dir, w);
	if (n < 0 || (size_t)n >= sizeof(path))
		return reader_wrong(r, "include: the name is too long");
	return read_file(r, path, true);
}

static bool
take_default(struct reader *r)
{
	if (r->any_host)
		return reader_wrong(r, "default: it stands before the hosts");
	return take_settings(r);
}

static bool
take_line(struct reader *r)
{
	if (!reader_split(r))
		return false;
	r->at = 0;
	if (reader_next(r) == NULL)
		return true;
	if (reader_is(r, "host"))
		return take_host(r);
	if (reader_is(r, "net"))
		return reader_net(r);
	if (reader_is(r, "default"))
		return take_default(r);
	if (reader_is(r, "include"))
		return take_include(r);
	if (reader_is(r, "tcp"))
		return reader_ports(r, PROTO_TCP, true) &&
		       (reader_next(r) == NULL ||
			   reader_wrong(r, "%s: what is it?", reader_next(r)));
	if (reader_is(r, "udp"))
		return reader_ports(r, PROTO_UDP, true) &&
		       (reader_next(r) == NULL ||
			   reader_wrong(r, "%s: what is it?", reader_next(r)));
	return reader_wrong(r,
	    "%s: not default, host, include, net, tcp or udp", reader_next(r));
}

static bool
read_text(struct reader *r, const char *text, size_t n)
{
	const char *end = text + n, *eol;
	size_t len;

	for (r->no = 1; text < end; text = eol + 1, r->no++) {
		eol = memchr(text, '\n', (size_t)(end - text));
		if (eol == NULL)
			eol = end;
		len = (size_t)(eol - text);
		if (len > 0 && text[len - 1] == '\r')
			len--;
		r->line.n = 0;
		if (len >= READER_LINE || memchr(text, '\0', len) != NULL)
			return reader_wrong(r, len >= READER_LINE
						   ? "the line is too long"
						   : "a zero byte");
		memcpy(r->line.text, text, len);
		r->line.text[len] = '\0';
		if (!take_line(r))
			return false;
	}
	return true;
}

static bool
read_file(struct reader *r, const char *path, bool included)
{
	const char *slash = strrchr(path, '/');
	const uint64_t salt[2] = {r->h->salt, 0};
	struct reader inner = *r;
	size_t n;
	char *text = r->use->from->file(r->use->from->ctx, path, &n);
	bool ok;

	if (text == NULL && included)
		return reader_wrong(
		    r, "include: open %s: %s", path, strerror(errno));
	if (text == NULL) {
		snprintf(
		    r->error, HOSTS_ERROR, "%s: %s", path, strerror(errno));
		return false;
	}
	inner.name = path;
	inner.dir = path;
	inner.dir_len = slash != NULL ? (size_t)(slash - path) + 1 : 0;
	inner.depth++;
	if (!reader_keep(
		&inner, &r->h->sources, HOSTS_TEXTS, path, &inner.source)) {
		free(text);
		return false;
	}
	if (!r->use->again)
		r->h->salt = hash_keyed(salt, (const uint8_t *)text, n);
	ok = read_text(&inner, text, n);
	free(text);
	r->standard = inner.standard;
	r->own = inner.own;
	r->any_host = inner.any_host;
	return ok;
}

/* finish - all is read: rules have their last places */
static bool
finish(struct reader *r)
{
	struct hosts *h = r->h;
	size_t i;

	if (!reader_routers(r))
		return false;
	if (h->n == 0) {
		snprintf(
		    r->error, HOSTS_ERROR, "%s: no host is in it", r->name);
		return false;
	}
	for (i = 0; i < h->nrule; i++)
		h->rule[i].no = (uint32_t)i;
	for (i = 0; i < h->nmanner; i++) {
		if (h->nrule > 0)
			h->manner[i].is.rule = h->rule + h->manner[i].first;
		if (h->manner[i].face > 0 && r->use->faces)
			h->manner[i].is.face = &h->face[h->manner[i].face - 1];
	}
	return true;
}

static struct hosts *
done(struct reader *r, bool ok)
{
	ok = ok && finish(r);
	if (ok)
		return r->h;
	hosts_free(r->h);
	return NULL;
}

/* take_words - those that have their numbers already */
static bool
take_words(
    struct reader *r, struct texts *t, const char *const *text, uint32_t n)
{
	uint32_t i, no;

	for (i = 0; i < n; i++)
		if (!reader_keep(r, t, HOSTS_TEXTS, text[i], &no))
			return false;
	return true;
}

static bool
take_before(struct reader *r)
{
	const struct hosts_words *w = r->use->before;

	if (r->use->again)
		r->h->salt = w->salt;
	return !r->use->again ||
	       (take_words(r, &r->h->commands, w->command, w->ncommands) &&
		   take_words(r, &r->h->quirks, w->quirk, w->nquirks));
}

/* begin - with the behaviour of a host that the file does not name */
static bool
begin(struct reader *r)
{
	struct manner *m;

	r->h = calloc(1, sizeof(*r->h));
	if (r->h == NULL || !hosts_grow((void **)&r->h->manner,
				&r->h->manner_cap, 0, sizeof(*r->h->manner)))
		return reader_no_memory(r);
	m = &r->h->manner[r->h->nmanner++];
	*m = (struct manner){.is.ping = true};
	hosts_habits(NULL, &m->is.habits);
	m->other[0] = (struct hosts_rule){
	    .proto = PROTO_TCP, .last = READER_ANY_PORT};
	m->other[1] = (struct hosts_rule){
	    .proto = PROTO_UDP, .last = READER_ANY_PORT};
	return take_before(r);
}

struct hosts *
hosts_load(
    const char *path, const struct hosts_use *use, char error[HOSTS_ERROR])
{
	struct hosts_use here = *use;
	struct reader r = {.name = path, .use = &here, .error = error};

	if (here.from == NULL)
		here.from = &hosts_from_files;
	return done(&r, begin(&r) && read_file(&r, path, false));
}

struct hosts *
hosts_text(
    const char *name, const char *text, size_t n, char error[HOSTS_ERROR])
{
	static const struct hosts_use any;
	struct reader r = {.name = name, .use = &any, .error = error};

	return done(&r, begin(&r) && read_text(&r, text, n));
}
