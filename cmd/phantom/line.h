/*
 * line.h - a line of the event log, in either form, as tcpfsm-events(5) has
 * it.
 */
#ifndef PHANTOM_LINE_H
#define PHANTOM_LINE_H

#include <stdbool.h>

enum { LINE_VALUE = 64 };

/*
 * line_value - of a key, into out, which is returned; "" when it is not there.
 * Columns 2 to 4 have the names that JSON gives them.
 */
const char *line_value(const char *line, const char *key, char out[LINE_VALUE]);

bool line_is_event(const char *line);

#endif
