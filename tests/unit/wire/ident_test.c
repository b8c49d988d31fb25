/*
 * ident_test.c - how identifications go on: as a Linux has it, by which two
 * packets in a tick of 4 ms are one apart, and later ones by any number up to
 * the ticks in between; and of hosts that count in other ways.
 */
#include <stdint.h>
#include <string.h>

#include "base/bytes.h"
#include "base/chance.h"
#include "base/clock.h"
#include "tap.h"
#include "wire/ident.h"
#include "wire/ip.h"
#include "wire/parse.h"

enum { ICMP = 1, UDP = 17, MANY = 400 };

static struct ident s;
static uint64_t now = 1000 * NS_PER_SEC;

static struct ip_addr
ip(const char *text)
{
	struct ip_addr a;

	parse_addr(text, &a);
	return a;
}

static uint32_t
next(enum face_id how, const char *from, const char *to, uint8_t proto)
{
	struct ip_addr src = ip(from), dst = ip(to);

	return ident_next(&s, now, how, 500, &src, &dst, proto);
}

/* step - from one to the next, for the same ends, after so long */
static uint32_t
step(uint64_t wait)
{
	uint32_t a = next(FACE_ID_OWN, "10.0.0.5", "10.0.0.9", ICMP);

	now += wait;
	return next(FACE_ID_OWN, "10.0.0.5", "10.0.0.9", ICMP) - a;
}

static void
test_own(void)
{
	uint32_t i, least = UINT32_MAX, most = 0, sum = 0, n, apart = 0;

	now = 1000 * NS_PER_SEC;
	for (i = 0, n = 0; i < MANY; i++)
		n += step(0) == 1;
	check(n == MANY, "in one tick: one more");
	for (i = 0; i < MANY; i++) {
		n = step(NS_PER_SEC / 2);
		least = n < least ? n : least;
		most = n > most ? n : most;
		sum += n;
	}
	check(least >= 1 && least < 10 && most > 115 && most <= 125,
	    "half a second: 1 to 125 more: %u to %u", least, most);
	check(sum / MANY > 55 && sum / MANY < 71, "63 on average: %u",
	    sum / MANY);
	n = next(FACE_ID_OWN, "10.0.0.5", "10.0.0.9", ICMP);
	for (i = 1; i < 100; i++) {
		struct ip_addr src = ip("10.0.0.5"), dst = ip("10.0.0.9");

		dst.b[15] = (uint8_t)(100 + i);
		apart += ident_next(&s, now, FACE_ID_OWN, 0, &src, &dst, ICMP) -
			     n >
			 1000;
	}
	check(apart > 90, "to others it begins elsewhere: %u of 99", apart);
	check(next(FACE_ID_OWN, "10.0.0.5", "10.0.0.9", ICMP) == n + 1,
	    "and they do not count here");
	check(next(FACE_ID_OWN, "10.0.0.5", "10.0.0.9", UDP) - n > 1000 &&
		  next(FACE_ID_OWN, "10.0.0.6", "10.0.0.9", ICMP) - n > 1000,
	    "nor does another protocol, or another host");
}

static void
test_host(void)
{
	uint16_t a, b;

	a = (uint16_t)next(FACE_ID_COUNT, "10.0.1.5", "10.0.0.9", ICMP);
	b = (uint16_t)next(FACE_ID_COUNT, "10.0.1.5", "10.0.0.8", UDP);
	check(a == 501 && b == 502, "a host that counts: for all alike");
	check(next(FACE_ID_COUNT, "10.0.1.6", "10.0.0.9", ICMP) == 501,
	    "its neighbour counts by itself");
	a = (uint16_t)next(FACE_ID_SWAPPED, "10.0.1.7", "10.0.0.9", ICMP);
	b = (uint16_t)next(FACE_ID_SWAPPED, "10.0.1.7", "10.0.0.9", ICMP);
	check((uint16_t)(b - a) == 256, "the low byte first");
	a = (uint16_t)next(FACE_ID_LEAPS, "10.0.1.8", "10.0.0.9", ICMP);
	b = (uint16_t)next(FACE_ID_LEAPS, "10.0.1.8", "10.0.0.9", ICMP);
	check((uint16_t)(b - a) > 1000, "in leaps");
	a = (uint16_t)next(FACE_ID_RANDOM, "10.0.1.9", "10.0.0.9", ICMP);
	b = (uint16_t)next(FACE_ID_RANDOM, "10.0.1.9", "10.0.0.9", ICMP);
	check((uint16_t)(b - a) > 1, "at random");
}

int
main(void)
{
	struct chance chance;

	chance_seed(&chance, 1);
	ident_init(&s, &chance);
	test_own();
	test_host();
	return done();
}
