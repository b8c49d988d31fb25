/*
 * eventline.h - lines of the event log read again: time, both ends, event,
 * key=value ... as tcpfsm-events(5) has them (not the JSON form).
 */
#ifndef LOG_EVENTLINE_H
#define LOG_EVENTLINE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "wire/endpoint.h"

enum {
	EVENT_LINE_WORDS = 40,
	EVENT_LINE_MAX = 4097, /* the longest that is written, and NUL */
};

struct event_line {
	char *word[EVENT_LINE_WORDS]; /* in the text that was split */
	unsigned n;
	uint64_t time; /* ns since 1970 */
	struct endpoint local, remote;
	const char *event;
};

/*
 * event_line_read - the next line, cut at EVENT_LINE_MAX - 1 bytes, however
 * long it is; false at the end
 */
bool event_line_read(FILE *, char text[EVENT_LINE_MAX]);
/*
 * event_line_split - text is cut into words, in place. 0, or -1 when it is no
 * event of a connection
 */
int event_line_split(char *text, struct event_line *);
/* event_line_value - of a key; NULL when it is not there */
const char *event_line_value(const struct event_line *, const char *key);
/* event_line_num - the same as a number; 0 when it is none */
uint64_t event_line_num(const struct event_line *, const char *key);

#endif
