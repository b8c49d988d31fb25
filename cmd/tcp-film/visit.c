/*
 * visit.c - one HTTP request on stdin, its answer on stdout (RFC 9112): the
 * page, or the feed as server-sent events, for as long as the browser listens.
 * tcpfsm -e runs it for each connection. Nothing but the first line of a
 * request is looked at.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/die.h"
#include "base/syscalls.h"
#include "film.h"
#include "linux/sandbox.h"

enum {
	REQUEST_MOST = 8192,
	PATIENCE_MS = 20000, /* for a request, and for room to write */
	LOOK_MS = 100,	     /* between looks at the feed */
	SIGN_TIMES = 100,    /* looks until one that is gone is noticed */
	PIECE = 4096,	     /* a write() that poll() has allowed never waits */
};

#define HEADER                                                                 \
	"Connection: close\r\nCache-Control: no-store\r\n"                     \
	"X-Content-Type-Options: nosniff\r\n"

/* wait_for - events of a descriptor; false when they do not come */
static bool
wait_for(int fd, short events, int ms)
{
	struct pollfd p = {.fd = fd, .events = events};
	int n;

	do
		n = poll(&p, 1, ms);
	while (n < 0 && errno == EINTR);
	return n > 0;
}

/* ---- the request */

/* read_request - up to the empty line, and its length; 0: it does not come */
static size_t
read_request(char text[REQUEST_MOST])
{
	size_t n = 0;
	ssize_t r;

	while (n < REQUEST_MOST - 1 &&
	       wait_for(STDIN_FILENO, POLLIN, PATIENCE_MS)) {
		r = read(STDIN_FILENO, text + n, REQUEST_MOST - 1 - n);
		if (r <= 0)
			return 0;
		n += (size_t)r;
		text[n] = '\0';
		if (strstr(text, "\r\n\r\n") != NULL ||
		    strstr(text, "\n\n") != NULL)
			return n;
	}
	return 0;
}

/* asks_for - its path is this one, whatever is asked behind it */
static bool
asks_for(const char *request, const char *path)
{
	const char *p = strchr(request, ' ');
	size_t n = strlen(path);

	return p != NULL && strncmp(p + 1, path, n) == 0 &&
	       strchr(" ?\r\n", p[1 + n]) != NULL;
}

/* ---- the answers */

static int
refuse(const char *status, const char *more)
{
	printf("HTTP/1.1 %s\r\n" HEADER "%sContent-Length: 0\r\n\r\n", status,
	    more);
	return die_flush(EXIT_DONE);
}

static int
send_page(struct film *f, bool head)
{
	printf("HTTP/1.1 200 OK\r\nContent-Type: text/html; "
	       "charset=utf-8\r\n" HEADER "\r\n");
	if (!head)
		film_page(f, true);
	return die_flush(EXIT_DONE);
}

/* send_all - false when the browser is gone, or takes nothing for long */
static bool
send_all(const char *text, size_t n)
{
	size_t piece;
	ssize_t w;

	for (; n > 0; text += w, n -= (size_t)w) {
		if (!wait_for(STDOUT_FILENO, POLLOUT, PATIENCE_MS))
			return false;
		piece = n < PIECE ? n : PIECE;
		w = write(STDOUT_FILENO, text, piece);
		if (w < 0 && (errno == EINTR || errno == EAGAIN))
			w = 0;
		if (w < 0 && errno != EPIPE && errno != ECONNRESET)
			die(EXIT_NO, "write stdout: %s", strerror(errno));
		if (w < 0)
			return false;
	}
	return true;
}

/* send_events - a line of the feed is an event; *begun: one is on its way */
static bool
send_events(const char *text, size_t n, bool *begun)
{
	const char *end;
	size_t line;

	for (; n > 0; text += line, n -= line) {
		end = memchr(text, '\n', n);
		line = end != NULL ? (size_t)(end - text) + 1 : n;
		if (!*begun && !send_all("data: ", 6))
			return false;
		*begun = end == NULL;
		/* an empty line ends it */
		if (!send_all(text, line) ||
		    (end != NULL && !send_all("\n", 1)))
			return false;
	}
	return true;
}

SANDBOX_NEEDS(pread64);

/* is_same - the feed is still that of this first line */
static bool
is_same(int feed, const char first[FEED_HEAD])
{
	char now[FEED_HEAD];

	return pread(feed, now, FEED_HEAD, 0) == FEED_HEAD &&
	       memcmp(now, first, FEED_HEAD) == 0;
}

/* is_gone - the browser has closed; what it sends beyond that is nothing */
static bool
is_gone(int ms)
{
	char rest[256];

	return wait_for(STDIN_FILENO, POLLIN, ms) &&
	       read(STDIN_FILENO, rest, sizeof(rest)) <= 0;
}

/* send_feed - until the browser is gone, or the feed begins again: then the
   browser asks again */
static void
send_feed(int feed)
{
	char first[FEED_HEAD], text[16 * PIECE];
	off_t at = FEED_HEAD;
	int idle = 0;
	bool begun = false;
	ssize_t n;

	if (pread(feed, first, FEED_HEAD, 0) != FEED_HEAD)
		return;
	while (!is_gone(idle > 0 ? LOOK_MS : 0)) {
		n = pread(feed, text, sizeof(text), at);
		/* looked at behind it: what was read is of this feed */
		if (n < 0 || !is_same(feed, first) ||
		    !send_events(text, (size_t)n, &begun))
			return;
		at += n;
		idle = n > 0 ? 0 : idle + 1;
		if (idle > SIGN_TIMES && !begun) {
			idle = 1;
			if (!send_all(":\n\n", 3))
				return;
		}
	}
}

int
film_visit(struct film *f, const char *name)
{
	struct sandbox_rights got;
	char request[REQUEST_MOST];
	bool head;
	int feed = open(name, O_RDONLY | O_CLOEXEC);

	if (feed < 0)
		die(EXIT_WRONG, "open %s: %s: tcp-film --live makes it", name,
		    strerror(errno));
	signal(SIGPIPE, SIG_IGN);
	setvbuf(stdout, NULL, _IOFBF, BUFSIZ);
	if (sandbox_enter(0, SANDBOX_LIBC, &got) != 0)
		die(EXIT_WRONG, "give up rights: %s", strerror(errno));
	if (read_request(request) == 0)
		return EXIT_NO;
	head = strncmp(request, "HEAD ", 5) == 0;
	if (!head && strncmp(request, "GET ", 4) != 0)
		return refuse("405 Method Not Allowed", "Allow: GET, HEAD\r\n");
	if (asks_for(request, "/"))
		return send_page(f, head);
	if (!asks_for(request, "/feed"))
		return refuse("404 Not Found", "");
	printf("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n" HEADER
	       "\r\nretry: 1000\n\n");
	if (die_flush(EXIT_DONE) == EXIT_DONE && !head)
		send_feed(feed);
	return EXIT_DONE;
}
