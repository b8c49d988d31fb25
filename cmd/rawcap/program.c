/*
 * program.c - the filter that the options ask for: the file of -F, or what
 * filter.c makes of -a, -p and -t.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/die.h"
#include "rawcap.h"

enum { FILTER_TEXT = 256 * 1024 }; /* 4096 lines of the longest numbers fit */

static int
open_input(const char *name)
{
	int fd;

	if (strcmp(name, "-") == 0)
		return STDIN_FILENO;
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		die(EXIT_WRONG, "open %s: %s", name, strerror(errno));
	return fd;
}

static void
read_filter(const char *name, struct bpf *b)
{
	char *text = malloc(FILTER_TEXT);
	int fd = open_input(name);
	const char *why;
	size_t len = 0;
	ssize_t n;

	if (text == NULL)
		die(EXIT_NO, "read filter: %s", strerror(ENOMEM));
	while (len < FILTER_TEXT &&
	       (n = read(fd, text + len, FILTER_TEXT - len)) != 0) {
		if (n < 0)
			die(EXIT_WRONG, "read filter %s: %s", name,
			    strerror(errno));
		len += (size_t)n;
	}
	why = bpf_parse(b, text, len);
	if (why != NULL)
		die(EXIT_WRONG, "read filter %s: %s", name, why);
	free(text);
	if (fd != STDIN_FILENO)
		close(fd);
}

void
program_make(struct bpf *b, const struct match *m, const char *file)
{
	if (file == NULL && m->naddr == 0 && m->nport == 0 && m->types == 0)
		return;
	b->f = calloc(BPF_MAX, sizeof(*b->f));
	if (b->f == NULL)
		die(EXIT_NO, "make filter: %s", strerror(ENOMEM));
	if (file != NULL)
		read_filter(file, b);
	else if (match_compile(m, b) != 0)
		die(EXIT_WRONG, "make filter: too many -a and -p for one "
				"filter");
}
