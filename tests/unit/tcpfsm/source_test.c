/*
 * source_test.c - a file that becomes shorter while it is served: what was
 * copied stays, what was mapped is there up to the page that is gone.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/tcpfsm/source.h"
#include "tap.h"

enum { LONG = 1 << 20, LEFT = 1 << 16 };

static FILE *
file(int byte)
{
	static char b[LONG];
	FILE *f = tmpfile();

	memset(b, byte, sizeof(b));
	if (f == NULL || fwrite(b, 1, sizeof(b), f) != sizeof(b) ||
	    fflush(f) != 0 || fseek(f, 0, SEEK_SET) != 0)
		exit(1);
	return f;
}

static void
shrink(FILE *f, off_t n)
{
	if (ftruncate(fileno(f), n) != 0)
		exit(1);
}

int
main(void)
{
	struct source copied, mapped, other;
	FILE *a = file('a'), *b = file('b'), *c = file('c');
	const uint8_t *p;

	check(source_take(&copied, fileno(a), LONG + 1) == 0 && !copied.mapped,
	    "a smaller file is copied");
	check(source_take(&mapped, fileno(b), LONG) == 0 && mapped.mapped &&
		  source_take(&other, fileno(c), LONG) == 0 && other.mapped,
	    "two larger ones are mapped");
	p = mapped.bytes;
	check(source_there(&mapped, p, LONG) && !source_gone(p, LONG) &&
		  !source_any_gone(),
	    "they are there");
	shrink(a, 0);
	shrink(b, LEFT);
	check(source_there(&copied, copied.bytes, LONG) &&
		  copied.bytes[0] == 'a' && copied.bytes[LONG - 1] == 'a',
	    "what was copied stays");
	check(source_there(&mapped, p, LEFT) && !source_any_gone(),
	    "what is left is there, and no more was looked at");
	check(!source_there(&mapped, p + LEFT - 1, 2) && source_any_gone(),
	    "what is gone is not");
	check(source_gone(p + LONG - 1, 1) && source_gone(p, LONG) &&
		  !source_gone(p, LEFT) && p[LEFT - 1] == 'b',
	    "that is known up to the end");
	check(!source_gone(other.bytes, LONG) &&
		  source_there(&other, other.bytes, LONG),
	    "the other file is whole");
	shrink(b, 0);
	check(!source_there(&mapped, p + LEFT - 1, 1) && source_gone(p, 1) == 0,
	    "once more: from the page that was looked at");
	source_close(&mapped);
	check(!source_gone(p, LONG), "closed: nothing is known of it");
	source_close(&copied);
	source_close(&other);
	return done();
}
