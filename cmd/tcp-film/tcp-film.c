/*
 * tcp-film - the connections of a packet stream or capture as a film: one
 * HTML file that shows each moment of them, and why each segment was sent.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/die.h"
#include "capture/capfiles.h"
#include "capture/story.h"
#include "opt/rows.h"
#include "film.h"

#define OPT_BASE struct film

static const struct opt table[] = {
    {.text = "the film"},
    {NAME("title", "text"), TEXT(title), .text = "stands above the film"},
    {NAME("live", "feed"), TEXT(live),
	.text = "write no film, but what a live one shows, to this file, while "
		"the packets come"},
    {NAME("visit", "feed"), TEXT(visit),
	.text = "answer one HTTP request: the live film of this file"},
    {0},
};

static int
parse_options(struct film *f, struct capfiles *files, int argc, char **argv)
{
	static const char *const usage[] = {"[options] [file ...] >film.html",
	    "--live feed [options]", "--visit feed [--title text]", NULL};
	const struct opt_program program = {
	    .usage = usage,
	    .about = "Write the TCP connections of captures, or of the packet "
		     "stream on stdin, as one\nHTML file that plays them "
		     "segment by segment in any browser, without a network.\n"
		     "Several files are joined by their timestamps.\n",
	    .more = "Example:\n"
		    "  tcp-film -l log in.pcap out.pcap >film.html\n"
		    "  rawcap -O -a 10.0.0.5 eth0 | tcp-film --live feed\n"
		    "  phantom -p 80 -e 'tcp-film --visit feed' eth0 10.0.0.6",
	    .table = {{capfiles_opt, files}, {capfiles_opt_log, files},
		{capfiles_opt_decap, files}, {choice_opt, &f->choice},
		{table, f}},
	};
	int i;

	choice_init(&f->choice);
	i = opt_parse(&program, argc, argv);
	if (f->live != NULL && f->visit != NULL)
		die_usage("--live and --visit cannot be used together");
	if ((f->live != NULL || f->visit != NULL) && i < argc)
		die_usage("%s: %s reads stdin, no file", argv[i],
		    f->live != NULL ? "--live" : "--visit");
	if (f->live == NULL && f->visit == NULL && isatty(STDOUT_FILENO))
		die_usage("stdout is a terminal: write to a file, "
			  ">film.html");
	/* ^C ends the writer of the pipe: show what came */
	if (i == argc && f->visit == NULL)
		signal(SIGINT, SIG_IGN);
	return i;
}

static void
take_line(void *context, const struct conn *c, enum conn_side mine,
    const struct event_line *e)
{
	film_line(context, c, mine, e);
}

void
film_log(struct film *f, FILE *log)
{
	f->log = calloc(f->conns.n + (size_t)1, sizeof(*f->log));
	if (f->log == NULL)
		die(EXIT_NO, "keep the log: %s", strerror(errno));
	story_read(&f->conns, log, take_line, f);
}

void
film_free(struct film *f)
{
	uint32_t i;

	for (i = 0; f->log != NULL && i < f->conns.n; i++)
		free(f->log[i].text);
	free(f->log);
	f->log = NULL;
	conns_free(&f->conns);
}

int
main(int argc, char **argv)
{
	struct capfiles look = {.files = 0};
	struct film f = {.title = NULL};
	int i, status;

	die_start(argv);
	i = parse_options(&f, &look, argc, argv);
	if (f.visit != NULL)
		return film_visit(&f, f.visit);
	if (f.live != NULL)
		return film_live(&f, &look, f.live);
	capfiles_open(&look, argc - i, argv + i);
	status = capfiles_read(&look);
	if (look.segs.n > 0)
		f.choice.first_at = look.segs.s[0].time;
	if (conns_make(&f.conns, &look.segs) != 0)
		die(EXIT_NO, "keep connections: %s", strerror(errno));
	if (look.log != NULL)
		film_log(&f, look.log);
	if (f.conns.n > 0 && choice_any(&f.choice, &f.conns, choice_shows))
		film_page(&f, false);
	else if (status == 0)
		status = EXIT_NO;
	status = die_flush(status);
	film_free(&f);
	capfiles_close(&look);
	return status;
}
