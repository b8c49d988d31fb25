/*
 * settings.c - the words of a host or of the default line in phantom-hosts(5).
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "hosts/reader.h"
#include "wire/ip.h"
#include "wire/parse.h"

enum { OS_NAME = 32 };			  /* no name of ours is longer */
#define MOST_UP (UINT64_C(36500) * 86400) /* seconds */

bool
reader_whole(struct reader *r, const char *what, const struct prefix *p)
{
	char text[PREFIX_DOUBT];

	return prefix_doubt(p, text) == NULL ||
	       reader_wrong(r, "%s %s: %s", what, reader_next(r), text);
}

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
	if (parse_mac(text, &e->mac) != 0 || mac_is_group(&e->mac) ||
	    (!e->vendor && mac_is_zero(&e->mac)))
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

	if (!r->use->faces)
		return true;
	if (!hosts_grow((void **)&h->face, &h->face_cap, h->names.n - 1,
		sizeof(*h->face)))
		return reader_no_memory(r);
	h->nface = h->names.n;
	found = hosts_face(&h->face[h->nface - 1], name, db);
	if (found < 0 && r->faults->no_db)
		return false;
	r->faults->no_db |= found < 0;
	if (found < 0)
		return reader_wrong(r,
		    "os %s: not linux, windows-10, freebsd, macos, printer or "
		    "cisco-ios; open %s: %s",
		    name, db, strerror(errno));
	return found > 0 ||
	       reader_wrong(r,
		   "os %s: neither linux, windows-10, freebsd, macos, printer, "
		   "cisco-ios nor in %s%s",
		   name, db,
		   r->at + 1 < r->line.n
		       ? "; a name with blanks stands in quotes"
		       : "");
}

/* own_name - one of ours is meant with capital letters as well; else w */
static const char *
own_name(const char *w, char low[OS_NAME])
{
	size_t i;

	for (i = 0; i < OS_NAME - 1 && w[i] != '\0'; i++)
		low[i] = (char)tolower((unsigned char)w[i]);
	low[i] = '\0';
	return w[i] == '\0' && hosts_print(low) != NULL ? low : w;
}

/* take_os - the system that it looks like */
static bool
take_os(struct reader *r)
{
	const char *w = reader_next(r);
	char low[OS_NAME];
	uint32_t no, n = r->h->names.n;
	struct manner *m;

	if (w == NULL || *w == '\0')
		return reader_wrong(r, "os: the name is missing");
	w = own_name(w, low);
	if (!reader_keep(r, &r->h->names, HOSTS_TEXTS, w, &no) ||
	    (no == n && !new_face(r, w)))
		return false;
	m = reader_manner(r);
	if (m == NULL)
		return false;
	m->is.face = no + 1;
	m->is.vendor = hosts_vendor(w);
	r->h->own_macs = true;
	hosts_habits(w, &m->is.habits);
	r->at++;
	return true;
}

/* span - "40d", "12h", "90m" or "30s", and that unit; 0 or -1 */
static int
span(const char *w, uint64_t *ns, uint64_t *unit)
{
	static const struct {
		char unit;
		uint64_t seconds;
	} known[] = {{'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}};
	size_t len = strlen(w), i;
	char number[12];
	uint64_t n;

	snprintf(number, sizeof(number), "%.*s", len > 0 ? (int)len - 1 : 0, w);
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (len > 0 && w[len - 1] == known[i].unit &&
		    parse_num(number, 1, MOST_UP / known[i].seconds, &n) == 0) {
			*unit = known[i].seconds * NS_PER_SEC;
			*ns = n * *unit;
			return 0;
		}
	return -1;
}

/* take_uptime - as its timestamps show it */
static bool
take_uptime(struct reader *r)
{
	const char *w = reader_next(r);
	struct manner *m;
	uint64_t ns = 0, unit = 0;

	if (w == NULL || span(w, &ns, &unit) != 0)
		return reader_wrong(r,
		    "uptime: not a time with its unit, a whole number, as "
		    "40d, 12h, 90m or 30s, and not more than 36500d");
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
	if (!reader_whole(r, "copies", &p))
		return false;
	for (i = 0; i + 1 < h->n; i++)
		if (h->entry[i].at.len == p.len &&
		    ip_equal(&h->entry[i].at.addr, &p.addr))
			break;
	if (!r->own && i + 1 >= h->n && r->faults->lost)
		return false; /* its own line is wrong */
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

bool
reader_settings(struct reader *r)
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
