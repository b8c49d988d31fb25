/*
 * seqplot - the time-sequence graph of a TCP connection, as SVG.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/die.h"
#include "capture/capfiles.h"
#include "capture/choose.h"
#include "opt/opt.h"
#include "opt/rows.h"
#include "seqplot.h"
#include "wire/parse.h"

/* what is wanted */
struct seqplot {
	struct trace trace[PANELS];
	uint32_t number[PANELS], numbers; /* -n */
	const char *title[PANELS];	  /* --title */
	uint32_t titles;
	uint64_t from, to; /* ns: since the first segment, or since 1970 */
	bool reverse, both;
	struct conns conns;
};

static const char *
take_number(void *base, const struct opt *o, const char *arg)
{
	struct seqplot *q = base;
	uint64_t n;

	if (q->numbers == PANELS)
		return "more than 16 connections in one picture";
	if (parse_num(arg, 0, UINT32_MAX, &n) != 0)
		return "not the number of a connection, as ladder --list has";
	q->number[q->numbers++] = (uint32_t)n;
	return NULL;
}

static const char *
take_title(void *base, const struct opt *o, const char *arg)
{
	struct seqplot *q = base;

	if (q->titles == PANELS)
		return "more than 16 titles";
	q->title[q->titles++] = arg;
	return NULL;
}

#define OPT_BASE struct seqplot

static const struct opt table[] = {
    {LETTER('n', "number"), .take = take_number,
	.text = "the connection with this number of ladder --list, may be "
		"repeated (default: the one with the most data)"},
    {NAME("reverse", NULL), FLAG(reverse),
	.text = "the direction with less data"},
    {NAME("both", NULL), FLAG(both),
	.text = "both directions, one below the other"},
    {NAME("from", "seconds"), .take = choice_take_when, AT(from),
	.text = "only what came this long after the connection's first "
		"segment, or later; from 1000000000 on: since 1970"},
    {NAME("to", "seconds"), .take = choice_take_when, AT(to),
	.text = "only what came until then"},
    {NAME("title", "text"), .take = take_title,
	.text = "such as the congestion control's name; may be repeated, for "
		"one connection after the other"},
    {0},
};

/* parse_options - returns where the files begin */
static int
parse_options(struct seqplot *q, struct capfiles *files, int argc, char **argv)
{
	static const char *const usage[] = {"[options] [file ...]", NULL};
	const struct opt_program program = {
	    .usage = usage,
	    .about =
		"Draw the TCP connection with the most data in captures, or "
		"in the packet stream\non stdin: sequence numbers over "
		"time, as SVG. Several files are joined by their\n"
		"timestamps.\n",
	    .more = "Examples:\n"
		    "  seqplot -l log in.pcap out.pcap >graph.svg\n"
		    "  seqplot -n 0 --title reno -n 4 --title cubic in.pcap "
		    ">two.svg",
	    .table = {{capfiles_opt, files}, {capfiles_opt_log, files},
		{capfiles_opt_decap, files}, {table, q}},
	};

	q->to = UINT64_MAX;
	return opt_parse(&program, argc, argv);
}

/* check_options - nothing that is given is without use */
static void
check_options(const struct seqplot *q)
{
	uint32_t all = q->numbers > 0 ? q->numbers : 1;

	if (q->reverse && q->both)
		die(EXIT_WRONG,
		    "--reverse and --both: --both draws both directions; give "
		    "one of them");
	if (q->titles > all)
		die(EXIT_WRONG,
		    "--title: %u titles for %u connection%s; give an -n for "
		    "each",
		    q->titles, all, all == 1 ? "" : "s");
}

/* need_segments - there are some between --from and --to */
static void
need_segments(const struct trace *t)
{
	struct choice_range range = {.n = 0};
	char text[CHOICE_RANGE_TEXT];
	uint32_t i;

	for (i = 0; i < t->c->rows; i++)
		if (trace_when(t, t->c->row[i]->seg->time))
			return;
	choice_range(&range, t->c);
	choice_range_text(&range, t->start, text);
	die(EXIT_NO,
	    "no segment of connection %u is between --from and --to: they are "
	    "%s%s",
	    t->c->no, text, choice_turned(t->low, t->high));
}

/* add - a panel; returns how many there are */
static uint32_t
add(struct seqplot *q, uint32_t n, uint32_t which, const struct conn *c,
    bool reverse)
{
	struct trace *t = &q->trace[n];

	if (n == PANELS)
		die(EXIT_WRONG, "draw: more than %d graphs in one picture",
		    PANELS);
	t->low = q->from;
	t->high = q->to;
	t->of = q->conns.n;
	t->title = which < q->titles ? q->title[which] : NULL;
	trace_begin(t, c, reverse);
	need_segments(t);
	trace_marks(t);
	return n + 1;
}

/* panels - all that is wanted; returns how many */
static uint32_t
panels(struct seqplot *q)
{
	uint32_t n = 0, i, no, all = q->numbers > 0 ? q->numbers : 1;
	const struct conn *c;

	for (i = 0; i < all; i++) {
		no = q->numbers > 0 ? q->number[i] : trace_most(&q->conns)->no;
		if (no >= q->conns.n)
			die(EXIT_NO,
			    "there is no connection %u: they have numbers "
			    "from 0 to %u (ladder --list)",
			    no, q->conns.n - 1);
		c = &q->conns.conn[no];
		n = add(q, n, i, c, q->reverse);
		if (q->both)
			n = add(q, n, i, c, !q->reverse);
	}
	return n;
}

static void
draw(struct seqplot *q, FILE *log)
{
	uint32_t n = panels(q);

	if (log != NULL)
		trace_story(q->trace, n, log);
	plot(q->trace, n);
}

int
main(int argc, char **argv)
{
	static struct seqplot q;
	struct capfiles l = {.files = 0};
	int i, status;

	die_start(argv);
	i = parse_options(&q, &l, argc, argv);
	check_options(&q);
	capfiles_open(&l, argc - i, argv + i);
	status = capfiles_read(&l);
	if (conns_make(&q.conns, &l.segs) != 0)
		die(EXIT_NO, "keep connections: %s", strerror(errno));
	if (q.conns.n > 0)
		draw(&q, l.log);
	status = die_flush(status);
	for (i = 0; i < PANELS; i++)
		trace_free(&q.trace[i]);
	conns_free(&q.conns);
	capfiles_close(&l);
	return status;
}
