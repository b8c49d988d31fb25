/*
 * event.c - lines of the event log, see event.h and tcpfsm-events(5).
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bucket.h"
#include "base/chance.h"
#include "base/clock.h"
#include "base/die.h"
#include "base/hangup.h"
#include "base/syscalls.h"
#include "log/event.h"
#include "wire/ip.h"

#define EVERY	  (NS_PER_SEC / EVENT_RATE)
#define HALF_OPEN "half-open"

enum { CHUNK = 4096 }; /* PIPE_BUF: what one write() keeps in one piece */

int
event_init(struct event_log *l, int fd, bool json)
{
	struct stat sb;

	memset(l, 0, sizeof(*l));
	l->fd = fd;
	l->file = fd >= 0 && fstat(fd, &sb) == 0 && S_ISREG(sb.st_mode);
	l->json = json;
	if (chance_bytes(l->key, sizeof(l->key)) != 0)
		return -1;
	l->buf = malloc(EVENT_LOG_CAP);
	return l->buf != NULL ? 0 : -1;
}

void
event_seed(struct event_log *l, uint64_t seed)
{
	struct chance c;

	chance_seed(&c, seed);
	l->key[0] = chance_u64(&c);
	l->key[1] = chance_u64(&c);
}

/* put - n bytes; where they do not fit, the line is cut */
static void
put(struct event_log *l, const char *s, size_t n)
{
	if (l->cut || n > sizeof(l->line) - l->n) {
		l->cut = true;
		return;
	}
	memcpy(l->line + l->n, s, n);
	l->n += n;
}

static void
put_text(struct event_log *l, const char *s)
{
	put(l, s, strlen(s));
}

/* put_num - in decimal, at least so many digits */
static void
put_num(struct event_log *l, uint64_t v, size_t digits)
{
	char buf[20], *p = buf + sizeof(buf);

	while (v > 0 || (size_t)(buf + sizeof(buf) - p) < digits) {
		*--p = (char)('0' + v % 10);
		v /= 10;
	}
	put(l, p, (size_t)(buf + sizeof(buf) - p));
}

/* escape - text that holds no space, newline, control or quote any more */
static void
escape(struct event_log *l, const char *s)
{
	static const char hex[] = "0123456789ABCDEF";
	char e[3] = "%";

	for (; *s != '\0' && !l->cut; s++) {
		unsigned char c = (unsigned char)*s;

		if (c > ' ' && c < 0x7f && c != '%' && c != '"' && c != '\\') {
			put(l, s, 1);
			continue;
		}
		e[1] = hex[c >> 4];
		e[2] = hex[c & 15];
		put(l, e, sizeof(e));
	}
}

/* put_time - seconds with nine decimals */
static void
put_time(struct event_log *l, uint64_t ns)
{
	put_num(l, ns / NS_PER_SEC, 1);
	put_text(l, ".");
	put_num(l, ns % NS_PER_SEC, 9);
}

static void
put_end(struct event_log *l, const struct ip_addr *a, uint16_t port)
{
	bool bracket = a != NULL && port != 0 && !ip_is_v4(a);
	char text[IP_TEXT];

	if (a == NULL) {
		put_text(l, "-");
		return;
	}
	if (bracket)
		put_text(l, "[");
	put_text(l, ip_text(a, text));
	if (bracket)
		put_text(l, "]");
	if (port != 0) {
		put_text(l, ":");
		put_num(l, port, 1);
	}
}

/* put_key - what stands before a value */
static void
put_key(struct event_log *l, const char *key)
{
	put_text(l, l->json ? ",\"" : " ");
	put_text(l, key);
	put_text(l, l->json ? "\":" : "=");
}

/* source_of - which bucket: no source can choose the one that it shares */
static size_t
source_of(
    const struct event_log *l, const struct ip_addr *remote, const char *what)
{
	struct {
		uint64_t source;
		char what[EVENT_WHAT];
	} b = {0};
	size_t i;

	if (remote != NULL)
		b.source = ip_source(remote, l->key);
	for (i = 0; i < sizeof(b.what) && what[i] != '\0'; i++)
		b.what[i] = what[i];
	return hash_keyed(l->key, (const uint8_t *)&b, sizeof(b)) %
	       EVENT_SOURCES;
}

/* told - counts a line that is left out; the next one reports these */
static bool
told(struct event_log *l, size_t source, bool may)
{
	uint32_t *not_told = &l->source[source].not_told;

	if (!may) {
		(*not_told)++;
		l->not_told++;
		return false;
	}
	l->left_out = *not_told;
	*not_told = 0;
	return true;
}

bool
event_may(struct event_log *l, uint64_t ts, const struct ip_addr *remote,
    const char *what)
{
	size_t i = source_of(l, remote, what);

	return told(
	    l, i, bucket_take(&l->source[i].full, ts, EVERY, EVENT_BURST));
}

bool
event_may_half_open(
    struct event_log *l, uint64_t ts, const struct ip_addr *remote)
{
	size_t i = source_of(l, remote, HALF_OPEN);

	return told(l, i,
	    bucket_take(&l->source[i].full, ts, EVERY, EVENT_BURST) &&
		bucket_take(&l->half_open, ts, EVERY / EVENT_ALL,
		    EVENT_BURST * EVENT_ALL));
}

void
event_established(struct event_log *l, const struct ip_addr *remote)
{
	bucket_give(&l->source[source_of(l, remote, HALF_OPEN)].full, EVERY);
	bucket_give(&l->half_open, EVERY / EVENT_ALL);
}

void
event_begin(struct event_log *l, uint64_t ts, const struct ip_addr *local,
    uint16_t lport, const struct ip_addr *remote, uint16_t rport,
    const char *event)
{
	l->n = 0;
	l->cut = false;
	if (l->json)
		put_text(l, "{\"time\":");
	put_time(l, ts);
	put_text(l, l->json ? ",\"local\":\"" : " ");
	put_end(l, local, lport);
	put_text(l, l->json ? "\",\"remote\":\"" : " ");
	put_end(l, remote, rport);
	put_text(l, l->json ? "\",\"event\":\"" : " ");
	put_text(l, event);
	if (l->json)
		put_text(l, "\"");
	if (l->lost > 0)
		event_num(l, "lost", l->lost);
	if (l->left_out > 0)
		event_num(l, "not_told", l->left_out);
	l->left_out = 0;
}

void
event_text(struct event_log *l, const char *key, const char *value)
{
	put_key(l, key);
	if (l->json)
		put_text(l, "\"");
	escape(l, value);
	if (l->json)
		put_text(l, "\"");
}

void
event_num(struct event_log *l, const char *key, uint64_t value)
{
	put_key(l, key);
	put_num(l, value, 1);
}

void
event_time(struct event_log *l, const char *key, uint64_t ns)
{
	put_key(l, key);
	put_time(l, ns);
}

void
event_end(struct event_log *l)
{
	put_text(l, l->json ? "}\n" : "\n");
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
	size_t n = l->len < CHUNK || l->file ? l->len : CHUNK;

	while (l->buf[n - 1] != '\n')
		n--;
	return n;
}

/* takes - the reader takes more, now or within ms; a file always does */
static bool
takes(const struct event_log *l, struct pollfd *p, int ms)
{
	if (l->file)
		return true;
	return poll(p, 1, ms) == 1 && (p->revents & POLLOUT) != 0;
}

/* tell_stuck - once: those lines that find no room meanwhile are lost. A stderr
   that is closed is nothing that is stuck */
static void
tell_stuck(struct event_log *l)
{
	if (l->name == NULL && errno == EBADF)
		return;
	if (!l->failed && l->name != NULL)
		say("write %s: %s: events are lost while it lasts", l->name,
		    strerror(errno));
	l->failed = true;
}

/* lines_left - how many wait */
static uint64_t
lines_left(const struct event_log *l)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < l->len; i++)
		n += l->buf[i] == '\n';
	return n;
}

SANDBOX_NEEDS_FOR(LIBC, ftruncate);

void
event_take_back(int fd, size_t *begun)
{
	off_t half = (off_t)*begun, at;
	int error = errno;

	at = half > 0 ? lseek(fd, 0, SEEK_CUR) : -1;
	if (at >= half && lseek(fd, 0, SEEK_END) == at &&
	    ftruncate(fd, at - half) == 0) {
		lseek(fd, at - half, SEEK_SET);
		*begun = 0;
	}
	errno = error;
}

size_t
event_wrote(char *lines, size_t len, size_t n, size_t *begun)
{
	size_t whole;

	n += *begun;
	for (whole = n; whole > 0 && lines[whole - 1] != '\n';)
		whole--;
	memmove(lines, lines + whole, len - whole);
	*begun = n - whole;
	return len - whole;
}

/* flush - write while the reader takes it; wait up to ms for it each time */
static void
flush(struct event_log *l, int ms)
{
	struct pollfd p = {.fd = l->fd, .events = POLLOUT};
	ssize_t w;

	if (l->fd < 0 || l->len == 0)
		return;
	l->stuck = false;
	while (l->len > 0 && takes(l, &p, ms)) {
		w = write(l->fd, l->buf + l->begun, whole_lines(l) - l->begun);
		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0) {
			l->stuck = w == 0 || errno != EAGAIN;
			if (l->stuck) {
				tell_stuck(l);
				event_take_back(l->fd, &l->begun);
			}
			break;
		}
		l->len = event_wrote(l->buf, l->len, (size_t)w, &l->begun);
	}
	/* the reader is gone: keep nothing for it */
	if (p.revents & (POLLERR | POLLNVAL)) {
		l->len = l->begun = 0;
		l->fd = -1;
	}
}

void
event_reopen(struct event_log *l, int sock, int (*ask)(int))
{
	l->sock = sock;
	l->ask = ask;
	l->hangups = hangup_count();
	if (sock >= 0)
		hangup_catch();
}

/* reopen - what waits goes to the old file; that stays when there is no new */
static void
reopen(struct event_log *l)
{
	struct stat sb;
	int fd;

	l->hangups = hangup_count();
	fd = l->ask(l->sock);
	if (fd < 0) {
		say("open %s: %s: the old file stays", l->name,
		    strerror(errno));
		return;
	}
	close(l->fd);
	l->fd = fd;
	l->begun = 0;
	l->file = fstat(fd, &sb) == 0 && S_ISREG(sb.st_mode);
	l->stuck = false;
}

void
event_flush(struct event_log *l)
{
	flush(l, 0);
	if (l->ask != NULL && l->hangups != hangup_count())
		reopen(l);
}

int
event_close(struct event_log *l)
{
	uint64_t lost;
	bool failed;

	flush(l, 1000);
	lost = l->lost_all + lines_left(l);
	/* where stderr is what failed the exit status alone can report it; that
	   nobody reads stderr is no failure */
	failed = l->failed && lost > 0 && (l->name != NULL || l->fd >= 0);
	if (failed && l->name != NULL)
		say("%s: %llu events are lost", l->name,
		    (unsigned long long)lost);
	free(l->buf);
	l->buf = NULL;
	l->fd = -1;
	return failed ? -1 : 0;
}
