/*
 * markword.h - the marks of a segment (analysis.h) as words: one table for all
 * programs that write or draw them.
 */
#ifndef CAPTURE_MARKWORD_H
#define CAPTURE_MARKWORD_H

#include <stddef.h>
#include <stdint.h>

struct mark_word {
	uint32_t mark, doubt;	  /* doubt: a mark that makes it unsure */
	const char *word;	  /* to search for */
	const char *text, *brief; /* to read; brief: empty, if not needed */
};

/* mark_word - of one mark */
const struct mark_word *mark_word(uint32_t mark);

enum { MARKWORD_MAX = 320 }; /* all of them, and NUL */

/*
 * markword - of these marks: "retransmitted,needless"; a question mark behind
 * what is not sure. Empty when there is none
 */
char *markword(uint32_t marks, char *buf, size_t n);

#endif
