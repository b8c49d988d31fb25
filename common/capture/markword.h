/*
 * markword.h - the marks of a segment (analysis.h) as words, for programs that
 * write text for others to search.
 */
#ifndef CAPTURE_MARKWORD_H
#define CAPTURE_MARKWORD_H

#include <stddef.h>
#include <stdint.h>

enum { MARKWORD_MAX = 320 }; /* all of them, and NUL */

/*
 * markword - of these marks: "retransmitted,needless"; a question mark behind
 * what is not sure. Empty when there is none
 */
char *markword(uint32_t marks, char *buf, size_t n);

#endif
