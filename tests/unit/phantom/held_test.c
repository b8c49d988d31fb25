/* held_test.c - connections that stay open are told once, while they are */
#include <stdio.h>
#include <string.h>

#include "held.h"
#include "tap.h"

static struct held h;

/* seconds - as many, and how many connections were told in them */
static unsigned
seconds(unsigned n, char last[HELD_ENDS])
{
	unsigned told = 0;
	const char *ends;
	uint32_t i;

	while (n-- > 0) {
		held_second(&h);
		for (i = 0; (ends = held_next(&h, &i)) != NULL; told++)
			snprintf(last, HELD_ENDS, "%s", ends);
	}
	return told;
}

int
main(void)
{
	char text[HELD_ENDS], last[HELD_ENDS] = "";
	unsigned i, told;

	held_opened(&h, "a to b");
	held_opened(&h, "c to b");
	check(seconds(HELD_SECONDS - 1, last) == 0, "not before its time");
	held_closed(&h, "c to b");
	check(seconds(1, last) == 1 && strcmp(last, "a to b") == 0,
	    "what is still open");
	check(seconds(100, last) == 0, "once");
	held_closed(&h, "a to b");
	held_closed(&h, "a to b");
	check(h.n == 0, "closed");
	for (i = 0; i < 100000; i++) {
		snprintf(text, sizeof(text), "10.0.0.9:%u to 10.0.0.5:80", i);
		held_opened(&h, text);
	}
	check(h.n <= HELD_MAX, "many: the table has an end");
	told = seconds(HELD_SECONDS, last);
	check(told == h.n && told > HELD_MAX * 9 / 10, "and is used: %u", told);
	for (i = 0; i < 100000; i++) {
		snprintf(text, sizeof(text), "10.0.0.9:%u to 10.0.0.5:80", i);
		held_closed(&h, text);
	}
	check(h.n == 0, "all are closed");
	return done();
}
