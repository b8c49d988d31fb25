/*
 * feed.c - see feed.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/die.h"

#include "feed.h"
#include "sh.h"

char *
feed_make(void)
{
	const char *at = getenv("TMPDIR");
	char *name;
	size_t n;
	int fd;

	at = at != NULL && at[0] == '/' ? at : "/tmp";
	n = strlen(at) + sizeof("/phantom-film.XXXXXX");
	name = malloc(n);
	if (name != NULL)
		snprintf(name, n, "%s/phantom-film.XXXXXX", at);
	else
		die(EXIT_NO, "start: %s", strerror(ENOMEM));
	fd = mkstemp(name);
	/* the programs that serve it may run as nobody; every viewer sees all
	   of it */
	if (fd < 0 || fchmod(fd, 0644) != 0)
		die(EXIT_WRONG, "make %s: %s", name, strerror(errno));
	close(fd);
	return name;
}

char *
feed_visit(const char *program, const char *feed)
{
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	if (f != NULL) {
		fputs("exec ", f);
		sh_word(f, program);
		fputs(" --visit ", f);
		sh_word(f, feed);
	}
	if (f == NULL || fclose(f) != 0)
		die(EXIT_NO, "start: %s", strerror(ENOMEM));
	return text;
}
