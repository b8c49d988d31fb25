/*
 * quirk.c - the option -Q of tcpfsm, see quirk.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/die.h"
#include "quirk.h"
#include "tcp/quirk/quirk.h"
#include "tcp/tcp.h"

static void
list(void)
{
	const struct quirk_kind *k;
	char form[64];
	unsigned i;

	for (i = 0; i < quirk_nkinds; i++) {
		k = quirk_kinds[i];
		snprintf(form, sizeof(form), "%s%s%s", k->name,
		    k->counts == COUNTS_NOTHING ? "" : "[@when]",
		    k->arg == ARG_NONE	 ? ""
		    : k->arg == ARG_TIME ? "[:time]"
					 : "[:number]");
		printf("%-32s %s\n", form, k->finds);
	}
	exit(die_flush(EXIT_DONE));
}

static void __attribute__((noreturn))
wrong_arg(const char *text, const struct quirk_kind *k)
{
	if (k->arg == ARG_NUMBER)
		die_usage("-Q %s: not a number from %llu to %llu", text,
		    (unsigned long long)k->min, (unsigned long long)k->max);
	die_usage("-Q %s: not a time from %g to %g s", text,
	    (double)k->min / NS_PER_SEC, (double)k->max / NS_PER_SEC);
}

void
quirk_option(struct tcp_config *c, const char *text)
{
	struct tcp_quirk *q = &c->quirk[c->nquirks];
	enum quirk_error e;

	if (strcmp(text, "list") == 0)
		list();
	if (c->nquirks == TCP_MAXQUIRKS)
		die_usage("-Q %s: more than %d quirks", text, TCP_MAXQUIRKS);
	e = quirk_parse(text, q);
	if (e == QUIRK_ARG)
		wrong_arg(text, q->kind);
	if (e != QUIRK_OK)
		die_usage("-Q %s: %s", text, quirk_error_text(e));
	c->hooks = &tcp_quirks;
	c->nquirks++;
}
