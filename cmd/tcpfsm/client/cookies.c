/*
 * cookies.c - see cookies.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/die.h"
#include "client/cookies.h"
#include "wire/ip.h"
#include "wire/parse.h"
#include "wire/tcp_text.h"

enum { LONGEST = 64 * 1024, LINE = 2 * IP_TEXT + 80 };

static bool
read_line(const char *s, struct tcp_cookie *k)
{
	char laddr[IP_TEXT], raddr[IP_TEXT], hex[33];
	struct ip_addr a, b;
	unsigned port, mss;
	unsigned long long until;
	size_t n = 0;

	memset(k, 0, sizeof(*k));
	if (sscanf(s, "%45s %45s %u %u %32s %llu", laddr, raddr, &port, &mss,
		hex, &until) != 6 ||
	    parse_addr(laddr, &a) != 0 || parse_addr(raddr, &b) != 0 ||
	    port == 0 || port > 65535 || mss > 65535 ||
	    until > UINT64_MAX / NS_PER_SEC)
		return false;
	if (strcmp(hex, "-") != 0 &&
	    tcp_text_hex(hex, k->b, sizeof(k->b), &n) != 0)
		return false;
	memcpy(k->laddr, a.b, 16);
	memcpy(k->raddr, b.b, 16);
	k->rport = (uint16_t)port;
	k->mss = (uint16_t)mss;
	k->len = (uint8_t)n;
	k->off_until = until * NS_PER_SEC;
	return true;
}

static bool
same(const struct tcp_cookie *k, const struct tcp_cookie *l)
{
	return memcmp(k->laddr, l->laddr, sizeof(k->laddr)) == 0 &&
	       memcmp(k->raddr, l->raddr, sizeof(k->raddr)) == 0 &&
	       k->rport == l->rport;
}

/* keep - in the place of what was known of that server, or of the oldest */
static void
keep(struct cookies *c, const struct tcp_cookie *k)
{
	size_t i = 0;

	while (i < c->n && !same(&c->known[i], k))
		i++;
	if (i == c->n && c->n == COOKIES_MAX)
		i = 0;
	if (i < c->n)
		memmove(
		    &c->known[i], &c->known[i + 1], (--c->n - i) * sizeof(*k));
	c->known[c->n++] = *k;
}

int
cookies_open(struct cookies *c, const char *path)
{
	static char text[LONGEST + 1];
	struct tcp_cookie k;
	char *line, *save = NULL;
	ssize_t n;
	size_t i;

	c->n = 0;
	c->fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW,
	    S_IRUSR | S_IWUSR);
	if (c->fd < 0)
		return -1;
	n = read(c->fd, text, LONGEST);
	if (n < 0)
		return -1;
	text[n] = '\0';
	for (line = strtok_r(text, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save)) {
		if (read_line(line, &k))
			keep(c, &k);
	}
	if (n < LONGEST / 2)
		return 0;
	if (ftruncate(c->fd, 0) != 0)
		return -1;
	for (i = 0; i < c->n; i++)
		cookies_add(c, &c->known[i]);
	return 0;
}

void
cookies_tell(const struct cookies *c, struct tcp *tcp)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		tcp_cookie_put(tcp, &c->known[i]);
}

void
cookies_add(struct cookies *c, const struct tcp_cookie *k)
{
	char line[LINE], laddr[IP_TEXT], raddr[IP_TEXT], hex[33] = "-";
	struct ip_addr a, b;
	int i, n;

	memcpy(a.b, k->laddr, 16);
	memcpy(b.b, k->raddr, 16);
	for (i = 0; i < k->len && i < 16; i++)
		snprintf(hex + 2 * i, 3, "%02x", k->b[i]);
	n = snprintf(line, sizeof(line), "%s %s %u %u %s %llu\n",
	    ip_text(&a, laddr), ip_text(&b, raddr), k->rport, k->mss, hex,
	    (unsigned long long)((k->off_until + NS_PER_SEC - 1) / NS_PER_SEC));
	if (c->fd < 0 || write(c->fd, line, (size_t)n) == n)
		return;
	say("write --cookies: %s: give a file that can be written",
	    strerror(errno));
	c->fd = -1;
}
