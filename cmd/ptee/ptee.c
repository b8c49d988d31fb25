/*
 * ptee - a tee for packet streams that never holds up the network: a slow
 * viewer misses packets, and a message gives their number; one that is gone is
 * forgotten.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/die.h"
#include "base/syscalls.h"
#include "linux/sandbox.h"
#include "opt/opt.h"
#include "opt/rows.h"
#include "pipe/ppoll.h"
#include "pipe/stage.h"
#include "pipe/stream.h"

enum {
	OUT_BYTES = 4 << 20,  /* queue of stdout */
	VIEW_BYTES = 1 << 20, /* and of each viewer */
	VIEWS_MAX = 32,
	AGAIN_NS = 5 * 1000 * 1000, /* until a full viewer is tried again */
};

struct view {
	const char *name;
	int fd;	      /* -1: gone */
	bool failed;  /* to be written */
	bool missing; /* the last packet found no room */
	struct stream_out out;
};

struct ptee {
	struct clock clock;
	struct stage st;
	struct stream_in in;
	struct stream_out out;
	struct view view[VIEWS_MAX];
	int views;
	uint64_t again; /* when viewers that lag are tried again */
	bool quiet;
};

/* ---- viewers ---- */

static void
forget(struct view *v)
{
	uint64_t lost = 0;

	if (errno == EPIPE) {
		say("%s: closed, after %llu packets", v->name,
		    (unsigned long long)v->out.count);
	} else {
		v->failed = true;
		lost = stream_out_cut(&v->out, v->fd);
		say("write %s: %s: it ends after %llu packets", v->name,
		    strerror(errno), (unsigned long long)(v->out.count - lost));
	}
	close(v->fd);
	v->fd = -1;
}

static void
serve(struct view *v)
{
	if (v->fd < 0 || v->out.start == v->out.end)
		return;
	if (stream_out_write(&v->out, v->fd) < 0) {
		forget(v);
		return;
	}
	if (v->missing && v->out.start == v->out.end) {
		v->missing = false;
		say("%s: too slow, %llu packets missed so far", v->name,
		    (unsigned long long)v->out.dropped);
	}
}

/* a record as it is, cut ones too; false when there is no room */
static bool
copy(struct stream_out *out, const struct stream_rec *rec)
{
	uint8_t *room = stream_out_reserve(out, rec->caplen);

	if (room == NULL)
		return false;
	memcpy(room, rec->data, rec->caplen);
	stream_out_commit(out, rec->ts, rec->caplen, rec->len);
	return true;
}

static void
show(struct view *v, const struct stream_rec *rec)
{
	if (v->fd < 0 || copy(&v->out, rec))
		return;
	serve(v);
	if (v->fd < 0 || copy(&v->out, rec))
		return;
	v->out.dropped++;
	v->missing = true;
}

static void
serve_all(struct ptee *t)
{
	int i;

	for (i = 0; i < t->views; i++)
		serve(&t->view[i]);
}

/* ---- the stage ---- */

static void
pass(struct ptee *t, const struct stream_rec *rec)
{
	int i;

	for (i = 0; i < t->views; i++)
		show(&t->view[i], rec);
	if (!copy(&t->out, rec))
		t->out.dropped++;
}

static int
input(void *ctx, uint64_t now)
{
	struct ptee *t = ctx;
	struct stream_rec rec;
	ssize_t n;
	int more;

	n = stream_in_read(&t->in, STDIN_FILENO);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 1;
	if (n < 0) {
		snprintf(t->in.error, sizeof(t->in.error), "read stdin: %s",
		    strerror(errno));
		t->in.status = EXIT_NO;
		return -1;
	}
	if (n == 0)
		return stream_in_end(&t->in);
	while ((more = stream_in_next(&t->in, &rec)) > 0)
		pass(t, &rec);
	serve_all(t);
	t->again = now + AGAIN_NS;
	return more == 0 ? 1 : -1;
}

/* only a viewer that lags needs a timer */
static uint64_t
deadline(void *ctx)
{
	const struct ptee *t = ctx;
	int i;

	for (i = 0; i < t->views; i++)
		if (t->view[i].fd >= 0 &&
		    t->view[i].out.start < t->view[i].out.end)
			return t->again;
	return TIME_NEVER;
}

static void
timer(void *ctx, uint64_t now)
{
	struct ptee *t = ctx;

	serve_all(t);
	t->again = now + AGAIN_NS;
}

static void
print_summary(void *ctx)
{
	const struct ptee *t = ctx;
	const struct view *v;
	int i;

	say("%llu packets passed, %llu dropped",
	    (unsigned long long)t->out.count,
	    (unsigned long long)t->out.dropped);
	for (i = 0; i < t->views; i++) {
		v = &t->view[i];
		say("%s: %llu packets, %llu missed%s", v->name,
		    (unsigned long long)v->out.count,
		    (unsigned long long)v->out.dropped,
		    v->fd < 0 ? ", closed" : "");
	}
}

/* the viewers' last packets, for so long as they take them; of what waits the
   filter knows the loop's call */
static void
finish(struct ptee *t)
{
	const struct timespec pause = {.tv_nsec = AGAIN_NS};
	uint64_t until = clock_now(&t->clock) + NS_PER_SEC;

	while (deadline(t) != TIME_NEVER && clock_now(&t->clock) < until) {
		serve_all(t);
		if (deadline(t) != TIME_NEVER)
			ppoll_wait(NULL, 0, &pause, NULL);
	}
}

/* ---- the start ---- */

static void
add_view(struct ptee *t, const char *name)
{
	struct view *v;

	if (t->views == VIEWS_MAX)
		die_usage("%d files are the most", VIEWS_MAX);
	v = &t->view[t->views++];
	v->name = name;
	v->fd = open(
	    name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NONBLOCK, 0600);
	if (v->fd < 0 && errno == ENXIO)
		die(EXIT_WRONG,
		    "open %s: it has no reader: start the viewer "
		    "first",
		    name);
	if (v->fd < 0)
		die(EXIT_WRONG, "open %s: %s", name, strerror(errno));
	if (isatty(v->fd))
		die(EXIT_WRONG,
		    "write %s: it is a terminal: packets are binary", name);
	stream_pipe_size(v->fd);
	if (stream_out_init(&v->out, VIEW_BYTES) != 0)
		die(EXIT_NO, "start: %s", strerror(ENOMEM));
}

#define OPT_BASE struct ptee

/* parse_options - returns where the files begin */
static int
parse_options(struct ptee *t, int argc, char **argv)
{
	static const char *const usage[] = {"[-q] [file ...]", NULL};
	static const struct opt table[] = {
	    OPT_ROW_QUIET(quiet),
	    {0},
	};
	const struct opt_program program = {
	    .usage = usage,
	    .about =
		"Copy the packet stream on stdin to stdout and to every file. "
		"A "
		"file that is a\n"
		"pipe or a fifo is a viewer: it never holds up the stream. A "
		"viewer that does not\n"
		"read in time misses packets; ptee prints how many.\n",
	    .more =
		"Examples:\n"
		"  rawcap eth0 | ptee in.pcap | tcpfsm -f resp.txt | rawinject "
		"eth0\n"
		"  rawcap eth0 | ptee >(wireshark -k -i -) | tcpfsm -f "
		"resp.txt "
		"| ...",
	    .table = {{table, t}},
	};

	return opt_parse(&program, argc, argv);
}

static void
set_up(struct ptee *t, int files, char **name)
{
	struct sandbox_rights got;
	int i;

	stage_refuse_tty();
	clock_start(&t->clock);
	t->st = (struct stage){.clock = &t->clock,
	    .ctx = t,
	    .in = STDIN_FILENO,
	    .out = STDOUT_FILENO,
	    .stream = &t->out,
	    .input = input,
	    .deadline = deadline,
	    .timer = timer,
	    .summary = print_summary};
	if (stream_in_init(&t->in) != 0 ||
	    stream_out_init(&t->out, OUT_BYTES) != 0)
		die(EXIT_NO, "start: %s", strerror(ENOMEM));
	for (i = 0; i < files; i++)
		add_view(t, name[i]);
	stage_pipes();
	stage_signals();
	if (sandbox_enter(0, SANDBOX_LIBC, &got) != 0)
		die(EXIT_WRONG, "give up rights: %s", strerror(errno));
}

int
main(int argc, char **argv)
{
	static struct ptee t;
	enum stage_end end;
	int files, i;

	die_start(argv);
	files = parse_options(&t, argc, argv);
	set_up(&t, argc - files, argv + files);
	end = stage_run(&t.st);
	finish(&t);
	if (!t.quiet)
		print_summary(&t);
	if (t.in.error[0] != '\0')
		die(t.in.status, "%s", t.in.error);
	if (end == STAGE_FAILED)
		die(EXIT_NO, "write stdout: %s", strerror(errno));
	for (i = 0; i < t.views; i++)
		if (t.view[i].failed)
			return EXIT_NO;
	return EXIT_DONE;
}
