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
#include "hosts/files.h"
#include "hosts/reader.h"
#include "wire/ip.h"
#include "wire/parse.h"

enum {
	DEPTH = 8, /* of files that include files */
};

/* ---- lines */

static bool
take_address(struct reader *r, struct prefix *at)
{
	const char *w = reader_next(r);
	bool one;

	if (w == NULL)
		return reader_wrong(r, "host: its address is missing");
	if (parse_prefix(w, &at->addr, &at->len) != 0)
		return reader_wrong(r,
		    "host %s: not an address or prefix, as 10.0.0.5 or "
		    "10.0.0.0/24",
		    w);
	one = at->len == 128;
	if (ip_is_multicast(&at->addr) || ip_is_loopback(&at->addr) ||
	    (one && !ip_is_host(&at->addr)))
		return reader_wrong(
		    r, "host %s: no host can have that address", w);
	return reader_whole(r, "host", at);
}

static bool
take_host(struct reader *r)
{
	struct hosts *h = r->h;
	struct hosts_entry e = {.manner = r->standard};

	if (!take_address(r, &e.at)) {
		r->faults->lost = true;
		return false;
	}
	if (h->n == HOSTS_MAX)
		return reader_ends(r, "more than %d hosts", HOSTS_MAX);
	switch (hosts_add(h, &e)) {
	case HOSTS_ADDED:
		if (!reader_mark(r, &r->faults->hosts))
			return false;
		break;
	case HOSTS_TWICE:
		return reader_twice(r, "host", &r->faults->hosts,
		    (size_t)(hosts_exact(h, &e.at) - h->entry));
	case HOSTS_NO_MEMORY:
		return reader_no_memory(r);
	}
	r->any_host = true;
	r->own = false;
	r->at++;
	return reader_settings(r);
}

static bool read_file(struct reader *r, const char *path, bool included);

static bool
take_include(struct reader *r)
{
	char path[PATH_MAX];
	const char *w = reader_next(r);
	const struct reader *o;
	int n;

	if (w == NULL || r->line.n > 2)
		return reader_wrong(r, "include: not one file");
	if (r->dir == NULL)
		return reader_wrong(r, "include: not from here");
	if (r->depth == DEPTH) {
		r->faults->end = true; /* it would be so in each of them */
		return reader_wrong(
		    r, "include: files within files within files, too deep");
	}
	n = snprintf(path, sizeof(path), "%.*s%s",
	    w[0] == '/' ? 0 : (int)r->dir_len, r->dir, w);
	if (n < 0 || (size_t)n >= sizeof(path))
		return reader_wrong(r, "include: the name is too long");
	for (o = r; o != NULL && strcmp(o->name, path) != 0; o = o->outer)
		;
	if (o != NULL)
		return reader_wrong(r, "include %s: it includes itself", w);
	return read_file(r, path, true);
}

static bool
take_default(struct reader *r)
{
	if (r->any_host)
		return reader_wrong(r, "default: it stands before the hosts");
	return reader_settings(r);
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
		return reader_port_line(r, PROTO_TCP);
	if (reader_is(r, "udp"))
		return reader_port_line(r, PROTO_UDP);
	return reader_wrong(r,
	    "%s: not default, host, include, net, tcp or udp", reader_next(r));
}

/* take_bytes - those of a line */
static bool
take_bytes(struct reader *r, const char *text, size_t len)
{
	if (len > 0 && text[len - 1] == '\r')
		len--;
	r->line.n = 0;
	if (len >= READER_LINE)
		return reader_wrong(r, "the line is too long");
	if (memchr(text, '\0', len) != NULL)
		return reader_wrong(r, "a zero byte");
	memcpy(r->line.text, text, len);
	r->line.text[len] = '\0';
	return take_line(r);
}

/* read_text - false: it is of no use to read on */
static bool
read_text(struct reader *r, const char *text, size_t n)
{
	const char *end = text + n, *eol;

	/* some editors put the mark of UTF-8 before the first line */
	if (n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		text += 3;
	for (r->no = 1; text < end; text = eol + 1, r->no++) {
		eol = memchr(text, '\n', (size_t)(end - text));
		if (eol == NULL)
			eol = end;
		if (!take_bytes(r, text, (size_t)(eol - text)) &&
		    r->faults->end)
			return false;
	}
	return true;
}

static bool
read_file(struct reader *r, const char *path, bool included)
{
	const char *slash = strrchr(path, '/');
	const uint64_t salt[2] = {r->h->salt, 0};
	const bool waits = !included && !r->use->again;
	struct reader inner = *r;
	const char *why;
	size_t n;
	char *text = file_text(path, waits, &n, &why);
	bool ok;

	if (text == NULL && included) {
		r->faults->lost = true;
		return reader_wrong(r, "include: open %s: %s", path, why);
	}
	if (text == NULL)
		return reader_ends(r, "%s", why);
	inner.name = path;
	inner.outer = r;
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

	if (r->faults->n > 0 || !reader_routers(r))
		return false;
	if (h->n == 0)
		return reader_ends(r, "no host is in it");
	h->nets = r->use->again ? r->use->before->nets : h->nnet > 0;
	for (i = 0; i < h->nrule; i++)
		h->rule[i].no = (uint32_t)i;
	return true;
}

static struct hosts *
done(struct reader *r, bool ok)
{
	ok = ok && finish(r);
	free(r->faults->hosts.at);
	free(r->faults->nets.at);
	if (ok)
		return r->h;
	reader_sum(r);
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
	struct faults faults = {.text = error};
	struct reader r = {.name = path, .use = use, .faults = &faults};

	return done(&r, begin(&r) && read_file(&r, path, false));
}

struct hosts *
hosts_text(
    const char *name, const char *text, size_t n, char error[HOSTS_ERROR])
{
	static const struct hosts_use any;
	struct faults faults = {.text = error};
	struct reader r = {.name = name, .use = &any, .faults = &faults};

	return done(&r, begin(&r) && read_text(&r, text, n));
}
