/*
 * find.c - where the other programs are, see find.h.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "find.h"

/* in_folder - "folder/name" if that can be run, else NULL */
static char *
in_folder(const char *folder, size_t len, const char *name)
{
	size_t n = len + strlen(name) + 3;
	char *path = malloc(n);
	struct stat st;

	if (path == NULL)
		return NULL;
	if (len == 0) /* in PATH that is the current one */
		snprintf(path, n, "./%s", name);
	else
		snprintf(path, n, "%.*s/%s", (int)len, folder, name);
	if (stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	    access(path, X_OK) == 0)
		return path;
	free(path);
	return NULL;
}

char *
find_in_path(const char *name)
{
	const char *p = getenv("PATH"), *end;
	char *found;

	if (p == NULL)
		return NULL;
	for (;; p = end + 1) {
		end = strchr(p, ':');
		found = in_folder(
		    p, end != NULL ? (size_t)(end - p) : strlen(p), name);
		if (found != NULL || end == NULL)
			return found;
	}
}

/* own_folder - of this program, into buf of PATH_MAX; 0, or -1 */
static int
own_folder(const char *argv0, char *buf)
{
	ssize_t n = readlink("/proc/self/exe", buf, PATH_MAX - 1);
	char *slash;

	if (n > 0)
		buf[n] = '\0';
	else if (snprintf(buf, PATH_MAX, "%s", argv0) >= PATH_MAX)
		return -1;
	slash = strrchr(buf, '/');
	if (slash == NULL)
		return -1;
	*slash = '\0';
	return 0;
}

char *
find_program(const char *name, const char *argv0)
{
	static const char *const beside[] = {"", "/../bin", "/../sbin"};
	char own[PATH_MAX], folder[PATH_MAX];
	char *found;
	size_t i;
	int n;

	for (i = 0; own_folder(argv0, own) == 0 &&
		    i < sizeof(beside) / sizeof(beside[0]);
	     i++) {
		n = snprintf(folder, sizeof(folder), "%s%s", own, beside[i]);
		if (n < 0 || n >= (int)sizeof(folder))
			continue;
		found = in_folder(folder, (size_t)n, name);
		if (found != NULL)
			return found;
	}
	return find_in_path(name);
}
