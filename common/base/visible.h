/*
 * visible.h - text of unknown origin, for a terminal: nothing in it moves the
 * cursor, or is a command to the terminal.
 */
#ifndef BASE_VISIBLE_H
#define BASE_VISIBLE_H

#include <stddef.h>

/*
 * visible - the text into out: printable characters of ASCII and of UTF-8 as
 * they are, each other byte as ls -b and printf(1) write it: \033. What finds
 * no room in cap bytes is cut off. Returns out.
 */
char *visible(char *out, size_t cap, const char *text);

#endif
