/*
 * event.c - lines of the event log, see event.h and tcpfsm-events(5).
 */
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "event.h"
#include "ip.h"

enum { CHUNK = 4096 }; /* PIPE_BUF: what one write() keeps in one piece */

int
event_init(struct event_log *l, int fd, bool json)
{
	memset(l, 0, sizeof(*l));
	l->fd = fd;
	l->json = json;
	l->buf = malloc(EVENT_LOG_CAP);
	return l->buf != NULL ? 0 : -1;
}

static void __attribute__((format(printf, 2, 3)))
add(struct event_log *l, const char *fmt, ...)
{
	size_t left = sizeof(l->line) - l->n;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(l->line + l->n, left, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= left)
		l->cut = true;
	else
		l->n += (size_t)n;
}

/* escape - text that holds no space, newline, control or quote any more */
static void
escape(struct event_log *l, const char *s)
{
	for (; *s != '\0' && !l->cut; s++) {
		unsigned char c = (unsigned char)*s;

		if (c <= ' ' || c >= 0x7f || c == '%' || c == '"' || c == '\\')
			add(l, "%%%02X", c);
		else
			add(l, "%c", c);
	}
}

static void
add_end(struct event_log *l, const struct ip_addr *a, uint16_t port)
{
	char text[IP_TEXT];

	if (a == NULL)
		add(l, "-");
	else if (port == 0)
		add(l, "%s", ip_text(a, text));
	else
		add(l, ip_is_v4(a) ? "%s:%u" : "[%s]:%u", ip_text(a, text),
		    port);
}

void
event_begin(struct event_log *l, uint64_t ts, const struct ip_addr *local,
    uint16_t lport, const struct ip_addr *remote, uint16_t rport,
    const char *event)
{
	l->n = 0;
	l->cut = false;
	if (l->json)
		add(l, "{\"time\":");
	add(l, "%llu.%09llu", (unsigned long long)(ts / NS_PER_SEC),
	    (unsigned long long)(ts % NS_PER_SEC));
	add(l, l->json ? ",\"local\":\"" : " ");
	add_end(l, local, lport);
	add(l, l->json ? "\",\"remote\":\"" : " ");
	add_end(l, remote, rport);
	add(l, l->json ? "\",\"event\":\"%s\"" : " %s", event);
	if (l->lost > 0)
		event_num(l, "lost", l->lost);
}

void
event_text(struct event_log *l, const char *key, const char *value)
{
	add(l, l->json ? ",\"%s\":\"" : " %s=", key);
	escape(l, value);
	if (l->json)
		add(l, "\"");
}

void
event_num(struct event_log *l, const char *key, uint64_t value)
{
	add(l, l->json ? ",\"%s\":%llu" : " %s=%llu", key,
	    (unsigned long long)value);
}

void
event_end(struct event_log *l)
{
	add(l, l->json ? "}\n" : "\n");
	if (l->fd < 0)
		return;
	if (l->cut || l->n > EVENT_LOG_CAP - l->len) {
		l->lost++;
		l->lost_all++;
		return;
	}
	memcpy(l->buf + l->len, l->line, l->n);
	l->len += l->n;
	l->lost = 0;
}

/* whole_lines - bytes of the lines that fit into one atomic write */
static size_t
whole_lines(const struct event_log *l)
{
	size_t n = l->len < CHUNK ? l->len : CHUNK;

	while (l->buf[n - 1] != '\n')
		n--;
	return n;
}

/* flush - write while the reader takes it; wait up to ms for it each time */
static void
flush(struct event_log *l, int ms)
{
	struct pollfd p = {.fd = l->fd, .events = POLLOUT};
	size_t done = 0, n;
	ssize_t w;

	if (l->fd < 0 || l->len == 0)
		return;
	l->stuck = false;
	while (l->len > 0 && poll(&p, 1, ms) == 1 && (p.revents & POLLOUT)) {
		n = whole_lines(l);
		w = write(l->fd, l->buf, n);
		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0) {
			l->stuck = w == 0 || errno != EAGAIN;
			break;
		}
		/* a disk that is full may take half a line: the rest first */
		done = (size_t)w;
		memmove(l->buf, l->buf + done, l->len - done);
		l->len -= done;
	}
	/* nobody reads any more: keep nothing for nobody */
	if (p.revents & (POLLERR | POLLNVAL)) {
		l->len = 0;
		l->fd = -1;
	}
}

void
event_flush(struct event_log *l)
{
	flush(l, 0);
}

void
event_close(struct event_log *l)
{
	flush(l, 1000);
	free(l->buf);
	l->buf = NULL;
	l->fd = -1;
}
