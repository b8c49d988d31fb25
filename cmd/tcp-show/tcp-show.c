/*
 * tcp-show - the segments of a packet stream as shell assignments; see
 * tcp-show(1).
 *
 * With -c or -w it reads a record at a time of its input and never a byte of
 * the next: a script calls it again and again on one pipe, and each goes on
 * where the last has stopped. Else it reads to the end, and as much at once as
 * there is.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/die.h"
#include "base/syscalls.h"
#include "capture/capin.h"
#include "linux/sandbox.h"
#include "pipe/stage.h"
#include "pipe/stream.h"
#include "wire/ip.h"
#include "wire/tcp_hdr.h"
#include "wire/tcp_text.h"

#include "options.h"
#include "show.h"

enum {
	LINE_MAX_BYTES = SHOW_FIXED + TCP_BYTE_TEXT * STREAM_SNAPLEN,
	BULK_BYTES = 1 << 20,
};

struct tcp_show {
	struct options o;
	struct clock clock;
	struct stage st;
	struct capin in;
	struct stream_out out; /* of lines, not of packets */
	int data;	       /* -o, or -1 */
	char writing[64];      /* "write" and its name */
	int ready;	       /* a descriptor that always polls readable */
	uint64_t due;	       /* -w: when to give up */
	uint64_t shown;
	bool late, grace;
	bool bulk; /* nothing reads on behind us: read as much as there is */
	bool more; /* records are left in the buffer */
};

static int
failed(struct tcp_show *t, const char *verb, const char *why)
{
	snprintf(t->in.error, sizeof(t->in.error), "%s: %s", verb, why);
	t->in.status = EXIT_NO;
	return -1;
}

/* begun - the stream's header has been read */
static bool
begun(const struct tcp_show *t)
{
	return t->in.is_ng ? t->in.ng.section : t->in.in.header;
}

static bool
enough(const struct tcp_show *t)
{
	return t->o.has_limit && begun(t) && t->shown == t->o.limit;
}

static uint64_t
until(const struct tcp_show *t, uint64_t now)
{
	return t->o.wait < TIME_NEVER - now ? now + t->o.wait : TIME_NEVER;
}

static int
save(struct tcp_show *t, const uint8_t *p, size_t n)
{
	ssize_t k;

	for (; n > 0; p += k, n -= (size_t)k) {
		k = write(t->data, p, n);
		if (k < 0 && errno == EINTR)
			k = 0;
		if (k < 0)
			return failed(t, t->writing, strerror(errno));
	}
	return 0;
}

/* take - one packet: 0, or -1 when its data cannot be saved */
static int
take(struct tcp_show *t, const struct stream_rec *rec, uint64_t now)
{
	struct shown s;
	enum left why;

	why = show_decode(rec, t->o.decap, &s);
	if (why != LEFT_NOTHING) {
		leftout_count(&t->in.left, why);
		/* an empty record is a wake-up in a recorded run */
		if (t->o.verbose && rec->caplen > 0)
			say("skip packet %llu: %s",
			    (unsigned long long)t->in.count, show_word(why));
		return 0;
	}
	if (!show_selected(&t->o.sel, &s))
		return 0;
	/* a line is written before the next record is read: there is room */
	t->out.end += show_line(
	    &s, rec->ts, t->data < 0, (char *)t->out.buf + t->out.end);
	t->shown++;
	t->due = until(t, now);
	return t->data < 0 ? 0 : save(t, s.data, s.there);
}

/*
 * show_all - the records in the buffer, as many as the output has room for;
 * the rest when that has been written
 */
static int
show_all(struct tcp_show *t, uint64_t now)
{
	struct stream_rec rec;
	int r;

	do {
		r = capin_next(&t->in, &rec);
		if (r < 0 || (r > 0 && take(t, &rec, now) != 0))
			return -1;
		if (enough(t))
			return 0;
	} while (r > 0 && t->bulk && t->out.cap - t->out.end >= LINE_MAX_BYTES);
	t->more = r > 0 && t->bulk;
	t->st.in = t->more ? t->ready : t->in.fd;
	return 1;
}

static int
input(void *ctx, uint64_t now)
{
	struct tcp_show *t = ctx;
	ssize_t n;

	if (t->late)
		return 0;
	if (t->more)
		return show_all(t, now);
	n = t->bulk ? capin_read(&t->in) : capin_read_exact(&t->in);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 1;
	if (n < 0)
		return failed(t, "read stdin", strerror(errno));
	if (n == 0)
		return capin_end(&t->in);
	return show_all(t, now);
}

static uint64_t
deadline(void *ctx)
{
	const struct tcp_show *t = ctx;

	return t->late ? TIME_NEVER : t->due;
}

/* partly - bytes of a record have been read, and not all */
static bool
partly(const struct tcp_show *t)
{
	return t->in.in.end > t->in.in.start || t->in.ng.skip > 0;
}

/* timer - a record that has begun gets a second more: half of it taken away
 * would leave the next reader lost */
static void
timer(void *ctx, uint64_t now)
{
	struct tcp_show *t = ctx;

	if (partly(t) && !t->grace) {
		t->grace = true;
		t->due = now + NS_PER_SEC;
		return;
	}
	if (partly(t))
		failed(t, "read stdin", "the stream stalls inside a packet");
	t->late = true;
	t->st.in = t->ready; /* input() tells the loop */
}

static void
print_summary(void *ctx)
{
	const struct tcp_show *t = ctx;

	say("%llu packets, %llu segments shown",
	    (unsigned long long)t->in.count, (unsigned long long)t->shown);
}

/*
 * go_on - behind a header that another has read: a file still has it, at its
 * beginning; in a pipe it was that of our own programs
 */
static void
go_on(struct tcp_show *t)
{
	struct stream_rec rec;
	ssize_t n;

	if (t->in.pid == 0 && lseek(t->in.fd, 0, SEEK_CUR) > 0) {
		n = pread(t->in.fd, t->in.in.buf, STREAM_FILE_HLEN, 0);
		t->in.in.end = n > 0 ? (size_t)n : 0;
		if (capin_next(&t->in, &rec) != 0)
			die(t->in.status, "%s", t->in.error);
		if (t->in.is_ng)
			die(EXIT_WRONG, "read stdin: a pcapng file cannot be "
					"gone on with: convert it with "
					"rawcap -r");
	} else if (t->o.continued) {
		t->in.known = true;
		t->in.in.header = t->in.in.nano = true;
	}
}

static void
set_up(struct tcp_show *t)
{
	int p[2];

	if (isatty(STDIN_FILENO))
		die_usage("read stdin: it is a terminal: packets come from "
			  "another stage or a file");
	capin_open(&t->in, "-");
	clock_start(&t->clock);
	t->due = until(t, clock_now(&t->clock));
	t->st = (struct stage){.clock = &t->clock,
	    .ctx = t,
	    .in = t->in.fd,
	    .out = STDOUT_FILENO,
	    .stream = &t->out,
	    .may_block = true,
	    .input = input,
	    .deadline = deadline,
	    .timer = timer,
	    .summary = print_summary};
	t->bulk = !t->o.has_limit && t->o.wait == TIME_NEVER;
	t->out.cap = LINE_MAX_BYTES + (t->bulk ? BULK_BYTES : 0);
	t->out.text = true;
	t->out.buf = malloc(t->out.cap);
	if (t->out.buf == NULL || capin_init(&t->in) != 0)
		die(EXIT_NO, "start: %s", strerror(ENOMEM));
	if (pipe(p) != 0)
		die(EXIT_NO, "start: %s", strerror(errno));
	close(p[1]);
	t->ready = p[0];
	go_on(t);
	t->data = -1;
	if (t->o.output == NULL)
		return;
	snprintf(t->writing, sizeof(t->writing), "write %s", t->o.output);
	t->data = open(
	    t->o.output, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (t->data < 0)
		die(EXIT_WRONG, "open %s: %s", t->o.output, strerror(errno));
}

/* result - the exit status when input has ended, or was waited for enough */
static int
result(const struct tcp_show *t)
{
	if (!t->o.has_limit && !t->late && t->shown == 0 && !t->o.quiet &&
	    leftout_total(&t->in.left) == 0)
		say("no segment to show");
	if (t->o.has_limit ? t->shown >= t->o.limit : !t->late || t->shown > 0)
		return EXIT_DONE;
	if (!t->o.quiet)
		say("wait: %s before the segment came",
		    t->late ? "time ran out" : "the stream ended");
	return EXIT_NO;
}

/* tell_left - unless another reads on behind us, or each was named: no partial
   count */
static void
tell_left(const struct tcp_show *t, bool damaged)
{
	if (!t->o.quiet && !t->o.verbose &&
	    (damaged || (!t->o.has_limit && !t->late)))
		leftout_say(&t->in.left);
}

int
main(int argc, char **argv)
{
	static struct tcp_show t;
	struct sandbox_rights got;
	enum stage_end end = STAGE_INPUT_END;

	die_start(argv);
	options_read(&t.o, argc, argv);
	stage_signals();
	set_up(&t);
	if (sandbox_enter(0, SANDBOX_LIBC, &got) != 0)
		die(EXIT_WRONG, "give up rights: %s", strerror(errno));
	if (!enough(&t))
		end = stage_run(&t.st);
	if (end == STAGE_FAILED && t.in.error[0] == '\0')
		die(EXIT_NO, "write stdout: %s", strerror(errno));
	tell_left(&t, t.in.error[0] != '\0');
	if (t.in.error[0] != '\0')
		die(t.in.status, "%s", t.in.error);
	if (end == STAGE_INPUT_END)
		return result(&t);
	if (end == STAGE_SIGNAL && !t.o.quiet)
		print_summary(&t);
	return EXIT_DONE;
}
