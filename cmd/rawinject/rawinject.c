/*
 * rawinject.c - a packet stream to an interface.
 *
 * The processes are made here, before the right to open a raw socket is used
 * and given up: one that keeps the gaps with -T (pace.c), one that looks into
 * frames (planner.c). What is left sends (run.c). See rawinject(8).
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/die.h"
#include "base/syscalls.h"
#include "linux/sandbox.h"
#include "opt/opt.h"
#include "opt/rows.h"
#include "pipe/loop.h"
#include "pipe/stage.h"
#include "pipe/stream.h"
#include "pipe/uncut.h"
#include "rawinject.h"
#include "wire/ether.h"

struct options {
	const char *iface;
	bool timed, single, quiet, verbose;
	uint64_t spin;
};

#define OPT_BASE struct options

static void
parse_options(struct options *o, int argc, char **argv)
{
	static const char *const usage[] = {"[options] iface", NULL};
	static const struct opt table[] = {
	    {BOTH('T', "timed", NULL), FLAG(timed),
		.text = "keep the gaps between the packets' timestamps"},
	    {BOTH('1', "one-by-one", NULL), FLAG(single),
		.text = "no super-frames: cut here what exceeds the MTU"},
	    {NAME("spin", "TIME"), TIME(spin), RANGE(0, NS_PER_SEC),
		.text = "poll for this long before each sleep: it takes CPU"},
	    {BOTH('q', "quiet", NULL), FLAG(quiet), .text = "no summary line"},
	    {BOTH('v', "verbose", NULL), FLAG(verbose),
		.text = "print which rights are left"},
	    {0},
	};
	const struct opt_program program = {
	    .usage = usage,
	    .about =
		"Send the packet stream on stdin out of an interface, or to "
		"stdout when iface is\n\"-\".\n",
	    .more = "Example: rawcap -r old.pcap | rawinject -T eth0",
	    .table = {{table, o}},
	};
	int i;

	*o = (struct options){.iface = NULL};
	i = opt_parse(&program, argc, argv);
	if (i == argc)
		die_usage("missing interface");
	opt_no_more(i + 1, argc, argv);
	o->iface = argv[i];
	if (isatty(STDIN_FILENO))
		die_usage("read stdin: it is a terminal: packets come from "
			  "another stage or a file");
}

/* limits - all of the sandbox that need not wait for a socket */
static void
limits(const struct options *o, bool live)
{
	unsigned uses = SANDBOX_LIBC | (live ? SANDBOX_SEND_MANY : 0);

	if (o->spin > 0)
		uses |= SANDBOX_SPIN;
	if (sandbox_keep_raw() != 0 || sandbox_limit(live) != 0)
		die(EXIT_WRONG, "give up rights: %s", strerror(errno));
	sandbox_list(uses);
	loop_spin(o->spin);
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
	say_own("%llu frames sent, %llu super-frames, %llu lost, %llu cut%s",
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
	rj->batch.ifname = o->iface;
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

	if (*pktsock_why(&rj->cs) != '\0')
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
		die(EXIT_NO, "send %s: the interface is gone", o->iface);
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
	static struct options o;
	enum stage_end end;
	int error;

	die_start(argv);
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
	stream_copies(STDIN_FILENO);
	if (rj.live && !o.single)
		uncut_take(STDIN_FILENO, rj.cs.mtu);
	limits(&o, rj.live);
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
