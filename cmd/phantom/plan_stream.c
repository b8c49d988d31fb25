/*
 * plan_stream.c - phantom on a stream: the programs as ports of a switch, which
 * hands out what comes in; see plan.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/die.h"

#include "options.h"
#include "plan.h"
#include "sh.h"

bool
plan_direct(const struct options *o)
{
	return o->stream && !o->stamps && o->pcap == NULL;
}

/* port_word - a port of the switch: "NAME=1:" and the command, for sh */
static void
port_word(struct prog *sw, const char *name, const struct prog *p)
{
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);
	int i;

	if (f != NULL) {
		fprintf(f, "%s=1:exec ", name);
		sh_word(f, p->path);
		for (i = 1; i < p->argc; i++) {
			putc(' ', f);
			sh_word(f, p->argv[i]);
		}
	}
	if (f == NULL || fclose(f) != 0)
		die(EXIT_NO, "start: %s", strerror(ENOMEM));
	plan_word(sw, text);
	free(text);
}

/* impaired - "PORT:WORDS" behind --in or --out, each with a seed of its own */
static void
impaired(struct prog *sw, const struct options *o, const char *option,
    const char *port, const char *words)
{
	char *text;
	size_t n;

	if (words == NULL)
		return;
	n = strlen(words) + strlen(port) + 40;
	text = malloc(n);
	if (text == NULL)
		die(EXIT_NO, "start: %s", strerror(ENOMEM));
	else if (o->seeded && words[0] != '@')
		snprintf(text, n, "%s:%s seed %llu", port, words,
		    (unsigned long long)o->seed + (words == o->out));
	else
		snprintf(text, n, "%s:%s", port, words);
	plan_word(sw, option);
	plan_word(sw, text);
	free(text);
}

/* of_types - what a program has no use for does not go to its port */
static void
of_types(struct prog *sw, const char *text)
{
	plan_word(sw, "--types");
	plan_word(sw, text);
}

/* the programs know by themselves what is for them, so all of them get what
   comes in, and none what another sends */
_Noreturn void
plan_stream(struct plan *pl, const struct options *o, const char *argv0)
{
	struct prog *sw = plan_add(pl, o, "pipe-switch", JOB_OTHER, argv0);
	char file[TEXT_MAX];

	plan_make(pl, o, argv0);
	plan_word(sw, "-q");
	if (o->stamps)
		plan_word(sw, "-T");
	if (o->seeded)
		plan_num(sw, "-S", o->seed);
	plan_word(sw, "--hub");
	plan_word(sw, "--isolate");
	plan_word(sw, "--together");
	if (plan_direct(o))
		plan_word(sw, "--direct");
	if (o->pcap != NULL) {
		snprintf(file, sizeof(file), "1:%s", o->pcap);
		plan_word(sw, "--pcap");
		plan_word(sw, file);
	}
	impaired(sw, o, "--in", "icmp", o->in);
	impaired(sw, o, "--out", "icmp", o->out);
	if (pl->tcp != NULL) {
		impaired(sw, o, "--in", "tcp", o->in);
		impaired(sw, o, "--out", "tcp", o->out);
	}
	if (pl->tcp != NULL)
		of_types(sw, o->udp ? "tcp:tcp,error,udp" : "tcp:tcp,error");
	of_types(
	    sw, o->hosts != NULL ? "icmp:icmp,udp,other" : "icmp:icmp,udp");
	of_types(sw, "arp:arp");
	plan_word(sw, "1:-");
	if (pl->tcp != NULL)
		port_word(sw, "tcp", pl->tcp);
	port_word(sw, "icmp", pl->icmp);
	port_word(sw, "arp", pl->arp);
	if (o->print) {
		sh_prog(sw);
		putchar('\n');
		exit(die_flush(EXIT_DONE));
	}
	execv(sw->path, sw->argv);
	die(EXIT_WRONG, "run %s: %s", sw->path, strerror(errno));
}
