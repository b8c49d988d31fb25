/*
 * train.h - a train of segments in one line of a script: "1:10001(10*1000)"
 * is ten segments of 1000 bytes, one behind the other.
 */
#ifndef SCRIPT_TRAIN_H
#define SCRIPT_TRAIN_H

#include <stdbool.h>
#include <stddef.h>

enum { TRAIN_MOST = 1000 }; /* segments */

struct train {
	const char *text, *from, *behind; /* the line; the numbers in it */
	long first, end;
	unsigned count, len;
};

/* train_read - false: there is none in this line */
bool train_read(struct train *, const char *text);

/* train_wrong - what is wrong with its numbers, or NULL */
const char *train_wrong(const struct train *);

/* train_text - the line of segment i; those behind the first come at once
   where the time is one since the line before */
void train_text(const struct train *, unsigned i, char *buf, size_t n);

#endif
