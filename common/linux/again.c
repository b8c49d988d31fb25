/*
 * again.c - see again.h.
 */
#include <errno.h>
#include <fcntl.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/die.h"
#include "hosts/hosts.h"
#include "linux/again.h"
#include "linux/opener.h"
#include "linux/reader.h"

/* libc keeps what is freed, as much as a whole table */
void
again_trim(void)
{
#ifdef __GLIBC__
	malloc_trim(0);
#endif
}

int
again_share(const struct hosts *h)
{
	const int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
	int fd = memfd_create("hosts", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0 ||
	    (hosts_write(h, fd) == 0 && fcntl(fd, F_ADD_SEALS, seals) == 0))
		return fd;
	close(fd);
	return -1;
}

/* ---- the start */

/* join - by descriptors that were named; 0 or -1 */
static int
join(struct again *a, const char *text)
{
	int n = sscanf(text, "/dev/fd/%d,/dev/fd/%d", &a->sock, &a->told);

	if (n < 1 || fcntl(a->sock, F_SETFD, FD_CLOEXEC) != 0 ||
	    (n == 2 && fcntl(a->told, F_SETFD, FD_CLOEXEC) != 0))
		return -1;
	return 0;
}

struct hosts *
again_load(struct again *a, const struct again_config *cf, const char *joined)
{
	static char error[HOSTS_ERROR];
	struct hosts *h = NULL;
	int fd;

	*a = (struct again){.sock = -1, .told = -1};
	if (joined == NULL) {
		h = hosts_load(cf->path, &cf->use, error);
		if (h != NULL)
			return h;
		hosts_say("--hosts: ", error, "");
		exit(EXIT_WRONG);
	}
	if (join(a, joined) != 0)
		die_usage("--table %s: no sockets of phantom's", joined);
	fd = opener_ask_for(a->sock, READER_NOW);
	if (fd >= 0) {
		h = hosts_map(fd);
		close(fd);
	}
	if (h == NULL)
		die(EXIT_WRONG, "--table %s: %s", joined, strerror(errno));
	return h;
}

/* pair - of sockets, ours first */
static void
pair(int fd[2])
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd) != 0)
		die(EXIT_NO, "start: %s", strerror(errno));
}

void
again_start(struct again *a, const struct again_config *cf, struct hosts *now)
{
	struct again_other client[AGAIN_OTHERS + 1];
	int ask[2], told[2] = {-1, -1}, image = -1;
	pid_t pid, parent = getpid();

	if (a->sock >= 0) /* it has joined */
		return;
	pair(ask);
	if (cf->commands)
		pair(told);
	client[0] = (struct again_other){ask[1], told[1], cf->proto};
	if (cf->others > 0) {
		memcpy(client + 1, cf->other, cf->others * sizeof(*client));
		image = again_share(now);
		hosts_strip(now); /* it is in the image */
		again_trim();
	}
	pid = cf->others > 0 && image < 0 ? -1 : fork();
	if (pid == 0)
		reader_become(parent, cf, client, cf->others + 1, now, image);
	if (pid < 0)
		die(EXIT_NO, "start: %s", strerror(errno));
	close(ask[1]);
	if (told[1] >= 0)
		close(told[1]);
	if (image >= 0)
		close(image);
	a->sock = ask[0];
	a->told = told[0];
}

/* ---- the process that asks */

void
again_stays(const char *why)
{
	hosts_say("--hosts: ", why, ": the old table stays");
}

void
again_hangup(struct again *a)
{
	if (a->sock < 0)
		return;
	a->once_more = a->asked;
	if (!a->asked)
		a->asked = opener_want(a->sock, READER_TABLE) == 0;
	if (!a->asked)
		again_stays("the process that reads it has ended");
}

int
again_socket(const struct again *a)
{
	return a->asked ? a->sock : -1;
}

int
again_file(struct again *a)
{
	return opener_ask_for(a->sock, READER_FILE);
}

/* over - nothing is asked any more, unless it has been once more */
static enum again_news
over(struct again *a, enum again_news news)
{
	a->asked = a->votes = false;
	if (a->once_more)
		again_hangup(a);
	return news;
}

/* mistake - print what the reader has found in the file */
static void
mistake(int fd)
{
	static char text[HOSTS_ERROR];
	ssize_t n;

	lseek(fd, 0, SEEK_SET); /* where it was written to */
	n = read(fd, text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = '\0';
	again_stays(text);
}

static enum again_news
counted(struct again *a, int error)
{
	if (error == ETIMEDOUT)
		again_stays("a program does not answer");
	return over(a, error == 0 ? AGAIN_TAKE : AGAIN_DROP);
}

enum again_news
again_news(struct again *a, struct hosts **h)
{
	int fd = opener_take(a->sock), error = errno;

	if (a->votes)
		return counted(a, error);
	if (fd < 0) {
		if (error != ENODATA)
			again_stays(strerror(error));
		return over(a, AGAIN_NOTHING);
	}
	*h = hosts_map(fd);
	error = errno;
	if (*h == NULL && error == EINVAL)
		mistake(fd);
	else if (*h == NULL)
		again_stays(strerror(error));
	close(fd);
	if (*h != NULL)
		return AGAIN_TABLE;
	if (error != EINVAL)
		again_vote(a, false);
	return error != EINVAL ? AGAIN_NOTHING : over(a, AGAIN_NOTHING);
}

void
again_vote(struct again *a, bool ready)
{
	a->votes = opener_want(a->sock, ready ? READER_YES : READER_NO) == 0;
	if (!a->votes)
		a->asked = false;
}
