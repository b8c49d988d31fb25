/*
 * said_test.c - what clients have sent: one source has its part of the memory
 * and of the disk, others have theirs; a file counts in whole blocks.
 */
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/tcpfsm/net/said.h"
#include "place.h"
#include "tap.h"
#include "wire/ip.h"
#include "wire/parse.h"

enum { EACH = 64 << 10, OPEN = 1024, BLOCK = 4096, BLOCKS = 64 };
enum { HELD = 64 << 20, SEVERAL = 12 };

static uint8_t bytes[EACH];
static struct ip_addr one, other;

static void
clear(const char *dir)
{
	char path[512];
	struct dirent *e;
	DIR *d = opendir(dir);

	while (d != NULL && (e = readdir(d)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		unlink(path);
	}
	if (d != NULL)
		closedir(d);
	rmdir(dir);
}

/* begin - a directory lives as long as the program: it is no leak */
static struct said_dir *
begin(const char *dir, const uint64_t key[2], uint64_t all)
{
	static struct said_dir *volatile kept[4];
	static unsigned n;

	return kept[n++] = said_open(dir, key, all);
}

/* files - n sessions of len bytes each; how many have a file */
static unsigned
files(struct said_dir *d, const struct ip_addr *from, unsigned n, size_t len)
{
	char name[SAID_NAME];
	struct said *s;
	unsigned got = 0;

	while (n-- > 0) {
		s = NULL;
		said_take(d, &s, from, bytes, len);
		got += said_end(d, s, name) != NULL;
	}
	return got;
}

/* full - as a disk is: no byte more can be written, or again */
static void
full(bool is)
{
	static struct rlimit before;
	struct rlimit none;

	if (is)
		getrlimit(RLIMIT_FSIZE, &before);
	none = before;
	none.rlim_cur = 0;
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, is ? &none : &before);
}

/* size - of the session's file, in bytes; it ends */
static off_t
size(struct said_dir *d, const char *dir, struct said *s)
{
	char name[SAID_NAME], path[512];
	const char *as = said_end(d, s, name);
	struct stat sb;

	snprintf(path, sizeof(path), "%s/%s", dir, as != NULL ? as : "none");
	return stat(path, &sb) == 0 ? sb.st_size : 0;
}

/* several - sources that all would have all memory, then another */
static void
several(const char *dir, const uint64_t key[2])
{
	static struct said *open[SEVERAL][OPEN];
	struct said_dir *d = begin(dir, key, UINT64_C(1) << 30);
	struct ip_addr from = one;
	struct said *late[8] = {NULL};
	unsigned i, k, whole = 0, some = 0;
	off_t n;

	for (i = 0; i < SEVERAL; i++)
		for (k = 0, from.b[15]++; k < OPEN; k++)
			said_take(d, &open[i][k], &from, bytes, EACH);
	for (k = 0; k < 8; k++)
		said_take(d, &late[k], &other, bytes, EACH);
	for (k = 0; k < 8; k++)
		whole += size(d, dir, late[k]) == EACH;
	check(whole == 8,
	    "%d sources take all memory: %u of 8 sessions of "
	    "another are whole",
	    SEVERAL, whole);
	for (i = 0; i < SEVERAL; i++) {
		n = 0;
		for (k = 0; k < OPEN; k++)
			n += size(d, dir, open[i][k]);
		some += n > HELD / SEVERAL / 2 && n < HELD / SEVERAL * 2;
	}
	check(some == SEVERAL, "each has its part: %u", some);
	clear(dir);
	if (mkdir(dir, 0700) != 0)
		exit(1);
}

int
main(void)
{
	static struct said *open[OPEN];
	const uint64_t key[2] = {1, 2};
	char name[SAID_NAME], dir[256];
	struct said_dir *d;
	unsigned i, n;

	snprintf(dir, sizeof(dir), "%s", place("said"));
	clear(dir);
	if (mkdir(dir, 0700) != 0 || freopen("/dev/null", "w", stderr) == NULL)
		return 1;
	parse_addr("10.0.0.66", &one);
	parse_addr("10.0.0.9", &other);
	several(dir, key);
	d = begin(dir, key, (uint64_t)BLOCKS * BLOCK);

	for (i = 0; i < OPEN; i++)
		said_take(d, &open[i], &one, bytes, EACH);
	check(files(d, &other, 1, EACH) == 1,
	    "one source takes all memory: another's session has a file");
	for (i = OPEN, n = 0; i-- > 0;)
		n += said_end(d, open[i], name) != NULL && i > OPEN - 9;
	check(n == 0, "the last of the first source have none");
	said_rotate(d);

	n = files(d, &one, 2 * BLOCKS, 1);
	check(n == BLOCKS * 3 / 8, "files of a byte count two blocks: %u", n);
	n = files(d, &other, 1, 1);
	check(n == 1, "and leave room for another source");
	said_rotate(d);
	check(files(d, &one, 1, 1) == 1, "SIGHUP: they count no more");

	clear(dir);
	check(files(d, &one, 1, 1) == 0, "one that cannot be opened has none");
	if (mkdir(dir, 0700) != 0)
		return 1;
	check(files(d, &one, 1, 1) == 1, "but the next one may");
	full(true);
	check(files(d, &one, 1, 1) == 0, "a full disk has room for none");
	clear(dir);
	full(false);
	check(files(d, &one, 3, 1) == 0 && access(dir, F_OK) != 0 &&
		  mkdir(dir, 0700) == 0 && files(d, &one, 3, 1) == 0 &&
		  rmdir(dir) == 0,
	    "nor is another made soon");
	check(said_lost(d), "that is known at the end");
	return done();
}
