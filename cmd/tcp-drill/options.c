/*
 * options.c - the command line.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/chance.h"
#include "base/clock.h"
#include "base/die.h"
#include "opt/rows.h"
#include "wire/parse.h"

#include "drill.h"

#define CLIENT_WAIT (10 * NS_PER_SEC)

enum { SOURCES_MAX = 64, JOBS_MAX = 64, SERVICE_WORDS = 64, TRIES = 3 };

#define OPT_BASE struct drill

static const char *
take_source(void *base, const struct opt *opt, const char *arg)
{
	struct drill *d = base;
	uint64_t n;
	unsigned len;

	if (parse_prefix(arg, &d->o.src, &len) != 0 || !ip_is_host(&d->o.src) ||
	    len < 96)
		return "not an address that a host can have, or ADDR/LEN";
	/* from the address to the end of its prefix, without a broadcast */
	n = (UINT64_C(1) << (128 - len)) -
	    (d->o.src.b[15] & ((1u << (128 - len > 8 ? 8 : 128 - len)) - 1));
	if (ip_is_v4(&d->o.src) && n > 2)
		n--;
	d->o.sources = (unsigned)(n < SOURCES_MAX ? n : SOURCES_MAX);
	d->o.has_src = true;
	return NULL;
}

/* take_listen - "addr:port" that the device connects to */
static const char *
take_listen(void *base, const struct opt *opt, const char *arg)
{
	struct drill *d = base;
	uint16_t port;

	if (parse_endpoint(arg, &d->o.src, &port, 0) != 0 ||
	    !ip_is_host(&d->o.src) || port == 0)
		return "not ADDR:PORT, an address that no host has";
	d->o.has_src = d->listen = true;
	d->port[NEED_ANY] = port;
	return NULL;
}

static const char *
take_only(void *base, const struct opt *opt, const char *arg)
{
	struct drill *d = base;

	if (d->nonly == ONLY_MAX)
		return "too many patterns";
	d->only[d->nonly++] = arg;
	return NULL;
}

static const char *
take_level(void *base, const struct opt *opt, const char *arg)
{
	struct drill *d = base;
	size_t n;
	int i;

	for (; *arg != '\0'; arg += n + (arg[n] == ',')) {
		n = strcspn(arg, ",");
		for (i = 0; i < LEVELS; i++) {
			if (strlen(level_names[i]) == n &&
			    strncmp(arg, level_names[i], n) == 0)
				break;
		}
		if (i == LEVELS)
			return "not a list of MUST, SHOULD, MAY, robustness";
		d->levels |= 1u << i;
	}
	return NULL;
}

/* take_also - "echo:7": another port of the device */
static const char *
take_also(void *base, const struct opt *opt, const char *arg)
{
	static const char why[] =
	    "not SERVICE:PORT, as echo:7, discard:9, chargen:19, http:80, "
	    "closed:1";
	const char *colon = strchr(arg, ':');
	struct drill *d = base;
	uint64_t port;
	int i;

	if (colon == NULL || parse_num(colon + 1, 1, UINT16_MAX, &port) != 0)
		return why;
	for (i = NEED_ECHO; i <= NEED_CLOSED; i++) {
		if (strlen(need_names[i]) == (size_t)(colon - arg) &&
		    strncmp(need_names[i], arg, (size_t)(colon - arg)) == 0) {
			d->port[i] = (uint16_t)port;
			return NULL;
		}
	}
	return why;
}

static const struct opt table[] = {
    {LETTER('s', "addr[/len]"), .take = take_source,
	.text = "test from this address, which no host has; with a length, "
		"from all to the end of its prefix (64 at most)"},
    {NAME("listen", "addr:port"), .take = take_listen,
	.text = "the device is the client: wait for it there, an address that "
		"no host has"},
    {NAME("trigger", "command"), TEXT(trigger),
	.text = "what makes it connect, for sh; DRILL_ADDR and DRILL_PORT are "
		"where to"},
    {NAME("service", "word"), WORD(need),
	.words = "any echo discard chargen http",
	.text = "what is at the port (by its number: 7 echo, 9 discard, "
		"19 chargen, 80 http, else any)"},
    {NAME("also", "service:port"), .take = take_also,
	.text = "another port of the device; may be repeated; closed:PORT "
		"where nothing listens (1)"},
    {LETTER('f', "file"), TEXT(request_file),
	.text = "the request of cases that need http (GET / HTTP/1.0)"},
    {.text = "which cases"},
    {NAME("only", "pattern"), .take = take_only,
	.text = "those whose name is like this; may be repeated"},
    {NAME("level", "levels"), .take = take_level,
	.text = "those of MUST, SHOULD, MAY, robustness; joined by commas"},
    {NAME("profile", "name"), TEXT(profile),
	.text = "known deviations, which are no failures: linux, lwip, "
		"tcphantom, or a file"},
    {NAME("list", NULL), FLAG(list),
	.text = "print the cases, with -v what each is for, and end"},
    {NAME("print", NULL), FLAG(print),
	.text = "print the scripts of the cases, and end"},
    {.text = "how"},
    {LETTER('j', "jobs"), NUM(jobs), RANGE(1, JOBS_MAX),
	.text = "this many cases at once (8, or one for each address)"},
    {NAME("slack", "time"), TIME(slack),
	.text = "how late an answer may be, beside a tenth and four round "
		"trips (0.25)"},
    {NAME("tries", "number"), NUM(tries), RANGE(1, 20),
	.text = "runs of a case that fails, to see what is unstable (3)"},
    {NAME("first", NULL), FLAG(first), .text = "end with the first failure"},
    {.text = "results"},
    {BOTH('W', "pcap", "file"), TEXT(pcap),
	.text = "record the packets of all cases"},
    {NAME("junit", "file"), TEXT(junit),
	.text = "write the results as JUnit's XML"},
    {NAME("html", "file"), TEXT(html),
	.text = "write a table of the results by RFC, as a page"},
    {NAME("text", "file"), TEXT(text), .text = "and as text"},
    {0},
};

static FILE *
open_file(const char *path, const char *mode)
{
	FILE *f = fopen(path, mode);

	if (f == NULL)
		die(EXIT_WRONG, "open %s: %s", path, strerror(errno));
	else /* or the first write asks whether it is a terminal */
		setvbuf(f, NULL, _IOFBF, BUFSIZ);
	return f;
}

static void
read_request(struct drill *d)
{
	char text[IP_TEXT];
	FILE *f;

	if (d->request_file == NULL) {
		d->nrequest = (size_t)snprintf((char *)d->request, REQUEST_MAX,
		    "GET / HTTP/1.0\r\nHost: %s\r\n\r\n",
		    ip_text(&d->dst, text));
		return;
	}
	f = open_file(d->request_file, "r");
	d->nrequest = fread(d->request, 1, REQUEST_MAX, f);
	if (d->nrequest == 0 || fgetc(f) != EOF)
		die(EXIT_WRONG, "-f %s: want 1 to %d bytes", d->request_file,
		    REQUEST_MAX);
	fclose(f);
}

static unsigned
service_of(uint16_t port)
{
	switch (port) {
	case 7:
		return NEED_ECHO;
	case 9:
		return NEED_DISCARD;
	case 19:
		return NEED_CHARGEN;
	case 80:
		return NEED_HTTP;
	default:
		return NEED_ANY;
	}
}

/* read_target - "addr:port", and what listens there */
static void
read_target(struct drill *d, const char *text)
{
	uint16_t port;

	if (text == NULL)
		die_usage("missing target: ADDR:PORT of the device");
	if (parse_endpoint(text, &d->dst, &port, 0) != 0 ||
	    !ip_is_host(&d->dst) || port == 0)
		die_usage("%s: not the ADDR:PORT of a device", text);
	if (!d->o.has_src)
		die_usage("missing -s: an address that no host has");
	if (d->need == NEEDS)
		d->need = service_of(port);
	d->port[NEED_ANY] = port;
	d->port[d->need] = port;
	d->o.dst = &d->dst;
}

/* read_client - the device is the client: which has what service? */
static void
read_client(struct drill *d)
{
	uint16_t port = d->port[NEED_ANY];

	if (d->trigger == NULL)
		die_usage("missing --trigger: a command that makes the device "
			  "connect");
	if (d->need == NEEDS)
		d->need = service_of(port);
	d->port[NEED_CLOSED] = 0;
	d->port[d->need] = port;
	if (d->jobs == 0)
		d->jobs = 1;
	if (port + d->jobs > UINT16_MAX + 1u)
		die_usage(
		    "-j %u: not that many ports from %u on", d->jobs, port);
	if (!d->o.has_wait)
		d->o.wait = CLIENT_WAIT;
}

void
drill_options(struct drill *d, int argc, char **argv)
{
	static const char *const usage[] = {
	    "[options] -s addr[/len] iface addr:port [script...]",
	    "[options] --listen addr:port --trigger cmd iface [script...]",
	    "--list | --print [options] [script...]", NULL};
	const struct opt_program program = {
	    .usage = usage,
	    .about = "Test the TCP of a device from outside: the cases of a "
		     "catalogue, or of scripts.\n"
		     "iface \"-\": the packet stream on stdin and stdout.\n",
	    .table = {{table, d}, {query_opt_hop, &d->o},
		{query_opt_common, &d->o}},
	};
	int i;

	query_defaults(&d->o);
	d->need = NEEDS;
	d->slack = 250 * NS_PER_MS;
	d->tries = TRIES;
	d->port[NEED_CLOSED] = 1;
	i = opt_parse(&program, argc, argv);
	if (!d->list && !d->print) {
		query_interface(&d->o, i++, argc, argv);
		d->o.tcp = d->o.hasty = true;
		if (d->listen)
			read_client(d);
		else
			read_target(d, i < argc ? argv[i++] : NULL);
	}
	if (d->jobs == 0)
		d->jobs = d->o.sources > 1 ? d->o.sources : 8;
	d->cases.lines.known = catalogue;
	d->cases.lines.nknown = ncatalogue;
	/* one's own reset.drill is not that of the catalogue */
	d->cases.lines.files_first = true;
	for (; i < argc; i++) {
		if (!cases_load(&d->cases, argv[i]))
			die(EXIT_WRONG, "%s", d->cases.error);
	}
	if (!d->o.has_seed && chance_from_kernel(&d->o.seed) != 0)
		die(EXIT_WRONG, "get a seed: %s: give -S", strerror(errno));
	d->o.has_seed = true;
	read_request(d);
	if (d->junit != NULL)
		d->junit_file = open_file(d->junit, "w");
	if (d->html != NULL)
		d->html_file = open_file(d->html, "w");
	if (d->text != NULL)
		d->text_file = open_file(d->text, "w");
}
