/*
 * ladder - draw the connections of a packet stream or capture as people draw
 * TCP on a board: two lifelines, and an arrow for each segment.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "die.h"
#include "ladder.h"
#include "parse.h"
#include "sandbox.h"

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

/* beyond the usual: qsort() asks how much memory there is */
static const int calls[] = {SYS_sysinfo, -1};

enum { OPT_SVG = 256, OPT_COLOUR };

static const struct option longs[] = {
    {"svg", no_argument, NULL, OPT_SVG},
    {"colour", required_argument, NULL, OPT_COLOUR},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0},
};

struct options {
	struct ladder ladder;
	struct ip_addr addr;
	const char *log;
	bool svg;
	int *fd; /* of the files */
	int files;
	char **name;
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

static void
option(struct options *o, int c)
{
	struct ladder *l = &o->ladder;
	uint64_t n;

	switch (c) {
	case 'a':
		if (parse_addr(optarg, &o->addr) != 0)
			die_usage("-a %s: not an address", optarg);
		l->segs.addr = &o->addr;
		break;
	case 'c':
		if (parse_num(optarg, 1, UINT32_MAX, &l->limit) != 0)
			die_usage("-c %s: not a count", optarg);
		break;
	case 'l':
		o->log = optarg;
		break;
	case 'p':
		if (parse_num(optarg, 1, UINT16_MAX, &n) != 0)
			die_usage("-p %s: not a port", optarg);
		l->segs.port = (uint16_t)n;
		break;
	case 'v':
		l->every = true;
		break;
	case OPT_SVG:
		o->svg = true;
		break;
	case OPT_COLOUR:
		colour(l, optarg);
		break;
	case 'h':
		die_help(help);
	case 'V':
		die_version();
	default:
		die_usage("unknown option, or its argument is missing");
	}
}

static FILE *
open_all(struct options *o)
{
	FILE *log = NULL;
	int i;

	o->fd = calloc((size_t)o->files + 1, sizeof(int));
	if (o->fd == NULL)
		die(EXIT_NO, "start: out of memory");
	for (i = 0; i < o->files; i++) {
		o->fd[i] = strcmp(o->name[i], "-") == 0
			       ? STDIN_FILENO
			       : open(o->name[i], O_RDONLY | O_CLOEXEC);
		if (o->fd[i] < 0)
			die(EXIT_WRONG, "open %s: %s", o->name[i],
			    strerror(errno));
	}
	if (o->log != NULL && (log = fopen(o->log, "re")) == NULL)
		die(EXIT_WRONG, "open %s: %s", o->log, strerror(errno));
	/* left to itself stdio asks about the terminal when it is too late */
	setvbuf(stdout, NULL, _IOFBF, BUFSIZ);
	if (log != NULL)
		setvbuf(log, NULL, _IOFBF, BUFSIZ);
	return log;
}

/* what was read before an error is drawn all the same */
static int
read_all(struct options *o, FILE *log)
{
	struct ladder *l = &o->ladder;
	int i, one, status = 0;

	for (i = 0; i < o->files; i++) {
		one = segment_list_read(&l->segs, o->fd[i], o->name[i]);
		if (one > status)
			status = one;
	}
	conn_split(l);
	if (log != NULL)
		story_read(l, log);
	if (l->segs.beyond > 0)
		say("%llu segments after the first %d were left out",
		    (unsigned long long)l->segs.beyond, SEGMENTS_MAX);
	if (l->first == NULL && status == 0) {
		say("there is no TCP segment to draw");
		status = EXIT_NO;
	}
	return status;
}

int
main(int argc, char **argv)
{
	static char dash[] = "-", *standard[] = {dash};
	struct options o = {.files = 0};
	struct sandbox_rights got;
	int c, status;
	FILE *log;

	die_name(argv[0]);
	o.ladder.last = &o.ladder.first;
	colour(&o.ladder, "auto");
	opterr = 0;
	while ((c = getopt_long(argc, argv, "a:c:l:p:vhV", longs, NULL)) != -1)
		option(&o, c);
	o.files = argc > optind ? argc - optind : 1;
	o.name = argc > optind ? argv + optind : standard;
	if (argc == optind && isatty(STDIN_FILENO))
		die_usage("stdin is a terminal: give a capture, or a stream");
	log = open_all(&o);
	if (sandbox_enter(calls, &got) != 0)
		die(EXIT_WRONG, "give up rights: %s", strerror(errno));
	status = read_all(&o, log);
	if (o.ladder.first != NULL)
		(o.svg ? svg_draw : text_draw)(&o.ladder);
	if (fflush(stdout) != 0 && status == 0)
		status = EXIT_NO;
	conn_free(&o.ladder);
	free(o.fd);
	return status;
}
