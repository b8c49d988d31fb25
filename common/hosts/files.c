/*
 * files.c - the files that phantom-hosts(5) is read from, see files.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hosts/files.h"

enum { FILE_BYTES = 256 << 20, DB_LINE = 8192 };

/* is_null - /dev/null: the one device that has an end */
static bool
is_null(const struct stat *sb)
{
	struct stat null;

	return stat("/dev/null", &null) == 0 && S_ISCHR(sb->st_mode) &&
	       null.st_rdev == sb->st_rdev;
}

/* kind_wrong - of a file that can be read to an end: a FIFO may have no
   writer, a device no end */
static const char *
kind_wrong(const struct stat *sb)
{
	if (S_ISREG(sb->st_mode) || is_null(sb))
		return NULL;
	if (S_ISDIR(sb->st_mode))
		return strerror(EISDIR);
	if (S_ISFIFO(sb->st_mode))
		return "a FIFO, not a file";
	return S_ISSOCK(sb->st_mode) ? "a socket, not a file"
				     : "a device, not a file";
}

/* read_all - to the end; NULL and errno */
static char *
read_all(int fd, size_t *n)
{
	char *text = NULL, *more;
	size_t cap = 0;
	ssize_t got = 1;

	*n = 0;
	while (got > 0 && *n < FILE_BYTES) {
		if (*n == cap) {
			cap = cap * 2 + 65536;
			more = realloc(text, cap);
			if (more == NULL)
				break;
			text = more;
		}
		got = read(fd, text + *n, cap - *n);
		if (got > 0)
			*n += (size_t)got;
		else if (got < 0 && errno == EINTR)
			got = 1;
	}
	if (got > 0)
		errno = *n < FILE_BYTES ? ENOMEM : EFBIG;
	if (got == 0)
		return text;
	free(text);
	return NULL;
}

char *
file_text(const char *path, bool waits, size_t *n, const char **why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | (waits ? 0 : O_NONBLOCK));
	char *text = NULL;
	struct stat sb;

	*why = NULL;
	*n = 0;
	if (fd >= 0 && !waits && fstat(fd, &sb) == 0)
		*why = kind_wrong(&sb);
	if (fd >= 0 && *why == NULL)
		text = read_all(fd, n);
	if (text == NULL && *why == NULL)
		*why = strerror(errno);
	if (fd >= 0)
		close(fd);
	return text;
}

const char *
file_wrong(const char *path, uint64_t most)
{
	static char text[80];
	const char *wrong;
	struct stat sb;

	if (access(path, R_OK) != 0 || stat(path, &sb) != 0)
		return strerror(errno);
	wrong = kind_wrong(&sb);
	if (wrong != NULL || (uint64_t)sb.st_size <= most)
		return wrong;
	snprintf(text, sizeof(text), "%llu bytes: a datagram has %llu at most",
	    (unsigned long long)sb.st_size, (unsigned long long)most);
	return text;
}

int
file_print(const char *name, const char *db, char *print, size_t cap)
{
	static char line[DB_LINE], text[DB_LINE];
	FILE *f = fopen(db, "re");
	bool ours = false;
	int found = 0;
	size_t n = 0;

	if (f == NULL)
		return -1;
	while (fgets(line, sizeof(line), f) != NULL && found < 2) {
		line[strcspn(line, "\r\n")] = '\0';
		if (strncmp(line, "Fingerprint ", 12) == 0) {
			ours = strcmp(line + 12, name) == 0;
			n = 0;
		} else if (ours && line[0] == '\0') {
			ours = false;
			if (found == 0 || strstr(text, "O1=M5B4") != NULL)
				snprintf(print, cap, "%s", text);
			found = strstr(print, "O1=M5B4") != NULL ? 2 : 1;
		} else if (ours && n + strlen(line) + 2 < sizeof(text)) {
			n += (size_t)snprintf(
			    text + n, sizeof(text) - n, "%s\n", line);
		}
	}
	fclose(f);
	return found > 0;
}
