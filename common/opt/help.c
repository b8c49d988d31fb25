/*
 * help.c - see help.h.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "opt/help.h"

enum { WIDTH = 79, NARROW = 8, WIDE = 26, FORMS = 80 };

static const struct opt last[] = {
    {.letter = 'h', .name = "help", .text = "print this text"},
    {.letter = 'V', .name = "version", .text = "print the version"},
    {0},
};

/* forms - "-a, --addr ADDR", "    --to", "-k[TIME]" */
static size_t
forms(const struct opt *o, char buf[FORMS])
{
	bool may = o->arg != NULL && o->arg[0] == '[';
	int n = 0;

	if (o->letter != 0)
		n = snprintf(buf, FORMS, "-%c", o->letter);
	if (o->name != NULL)
		n += snprintf(buf + n, (size_t)(FORMS - n), "%s--%s",
		    o->letter != 0 ? ", " : "    ", o->name);
	if (may)
		n += snprintf(buf + n, (size_t)(FORMS - n), "%s%.*s]",
		    o->name != NULL ? "[=" : "[", (int)strlen(o->arg) - 2,
		    o->arg + 1);
	else if (o->arg != NULL)
		n += snprintf(buf + n, (size_t)(FORMS - n), " %s", o->arg);
	return (size_t)n;
}

static bool
is_heading(const struct opt *o)
{
	return o->take == NULL && o->letter == 0;
}

/*
 * column - where the texts of a section begin, up to the next heading: behind
 * the widest forms that are not wide
 */
static size_t
column(const struct opt *o)
{
	char buf[FORMS];
	size_t n, widest = NARROW;

	for (; o->text != NULL && !is_heading(o); o++) {
		n = forms(o, buf);
		if (n > widest && n <= WIDE)
			widest = n;
	}
	return 2 + widest + 2;
}

/* wrap - text from column at on, broken at spaces; the line has n already */
static void
wrap(const char *text, size_t n, size_t at)
{
	size_t len;

	for (; *text != '\0'; text += len + strspn(text + len, " ")) {
		len = strcspn(text, " ");
		if (n > at && n + 1 + len > WIDTH) {
			putchar('\n');
			n = 0;
		}
		if (n < at)
			n += (size_t)printf("%*s", (int)(at - n), "");
		else if (n > at)
			n += (size_t)printf(" ");
		n += (size_t)printf("%.*s", (int)len, text);
	}
	putchar('\n');
}

static void
print_option(const struct opt *o, size_t at)
{
	char buf[FORMS];
	size_t n;

	forms(o, buf);
	n = (size_t)printf("  %s", buf);
	if (n + 2 > at) {
		putchar('\n');
		n = 0;
	}
	wrap(o->text, n, at);
}

static void
print_table(const struct opt *o)
{
	size_t at = column(o);

	for (; o->text != NULL; o++)
		if (is_heading(o)) {
			printf("%s:\n", o->text);
			at = column(o + 1);
		} else {
			print_option(o, at);
		}
}

static _Noreturn void
end(void)
{
	die_help("");
}

void
help_print(const struct opt_program *p, const char *argv0)
{
	const char *slash = strrchr(argv0, '/');
	const char *name = slash != NULL ? slash + 1 : argv0;
	size_t t, i;

	for (i = 0; p->usage[i] != NULL; i++)
		printf("%s %s %s\n", i == 0 ? "usage:" : "      ", name,
		    p->usage[i]);
	printf("%s\n", p->about);
	for (t = 0; t < OPT_TABLES && p->table[t].opt != NULL; t++)
		print_table(p->table[t].opt);
	print_table(last);
	if (p->more != NULL)
		printf("%s\n", p->more);
	end();
}

static void
list_option(const struct opt *o)
{
	if (o->letter != 0)
		printf("-%c%s", o->letter, o->name != NULL ? "," : "");
	if (o->name != NULL)
		printf("--%s", o->name);
	printf("\t%s\t%s\t%s\n", o->arg != NULL ? o->arg : "-",
	    o->words != NULL ? o->words : "-", o->text);
}

void
help_list(const struct opt_program *p)
{
	size_t t, i;

	for (t = 0; t < OPT_TABLES && p->table[t].opt != NULL; t++)
		for (i = 0; p->table[t].opt[i].text != NULL; i++)
			if (p->table[t].opt[i].take != NULL)
				list_option(&p->table[t].opt[i]);
	for (i = 0; last[i].text != NULL; i++)
		list_option(&last[i]);
	end();
}
