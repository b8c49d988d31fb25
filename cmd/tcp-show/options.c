/*
 * options.c - the command line of tcp-show, see options.h.
 */
#include <getopt.h>
#include <string.h>

#include "base/clock.h"
#include "base/die.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/parse.h"
#include "wire/tcp_hdr.h"
#include "wire/tcp_text.h"

#include "options.h"
#include "show.h"

static const char help[] =
    "usage: tcp-show [-kqv] [-a addr] [-c n] [-o file] [-p port] [-w wait]\n"
    "                [from addr[:port]] [to addr[:port]] [flags F] [data]\n"
    "Print TCP segments of the packet stream on stdin as shell assignments,\n"
    "a line each.\n"
    "\n"
    "  -a addr  only segments of this address, may be repeated\n"
    "  -c n     end after n segments, and read not one byte more; 0: when\n"
    "           the stream has begun\n"
    "  -k       go on in a stream that another tcp-show has begun to read\n"
    "  -o file  append the data to this file, instead of DATA\n"
    "  -p port  only segments of this port, may be repeated\n"
    "  -q       do not say why nothing came\n"
    "  -v       tell the packets that are no TCP segment\n"
    "  -w wait  give up when no segment comes for so long, in seconds\n"
    "  -h, --help, -V, --version\n"
    "\n"
    "  from, to  the sender, the receiver: ADDR, ADDR:PORT or [ADDR]:PORT\n"
    "  flags F   all of these are set, of SAFRPUEWe\n"
    "  data      there is some\n"
    "Example: eval \"$(tcp-show -k -c 1 -w 5 from 10.0.0.5:80 flags SA)\"\n";

static void
add_addr(struct selection *s, const char *arg)
{
	if (s->naddr == SHOW_ENDS)
		die_usage("read -a %s: more than %d addresses", arg, SHOW_ENDS);
	if (parse_addr(arg, &s->addr[s->naddr++]) != 0)
		die_usage("read -a %s: not an address", arg);
}

static void
add_port(struct selection *s, const char *arg)
{
	uint64_t n;

	if (s->nport == SHOW_ENDS)
		die_usage("read -p %s: more than %d ports", arg, SHOW_ENDS);
	if (parse_num(arg, 0, 65535, &n) != 0)
		die_usage("read -p %s: not a port", arg);
	s->port[s->nport++] = (uint16_t)n;
}

static void
take_option(struct options *o, int opt)
{
	switch (opt) {
	case 'a':
		add_addr(&o->sel, optarg);
		break;
	case 'c':
		if (parse_num(optarg, 0, UINT64_MAX, &o->limit) != 0)
			die_usage("read -c %s: not a number", optarg);
		o->has_limit = true;
		break;
	case 'k':
		o->continued = true;
		break;
	case 'o':
		o->output = optarg;
		break;
	case 'p':
		add_port(&o->sel, optarg);
		break;
	case 'q':
		o->quiet = true;
		break;
	case 'v':
		o->verbose = true;
		break;
	case 'w':
		if (parse_time(optarg, &o->wait) != 0)
			die_usage("read -w %s: not a time in seconds", optarg);
		break;
	case 'h':
		die_help(help);
	case 'V':
		die_version();
	default:
		if (optopt == 0)
			die_usage("read options: no such option");
		die_usage("read -%c: no such option, or no argument", optopt);
	}
}

static void
take_end(struct show_end *e, const char *word, const char *arg)
{
	if (parse_endpoint(arg, &e->addr, &e->port, 1) != 0)
		die_usage("read %s %s: not ADDR, ADDR:PORT or [ADDR]:PORT",
		    word, arg);
	e->any = false;
}

/* take_word - words[0], the next of which may be its value; how many */
static int
take_word(struct selection *s, char **words, int n)
{
	const char *w = words[0];

	if (strcmp(w, "data") == 0) {
		s->data = true;
		return 1;
	}
	if (strcmp(w, "from") != 0 && strcmp(w, "to") != 0 &&
	    strcmp(w, "flags") != 0)
		die_usage("read \"%s\": no such word", w);
	if (n < 2)
		die_usage("read %s: its value is missing", w);
	if (strcmp(w, "from") == 0)
		take_end(&s->from, w, words[1]);
	else if (strcmp(w, "to") == 0)
		take_end(&s->to, w, words[1]);
	else if (tcp_text_flags(words[1], &s->flags) != 0)
		die_usage("read flags %s: not letters of SAFRPUEWe", words[1]);
	return 2;
}

void
options_read(struct options *o, int argc, char **argv)
{
	static const struct option longs[] = {
	    {"help", no_argument, NULL, 'h'},
	    {"version", no_argument, NULL, 'V'},
	    {NULL, 0, NULL, 0},
	};
	int opt;

	*o = (struct options){.wait = TIME_NEVER};
	o->sel.from.any = o->sel.to.any = true;
	opterr = 0;
	while ((opt = getopt_long(
		    argc, argv, "+a:c:hko:p:qvVw:", longs, NULL)) != -1)
		take_option(o, opt);
	while (optind < argc)
		optind += take_word(&o->sel, argv + optind, argc - optind);
}
