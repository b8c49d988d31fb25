/*
 * options.c - the command line of tcp-show, see options.h.
 */
#include <string.h>

#include "base/clock.h"
#include "base/die.h"
#include "opt/opt.h"
#include "opt/rows.h"
#include "wire/ip.h"
#include "wire/parse.h"
#include "wire/tcp_hdr.h"
#include "wire/tcp_text.h"

#include "options.h"
#include "show.h"

static const char *
add_addr(void *base, const struct opt *o, const char *arg)
{
	struct selection *s = &((struct options *)base)->sel;

	if (s->naddr == SHOW_ENDS)
		return "too many addresses";
	return parse_addr(arg, &s->addr[s->naddr++]) == 0 ? NULL
							  : "not an address";
}

static const char *
add_port(void *base, const struct opt *o, const char *arg)
{
	struct selection *s = &((struct options *)base)->sel;
	uint64_t n;

	if (s->nport == SHOW_ENDS)
		return "too many ports";
	if (parse_num(arg, 0, UINT16_MAX, &n) != 0)
		return "not a port from 0 to 65535";
	s->port[s->nport++] = (uint16_t)n;
	return NULL;
}

#define OPT_BASE struct options

static const struct opt table[] = {
    {LETTER('a', "addr"), .take = add_addr,
	.text = "only segments of this address, may be repeated"},
    {LETTER('p', "port"), .take = add_port,
	.text = "only segments of this port, may be repeated"},
    {LETTER('c', "n"), NUM(limit), GIVEN(has_limit),
	.text = "end after n segments, and read not one byte more; 0: when "
		"the stream has begun"},
    {LETTER('k', NULL), FLAG(continued),
	.text = "go on in a stream that another tcp-show has begun to read"},
    {NAME("decap", NULL), FLAG(decap),
	.text = "look into GRE, VXLAN, Geneve, GTP-U and IP in IP"},
    {LETTER('w', "wait"), TIME(wait),
	.text = "give up when no segment comes for this long, in seconds"},
    {LETTER('o', "file"), TEXT(output),
	.text = "append the data to this file, instead of DATA"},
    {LETTER('v', NULL), FLAG(verbose),
	.text = "print a line for each packet that is no TCP segment"},
    {LETTER('q', NULL), FLAG(quiet), .text = "do not print why nothing came"},
    {0},
};

static const char more[] =
    "  from, to  the sender, the receiver: ADDR, ADDR:PORT or [ADDR]:PORT\n"
    "  flags F   all of these are set, of FSRPAUEWe\n"
    "  data      there is some\n"
    "Example: eval \"$(tcp-show -k -c 1 -w 5 from 10.0.0.5:80 flags SA)\"";

static void
take_end(struct show_end *e, const char *word, const char *arg)
{
	if (parse_endpoint(arg, &e->addr, &e->port, 1) != 0)
		die_usage(
		    "%s %s: not ADDR, ADDR:PORT or [ADDR]:PORT", word, arg);
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
		die_usage("\"%s\": no such word", w);
	if (n < 2)
		die_usage("%s: its value is missing", w);
	if (strcmp(w, "from") == 0)
		take_end(&s->from, w, words[1]);
	else if (strcmp(w, "to") == 0)
		take_end(&s->to, w, words[1]);
	else if (tcp_text_flags(words[1], &s->flags) != 0)
		die_usage("flags %s: not letters of FSRPAUEWe", words[1]);
	return 2;
}

void
options_read(struct options *o, int argc, char **argv)
{
	static const char *const usage[] = {
	    "[options] [from addr[:port]] [to addr[:port]] [flags F] [data]",
	    NULL};
	const struct opt_program program = {
	    .usage = usage,
	    .about =
		"Print TCP segments of the packet stream on stdin as shell "
		"assignments, a line\neach.\n",
	    .more = more,
	    .first_word_ends = true,
	    .table = {{table, o}},
	};
	int i;

	*o = (struct options){.wait = TIME_NEVER};
	o->sel.from.any = o->sel.to.any = true;
	i = opt_parse(&program, argc, argv);
	while (i < argc)
		i += take_word(&o->sel, argv + i, argc - i);
}
