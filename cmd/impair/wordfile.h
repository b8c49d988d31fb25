/*
 * wordfile.h - words that stand in a file, "@file": read at the start, and
 * again at each SIGUSR2, by a process that may still open it.
 */
#ifndef IMPAIR_WORDFILE_H
#define IMPAIR_WORDFILE_H

#include <stdbool.h>

#include "impair/impair.h"

struct wordfile {
	const char *name; /* NULL: there is none */
	int sock;	  /* of the process that opens it */
};

/* wordfile_start - read it, or print what is wrong and exit; before
   sandbox_enter(), which then needs SANDBOX_REOPEN and room for one file */
void wordfile_start(struct wordfile *, struct impair_config *);

/*
 * wordfile_signal - SIGUSR2 is taken from now on, whether there is a file or
 * not; blocked, for ppoll() to let in. wordfile_asked: it has come
 */
void wordfile_signal(void);
bool wordfile_asked(void);

/*
 * wordfile_again - take its present words in place of all words but the seed
 * and the options; true. False, after a message: nothing changes
 */
bool wordfile_again(const struct wordfile *, struct impair_config *);

#endif
