/*
 * live.c - while the packets come: the whole capture so far is analysed a few
 * times a second, as a later loss shows what an earlier segment was. What has
 * changed in the text of each connection goes to the end of a file, the feed.
 * Each line of it is one connection, from an entry on.
 *
 * Memory and feed are bounded: when there are too many segments or
 * connections, the older half is dropped, and the feed begins again under
 * another number.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/die.h"
#include "base/syscalls.h"
#include "capture/capfiles.h"
#include "film.h"

enum {
	SEGMENTS_MOST = 20000,
	CONNS_MOST = 1000,
	FEED_MOST = 32 << 20, /* bytes */
	LOG_MOST = 32 << 20,
	PAUSE_MS = 200,	 /* between two looks, */
	PAUSE_TIMES = 4, /* and this many times as long as a look takes */
	LOG_EARLY_S = 1, /* a line may be older than its packet */
};

struct live {
	struct film *f;
	struct capfiles *look;
	const char *name;
	int fd;
	uint64_t no;	       /* the film's, in the feed's first line */
	uint64_t size;	       /* of the feed */
	struct film_text *was; /* what the feed has of each connection */
	uint32_t conns;	       /* this many, */
	size_t room;	       /* and room for this many */
	long log_at, log_end; /* what is still wanted of the log, and its end */
	bool fresh;	      /* packets have come */
	struct clock clock;
	uint64_t due;
};

/* ---- the feed */

SANDBOX_NEEDS(ftruncate);

static void
put(struct live *v, const char *text, size_t n)
{
	ssize_t w;

	for (v->size += n; n > 0; text += w, n -= (size_t)w) {
		w = write(v->fd, text, n);
		if (w < 0 && errno == EINTR)
			w = 0;
		if (w < 0)
			die(EXIT_NO, "write %s: %s", v->name, strerror(errno));
	}
}

/* forget_feed - what it has of the connections */
static void
forget_feed(struct live *v)
{
	uint32_t i;

	for (i = 0; i < v->conns; i++)
		film_text_free(&v->was[i]);
	v->conns = 0;
}

/* begin_feed - as if nothing had been written: its readers begin again */
static void
begin_feed(struct live *v)
{
	char head[FEED_HEAD + 1];

	forget_feed(v);
	if (ftruncate(v->fd, 0) != 0 || lseek(v->fd, 0, SEEK_SET) != 0)
		die(EXIT_NO, "write %s: %s: is it a file?", v->name,
		    strerror(errno));
	v->no++;
	v->size = 0;
	snprintf(head, sizeof(head), FEED_NAME "%016" PRIx64 "\n", v->no);
	put(v, head, FEED_HEAD);
}

/*
 * same - how many whole entries of a list are as they were; *at: where the
 * others begin
 */
static uint32_t
same(const char *was, size_t n, const char *is, size_t m, size_t *at)
{
	uint32_t entries = 0;
	size_t i = 0;

	*at = 0;
	while (i < n && i < m && was[i] == is[i])
		if (is[i++] == '\n') {
			entries++;
			*at = i;
		}
	/* the last one has no comma behind it */
	if (n > 0 && i == n && *at < n &&
	    (i == m || (is[i] == ',' && is[i + 1] == '\n'))) {
		entries++;
		*at = i == m ? i : i + 2;
	}
	return entries;
}

/* put_list - the entries from there on, in one line */
static void
put_list(FILE *out, const char *name, const char *text, size_t n)
{
	size_t i;

	fprintf(out, ",\"%s\":[", name);
	for (i = 0; i < n; i++)
		if (text[i] != '\n')
			putc(text[i], out);
	putc(']', out);
}

/* put_change - a line of the feed; the members of a head are one, too */
static void
put_change(
    struct live *v, const struct film_text *was, const struct film_text *is)
{
	static const char *const name[] = {"", "rows", "more", "log"};
	char *text = NULL;
	size_t n, at[FILM_PARTS], i;
	uint32_t kept[FILM_PARTS];
	FILE *out = open_memstream(&text, &n);
	int p;

	if (out != NULL)
		putc('{', out);
	else
		die(EXIT_NO, "keep a connection: %s", strerror(errno));
	for (i = 0; i < is->n[FILM_HEAD]; i++)
		if (is->part[FILM_HEAD][i] != '\n')
			putc(is->part[FILM_HEAD][i], out);
	for (p = FILM_ROWS; p < FILM_PARTS; p++)
		kept[p] = same(
		    was->part[p], was->n[p], is->part[p], is->n[p], &at[p]);
	fprintf(out, ",\"kept\":[%u,%u,%u]", kept[FILM_ROWS], kept[FILM_MORE],
	    kept[FILM_LOG]);
	for (p = FILM_ROWS; p < FILM_PARTS; p++)
		put_list(out, name[p], is->part[p] + at[p], is->n[p] - at[p]);
	fputs("}\n", out);
	if (fclose(out) != 0)
		die(EXIT_NO, "keep a connection: %s", strerror(errno));
	put(v, text, n);
	free(text);
}

/* was - what the feed has of this connection; nothing yet: empty texts */
static struct film_text *
was(struct live *v, uint32_t no)
{
	struct film_text *grown;

	if (no >= v->room) {
		v->room = 2 * (size_t)no + 16;
		grown = realloc(v->was, v->room * sizeof(*grown));
		if (grown == NULL)
			die(EXIT_NO, "keep connections: %s", strerror(errno));
		v->was = grown;
	}
	for (; v->conns <= no; v->conns++)
		v->was[v->conns] = (struct film_text){.n = {0}};
	return &v->was[no];
}

static void
tell(struct live *v, const struct conn *c)
{
	struct film_text is, *old = was(v, c->no);
	bool changed = false;
	int p;

	film_text(v->f, c, &is);
	for (p = 0; p < FILM_PARTS && !changed; p++)
		changed = is.n[p] != old->n[p] ||
			  (is.n[p] > 0 &&
			      memcmp(is.part[p], old->part[p], is.n[p]) != 0);
	if (changed)
		put_change(v, old, &is);
	film_text_free(old);
	*old = is;
}

/* ---- the log, which grows */

/* log_grows - it has another length than when it was read */
static bool
log_grows(struct live *v)
{
	struct stat sb;
	bool grows;

	if (v->look->log == NULL || fstat(fileno(v->look->log), &sb) != 0)
		return false;
	grows = sb.st_size != v->log_end;
	v->log_end = (long)sb.st_size;
	if (v->log_end < v->log_at) /* it has begun again */
		v->log_at = 0;
	if (v->log_end - v->log_at > LOG_MOST)
		v->log_at = v->log_end - LOG_MOST / 2;
	return grows;
}

/* trim_log - what is older than the first segment is not wanted any more */
static void
trim_log(struct live *v)
{
	uint64_t from = v->look->segs.s[0].time - LOG_EARLY_S * NS_PER_SEC;
	char text[EVENT_LINE_MAX];
	FILE *log = v->look->log;
	struct event_line e;
	long at = v->log_at;

	if (log == NULL || fseek(log, at, SEEK_SET) != 0)
		return;
	while (event_line_read(log, text)) {
		if (event_line_split(text, &e) == 0 && e.time >= from)
			break;
		at = ftell(log);
	}
	if (at > 0)
		v->log_at = at;
}

/* ---- what there is */

/* forget - the older half */
static void
forget(struct live *v)
{
	struct tcpseg_list *l = &v->look->segs;
	uint32_t half = l->n / 2;

	memmove(l->s, l->s + half, (l->n - half) * sizeof(*l->s));
	l->n -= half;
	trim_log(v);
	begin_feed(v);
}

/* study - the connections of all segments that are kept */
static void
study(struct live *v, struct tcpseg_list *copy)
{
	struct film *f = v->f;
	FILE *log = v->look->log;

	*copy =
	    v->look->segs; /* the numbers of the others do not change by it */
	copy->s = malloc((copy->n + (size_t)1) * sizeof(*copy->s));
	if (copy->s == NULL)
		die(EXIT_NO, "keep packets: %s", strerror(errno));
	memcpy(copy->s, v->look->segs.s, copy->n * sizeof(*copy->s));
	f->choice.first_at = copy->s[0].time;
	if (conns_make(&f->conns, copy) != 0)
		die(EXIT_NO, "keep connections: %s", strerror(errno));
	if (log != NULL && fseek(log, v->log_at, SEEK_SET) == 0)
		film_log(f, log);
}

/* look - write what has changed */
static void
look(struct live *v)
{
	struct tcpseg_list copy;
	uint32_t i, n = 0, conns;

	v->fresh = false;
	if (v->look->segs.n == 0)
		return;
	if (v->size > FEED_MOST)
		begin_feed(v);
	study(v, &copy);
	conns = v->f->conns.n;
	for (i = 0; i < conns && conns <= CONNS_MOST; i++)
		if (film_shows(v->f, &v->f->conns.conn[i], &n))
			tell(v, &v->f->conns.conn[i]);
	film_free(v->f);
	free(copy.s);
	if (conns > CONNS_MOST) {
		forget(v);
		v->fresh = true;
	}
}

/* take - what stdin has; false at its end */
static bool
take(struct live *v, struct capin *in)
{
	struct stream_rec rec;
	ssize_t n = capin_read(in);
	int r;

	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	while (n > 0 && (r = capin_next(in, &rec)) != 0) {
		if (r < 0)
			return false;
		tcpseg_list_take(&v->look->segs, &rec, in);
		v->fresh = true;
		if (v->look->segs.n >= SEGMENTS_MOST)
			forget(v);
	}
	return n > 0;
}

static void
follow(struct live *v, struct capin *in)
{
	struct pollfd p = {.fd = in->fd, .events = POLLIN};
	uint64_t now, took;
	bool more = true;

	while (more) {
		now = clock_now(&v->clock);
		if (now >= v->due) {
			if (log_grows(v) || v->fresh)
				look(v);
			took = clock_now(&v->clock) - now;
			now += took;
			v->due = now + PAUSE_MS * NS_PER_MS +
				 PAUSE_TIMES * took;
		}
		if (poll(&p, 1, (int)((v->due - now) / NS_PER_MS) + 1) > 0)
			more = take(v, in);
	}
}

/* finish - the exit status, by how the input has ended */
static int
finish(struct capin *in)
{
	if (in->error[0] == '\0' && capin_end(in) == 0)
		return EXIT_DONE;
	say("read %s: %s", in->name, in->error);
	return in->status;
}

/* open_feed - a file of another kind is not written over */
static int
open_feed(const char *name)
{
	char head[sizeof(FEED_NAME) - 1];
	int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	ssize_t n;

	if (fd < 0 || (n = read(fd, head, sizeof(head))) < 0)
		die(EXIT_WRONG, "open %s: %s", name, strerror(errno));
	if (n > 0 && ((size_t)n < sizeof(head) ||
			 memcmp(head, FEED_NAME, sizeof(head)) != 0))
		die(EXIT_WRONG,
		    "open %s: it is something else than a feed: give another "
		    "name, or remove it",
		    name);
	return fd;
}

int
film_live(struct film *f, struct capfiles *files, const char *feed)
{
	static const char end[] = "{\"end\":true}\n";
	struct live v = {.f = f, .look = files, .name = feed};
	int fd, status;

	v.fd = open_feed(feed);
	/* the writer of the log may begin later */
	fd = files->log_name == NULL
		 ? -1
		 : open(files->log_name, O_RDONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0)
		close(fd);
	clock_start(&v.clock);
	v.no = clock_now(&v.clock);
	capfiles_open(files, 0, NULL);
	begin_feed(&v);
	follow(&v, &files->in[0]);
	log_grows(&v);
	do /* again where some of it was forgotten */
		look(&v);
	while (v.fresh);
	put(&v, end, sizeof(end) - 1);
	status = finish(&files->in[0]);
	forget_feed(&v);
	free(v.was);
	capin_close(&files->in[0]);
	capfiles_close(files);
	return status;
}
