/*
 * plan.c - which programs, with which words, in which lines; see plan.h.
 *
 * TCP and ICMP have a line each, so that neither waits for the other: two
 * rawcaps, two rawinjects. What is to be looked at comes from a rawcap that
 * stands beside them and also hears what this host sends: so one file holds
 * both directions in their order, and no disk and no viewer is in the way of
 * the network.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/die.h"

#include "feed.h"
#include "find.h"
#include "options.h"
#include "plan.h"
#include "sh.h"

enum { RAWCAP_ADDRS = LIVE_ADDRS + 1 }; /* the most for rawcap -a, and one */

static void
word(struct prog *p, const char *w)
{
	p->argv[p->argc] = strdup(w);
	if (p->argv[p->argc++] == NULL)
		die(EXIT_NO, "start: %s", strerror(ENOMEM));
}

static void
word_num(struct prog *p, const char *option, uint64_t n)
{
	char s[24];

	snprintf(s, sizeof(s), "%llu", (unsigned long long)n);
	word(p, option);
	word(p, s);
}

static struct prog *
add(struct plan *pl, const struct options *o, const char *name, enum job job,
    const char *argv0)
{
	/* what is passed on, the addresses with an -a each, and our own */
	size_t most = 2 * o->npassed + 2 * (size_t)o->addrs + 32;
	struct prog *p = &pl->prog[pl->n++];

	p->job = job;
	p->err = -1;
	p->argv = calloc(most, sizeof(*p->argv));
	if (p->argv == NULL)
		die(EXIT_NO, "start: %s", strerror(ENOMEM));
	p->path = find_program(name, argv0);
	if (p->path == NULL && strcmp(name, "wireshark") == 0)
		die(EXIT_WRONG, "run wireshark: not found: install it, or "
				"leave --wireshark out");
	if (p->path == NULL)
		die(EXIT_WRONG,
		    "run %s: not found, neither beside phantom nor in PATH: "
		    "install all of tcphantom%s",
		    name,
		    strcmp(name, "impair") == 0
			? ", or leave --in and --out out"
			: "");
	word(p, name);
	return p;
}

static void
join(struct line *l, struct prog *p)
{
	l->prog[l->n++] = p;
}

static void
passed_on(struct prog *p, const struct options *o, unsigned to)
{
	size_t i;

	for (i = 0; i < o->npassed; i++) {
		if ((o->passed[i].to & to) == 0)
			continue;
		word(p, o->passed[i].word);
		if (o->passed[i].arg != NULL)
			word(p, o->passed[i].arg);
	}
}

/* how much is logged, and where to: by phantom itself when it runs them */
static void
log_words(struct prog *p, const struct options *o)
{
	int level = o->loud > 0 ? o->loud : o->log != NULL;

	/* the totals of ICMP are asked for as it runs */
	if (p->job == JOB_ARP ||
	    (p->job == JOB_ICMP && (o->print || o->stream)) ||
	    (p->job == JOB_TCP && level <= 0))
		word(p, "-q");
	if (level > 1)
		word(p, "-v");
	if (o->json)
		word(p, "-J");
	if ((o->print || o->stream) && o->log != NULL) {
		word(p, "-l");
		word(p, o->log);
	} else if (o->stream && o->loud <= 0) {
		word(p, "-l");
		word(p, "/dev/null");
	}
}

/* what a socket's program has to say: by -v we know when it is ready */
static const char *
ready_words(const struct options *o)
{
	return o->print ? "-q" : "-qv";
}

/* rawcap - of these types, NULL: all; looks_on: in both directions */
static struct prog *
rawcap(struct plan *pl, const struct options *o, const char *types,
    bool looks_on, const char *argv0)
{
	struct prog *p = add(pl, o, "rawcap", JOB_SOCKET, argv0);
	int i;

	word(p, ready_words(o));
	if (types != NULL) {
		word(p, "-t");
		word(p, types);
	}
	if (looks_on)
		word(p, "-O");
	pl->records |= looks_on;
	for (i = 0; o->addrs < RAWCAP_ADDRS && i < o->addrs; i++) {
		word(p, "-a");
		word(p, o->addr[i]);
	}
	/* DHCP: icmp-phantom does not answer the ping check of a server */
	if (types != NULL && !looks_on && i > 0 &&
	    strstr(types, "udp") != NULL) {
		word(p, "-a");
		word(p, "255.255.255.255");
	}
	/* what others send to the phantoms of another phantom is not for us */
	if (!looks_on && i > 0)
		word(p, "--to");
	word(p, o->iface);
	return p;
}

static struct prog *
rawinject(struct plan *pl, const struct options *o, const char *argv0)
{
	struct prog *p = add(pl, o, "rawinject", JOB_SOCKET, argv0);

	word(p, ready_words(o));
	word(p, o->iface);
	return p;
}

/* keeps_files - may this impair stand in one line only? */
static bool
keeps_files(const char *words)
{
	return strstr(words, "save ") != NULL || strstr(words, "play ") != NULL;
}

static void
impair(struct plan *pl, struct line *l, const struct options *o,
    const char *words, const char *argv0)
{
	struct prog *p;

	if (words == NULL || (l->prog[0] != &pl->prog[0] && keeps_files(words)))
		return;
	p = add(pl, o, "impair", JOB_OTHER, argv0);
	word(p, "-q");
	if (o->seeded)
		word_num(p, "-S", words == o->out ? o->seed + 1 : o->seed);
	passed_on(p, o, TO_IMPAIR);
	word(p, "--");
	word(p, words);
	join(l, p);
}

/* behind_routers - the program's packets go through those of the file's nets:
   another runs it, and sends their errors about these packets */
static void
behind_routers(struct prog *p, const struct options *o, const char *errors,
    const char *argv0)
{
	char **argv = p->argv;
	const char *path = p->path;
	int i, argc = p->argc;

	if (o->nets == 0)
		return;
	p->path = find_program("net-phantom", argv0);
	p->argv = calloc((size_t)argc + 12, sizeof(*p->argv));
	if (p->path == NULL || p->argv == NULL)
		die(EXIT_WRONG, "run net-phantom: not found: install all of "
				"tcphantom");
	p->argc = 0;
	word(p, "net-phantom");
	word(p, "-q");
	if (o->seeded)
		word_num(p, "-S", o->seed);
	word(p, "--errors");
	word(p, errors);
	word(p, "--hosts");
	word(p, o->hosts);
	word(p, "--");
	word(p, path);
	for (i = 1; i < argc; i++)
		p->argv[p->argc++] = argv[i];
	free(argv[0]);
	free(argv);
}

/* goes_direct - nothing is done to what leaves by stdout, but at its source */
static bool
goes_direct(const struct options *o)
{
	return o->stream && !o->stamps && o->pcap == NULL;
}

static struct prog *
tcpfsm(struct plan *pl, const struct options *o, const char *argv0)
{
	struct prog *p = add(pl, o, "tcpfsm", JOB_TCP, argv0);

	log_words(p, o);
	if (o->seeded)
		word_num(p, "-S", o->seed);
	passed_on(p, o, TO_TCP);
	/* who reads is one of ours, and copies; else it says so itself */
	if (!o->stamps && !goes_direct(o))
		word(p, "--vmsplice");
	if (o->replay == NULL && o->hosts == NULL) { /* passed on as it is */
		word(p, o->command != NULL ? "-e" : "-f");
		word(p, o->command != NULL ? o->command : o->file);
	}
	behind_routers(p, o, "tcp", argv0);
	pl->tcp = p;
	return p;
}

static struct prog *
icmp_phantom(struct plan *pl, const struct options *o, const char *argv0)
{
	struct prog *p = add(pl, o, "icmp-phantom", JOB_ICMP, argv0);

	log_words(p, o);
	if (o->seeded)
		word_num(p, "-S", o->seed);
	passed_on(p, o, o->hosts != NULL ? TO_ICMP | TO_UDP : TO_ICMP);
	if (o->udp) { /* it says nothing of any port */
		word(p, "-p");
		word(p, "1-65535");
	}
	behind_routers(p, o, "other", argv0);
	pl->icmp = p;
	return p;
}

static void
arp_phantom(struct plan *pl, const struct options *o, const char *argv0)
{
	struct prog *p = add(pl, o, "arp-phantom", JOB_ARP, argv0);
	int i;

	log_words(p, o);
	if (o->seeded)
		word_num(p, "-S", o->seed);
	passed_on(p, o, TO_ARP);
	word(p, o->iface);
	for (i = 0; i < o->addrs; i++)
		word(p, o->addr[i]);
	join(&pl->line[pl->lines++], p);
	pl->arp = p;
}

/* around - rawcap, what --in says, the program, what --out says, rawinject */
static void
around(struct plan *pl, const struct options *o, const char *types,
    struct prog *(*middle)(
	struct plan *, const struct options *, const char *argv0),
    const char *argv0)
{
	struct line *l = &pl->line[pl->lines++];

	join(l, rawcap(pl, o, types, false, argv0));
	impair(pl, l, o, o->in, argv0);
	join(l, middle(pl, o, argv0));
	impair(pl, l, o, o->out, argv0);
	join(l, rawinject(pl, o, argv0));
}

/* film - both directions, with the log if there is one */
static struct prog *
film(
    struct plan *pl, const struct options *o, struct line *l, const char *argv0)
{
	struct prog *p;

	join(l, rawcap(pl, o, "tcp", true, argv0));
	p = add(pl, o, "tcp-film", JOB_FILM, argv0);
	if (o->log != NULL) {
		word(p, "-l");
		word(p, o->log);
	}
	join(l, p);
	l->viewer = true;
	return p;
}

/* film_live - the same while it runs, and a phantom that shows it */
static void
film_live(struct plan *pl, const struct options *o, const char *argv0)
{
	struct line *l = &pl->line[pl->lines++], *show;
	struct prog *p = film(pl, o, l, argv0);
	char *text = feed_visit(p->path, o->feed);

	word(p, "--live");
	word(p, o->feed);
	show = &pl->line[pl->lines++];
	p = pl->show = add(pl, o, "phantom", JOB_OTHER, argv0);
	word(p, "-qq");
	if (o->at_once)
		word(p, "-n");
	if (o->mac != NULL) {
		word(p, "-m");
		word(p, o->mac);
	}
	word(p, "-p");
	word(p, "80");
	word(p, "-e");
	word(p, text);
	word(p, o->iface);
	word(p, o->film_live);
	join(show, p);
	free(text);
}

void
plan_make(struct plan *pl, const struct options *o, const char *argv0)
{
	struct line *l;

	if (o->stream) {
		if (options_tcp(o))
			tcpfsm(pl, o, argv0);
		icmp_phantom(pl, o, argv0);
		arp_phantom(pl, o, argv0);
		return;
	}
	if (options_tcp(o))
		around(
		    pl, o, o->udp ? "tcp,icmp,udp" : "tcp,icmp", tcpfsm, argv0);
	around(pl, o, "icmp,udp", icmp_phantom, argv0);
	if (o->pcap != NULL) {
		l = &pl->line[pl->lines++];
		join(l, rawcap(pl, o, NULL, true, argv0));
		l->file = o->pcap;
		pl->recorder = l->prog[0];
	}
	if (o->film != NULL) {
		l = &pl->line[pl->lines++];
		l->file = o->film;
		film(pl, o, l, argv0);
	}
	if (o->film_live != NULL)
		film_live(pl, o, argv0);
	if (o->wireshark) {
		l = &pl->line[pl->lines++];
		join(l, rawcap(pl, o, NULL, true, argv0));
		join(l, add(pl, o, "ptee", JOB_OTHER, argv0));
		join(l, add(pl, o, "wireshark", JOB_OTHER, argv0));
		word(l->prog[2], "-k");
		word(l->prog[2], "-i");
		word(l->prog[2], "-");
		l->viewer = true;
	}
	arp_phantom(pl, o, argv0);
}

bool
plan_is_viewer(const struct plan *pl, const struct prog *p)
{
	int i, k;

	for (i = 0; i < pl->lines; i++)
		for (k = 0; k < pl->line[i].n; k++)
			if (pl->line[i].prog[k] == p)
				return pl->line[i].viewer;
	return false;
}

/* ---- on a stream */

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
	word(sw, text);
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
	word(sw, option);
	word(sw, text);
	free(text);
}

/* of_types - what a program has no use for does not go to its port */
static void
of_types(struct prog *sw, const char *text)
{
	word(sw, "--types");
	word(sw, text);
}

/* the programs know by themselves what is for them, so all of them get what
   comes in, and none what another sends */
_Noreturn void
plan_stream(struct plan *pl, const struct options *o, const char *argv0)
{
	struct prog *sw = add(pl, o, "pipe-switch", JOB_OTHER, argv0);
	char file[TEXT_MAX];

	plan_make(pl, o, argv0);
	word(sw, "-q");
	if (o->stamps)
		word(sw, "-T");
	if (o->seeded)
		word_num(sw, "-S", o->seed);
	word(sw, "--hub");
	word(sw, "--isolate");
	if (goes_direct(o))
		word(sw, "--direct");
	if (o->pcap != NULL) {
		snprintf(file, sizeof(file), "1:%s", o->pcap);
		word(sw, "--pcap");
		word(sw, file);
	}
	impaired(sw, o, "--in", "icmp", o->in);
	impaired(sw, o, "--out", "icmp", o->out);
	if (pl->tcp != NULL) {
		impaired(sw, o, "--in", "tcp", o->in);
		impaired(sw, o, "--out", "tcp", o->out);
	}
	if (pl->tcp != NULL)
		of_types(sw, o->udp ? "tcp:tcp,error,udp" : "tcp:tcp,error");
	of_types(sw, "icmp:icmp,udp");
	of_types(sw, "arp:arp");
	word(sw, "1:-");
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
