/*
 * tcp-drill - test the TCP of a device from outside: scripts in packetdrill's
 * notation, from addresses that no host has, hence no kernel answers for.
 *
 * All cases run in one loop, each a state of its own (play.c) behind ports of
 * its own (run.c). The scripts are read and checked before the rights are
 * given up; nothing is opened after.
 */
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "pipe/stream.h"

#include "drill.h"
#include "trigger.h"

enum { RECORD_CAP = 1024 * 1024 };

/* is_script - of the catalogue, what has cases: not what they include */
static bool
is_script(const char *name)
{
	size_t n = strlen(name);

	return n > 6 && strcmp(name + n - 6, ".drill") == 0;
}

static void
load_catalogue(struct drill *d)
{
	unsigned i;

	d->cases.lines.files_first = false;
	for (i = 0; i < ncatalogue; i++) {
		if (is_script(catalogue[i].name) &&
		    !cases_load(&d->cases, catalogue[i].name))
			die(EXIT_WRONG, "%s", d->cases.error);
	}
}

static bool
is_chosen(const struct drill *d, const struct drill_case *c)
{
	unsigned i;

	if (d->built_in && !d->list && !d->print && c->client != d->listen)
		return false;
	if (d->levels != 0 && !(d->levels & 1u << c->level))
		return false;
	for (i = 0; i < d->nonly; i++) {
		if (fnmatch(d->only[i], c->name, 0) == 0)
			return true;
	}
	return d->nonly == 0;
}

static void
choose(struct drill *d)
{
	unsigned i;

	d->built_in = d->cases.n == 0;
	if (d->built_in)
		load_catalogue(d);
	if (!cases_check(&d->cases))
		die(EXIT_WRONG, "%s", d->cases.error);
	d->chosen = calloc(d->cases.n + 1, sizeof(*d->chosen));
	d->result = calloc(d->cases.n + 1, sizeof(*d->result));
	if (d->chosen == NULL || d->result == NULL)
		die(EXIT_NO, "start: out of memory");
	for (i = 0; i < d->cases.n; i++) {
		if (is_chosen(d, &d->cases.c[i]))
			d->chosen[d->nchosen++] = i;
	}
	if (d->nchosen == 0)
		die(EXIT_WRONG, "no case is like this: tcp-drill --list");
	profile_load(d);
}

static void
open_record(struct drill *d)
{
	static struct stream_out out;

	if (d->pcap == NULL)
		return;
	d->record_fd = open(
	    d->pcap, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (d->record_fd < 0)
		die(EXIT_WRONG, "open %s: %s", d->pcap, strerror(errno));
	if (stream_out_init(&out, RECORD_CAP) != 0)
		die(EXIT_NO, "start: out of memory");
	d->record = &out;
}

int
main(int argc, char **argv)
{
	static struct drill d;
	bool done;

	die_start(argv);
	drill_options(&d, argc, argv);
	choose(&d);
	if (d.list || d.print) {
		(d.list ? report_list : report_print)(&d);
		return die_flush(EXIT_DONE);
	}
	open_record(&d);
	if (d.listen && !trigger_start(d.trigger, &d.o.src, d.o.level > 0))
		die(EXIT_NO, "start the trigger: %s", strerror(errno));
	d.x = query_open(&d.o);
	if (query_own(d.x))
		die(EXIT_WRONG, "test from this host's own address: its "
				"kernel would answer too: give -s an address "
				"that no host has");
	query_start(d.x);
	done = drill_run(&d);
	if (done)
		report_end(&d);
	done = done && report_count(&d, OUT_FAIL) == 0 && !d.unwritten;
	return query_close(d.x, done ? EXIT_DONE : EXIT_NO);
}
