/*
 * options.c - the command line of ladder.
 */
#include <unistd.h>

#include "base/die.h"
#include "capture/capfiles.h"
#include "ladder.h"
#include "opt/opt.h"
#include "opt/rows.h"

enum { COLOUR_ALWAYS, COLOUR_NEVER, COLOUR_AUTO };

#define OPT_BASE struct ladder

static const struct opt drawing[] = {
    {.text = "how they are shown"},
    {NAME("list", NULL), FLAG(list),
	.text = "a table of them instead of the picture"},
    {NAME("sort", "key"), WORD(key), GIVEN(sorted),
	.words = "no bytes retransmissions rtt time",
	.text = "of the table: no (default), bytes, retransmissions, rtt or "
		"time; the largest first"},
    {LETTER('v', NULL), FLAG(every),
	.text = "every segment, also of long quiet stretches"},
    {NAME("absolute", NULL), FLAG(absolute),
	.text = "the time of day (UTC) instead of seconds"},
    {NAME("svg", NULL), FLAG(svg), .text = "a picture instead of text"},
    {NAME("page", "number"), NUM(page), RANGE(1, UINT32_MAX),
	.text = "of a picture that has more than one (1)"},
    {NAME("colour", "when"), WORD(when), .words = "always never auto",
	.text = "always, never, or auto (on a terminal; default)"},
    {0},
};

/* check_options - nothing that is given is without use */
static void
check_options(const struct ladder *l)
{
	if (l->list && l->svg)
		die_usage("--list and --svg cannot be used together");
	if (l->page > 0 && !l->svg)
		die_usage("--page: only a picture has pages: give --svg, too");
	if (l->sorted && !l->list)
		die_usage("--sort: only the table is sorted: give --list, too");
}

int
options_read(struct ladder *l, struct capfiles *files, int argc, char **argv)
{
	static const char *const usage[] = {"[options] [file ...]", NULL};
	const struct opt_program program = {
	    .usage = usage,
	    .about = "Draw the TCP connections of captures, or of the packet "
		     "stream on stdin: two\nlifelines, an arrow for each "
		     "segment, the states at both ends. Several files are\n"
		     "joined by their timestamps.\n",
	    .more = "Examples:\n"
		    "  ladder in.pcap out.pcap\n"
		    "  ladder --list --sort retransmissions in.pcap\n"
		    "  rawcap -O -p 80 --either -c 50 eth0 | ladder --svg "
		    ">picture.svg",
	    .table = {{capfiles_opt, files}, {capfiles_opt_log, files},
		{capfiles_opt_decap, files}, {choice_opt, &l->choice},
		{drawing, l}},
	};
	int i;

	choice_init(&l->choice);
	l->when = COLOUR_AUTO;
	i = opt_parse(&program, argc, argv);
	check_options(l);
	if (l->page == 0)
		l->page = 1;
	l->colour = l->when == COLOUR_ALWAYS ||
		    (l->when == COLOUR_AUTO && isatty(STDOUT_FILENO));
	return i;
}
