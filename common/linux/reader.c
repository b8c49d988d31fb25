/*
 * reader.c - see reader.h.
 *
 * It reads the file with the rights of the user that started it, before any
 * program has the new table. The programs get ready for that table, each for
 * itself, and vote; only when all can use it do they take it, and only then
 * do the processes that run commands get the new ones.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/syscalls.h"
#include "hosts/hosts_var.h"
#include "linux/opener.h"
#include "linux/reader.h"
#include "wire/ip.h"

enum { VOTE_MS = 10000, LATER = -2 };

SANDBOX_NEEDS_FOR(READER, openat);
SANDBOX_NEEDS_FOR(READER, memfd_create);
SANDBOX_NEEDS_FOR(READER, faccessat);
#ifdef SYS_access
SANDBOX_NEEDS_FOR(READER, access);
#endif
#ifdef SYS_open
SANDBOX_NEEDS_FOR(READER, open);
#endif
#ifdef SYS_stat
SANDBOX_NEEDS_FOR(READER, stat); /* musl's stat() */
#endif

struct client {
	struct again_other is;
	uint32_t next; /* of the files */
	bool gone, voted;
};

struct keeper {
	const struct again_config *cf;
	struct client client[AGAIN_OTHERS + 1];
	unsigned clients;
	const struct hosts *now; /* its texts, as they were read last, */
	int image;		 /* and it as a file; -1: there is none */
	struct hosts *next;	 /* that is voted on; NULL: nothing is */
	int next_image;
	bool refused;		     /* by one that has voted */
	uint8_t wanted[HOSTS_TEXTS]; /* of its files: protocols, TCP 1, UDP 2 */
};

/* ---- the table */

/* words_of - texts that keep their numbers */
static struct hosts_words
words_of(const struct hosts *h)
{
	struct hosts_words w;

	w.command = hosts_commands(h, &w.ncommands);
	w.quirk = hosts_quirks(h, &w.nquirks);
	w.salt = h->salt;
	w.nets = h->nets;
	return w;
}

/* mistake - its text as a file */
static int
mistake(const char *text)
{
	int fd = memfd_create("mistake", MFD_CLOEXEC);

	if (fd >= 0 && write(fd, text, strlen(text)) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static void
want(struct keeper *k)
{
	uint32_t i, n;

	hosts_files(k->next, &n);
	for (i = 0; i < n; i++)
		k->wanted[i] = hosts_file_of(k->next, i, PROTO_TCP) +
			       2 * hosts_file_of(k->next, i, PROTO_UDP);
}

/* forget - the table that is voted on */
static void
forget(struct keeper *k)
{
	unsigned i;

	if (k->next == NULL)
		return;
	hosts_free(k->next);
	close(k->next_image);
	k->next = NULL;
	k->refused = false;
	for (i = 0; i < k->clients; i++)
		k->client[i].voted = false;
}

/* read_table - the file once more: it, or a mistake, as a file */
static int
read_table(struct keeper *k)
{
	struct hosts_words before = words_of(k->now);
	struct hosts_use use = k->cf->use;
	static char error[HOSTS_ERROR];
	unsigned i;

	use.again = true;
	use.before = &before;
	k->next = hosts_load(k->cf->path, &use, error);
	if (k->next == NULL)
		return mistake(error);
	k->next_image = again_share(k->next);
	if (k->next_image < 0) {
		hosts_free(k->next);
		k->next = NULL;
		return -1;
	}
	want(k);
	hosts_strip(k->next);
	again_trim();
	for (i = 0; i < k->clients; i++)
		k->client[i].next = 0;
	return k->next_image;
}

static int
next_file(struct keeper *k, struct client *c)
{
	const uint8_t bit = c->is.proto == PROTO_UDP ? 2 : 1;
	const char *const *name;
	uint32_t n = 0;

	name = k->next != NULL ? hosts_files(k->next, &n) : NULL;
	while (c->next < n && (k->wanted[c->next] & bit) == 0)
		c->next++;
	if (c->next < n)
		return open(name[c->next++], O_RDONLY | O_CLOEXEC);
	errno = ENOENT;
	return -1;
}

/* ---- votes */

/* tell_all - those that have voted how it has ended */
static void
tell_all(struct keeper *k, int error)
{
	unsigned i;

	for (i = 0; i < k->clients; i++)
		if (k->client[i].voted && !k->client[i].gone)
			opener_answer(k->client[i].is.sock, -1,
			    i > 0 && error != 0 ? ECANCELED : error);
}

/* tell_commands - the new ones, a message each, in the order of their
   numbers */
static void
tell_commands(const struct keeper *k)
{
	const char *const *text;
	uint32_t n, i;
	unsigned c;

	hosts_commands(k->now, &i);
	text = hosts_commands(k->next, &n);
	for (; i < n; i++)
		for (c = 0; c < k->clients; c++)
			if (k->client[c].is.told >= 0)
				(void)!write(k->client[c].is.told, text[i],
				    strlen(text[i]) + 1);
}

static void
take(struct keeper *k)
{
	struct hosts *old = (struct hosts *)(uintptr_t)k->now;

	tell_commands(k);
	if (k->image >= 0)
		close(k->image);
	tell_all(k, 0);
	k->now = k->next;
	k->image = k->next_image;
	k->next = old;
	k->next_image = -1;
	forget(k);
	again_trim();
}

static void
drop(struct keeper *k, int error)
{
	tell_all(k, error);
	forget(k);
}

static int
vote(struct keeper *k, struct client *c, bool yes)
{
	unsigned i;

	errno = ECANCELED;
	if (k->next == NULL)
		return -1;
	c->voted = true;
	k->refused |= !yes;
	for (i = 0; i < k->clients && (k->client[i].voted || k->client[i].gone);
	     i++)
		;
	if (i == k->clients && k->refused)
		drop(k, ECANCELED);
	else if (i == k->clients)
		take(k);
	return LATER;
}

/* ---- the loop */

/* answer_to - a descriptor, -1 and errno, or LATER; *ours: it stays open */
static int
answer_to(struct keeper *k, struct client *c, uint8_t what, bool *ours)
{
	*ours = what == READER_NOW;
	switch ((enum reader_ask)what) {
	case READER_NOW:
		return k->image;
	case READER_TABLE:
		errno = ENODATA;
		*ours = k->next != NULL;
		if (c != &k->client[0])
			return k->next != NULL ? k->next_image : -1;
		drop(k, ECANCELED);
		k->next_image = read_table(k);
		*ours = k->next != NULL;
		return k->next_image;
	case READER_FILE:
		return next_file(k, c);
	case READER_YES:
	case READER_NO:
		return vote(k, c, what == READER_YES);
	}
	errno = EINVAL;
	return -1;
}

/* hear - false: it is gone */
static bool
hear(struct keeper *k, struct client *c)
{
	uint8_t what;
	bool ours;
	int fd, r;

	if (read(c->is.sock, &what, 1) != 1)
		return false;
	fd = answer_to(k, c, what, &ours);
	if (fd == LATER)
		return true;
	r = opener_answer(c->is.sock, fd, errno);
	if (fd >= 0 && !ours)
		close(fd);
	return r == 0;
}

static _Noreturn void
serve(struct keeper *k)
{
	struct pollfd p[AGAIN_OTHERS + 1];
	unsigned i;

	for (;;) {
		for (i = 0; i < k->clients; i++)
			p[i] = (struct pollfd){
			    .fd = k->client[i].gone ? -1 : k->client[i].is.sock,
			    .events = POLLIN};
		if (poll(p, k->clients, k->next != NULL ? VOTE_MS : -1) == 0)
			drop(k, ETIMEDOUT);
		for (i = 0; i < k->clients; i++)
			if (p[i].revents != 0 && !hear(k, &k->client[i])) {
				k->client[i].gone = true;
				drop(k, ECANCELED);
			}
		if (k->client[0].gone)
			_exit(0);
	}
}

void
reader_become(pid_t parent, const struct again_config *cf,
    const struct again_other *client, unsigned clients, const struct hosts *now,
    int image)
{
	static struct keeper k;
	int keep[OPENER_FDS];
	unsigned i, n = 0;

	k = (struct keeper){
	    .cf = cf, .clients = clients, .now = now, .image = -1};
	for (i = 0; i < clients; i++) {
		k.client[i].is = client[i];
		k.client[i].is.sock = (int)n;
		keep[n++] = client[i].sock;
		if (client[i].told < 0)
			continue;
		k.client[i].is.told = (int)n;
		keep[n++] = client[i].told;
	}
	if (image >= 0) {
		k.image = (int)n;
		keep[n++] = image;
	}
	opener_become(parent, keep, n, SANDBOX_READER | SANDBOX_LIBC);
	serve(&k);
}
