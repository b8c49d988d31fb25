/*
 * pcapnote - packet streams and the event log together, as one pcapng file
 * whose packets carry what TCP knew as comments.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "capture/capfiles.h"
#include "capture/markword.h"
#include "opt/opt.h"
#include "opt/rows.h"
#include "pcapnote.h"
#include "pipe/stage.h"

struct input {
	struct capin *in;
	struct stream_rec rec; /* the next one, when there is one */
	bool there, numbered;
};

struct join {
	struct capfiles look;
	struct input *input;
	struct log_in log;
	struct notes *notes;
	struct marks marks;
	bool marked; /* --marks */
	bool twice;  /* the files are read before: for marks, or their clocks */
	uint64_t packets, commented;
	struct leftout left;
	int status;
	bool quiet;
};

/* say_blocks - what of a pcapng file is no packet, and is not written */
static void
say_blocks(const struct capin *in)
{
	static const char *const name[PCAPNG_KINDS] = {"name resolution",
	    "interface statistics", "secrets", "other blocks"};
	const struct pcapng *ng = &in->ng;
	char text[160] = "";
	size_t n = 0;
	int i;

	for (i = 0; i < PCAPNG_KINDS; i++)
		if (ng->passed[i] > 0)
			n += (size_t)snprintf(text + n, sizeof(text) - n,
			    ", %llu %s", (unsigned long long)ng->passed[i],
			    name[i]);
	if (ng->named > 0)
		snprintf(text + n, sizeof(text) - n, ", %llu interface names",
		    (unsigned long long)ng->named);
	if (text[0] != '\0')
		say("read %s: blocks left out: %s", in->name, text + 2);
}

/* no_input - its end; prints why when it is early */
static void
no_input(struct join *j, struct input *s)
{
	leftout_add(&j->left, &s->in->left);
	say_blocks(s->in);
	if (s->in->error[0] == '\0')
		return;
	if (!j->twice) /* else it has been reported */
		say("read %s: %s", s->in->name, s->in->error);
	if (s->in->status > j->status)
		j->status = s->in->status;
}

/* writing failed: quietly when the reader has gone */
static _Noreturn void
no_output(void)
{
	if (errno == EPIPE)
		exit(EXIT_DONE);
	die(EXIT_NO, "write stdout: %s", strerror(errno));
}

/* advance - the next packet of input i, waiting for it */
static void
advance(struct join *j, int i)
{
	struct input *s = &j->input[i];
	ssize_t n;
	int more;

	s->there = false;
	for (;;) {
		while ((more = capin_next(s->in, &s->rec)) > 0) {
			/* a recording's mark that a timer woke tcpfsm */
			if (s->rec.len == 0)
				continue;
			s->there = true;
			return;
		}
		if (more < 0)
			break;
		/* what is written need not wait for what comes */
		if (fflush(stdout) != 0 || ferror(stdout))
			no_output();
		n = capin_read(s->in);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			die(EXIT_NO, "read %s: %s", s->in->name,
			    strerror(errno));
		if (n == 0) {
			capin_end(s->in);
			break;
		}
	}
	no_input(j, s);
}

/* earliest - the input whose next packet is the oldest; -1: all have ended */
static int
earliest(const struct join *j)
{
	int i, best = -1;

	for (i = 0; i < j->look.files; i++)
		if (j->input[i].there &&
		    (best < 0 || j->input[i].rec.ts < j->input[best].rec.ts))
			best = i;
	return best;
}

static void
begin(struct join *j)
{
	int i;

	j->input = calloc((size_t)j->look.files, sizeof(*j->input));
	log_in_init(&j->log, j->look.log != NULL ? fileno(j->look.log) : -1);
	j->notes = notes_new(&j->log);
	if (j->input == NULL || j->notes == NULL)
		die(EXIT_NO, "start: out of memory");
	if (j->look.segs.decap)
		notes_decap(j->notes);
	if (!pcapng_begin())
		no_output();
	for (i = 0; i < j->look.files; i++) {
		j->input[i].in = &j->look.in[i];
		if (!pcapng_interface(j->look.in[i].name))
			no_output();
	}
	for (i = 0; i < j->look.files; i++)
		advance(j, i);
}

/* comment - on the packet that input i has */
static void
comment_on(struct join *j, int i, char *comment)
{
	struct input *s = &j->input[i];
	char words[MARKWORD_MAX];

	if (!notes_on(j->notes, &s->rec, s->in->count, &s->numbered, comment) ||
	    !j->marked)
		return;
	markword(marks_next(&j->marks, i), words, sizeof(words));
	if (words[0] != '\0')
		notes_add(comment, "mark", words);
}

static void
join(struct join *j)
{
	char comment[COMMENT_MAX];
	struct input *s;
	int i;

	while ((i = earliest(j)) >= 0) {
		s = &j->input[i];
		comment_on(j, i, comment);
		j->packets++;
		j->commented += comment[0] != '\0';
		if (!pcapng_packet((unsigned)i, &s->rec, &s->in->ng, comment))
			no_output();
		advance(j, i);
	}
}

#define OPT_BASE struct join

/* parse_options - returns where the files begin */
static int
parse_options(struct join *j, int argc, char **argv)
{
	static const char *const usage[] = {
	    "[-q] -l log [file ...]", "[-q] --marks [-l log] file ...", NULL};
	static const struct opt table[] = {
	    {NAME("marks", NULL), FLAG(marked),
		.text = "also what each segment is: retransmitted, needless, "
			"lost, keep-alive ... as ladder draws it; the files "
			"are read twice"},
	    {LETTER('q', NULL), FLAG(quiet), .text = "no summary"},
	    {0},
	};
	const struct opt_program program = {
	    .usage = usage,
	    .about =
		"Join captures, or the packet stream on stdin, and tcpfsm's "
		"event log: a pcapng\n"
		"file on stdout, whose packets carry the connection's state, "
		"cwnd, time-out and\n"
		"the reasons as comments. Several files are joined by their "
		"timestamps.\n",
	    .more = "Example:\n"
		    "  pcapnote -l log in.pcap out.pcap >noted.pcapng\n"
		    "  tshark -r noted.pcapng -Y 'frame.comment contains "
		    "\"why=rto\"'",
	    .table = {{capfiles_opt_log, &j->look},
		{capfiles_opt_decap, &j->look}, {table, j}},
	};

	return opt_parse(&program, argc, argv);
}

int
main(int argc, char **argv)
{
	static struct join j;
	int files, i;

	die_start(argv);
	files = parse_options(&j, argc, argv);
	if (j.look.log_name == NULL && !j.marked)
		die_usage("missing event log: give -l, or --marks");
	if (argc - files > INPUTS)
		die_usage("%d files: at most %d", argc - files, INPUTS);
	stage_refuse_tty();
	signal(SIGPIPE, SIG_IGN);
	j.twice = j.marked ||
		  (argc - files > 1 && marks_can(argc - files, argv + files));
	j.marks.clocks_only = !j.marked;
	if (j.twice)
		marks_open(&j.marks, argc - files, argv + files);
	capfiles_open(&j.look, argc - files, argv + files);
	if (j.twice)
		marks_read(&j.marks, j.look.segs.decap, j.look.log != NULL);
	begin(&j);
	join(&j);
	if (fflush(stdout) != 0 || ferror(stdout))
		no_output();
	leftout_say(&j.left);
	if (j.packets == 0 && leftout_total(&j.left) > 0 && j.status == 0)
		j.status = EXIT_NO;
	if (!j.quiet && j.marked)
		leftout_unmarked(&j.marks.unmarked);
	if (!j.quiet)
		say("%llu packets, %llu with a comment, %llu events without a "
		    "packet",
		    (unsigned long long)j.packets,
		    (unsigned long long)j.commented,
		    (unsigned long long)notes_left(j.notes));
	for (i = 0; i < j.look.files; i++)
		capin_close(j.input[i].in);
	free(j.input);
	notes_free(j.notes);
	marks_free(&j.marks);
	capfiles_close(&j.look);
	return j.status;
}
