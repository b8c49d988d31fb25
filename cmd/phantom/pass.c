/*
 * pass.c - the options that are not phantom's own: passed on to the programs
 * that it runs, as they were written. See options.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "opt/opt.h"

#include "options.h"

void
options_pass(struct options *o, const char *word, const char *arg, unsigned to)
{
	o->passed[o->npassed++] = (struct passed){
	    .word = word, .arg = arg, .to = to};
}

/* text - "-m" or "--keepalive=5": the pieces together, for good */
static char *
text(const char *dashes, const char *name, const char *value)
{
	size_t n = strlen(dashes) + strlen(name) + 2;
	char *s;

	if (value != NULL)
		n += strlen(value);
	s = malloc(n);
	if (s != NULL)
		snprintf(s, n, "%s%s%s%s", dashes, name,
		    value != NULL ? "=" : "", value != NULL ? value : "");
	else
		die(EXIT_NO, "start: %s", strerror(ENOMEM));
	return s;
}

/* passed - the option of this word, or NULL */
static const struct passed *
passed(const struct options *o, const char *word)
{
	size_t i = 0;

	while (i < o->npassed && strcmp(o->passed[i].word, word) != 0)
		i++;
	return i < o->npassed ? &o->passed[i] : NULL;
}

bool
options_passes(const struct options *o, const char *word)
{
	return passed(o, word) != NULL;
}

const char *
options_value(const struct options *o, const char *word)
{
	const struct passed *p = passed(o, word);

	return p != NULL ? p->arg : NULL;
}

/* options_pass_on - to the programs that o->min names, as it was written */
const char *
options_pass_on(void *base, const struct opt *opt, const char *arg)
{
	const char letter[] = {opt->letter, '\0'};
	struct options *o = base;

	if (opt->letter != 0)
		options_pass(
		    o, text("-", letter, NULL), arg, (unsigned)opt->min);
	else if (opt->arg != NULL && opt->arg[0] == '[')
		options_pass(
		    o, text("--", opt->name, arg), NULL, (unsigned)opt->min);
	else
		options_pass(
		    o, text("--", opt->name, NULL), arg, (unsigned)opt->min);
	return NULL;
}
