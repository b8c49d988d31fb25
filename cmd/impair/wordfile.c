/*
 * wordfile.c - see wordfile.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/die.h"
#include "linux/opener.h"
#include "wordfile.h"

enum { TEXT_MAX = 16384, WORDS_MAX = 1024, FLAGS = O_RDONLY | O_CLOEXEC };

static volatile sig_atomic_t got_again;

static void
on_again(int sig)
{
	got_again = 1;
}

void
wordfile_signal(void)
{
	struct sigaction sa = {.sa_handler = on_again};
	sigset_t set;

	sigemptyset(&sa.sa_mask);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigaction(SIGUSR2, &sa, NULL);
}

bool
wordfile_asked(void)
{
	bool asked = got_again;

	got_again = 0;
	return asked;
}

/* read_all - its text, without what follows a "#" in a line; 0, or -1 */
static int
read_all(int fd, char text[TEXT_MAX])
{
	size_t n = 0, i;
	ssize_t got;
	bool remark = false;

	do {
		got = read(fd, text + n, TEXT_MAX - n);
		if (got > 0)
			n += (size_t)got;
	} while (n < TEXT_MAX && (got > 0 || (got < 0 && errno == EINTR)));
	if (n == TEXT_MAX)
		errno = EFBIG;
	if (got < 0 || n == TEXT_MAX)
		return -1;
	for (i = 0; i < n; i++) {
		remark = text[i] != '\n' && (remark || text[i] == '#');
		if (remark)
			text[i] = ' ';
	}
	text[n] = '\0';
	return 0;
}

/* parse - the words of fd, which is closed; 0, or -1 and error */
static int
parse(int fd, struct impair_config *c, char error[WORDS_ERROR])
{
	static char text[TEXT_MAX];
	static const char *word[WORDS_MAX];
	size_t n = 0;
	char *w, *save;
	int r = read_all(fd, text);

	snprintf(error, WORDS_ERROR, "%s", r != 0 ? strerror(errno) : "");
	close(fd);
	if (r != 0)
		return -1;
	for (w = strtok_r(text, " \t\r\n", &save); w != NULL && n < WORDS_MAX;
	     w = strtok_r(NULL, " \t\r\n", &save))
		word[n++] = w;
	if (words_parse(c, word, n, error) != 0)
		return -1;
	if (c->save == NULL && c->play == NULL)
		return 0;
	snprintf(error, WORDS_ERROR,
	    "save and play stand on the command line alone");
	return -1;
}

void
wordfile_start(struct wordfile *f, struct impair_config *c)
{
	char error[WORDS_ERROR];
	int fd = open(f->name, FLAGS);

	if (fd < 0)
		die(EXIT_WRONG, "open %s: %s", f->name, strerror(errno));
	if (parse(fd, c, error) != 0)
		die(EXIT_WRONG, "read %s: %s", f->name, error);
	f->sock = opener_start(f->name, FLAGS);
	if (f->sock < 0)
		die(EXIT_NO, "start: %s", strerror(errno));
}

bool
wordfile_again(const struct wordfile *f, struct impair_config *c)
{
	struct impair_config new;
	char error[WORDS_ERROR];
	int fd = opener_ask(f->sock);

	if (fd < 0) {
		say("open %s: %s: the words before it stay", f->name,
		    strerror(errno));
		return false;
	}
	impair_defaults(&new);
	if (parse(fd, &new, error) != 0) {
		say("read %s: %s: the words before it stay", f->name, error);
		return false;
	}
	new.seed = c->seed;
	new.have_seed = c->have_seed;
	new.decap = c->decap;
	*c = new;
	return true;
}
