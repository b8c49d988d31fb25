/*
 * again_test.c - the file is read again: commands and quirks keep their
 * numbers; a table that other programs share.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hosts/hosts.h"
#include "place.h"
#include "tap.h"
#include "wire/face.h"
#include "wire/ip.h"
#include "wire/parse.h"

static char error[HOSTS_ERROR];

static void
put(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	if (f == NULL)
		return;
	fputs(text, f);
	fclose(f);
}

static struct hosts *
read_it(const char *text, const struct hosts_words *before)
{
	struct hosts_use use = {.again = before != NULL, .before = before};
	struct hosts *h;

	put(place("more"), text);
	put(place("f"), "include more");
	strcpy(error, "none");
	h = hosts_load(place("f"), &use, error);
	remove(place("more"));
	remove(place("f"));
	return h;
}

static void
numbers(void)
{
	struct hosts *h = read_it("host 10.0.0.1\n tcp 1 command one\n"
				  " tcp 2 quirk rude\n tcp 3 command two\n",
	    NULL);
	struct hosts_words w;
	const char *const *c;
	struct hosts *more, *bad;
	char want[HOSTS_ERROR];
	uint32_t n;

	check(h != NULL, "a file that includes another: %s", error);
	if (h == NULL)
		return;
	memset(&w, 0, sizeof(w));
	w.command = hosts_commands(h, &w.ncommands);
	w.quirk = hosts_quirks(h, &w.nquirks);
	more = read_it("host 10.0.0.1\n tcp 1 command three\n"
		       " tcp 2 quirk rude\n tcp 3 command two\n",
	    &w);
	check(more != NULL, "again: %s", error);
	c = hosts_commands(more, &n);
	check(n == 3 && strcmp(c[1], "two") == 0 && strcmp(c[2], "three") == 0,
	    "what stood there keeps its number, what is new has the next");
	bad = read_it("host 10.0.0.1\n tcp 1 quirk odd\n", &w);
	snprintf(want, sizeof(want),
	    "%s:2:14: quirk odd: no line had it when "
	    "this began: start it again",
	    place("more"));
	check(bad == NULL && strcmp(error, want) == 0, "another quirk: %s",
	    error);
	w.nets = false;
	bad = read_it("host 10.0.0.1\nnet 10.2.0.0/16 behind 10.0.0.1\n", &w);
	snprintf(want, sizeof(want),
	    "%s:2:5: net: no line was one when this began: start it again",
	    place("more"));
	check(bad == NULL && strcmp(error, want) == 0, "the first net: %s",
	    error);
	w.nets = true;
	bad = read_it("host 10.0.0.1\nnet fd02::/64 behind fd00::1\n", &w);
	check(bad != NULL, "a net where there was one: %s", error);
	hosts_free(bad);
	hosts_strip(h);
	c = hosts_commands(h, &n);
	check(n == 2 && strcmp(c[0], "one") == 0, "a table of words alone");
	hosts_free(more);
	hosts_free(h);
}

/* shared - a table in a file is the same, also where it is cut it does no
   harm */
static void
shared(void)
{
	struct hosts_use use = {.faces = true, .os_db = "/no"}, any = {0};
	struct hosts *h, *m;
	const struct hosts_entry *e;
	struct ip_addr a;
	const char *const *text;
	uint32_t n;
	long size;
	FILE *f = tmpfile();

	put(place("f"), "default tcp closed\nhost 10.0.0.0/24 os printer\n"
			" tcp 5 command 'one'\n udp 7-9 echo\n"
			"host 10.0.0.7 mac 00:1b:21:3c:9d:07\n"
			"net 10.2.0.0/16 behind 10.0.0.1 loss 1%\n");
	h = hosts_load(place("f"), &use, error);
	remove(place("f"));
	check(h != NULL && f != NULL && hosts_write(h, fileno(f)) == 0,
	    "written: %s", error);
	m = hosts_map(fileno(f));
	check(m != NULL, "and mapped");
	if (m == NULL)
		return;
	hosts_free(h);
	parse_addr("10.0.0.77", &a);
	e = hosts_find(m, &a);
	check(e != NULL &&
		  hosts_rule(m, e, PROTO_UDP, 8)->service == SERVICE_ECHO &&
		  hosts_rule(m, e, PROTO_TCP, 9)->service == SERVICE_CLOSED &&
		  hosts_face_of(m, hosts_manner(m, e))->ttl == 64,
	    "the rules and the face of a host");
	text = hosts_commands(m, &n);
	check(n == 1 && strcmp(text[0], "one") == 0, "the text of a command");
	parse_addr("10.2.3.4", &a);
	check(hosts_net_words(m, hosts_net(m, &a)) != NULL &&
		  hosts_may_be_at(m, &(struct mac){.b = {0, 0x1b}}),
	    "a net, and that there are other MACs");
	hosts_free(m);
	size = lseek(fileno(f), 0, SEEK_END);
	for (; size >= 0 && ftruncate(fileno(f), size - 1) == 0; size -= 97)
		if ((m = hosts_map(fileno(f))) != NULL)
			break;
	check(size < 97, "none of it with less");
	fclose(f);
	check(hosts_load("/no/such", &any, error) == NULL, "no file");
}

int
main(void)
{
	numbers();
	shared();
	return done();
}
