/*
 * impair - a bad network as a stage: packet stream in, packet stream out,
 * some packets late, twice, damaged, or not at all. See impair(1).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/die.h"
#include "base/syscalls.h"
#include "linux/opener.h"
#include "linux/sandbox.h"
#include "opt/opt.h"
#include "opt/rows.h"
#include "run.h"
#include "wire/parse.h"

static const char more[] =
    "words of tc-netem:\n"
    "  loss [random] P% [CORRELATION%]\n"
    "  loss gemodel P% [R% [1-H% [1-K%]]]\n"
    "  loss state P13% [P31% [P32% [P23% [P14%]]]]\n"
    "  delay TIME [JITTER [CORRELATION%]]\n"
    "  distribution uniform|normal|pareto|paretonormal\n"
    "  duplicate P% [CORRELATION%]\n"
    "  corrupt P% [CORRELATION%]\n"
    "  reorder P% [CORRELATION%]    gap N\n"
    "  rate RATE [PACKETOVERHEAD [CELLSIZE [CELLOVERHEAD]]]\n"
    "  limit PACKETS                seed N\n"
    "words for single packets:\n"
    "  drop SELECTOR    dup SELECTOR    delay SELECTOR TIME\n"
    "  corrupt SELECTOR [csum | bit N]  cut SELECTOR [TIME]\n"
    "  cut after TIME [TIME]\n"
    "  SELECTOR: any, arp, icmp, udp, tcp, syn, synack, ack, data, fin or\n"
    "            rst; with #N, #N-M or #N-: which of its connection;\n"
    "            then: from END, to END, conn N, P%\n"
    "and:\n"
    "  save FILE        write what was done to which packet\n"
    "  play FILE        do that again\n"
    "@FILE alone: words are read from it, and again at SIGUSR2";

enum { PLAY_MAX = 256 << 20 }; /* bytes of a schedule */

struct options {
	struct run run;
	const char *log;
	bool json;
	char args[EVENT_ARGS];
	char rights[SANDBOX_TEXT];
};

#define OPT_BASE struct options

static const struct opt table[] = {
    {LETTER('l', "log"), TEXT(log),
	.text = "append the event log to this file (-v: default stderr)"},
    OPT_ROW_JSON(json),
    {LETTER('v', NULL), FLAG(run.verbose),
	.text = "log what is done to each packet"},
    OPT_ROW_QUIET(run.quiet),
    {LETTER('N', "max"), NUM(run.max_flows), RANGE(1, 10000000),
	.text = "maximum number of connections kept (65536)"},
    {LETTER('S', "seed"), NUM(run.cfg.seed), GIVEN(run.cfg.have_seed),
	.text = "as the word seed"},
    {NAME("decap", NULL), FLAG(run.cfg.decap),
	.text = "look into GRE, VXLAN, Geneve, GTP-U and IP in IP: the packet "
		"there is the one that words are about"},
    OPT_ROW_STAMPS(run.packet_time),
    {NAME("limit-bytes", "bytes"), NUM(run.queue.max_bytes),
	RANGE(1, UINT64_C(1) << 40),
	.text = "of packets that wait (134217728)"},
    {NAME("mtu", "bytes"), NUM(run.mtu), RANGE(68, 65535),
	.text = "longer TCP segments are split (1500)"},
    {0},
};

/*
 * read_words - those of the command line; one that holds spaces is several,
 * so that a whole line can be kept in a variable. File names stay whole.
 */
static void
read_words(struct options *o, char **argv, int n)
{
	const char **word;
	char error[WORDS_ERROR], *w, *save;
	size_t count = 0, bytes = 1;
	bool file = false;
	int i;

	if (n == 1 && argv[0][0] == '@') {
		o->run.words.name = argv[0] + 1;
		return;
	}
	for (i = 0; i < n; i++)
		bytes += strlen(argv[i]) / 2 + 1;
	word = calloc(bytes, sizeof(*word));
	if (word == NULL)
		die(EXIT_NO, "start: out of memory");
	for (i = 0; i < n; i++) {
		if (file) {
			word[count++] = argv[i];
			file = false;
			continue;
		}
		for (w = strtok_r(argv[i], " \t\n", &save); w != NULL;
		     w = strtok_r(NULL, " \t\n", &save))
			word[count++] = w;
		file = count > 0 && (strcmp(word[count - 1], "save") == 0 ||
					strcmp(word[count - 1], "play") == 0);
	}
	if (words_parse(&o->run.cfg, word, count, error) != 0)
		die_usage("%s", error);
	free(word);
}

static void
parse_options(struct options *o, int argc, char **argv)
{
	static const char *const usage[] = {
	    "[options] [word ...]", "[options] @file", NULL};
	const struct opt_program program = {
	    .usage = usage,
	    .about =
		"Do to the packets of a stream what a bad network does.\n"
		"\n"
		"  rawcap eth0 | tcpfsm -f resp.txt | impair delay 20ms loss "
		"10% |\n"
		"      rawinject eth0\n",
	    .more = more,
	    .first_word_ends = true, /* -14 may be one of the words */
	    .table = {{table, o}},
	};
	int i = opt_parse(&program, argc, argv);

	event_args(o->args, argc, argv);
	o->run.start = o->args;
	read_words(o, argv + i, argc - i);
	o->run.logged = o->run.verbose || o->log != NULL;
}

static int
open_out(const char *path, int flags)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0666);

	if (fd < 0)
		die(EXIT_WRONG, "open %s: %s", path, strerror(errno));
	return fd;
}

/* read_text - all of a file, up to PLAY_MAX; NULL and errno */
static char *
read_text(const char *path, size_t *n)
{
	FILE *f = fopen(path, "r");
	char *text;
	int why;

	if (f == NULL)
		return NULL;
	text = malloc(PLAY_MAX);
	if (text != NULL) {
		*n = fread(text, 1, PLAY_MAX, f);
		if (ferror(f) || *n == PLAY_MAX) {
			why = ferror(f) ? errno : EFBIG;
			free(text);
			text = NULL;
			errno = why;
		}
	}
	why = errno;
	fclose(f);
	errno = why;
	return text;
}

/* read_play - the schedule, before any right is given up */
static struct schedule *
read_play(const char *path)
{
	char error[WORDS_ERROR], *text;
	struct schedule *s;
	size_t n = 0;

	text = read_text(path, &n);
	if (text == NULL)
		die(EXIT_WRONG, "read %s: %s", path, strerror(errno));
	s = schedule_read(text, n, error);
	free(text);
	if (s == NULL)
		die(EXIT_WRONG, "read %s: %s", path, error);
	return s;
}

/* acquire - everything that takes a right: files first, then none is left */
static void
acquire(struct options *o)
{
	struct run *r = &o->run;

	if (r->words.name != NULL)
		wordfile_start(&r->words, &r->cfg);
	if (r->cfg.play != NULL)
		r->schedule = read_play(r->cfg.play);
	if (r->cfg.save != NULL)
		r->save_fd = open_out(r->cfg.save, O_TRUNC);
	event_open(&r->log, o->log, o->json);
	if (o->log != NULL)
		event_reopen(
		    &r->log, opener_start(o->log, EVENT_LOG_FLAGS), opener_ask);
	if (!r->cfg.have_seed && chance_from_kernel(&r->cfg.seed) != 0)
		die(EXIT_WRONG, "get a seed: %s: give -S", strerror(errno));
	if (run_init(r) != 0)
		die(EXIT_NO, "start: %s", strerror(errno));
	stage_pipes();
}

static void
enter_sandbox(struct options *o)
{
	const unsigned uses = SANDBOX_LIBC;
	unsigned files = (o->log != NULL) + (o->run.words.name != NULL);
	struct sandbox_rights got;

	if (sandbox_enter(
		files, files > 0 ? uses | SANDBOX_REOPEN : uses, &got) != 0)
		die(EXIT_WRONG, "give up rights: %s", strerror(errno));
	o->run.rights = sandbox_text(&got, o->rights);
}

int
main(int argc, char **argv)
{
	static struct options o;

	die_start(argv);
	impair_defaults(&o.run.cfg);
	o.run.save_fd = -1;
	o.run.max_flows = 65536;
	o.run.mtu = 1500;
	o.run.queue.max_bytes = UINT64_C(128) << 20;
	parse_options(&o, argc, argv);
	stage_refuse_tty();
	acquire(&o);
	stage_signals();
	wordfile_signal();
	enter_sandbox(&o);
	return run_loop(&o.run);
}
