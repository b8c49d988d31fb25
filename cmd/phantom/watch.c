/*
 * watch.c - see watch.h.
 *
 * A program's stderr holds events, as tcpfsm-events(5) has them, its summary,
 * for which it is asked once a second, and messages. The programs escape the
 * values of events. In messages every character that is not printable is made
 * visible, as commands of -e write there, too.
 */
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/die.h"
#include "base/visible.h"
#include "log/event.h"

#include "line.h"
#include "metrics.h"
#include "options.h"
#include "plan.h"
#include "watch.h"

enum { LINES_A_SECOND = 10, READS = 16, PATIENCE_MS = 1000 };

void
watch_start(struct watch *w, const struct options *o)
{
	w->o = o;
	w->metrics = metrics_open(o->metrics);
	w->terminal = isatty(STDOUT_FILENO);
	w->group = getpgrp();
	w->self = getpid();
	metrics_write(w); /* zeros are there at once */
}

/* ---- the screen ---- */

/*
 * put - all of it, without stdio, whose first use of a terminal makes a system
 * call that we have given up. If nobody reads for a while, lines are dropped:
 * the phantom goes on, and still receives the signal that ends it.
 */
static void
put(struct watch *w, int fd, const char *s, size_t n)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	bool *unread = &w->unread[fd == STDERR_FILENO];
	ssize_t done;

	*unread = poll(&p, 1, *unread ? 0 : PATIENCE_MS) == 0;
	while (n > 0 && !*unread) {
		done = write(fd, s, n);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return;
		s += done;
		n -= (size_t)done;
	}
}

bool
watch_in_front(const struct watch *w)
{
	return w->terminal && tcgetpgrp(STDOUT_FILENO) == w->group;
}

void
watch_clear(struct watch *w)
{
	/* what stands there now may be the user's */
	if (w->drawn && watch_in_front(w))
		put(w, STDOUT_FILENO, "\r\033[K", 4);
	w->drawn = false;
}

/* a line that is wider than the terminal is cut (no autowrap): what flows over
 * into the next one could not be written over */
static void
watch_status(struct watch *w, const char *text)
{
	watch_clear(w);
	if (!watch_in_front(w))
		return;
	put(w, STDOUT_FILENO, "\033[?7l", 5);
	put(w, STDOUT_FILENO, text, strlen(text));
	put(w, STDOUT_FILENO, "\033[?7h", 5);
	w->drawn = true;
}

void
watch_say(struct watch *w, const char *fmt, ...)
{
	char line[1024];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line) - 1, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	if (n > (int)sizeof(line) - 2)
		n = (int)sizeof(line) - 2;
	line[n] = '\n';
	watch_clear(w);
	put(w, STDOUT_FILENO, line, (size_t)n + 1);
}

static const char *
totals_text(const struct watch *w, char *buf, size_t size)
{
	const struct totals *t = &w->now;
	int n = 0;

	if (options_tcp(w->o))
		n = snprintf(buf, size,
		    "%llu connection%s, %llu bytes sent, %llu received, %llu "
		    "retransmission%s, ",
		    (unsigned long long)t->connections,
		    t->connections == 1 ? "" : "s", (unsigned long long)t->sent,
		    (unsigned long long)t->received,
		    (unsigned long long)t->retransmits,
		    t->retransmits == 1 ? "" : "s");
	snprintf(buf + n, size - (size_t)n, "%llu ping%s",
	    (unsigned long long)t->echoes, t->echoes == 1 ? "" : "s");
	return buf;
}

bool
watch_may_show(struct watch *w, int least)
{
	if (w->o->loud > 0 || w->o->loud < least || w->failed)
		return false;
	if (w->lines++ < LINES_A_SECOND)
		return true;
	w->unshown++;
	return false;
}

/* held_lines - of connections that are open for long */
static void
held_lines(struct watch *w)
{
	const char *ends;
	uint32_t i = 0;

	held_second(&w->held);
	while ((ends = held_next(&w->held, &i)) != NULL)
		if (watch_may_show(w, -1))
			watch_say(w, "%s: open for %d s", ends, HELD_SECONDS);
}

void
watch_second(struct watch *w)
{
	char text[256];
	bool news = memcmp(&w->now, &w->shown, sizeof(w->now)) != 0;

	held_lines(w);
	if (w->unshown > 0)
		watch_say(w, "... %llu more", (unsigned long long)w->unshown);
	w->lines = 0;
	w->unshown = 0;
	if (w->nsaid == w->nsaid_before)
		memset(w->said, 0, sizeof(w->said));
	w->nsaid_before = w->nsaid;
	if (w->o->loud >= 0 && w->terminal && (news || !w->drawn))
		watch_status(w, totals_text(w, text, sizeof(text)));
	else if (w->o->loud >= 0 && news && !w->terminal)
		watch_say(w, "%s", totals_text(w, text, sizeof(text)));
	w->shown = w->now;
	metrics_write(w);
}

bool
watch_wants(const struct watch *w)
{
	return w->o->loud >= -1 || w->metrics >= 0;
}

bool
watch_asks(const struct watch *w)
{
	return w->o->loud >= 0 || w->metrics >= 0;
}

void
watch_totals(struct watch *w)
{
	char text[256];

	metrics_write(w);
	if (w->o->loud > -2 && !w->failed)
		watch_say(w, "%s", totals_text(w, text, sizeof(text)));
}

/* ---- the log ---- */

/* log_flush - what a full disk does not take waits; what it has of half a line
   is taken back */
static void
log_flush(struct watch *w)
{
	ssize_t n = 1;

	while (w->n > 0 && n > 0) {
		n = write(w->log, w->piece + w->begun, w->n - w->begun);
		if (n < 0 && errno == EINTR)
			n = 1;
		else if (n > 0)
			w->n = event_wrote(
			    w->piece, w->n, (size_t)n, &w->begun);
	}
	if (n < 0 && errno != EAGAIN)
		event_take_back(w->log, &w->begun);
	if (n < 0 && errno != EAGAIN && !w->log_failed) {
		watch_clear(w);
		say("write %s: %s: events are lost while it lasts", w->o->log,
		    strerror(errno));
		w->log_failed = true;
	}
}

void
watch_new_log(struct watch *w, int fd)
{
	log_flush(w);
	close(w->log);
	w->log = fd;
	w->begun = 0;
}

bool
watch_log_end(struct watch *w)
{
	const char *p = w->piece;

	if (w->log < 0)
		return true;
	log_flush(w);
	while ((p = memchr(p, '\n', w->n - (size_t)(p - w->piece))) != NULL) {
		w->log_lost++;
		p++;
	}
	if (w->log_lost > 0)
		say("%s: %llu events are lost", w->o->log,
		    (unsigned long long)w->log_lost);
	return w->log_lost == 0;
}

static void
log_line(struct watch *w, const char *line, size_t len)
{
	if (w->log < 0)
		return;
	if (w->n + len + 1 > sizeof(w->piece))
		log_flush(w);
	if (w->n + len + 1 > sizeof(w->piece)) {
		w->log_lost++;
		return;
	}
	memcpy(w->piece + w->n, line, len);
	w->n += len;
	w->piece[w->n++] = '\n';
}

/* ---- lines ---- */

static void
on_event(struct watch *w, struct prog *p, const char *line)
{
	watch_event(w, p, line);
	if (w->o->loud > 0) {
		watch_clear(w);
		put(w, STDOUT_FILENO, line, strlen(line));
		put(w, STDOUT_FILENO, "\n", 1);
	}
}

/* on_summary - the line that SIGUSR1 and the end bring; false: another one */
static bool
on_summary(struct watch *w, const struct prog *p, const char *line)
{
	unsigned long long a, b, c, d;

	if (p->job == JOB_TCP &&
	    sscanf(line,
		"tcpfsm: %llu connections, %llu bytes sent, %llu received, "
		"%llu retransmissions",
		&a, &b, &c, &d) == 4) {
		w->now.connections = a;
		w->now.sent = b;
		w->now.received = c;
		w->now.retransmits = d;
		return true;
	}
	if (p->job == JOB_ICMP &&
	    sscanf(line, "icmp-phantom: %llu echo replies, %llu port", &a,
		&b) == 2) {
		w->now.echoes = a;
		w->unreachable = b;
		return true;
	}
	return false;
}

/* on_message - for people; the same message of several programs is shown
   once */
static void
on_message(struct watch *w, char *line)
{
	const char *text = strstr(line, ": ");
	char shown[2 * TEXT_MAX];
	int i;

	/* its neighbour has ended before its first record, and has printed
	   why */
	if (strstr(line, "read header: end of input") != NULL)
		return;
	text = text != NULL ? text + 2 : line;
	for (i = 0; i < SAID_MAX; i++)
		if (strcmp(text, w->said[i]) == 0)
			return;
	i = (int)(w->nsaid++ % SAID_MAX);
	snprintf(w->said[i], sizeof(w->said[i]), "%s", text);
	visible(shown, sizeof(shown), line);
	watch_clear(w);
	put(w, STDERR_FILENO, shown, strlen(shown));
	put(w, STDERR_FILENO, "\n", 1);
}

static void
on_line(struct watch *w, struct prog *p, char *line, size_t len)
{
	if (p->job == JOB_SOCKET && !p->ready &&
	    strstr(line, ": uid ") != NULL) {
		p->ready = true;
	} else if (line_is_event(line) &&
		   (p->job == JOB_ARP || p->job == JOB_ICMP ||
		       p->job == JOB_TCP)) {
		log_line(w, line, len);
		on_event(w, p, line);
	} else if (!on_summary(w, p, line)) {
		on_message(w, line);
	}
}

/* split - the whole lines of what has been read, and of what is left at the
 * end, or is too long, too */
static void
split(struct watch *w, struct prog *p, bool end)
{
	char *line = p->text, *nl;

	p->text[p->len] = '\0';
	while ((nl = memchr(line, '\n', p->len - (size_t)(line - p->text)))) {
		*nl = '\0';
		on_line(w, p, line, (size_t)(nl - line));
		line = nl + 1;
	}
	p->len -= (size_t)(line - p->text);
	memmove(p->text, line, p->len);
	if (p->len > 0 && (end || p->len == TEXT_MAX - 1)) {
		p->text[p->len] = '\0';
		on_line(w, p, p->text, p->len);
		p->len = 0;
	}
}

bool
watch_read(struct watch *w, struct prog *p)
{
	ssize_t n = 1;
	int i;

	for (i = 0; i < READS && n > 0; i++) {
		n = read(p->err, p->text + p->len, TEXT_MAX - 1 - p->len);
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			n = 0;
		if (n > 0)
			p->len += (size_t)n;
		split(w, p, n == 0);
	}
	log_flush(w);
	return n != 0;
}
