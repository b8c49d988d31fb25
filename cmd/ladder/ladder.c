/*
 * ladder - draw the connections of a packet stream or capture as people draw
 * TCP on a board: two lifelines, and an arrow for each segment.
 */
#include <getopt.h>
#include <string.h>
#include <unistd.h>

#include "base/die.h"
#include "capture/capfiles.h"
#include "ladder.h"
#include "wire/parse.h"

static const char help[] =
    "usage: ladder [-v] [-a addr] [-c count] [-l log] [-p port] [--svg]\n"
    "              [--colour when] [file ...]\n"
    "Draw the TCP connections of captures, or of the packet stream on stdin:\n"
    "two lifelines, an arrow for each segment, the states at both ends.\n"
    "  -a addr        only connections of this address\n"
    "  -c count       only the first count connections\n"
    "  -l log         tcpfsm's event log: tells why segments went again\n"
    "  -p port        only connections of this port\n"
    "  -v             every segment, also of long quiet stretches\n"
    "      --svg      a picture instead of text\n"
    "      --colour when   always, never, or auto (on a terminal; default)\n"
    "  -h, --help     this text\n"
    "  -V, --version  the version\n"
    "Several files are joined by their time stamps.\n"
    "Examples:\n"
    "  ladder in.pcap out.pcap\n"
    "  rawcap -O -p 80 -c 50 eth0 | ladder --svg >picture.svg\n";

enum { OPT_SVG = 256, OPT_COLOUR };

static const struct option longs[] = {
    {"svg", no_argument, NULL, OPT_SVG},
    {"colour", required_argument, NULL, OPT_COLOUR},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0},
};

static void
colour(struct ladder *l, const char *when)
{
	if (strcmp(when, "always") == 0)
		l->colour = true;
	else if (strcmp(when, "never") == 0)
		l->colour = false;
	else if (strcmp(when, "auto") == 0)
		l->colour = isatty(STDOUT_FILENO);
	else
		die_usage("--colour %s: always, never or auto", when);
}

static bool
option(struct ladder *l, int c)
{
	switch (c) {
	case 'c':
		if (parse_num(optarg, 1, UINT32_MAX, &l->limit) != 0)
			die_usage("-c %s: not a count", optarg);
		break;
	case 'v':
		l->every = true;
		break;
	case OPT_SVG:
		l->svg = true;
		break;
	case OPT_COLOUR:
		colour(l, optarg);
		break;
	case 'h':
		die_help(help);
	case 'V':
		die_version();
	default:
		return false;
	}
	return true;
}

int
main(int argc, char **argv)
{
	struct capfiles look = {.files = 0};
	struct ladder l = {.last = &l.first};
	int c, status;

	die_name(argv[0]);
	colour(&l, "auto");
	opterr = 0;
	while ((c = getopt_long(argc, argv, "a:c:l:p:vhV", longs, NULL)) != -1)
		if (!option(&l, c) && !capfiles_option(&look, c, optarg))
			die_usage("unknown option, or its argument is missing");
	capfiles_open(&look, argc - optind, argv + optind);
	status = capfiles_read(&look);
	conn_split(&l, &look.segs);
	if (look.log != NULL)
		story_read(&l, look.log);
	if (l.first != NULL)
		(l.svg ? svg_draw : text_draw)(&l);
	if (fflush(stdout) != 0 && status == 0)
		status = EXIT_NO;
	conn_free(&l);
	capfiles_close(&look);
	return status;
}
