/*
 * ladder - draw the connections of a packet stream or capture as people draw
 * TCP on a board: two lifelines, and an arrow for each segment.
 */
#include <unistd.h>

#include "base/die.h"
#include "capture/capfiles.h"
#include "ladder.h"
#include "opt/opt.h"

enum { COLOUR_ALWAYS, COLOUR_NEVER, COLOUR_AUTO };

/* parse_options - returns where the files begin */
static int
parse_options(struct ladder *l, struct capfiles *files, int argc, char **argv)
{
	static const char *const usage[] = {"[options] [file ...]", NULL};
	static unsigned colour = COLOUR_AUTO;
	static const struct opt when[] = {
	    {.name = "colour",
		.arg = "when",
		.take = opt_word,
		.size = sizeof(colour),
		.words = "always never auto",
		.text = "always, never, or auto (on a terminal; default)"},
	    {0},
	};
	static const struct opt table[] = {
	    {.letter = 'c',
		.arg = "count",
		.take = opt_num,
		OPT_AT(struct ladder, limit),
		.min = 1,
		.max = UINT32_MAX,
		.text = "only the first count connections"},
	    {.letter = 'v',
		.take = opt_flag,
		OPT_AT(struct ladder, every),
		.text = "every segment, also of long quiet stretches"},
	    {.name = "svg",
		.take = opt_flag,
		OPT_AT(struct ladder, svg),
		.text = "a picture instead of text"},
	    {0},
	};
	const struct opt_program program = {
	    .usage = usage,
	    .about = "Draw the TCP connections of captures, or of the packet "
		     "stream on stdin: two\nlifelines, an arrow for each "
		     "segment, the states at both ends. Several files are\n"
		     "joined by their timestamps.\n",
	    .more = "Examples:\n"
		    "  ladder in.pcap out.pcap\n"
		    "  rawcap -O -p 80 --either -c 50 eth0 | ladder --svg "
		    ">picture.svg",
	    .table = {{capfiles_opt, files}, {capfiles_opt_log, files},
		{table, l}, {when, &colour}},
	};
	int i = opt_parse(&program, argc, argv);

	l->colour = colour == COLOUR_ALWAYS ||
		    (colour == COLOUR_AUTO && isatty(STDOUT_FILENO));
	return i;
}

int
main(int argc, char **argv)
{
	struct capfiles look = {.files = 0};
	struct ladder l = {.last = &l.first};
	int i, status;

	die_start(argv);
	i = parse_options(&l, &look, argc, argv);
	capfiles_open(&look, argc - i, argv + i);
	status = capfiles_read(&look);
	conn_split(&l, &look.segs);
	if (look.log != NULL)
		story_read(&l, look.log);
	if (l.first != NULL)
		(l.svg ? svg_draw : text_draw)(&l);
	status = die_flush(status);
	conn_free(&l);
	capfiles_close(&look);
	return status;
}
