/*
 * clean.c - see clean.h.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "command/clean.h"

extern char **environ;

static bool
stays(const char *entry)
{
	static const char *const name[] = {
	    "PATH=", "TZ=", "TMPDIR=", "LANG=", "LANGUAGE=", "LC_"};
	size_t i;

	for (i = 0; i < sizeof(name) / sizeof(name[0]); i++)
		if (strncmp(entry, name[i], strlen(name[i])) == 0)
			return true;
	return false;
}

int
clean_environment(void)
{
	static char home[] = "HOME=/";
	size_t n = 0, i, k = 0;
	char **clean;

	while (environ != NULL && environ[n] != NULL)
		n++;
	clean = calloc(n + 2, sizeof(*clean));
	if (clean == NULL)
		return -1;
	for (i = 0; i < n; i++)
		if (stays(environ[i]))
			clean[k++] = environ[i];
	clean[k] = home;
	environ = clean;
	return 0;
}
