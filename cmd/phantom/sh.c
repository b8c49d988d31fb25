/*
 * sh.c - see sh.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"

#include "find.h"
#include "plan.h"
#include "sh.h"

void
sh_word(FILE *f, const char *w)
{
	static const char plain[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	    "_@%+=:,./-";

	if (*w != '\0' && w[strspn(w, plain)] == '\0') {
		fputs(w, f);
		return;
	}
	putc('\'', f);
	for (; *w != '\0'; w++)
		if (*w == '\'')
			fputs("'\\''", f);
		else
			putc(*w, f);
	putc('\'', f);
}

void
sh_prog(const struct prog *p)
{
	char *same = find_in_path(p->argv[0]);
	int i;

	/* by its name, if sh finds this very one by it */
	sh_word(stdout,
	    same != NULL && strcmp(same, p->path) == 0 ? p->argv[0] : p->path);
	for (i = 1; i < p->argc; i++) {
		putchar(' ');
		sh_word(stdout, p->argv[i]);
	}
	free(same);
}

void
plan_print(const struct plan *pl, const struct options *o)
{
	const struct line *l;
	int i, k, n;

	/* arp-phantom after the others; the first line comes last, and stays
	   in the foreground */
	for (n = 1; n <= pl->lines; n++) {
		i = n % pl->lines;
		l = &pl->line[i];
		for (k = 0; k < l->n; k++) {
			if (k > 0)
				fputs(" |\n    ", stdout);
			sh_prog(l->prog[k]);
		}
		if (l->file != NULL) {
			fputs(" > ", stdout);
			sh_word(stdout, l->file);
		}
		if (i > 0)
			printf(" & p%d=$!", i);
		putchar('\n');
	}
	fputs("kill", stdout);
	for (i = 1; i < pl->lines; i++)
		printf(" $p%d", i);
	putchar('\n');
	if (die_flush(EXIT_DONE) != EXIT_DONE)
		exit(EXIT_NO);
}
