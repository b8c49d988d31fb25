/*
 * again_test.c - the file is read again: from a bundle of texts, and commands
 * and quirks keep their numbers.
 */
#include <stdlib.h>
#include <string.h>

#include "hosts/from.h"
#include "hosts/hosts.h"
#include "tap.h"
#include "wire/ip.h"

static char error[HOSTS_ERROR];

static struct hosts *
read_it(const char *text, const struct hosts_words *before)
{
	struct bundle b = {.p = NULL};
	struct hosts_from from;
	struct hosts_use use = {.again = before != NULL, .before = before};
	struct hosts *h;

	bundle_put(&b, BUNDLE_FILE, "dir/more", text, strlen(text));
	bundle_put(&b, BUNDLE_FILE, "dir/f", "include more", 12);
	from = bundle_reads(&b);
	use.from = &from;
	strcpy(error, "none");
	h = hosts_load("dir/f", &use, error);
	free(b.p);
	return h;
}

static void
numbers(void)
{
	struct hosts *h = read_it("host 10.0.0.1\n tcp 1 command one\n"
				  " tcp 2 quirk rude\n tcp 3 command two\n",
	    NULL);
	struct hosts_words w;
	const char *const *c;
	struct hosts *more, *bad;
	uint32_t n;

	check(h != NULL, "a file that includes another: %s", error);
	if (h == NULL)
		return;
	w.command = hosts_commands(h, &w.ncommands);
	w.quirk = hosts_quirks(h, &w.nquirks);
	more = read_it("host 10.0.0.1\n tcp 1 command three\n"
		       " tcp 2 quirk rude\n tcp 3 command two\n",
	    &w);
	check(more != NULL, "again: %s", error);
	c = hosts_commands(more, &n);
	check(n == 3 && strcmp(c[1], "two") == 0 && strcmp(c[2], "three") == 0,
	    "what stood there keeps its number, what is new has the next");
	bad = read_it("host 10.0.0.1\n tcp 1 quirk odd\n", &w);
	check(bad == NULL && strcmp(error, "dir/more:2:14: quirk odd: no line "
					   "had it when this began: start it "
					   "again") == 0,
	    "another quirk: %s", error);
	hosts_strip(h);
	c = hosts_commands(h, &n);
	check(n == 2 && strcmp(c[0], "one") == 0, "a table of words alone");
	hosts_free(more);
	hosts_free(h);
}

static void
bundles(void)
{
	struct bundle b = {.p = NULL};
	struct bundle_text t;
	size_t at = 0, n;

	bundle_put(&b, BUNDLE_FILE, "a", "x\0y", 3);
	bundle_put(&b, BUNDLE_ERROR, "", "", 0);
	check(bundle_next(&b, &at, &t) && t.n == 3 &&
		  memcmp(t.data, "x\0y", 4) == 0 && strcmp(t.name, "a") == 0,
	    "bytes of all kinds");
	check(bundle_next(&b, &at, &t) && t.kind == BUNDLE_ERROR && t.n == 0 &&
		  !bundle_next(&b, &at, &t),
	    "an empty one, and the end");
	for (n = b.n, at = 0; b.n > 0; b.n--, at = 0)
		while (bundle_next(&b, &at, &t))
			;
	check(at <= n, "cut anywhere");
	free(b.p);
}

int
main(void)
{
	numbers();
	bundles();
	return done();
}
