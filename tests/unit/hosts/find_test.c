/*
 * find_test.c - a host is found among many, by its address alone; what is
 * fetched ahead changes nothing
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/chance.h"
#include "hosts/hosts_var.h"
#include "tap.h"
#include "wire/ip.h"

enum { MANY = 200000 };

static struct ip_addr
address(uint32_t i)
{
	struct ip_addr a;
	uint8_t b[4];

	put_be32(b, (uint32_t)10 << 24 | i);
	ip_from_v4(&a, b);
	return a;
}

/* many - every other address of so many */
static struct hosts *
many(void)
{
	struct hosts *h = calloc(1, sizeof(*h));
	struct hosts_entry e = {.at.len = 128};
	uint32_t i;

	for (i = 0; h != NULL && i < MANY; i++) {
		e.at.addr = address(2 * i);
		e.manner = i;
		if (hosts_add(h, &e) != HOSTS_ADDED)
			return NULL;
	}
	return h;
}

static void
finds(const struct hosts *h, const char *when)
{
	const struct hosts_entry *e;
	struct ip_addr a;
	uint32_t i, wrong = 0;

	for (i = 0; i < 2 * MANY; i++) {
		a = address(i);
		e = hosts_find(h, &a);
		wrong += i % 2 == 0 ? e == NULL || e->manner != i / 2
				    : e != NULL;
	}
	check(wrong == 0, "each of %d hosts, and none between them%s", MANY,
	    when);
}

static void
twice(struct hosts *h)
{
	struct hosts_entry e = {.at.len = 128};
	uint32_t i, wrong = 0;

	for (i = 0; i < MANY; i++) {
		e.at.addr = address(2 * i);
		wrong += hosts_add(h, &e) != HOSTS_TWICE;
	}
	check(wrong == 0, "none is added twice");
}

/* ahead - any frames, in memory that ends where they do */
static void
ahead(const struct hosts *h)
{
	static const uint16_t types[] = {0x0800, 0x0806, 0x86dd, 0x8100};
	struct hosts_soon soon = {.at = 0};
	struct chance c;
	uint8_t *f;
	size_t len, k;
	int i;

	chance_seed(&c, 5);
	for (i = 0; i < 20000; i++) {
		len = chance_below(&c, 100);
		f = malloc(len + 1);
		if (f == NULL)
			exit(1);
		for (k = 0; k < len; k++)
			f[k] = (uint8_t)chance_u64(&c);
		if (len >= 14)
			put_be16(f + 12, types[i % 4]);
		if (len >= 55 && i % 8 == 2) {
			f[20] = PROTO_ICMP6;
			f[54] = 135;
		}
		hosts_soon_frame(h, &soon, f, len);
		free(f);
	}
	/* of ARP and IPv4 all that are long enough, and IPv6 */
	check(soon.at > 20000 * 3 / 4 * 2 / 5 && soon.at < 15000,
	    "%u of 15,000 frames are about an address", soon.at);
}

static void
empty(void)
{
	struct hosts *h = calloc(1, sizeof(*h));
	struct hosts_soon soon = {.at = 0};
	struct ip_addr a = address(1);

	if (h == NULL)
		exit(1);
	hosts_soon(h, &soon, &a);
	check(hosts_find(h, &a) == NULL, "nothing in an empty table");
	hosts_free(h);
}

int
main(void)
{
	struct hosts *h = many();

	check(h != NULL, "%d hosts", MANY);
	if (h == NULL)
		return done();
	finds(h, "");
	twice(h);
	ahead(h);
	finds(h, ", after others were fetched");
	hosts_free(h);
	empty();
	return done();
}
