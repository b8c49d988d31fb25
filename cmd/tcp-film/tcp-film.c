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
#include "film.h"

static const struct opt table[] = {
    {.name = "title",
	.arg = "text",
	.take = opt_text,
	OPT_AT(struct film, title),
	.text = "stands above the film"},
    {0},
};

static int
parse_options(struct film *f, struct capfiles *files, int argc, char **argv)
{
	static const char *const usage[] = {
	    "[options] [file ...] >film.html", NULL};
	const struct opt_program program = {
	    .usage = usage,
	    .about = "Write the TCP connections of captures, or of the packet "
		     "stream on stdin, as one\nHTML file that plays them "
		     "segment by segment in any browser, without a network.\n"
		     "Several files are joined by their timestamps.\n",
	    .more = "Example:\n"
		    "  tcp-film -l log in.pcap out.pcap >film.html",
	    .table = {{capfiles_opt, files}, {capfiles_opt_log, files},
		{capfiles_opt_decap, files}, {choice_opt, &f->choice},
		{table, f}},
	};
	int i;

	choice_init(&f->choice);
	i = opt_parse(&program, argc, argv);
	if (isatty(STDOUT_FILENO))
		die_usage("stdout is a terminal: write to a file, "
			  ">film.html");
	/* ^C ends who writes into the pipe: what came is to be seen */
	if (i == argc)
		signal(SIGINT, SIG_IGN);
	return i;
}

static void
take_line(void *context, const struct conn *c, enum conn_side mine,
    const struct event_line *e)
{
	film_line(context, c, mine, e);
}

static void
read_log(struct film *f, FILE *log)
{
	f->log = calloc(f->conns.n + (size_t)1, sizeof(*f->log));
	if (f->log == NULL)
		die(EXIT_NO, "keep the log: %s", strerror(errno));
	f->logged = true;
	story_read(&f->conns, log, take_line, f);
}

static void
film_free(struct film *f)
{
	uint32_t i;

	for (i = 0; f->log != NULL && i < f->conns.n; i++)
		free(f->log[i].text);
	free(f->log);
	conns_free(&f->conns);
}

int
main(int argc, char **argv)
{
	struct capfiles look = {.files = 0};
	struct film f = {.logged = false};
	int i, status;

	die_start(argv);
	i = parse_options(&f, &look, argc, argv);
	capfiles_open(&look, argc - i, argv + i);
	status = capfiles_read(&look);
	if (look.segs.n > 0)
		f.choice.first_at = look.segs.s[0].time;
	if (conns_make(&f.conns, &look.segs) != 0)
		die(EXIT_NO, "keep connections: %s", strerror(errno));
	if (look.log != NULL)
		read_log(&f, look.log);
	if (f.conns.n > 0 && choice_any(&f.choice, &f.conns))
		film_page(&f);
	else if (status == 0)
		status = EXIT_NO;
	status = die_flush(status);
	film_free(&f);
	capfiles_close(&look);
	return status;
}
