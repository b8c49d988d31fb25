/*
 * plan.c - which programs, with which arguments, in which pipelines; see
 * plan.h.
 *
 * TCP and ICMP have a pipeline each, so that neither waits for the other: two
 * rawcaps, two rawinjects. Recordings and viewers get their packets from
 * another rawcap beside them, which also captures what this host sends. So one
 * file holds both directions in their order, and neither a disk nor a viewer
 * can delay the network.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"

#include "feed.h"
#include "find.h"
#include "options.h"
#include "plan.h"

enum { RAWCAP_ADDRS = LIVE_ADDRS + 1 }; /* the most for rawcap -a, and one */

void
plan_word(struct prog *p, const char *w)
{
	p->argv[p->argc] = strdup(w);
	if (p->argv[p->argc++] == NULL)
		die(EXIT_NO, "start: %s", strerror(ENOMEM));
}

void
plan_num(struct prog *p, const char *option, uint64_t n)
{
	char s[24];

	snprintf(s, sizeof(s), "%llu", (unsigned long long)n);
	plan_word(p, option);
	plan_word(p, s);
}

struct prog *
plan_add(struct plan *pl, const struct options *o, const char *name,
    enum job job, const char *argv0)
{
	/* what is passed on, the addresses with an -a each, and our own */
	size_t most = 2 * o->npassed + 2 * (size_t)o->addrs + 32;
	struct prog *p = &pl->prog[pl->n++];

	p->job = job;
	p->err = p->table[0] = p->table[1] = p->table[2] = -1;
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
	plan_word(p, name);
	return p;
}

/* table_word - by which of its descriptors it gets the table of --hosts */
static void
table_word(struct prog *p, const struct options *o, int first, int last)
{
	char text[64];
	int n;

	if (o->hosts == NULL || o->print || o->stream)
		return;
	n = snprintf(text, sizeof(text), "/dev/fd/%d", TABLE_FROM + first);
	if (last > first)
		snprintf(text + n, sizeof(text) - (size_t)n, ",/dev/fd/%d",
		    TABLE_FROM + last);
	plan_word(p, "--table");
	plan_word(p, text);
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
		plan_word(p, o->passed[i].word);
		if (o->passed[i].arg != NULL)
			plan_word(p, o->passed[i].arg);
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
		plan_word(p, "-q");
	if (level > 1)
		plan_word(p, "-v");
	if (o->json)
		plan_word(p, "-J");
	if ((o->print || o->stream) && o->log != NULL) {
		plan_word(p, "-l");
		plan_word(p, o->log);
	} else if (o->stream && o->loud <= 0) {
		plan_word(p, "-l");
		plan_word(p, "/dev/null");
	}
}

/* the messages of a program with a socket: by -v we know when it is ready */
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
	struct prog *p = plan_add(pl, o, "rawcap", JOB_SOCKET, argv0);
	int i;

	plan_word(p, ready_words(o));
	if (types != NULL) {
		plan_word(p, "-t");
		plan_word(p, types);
	}
	if (looks_on)
		plan_word(p, "-O");
	pl->records |= looks_on;
	for (i = 0; o->addrs < RAWCAP_ADDRS && i < o->addrs; i++) {
		plan_word(p, "-a");
		plan_word(p, o->addr[i]);
	}
	/* DHCP: icmp-phantom does not answer the ping check of a server */
	if (types != NULL && !looks_on && i > 0 &&
	    strstr(types, "udp") != NULL) {
		plan_word(p, "-a");
		plan_word(p, "255.255.255.255");
	}
	/* what others send to the phantoms of another phantom is not for us */
	if (!looks_on && i > 0)
		plan_word(p, "--to");
	if (!looks_on)
		passed_on(p, o, TO_SOCKET);
	plan_word(p, o->iface);
	return p;
}

static struct prog *
rawinject(struct plan *pl, const struct options *o, const char *argv0)
{
	struct prog *p = plan_add(pl, o, "rawinject", JOB_SOCKET, argv0);

	plan_word(p, ready_words(o));
	passed_on(p, o, TO_SOCKET);
	plan_word(p, o->iface);
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
	p = plan_add(pl, o, "impair", JOB_OTHER, argv0);
	plan_word(p, "-q");
	if (o->seeded)
		plan_num(p, "-S", words == o->out ? o->seed + 1 : o->seed);
	passed_on(p, o, TO_IMPAIR);
	plan_word(p, "--");
	plan_word(p, words);
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

	if (o->hosts == NULL || o->nets == 0)
		return;
	p->path = find_program("net-phantom", argv0);
	p->argv = calloc((size_t)argc + 16, sizeof(*p->argv));
	if (p->path == NULL || p->argv == NULL)
		die(EXIT_WRONG, "run net-phantom: not found: install all of "
				"tcphantom");
	p->argc = 0;
	plan_word(p, "net-phantom");
	plan_word(p, "-q");
	if (o->seeded)
		plan_num(p, "-S", o->seed);
	plan_word(p, "--errors");
	plan_word(p, errors);
	plan_word(p, "--hosts");
	plan_word(p, o->hosts);
	if (o->os_db != NULL) {
		plan_word(p, "--os-db");
		plan_word(p, o->os_db);
	}
	table_word(p, o, TABLE_NET, TABLE_NET);
	plan_word(p, "--");
	plan_word(p, path);
	free((void *)(uintptr_t)path);
	for (i = 1; i < argc; i++)
		p->argv[p->argc++] = argv[i];
	free(argv[0]);
	free(argv);
}

static struct prog *
tcpfsm(struct plan *pl, const struct options *o, const char *argv0)
{
	struct prog *p = plan_add(pl, o, "tcpfsm", JOB_TCP, argv0);

	log_words(p, o);
	if (o->seeded)
		plan_num(p, "-S", o->seed);
	passed_on(p, o, TO_TCP);
	/* the reader is one of ours, and copies; another reader shows that
	   itself */
	if (!o->stamps && !plan_direct(o))
		plan_word(p, "--vmsplice");
	if (o->replay == NULL && o->hosts == NULL) { /* passed on as it is */
		plan_word(p, o->command != NULL ? "-e" : "-f");
		plan_word(p, o->command != NULL ? o->command : o->file);
	}
	table_word(p, o, TABLE_ASK, TABLE_TOLD);
	behind_routers(p, o, "tcp", argv0);
	pl->tcp = p;
	return p;
}

static struct prog *
icmp_phantom(struct plan *pl, const struct options *o, const char *argv0)
{
	struct prog *p = plan_add(pl, o, "icmp-phantom", JOB_ICMP, argv0);

	log_words(p, o);
	if (o->seeded)
		plan_num(p, "-S", o->seed);
	passed_on(p, o, o->hosts != NULL ? TO_ICMP | TO_UDP : TO_ICMP);
	if (o->udp) { /* it is about no port */
		plan_word(p, "-p");
		plan_word(p, "1-65535");
	}
	table_word(p, o, TABLE_ASK, TABLE_TOLD);
	behind_routers(p, o, "other", argv0);
	pl->icmp = p;
	return p;
}

static void
arp_phantom(struct plan *pl, const struct options *o, const char *argv0)
{
	struct prog *p = plan_add(pl, o, "arp-phantom", JOB_ARP, argv0);
	int i;

	log_words(p, o);
	if (o->seeded)
		plan_num(p, "-S", o->seed);
	passed_on(p, o, TO_ARP);
	table_word(p, o, TABLE_ASK, TABLE_ASK);
	plan_word(p, o->iface);
	for (i = 0; i < o->addrs; i++)
		plan_word(p, o->addr[i]);
	join(&pl->line[pl->lines++], p);
	pl->arp = p;
}

/* around - rawcap, the command of --in, the program, the command of --out,
   rawinject */
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
	p = plan_add(pl, o, "tcp-film", JOB_FILM, argv0);
	if (o->log != NULL) {
		plan_word(p, "-l");
		plan_word(p, o->log);
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

	plan_word(p, "--live");
	plan_word(p, o->feed);
	show = &pl->line[pl->lines++];
	p = pl->show = plan_add(pl, o, "phantom", JOB_OTHER, argv0);
	plan_word(p, "-qq");
	if (o->at_once)
		plan_word(p, "-n");
	if (o->mac != NULL) {
		plan_word(p, "-m");
		plan_word(p, o->mac);
	}
	plan_word(p, "-p");
	plan_word(p, "80");
	plan_word(p, "-e");
	plan_word(p, text);
	plan_word(p, o->iface);
	plan_word(p, o->film_live);
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
	around(pl, o, o->hosts != NULL ? "icmp,udp,other" : "icmp,udp",
	    icmp_phantom, argv0);
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
		join(l, plan_add(pl, o, "ptee", JOB_OTHER, argv0));
		join(l, plan_add(pl, o, "wireshark", JOB_OTHER, argv0));
		plan_word(l->prog[2], "-k");
		plan_word(l->prog[2], "-i");
		plan_word(l->prog[2], "-");
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
