/*
 * seqplot - the time-sequence graph of a TCP connection, as SVG.
 */
#include <stdio.h>

#include "base/die.h"
#include "capture/capfiles.h"
#include "opt/opt.h"
#include "seqplot.h"

/* parse_options - returns where the files begin */
static int
parse_options(struct trace *t, struct capfiles *files, int argc, char **argv)
{
	static const char *const usage[] = {"[options] [file ...]", NULL};
	static const struct opt table[] = {
	    {.name = "reverse",
		.take = opt_flag,
		OPT_AT(struct trace, reverse),
		.text = "the direction with less data"},
	    {0},
	};
	const struct opt_program program = {
	    .usage = usage,
	    .about =
		"Draw the TCP connection with the most data in captures, or "
		"in the packet stream\non stdin: sequence numbers over "
		"time, as SVG. Several files are joined by their\n"
		"timestamps.\n",
	    .more = "Example:\n"
		    "  seqplot -l log in.pcap out.pcap >graph.svg",
	    .table = {{capfiles_opt, files}, {capfiles_opt_log, files},
		{table, t}},
	};

	return opt_parse(&program, argc, argv);
}

int
main(int argc, char **argv)
{
	struct capfiles l = {.files = 0};
	struct trace t = {.marks = 0};
	int i, status;

	die_start(argv);
	i = parse_options(&t, &l, argc, argv);
	capfiles_open(&l, argc - i, argv + i);
	status = capfiles_read(&l);
	t.segs = &l.segs;
	if (trace_pick(&t)) {
		trace_marks(&t);
		if (l.log != NULL)
			trace_story(&t, l.log);
		plot(&t);
	}
	status = die_flush(status);
	trace_free(&t);
	capfiles_close(&l);
	return status;
}
