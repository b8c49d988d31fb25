/*
 * rawinject.c - a packet stream to an interface.
 *
 * The processes are made here, before the right to open a raw socket is used
 * and given up: one that keeps the gaps with -T (pace.c), one that looks into
 * frames (planner.c). What is left sends (run.c). See rawinject(8).
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/die.h"
#include "base/syscalls.h"
#include "linux/sandbox.h"
#include "pipe/stage.h"
#include "pipe/stream.h"
#include "rawinject.h"
#include "wire/ether.h"

static const char help[] =
    "usage: rawinject [options] iface\n"
    "Send the packet stream on stdin out of an interface, or to stdout when\n"
    "iface is \"-\".\n"
    "  -T, --timed          keep the gaps between the packets' stamps\n"
    "  -1, --one-by-one     no super-frames: cut here what exceeds the MTU\n"
    "  -q, --quiet          no summary line\n"
    "  -v, --verbose        say which rights are left\n"
    "  -h, --help           this text\n"
    "  -V, --version        the version\n"
    "Example: rawcap -r old.pcap | rawinject -T eth0\n";

struct options {
	const char *iface;
	bool timed, single, quiet, verbose;
};

static void
set_option(struct options *o, int c)
{
	switch (c) {
	case 'T':
		o->timed = true;
		break;
	case '1':
		o->single = true;
		break;
	case 'q':
		o->quiet = true;
		break;
	case 'v':
		o->verbose = true;
		break;
	case 'h':
		die_help(help);
	case 'V':
		die_version();
	default:
		if (optopt == 0)
			die_usage("read options: no such option");
		die_usage(
		    "-%c: no such option, or its argument is missing", optopt);
	}
}

static void
parse_options(struct options *o, int argc, char **argv)
{
	static const struct option longs[] = {
	    {"timed", no_argument, NULL, 'T'},
	    {"one-by-one", no_argument, NULL, '1'},
	    {"quiet", no_argument, NULL, 'q'},
	    {"verbose", no_argument, NULL, 'v'},
	    {"help", no_argument, NULL, 'h'},
	    {"version", no_argument, NULL, 'V'},
	    {NULL, 0, NULL, 0},
	};
	int c;

	*o = (struct options){.iface = NULL};
	opterr = 0;
	while ((c = getopt_long(argc, argv, "T1qvhV", longs, NULL)) != -1)
		set_option(o, c);
	if (argc - optind != 1)
		die_usage(argc == optind ? "no interface is given"
					 : "more than one interface is given");
	o->iface = argv[optind];
	if (isatty(STDIN_FILENO))
		die_usage("read stdin: it is a terminal: packets come from "
			  "another stage or a file");
}

/* limits - all of the sandbox that need not wait for a socket */
static void
limits(bool live)
{
	if (sandbox_limit(live) != 0)
		die(EXIT_WRONG, "give up rights: %s", strerror(errno));
	sandbox_list(SANDBOX_LIBC | (live ? SANDBOX_SEND_MANY : 0));
}

void
rawinject_summary(void *ctx)
{
	const struct rawinject *rj = ctx;
	const struct batch *b = &rj->batch;
	char more[96] = "";
	int n = 0;

	if (b->bad > 0)
		n = snprintf(more, sizeof(more), ", %llu bad checksums",
		    (unsigned long long)b->bad);
	if (b->refused > 0)
		snprintf(more + n, sizeof(more) - (size_t)n, ", %llu refused",
		    (unsigned long long)b->refused);
	say("%llu frames sent, %llu super-frames, %llu lost, %llu cut%s",
	    (unsigned long long)b->sent, (unsigned long long)b->supers,
	    (unsigned long long)b->lost, (unsigned long long)b->cut, more);
}

static void
prepare_pass(struct rawinject *rj)
{
	stage_refuse_tty();
	if (stream_in_init(&rj->in) != 0)
		die(EXIT_NO, "start: %s", strerror(ENOMEM));
}

/* prepare_live - all that can be done before there is a socket */
static void
prepare_live(struct rawinject *rj, const struct options *o)
{
	if (pktsock_look(&rj->cs, o->iface) != 0)
		die(rj->cs.status, "open %s: %s", o->iface, rj->cs.error);
	rj->batch.cs = &rj->cs;
	rj->single = o->single;
	rj->frame = rj->cs.mtu + ETHER_HLEN;
	if (planner_start(&rj->planner, rj->cs.mtu, o->single) != 0)
		die(EXIT_NO, "start: %s", strerror(errno));
	rj->in.buf = rj->planner.ask->buf;
	rj->in.cap = ASK_BYTES;
}

static enum stage_end
send_all(struct rawinject *rj, const struct options *o)
{
	enum stage_end end = run(rj);
	int error = errno;

	if (rj->cs.error[0] != '\0')
		die(rj->cs.status, "open %s: %s", o->iface, rj->cs.error);
	planner_end(&rj->planner);
	errno = error;
	return end;
}

/* tell_failure - and end with its status, if there was one */
static void
tell_failure(struct rawinject *rj, const struct options *o, enum stage_end end)
{
	const char *why = NULL;

	if (rj->batch.down != 0)
		die(EXIT_NO, "send %s: the interface went down", o->iface);
	if (rj->wrong)
		die(EXIT_NO, "plan frames: a plan is wrong");
	if (rj->gone || (rj->live && end == STAGE_READER_GONE))
		die(EXIT_NO, "plan frames: the process for it has ended");
	if (rj->error != 0)
		why = strerror(rj->error);
	else if (rj->eof && rj->pace > 0)
		why = pace_end(rj->pace);
	if (why != NULL)
		die(EXIT_NO, "read stdin: %s", why);
	if (rj->eof)
		(void)stream_in_end(&rj->in);
	if (rj->in.error[0] != '\0')
		die(rj->in.status, "%s", rj->in.error);
	if (end == STAGE_FAILED)
		die(EXIT_NO, rj->live ? "wait: %s" : "write stdout: %s",
		    strerror(errno));
}

int
main(int argc, char **argv)
{
	static struct rawinject rj;
	struct options o;
	enum stage_end end;
	int error;

	die_name(argv[0]);
	parse_options(&o, argc, argv);
	stage_signals();
	rj.live = strcmp(o.iface, "-") != 0;
	rj.verbose = o.verbose;
	if (rj.live)
		prepare_live(&rj, &o);
	else
		prepare_pass(&rj);
	if (o.timed)
		rj.pace = pace_start();
	if (rj.pace < 0)
		die(EXIT_NO, "start: %s", strerror(errno));
	stream_pipe_size(STDIN_FILENO);
	limits(rj.live);
	end = rj.live ? send_all(&rj, &o) : pass(&rj);
	if (!rj.locked)
		die(EXIT_WRONG, "give up rights: %s", strerror(errno));
	error = errno;
	if (!o.quiet)
		rawinject_summary(&rj);
	errno = error;
	tell_failure(&rj, &o, end);
	return EXIT_DONE;
}
