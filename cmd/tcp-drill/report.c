/*
 * report.c - what came of the cases: TAP as they end, at the end JUnit and a
 * page for people; and the list of what there is.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"

#include "drill.h"

const char *const outcome_names[OUTCOMES] = {
    [OUT_NONE] = "not run",
    [OUT_PASS] = "pass",
    [OUT_FAIL] = "fail",
    [OUT_SKIP] = "skip",
    [OUT_UNSTABLE] = "unstable",
    [OUT_DEVIATION] = "deviation",
};

static const struct drill_case *
case_of(const struct drill *d, unsigned i)
{
	return &d->cases.c[d->chosen[i]];
}

char *
ladder_of(const struct play *p)
{
	size_t cap = (p->notes + 2) * 180, n = 0;
	char *text = malloc(cap);
	unsigned i;

	if (text == NULL)
		return NULL;
	text[0] = '\0';
	for (i = 0; i < p->notes; i++) {
		const struct play_note *note = &p->note[i];

		n += (size_t)snprintf(text + n, cap - n, "%9.3f %s %s\n",
		    ((double)note->at - (double)p->start) / 1e9,
		    note->dir == '<' ? "-->   " : "   <--", note->text);
	}
	if (p->lost_notes > 0)
		snprintf(text + n, cap - n, "... %u more\n", p->lost_notes);
	return text;
}

unsigned
report_count(const struct drill *d, enum outcome o)
{
	unsigned i, n = 0;

	for (i = 0; i < d->nchosen; i++)
		n += d->result[i].outcome == o;
	return n;
}

/* ---- what there is ---- */

void
report_list(const struct drill *d)
{
	const struct drill_case *c;
	char need[CASE_NEEDS];
	unsigned i;

	for (i = 0; i < d->nchosen; i++) {
		c = case_of(d, i);
		printf("%-32s %-10s %-12s %s\n", c->name, level_names[c->level],
		    cases_needs(c, need),
		    c->requirement[0] != '\0' ? c->requirement : "-");
		if (d->o.level > 0)
			printf("    %s\n    finds: %s\n", c->title, c->finds);
	}
}

void
report_print(const struct drill *d)
{
	const struct drill_case *c;
	char need[CASE_NEEDS];
	unsigned i, k;

	for (i = 0; i < d->nchosen; i++) {
		c = case_of(d, i);
		printf("case %s\ntitle %s\nrequirement %s\nfinds %s\n"
		       "level %s\nneeds %s\n",
		    c->name, c->title, c->requirement, c->finds,
		    level_names[c->level], cases_needs(c, need));
		for (k = c->first; k < c->end; k++)
			printf("%s\n", d->cases.lines.line[k].text);
	}
}

/* ---- TAP ---- */

static void
print_block(FILE *f, const char *text)
{
	const char *end;

	for (; *text != '\0'; text = *end == '\0' ? end : end + 1) {
		end = text + strcspn(text, "\n");
		fprintf(f, "# %.*s\n", (int)(end - text), text);
	}
}

static void
print_result(FILE *f, const struct drill *d, unsigned i)
{
	const struct drill_case *c = case_of(d, i);
	struct result *r = &d->result[i];

	r->told = true;
	fprintf(f, "%sok %u - %s", r->outcome == OUT_FAIL ? "not " : "", i + 1,
	    c->name);
	if (r->outcome == OUT_SKIP)
		fprintf(f, " # SKIP %s", r->why);
	else if (r->outcome == OUT_UNSTABLE)
		fprintf(f, " # unstable: failed, then passed alone");
	else if (r->outcome == OUT_DEVIATION)
		fprintf(f, " # deviation: %s", r->reason);
	else if (r->outcome == OUT_PASS && r->reason != NULL)
		fprintf(f, " # passes, though the profile lists it");
	else if (r->outcome == OUT_PASS && r->tries > 1 &&
		 r->passed + r->spoiled == r->tries)
		fprintf(f, " # run again, as the path lost a packet");
	else if (r->outcome == OUT_PASS && r->tries > 1)
		fprintf(f, " # passed in %u of %u runs: the path loses packets",
		    r->passed, r->tries);
	fputc('\n', f);
	if (r->outcome != OUT_FAIL &&
	    (r->outcome != OUT_UNSTABLE || d->o.level < 1) &&
	    (r->outcome != OUT_DEVIATION || d->o.level < 1))
		return;
	if (c->title[0] != '\0')
		fprintf(f, "# %s\n", c->title);
	fprintf(f, "# %s%s%s\n", level_names[c->level],
	    c->requirement[0] != '\0' ? ", " : "", c->requirement);
	if (c->finds[0] != '\0')
		fprintf(f, "# finds: %s\n", c->finds);
	if (r->why != NULL)
		print_block(f, r->why);
	if (r->ladder != NULL)
		print_block(f, r->ladder);
}

static unsigned printed;

void
report_plan(struct drill *d)
{
	fprintf(query_text(d->x), "1..%u\n# seed %llu\n", d->nchosen,
	    (unsigned long long)d->o.seed);
}

void
report_note(struct drill *d, const char *text)
{
	fprintf(query_text(d->x), "# %s\n", text);
}

bool
report_in_doubt(const struct drill *d, const struct result *r)
{
	unsigned sure = d->tries > 1 ? REPORT_SURE : 1;

	if (r->told)
		return false;
	if (r->outcome == OUT_PASS)
		return r->reason != NULL && r->passed < sure;
	return d->lossy && r->outcome == OUT_SKIP && r->tries > 0 &&
	       r->skipped < REPORT_SURE;
}

/* is_final - no more runs will change it */
static bool
is_final(const struct drill *d, const struct result *r)
{
	return r->outcome != OUT_NONE && r->outcome != OUT_FAIL &&
	       r->outcome != OUT_UNSTABLE && !report_in_doubt(d, r);
}

void
report_next(struct drill *d)
{
	while (printed < d->nchosen && is_final(d, &d->result[printed]))
		print_result(query_text(d->x), d, printed++);
}

/* ---- files ---- */

void
put_xml(FILE *f, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '<')
			fputs("&lt;", f);
		else if (*text == '>')
			fputs("&gt;", f);
		else if (*text == '&')
			fputs("&amp;", f);
		else if (*text == '"')
			fputs("&quot;", f);
		else
			fputc(*text, f);
	}
}

static void
put_junit_case(FILE *f, const struct drill_case *c, const struct result *r)
{
	const char *slash = strchr(c->name, '/');

	fprintf(f, "<testcase classname=\"tcp.%.*s\" name=\"",
	    slash != NULL ? (int)(slash - c->name) : 5,
	    slash != NULL ? c->name : "other");
	put_xml(f, c->name);
	fprintf(f, "\" time=\"%.3f\">", (double)r->took / 1e9);
	if (r->outcome == OUT_FAIL) {
		fputs("<failure message=\"", f);
		put_xml(f, c->title);
		fputs("\">", f);
		put_xml(f, r->why != NULL ? r->why : "");
		fputc('\n', f);
		put_xml(f, r->ladder != NULL ? r->ladder : "");
		fputs("</failure>", f);
	} else if (r->outcome != OUT_PASS) {
		fputs("<skipped message=\"", f);
		put_xml(f, outcome_names[r->outcome]);
		fputs(": ", f);
		put_xml(f, r->reason != NULL ? r->reason
			   : r->why != NULL  ? r->why
					     : "");
		fputs("\"/>", f);
	}
	fputs("</testcase>\n", f);
}

static void
put_junit(const struct drill *d)
{
	FILE *f = d->junit_file;
	unsigned i;

	fprintf(f,
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<testsuite name=\"tcp-drill\" tests=\"%u\" failures=\"%u\" "
	    "skipped=\"%u\">\n",
	    d->nchosen, report_count(d, OUT_FAIL),
	    d->nchosen - report_count(d, OUT_FAIL) - report_count(d, OUT_PASS));
	for (i = 0; i < d->nchosen; i++)
		put_junit_case(f, case_of(d, i), &d->result[i]);
	fputs("</testsuite>\n", f);
}

void
report_close(struct drill *d, FILE *f, const char *name)
{
	bool failed = fflush(f) != 0 || ferror(f);

	if (failed)
		say("write %s: %s", name, strerror(errno));
	d->unwritten |= failed;
	fclose(f);
}

void
report_end(struct drill *d)
{
	FILE *f = query_text(d->x);
	unsigned i;

	for (; printed < d->nchosen; printed++) {
		if (d->result[printed].outcome != OUT_NONE)
			print_result(f, d, printed);
	}
	fputc('#', f);
	for (i = OUT_PASS; i < OUTCOMES; i++)
		fprintf(f, "%s %u %s", i > OUT_PASS ? "," : "",
		    report_count(d, (enum outcome)i), outcome_names[i]);
	fputc('\n', f);
	if (d->junit_file != NULL) {
		put_junit(d);
		report_close(d, d->junit_file, d->junit);
	}
	table_put(d);
}
