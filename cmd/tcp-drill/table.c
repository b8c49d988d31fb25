/*
 * table.c - the results by RFC: as text, and as a page. A case that names
 * several requirements stands at each of them.
 */
#include <stdlib.h>
#include <string.h>

#include "base/die.h"

#include "drill.h"

enum { REQUIREMENT_CAP = 40, RFC_DIGITS = 8 };

struct row {
	char rfc[RFC_DIGITS];	    /* "9293", or "" */
	char what[REQUIREMENT_CAP]; /* "MUST-1", "3.5" */
	unsigned i;		    /* of the chosen */
};

struct table {
	const struct drill *d;
	struct row *row;
	unsigned n;
};

static const struct drill_case *
case_of(const struct drill *d, unsigned i)
{
	return &d->cases.c[d->chosen[i]];
}

static const struct result *
result_of(const struct table *t, const struct row *r)
{
	return &t->d->result[r->i];
}

/* ---- rows ---- */

/* natural - numbers by their value: MUST-2 before MUST-10, 9 before 10 */
static int
natural(const char *a, const char *b)
{
	size_t n = strcspn(a, "0123456789");
	char *p, *q;
	long x, y;

	if (strncmp(a, b, n) != 0 || a[n] == '\0')
		return strcmp(a, b);
	x = strtol(a + n, &p, 10);
	y = strtol(b + n, &q, 10);
	if (x != y || q == b + n)
		return x < y ? -1 : 1;
	return natural(p, q);
}

/* by_requirement - what names none comes last */
static int
by_requirement(const struct row *r, const struct row *q)
{
	int c = (r->rfc[0] == '\0') - (q->rfc[0] == '\0');

	if (c == 0)
		c = natural(r->rfc, q->rfc);
	if (c == 0)
		c = natural(r->what, q->what);
	return c != 0 ? c : (r->i > q->i) - (r->i < q->i);
}

/* read_one - "RFC9293 MUST-1", up to a comma */
static void
read_one(struct row *r, const char *p, size_t n)
{
	size_t digits = 0;

	if (n > 3 && strncmp(p, "RFC", 3) == 0) {
		digits = strspn(p + 3, "0123456789");
		snprintf(r->rfc, sizeof(r->rfc), "%.*s", (int)digits, p + 3);
		digits += 3;
		digits += digits < n && p[digits] == ' ';
	}
	snprintf(
	    r->what, sizeof(r->what), "%.*s", (int)(n - digits), p + digits);
}

static void
add_rows(struct table *t, unsigned i)
{
	const char *p = case_of(t->d, i)->requirement;
	struct row *r;
	size_t n;

	do {
		n = strcspn(p, ",");
		r = &t->row[t->n++];
		*r = (struct row){.i = i};
		read_one(r, p, n);
		p += n;
		p += strspn(p, ", ");
	} while (*p != '\0');
}

/* sort - qsort() asks for the size of memory, which the sandbox forbids */
static void
sort(struct table *t)
{
	struct row one;
	unsigned i, k;

	for (i = 1; i < t->n; i++) {
		one = t->row[i];
		for (k = i; k > 0 && by_requirement(&t->row[k - 1], &one) > 0;
		     k--)
			t->row[k] = t->row[k - 1];
		t->row[k] = one;
	}
}

/* count_rows - a comma is between two */
static unsigned
count_rows(const struct drill *d)
{
	unsigned n = 0, i;
	const char *p;

	for (i = 0; i < d->nchosen; i++) {
		n++;
		for (p = case_of(d, i)->requirement; *p != '\0'; p++)
			n += *p == ',';
	}
	return n;
}

static bool
begins_rfc(const struct table *t, unsigned k)
{
	return k == 0 || strcmp(t->row[k].rfc, t->row[k - 1].rfc) != 0;
}

/* put_counts - of the rows of one RFC, from k on */
static void
put_counts(const struct table *t, unsigned k, FILE *f)
{
	unsigned count[OUTCOMES] = {0}, i;
	const char *comma = "";

	do {
		count[result_of(t, &t->row[k])->outcome]++;
	} while (++k < t->n && !begins_rfc(t, k));
	for (i = OUT_PASS; i < OUTCOMES; i++) {
		if (count[i] == 0)
			continue;
		fprintf(f, "%s%u %s", comma, count[i], outcome_names[i]);
		comma = ", ";
	}
}

static void
put_total(const struct drill *d, FILE *f)
{
	unsigned i;

	for (i = OUT_PASS; i < OUTCOMES; i++)
		fprintf(f, "%s%s: %u", i > OUT_PASS ? ", " : "",
		    outcome_names[i], report_count(d, (enum outcome)i));
}

/* reason - of a result that is not a pass, in a line; "" */
static const char *
reason(const struct result *r)
{
	if (r->outcome == OUT_SKIP && r->why != NULL)
		return r->why;
	return r->outcome == OUT_DEVIATION ? r->reason : "";
}

/* ---- text ---- */

static void
put_text_row(const struct table *t, unsigned k, FILE *f)
{
	const struct row *r = &t->row[k];
	const struct drill_case *c = case_of(t->d, r->i);
	const char *why = reason(result_of(t, r));

	if (begins_rfc(t, k)) {
		if (r->rfc[0] != '\0')
			fprintf(f, "\nRFC %s: ", r->rfc);
		else
			fprintf(f, "\nof no RFC: ");
		put_counts(t, k, f);
		fputc('\n', f);
	}
	fprintf(f, "  %-12s %-10s %-9s %s", r->what, level_names[c->level],
	    outcome_names[result_of(t, r)->outcome], c->name);
	fprintf(f, "%s%s\n", why[0] != '\0' ? ": " : "", why);
}

static void
put_text(const struct table *t)
{
	FILE *f = t->d->text_file;
	char text[IP_TEXT];
	unsigned k;

	fprintf(f, "TCP of %s\n", ip_text(&t->d->dst, text));
	put_total(t->d, f);
	fputc('\n', f);
	for (k = 0; k < t->n; k++)
		put_text_row(t, k, f);
}

/* ---- HTML ---- */

static void
put_html_row(const struct table *t, unsigned k, FILE *f)
{
	const struct row *row = &t->row[k];
	const struct drill_case *c = case_of(t->d, row->i);
	const struct result *r = result_of(t, row);
	const char *why = reason(r);

	if (begins_rfc(t, k)) {
		fprintf(f, "<tr><th colspan=\"5\">%s %s: ",
		    row->rfc[0] != '\0' ? "RFC" : "of no RFC", row->rfc);
		put_counts(t, k, f);
		fputs("</th></tr>\n", f);
	}
	fprintf(f, "<tr class=\"%s\"><td>", outcome_names[r->outcome]);
	put_xml(f, row->what);
	fprintf(f, "</td><td>%s</td><td>", level_names[c->level]);
	put_xml(f, c->name);
	fputs("</td><td>", f);
	put_xml(f, c->title);
	fprintf(f, "</td><td>%s%s", outcome_names[r->outcome],
	    why[0] != '\0' ? ": " : "");
	put_xml(f, why);
	if (r->outcome == OUT_FAIL && r->why != NULL) {
		fputs("<pre>", f);
		put_xml(f, r->why);
		fputc('\n', f);
		put_xml(f, r->ladder != NULL ? r->ladder : "");
		fputs("</pre>", f);
	}
	fputs("</td></tr>\n", f);
}

static void
put_html(const struct table *t)
{
	FILE *f = t->d->html_file;
	char text[IP_TEXT];
	unsigned k;

	fprintf(f,
	    "<!DOCTYPE html>\n<meta charset=\"utf-8\">\n"
	    "<title>tcp-drill: %s</title>\n<style>\n"
	    "body{font-family:sans-serif}table{border-collapse:collapse}\n"
	    "td,th{border:1px solid #999;padding:.2em .5em;text-align:left;"
	    "vertical-align:top}\n.fail{background:#fdd}"
	    ".unstable,.deviation{background:#ffc}.skip{color:#777}\n"
	    "</style>\n<h1>TCP of %s</h1>\n<p>",
	    ip_text(&t->d->dst, text), text);
	put_total(t->d, f);
	fputs("</p>\n<table>\n<tr><th>Requirement</th><th>Level</th>"
	      "<th>Case</th><th>What</th><th>Result</th></tr>\n",
	    f);
	for (k = 0; k < t->n; k++)
		put_html_row(t, k, f);
	fputs("</table>\n", f);
}

void
table_put(struct drill *d)
{
	struct table t = {.d = d};
	unsigned i;

	if (d->html_file == NULL && d->text_file == NULL)
		return;
	t.row = calloc(count_rows(d) + 1, sizeof(*t.row));
	if (t.row == NULL)
		die(EXIT_NO, "make a table: out of memory");
	for (i = 0; i < d->nchosen; i++)
		add_rows(&t, i);
	sort(&t);
	if (d->html_file != NULL) {
		put_html(&t);
		report_close(d, d->html_file, d->html);
	}
	if (d->text_file != NULL) {
		put_text(&t);
		report_close(d, d->text_file, d->text);
	}
	free(t.row);
}
