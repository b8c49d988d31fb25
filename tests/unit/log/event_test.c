/* event_test.c - the log: whole lines or none, escaped, never waited for */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "log/event.h"
#include "tap.h"
#include "wire/ip.h"
#include "wire/parse.h"

static char text[1 << 20];

/* log_one - what one event is as text */
static const char *
log_one(bool json, const char *local, const char *key, const char *value)
{
	struct event_log l;
	struct ip_addr a, b;
	int fd[2];
	ssize_t n;

	if (pipe(fd) != 0)
		return "";
	event_init(&l, fd[1], json);
	if (local != NULL)
		parse_addr(local, &a);
	parse_addr("10.0.0.9", &b);
	event_begin(&l, UINT64_C(1763640000123456789),
	    local != NULL ? &a : NULL, 80, &b, 51234, "drop");
	event_text(&l, key, value);
	event_num(&l, "frame", 3);
	event_end(&l);
	event_close(&l);
	close(fd[1]);
	n = read(fd[0], text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = '\0';
	close(fd[0]);
	return text;
}

static void
formats(void)
{
	check(strcmp(log_one(false, "10.0.0.5", "why", "paws"),
		  "1763640000.123456789 10.0.0.5:80 10.0.0.9:51234 drop "
		  "why=paws frame=3\n") == 0,
	    "columns");
	check(strstr(log_one(false, "2001:db8::5", "why", "x"),
		  " [2001:db8::5]:80 ") != NULL,
	    "v6 stands in brackets");
	check(strstr(log_one(false, NULL, "why", "x"), " - ") != NULL,
	    "no address is -");
	check(strstr(log_one(false, NULL, "why", "a b\n\x7f%\"\xff"),
		  "why=a%20b%0A%7F%25%22%FF ") != NULL,
	    "what would break a line is escaped");
	check(strcmp(log_one(true, "10.0.0.5", "why", "a\"b\\"),
		  "{\"time\":1763640000.123456789,\"local\":\"10.0.0.5:80\","
		  "\"remote\":\"10.0.0.9:51234\",\"event\":\"drop\","
		  "\"why\":\"a%22b%5C\",\"frame\":3}\n") == 0,
	    "JSON");
}

/* whole - each line of text begins with the time and ends with frame=3 */
static bool
whole(size_t n)
{
	char *p = text, *nl;

	text[n] = '\0';
	while (*p != '\0') {
		nl = strchr(p, '\n');
		if (nl == NULL || strncmp(p, "1.000000000 ", 12) != 0)
			return false;
		p = nl + 1;
	}
	return true;
}

/* slow - a reader that does not read: nothing waits, lines are lost whole */
static void
slow(void)
{
	struct event_log l;
	int fd[2], i;
	size_t n = 0;
	ssize_t r;

	if (pipe(fd) != 0)
		return;
	fcntl(fd[0], F_SETFL, O_NONBLOCK);
	event_init(&l, fd[1], false);
	for (i = 0; i < 20000; i++) {
		event_begin(&l, UINT64_C(1000000000), NULL, 0, NULL, 0, "x");
		event_text(&l, "key", "some text of a certain length");
		event_end(&l);
		if (i % 100 == 0)
			event_flush(&l);
	}
	check(l.lost > 0, "%llu lines are lost", (unsigned long long)l.lost);
	while ((r = read(fd[0], text + n, sizeof(text) - 1 - n)) > 0) {
		n += (size_t)r;
		event_flush(&l);
	}
	check(whole(n), "those that came are whole");
	event_begin(&l, UINT64_C(1000000000), NULL, 0, NULL, 0, "x");
	event_end(&l);
	event_flush(&l);
	r = read(fd[0], text, sizeof(text) - 1);
	text[r > 0 ? r : 0] = '\0';
	check(strstr(text, " lost=") != NULL && l.lost == 0,
	    "the next one says how many");
	close(fd[0]);
	close(fd[1]);
	l.fd = -1;
	event_close(&l);
}

static void
too_long(void)
{
	static char value[EVENT_LINE_MAX + 10];
	struct event_log l;

	memset(value, 'a', sizeof(value) - 1);
	check(log_one(false, NULL, "why", value)[0] == '\0',
	    "a line that is too long is absent");
	event_init(&l, -1, false);
	event_begin(&l, 0, NULL, 0, NULL, 0, "x");
	event_end(&l);
	event_flush(&l);
	check(l.len == 0, "descriptor -1: nothing is kept");
	event_close(&l);
}

enum { OTHERS = 2000 };

/* shares - one source has used up its lines; who shares its bucket; how many */
static unsigned
shares(struct event_log *l, bool who[OTHERS])
{
	struct ip_addr a;
	unsigned i, n = 0;
	char s[16];

	parse_addr("10.0.0.9", &a);
	while (event_may(l, 1, &a, "x"))
		continue;
	for (i = 0; i < OTHERS; i++) {
		snprintf(s, sizeof(s), "10.1.%u.%u", i / 250, i % 250);
		parse_addr(s, &a);
		who[i] = !event_may(l, 1, &a, "x");
		n += who[i];
	}
	free(l->buf);
	return n;
}

/* nobody can choose an address that shuts up another one's lines */
static void
keyed(void)
{
	static bool who[4][OTHERS];
	struct event_log l;
	unsigned i, n, most = 0;

	for (i = 0; i < 4; i++) {
		event_init(&l, -1, false);
		if (i < 2)
			event_seed(&l, 7);
		n = shares(&l, who[i]);
		most = n > most ? n : most;
	}
	check(most > 0 && most < OTHERS / 50, "one in 256 shares a bucket");
	check(memcmp(who[0], who[1], OTHERS) == 0, "the same, with one seed");
	check(memcmp(who[1], who[2], OTHERS) != 0 &&
		  memcmp(who[2], who[3], OTHERS) != 0,
	    "without, others each time");
}

/* what a source that may be forged causes; what proves that it is none */
static void
half_open(void)
{
	struct event_log l;
	struct ip_addr a, b;
	unsigned i, n;
	char s[16];

	event_init(&l, -1, false);
	event_seed(&l, 7);
	parse_addr("10.0.0.9", &a);
	parse_addr("10.0.0.8", &b);
	for (n = i = 0; i < 20000; i++) {
		n += event_may_half_open(&l, 1, &a);
		event_established(&l, &a);
	}
	check(n == 20000, "established: all its lines: %u", n);
	for (n = i = 0; i < 20000; i++)
		n += event_may_half_open(&l, 1, &a);
	check(n == EVENT_BURST, "not established: %u", n);
	check(l.not_told == 20000 - EVENT_BURST, "the others are counted");
	check(event_may_half_open(&l, 1, &b), "another source has its own");
	check(event_may(&l, 1, &a, "no-syn"), "another reason as well");
	for (n = i = 0; i < 60000; i++) {
		snprintf(s, sizeof(s), "10.1.%u.%u", i / 250, i % 250);
		parse_addr(s, &a);
		n += event_may_half_open(&l, 1, &a);
	}
	check(n == EVENT_ALL * EVENT_BURST - EVENT_BURST - 1,
	    "all sources together: %u", n);
	for (n = i = 0; i < 2000; i++) {
		snprintf(s, sizeof(s), "10.1.%u.%u", i / 250, i % 250);
		parse_addr(s, &a);
		n += event_may_half_open(&l, NS_PER_SEC + 1, &a);
	}
	check(n == EVENT_ALL * EVENT_RATE, "a second later: %u", n);
	free(l.buf);
}

int
main(void)
{
	formats();
	slow();
	too_long();
	keyed();
	half_open();
	return done();
}
