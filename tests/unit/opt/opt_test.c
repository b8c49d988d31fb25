/*
 * opt_test.c - a command line by a table: values, errors, --help and
 * --list-options. What ends the program runs in a child.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/die.h"
#include "opt/opt.h"
#include "opt/rows.h"
#include "tap.h"
#include "wire/ether.h"
#include "wire/ip.h"

struct options {
	bool json, given, calm;
	int level;
	const char *file;
	uint8_t ttl;
	uint16_t port;
	uint32_t max;
	uint64_t seed, wait;
	struct ip_addr addr;
	struct mac mac;
	unsigned when;
	const char *keep;
};

static const char *
take_keep(void *base, const struct opt *o, const char *arg)
{
	((struct options *)base)->keep = arg != NULL ? arg : "default";
	return arg != NULL && arg[0] == '0' ? "less than a second" : NULL;
}

#define OPT_BASE struct options

static const struct opt first[] = {
    {LETTER('J', NULL), FLAG(json), .text = "as JSON lines"},
    {LETTER('n', NULL), CLEAR(calm), .text = "not calm"},
    {LETTER('v', NULL), MORE(level), .text = "more"},
    {LETTER('q', NULL), LESS(level), .text = "less"},
    {BOTH('f', "file", "FILE"), TEXT(file),
	.text = "a text that is so long that it does not fit on one line of "
		"the help and is wrapped"},
    {.text = "numbers"},
    {LETTER('p', "port"), NUM(port), .min = 1, .text = "port"},
    {NAME("ttl", "n"), NUM(ttl), .min = 1, .text = "ttl"},
    {NAME("max", "n"), NUM(max), RANGE(0, 10), .text = "max"},
    {LETTER('S', "seed"), NUM(seed), GIVEN(given), .text = "seed"},
    {0},
};

static const struct opt second[] = {
    {LETTER('w', "time"), TIME(wait), .min = 1000, .text = "wait"},
    {LETTER('a', "addr"), HOST(addr), .text = "addr"},
    {LETTER('m', "mac"), MAC(mac), .text = "mac"},
    {NAME("when", "when"), WORD(when), .words = "always never auto",
	.text = "when"},
    {NAME("keep", "[seconds]"), .take = take_keep, .text = "keep"},
    {0},
};

static const char *const usage[] = {"[options] word", "-f file", NULL};

/* parse - line, cut at spaces; returns the index of the first word */
static int
parse(const char *line, struct options *o, bool first_word_ends)
{
	static char copy[256];
	char *argv[32], *save, *w;
	struct opt_program p = {.usage = usage,
	    .about = "About.",
	    .more = "More.",
	    .first_word_ends = first_word_ends,
	    .table = {{first, o}, {second, o}}};
	int argc = 0;

	memset(o, 0, sizeof(*o));
	snprintf(copy, sizeof(copy), "prog %s", line);
	for (w = strtok_r(copy, " ", &save); w != NULL && argc < 31;
	     w = strtok_r(NULL, " ", &save))
		argv[argc++] = w;
	argv[argc] = NULL;
	die_name(argv[0]);
	optind = 0;
	return opt_parse(&p, argc, argv);
}

/* output - what parse() prints before it exits with status */
static const char *
output(const char *line, int *status)
{
	static char text[4096];
	struct options o;
	int fd[2], st;
	size_t n = 0;
	ssize_t got;
	pid_t pid;

	fflush(stdout);
	if (pipe(fd) != 0 || (pid = fork()) < 0)
		exit(2);
	if (pid == 0) {
		dup2(fd[1], 1);
		dup2(fd[1], 2);
		parse(line, &o, false);
		_exit(99);
	}
	close(fd[1]);
	while ((got = read(fd[0], text + n, sizeof(text) - 1 - n)) > 0)
		n += (size_t)got;
	text[n] = '\0';
	close(fd[0]);
	waitpid(pid, &st, 0);
	*status = WEXITSTATUS(st);
	return text;
}

static void
wrong(const char *line, const char *message)
{
	char want[256];
	const char *got;
	int status;

	snprintf(want, sizeof(want), "prog: %s\ntry: prog --help\n", message);
	got = output(line, &status);
	check(status == EXIT_WRONG && strcmp(got, want) == 0, "%s: %s", line,
	    message);
}

static void
values(void)
{
	struct options o;
	int i;

	i = parse("-Jvvq -p 80 --ttl=255 --max 10 -S 18446744073709551615 "
		  "--file x word",
	    &o, false);
	check(o.json && o.level == 1 && o.port == 80 && o.ttl == 255 &&
		  o.max == 10 && o.seed == UINT64_MAX && o.given &&
		  strcmp(o.file, "x") == 0 && i == 14 - 3,
	    "flags, counts, numbers of every size, text");
	i = parse(
	    "-w 20ms -a 10.0.0.5 -m 02:50:0a:00:00:05 --when never", &o, false);
	check(o.wait == 20000000 && ip_is_v4(&o.addr) && o.mac.b[5] == 5 &&
		  o.when == 1,
	    "a time, an address, a MAC, a word");
	parse("--keep", &o, false);
	check(strcmp(o.keep, "default") == 0, "a value left out");
	parse("--keep 60", &o, false);
	check(strcmp(o.keep, "60") == 0, "--keep 60");
	parse("--keep=70", &o, false);
	check(strcmp(o.keep, "70") == 0, "--keep=70");
	i = parse("-J word -14", &o, true);
	check(i == 2 && o.json, "options end at the first word");
	i = parse("word -J", &o, false);
	check(i == 2 && o.json, "or stand behind it");
}

static void
errors(void)
{
	wrong("-z", "-z: unknown option");
	wrong("-Jz", "-z: unknown option");
	wrong("--nope", "--nope: unknown option");
	wrong("--nope=3", "--nope=3: unknown option");
	wrong("-p", "-p: missing value");
	wrong("--ttl", "--ttl: missing value");
	wrong("--file", "--file: missing value");
	wrong("--when=x", "--when x: not one of: always never auto");
	wrong("-p 0", "-p 0: not a number from 1 to 65535");
	wrong("-p 65536", "-p 65536: not a number from 1 to 65535");
	wrong("--ttl 256", "--ttl 256: not a number from 1 to 255");
	wrong("--max 11", "--max 11: not a number from 0 to 10");
	wrong("-S -1", "-S -1: not a number from 0 to 18446744073709551615");
	wrong("-a 0.0.0.0", "-a 0.0.0.0: not an address that a host can have");
	wrong("-m 01:00:00:00:00:00",
	    "-m 01:00:00:00:00:00: not a unicast MAC address");
	wrong("-w x", "-w x: not a time: give seconds, or a number with s, "
		      "ms or us");
	wrong("-w 0", "-w 0: not a time of at least 1e-06 s");
	wrong("--keep 0", "--keep 0: less than a second");
	wrong("--help=3", "--help: takes no value");
	wrong("--list", "--list: unknown option");
}

static void
texts(void)
{
	const char *got;
	int status;

	got = output("--help", &status);
	check(
	    status == 0 &&
		strstr(got, "usage: prog [options] word\n       prog -f file\n"
			    "About.\n") == got,
	    "--help begins with the usage");
	check(strstr(got, "\n  -f, --file FILE  a text that is so long that it "
			  "does not fit on one line of\n"
			  "                   the help and is wrapped\n"
			  "numbers:\n  -p port") != NULL,
	    "long texts are wrapped, headings stand in their place");
	check(strstr(got, "      --keep[=seconds]  keep\n") != NULL,
	    "a value that may be left out");
	check(strlen(got) > 6 && strcmp(got + strlen(got) - 6, "More.\n") == 0,
	    "--help ends with more");
	got = output("--list-options", &status);
	check(
	    status == 0 && strstr(got, "-f,--file\tFILE\t-\ta text") != NULL &&
		strstr(got, "--when\twhen\talways never auto\twhen\n") != NULL,
	    "--list-options for completion");
	got = output("-V", &status);
	check(status == 0 && strncmp(got, "prog (tcphantom) ", 17) == 0, "-V");
}

/* ports_of - how many there are, or -1 */
static int
ports_of(const char *text, uint64_t ports[OPT_PORTS])
{
	const struct opt o = {.at = 0};
	int n = 0, i;

	memset(ports, 0, OPT_PORTS * sizeof(*ports));
	if (opt_ports(ports, &o, text) != NULL)
		return -1;
	for (i = 0; i <= UINT16_MAX; i++)
		n += opt_port_is(ports, (uint16_t)i);
	return n;
}

static void
ports(void)
{
	static const char *const wrong[] = {"", "0", "80-", "-80", "80,", ",80",
	    "81-80", "1-65536", "65536", "99999999999", "80 81", "x",
	    "80-81-82", "0-5"};
	uint64_t p[OPT_PORTS];
	size_t i;

	check(ports_of("80", p) == 1 && opt_port_is(p, 80), "a port");
	check(ports_of("22,8000-8100,65535", p) == 103 && opt_port_is(p, 22) &&
		  opt_port_is(p, 8000) && opt_port_is(p, 8100) &&
		  opt_port_is(p, 65535) && !opt_port_is(p, 8101),
	    "a list of ports and ranges");
	check(ports_of("1-65535", p) == 65535 && !opt_port_is(p, 0),
	    "all of them");
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		check(
		    ports_of(wrong[i], p) == -1, "no ports: \"%s\"", wrong[i]);
}

int
main(void)
{
	values();
	errors();
	texts();
	ports();
	return done();
}
