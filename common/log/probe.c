/*
 * probe.c - see probe.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/chance.h"
#include "base/clock.h"
#include "log/event.h"
#include "log/probe.h"
#include "wire/ip.h"

#define PERIOD (10 * NS_PER_SEC)

enum {
	WAYS = 4, /* places that a source and kind may have */
	SETS = PROBE_ENTRIES / WAYS,
	NUMBERS = 65536,
	PORTS_TEXT = 400, /* bytes of a line that ranges may take */
};

/* numbers of 16 bits, each once */
struct numbers {
	uint32_t n;
	uint16_t last; /* put: of one number the only one */
	uint64_t bit[NUMBERS / 64];
};

struct probe_entry {
	const char *kind; /* NULL: free */
	uint64_t id;	  /* of source and kind */
	struct ip_addr local, remote;
	uint64_t count, first, last, due;
	struct numbers hosts; /* by the last 16 bits of their addresses */
	struct numbers ports;
};

int
probes_init(struct probes *p, struct event_log *log)
{
	memset(p, 0, sizeof(*p));
	p->log = log;
	p->next = p->over_due = TIME_NEVER;
	/* pages that are not filled take no memory */
	p->entry = calloc(PROBE_ENTRIES, sizeof(*p->entry));
	return p->entry != NULL ? 0 : -1;
}

void
probes_free(struct probes *p)
{
	free(p->entry);
	p->entry = NULL;
}

/* ---- numbers ---- */

static void
put_number(struct numbers *s, uint16_t v)
{
	uint64_t bit = UINT64_C(1) << v % 64;

	s->n += (s->bit[v / 64] & bit) == 0;
	s->bit[v / 64] |= bit;
	s->last = v;
}

/* forget - all of them. In a flood from false sources nearly every packet
   takes the place of an entry that has had one */
static void
forget(struct numbers *s)
{
	if (s->n == 1)
		s->bit[s->last / 64] = 0;
	else if (s->n > 1)
		memset(s->bit, 0, sizeof(s->bit));
	s->n = 0;
}

static bool
has_number(const struct numbers *s, uint32_t v)
{
	return v < NUMBERS && (s->bit[v / 64] >> v % 64 & 1) != 0;
}

/* ranges - "22,80-89", as far as there is room; then "..." */
static const char *
ranges(const struct numbers *s, char text[PORTS_TEXT])
{
	char one[16];
	size_t len = 0;
	uint32_t v, end;
	int n;

	for (v = 0; v < NUMBERS; v++) {
		if (!has_number(s, v))
			continue;
		for (end = v; has_number(s, end + 1); end++)
			;
		n = snprintf(one, sizeof(one), end > v ? "%s%u-%u" : "%s%u",
		    len > 0 ? "," : "", v, end);
		if (len + (size_t)n + sizeof(",...") > PORTS_TEXT) {
			memcpy(text + len, ",...", sizeof(",..."));
			return text;
		}
		memcpy(text + len, one, (size_t)n + 1);
		len += (size_t)n;
		v = end;
	}
	return text;
}

/* ---- lines ---- */

static void
clear(struct probe_entry *e)
{
	forget(&e->ports);
	forget(&e->hosts);
	e->kind = NULL;
	e->count = 0;
}

static void
tell(struct probes *p, uint64_t now, struct probe_entry *e)
{
	char text[PORTS_TEXT] = "";

	event_begin(p->log, now, e->hosts.n == 1 ? &e->local : NULL, 0,
	    &e->remote, 0, "probe");
	event_text(p->log, "kind", e->kind);
	event_num(p->log, "count", e->count);
	event_num(p->log, "hosts", e->hosts.n);
	if (e->ports.n > 0) {
		event_num(p->log, "nports", e->ports.n);
		event_text(p->log, "ports", ranges(&e->ports, text));
	}
	event_time(p->log, "first", e->first);
	event_time(p->log, "last", e->last);
	event_end(p->log);
	clear(e);
}

static void
tell_over(struct probes *p, uint64_t now)
{
	event_begin(p->log, now, NULL, 0, NULL, 0, "probe");
	event_text(p->log, "kind", "more");
	event_num(p->log, "count", p->over);
	event_time(p->log, "first", p->over_first);
	event_time(p->log, "last", p->over_last);
	event_end(p->log);
	p->over = 0;
	p->over_due = TIME_NEVER;
}

uint64_t
probes_deadline(const struct probes *p)
{
	return p->next < p->over_due ? p->next : p->over_due;
}

void
probes_due(struct probes *p, uint64_t now, bool all)
{
	struct probe_entry *e;

	if (!all && now < probes_deadline(p))
		return;
	p->next = TIME_NEVER;
	for (e = p->entry; e < p->entry + PROBE_ENTRIES; e++) {
		if (e->kind != NULL && (all || e->due <= now))
			tell(p, now, e);
		if (e->kind != NULL && e->due < p->next)
			p->next = e->due;
	}
	if (p->over > 0 && (all || p->over_due <= now))
		tell_over(p, now);
}

/* ---- packets ---- */

/* id_of - source and kind; no source can choose the one that it shares a place
   with */
static uint64_t
id_of(const struct probes *p, const struct probe_seen *s)
{
	struct {
		uint64_t source;
		char kind[16];
	} b = {.source = ip_source(s->remote, p->log->key)};
	size_t n = strlen(s->kind);

	memcpy(b.kind, s->kind, n < sizeof(b.kind) ? n : sizeof(b.kind) - 1);
	return hash_keyed(p->log->key, (const uint8_t *)&b, sizeof(b));
}

/* over - n packets are not in an entry */
static void
over(struct probes *p, uint64_t now, uint64_t n, uint64_t stamp)
{
	if (p->over == 0) {
		p->over_first = stamp;
		p->over_due = now + PERIOD;
	}
	p->over_last = stamp;
	p->over += n;
}

/* place - the entry for it, or a free one, or the smallest of its set */
static struct probe_entry *
place(const struct probes *p, uint64_t id)
{
	struct probe_entry *set = p->entry + id % SETS * WAYS, *e = set;
	size_t i;

	for (i = 0; i < WAYS; i++) {
		if (set[i].kind != NULL && set[i].id == id)
			return &set[i];
		if (set[i].count < e->count)
			e = &set[i];
	}
	return e;
}

void
probes_note(struct probes *p, uint64_t now, const struct probe_seen *s)
{
	uint64_t id = id_of(p, s);
	struct probe_entry *e = place(p, id);

	if (e->kind != NULL && e->id != id) {
		/* a source that has sent more than one packet stays */
		over(p, now, 1, s->stamp);
		if (e->count > 1)
			return;
		clear(e);
	}
	if (e->kind == NULL) {
		e->kind = s->kind;
		e->id = id;
		e->first = s->stamp;
		e->due = now + PERIOD;
		if (e->due < p->next)
			p->next = e->due;
	}
	e->local = *s->local;
	e->remote = *s->remote;
	e->last = s->stamp;
	e->count++;
	put_number(
	    &e->hosts, (uint16_t)(s->local->b[14] << 8 | s->local->b[15]));
	if (s->has_port)
		put_number(&e->ports, s->port);
}
