/*
 * cookies_test.c - a client's cookies in their file.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/tcpfsm/client/cookies.h"
#include "tap.h"

static char path[] = "/tmp/cookies.XXXXXX";

static void
put(const char *text)
{
	FILE *f = fopen(path, "w");

	if (f == NULL)
		abort();
	fputs(text, f);
	fclose(f);
}

static void
lines(void)
{
	struct cookies c;

	put("10.0.0.5 10.0.0.9 80 1460 0102030405060708 0\n"
	    "fd00::5 fd00::9 443 0 - 1763640000\n"
	    "10.0.0.5 10.0.0.9 80 1400 aabbccdd 7\n"
	    "10.0.0.5 10.0.0.9 0 1400 aabbccdd 7\n"
	    "10.0.0.5 nowhere 80 1400 aabbccdd 7\n"
	    "10.0.0.5 10.0.0.9 81 1400 aabbccd 7\n"
	    "\n");
	check(cookies_open(&c, path) == 0 && c.n == 2,
	    "two servers, and nothing that makes no sense");
	check(c.known[0].rport == 443 && c.known[0].len == 0 &&
		  c.known[0].off_until / 1000000000 == 1763640000,
	    "one that has failed");
	check(c.known[1].rport == 80 && c.known[1].mss == 1400 &&
		  c.known[1].len == 4 && c.known[1].b[3] == 0xdd,
	    "the last line of a server counts");
	close(c.fd);
}

static void
round_trip(void)
{
	struct tcp_cookie k = {.rport = 80, .mss = 1460, .len = 16};
	struct cookies c;
	struct stat sb;
	int i;

	unlink(path);
	check(cookies_open(&c, path) == 0 && c.n == 0, "a new file");
	k.laddr[10] = k.laddr[11] = k.raddr[10] = k.raddr[11] = 0xff;
	for (i = 1; i <= 100; i++) {
		k.laddr[15] = k.raddr[15] = k.b[15] = (uint8_t)i;
		cookies_add(&c, &k);
	}
	close(c.fd);
	check(stat(path, &sb) == 0 && (sb.st_mode & 077) == 0, "of its owner");
	check(cookies_open(&c, path) == 0 && c.n == COOKIES_MAX &&
		  c.known[COOKIES_MAX - 1].b[15] == 100 &&
		  c.known[0].b[15] == 37,
	    "the newest are kept");
	close(c.fd);
}

int
main(void)
{
	close(mkstemp(path));
	lines();
	round_trip();
	unlink(path);
	return done();
}
