/* flow_test.c - the table of connections that all readers share */
#include <time.h>

#include "capture/flow.h"
#include "tap.h"
#include "wire/parse.h"

static struct endpoint
at(const char *addr, uint16_t port)
{
	struct endpoint e = {.port = port};

	parse_addr(addr, &e.addr);
	return e;
}

static void
both_ways(void)
{
	struct endpoint a = at("10.0.0.9", 40000), b = at("10.0.0.5", 80);
	struct endpoint c = at("10.0.0.9", 80), d = at("10.0.0.5", 40000);
	struct flow_table *t = flow_table_new(1000, NULL);
	int from = -1;

	check(flow_find(t, &a, &b, &from) == FLOW_NONE, "nothing at first");
	check(flow_add(t, &a, &b) == 0 && flow_find(t, &a, &b, &from) == 0 &&
		  from == 0,
	    "what was added is found, from end 0");
	check(flow_find(t, &b, &a, &from) == 0 && from == 1,
	    "and the other way, from end 1");
	check(flow_find(t, &c, &d, &from) == FLOW_NONE,
	    "ports that are exchanged are another connection");
	check(flow_add(t, &b, &a) == 1 && flow_find(t, &a, &b, &from) == 1 &&
		  from == 1 && flow_older(t, 1) == 0 &&
		  flow_older(t, 0) == FLOW_NONE,
	    "the same ends again: the latest is found, the older is behind");
	flow_table_free(t);
}

static void
gives_up(void)
{
	struct endpoint a = at("fd00::9", 1), b = at("fd00::5", 80);
	struct flow_table *t = flow_table_new(4, NULL);
	uint32_t i;
	int from;

	for (i = 0; i < 4; i++) {
		a.port = (uint16_t)i;
		flow_add(t, &a, &b);
	}
	a.port = 0;
	flow_find(t, &a, &b, &from);
	a.port = 9;
	check(flow_add(t, &a, &b) == 1 && flow_count(t) == 4,
	    "full: the one that was silent the longest gives up its number");
	a.port = 1;
	check(flow_find(t, &a, &b, &from) == FLOW_NONE, "it is gone");
	a.port = 0;
	check(flow_find(t, &a, &b, &from) == 0, "one that was used is not");
	for (i = 0; i < 100; i++)
		flow_add(t, &a, &b);
	check(flow_count(t) == 4, "the same ends a hundred times: still four");
	flow_table_free(t);
}

/* the ports' sum and the addresses' are constant: a sum would collide */
static void
crafted(void)
{
	static const uint64_t key[2] = {1, 2};
	struct endpoint a = at("10.0.0.9", 0), b = at("10.0.0.5", 0);
	struct flow_table *t = flow_table_new(UINT32_MAX - 1, key);
	uint32_t i, wrong = 0;
	clock_t begin = clock();
	int from;

	for (i = 0; i < 60000; i++) {
		a.port = (uint16_t)i;
		b.port = (uint16_t)(60000 - i);
		wrong += flow_find(t, &a, &b, &from) != FLOW_NONE;
		wrong += flow_add(t, &a, &b) != i;
	}
	for (i = 0; i < 60000; i++) {
		a.port = (uint16_t)i;
		b.port = (uint16_t)(60000 - i);
		wrong += flow_find(t, &b, &a, &from) != i;
	}
	check(wrong == 0, "60,000 connections of ports with a constant sum");
	check(clock() - begin < CLOCKS_PER_SEC, "in less than a second");
	flow_table_free(t);
	begin = clock();
	t = flow_table_new(32768, NULL);
	for (i = 0; i < 200000; i++)
		flow_add(t, &a, &b);
	check(clock() - begin < CLOCKS_PER_SEC,
	    "200,000 of the same ends in a full table: likewise");
	flow_table_free(t);
}

int
main(void)
{
	both_ways();
	gives_up();
	crafted();
	return done();
}
