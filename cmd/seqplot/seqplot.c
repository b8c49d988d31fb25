/*
 * seqplot - the time-sequence graph of a TCP connection, as SVG.
 */
#include <getopt.h>
#include <stdio.h>

#include "base/die.h"
#include "capture/capfiles.h"
#include "seqplot.h"

static const char help[] =
    "usage: seqplot [-a addr] [-l log] [-p port] [--reverse] [file ...]\n"
    "Draw the TCP connection with the most data in captures, or in the packet\n"
    "stream on stdin: sequence numbers over time, as SVG.\n"
    "  -a addr        only connections of this address\n"
    "  -l log         tcpfsm's event log (-v): states, time-outs, cwnd\n"
    "  -p port        only connections of this port\n"
    "      --reverse  the direction with less data\n"
    "  -h, --help     this text\n"
    "  -V, --version  the version\n"
    "Several files are joined by their time stamps.\n"
    "Example:\n"
    "  seqplot -l log in.pcap out.pcap >graph.svg\n";

enum { OPT_REVERSE = 256 };

static const struct option longs[] = {
    {"reverse", no_argument, NULL, OPT_REVERSE},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0},
};

int
main(int argc, char **argv)
{
	struct capfiles l = {.files = 0};
	struct trace t = {.marks = 0};
	int c, status;

	die_name(argv[0]);
	opterr = 0;
	while ((c = getopt_long(argc, argv, "a:l:p:hV", longs, NULL)) != -1) {
		if (c == 'h')
			die_help(help);
		if (c == 'V')
			die_version();
		if (c == OPT_REVERSE)
			t.reverse = true;
		else if (!capfiles_option(&l, c, optarg))
			die_usage("unknown option, or its argument is missing");
	}
	capfiles_open(&l, argc - optind, argv + optind);
	status = capfiles_read(&l);
	t.segs = &l.segs;
	if (trace_pick(&t)) {
		trace_marks(&t);
		if (l.log != NULL)
			trace_story(&t, l.log);
		plot(&t);
	}
	if (fflush(stdout) != 0 && status == 0)
		status = EXIT_NO;
	trace_free(&t);
	capfiles_close(&l);
	return status;
}
