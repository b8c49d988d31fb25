/*
 * cases.h - the cases of drill scripts: what each needs and asks, and where
 * its steps are. A step that cannot be read is found here, before anything
 * is sent.
 */
#ifndef DRILL_CASES_H
#define DRILL_CASES_H

#include <stdbool.h>
#include <stdint.h>

#include "script/lines.h"

#include "vars.h"

/* what a case wants of the device */
enum need {
	NEED_ANY, /* a port that listens */
	NEED_ECHO,
	NEED_DISCARD,
	NEED_CHARGEN,
	NEED_HTTP, /* answers the request and closes */
	NEED_CLOSED,
	NEEDS,
};
extern const char *const need_names[NEEDS];

enum level { LEVEL_MUST, LEVEL_SHOULD, LEVEL_MAY, LEVEL_ROBUST, LEVELS };
extern const char *const level_names[LEVELS];

enum { CASE_NAME = 64, CASE_NEEDS = 24 };

struct drill_case {
	char name[CASE_NAME];
	const char *title, *requirement, *finds; /* "": not given */
	enum need need;
	enum level level;
	bool client;	     /* the device connects to us, and does need */
	bool own_bytes;	     /* a step names the bytes that it sends */
	bool strict;	     /* whatever comes must be expected */
	bool alone;	     /* beside no other */
	unsigned family;     /* 4, 6; 0: both */
	uint64_t limit;	     /* ns */
	unsigned first, end; /* its steps in lines */
};

struct cases {
	struct lines lines;
	unsigned *match; /* of a line with a brace: its partner */
	struct drill_case *c;
	unsigned n;
	char error[600]; /* "FILE:LINE:COLUMN: why" */
};

/*
 * cases_load - those of one file, appended: false and error. cases_check -
 * when all are there: are all steps well-formed?
 */
bool cases_load(struct cases *, const char *path);
bool cases_check(struct cases *);
/* cases_needs - "client http"; "client" alone is any */
const char *cases_needs(const struct drill_case *, char text[CASE_NEEDS]);

#endif
