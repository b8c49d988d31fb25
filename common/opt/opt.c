/*
 * opt.c - the command line by a table, see opt.h. getopt_long() finds the
 * options; the messages are ours.
 */
#include <ctype.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "opt/help.h"
#include "opt/opt.h"

enum { OPTIONS = 96, NAMED = 256 };

/* what getopt_long() is given, and what its answers mean */
struct known {
	const struct opt *opt[OPTIONS];
	void *base[OPTIONS];
	size_t n;
	char letters[2 + 3 * OPTIONS];
	struct option longs[OPTIONS + 4];
};

static const struct opt help_opt = {.letter = 'h', .name = "help"};
static const struct opt version_opt = {.letter = 'V', .name = "version"};
static const struct opt list_opt = {.name = "list-options"};

static int
has_arg(const struct opt *o)
{
	if (o->arg == NULL)
		return no_argument;
	return o->arg[0] == '[' ? optional_argument : required_argument;
}

static void
add(struct known *k, const struct opt *o, void *base)
{
	static const char *const colons[] = {"", ":", "::"};
	size_t i = k->n++;

	k->opt[i] = o;
	k->base[i] = base;
	if (o->letter != 0) {
		size_t at = strlen(k->letters);

		snprintf(k->letters + at, sizeof(k->letters) - at, "%c%s",
		    o->letter, colons[has_arg(o)]);
	}
	k->longs[i] = (struct option){.name = o->name != NULL ? o->name : "",
	    .has_arg = has_arg(o),
	    .val = NAMED + (int)i};
}

static void
gather(struct known *k, const struct opt_program *p)
{
	size_t t, i;

	memset(k, 0, sizeof(*k));
	snprintf(k->letters, sizeof(k->letters),
	    "%s:", p->first_word_ends ? "+" : "");
	add(k, &help_opt, NULL);
	add(k, &version_opt, NULL);
	add(k, &list_opt, NULL);
	for (t = 0; t < OPT_TABLES && p->table[t].opt != NULL; t++) {
		const struct opt *o = p->table[t].opt;

		for (i = 0; o[i].text != NULL; i++)
			if (o[i].take != NULL && k->n < OPTIONS)
				add(k, &o[i], p->table[t].base);
	}
}

/* find - by what getopt_long() has returned; k->n: there is none */
static size_t
find(const struct known *k, int c)
{
	size_t i;

	if (c >= NAMED)
		return (size_t)(c - NAMED);
	for (i = 0; i < k->n; i++)
		if (k->opt[i]->letter == c)
			break;
	return i;
}

/* spelled - how the user wrote the option that c stands for */
static const char *
spelled(const struct known *k, int c, const char *word, char *buf, size_t size)
{
	size_t i = find(k, c);

	if (c >= NAMED || c == 0)
		snprintf(buf, size, "--%s",
		    i < k->n && c != 0 ? k->opt[i]->name : word + 2);
	else
		snprintf(buf, size, "-%c", c);
	return buf;
}

/* wrong - what getopt_long() did not like: '?' or ':' */
static _Noreturn void
wrong(const struct known *k, int c, const char *word)
{
	char buf[64];

	if (c == ':')
		die_usage("%s: missing value",
		    spelled(k, optopt, word, buf, sizeof(buf)));
	if (optopt >= NAMED)
		die_usage("%s: takes no value",
		    spelled(k, optopt, word, buf, sizeof(buf)));
	die_usage(
	    "%s: unknown option", spelled(k, optopt, word, buf, sizeof(buf)));
}

/* optional - "--keepalive 60" as well as "--keepalive=60" */
static char *
optional(const struct opt *o, int argc, char **argv)
{
	if (has_arg(o) == optional_argument && optarg == NULL &&
	    optind < argc && isdigit((unsigned char)argv[optind][0]))
		return argv[optind++];
	return optarg;
}

static void
take(const struct known *k, size_t i, int c, int argc, char **argv)
{
	const struct opt *o = k->opt[i];
	const char *arg = optional(o, argc, argv), *why;
	char buf[64];

	why = o->take(k->base[i], o, arg);
	if (why != NULL)
		die_usage("%s%s%s: %s", spelled(k, c, "", buf, sizeof(buf)),
		    arg != NULL ? " " : "", arg != NULL ? arg : "", why);
	if (o->given != 0)
		*(bool *)((char *)k->base[i] + o->given - 1) = true;
}

int
opt_parse(const struct opt_program *p, int argc, char **argv)
{
	static struct known k;
	int c, at;

	gather(&k, p);
	opterr = 0;
	for (;;) {
		size_t i;

		at = optind;
		c = getopt_long(argc, argv, k.letters, k.longs, NULL);
		if (c == -1)
			return optind;
		if (c == '?' || c == ':')
			wrong(&k, c, argv[optind > at ? optind - 1 : at]);
		i = find(&k, c);
		if (k.opt[i] == &help_opt)
			help_print(p, argv[0]);
		if (k.opt[i] == &version_opt)
			die_version();
		/* no abbreviation of it: "--list" is another program's */
		if (k.opt[i] == &list_opt &&
		    strcmp(argv[optind - 1], "--list-options") != 0)
			die_usage("%s: unknown option", argv[optind - 1]);
		if (k.opt[i] == &list_opt)
			help_list(p);
		take(&k, i, c, argc, argv);
	}
}

void
opt_no_more(int i, int argc, char **argv)
{
	if (i < argc)
		die_usage("%s: unexpected argument", argv[i]);
}
