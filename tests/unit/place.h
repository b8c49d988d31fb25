/*
 * place.h - files of a test: place("name") is its path, in a directory of the
 * test's own. The test removes the files, the directory goes at the end. The
 * place where programs are built is none: it may be elsewhere, or used twice.
 */
#ifndef PLACE_H
#define PLACE_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { PLACES = 4, PLACE_PATH = 64 };

static char place_dir[] = "/tmp/unit-XXXXXX";

static inline void
place_end(void)
{
	rmdir(place_dir);
}

/* place - good until three more have been asked for */
static inline const char *
place(const char *name)
{
	static char path[PLACES][PLACE_PATH];
	static unsigned asked;
	char *at = path[asked % PLACES];

	if (asked++ == 0 && (mkdtemp(place_dir) == NULL || atexit(place_end))) {
		puts("Bail out! no directory below /tmp");
		exit(1);
	}
	snprintf(at, PLACE_PATH, "%s/%s", place_dir, name);
	return at;
}

#endif
