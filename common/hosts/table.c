/*
 * table.c - what the table of hosts has, see hosts.h; find.c finds a host.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/bytes.h"
#include "base/chance.h"
#include "hosts/hosts_var.h"
#include "wire/ether.h"
#include "wire/ip.h"

enum { HALF = 0xfff }; /* of 24 bits */

bool
hosts_grow(void **p, size_t *cap, size_t n, size_t size)
{
	size_t more = *cap * 2 + 16;
	void *q;

	if (n < *cap)
		return true;
	q = realloc(*p, more * size);
	if (q == NULL)
		return false;
	*p = q;
	*cap = more;
	return true;
}

uint16_t
hosts_first_id(const struct hosts *h, const struct ip_addr *a)
{
	const uint64_t key[2] = {h->salt, ~h->salt};

	return (uint16_t)hash_keyed(key, a->b, sizeof(a->b));
}

/* secret - a number of a host, the same in each program that reads the file */
static uint64_t
secret(const struct hosts *h, const struct ip_addr *a, uint64_t what)
{
	const uint64_t key[2] = {h->salt, what};

	return hash_keyed(key, a->b, sizeof(a->b));
}

uint64_t
hosts_uptime(const struct hosts *h, const struct ip_addr *a)
{
	const struct hosts_entry *e = hosts_find(h, a);
	const struct hosts_manner *m;

	if (e == NULL)
		return 0;
	m = hosts_manner(h, e);
	if (m->uptime == 0 || m->uptime_unit == 0)
		return m->uptime;
	return m->uptime + secret(h, a, 1) % m->uptime_unit;
}

int
hosts_clock(const struct hosts *h, const struct ip_addr *a)
{
	enum { MOST = 50 };

	return (int)(secret(h, a, 2) % (2 * MOST + 1)) - MOST;
}

/*
 * numbered - a MAC of this vendor: the last 24 bits of the address, rearranged
 * by a Feistel network, so that two addresses have one MAC only where the bits
 * before these differ, and nothing of the address shows.
 */
static struct mac
numbered(
    const struct hosts *h, const struct mac *vendor, const struct ip_addr *a)
{
	const uint64_t key[2] = {~h->salt, h->salt};
	uint32_t left = (uint32_t)a->b[13] << 4 | a->b[14] >> 4;
	uint32_t right = (a->b[14] & 15u) << 8 | a->b[15], was;
	uint8_t b[16] = {0};
	struct mac m = *vendor;

	memcpy(b, a->b, 13);
	for (b[15] = 0; b[15] < 4; b[15]++) {
		was = right;
		put_be16(b + 13, (uint16_t)right);
		right = left ^ ((uint32_t)hash_keyed(key, b, sizeof(b)) & HALF);
		left = was;
	}
	m.b[3] = (uint8_t)(left >> 4);
	m.b[4] = (uint8_t)(left << 4 | right >> 8);
	m.b[5] = (uint8_t)right;
	return m;
}

struct mac
hosts_mac(
    const struct hosts *h, const struct hosts_entry *e, const struct ip_addr *a)
{
	const uint8_t vendor = hosts_manner(h, e)->vendor;
	struct mac m;

	if (e->vendor)
		return numbered(h, &e->mac, a);
	if (e->has_mac)
		return e->mac;
	if (vendor > 0) {
		m = hosts_vendor_mac(vendor, secret(h, a, 3));
		return numbered(h, &m, a);
	}
	mac_of_phantom(a, &m);
	return m;
}

bool
hosts_is_at(
    const struct hosts *h, const struct mac *mac, const struct ip_addr *a)
{
	const struct hosts_entry *e = hosts_find(h, a);
	struct mac m;

	if (e == NULL)
		return false;
	m = hosts_mac(h, e, a);
	return mac_equal(&m, mac);
}

bool
hosts_may_be_at(const struct hosts *h, const struct mac *mac)
{
	return (mac->b[0] == 0x02 && mac->b[1] == 0x50) || h->own_macs;
}

const struct hosts_manner *
hosts_manner(const struct hosts *h, const struct hosts_entry *e)
{
	return &h->manner[e->manner].is;
}

const struct face *
hosts_face_of(const struct hosts *h, const struct hosts_manner *m)
{
	return m->face > 0 && m->face <= h->nface ? &h->face[m->face - 1]
						  : NULL;
}

/* a later line counts for more than an earlier one */
const struct hosts_rule *
hosts_rule(const struct hosts *h, const struct hosts_entry *e, uint8_t proto,
    uint16_t port)
{
	const struct manner *m = &h->manner[e->manner];
	const struct hosts_rule *r;
	uint32_t i;

	for (i = m->nrule; i > 0; i--) {
		r = &h->rule[m->first + i - 1];
		if (r->proto == proto && port >= r->first && port <= r->last)
			return r;
	}
	return &m->other[proto == PROTO_UDP];
}

const struct hosts_entry *
hosts_entries(const struct hosts *h, size_t *n)
{
	*n = h->n;
	return h->entry;
}

uint32_t
hosts_rules(const struct hosts *h)
{
	return (uint32_t)h->nrule;
}

static const char *const *
texts(const struct texts *t, uint32_t *n)
{
	*n = t->n;
	return (const char *const *)t->text;
}

const char *const *
hosts_files(const struct hosts *h, uint32_t *n)
{
	return texts(&h->files, n);
}

/* serves - a line of the file, by this protocol, and one of these texts; NULL:
   whichever */
static bool
serves(const struct hosts_rule *r, uint8_t proto, enum service service,
    const uint32_t *text)
{
	return r->service == service && r->proto == proto &&
	       (text == NULL || r->text == *text);
}

static bool
any_serves(const struct hosts *h, uint8_t proto, enum service service,
    const uint32_t *text)
{
	size_t i;

	for (i = 0; i < h->nrule; i++)
		if (serves(&h->rule[i], proto, service, text))
			return true;
	for (i = 0; i < h->nmanner; i++)
		if (serves(&h->manner[i].other[proto == PROTO_UDP], proto,
			service, text))
			return true;
	return false;
}

bool
hosts_file_of(const struct hosts *h, uint32_t file, uint8_t proto)
{
	return any_serves(h, proto, SERVICE_FILE, &file);
}

bool
hosts_serve(const struct hosts *h, uint8_t proto, enum service service)
{
	return any_serves(h, proto, service, NULL);
}

const char *const *
hosts_commands(const struct hosts *h, uint32_t *n)
{
	return texts(&h->commands, n);
}

const char *const *
hosts_sources(const struct hosts *h, uint32_t *n)
{
	return texts(&h->sources, n);
}

const char *const *
hosts_quirks(const struct hosts *h, uint32_t *n)
{
	return texts(&h->quirks, n);
}

static void
free_texts(struct texts *t)
{
	while (t->n > 0)
		free(t->text[--t->n]);
}

void
hosts_strip(struct hosts *h)
{
	free(h->face);
	free(h->entry);
	free(h->manner);
	free(h->rule);
	free(h->place);
	free(h->net);
	free(h->words);
	h->face = NULL;
	h->entry = NULL;
	h->manner = NULL;
	h->rule = NULL;
	h->place = NULL;
	h->net = NULL;
	h->words = NULL;
}

void
hosts_free(struct hosts *h)
{
	if (h == NULL)
		return;
	if (h->map != NULL) {
		munmap(h->map, h->mapped);
		free(h);
		return;
	}
	hosts_strip(h);
	free_texts(&h->files);
	free_texts(&h->commands);
	free_texts(&h->quirks);
	free_texts(&h->names);
	free_texts(&h->sources);
	free(h);
}
