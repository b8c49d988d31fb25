/*
 * profile.c - known deviations of a stack: "NAME REASON", a line each, the
 * name a pattern as the shell has them. Of the program, or a file.
 */
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "base/die.h"

#include "drill.h"

static void
apply(struct drill *d, const char *pattern, const char *reason)
{
	unsigned i;

	for (i = 0; i < d->nchosen; i++) {
		if (fnmatch(pattern, d->cases.c[d->chosen[i]].name, 0) == 0)
			d->result[i].reason = reason;
	}
}

void
profile_load(struct drill *d)
{
	static struct lines lines;
	char name[100], pattern[CASE_NAME];
	const char *t;
	unsigned i;
	size_t n;

	if (d->profile == NULL)
		return;
	lines.known = catalogue;
	lines.nknown = ncatalogue;
	snprintf(name, sizeof(name), "%.80s.profile", d->profile);
	if (!lines_load(
		&lines, strchr(d->profile, '/') == NULL ? name : d->profile))
		die(EXIT_WRONG,
		    "%s: --profile takes the name of a known one "
		    "(see --help), or a file with a / in its path",
		    lines.error);
	for (i = 0; i < lines.n; i++) {
		t = lines.line[i].text;
		n = strcspn(t, " \t");
		snprintf(pattern, sizeof(pattern), "%.*s", (int)n, t);
		if (n >= sizeof(pattern) || t[n] == '\0')
			die(EXIT_WRONG, "%s:%d:%d: want NAME REASON",
			    lines.line[i].file, lines.line[i].number,
			    lines.line[i].column);
		apply(d, pattern, t + n + strspn(t + n, " \t"));
	}
}
