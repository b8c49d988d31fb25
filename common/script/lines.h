/*
 * lines.h - the lines of a script, without comments and empty ones, and with
 * what they include; each knows the place that it comes from.
 */
#ifndef SCRIPT_LINES_H
#define SCRIPT_LINES_H

#include <stdbool.h>

enum { LINE_MAX_TEXT = 1000 };

struct line {
	const char *file;
	int number, column; /* of its first character, from 1 on */
	const char *text;
};

/* a script that is part of the program */
struct lines_file {
	const char *name;
	const char *const *text;
	unsigned n;
};

struct lines {
	struct line *line;
	unsigned n, cap;
	char **file; /* names that the lines have */
	unsigned files;
	const struct lines_file *known; /* looked at first; NULL: none */
	unsigned nknown;
	bool files_first; /* a file of that name is looked at before known */
	char error[300];  /* why lines_load() failed */
	bool placed;	  /* ... in which line is in it */
};

/*
 * lines_load - append those of a file; "include NAME" is of the same folder, a
 * train of segments (train.h) is a line for each. False and error when a file
 * cannot be read, or a line is too long.
 */
bool lines_load(struct lines *, const char *path);
void lines_free(struct lines *);

#endif
