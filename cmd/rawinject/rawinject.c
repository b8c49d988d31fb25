/*
 * rawinject.c - a packet stream to an interface.
 *
 * Frames are sent from the read buffer, in order, with as few calls as their
 * kinds allow: see batch.c and coalesce.c. With -T they keep the distances
 * of their stamps; a frame whose time has not come is held in the buffer,
 * and nothing is read meanwhile. See rawinject(8).
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "die.h"
#include "ether.h"
#include "rawinject.h"
#include "sandbox.h"
#include "stage.h"
#include "stream.h"

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

enum { OUT_BYTES = 1 << 20 };

struct options {
	const char *iface;
	bool timed, single, quiet, verbose;
};

struct rawinject {
	struct clock clock;
	struct stage st;
	struct stream_in in;
	struct stream_out out; /* for "-" */
	struct capsock cs;
	struct batch batch;
	struct run run;
	bool timed, single, stream;
	bool holding; /* held waits for due */
	struct stream_rec held;
	uint64_t due, stamp; /* of the last record: clock, its own */
	bool started;
	int ready;  /* a descriptor that always polls readable */
	bool ended; /* by a damaged stream or the interface */
	uint8_t piece[CAPSOCK_VNET_HLEN + CAPSOCK_MAXFRAME];
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

/* a kernel without virtio headers, or -1: cut as it would be cut */
static void
send_pieces(struct rawinject *rj, const struct segment *s, uint32_t size)
{
	uint8_t *buf = rj->piece + CAPSOCK_VNET_HLEN;
	uint32_t at, n;
	uint16_t i = 0;

	for (at = 0; at < s->payload; at += n, i++) {
		n = s->payload - at < size ? s->payload - at : size;
		batch_add(&rj->batch, buf, segment_cut(s, at, n, i, buf), NULL);
		batch_flush(&rj->batch);
	}
}

/* a TCP segment that exceeds the MTU: the kernel shall cut it */
static void
send_large(struct rawinject *rj, struct segment *s)
{
	uint32_t heads = s->hlen - s->l3;
	struct capsock_gso gso;

	if (rj->cs.mtu <= heads ||
	    (s->flags & (TCP_SYN | TCP_RST | TCP_URG)) != 0) {
		rj->batch.refused++;
		return;
	}
	if (!segment_verify(s)) {
		rj->batch.bad++;
		return;
	}
	gso = (struct capsock_gso){.tcp = s->l4,
	    .hlen = s->hlen,
	    .size = (uint16_t)(rj->cs.mtu - heads),
	    .v6 = s->v6,
	    .cwr = (s->flags & TCP_CWR) != 0};
	if (rj->single || !rj->cs.vnet) {
		send_pieces(rj, s, gso.size);
		return;
	}
	segment_set_payload(s, s->payload, s->flags);
	batch_add(&rj->batch, s->frame, s->len, &gso);
}

static void
send_record(struct rawinject *rj, const struct stream_rec *rec)
{
	struct segment s;
	bool tcp;

	if (rec->caplen < rec->len) {
		rj->batch.cut++;
		return;
	}
	if (rec->caplen < ETHER_HLEN) {
		/* an empty record is a wake-up in a recorded run */
		rj->batch.refused += rec->caplen > 0;
		return;
	}
	if (rj->stream) {
		rj->batch.sent++;
		if (!stream_out_put(
			&rj->out, rec->ts, rec->data, rec->caplen, NULL, 0))
			rj->batch.lost++;
		return;
	}
	tcp = segment_decode(rec->data, rec->caplen, &s) == 0;
	if (tcp && rec->caplen - s.l3 > rj->cs.mtu) {
		run_close(&rj->run, &rj->batch);
		send_large(rj, &s);
		return;
	}
	if (tcp && !rj->single && rj->cs.vnet &&
	    run_add(&rj->run, &rj->batch, &s))
		return;
	run_close(&rj->run, &rj->batch);
	batch_add(&rj->batch, rec->data, rec->caplen, NULL);
}

/* true when the record's time is still to come */
static bool
too_early(struct rawinject *rj, const struct stream_rec *rec, uint64_t now)
{
	if (!rj->timed)
		return false;
	if (!rj->started)
		rj->due = now;
	else if (rec->ts > rj->stamp)
		rj->due += rec->ts - rj->stamp;
	rj->started = true;
	rj->stamp = rec->ts;
	return rj->due > now;
}

/* every whole record whose time has come; 1, or -1 for a damaged stream */
static int
send_records(struct rawinject *rj, uint64_t now)
{
	struct stream_rec rec;
	int r = 0;

	while (!rj->holding && rj->batch.down == 0 &&
	       (r = stream_in_next(&rj->in, &rec)) > 0) {
		if (too_early(rj, &rec, now)) {
			rj->held = rec;
			rj->holding = true;
		} else {
			send_record(rj, &rec);
		}
	}
	run_close(&rj->run, &rj->batch);
	batch_flush(&rj->batch);
	rj->ended = r < 0 || rj->batch.down != 0;
	rj->st.in = rj->ended ? rj->ready : rj->holding ? -1 : STDIN_FILENO;
	return rj->ended ? -1 : 1;
}

static int
input(void *ctx, uint64_t now)
{
	struct rawinject *rj = ctx;
	ssize_t n;

	if (rj->ended)
		return -1;
	if (rj->holding)
		return 1;
	n = stream_in_read(&rj->in, STDIN_FILENO);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 1;
	if (n < 0) {
		snprintf(rj->in.error, sizeof(rj->in.error), "read stdin: %s",
		    strerror(errno));
		rj->in.status = EXIT_NO;
		return -1;
	}
	if (n == 0)
		return stream_in_end(&rj->in);
	return send_records(rj, now);
}

static uint64_t
deadline(void *ctx)
{
	const struct rawinject *rj = ctx;

	return rj->holding ? rj->due : TIME_NEVER;
}

static void
timer(void *ctx, uint64_t now)
{
	struct rawinject *rj = ctx;

	rj->holding = false;
	send_record(rj, &rj->held);
	(void)send_records(rj, now); /* input() tells the loop */
}

static void
print_summary(void *ctx)
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

/* to_stdout - no interface: what would be sent goes on in the pipe */
static void
to_stdout(struct rawinject *rj)
{
	stage_refuse_tty();
	if (stream_out_init(&rj->out, OUT_BYTES) != 0)
		die(EXIT_NO, "start: %s", strerror(ENOMEM));
	stream_pipe_size(STDOUT_FILENO);
	rj->st.stream = &rj->out;
	rj->st.out = STDOUT_FILENO;
}

static void
set_up(struct rawinject *rj, const struct options *o)
{
	int p[2];

	rj->timed = o->timed;
	rj->single = o->single;
	rj->stream = strcmp(o->iface, "-") == 0;
	rj->batch.cs = &rj->cs;
	clock_start(&rj->clock);
	rj->st = (struct stage){.clock = &rj->clock,
	    .ctx = rj,
	    .in = STDIN_FILENO,
	    .out = -1,
	    .may_block = true,
	    .input = input,
	    .deadline = deadline,
	    .timer = timer,
	    .summary = print_summary};
	if (stream_in_init(&rj->in) != 0)
		die(EXIT_NO, "start: %s", strerror(ENOMEM));
	if (pipe(p) != 0)
		die(EXIT_NO, "start: %s", strerror(errno));
	close(p[1]);
	rj->ready = p[0];
	stream_pipe_size(STDIN_FILENO);
	if (rj->stream) {
		to_stdout(rj);
		return;
	}
	if (capsock_look(&rj->cs, o->iface) != 0)
		die(rj->cs.status, "open %s: %s", o->iface, rj->cs.error);
}

/* limits - all of the sandbox that need not wait for a socket */
static void
limits(const struct rawinject *rj)
{
	if (sandbox_limit(rj->stream ? 0 : 1) != 0)
		die(EXIT_WRONG, "give up rights: %s", strerror(errno));
	sandbox_list(SANDBOX_LIBC | (rj->stream ? 0 : SANDBOX_SEND_MANY));
}

static void
lock_in(const struct options *o)
{
	struct sandbox_rights got;

	if (sandbox_lock(&got) != 0)
		die(EXIT_WRONG, "give up rights: %s", strerror(errno));
	if (o->verbose)
		say("uid %u, %s, %s", got.uid,
		    got.caps ? "capabilities left" : "no capability",
		    got.filter ? "system calls filtered"
			       : "system calls not filtered");
}

/* run - with an interface, the socket is open in here alone */
static enum stage_end
run(struct rawinject *rj, const struct options *o)
{
	enum stage_end end;

	if (!rj->stream && capsock_open(&rj->cs, 0, NULL) != 0)
		die(rj->cs.status, "open %s: %s", o->iface, rj->cs.error);
	lock_in(o);
	end = stage_run(&rj->st);
	if (!rj->stream)
		close(rj->cs.fd);
	return end;
}

int
main(int argc, char **argv)
{
	static struct rawinject rj;
	struct options o;
	enum stage_end end;

	die_name(argv[0]);
	parse_options(&o, argc, argv);
	stage_signals();
	set_up(&rj, &o);
	limits(&rj);
	end = run(&rj, &o);
	if (!o.quiet)
		print_summary(&rj);
	if (rj.batch.down != 0)
		die(EXIT_NO, "send %s: the interface went down", o.iface);
	if (rj.in.error[0] != '\0')
		die(rj.in.status, "%s", rj.in.error);
	if (end == STAGE_FAILED)
		die(EXIT_NO, rj.stream ? "write stdout: %s" : "wait: %s",
		    strerror(errno));
	return EXIT_DONE;
}
